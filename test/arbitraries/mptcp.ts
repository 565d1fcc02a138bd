/** fast-check generators of MPTCP options over their whole value space, for our tests and yours (RFC 8684 section 3, RFC 6824 section 3). */
import * as fc from 'fast-check';
import type {
  AddAddrV0,
  AddAddrV1,
  Dss,
  MpCapable,
  MpExperimental,
  MpFail,
  MpFastclose,
  MpJoin,
  MpPrio,
  MptcpOption,
  MptcpVersion,
  MpTcprst,
  RemoveAddr,
  UnknownOption,
} from '../../codecs/mptcp/index.ts';

const bits = (count: number): fc.Arbitrary<number> => fc.nat(2 ** count - 1);
const u8 = bits(8);
const u16 = bits(16);
const u32 = fc.oneof(bits(32), fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  fc.constantFrom(0n, 0xffff_ffffn, 0x1_0000_0000n, 0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn),
);
const octets = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength });
const address = fc.oneof(octets(4), octets(16));

const capableFlags = {
  checksumRequired: fc.boolean(),
  extensibility: fc.boolean(),
  noSubflowsToSource: fc.boolean(),
  cryptoAlgorithms: bits(5),
};

/** MP_CAPABLE in every legal form of a version. Version 1 stands for all from 1 to 15, which are read alike. */
export const anyMpCapable = (version: MptcpVersion): fc.Arbitrary<MpCapable> => {
  const head = {
    kind: fc.constant('MP_CAPABLE' as const),
    version: version === 0 ? fc.constant(0) : fc.integer({ min: 1, max: 15 }),
    ...capableFlags,
  };
  const one = { ...head, senderKey: u64 };
  const both = { ...one, receiverKey: u64 };
  if (version === 0) return fc.oneof(fc.record(one), fc.record(both));
  const withData = { ...both, dataLevelLength: u16 };
  return fc.oneof(fc.record(head), fc.record(one), fc.record(both), fc.record(withData), fc.record({ ...withData, checksum: u16 }));
};

/** MP_JOIN in its three forms. */
export const anyMpJoin: fc.Arbitrary<MpJoin> = fc.oneof(
  fc.record({
    kind: fc.constant('MP_JOIN' as const),
    segment: fc.constant('SYN' as const),
    backup: fc.boolean(),
    addressId: u8,
    receiverToken: u32,
    senderRandomNumber: u32,
    reserved: bits(3),
  }),
  fc.record({
    kind: fc.constant('MP_JOIN' as const),
    segment: fc.constant('SYN/ACK' as const),
    backup: fc.boolean(),
    addressId: u8,
    senderTruncatedHmac: octets(8),
    senderRandomNumber: u32,
    reserved: bits(3),
  }),
  fc.record({
    kind: fc.constant('MP_JOIN' as const),
    segment: fc.constant('ACK' as const),
    senderTruncatedHmac: octets(20),
    reserved: bits(12),
  }),
);

/** DSS with every combination of flags, with and without a checksum. */
export const anyDss: fc.Arbitrary<Dss> = fc
  .record({
    dataFin: fc.boolean(),
    a: fc.boolean(),
    A: fc.boolean(),
    m: fc.boolean(),
    M: fc.boolean(),
    checksum: fc.option(u16),
    reserved: bits(7),
    ack: u64,
    dsn: u64,
    ssn: u32,
    length: u16,
  })
  .map(({ dataFin, a, A, m, M, checksum, reserved, ack, dsn, ssn, length }) => ({
    kind: 'DSS',
    dataFin,
    ...(A && { dataAck: a ? ack : BigInt.asUintN(32, ack) }),
    dataAckOctets: a ? 8 : 4,
    ...(M && { dataSequenceNumber: m ? dsn : BigInt.asUintN(32, dsn), subflowSequenceNumber: ssn, dataLevelLength: length }),
    dataSequenceNumberOctets: m ? 8 : 4,
    ...(M && checksum !== null && { checksum }),
    reserved,
  }));

/** ADD_ADDR of version 1; with and without echo, port and HMAC, in every combination. */
export const anyAddAddrV1: fc.Arbitrary<AddAddrV1> = fc.record(
  {
    kind: fc.constant('ADD_ADDR' as const),
    version: fc.constant(1 as const),
    echo: fc.boolean(),
    addressId: u8,
    address,
    port: u16,
    truncatedHmac: octets(8),
    reserved: bits(3),
  },
  { requiredKeys: ['kind', 'version', 'echo', 'addressId', 'address', 'reserved'] },
);

/** ADD_ADDR of version 0. */
export const anyAddAddrV0: fc.Arbitrary<AddAddrV0> = fc
  .record({ addressId: u8, address, port: fc.option(u16) })
  .map(({ addressId, address, port }) => ({
    kind: 'ADD_ADDR',
    version: 0,
    ipVersion: address.length === 4 ? 4 : 6,
    addressId,
    address,
    ...(port !== null && { port }),
  }));

/** REMOVE_ADDR with 1 to 37 Address IDs. */
export const anyRemoveAddr: fc.Arbitrary<RemoveAddr> = fc.record({
  kind: fc.constant('REMOVE_ADDR' as const),
  addressIds: fc.array(u8, { minLength: 1, maxLength: 37 }),
  reserved: bits(4),
});

/** MP_PRIO; in version 0 also with an Address ID. */
export const anyMpPrio = (version: MptcpVersion): fc.Arbitrary<MpPrio> =>
  fc.record(
    { kind: fc.constant('MP_PRIO' as const), backup: fc.boolean(), reserved: bits(3), ...(version === 0 && { addressId: u8 }) },
    { requiredKeys: ['kind', 'backup', 'reserved'] },
  );

/** MP_FAIL. */
export const anyMpFail: fc.Arbitrary<MpFail> = fc.record({
  kind: fc.constant('MP_FAIL' as const),
  dataSequenceNumber: u64,
  reserved: bits(12),
});

/** MP_FASTCLOSE. */
export const anyMpFastclose: fc.Arbitrary<MpFastclose> = fc.record({
  kind: fc.constant('MP_FASTCLOSE' as const),
  receiverKey: u64,
  reserved: bits(12),
});

/** MP_TCPRST with any reason, assigned or not. */
export const anyMpTcprst: fc.Arbitrary<MpTcprst> = fc.record({
  kind: fc.constant('MP_TCPRST' as const),
  transient: fc.boolean(),
  reason: u8,
  reserved: bits(3),
});

/** MP_EXPERIMENTAL with 0 to 37 octets. */
export const anyMpExperimental: fc.Arbitrary<MpExperimental> = fc.record({
  kind: fc.constant('MP_EXPERIMENTAL' as const),
  firstBits: bits(4),
  data: octets(0, 37),
});

/** An option with a subtype that the version does not know. */
export const anyUnknownOption = (version: MptcpVersion): fc.Arbitrary<UnknownOption> =>
  fc.record({
    kind: fc.constant('UNKNOWN' as const),
    subtype: fc.integer({ min: version === 0 ? 8 : 9, max: 14 }),
    firstBits: bits(4),
    data: octets(0, 37),
  });

/** Any option of a connection of this version. @example fc.assert(fc.property(anyMptcpOption(1), (option) => encodeMptcpOption(option).length <= 40)) */
export const anyMptcpOption = (version: MptcpVersion): fc.Arbitrary<MptcpOption> =>
  fc.oneof(
    anyMpCapable(version),
    anyMpJoin,
    anyDss,
    version === 0 ? anyAddAddrV0 : anyAddAddrV1,
    anyRemoveAddr,
    anyMpPrio(version),
    anyMpFail,
    anyMpFastclose,
    ...(version === 0 ? [] : [anyMpTcprst]),
    anyMpExperimental,
    anyUnknownOption(version),
  );
