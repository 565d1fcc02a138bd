/** The messages of shim6 and REAP in an IPv6 packet (RFC 5533 section 5, RFC 5534 section 5). */
import { decodeShim6, locateShim6, shim6Length } from '../../codecs/shim6/index.ts';
import type { Ipv6 } from '../../codecs/packet/index.ts';
import { fieldsOf } from './message.ts';
import type { Message } from './message.ts';

const REAP: readonly string[] = ['Keepalive', 'Probe'];

/**
 * A function that gives the message of a packet, where it has one; what a Payload Extension header carries is not looked into.
 * @example shim6Messages()(packet) // [{ protocol: 'shim6', kind: 'I1', length: 16, fields: { ... } }]
 */
export const shim6Messages =
  (protocolNumber?: number) =>
  (packet: Ipv6): readonly Message[] => {
    const found = locateShim6(packet, protocolNumber);
    if (found === undefined) return [];
    const length = Math.min(shim6Length(found.bytes) ?? 0, found.bytes.length);
    const result = decodeShim6(found.bytes);
    if (!result.ok) return [{ protocol: 'shim6', kind: 'malformed', length, error: result.error }];
    const { kind } = result.value;
    return [{ protocol: REAP.includes(kind) ? 'reap' : 'shim6', kind, length, fields: fieldsOf(result.value) }];
  };
