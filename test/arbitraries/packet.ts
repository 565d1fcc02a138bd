/** fast-check generators of packets, headers and captures over their whole value space, for our tests and yours. */
import * as fc from 'fast-check';
import { LINKTYPE_EN10MB } from '../../codecs/capture/index.ts';
import type { CaptureRecord } from '../../codecs/capture/index.ts';
import { encodeIpv4, encodeIpv6, encodeTcp, fillTcpChecksum } from '../../codecs/packet/index.ts';
import type {
  Ethernet,
  ExtensionHeader,
  Ipv4,
  Ipv4Option,
  Ipv6,
  Ipv6Option,
  Loopback,
  Ppp,
  Sll,
  Sll2,
  Tcp,
  TcpOption,
} from '../../codecs/packet/index.ts';

const bits = (count: number): fc.Arbitrary<number> => fc.nat(2 ** count - 1);
const u8 = bits(8);
const u16 = bits(16);
const u32 = fc.oneof(bits(32), fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
const octets = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength });
const none = new Uint8Array(0);

/** The payload of any header here: up to 64 octets. */
export const anyPayload: fc.Arbitrary<Uint8Array> = octets(0, 64);

/** Ethernet frames with up to three VLAN tags. */
export const anyEthernet: fc.Arbitrary<Ethernet> = fc.record({
  kind: fc.constant('ETHERNET' as const),
  destination: octets(6),
  source: octets(6),
  tags: fc.array(fc.record({ tpid: fc.constantFrom(0x8100, 0x88a8, 0x9100), tci: u16 }), { maxLength: 3 }),
  etherType: fc.oneof(u16, fc.constantFrom(0x0800, 0x86dd)).filter((type) => ![0x8100, 0x88a8, 0x9100].includes(type)),
  payload: anyPayload,
});

export const anySll: fc.Arbitrary<Sll> = fc.record({
  kind: fc.constant('SLL' as const),
  packetType: u16,
  arphrdType: u16,
  addressLength: u16,
  address: octets(8),
  protocolType: u16,
  payload: anyPayload,
});

export const anySll2: fc.Arbitrary<Sll2> = fc.record({
  kind: fc.constant('SLL2' as const),
  protocolType: u16,
  reserved: u16,
  interfaceIndex: u32,
  arphrdType: u16,
  packetType: u8,
  addressLength: u8,
  address: octets(8),
  payload: anyPayload,
});

/** PPP frames whose protocol is a number that PPP can have: its last octet is odd, its first one even. */
export const anyPpp: fc.Arbitrary<Ppp> = fc
  .record({ addressAndControl: fc.boolean(), short: fc.boolean(), high: bits(7), low: bits(7), payload: anyPayload })
  .map(({ addressAndControl, short, high, low, payload }) => ({
    kind: 'PPP' as const,
    addressAndControl,
    protocol: short ? low * 2 + 1 : high * 512 + low * 2 + 1,
    protocolLength: short ? (1 as const) : (2 as const),
    payload,
  }))
  // ff 03 in front is taken for Address and Control, which is why RFC 1661 reserves the protocol.
  .filter((frame) => frame.addressAndControl || frame.protocolLength === 2 || frame.protocol !== 0xff || frame.payload[0] !== 3);

/** BSD loopback frames whose family is one that reads the same way back. */
export const anyLoopback: fc.Arbitrary<Loopback> = fc.record({
  kind: fc.constant('LOOPBACK' as const),
  order: fc.constantFrom('big', 'little'),
  family: fc.integer({ min: 1, max: 0xffff }),
  payload: anyPayload,
});

/** One TCP option other than End of Option List and No-Operation, with a kind that has a form of its own or any other. */
const anyLongTcpOption: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.record({ kind: fc.constant('MSS' as const), mss: u16 }),
  fc.record({ kind: fc.constant('WINDOW_SCALE' as const), shift: u8 }),
  fc.constant({ kind: 'SACK_PERMITTED' as const }),
  fc.record({ kind: fc.constant('SACK' as const), blocks: fc.array(fc.record({ left: u32, right: u32 }), { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('TIMESTAMPS' as const), value: u32, echoReply: u32 }),
  fc.record({ kind: fc.constant('FAST_OPEN' as const), cookie: octets(0, 16) }),
  fc.record({
    kind: fc.constant('OTHER' as const),
    number: u8.filter((number) => ![0, 1, 2, 3, 4, 5, 8, 34].includes(number)),
    data: octets(0, 20),
  }),
);

const lengthOf = (option: TcpOption): number => {
  const lengths = { END: 1, NOP: 1, MSS: 4, WINDOW_SCALE: 3, SACK_PERMITTED: 2, SACK: 2, TIMESTAMPS: 10, FAST_OPEN: 2, OTHER: 2 };
  if (option.kind === 'SACK') return 2 + 8 * option.blocks.length;
  if (option.kind === 'FAST_OPEN') return 2 + option.cookie.length;
  return lengths[option.kind] + (option.kind === 'OTHER' ? option.data.length : 0);
};

/** Lists of TCP options that fill a header exactly: 0 to 40 octets, a multiple of 4, ended or padded with No-Operations. */
export const anyTcpOptions: fc.Arbitrary<readonly TcpOption[]> = fc
  .record({
    wanted: fc.array(fc.oneof({ weight: 3, arbitrary: anyLongTcpOption }, fc.constant({ kind: 'NOP' as const })), { maxLength: 6 }),
    ended: fc.boolean(),
    rest: octets(40),
  })
  .map(({ wanted, ended, rest }) => {
    const options: TcpOption[] = [];
    let length = 0;
    for (const option of wanted) {
      if (length + lengthOf(option) > 40) continue;
      options.push(option);
      length += lengthOf(option);
    }
    const missing = -length & 3;
    if (missing > 0 && ended) options.push({ kind: 'END', padding: rest.subarray(0, missing - 1) });
    else for (let i = 0; i < missing; i++) options.push({ kind: 'NOP' });
    return options;
  });

export const anyTcp: fc.Arbitrary<Tcp> = fc.record({
  kind: fc.constant('TCP' as const),
  sourcePort: u16,
  destinationPort: u16,
  sequence: u32,
  acknowledgment: u32,
  reserved: bits(4),
  flags: u8,
  window: u16,
  checksum: u16,
  urgentPointer: u16,
  options: anyTcpOptions,
  payload: anyPayload,
});

/** IP options that fill a header exactly. */
const anyIpv4Options: fc.Arbitrary<readonly Ipv4Option[]> = fc
  .record({ wanted: fc.array(fc.record({ type: u8, data: octets(0, 8) }), { maxLength: 4 }), ended: fc.boolean(), rest: octets(4) })
  .map(({ wanted, ended, rest }) => {
    const options: Ipv4Option[] = [];
    let length = 0;
    for (const { type, data } of wanted) {
      const option = type > 1 ? { type, data } : { type: 1, data: none };
      const size = type > 1 ? 2 + data.length : 1;
      if (length + size > 40) continue;
      options.push(option);
      length += size;
    }
    const missing = -length & 3;
    if (missing > 0 && ended) options.push({ type: 0, data: rest.subarray(0, missing - 1) });
    else for (let i = 0; i < missing; i++) options.push({ type: 1, data: none });
    return options;
  });

/** IPv4 packets, fragments too, with or without padding behind them; some have a Total Length of 0. */
export const anyIpv4: fc.Arbitrary<Ipv4> = fc
  .record({
    kind: fc.constant('IPV4' as const),
    typeOfService: u8,
    offloaded: fc.boolean(),
    identification: u16,
    reserved: fc.boolean(),
    dontFragment: fc.boolean(),
    moreFragments: fc.boolean(),
    fragmentOffset: bits(13),
    timeToLive: u8,
    protocol: u8,
    headerChecksum: u16,
    source: octets(4),
    destination: octets(4),
    options: anyIpv4Options,
    payload: anyPayload,
    trailer: octets(0, 18),
  })
  .map(({ offloaded, ...packet }) => {
    const whole = offloaded ? { ...packet, trailer: none } : packet;
    const headerLength = 20 + packet.options.reduce((length, { type, data }) => length + (type > 1 ? 2 : 1) + data.length, 0);
    return { ...whole, totalLength: offloaded ? 0 : headerLength + packet.payload.length };
  });

/** IPv6 options that fill a header exactly, padded with Pad1 options or one PadN. */
const anyIpv6Options: fc.Arbitrary<readonly Ipv6Option[]> = fc
  .record({
    wanted: fc.array(fc.record({ type: u8.filter((type) => type !== 0xc2), data: octets(0, 12) }), { maxLength: 4 }),
    single: fc.boolean(),
  })
  .map(({ wanted, single }) => {
    const options: Ipv6Option[] = wanted.map(({ type, data }) => (type === 0 ? { type, data: none } : { type, data }));
    const length = 2 + options.reduce((sum, { type, data }) => sum + (type === 0 ? 1 : 2 + data.length), 0);
    const missing = -length & 7;
    if (missing > 1 && !single) options.push({ type: 1, data: new Uint8Array(missing - 2) });
    else for (let i = 0; i < missing; i++) options.push({ type: 0, data: none });
    return options;
  });

/** One extension header; a fragment header here is an atomic one (RFC 6946), so that more may follow. */
export const anyExtensionHeader: fc.Arbitrary<ExtensionHeader> = fc.oneof(
  fc.record({ kind: fc.constantFrom('HOP_BY_HOP' as const, 'DESTINATION_OPTIONS' as const), options: anyIpv6Options }),
  fc.record({
    kind: fc.constant('ROUTING' as const),
    type: u8,
    segmentsLeft: u8,
    data: fc.nat(4).chain((units) => octets(4 + 8 * units)),
  }),
  fc.record({
    kind: fc.constant('FRAGMENT' as const),
    reserved: u8,
    offset: fc.constant(0),
    reserved2: bits(2),
    more: fc.constant(false),
    identification: u32,
  }),
  fc.record({
    kind: fc.constant('AUTHENTICATION' as const),
    reserved: u16,
    spi: u32,
    sequenceNumber: u32,
    icv: fc.nat(4).chain((words) => octets(4 * words)),
  }),
);

/** IPv6 packets with up to four extension headers, with or without padding behind them. */
export const anyIpv6: fc.Arbitrary<Ipv6> = fc
  .record({
    kind: fc.constant('IPV6' as const),
    trafficClass: u8,
    flowLabel: bits(20),
    hopLimit: u8,
    source: octets(16),
    destination: octets(16),
    headers: fc.array(anyExtensionHeader, { maxLength: 4 }),
    protocol: u8.filter((protocol) => ![0, 43, 44, 51, 60].includes(protocol)),
    payload: octets(1, 64),
    trailer: octets(0, 18),
  })
  .map((packet) => {
    const length = encodeIpv6({ ...packet, trailer: none }).length - 40;
    return { ...packet, payloadLength: length };
  });

/** Whole IP packets, of either version, that carry a TCP segment with a right checksum. */
export const anyTcpPacket: fc.Arbitrary<{ readonly packet: Uint8Array; readonly tcp: Tcp; readonly ipVersion: 4 | 6 }> = fc
  .record({ tcp: anyTcp, source: octets(16), destination: octets(16), ipVersion: fc.constantFrom(4 as const, 6 as const) })
  .map(({ tcp, source, destination, ipVersion }) => {
    const length = ipVersion === 4 ? 4 : 16;
    const ip = { protocol: 6, source: source.subarray(0, length), destination: destination.subarray(0, length), payload: encodeTcp(tcp) };
    return { packet: fillTcpChecksum(ipVersion === 4 ? encodeIpv4(ip) : encodeIpv6(ip)), tcp, ipVersion };
  });

/** Records of a capture with microseconds, up to 80 octets each, some of them snapped. */
export const anyRecord: fc.Arbitrary<CaptureRecord> = fc
  .record({ bytes: octets(0, 80), cut: fc.nat(2000), seconds: u32, fraction: fc.nat(999_999) })
  .map(({ bytes, cut, seconds, fraction }) => ({
    bytes,
    start: 0,
    end: bytes.length,
    originalLength: bytes.length + cut,
    seconds,
    fraction,
    resolution: 1e6,
    linkType: LINKTYPE_EN10MB,
    interfaceId: 0,
  }));
