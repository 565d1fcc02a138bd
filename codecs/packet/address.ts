/** IP addresses as text: dotted decimal, and the one form of RFC 5952 for IPv6. */
import { u16 } from '../bytes.ts';

const ipv4Text = (bytes: Uint8Array, offset: number): string =>
  `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;

/** ::ffff:0:0/96, the well-known prefix for which RFC 5952 section 5 recommends the mixed notation. */
const isIpv4Mapped = (bytes: Uint8Array, offset: number): boolean => {
  for (let i = 0; i < 10; i++) if (bytes[offset + i] !== 0) return false;
  return bytes[offset + 10] === 0xff && bytes[offset + 11] === 0xff;
};

const ipv6Text = (bytes: Uint8Array, offset: number): string => {
  if (isIpv4Mapped(bytes, offset)) return `::ffff:${ipv4Text(bytes, offset + 12)}`;
  // RFC 5952 section 4.2: "::" for the longest run of zero fields, the first of equals, never for a single field.
  let best = 0;
  let bestLength = 1;
  for (let field = 0, run = 0; field < 8; field++) {
    run = u16(bytes, offset + 2 * field) === 0 ? run + 1 : 0;
    if (run > bestLength) {
      bestLength = run;
      best = field + 1 - run;
    }
  }
  const fields = (from: number, to: number): string => {
    let text = '';
    for (let field = from; field < to; field++) text += (field > from ? ':' : '') + u16(bytes, offset + 2 * field).toString(16);
    return text;
  };
  return bestLength === 1 ? fields(0, 8) : `${fields(0, best)}::${fields(best + bestLength, 8)}`;
};

/**
 * The text of the address at `offset`: 4 octets when `ipVersion` is 4, else 16 (RFC 5952 section 4).
 * @example formatAddress(Uint8Array.of(10, 0, 1, 1), 0, 4) // '10.0.1.1'
 */
export const formatAddress = (bytes: Uint8Array, offset: number, ipVersion: number): string =>
  ipVersion === 4 ? ipv4Text(bytes, offset) : ipv6Text(bytes, offset);

/**
 * The text of an address and a port, IPv6 in brackets (RFC 5952 section 6).
 * @example formatEndpoint(segment.bytes, segment.source, segment.ipVersion, segment.sourcePort) // '[2001:db8::1]:80'
 */
export const formatEndpoint = (bytes: Uint8Array, offset: number, ipVersion: number, port: number): string => {
  const address = formatAddress(bytes, offset, ipVersion);
  return ipVersion === 4 ? `${address}:${port}` : `[${address}]:${port}`;
};

const parseIpv4 = (text: string): number[] | undefined => {
  const parts = text.split('.');
  // Leading zeros are refused: some read them as octal.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const octets = parts.map(Number);
  return octets.every((octet) => octet <= 255) ? octets : undefined;
};

const parseFields = (text: string, mayEndInIpv4: boolean): number[] | undefined => {
  const octets: number[] = [];
  if (text === '') return octets;
  const fields = text.split(':');
  for (const [index, field] of fields.entries()) {
    if (mayEndInIpv4 && index === fields.length - 1 && field.includes('.')) {
      const embedded = parseIpv4(field);
      if (embedded === undefined) return undefined;
      octets.push(...embedded);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(field)) return undefined;
      const value = Number.parseInt(field, 16);
      octets.push(value >>> 8, value & 0xff);
    }
  }
  return octets;
};

/**
 * The 4 or 16 octets of an address in any form of RFC 4291 section 2.2 or dotted decimal; undefined for anything else, also for an
 * address with a zone. @example parseAddress('2001:db8::1') // 16 octets
 */
export const parseAddress = (text: string): Uint8Array | undefined => {
  if (text.length > 45) return undefined;
  if (!text.includes(':')) {
    const octets = parseIpv4(text);
    return octets && Uint8Array.from(octets);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseFields(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseFields(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const length = head.length + tail.length;
  // RFC 5952 section 4.2.2 is about writing: reading accepts "::" in place of a single field.
  if (halves.length === 1 ? length !== 16 : length > 14) return undefined;
  const address = new Uint8Array(16);
  address.set(head);
  address.set(tail, 16 - tail.length);
  return address;
};
