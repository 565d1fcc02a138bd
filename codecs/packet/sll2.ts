/** LINKTYPE_LINUX_SLL2: the second cooked header of Linux, 20 octets, which also names the interface. */
import { ByteWriter, u16, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

/**
 *   | Protocol type 2 | Reserved 2 | Interface index 4 | ARPHRD_ type 2 | Packet type 1 | Address length 1 | Address 8 | payload |
 */
export interface Sll2 {
  readonly kind: 'SLL2';
  /** An EtherType for the usual ARPHRD_ types; a VLAN tag is left in `payload`. */
  readonly protocolType: number;
  /** Must be zero; kept. */
  readonly reserved: number;
  readonly interfaceIndex: number;
  readonly arphrdType: number;
  /** 0 to us, 1 broadcast, 2 multicast, 3 to someone else, 4 sent by us. */
  readonly packetType: number;
  /** How many of the 8 octets of `address` count. */
  readonly addressLength: number;
  readonly address: Uint8Array;
  readonly payload: Uint8Array;
}

/** Decodes a cooked frame; `truncated` below 20 octets. @example decodeSll2(frame) */
export const decodeSll2 = (bytes: Uint8Array): Decoded<Sll2> =>
  bytes.length < 20
    ? undecodable('truncated', bytes.length, 'the cooked header is 20 octets', 'LINKTYPE_LINUX_SLL2')
    : decoded({
        kind: 'SLL2',
        protocolType: u16(bytes, 0),
        reserved: u16(bytes, 2),
        interfaceIndex: u32(bytes, 4),
        arphrdType: u16(bytes, 8),
        packetType: bytes[10]!,
        addressLength: bytes[11]!,
        address: bytes.subarray(12, 20),
        payload: bytes.subarray(20),
      });

/** The octets of a cooked frame. @example encodeSll2({ ...frame, interfaceIndex: 3 }) */
export const encodeSll2 = (frame: Sll2): Uint8Array =>
  new ByteWriter(20 + frame.payload.length)
    .u16('protocolType', frame.protocolType)
    .u16('reserved', frame.reserved)
    .u32('interfaceIndex', frame.interfaceIndex)
    .u16('arphrdType', frame.arphrdType)
    .u8('packetType', frame.packetType)
    .u8('addressLength', frame.addressLength)
    .bytes('address', frame.address, 8)
    .bytes('payload', frame.payload)
    .finish();
