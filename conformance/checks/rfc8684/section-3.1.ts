/** Section 3.1, Connection Initiation: MP_CAPABLE, keys, tokens, IDSNs and what the flags negotiate. */
import { CRYPTO_H } from '../../../codecs/mptcp/index.ts';
import type { MpCapable } from '../../../codecs/mptcp/index.ts';
import { MP_CAPABLE } from '../../follow/mptcp/options.ts';
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, rarely } from '../../follow/mptcp/judge.ts';
import type { Carrier, AnyCheck } from '../../follow/mptcp/judge.ts';
import type { Here, Index } from '../../follow/mptcp/model.ts';

const lengthOf = ({ senderKey, receiverKey, dataLevelLength, checksum }: MpCapable): number =>
  checksum !== undefined ? 24 : dataLevelLength !== undefined ? 22 : receiverKey !== undefined ? 20 : senderKey !== undefined ? 12 : 4;

/** The lengths that fit a packet: l.757 to l.766, and for v0 RFC 6824 section 3.1. */
const fittingLengths = (version: number, carrier: Carrier): readonly number[] => {
  if (version === 0) return carrier === 'SYN' || carrier === 'SYN/ACK' ? [12] : [20];
  switch (carrier) {
    case 'SYN':
      return [4];
    case 'SYN/ACK':
      return [12];
    case 'data':
      return [22, 24];
    default:
      return [20];
  }
};

const algorithms = (option: MpCapable): number =>
  option.version === 0 && option.noSubflowsToSource ? option.cryptoAlgorithms | 0x20 : option.cryptoAlgorithms;

const bits = (n: number): string => `0b${n.toString(2).padStart(5, '0')}`;

/** The sender of a mapping, on a connection that negotiated checksums, leaves one out. */
const withChecksum = (here: Here, checksum: number): Judgement =>
  checksum >= 0
    ? PASS
    : broken('a checksum in the mapping', 'none', 'The handshake agreed on checksums (A = 1), and this mapping has none.', [
        here.flow.synAckFrame || here.connection.thirdFrame,
      ]);

const unique = (twins: readonly [number, number], host: Index, what: string): Judgement =>
  twins[host] === 0
    ? PASS
    : broken(
        `a ${what} of its own`,
        `the ${what} of another connection`,
        `Two connections have the same ${what}: the other one begins in frame ${twins[host]}.`,
        [twins[host]],
      );

const keyed = (here: Here, host: Index): boolean => here.connection.hosts[host].key !== undefined;

export const section31: readonly AnyCheck[] = [
  check('RFC8684-3.1-a', 'capable', 'sender', (_, { option, carrier }) => {
    const fitting = fittingLengths(option.version, carrier);
    const length = lengthOf(option);
    return fitting.includes(length)
      ? PASS
      : broken(
          `Length ${fitting.join(' or ')}`,
          `Length ${length}`,
          `An MP_CAPABLE on a ${carrier === 'data' ? 'packet with data' : carrier} has Length ${length}.`,
        );
  }),
  check('RFC8684-3.1-a', 'malformed', 'sender', (_, { subtype, length, error }) =>
    subtype === MP_CAPABLE ? broken('a Length that fits the packet', `Length ${length}`, error.message) : undefined,
  ),
  check('RFC8684-3.1-2', 'capable', 'sender', ({ flow }, { option, carrier }) => {
    if (carrier !== 'SYN/ACK' || !flow.offered) return undefined;
    return option.version <= flow.offered.version
      ? PASS
      : broken(
          `version ${flow.offered.version} or lower`,
          `version ${option.version}`,
          `The SYN offers version ${flow.offered.version}, the SYN/ACK answers with ${option.version}.`,
          [flow.synFrame],
        );
  }),
  check('RFC8684-3.1-5/2', 'handshake', 'initiator', (here) => (keyed(here, 0) ? unique(here.connection.keyTwins, 0, 'key') : undefined)),
  check('RFC8684-3.1-5/2', 'handshake', 'listener', (here) => (keyed(here, 1) ? unique(here.connection.keyTwins, 1, 'key') : undefined)),
  check('RFC8684-3.1-6', 'handshake', 'initiator', (here) => (keyed(here, 0) ? unique(here.connection.tokenTwins, 0, 'token') : undefined)),
  check('RFC8684-3.1-6', 'handshake', 'listener', (here) => (keyed(here, 1) ? unique(here.connection.tokenTwins, 1, 'token') : undefined)),
  check('RFC8684-3.1-12', 'capable', 'sender', (_, { option }) =>
    option.extensibility ? broken('B = 0', 'B = 1', 'The extensibility flag B is set in an MP_CAPABLE.') : PASS,
  ),
  check('RFC8684-3.1-13', 'handshake', 'listener', ({ connection, flow }) => {
    if (!flow.offered?.extensibility) return undefined;
    return connection.agreed
      ? broken(
          'a SYN/ACK without MP_CAPABLE',
          'MP_CAPABLE',
          'The SYN has B = 1, which nobody understands yet; it is answered with an MP_CAPABLE.',
          [flow.synFrame, flow.synAckFrame],
        )
      : PASS;
  }),
  check('RFC8684-3.1-15', 'capable', 'sender', (_, { option }) =>
    algorithms(option) === CRYPTO_H
      ? PASS
      : broken(
          `only H set (${bits(CRYPTO_H)})`,
          bits(algorithms(option)),
          'Only H names an algorithm (HMAC-SHA256, in version 0 HMAC-SHA1); other bits are set, or H is not.',
        ),
  ),
  check('RFC8684-3.1-16', 'capable', 'sender', (_, { option }) =>
    algorithms(option) === 0 ? broken('one of D to H', 'none', 'The MP_CAPABLE names no crypto algorithm.') : PASS,
  ),
  check('RFC8684-3.1-17', 'handshake', 'listener', ({ connection, flow }) => {
    if (!flow.offered || algorithms(flow.offered) !== 0) return undefined;
    return connection.agreed
      ? broken(
          'a regular TCP handshake',
          'MP_CAPABLE in the SYN/ACK',
          'The SYN names no crypto algorithm and must be treated as one without MP_CAPABLE.',
          [flow.synFrame, flow.synAckFrame],
        )
      : PASS;
  }),
  check('RFC8684-3.1-17', 'handshake', 'initiator', ({ connection }, { third }) => {
    if (!connection.synAckCapable || algorithms(connection.synAckCapable) !== 0) return undefined;
    return third === 'MP_CAPABLE'
      ? broken(
          'regular TCP',
          'MP_CAPABLE on the third packet',
          'The SYN/ACK names no crypto algorithm; the initiator goes on with MPTCP.',
          [connection.flows[0]!.synAckFrame],
        )
      : PASS;
  }),
  check('RFC8684-3.1-18', 'joinSyn', 'opener', ({ flow, connection }, { token }) => {
    const known = connection.hosts[flow.host0 === 0 ? 1 : 0].token;
    if (flow.join?.tokenKnown === undefined) return undefined;
    return flow.join.tokenKnown
      ? PASS
      : broken(
          hex(known),
          hex(token),
          'The HMACs of this join verify under the keys of a connection, but its token is not the hash of that key.',
        );
  }),
  rarely('RFC8684-3.1-19', 'mapping', 'sender', (here, { mapping }) =>
    mapping.dsn === 1 && here.hasDss && here.sender.fromIdsn ? PASS : undefined,
  ),
  check('RFC8684-3.1-19', 'end', 'sender', (here) => {
    const { sender, connection } = here;
    if (!sender.fromIdsn || sender.mapped === undefined || sender.mapped.next > 1 || sender.sentEnd === 1) return undefined;
    // After a fallback what was lost comes again without a mapping.
    return connection.isComplete(here.host) && connection.fallbackFrame === 0
      ? broken(
          'a mapping of IDSN + 1',
          `none; data up to IDSN + ${sender.sentEnd - 1}`,
          'No mapping begins at the IDSN that the key gives.',
          [sender.sentEndFrame],
        )
      : inconclusive('the first mapping was not captured');
  }),
  check('RFC8684-3.1-22', 'mapping', 'sender', (here, { mapping, length }) =>
    here.connection.checksum === true && length !== Infinity && length > 0 ? withChecksum(here, mapping.checksum) : undefined,
  ),
  check('RFC8684-3.1-23', 'mapping', 'sender', (here, { mapping, length }) => {
    const { synCapable, synAckCapable } = here.connection;
    if (!synCapable || !synAckCapable || synCapable.checksumRequired === synAckCapable.checksumRequired) return undefined;
    return length !== Infinity && length > 0 ? withChecksum(here, mapping.checksum) : undefined;
  }),
  check('RFC8684-3.1-25', 'handshake', 'listener', ({ connection, flow }) => {
    if (!flow.offered || algorithms(flow.offered) === 0 || (algorithms(flow.offered) & CRYPTO_H) !== 0) return undefined;
    return connection.agreed
      ? broken('a SYN/ACK without MP_CAPABLE', 'MP_CAPABLE', 'The SYN offers no algorithm that is defined; the SYN/ACK takes one.', [
          flow.synFrame,
          flow.synAckFrame,
        ])
      : PASS;
  }),
  check('RFC8684-3.1-b', 'handshake', 'initiator', ({ connection, flow }, { thirdOption }) => {
    const told = connection.synAckCapable?.senderKey;
    if (thirdOption?.receiverKey === undefined) return undefined;
    if (told === undefined) return inconclusive('the SYN/ACK with the key was not captured');
    return thirdOption.receiverKey === told
      ? PASS
      : broken(key(told), key(thirdOption.receiverKey), "The third packet carries another key than the SYN/ACK told as the listener's.", [
          flow.synAckFrame,
        ]);
  }),
  check('RFC8684-3.1-c', 'capable', 'sender', ({ connection, flow, host }, { option, carrier, third }) => {
    if (flow.kind !== 'initial' || host !== 0 || carrier === 'SYN' || third || option.senderKey === undefined) return undefined;
    const { thirdCapable } = connection;
    if (!thirdCapable) return undefined;
    return option.senderKey === thirdCapable.senderKey && option.receiverKey === thirdCapable.receiverKey
      ? PASS
      : broken('the keys of the third packet', 'others', "The initiator's MP_CAPABLEs carry different keys.", [connection.thirdFrame]);
  }),
  check('RFC8684-3.1-d', 'capable', 'sender', ({ flow }, { carrier }) =>
    flow.kind === 'join'
      ? broken(
          'MP_CAPABLE on the first subflow only',
          `MP_CAPABLE on a subflow that MP_JOIN opened (${carrier})`,
          'MP_CAPABLE travels on an additional subflow.',
          [flow.synFrame],
        )
      : PASS,
  ),
  check('RFC8684-3.1-f', 'handshake', 'initiator', ({ connection, flow }, { thirdOption }) => {
    const { synCapable, synAckCapable } = connection;
    if (!thirdOption || !synCapable || !synAckCapable) return undefined;
    const agreed = synCapable.checksumRequired || synAckCapable.checksumRequired;
    return thirdOption.checksumRequired === agreed
      ? PASS
      : broken(
          `A = ${Number(agreed)}`,
          `A = ${Number(thirdOption.checksumRequired)}`,
          `The SYN has A = ${Number(synCapable.checksumRequired)}, the SYN/ACK A = ${Number(synAckCapable.checksumRequired)}; the third packet confirms something else.`,
          [flow.synFrame, flow.synAckFrame],
        );
  }),
  check('RFC8684-3.1-g', 'capable', 'sender', ({ flow }, { option, carrier }) => {
    if (carrier !== 'SYN/ACK') return undefined;
    const chosen = algorithms(option);
    const single = chosen !== 0 && (chosen & (chosen - 1)) === 0;
    const proposed = !flow.offered || (chosen & ~algorithms(flow.offered)) === 0;
    return single && proposed
      ? PASS
      : broken(
          'one of the bits that the SYN proposes',
          bits(chosen),
          single ? 'The SYN/ACK chooses an algorithm that the SYN did not propose.' : 'The SYN/ACK does not choose exactly one algorithm.',
          [flow.synFrame],
        );
  }),
  check('RFC8684-3.1-h', 'capable', 'sender', ({ connection, flow, host }, { option, carrier }) => {
    if (flow.kind !== 'initial' || host !== 0 || carrier === 'SYN' || !connection.synAckCapable) return undefined;
    return option.version === connection.version
      ? PASS
      : broken(
          `version ${connection.version}`,
          `version ${option.version}`,
          'The initiator goes on with another version than was agreed.',
          [flow.synAckFrame],
        );
  }),
  check('RFC8684-3.1-i', 'capable', 'sender', ({ connection, frame }, { option }) => {
    if (option.dataLevelLength === undefined) return undefined;
    const first = connection.capableMapping;
    if (first === undefined) {
      connection.capableMapping = { length: option.dataLevelLength, checksum: option.checksum, frame };
      return undefined;
    }
    return first.length === option.dataLevelLength && first.checksum === option.checksum
      ? PASS
      : broken(
          `Data-Level Length ${first.length}`,
          `Data-Level Length ${option.dataLevelLength}`,
          'Repeated MP_CAPABLE mappings of the same data differ.',
          [first.frame],
        );
  }),
  rarely('RFC8684-3.1-j', 'dataAck', 'listener', ({ connection, host, sender, dataAck }) =>
    host === 1 &&
    dataAck > sender.dataAck &&
    connection.capableMapping !== undefined &&
    dataAck > 1 &&
    dataAck <= connection.capableMapping.length + 1
      ? PASS
      : undefined,
  ),
];

const hex = (token: number | undefined): string => (token === undefined ? 'unknown' : `0x${token.toString(16).padStart(8, '0')}`);
const key = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;
