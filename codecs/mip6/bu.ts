/** Binding Update, RFC 6275 section 6.1.7: registers a care-of address for a home address, or takes it back. */
import { ranged, u16 } from '../bytes.ts';
import type { MobilityCodec, MobilityHead } from './message-codec.ts';

/** The flags, the highest bit first: A, H, L, K of RFC 6275; M of RFC 5380, R of RFC 3963, P of RFC 5213, F of RFC 5555, T of RFC 5845, B of RFC 6602. */
const FLAGS = [
  ['acknowledge', 0x8000],
  ['homeRegistration', 0x4000],
  ['linkLocalAddressCompatibility', 0x2000],
  ['keyManagementMobilityCapability', 0x1000],
  ['mapRegistration', 0x0800],
  ['mobileRouter', 0x0400],
  ['proxyRegistration', 0x0200],
  ['forcingUdpEncapsulation', 0x0100],
  ['typeLengthValueHeaderFormat', 0x0080],
  ['bulkBindingUpdate', 0x0040],
] as const;

/** A flag of a Binding Update. */
export type BindingUpdateFlag = (typeof FLAGS)[number][0];

/**
 * BU, the Message Data:
 *
 *                                    |          Sequence #           |
 *    |A|H|L|K|M|R|P|F|T|B|  Reserved |           Lifetime            |
 *    |                     Mobility Options                          |
 */
export interface BU extends MobilityHead, Readonly<Record<BindingUpdateFlag, boolean>> {
  readonly kind: 'BU';
  /** 16 bits. */
  readonly sequence: number;
  /** 6 bits, of the 12 that RFC 6275 reserves. */
  readonly reserved2: number;
  /** 16 bits, in units of 4 seconds; 0 deletes the binding. */
  readonly lifetime: number;
}

export const bu: MobilityCodec<BU> = {
  type: 5,
  section: 'RFC 6275 section 6.1.7',
  fixed: 12,
  decode: (bytes) => {
    const flags = u16(bytes, 8);
    return {
      kind: 'BU',
      sequence: u16(bytes, 6),
      ...(Object.fromEntries(FLAGS.map(([name, bit]) => [name, (flags & bit) !== 0])) as Record<BindingUpdateFlag, boolean>),
      reserved2: flags & 0x3f,
      lifetime: u16(bytes, 10),
    };
  },
  encode: (w, message) => {
    const flags = FLAGS.reduce((bits, [name, bit]) => (message[name] ? bits | bit : bits), ranged('reserved2', message.reserved2, 0x3f));
    w.u16('sequence', message.sequence).u16('flags', flags).u16('lifetime', message.lifetime);
  },
};

/** A Binding Update without flags: spread it and set what is wanted. @example { ...plainBindingUpdate, acknowledge: true, sequence: 1, lifetime: 15 } */
export const plainBindingUpdate: BU = {
  kind: 'BU',
  sequence: 0,
  acknowledge: false,
  homeRegistration: false,
  linkLocalAddressCompatibility: false,
  keyManagementMobilityCapability: false,
  mapRegistration: false,
  mobileRouter: false,
  proxyRegistration: false,
  forcingUdpEncapsulation: false,
  typeLengthValueHeaderFormat: false,
  bulkBindingUpdate: false,
  reserved2: 0,
  lifetime: 0,
};
