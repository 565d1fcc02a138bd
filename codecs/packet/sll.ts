/** LINKTYPE_LINUX_SLL: the cooked header, 16 octets, that Linux gives frames captured on several interfaces at once. */
import { ByteWriter, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

/**
 *   | Packet type 2 | ARPHRD_ type 2 | Address length 2 | Address 8 | Protocol type 2 | payload |
 */
export interface Sll {
  readonly kind: 'SLL';
  /** 0 to us, 1 broadcast, 2 multicast, 3 to someone else, 4 sent by us. */
  readonly packetType: number;
  readonly arphrdType: number;
  /** How many of the 8 octets of `address` count. */
  readonly addressLength: number;
  readonly address: Uint8Array;
  /** An EtherType for the usual ARPHRD_ types; a VLAN tag is left in `payload`. */
  readonly protocolType: number;
  readonly payload: Uint8Array;
}

/** Decodes a cooked frame; `truncated` below 16 octets. @example decodeSll(frame) */
export const decodeSll = (bytes: Uint8Array): Decoded<Sll> =>
  bytes.length < 16
    ? undecodable('truncated', bytes.length, 'the cooked header is 16 octets', 'LINKTYPE_LINUX_SLL')
    : decoded({
        kind: 'SLL',
        packetType: u16(bytes, 0),
        arphrdType: u16(bytes, 2),
        addressLength: u16(bytes, 4),
        address: bytes.subarray(6, 14),
        protocolType: u16(bytes, 14),
        payload: bytes.subarray(16),
      });

/** The octets of a cooked frame. @example encodeSll({ kind: 'SLL', packetType: 4, arphrdType: 1, addressLength: 6, address, protocolType: 0x0800, payload }) */
export const encodeSll = (frame: Sll): Uint8Array =>
  new ByteWriter(16 + frame.payload.length)
    .u16('packetType', frame.packetType)
    .u16('arphrdType', frame.arphrdType)
    .u16('addressLength', frame.addressLength)
    .bytes('address', frame.address, 8)
    .u16('protocolType', frame.protocolType)
    .bytes('payload', frame.payload)
    .finish();
