/** What a receiver of Mobile IPv6 ignores (RFC 6275 sections 6 and 9.2): our own nodes do the same on a network that fills reserved fields and padding, and adds options. */
import { describe, expect, test } from '@jest/globals';
import { concat, u16, u32 } from '../../codecs/bytes.ts';
import {
  PROTOCOL_MOBILITY,
  decodeMobileIcmp,
  decodeMobility,
  encodeMobileIcmp,
  encodeMobility,
  endpointsOf,
  fillMobilityChecksum,
  fixedOctets,
  isMobileIcmp,
  padded,
} from '../../codecs/mip6/index.ts';
import type { MobileIcmpMessage, MobilityMessage } from '../../codecs/mip6/index.ts';
import { PROTOCOL_ICMPV6, fillIcmpv6Checksum } from '../../codecs/packet/index.ts';
import type { ExtensionHeader, Ipv6Fields } from '../../codecs/packet/index.ts';
import { Mip6Lab } from '../../conformance/lab/index.ts';
import { LINK, framesIn, packetsOf, rewrapped } from './mip6/mutation.ts';

type Known = Exclude<MobilityMessage, { readonly kind: 'Unknown' }>;

/** What was changed on the way, by kind. */
type Changed = Set<string>;

const octets = (length: number): Uint8Array => new Uint8Array(length).fill(0xff);

/** Every reserved field filled; what an authenticator covers stays. */
const filled = (message: Known): Known => {
  switch (message.kind) {
    case 'BRR':
    case 'HoTI':
    case 'CoTI':
      return { ...message, reserved: 0xff, reserved2: 0xffff };
    case 'BE':
      return { ...message, reserved: 0xff, reserved2: 0xff };
    case 'BU':
      return { ...message, reserved: 0xff, reserved2: 0x3f };
    case 'BA':
      return { ...message, reserved: 0xff, reserved2: 0x07 };
    case 'HoT':
    case 'CoT':
      return { ...message, reserved: 0xff };
  }
};

/** An option that nobody knows in front of the others, and padding that is not zero. */
const strange = (message: Known): Known => {
  const real = (message.options ?? []).filter(({ kind }) => kind !== 'Pad1' && kind !== 'PadN');
  const options = padded(fixedOctets(message.kind), [{ kind: 'Unknown', type: 200, data: octets(3) }, ...real]);
  return {
    ...message,
    options: options.map((option) => (option.kind === 'PadN' ? { ...option, data: octets(option.data.length) } : option)),
  };
};

const UNKNOWN = { kind: 'Other', type: 200, data: octets(6) } as const;

const filledIcmp = (message: MobileIcmpMessage): MobileIcmpMessage => {
  switch (message.kind) {
    case 'HaadRequest':
    case 'HaadReply':
      return { ...message, reserved: 0x7fff };
    case 'MobilePrefixSolicitation':
      return { ...message, reserved: 0xffff, rest: concat(Uint8Array.of(200, 1), octets(6)) };
    case 'MobilePrefixAdvertisement':
      return { ...message, reserved: 0x3fff, options: [...message.options, UNKNOWN] };
    case 'RouterAdvertisement':
      return message;
  }
};

const filledHeader = (header: ExtensionHeader): ExtensionHeader =>
  header.kind === 'ROUTING' && header.type === 2 ? { ...header, data: concat(octets(4), header.data.subarray(4)) } : header;

/** A middlebox that changes all that a receiver is to ignore. */
const scribble =
  (changed: Changed) =>
  (packet: Uint8Array): readonly Uint8Array[] => {
    const frame = { bytes: concat(new Uint8Array(12), Uint8Array.of(0x86, 0xdd), packet), time: 0 };
    const inner = packetsOf(frame).at(-1);
    if (inner === undefined) return [packet];
    const headers = inner.headers.map(filledHeader);
    if (headers.some((header, i) => header !== inner.headers[i])) changed.add('RoutingHeader2');
    let out: Ipv6Fields = { ...inner, headers };
    if (inner.protocol === PROTOCOL_MOBILITY) {
      const read = decodeMobility(inner.payload);
      if (!read.ok || read.value.kind === 'Unknown') return [packet];
      const isAuthorized = (read.value.options ?? []).some(({ kind }) => kind === 'BindingAuthorizationData');
      if (!isAuthorized) changed.add(read.value.kind);
      const message = isAuthorized ? read.value : strange(filled(read.value));
      out = { ...out, payload: fillMobilityChecksum(encodeMobility(message), { ...inner, headers }) };
    } else if (inner.protocol === PROTOCOL_ICMPV6 && isMobileIcmp(inner.payload[0] ?? 0)) {
      const read = decodeMobileIcmp(inner.payload);
      if (!read.ok) return [packet];
      changed.add(read.value.kind);
      const { source, destination } = endpointsOf({ ...inner, headers });
      out = { ...out, payload: fillIcmpv6Checksum(source, destination, encodeMobileIcmp(filledIcmp(read.value))) };
    }
    return [rewrapped(frame, out).bytes.slice(LINK)];
  };

/** What goes over the mobile node's wire, in words: the kinds of messages, statuses, echoes, and whether they came through a tunnel. */
const journey = (changed?: Changed): readonly string[] => {
  const HOME_PREFIX = Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const lab = new Mip6Lab({
    discovers: true,
    // The home prefix is deprecated soon, so that the mobile node asks for prefixes (status 1).
    homeAgent: { prefixes: [{ prefix: HOME_PREFIX, length: 64, validUntil: 1e7, preferredUntil: 20_000 }] },
    path: () => ({ delay: 20, ...(changed && { middleboxes: [scribble(changed)] }) }),
  });
  const capture = lab.network.capture({ host: 'mn' });
  const at = (time: number, act: () => unknown): void => {
    lab.run(time);
    act();
  };
  at(500, () => lab.moveTo(1));
  for (let time = 5000; time < 800_000; time += 5000) at(time, () => lab.pingFrom(0));
  at(801_000, () => lab.moveTo(2));
  at(820_000, () => lab.moveTo(0));
  lab.run(840_000);
  return framesIn(capture.pcap()).map((frame) => {
    const packets = packetsOf(frame);
    const inner = packets.at(-1)!;
    const way = packets.length > 1 ? 'tunnel ' : '';
    const mobility = inner.protocol === PROTOCOL_MOBILITY ? decodeMobility(inner.payload) : undefined;
    if (mobility?.ok === true) return `${way}${mobility.value.kind}${'status' in mobility.value ? ` ${mobility.value.status}` : ''}`;
    return `${way}${inner.protocol} ${inner.payload[0]} ${u16(inner.payload, 0)} ${u32(inner.source, 4)}`;
  });
};

describe('reserved fields, padding and options that nobody knows', () => {
  const changed: Changed = new Set();
  const plain = journey();
  const scribbled = journey(changed);

  test('are changed on the way in every kind of message of this journey', () => {
    expect([...changed].toSorted()).toEqual([
      'BA',
      'BRR',
      'BU',
      'CoT',
      'CoTI',
      'HaadReply',
      'HaadRequest',
      'HoT',
      'HoTI',
      'MobilePrefixAdvertisement',
      'MobilePrefixSolicitation',
      'RoutingHeader2',
    ]);
  });

  test('change nothing of what our nodes do (sections 6.1 to 6.8)', () => {
    expect(scribbled).toEqual(plain);
    expect(plain.filter((words) => words === 'BA 1').length).toBeGreaterThan(0);
  });
});
