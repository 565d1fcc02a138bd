/** Section 3.7, Fallback: options that do not get through, checksums that fail, MP_FAIL and the infinite mapping. */
import { RST } from '../../../codecs/packet/index.ts';
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, conclude, rarely } from '../../follow/mptcp/judge.ts';
import type { AnyCheck } from '../../follow/mptcp/judge.ts';
import { ROUND_TRIP, other } from '../../follow/mptcp/model.ts';
import type { Here } from '../../follow/mptcp/model.ts';
import type { Mapping } from '../../../state-machines/mptcp/mappings.ts';
import { relativeDsn } from '../../../state-machines/mptcp/sequence.ts';
import { MIDDLEBOX_INTERFERENCE, saysWhy } from './section-3.6.ts';

const MP_FAIL = 6;

/** Whether a failed mapping has been dealt with: by MP_FAIL, by a RST, or by falling back altogether (section 3.3.1, l.1392). */
const dealtWith = (here: Here): boolean => {
  const { connection, host } = here;
  const receiver = other(host);
  return connection.hosts[receiver].mpFailFrame > 0 || connection.failed!.flow.endOf(receiver).rstFrame > 0 || connection.fallbackFrame > 0;
};

/** The relative data sequence number that an MP_FAIL names. */
const failedAt = (here: Here, number: bigint): number =>
  relativeDsn(Number(number >> 32n), Number(number & 0xffff_ffffn), here.receiver.baseHigh, here.receiver.baseLow);

/** The first of the mappings that have arrived, from the failed one on, that does not continue the one before. */
const firstGap = ({ mappings, acked }: Here['received'], failed: number): Mapping | undefined => {
  let before: Mapping | undefined;
  for (let i = 0; i < mappings.count; i += 1) {
    const each = mappings.at(i)!;
    if (each.ssn >= acked) return undefined;
    if (before !== undefined && each.dsn - each.ssn !== before.dsn - before.ssn) return each;
    if (before !== undefined || each.dsn === failed) before = each;
  }
  return undefined;
};

/**
 * Whether the data of a mapping had come before, acknowledged already, or on another subflow with a checksum that was judged, or as octets that
 * are known while their mapping is not any more: a damaged copy does no harm.
 */
const cameBefore = ({ connection, flow, frame, host, sender, receiver, segment }: Here, mapping: Mapping): boolean => {
  const { dsn, length } = mapping;
  if (receiver.dataAck >= dsn + length) return true;
  if (sender.againFrame === frame && mapping.frame === frame && length <= segment.payloadLength) return true;
  return connection.flows.some((other) => {
    if (other === flow) return false;
    const { mappings } = other.endOf(host);
    for (let i = 0; i < mappings.count; i += 1) {
      const each = mappings.at(i)!;
      if (each.judged && each.dsn <= dsn && each.dsn + each.length >= dsn + length) return true;
    }
    return false;
  });
};

export const section37: readonly AnyCheck[] = [
  check('RFC8684-3.7-1', 'handshake', 'initiator', ({ connection, flow }, { third }) => {
    if (!connection.refused) return undefined;
    return third === 'MP_CAPABLE'
      ? broken('regular TCP', 'MP_CAPABLE on the third packet', 'The SYN/ACK had no MP_CAPABLE, and the initiator goes on with MPTCP.', [
          flow.synAckFrame,
        ])
      : PASS;
  }),
  rarely('RFC8684-3.7-2', 'payload', 'sender', (here) => {
    const { sent, connection, segment, flow } = here;
    if (sent.dataAckedFrame > 0 || !connection.agreed || connection.fallbackFrame > 0 || flow.synAckFrame === 0) return undefined;
    if (here.mapsData) return PASS;
    return here.options === 0
      ? inconclusive('data without any MPTCP option: left out by its sender, or removed on the way')
      : broken(
          'a DSS with a mapping',
          `${segment.payloadLength} octets without one`,
          'Before any data has been DATA_ACKed, a segment comes without a mapping.',
        );
  }),
  check('RFC8684-3.7-3/2', 'rst', 'sender', (here, { reason }) =>
    here.flow.machines[here.side]?.refusal === 'optionsLost'
      ? saysWhy(
          here,
          reason,
          MIDDLEBOX_INTERFERENCE,
          'The RST of a subflow that loses MPTCP options does not say "Middlebox interference".',
        )
      : undefined,
  ),
  check('RFC8684-3.7-8', 'checksum', 'peer', (here, { mapping, valid }) => {
    const { connection, flow } = here;
    // Without an agreement a checksum says nothing: see section 3.3.
    if (connection.checksum === false) return undefined;
    if (!valid) {
      if (cameBefore(here, mapping)) return undefined;
      connection.failed ??= { dsn: mapping.dsn, end: mapping.dsn + mapping.length, frame: mapping.frame, host: here.host, flow };
      return undefined;
    }
    // The same data has come intact: it may be acknowledged after all.
    const { failed } = connection;
    if (failed !== undefined && failed.host === here.host && mapping.dsn <= failed.dsn && mapping.dsn + mapping.length >= failed.end)
      connection.failed = undefined;
    return undefined;
  }),
  rarely('RFC8684-3.7-8', 'dataAck', 'sender', (here) => {
    const { failed } = here.connection;
    if (failed === undefined || failed.host === here.host || here.dataAck < failed.end) return undefined;
    if (here.connection.fallbackFrame > 0) return undefined;
    const found = broken(
      `no Data ACK beyond IDSN + ${failed.dsn}`,
      `IDSN + ${here.dataAck}`,
      `The mapping of frame ${failed.frame}, whose checksum does not match, is acknowledged at the data level.`,
      [failed.frame],
    );
    if (here.receiver.mpFailFrame === 0 && here.sender.mpFailFrame === 0 && failed.flow.endOf(here.host).rstFrame === 0) {
      conclude(
        here.connection,
        'RFC8684-3.7-d',
        here.host,
        here.frame,
        broken(
          'MP_FAIL',
          'the data is accepted',
          `The checksum of the mapping of frame ${failed.frame} fails, and its receiver accepts it.`,
          [failed.frame],
        ),
      );
    }
    here.connection.failed = undefined;
    return found;
  }),
  check('RFC8684-3.7-d', 'end', 'peer', (here) => {
    const { failed } = here.connection;
    if (failed === undefined || failed.host !== here.host) return undefined;
    return dealtWith(here) ? PASS : inconclusive('the capture ends before the failed checksum was answered');
  }),
  check('RFC8684-3.7-8', 'end', 'peer', (here) => {
    const { failed } = here.connection;
    return failed !== undefined && failed.host === here.host ? PASS : undefined;
  }),
  check('RFC8684-3.7-10', 'fail', 'sender', (here, { option }) => {
    const { segment, connection, received, sender, receiver } = here;
    if (connection.flows.filter((flow) => flow.established && !flow.closed).length > 1 || receiver.mpFailFrame > 0) return undefined;
    if ((segment.flags & RST) !== 0) return PASS;
    // Said again: what has come since then was under way.
    if (sender.mpFailNumber === option.dataSequenceNumber) return undefined;
    const gap = firstGap(received, failedAt(here, option.dataSequenceNumber));
    return gap === undefined
      ? undefined
      : broken(
          'a RST with MP_FAIL',
          'MP_FAIL on an ACK',
          `The data in flight is not contiguous: the mapping of frame ${gap.frame} goes on elsewhere in the data sequence space.`,
          [gap.frame],
        );
  }),
  check('RFC8684-3.7-a', 'fail', 'sender', ({ connection }): Judgement => {
    if (connection.checksum === undefined) return inconclusive('the handshake was not captured');
    return connection.checksum
      ? PASS
      : // "Unless there is some higher-layer or lower-layer signal" (l.2361): that nobody sees.
        {
          kind: 'warn',
          expected: 'no MP_FAIL without checksums',
          seen: 'MP_FAIL',
          message: 'An MP_FAIL comes although checksums were not negotiated.',
        };
  }),
  check('RFC8684-3.7-b', 'fail', 'sender', (here, { option }) => {
    const { receiver, connection, host } = here;
    // What an MP_FAIL that answers another one names is not said (l.2413); the other one may not have been captured.
    if (receiver.mpFailFrame > 0 || connection.failed?.host === host) return undefined;
    if (!receiver.baseKnown) return inconclusive('the data sequence numbers of the peer are not known');
    const at = failedAt(here, option.dataSequenceNumber);
    // Beyond all data, or before it, no mapping starts, whatever the capture missed.
    const outside = receiver.fromIdsn && (at < 1 || at > receiver.sentEnd + 2 ** 31);
    if (outside)
      return broken('the start of a mapping', `IDSN + ${at}`, 'The MP_FAIL names a data sequence number at which no mapping starts.');
    for (const flow of connection.flows) {
      const { mappings } = flow.endOf(other(host));
      for (let i = 0; i < mappings.count; i += 1) if (mappings.at(i)!.dsn === at) return PASS;
      if (mappings.forgottenBelow > 0) return undefined;
    }
    if (!connection.isComplete(other(host)) || receiver.mapped === undefined)
      return inconclusive('the mapping, or the MP_FAIL that this one answers, may not have been captured');
    return broken('the start of a mapping', `IDSN + ${at}`, 'The MP_FAIL names a data sequence number at which no mapping starts.');
  }),
  check('RFC8684-3.7-c', 'fail', 'sender', ({ connection, flow, frame, time, sender, receiver, segment }) => {
    // The answer to the other host's: its sender has reset, or not seen, whatever else the capture still shows.
    if (receiver.mpFailFrame > 0) return undefined;
    const live = connection.flows.filter((flow) => flow.established && !flow.closed);
    if (live.length < 2) return undefined;
    if ((segment.flags & RST) !== 0) return PASS;
    const finding = broken(
      'MP_FAIL on a RST',
      'on an ACK',
      `There are ${live.length} subflows: the one whose data failed must be closed with a RST that has the MP_FAIL.`,
    );
    sender.failedBeside ??= { flows: live.filter((each) => each !== flow), frame, time, finding };
    return undefined;
  }),
  check('RFC8684-3.7-c', 'end', 'sender', ({ connection, host, sender }) => {
    if (sender.failedBeside === undefined) return undefined;
    const { flows, frame, time, finding } = sender.failedBeside;
    // A RST may have been sent before and be slower on its way.
    const wereReset = flows.map((flow) => flow.endOf(host)).every((end) => end.rstFrame > 0 && end.rstTime - time < ROUND_TRIP);
    const judgement = wereReset ? inconclusive('the RSTs of the other subflows may have been sent before') : finding;
    conclude(connection, 'RFC8684-3.7-c', host, frame, judgement);
    return undefined;
  }),
  rarely('RFC8684-3.7-e', 'payload', 'sender', (here) => {
    const { sender, flow, frame } = here;
    if (sender.infiniteFrame === 0 || frame <= sender.infiniteFrame || here.retransmission) return undefined;
    if (sender.infiniteFlow === undefined || sender.infiniteFlow === flow) return PASS;
    return broken('data on one subflow only', 'data on another', 'After an infinite mapping data is sent on another subflow.', [
      sender.infiniteFrame,
    ]);
  }),
  // What a host sends instead is for its table to judge.
  rarely('RFC8684-3.7-15', 'payload', 'sender', ({ sender, options }) =>
    options === 0 && sender.machine?.state === 'FALLBACK' ? PASS : undefined,
  ),
  check('RFC8684-3.7-f', 'fail', 'sender', () => PASS),
  check('RFC8684-3.7-f', 'malformed', 'sender', (_, { subtype, length, error }) =>
    subtype === MP_FAIL ? broken('Length 12', `Length ${length}`, error.message) : undefined,
  ),
  check('RFC8684-3.7-g', 'fail', 'sender', (_, { option }) =>
    option.reserved === 0 ? PASS : broken('reserved bits 0', `0x${option.reserved.toString(16)}`, 'Reserved bits are set in an MP_FAIL.'),
  ),
];
