/** PPP frames (RFC 1661 section 2) with or without the HDLC address and control (RFC 1662 section 3.1), the protocol field in 1 or 2 octets. */
import { ByteWriter, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

/**
 *   | ( Address 0xff | Control 0x03 )? | Protocol 1 or 2 | payload |
 */
export interface Ppp {
  readonly kind: 'PPP';
  /** Whether the frame begins with ff 03. */
  readonly addressAndControl: boolean;
  /** 0x0021 is IPv4, 0x0057 is IPv6. */
  readonly protocol: number;
  /** 1 where the leading zero octet of the protocol is compressed away (RFC 1661 section 6.5). */
  readonly protocolLength: 1 | 2;
  readonly payload: Uint8Array;
}

/** Decodes a frame; `truncated` where it ends inside its protocol field. @example decodePpp(Uint8Array.of(0xff, 0x03, 0x00, 0x21)) */
export const decodePpp = (bytes: Uint8Array): Decoded<Ppp> => {
  const addressAndControl = bytes[0] === 0xff && bytes[1] === 0x03;
  const at = addressAndControl ? 2 : 0;
  // The least significant bit of a protocol's first octet is 0, of its last one 1.
  const protocolLength = ((bytes[at] ?? 0) & 1) === 1 ? 1 : 2;
  if (at + protocolLength > bytes.length) {
    return undecodable('truncated', bytes.length, 'the frame ends inside its protocol field', 'RFC 1661 section 2');
  }
  const protocol = protocolLength === 1 ? bytes[at]! : u16(bytes, at);
  return decoded({ kind: 'PPP', addressAndControl, protocol, protocolLength, payload: bytes.subarray(at + protocolLength) });
};

/** The octets of a frame. @example encodePpp({ kind: 'PPP', addressAndControl: true, protocol: 0x21, protocolLength: 2, payload }) */
export const encodePpp = (frame: Ppp): Uint8Array => {
  const w = new ByteWriter(4 + frame.payload.length);
  if (frame.addressAndControl) w.u16('address and control', 0xff03);
  if (frame.protocolLength === 1) {
    if (frame.protocol % 2 === 0) throw new RangeError(`protocol ${frame.protocol} is even: it cannot be sent in 1 octet`);
    w.u8('protocol', frame.protocol);
  } else {
    if ((frame.protocol & 0x100) !== 0) throw new RangeError(`protocol ${frame.protocol} is none: its first octet must be even`);
    w.u16('protocol', frame.protocol);
  }
  return w.bytes('payload', frame.payload).finish();
};
