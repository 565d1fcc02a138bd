/** Error, RFC 5533 section 5.14: what in a message could not be processed. */
import { u16 } from '../bytes.ts';
import type { ControlMessage } from './message-codec.ts';

/** Error Codes (table 2); 120 to 127 are for debugging. */
export const ERROR_CODE = {
  unknownMessageType: 0,
  criticalOptionNotRecognized: 1,
  locatorVerificationMethodFailed: 2,
  locatorListGenerationOutOfSync: 3,
  numberOfLocatorsInPreferences: 4,
} as const;

/**
 * Error. There are no options: what follows the pointer is the packet in error.
 *
 *    |       59      |  Hdr Ext Len  |0|  Type = 68  |  Error Code |0|
 *    |            Checksum           |            Pointer            |
 *    ~                       Packet in error                         ~
 */
export interface ErrorMessage extends Omit<ControlMessage, 'options' | 'reserved1'> {
  readonly kind: 'Error';
  /** 7 bits, an `ERROR_CODE`. */
  readonly errorCode: number;
  /** 16 bits: where in the packet in error; whether it counts from the IPv6 or from the shim6 header is not said. */
  readonly pointer: number;
  /** As much of it as fits into 1280 octets, up to a multiple of 8. */
  readonly packetInError: Uint8Array;
}

export const ERROR_TYPE = 68;
export const ERROR_FIXED = 8;

/** The fields of an Error message, common ones left out. */
export const decodeError = (bytes: Uint8Array): Pick<ErrorMessage, 'kind' | 'errorCode' | 'pointer' | 'packetInError'> => ({
  kind: 'Error',
  errorCode: bytes[3]! >>> 1,
  pointer: u16(bytes, 6),
  packetInError: bytes.subarray(ERROR_FIXED),
});
