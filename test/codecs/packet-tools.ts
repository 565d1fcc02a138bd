/** What the tests of packets share: captures read record by record, and layers that must encode back to what they were decoded from. */
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { toHex } from '../../codecs/bytes.ts';
import { createCaptureReader } from '../../codecs/capture/index.ts';
import type { CaptureRecord } from '../../codecs/capture/index.ts';
import type { Decoded } from '../../codecs/decoded.ts';
import * as packet from '../../codecs/packet/index.ts';

/** Where the captures are; paths below count from here. */
export const captures = new URL('../../vectors/captures/', import.meta.url);

/** Reads a whole capture; damage is an exception. */
export const eachRecord = (path: string, onRecord: (record: CaptureRecord) => void): void => {
  const reader = createCaptureReader(onRecord);
  reader.push(new Uint8Array(readFileSync(new URL(path, captures))));
  reader.finish();
  if (reader.error !== undefined) throw new Error(`${path}: ${reader.error.message}`);
};

/** The message, or an exception that says why there is none. */
export const valueOf = <T>(result: Decoded<T>): T => {
  if (!result.ok) throw new Error(`${result.error.code} at ${result.error.offset}: ${result.error.message}`);
  return result.value;
};

/** Decodes a frame layer by layer as far as it goes; every layer must encode back to its octets. Gives how many layers there were. */
export const expectExact = (linkType: number, frame: Uint8Array): number => {
  let layers = 0;
  const exact = <T>(bytes: Uint8Array, decode: (b: Uint8Array) => Decoded<T>, encode: (m: T) => Uint8Array): T | undefined => {
    const result = decode(bytes);
    if (!result.ok) {
      expect(result.error.offset).toBeLessThanOrEqual(bytes.length);
      return undefined;
    }
    layers++;
    expect(toHex(encode(result.value))).toBe(toHex(bytes));
    return result.value;
  };
  const link = (): Uint8Array | undefined => {
    if (linkType === 1) return exact(frame, packet.decodeEthernet, packet.encodeEthernet)?.payload;
    if (linkType === 113) return exact(frame, packet.decodeSll, packet.encodeSll)?.payload;
    if (linkType === 276) return exact(frame, packet.decodeSll2, packet.encodeSll2)?.payload;
    if (linkType === 9) return exact(frame, packet.decodePpp, packet.encodePpp)?.payload;
    if (linkType === 0 || linkType === 108) return exact(frame, packet.decodeLoopback, packet.encodeLoopback)?.payload;
    return frame;
  };
  const ip = link();
  if (ip === undefined) return layers;
  const four = exact(ip, packet.decodeIpv4, packet.encodeIpv4);
  const six = four === undefined ? exact(ip, packet.decodeIpv6, packet.encodeIpv6) : undefined;
  const upper = four ?? six;
  if (upper?.protocol === 6) exact(upper.payload, packet.decodeTcp, packet.encodeTcp);
  return layers;
};
