/** Binding Acknowledgement, RFC 6275 section 6.1.8: what became of a Binding Update. */
import { ranged, u16 } from '../bytes.ts';
import type { MobilityCodec, MobilityHead } from './message-codec.ts';

/** Statuses of RFC 6275; below 128 the Binding Update was accepted. */
export const BINDING_STATUS = {
  accepted: 0,
  acceptedButPrefixDiscoveryNecessary: 1,
  reasonUnspecified: 128,
  administrativelyProhibited: 129,
  insufficientResources: 130,
  homeRegistrationNotSupported: 131,
  notHomeSubnet: 132,
  notHomeAgentForThisMobileNode: 133,
  duplicateAddressDetectionFailed: 134,
  sequenceNumberOutOfWindow: 135,
  expiredHomeNonceIndex: 136,
  expiredCareOfNonceIndex: 137,
  expiredNonces: 138,
  registrationTypeChangeDisallowed: 139,
  invalidCareOfAddress: 174,
} as const;

/** The flags, the highest bit first: K of RFC 6275, R of RFC 3963, P of RFC 5213, T of RFC 5845, B of RFC 6602. */
const FLAGS = [
  ['keyManagementMobilityCapability', 0x80],
  ['mobileRouter', 0x40],
  ['proxyRegistration', 0x20],
  ['typeLengthValueHeaderFormat', 0x10],
  ['bulkBindingUpdate', 0x08],
] as const;

/** A flag of a Binding Acknowledgement. */
export type BindingAcknowledgementFlag = (typeof FLAGS)[number][0];

/**
 * BA, the Message Data:
 *
 *                                    |    Status     |K|R|P|T|B| Rsv |
 *    |           Sequence #          |           Lifetime            |
 *    |                     Mobility Options                          |
 */
export interface BA extends MobilityHead, Readonly<Record<BindingAcknowledgementFlag, boolean>> {
  readonly kind: 'BA';
  /** 8 bits, a `BINDING_STATUS`. */
  readonly status: number;
  /** 3 bits, of the 7 that RFC 6275 reserves. */
  readonly reserved2: number;
  /** 16 bits. */
  readonly sequence: number;
  /** 16 bits, in units of 4 seconds. */
  readonly lifetime: number;
}

export const ba: MobilityCodec<BA> = {
  type: 6,
  section: 'RFC 6275 section 6.1.8',
  fixed: 12,
  decode: (bytes) => {
    const flags = bytes[7]!;
    return {
      kind: 'BA',
      status: bytes[6]!,
      ...(Object.fromEntries(FLAGS.map(([name, bit]) => [name, (flags & bit) !== 0])) as Record<BindingAcknowledgementFlag, boolean>),
      reserved2: flags & 0x07,
      sequence: u16(bytes, 8),
      lifetime: u16(bytes, 10),
    };
  },
  encode: (w, message) => {
    const flags = FLAGS.reduce((bits, [name, bit]) => (message[name] ? bits | bit : bits), ranged('reserved2', message.reserved2, 0x07));
    w.u8('status', message.status).u8('flags', flags).u16('sequence', message.sequence).u16('lifetime', message.lifetime);
  },
};

/** A Binding Acknowledgement without flags, status 0: spread it and set what is wanted. @example { ...plainBindingAcknowledgement, sequence: 1, lifetime: 15 } */
export const plainBindingAcknowledgement: BA = {
  kind: 'BA',
  status: 0,
  keyManagementMobilityCapability: false,
  mobileRouter: false,
  proxyRegistration: false,
  typeLengthValueHeaderFormat: false,
  bulkBindingUpdate: false,
  reserved2: 0,
  sequence: 0,
  lifetime: 0,
};
