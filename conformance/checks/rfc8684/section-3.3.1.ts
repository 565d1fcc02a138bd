/** Section 3.3.1, Data Sequence Mapping: what mappings say, whether data has one, and whether checksums and numbers are right. */
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import { check, rarely, surely } from '../../follow/mptcp/judge.ts';
import type { AnyCheck } from '../../follow/mptcp/judge.ts';
import type { Here } from '../../follow/mptcp/model.ts';
import { CONFLICTING } from '../../../state-machines/mptcp/mappings.ts';

const URG = 32;
/** Maximum Segment Lifetime (RFC 9293 section 3.4.2), in ms. */
const MSL = 120_000;
const TWO32 = 0x1_0000_0000;

const urgent = (here: Here): boolean => (here.segment.flags & URG) !== 0 && here.segment.urgentPointer > 0;

/** Unmapped octets of a host that no fallback explains, on subflows whose handshake was captured. */
const unexplained = (here: Here): { readonly frame: number; readonly acked: boolean; readonly bare: boolean }[] =>
  here.connection.agreed && here.connection.fallbackFrame === 0 && here.sender.machine?.state !== 'FALLBACK'
    ? here.connection.flows.flatMap((flow) => {
        const end = flow.endOf(here.host);
        return flow.synAckFrame === 0 ? [] : end.unmapped.map(({ frame, end: stop, bare }) => ({ frame, acked: end.acked >= stop, bare }));
      })
    : [];

export const section331: readonly AnyCheck[] = [
  surely('RFC8684-3.3.1-1', 'mapping', (here, { mapping, status, ssn, length }) =>
    status === CONFLICTING
      ? broken(
          `subflow octet ${Math.max(ssn, mapping.ssn)} at data sequence number IDSN + ${mapping.dsn + Math.max(0, ssn - mapping.ssn)}`,
          `IDSN + ${here.dsn + Math.max(0, mapping.ssn - ssn)}`,
          `Subflow octets ${ssn} to ${ssn + length - 1} are mapped otherwise than in frame ${mapping.frame}.`,
          [mapping.frame],
        )
      : PASS,
  ),
  rarely('RFC8684-3.3.1-4', 'payload', 'sender', (here, { mapped, unmapped }) => {
    if (!urgent(here)) return undefined;
    if (unmapped === 0) return PASS;
    return mapped > 0
      ? broken('urgent data within a mapping', `${unmapped} unmapped octets`, 'Urgent data interrupts a mapping.')
      : undefined;
  }),
  rarely('RFC8684-3.3.1-5', 'payload', 'sender', (here, { unmapped }) => {
    if (!urgent(here)) return undefined;
    return unmapped === 0
      ? PASS
      : broken('urgent data with a mapping', `${unmapped} unmapped octets`, 'Urgent data is not mapped to the data sequence space.');
  }),
  check('RFC8684-3.3.1-6', 'end', 'peer', (here) => {
    const ranges = unexplained(here);
    if (ranges.length === 0) return undefined;
    return ranges.some(({ acked }) => acked) ? PASS : inconclusive('the capture ends before the unmapped data was acknowledged');
  }),
  check('RFC8684-3.3.1-8', 'end', 'peer', (here) => {
    if (unexplained(here).length === 0 || !here.connection.isComplete(here.host)) return undefined;
    for (const flow of here.connection.flows) {
      const end = flow.endOf(here.host);
      const unmapped = end.unmapped.reduce((sum, range) => sum + range.end - range.start, 0);
      const peer = flow.endOf(here.host === 0 ? 1 : 0);
      if (unmapped === 0) continue;
      if (peer.rstFrame > 0) return PASS;
      if (peer.window >= 0 && unmapped > peer.largestWindow && unmapped > 0) {
        return broken(
          'a RST',
          `${unmapped} octets without a mapping acknowledged`,
          'A receive window of data has come without a mapping, and the subflow lives on.',
        );
      }
    }
    return undefined;
  }),
  rarely('RFC8684-3.3.1-11', 'dataAck', 'sender', ({ receiver, dataAck }) =>
    receiver.narrowEnd > 0 && dataAck >= receiver.narrowEnd ? PASS : undefined,
  ),
  rarely('RFC8684-3.3.1-12', 'mapping', 'sender', ({ dss, hasDss, sender, time, dsn }, { length }) => {
    if (!hasDss || dss.dsnOctets !== 4 || length === Infinity) return undefined;
    sender.narrowEnd = Math.max(sender.narrowEnd, dsn + length);
    if (sender.baseLow + sender.narrowSince < TWO32 && sender.baseLow + sender.narrowEnd > TWO32) sender.narrowWrap ||= dsn + length;
    if (sender.narrowTime === 0 || time - sender.narrowTime > MSL) {
      sender.narrowTime = time;
      sender.narrowSince = dsn;
    }
    return dsn - sender.narrowSince < TWO32
      ? PASS
      : broken(
          'data sequence numbers of 8 octets',
          '4 octets',
          `${dsn - sender.narrowSince} octets were sent within ${MSL / 1000} s: numbers of 4 octets wrap within a Maximum Segment Lifetime.`,
        );
  }),
  rarely('RFC8684-3.3.1-13', 'dataAck', 'sender', ({ receiver, dataAck, dss }) => {
    if (receiver.narrowWrap === 0 || dss.dataAckOctets !== 8) return undefined;
    if (dataAck >= receiver.narrowWrap) return PASS;
    return dataAck < 0 && dataAck + TWO32 >= receiver.narrowWrap && dataAck + TWO32 <= receiver.sentEnd + 1
      ? broken(
          `IDSN + ${dataAck + TWO32}`,
          '2^32 less',
          'The lower half of the data sequence numbers has wrapped; the Data ACK does not count the upper half up.',
        )
      : undefined;
  }),
  surely('RFC8684-3.3.1-15', 'mapping', (here, { ssn, length }) => {
    const { segment, hasDss } = here;
    if (!hasDss || length === Infinity || length === 0) return undefined;
    if (segment.payloadLength > 0 && ssn < here.ssnEnd && ssn + length > here.ssn) return PASS;
    return broken(
      segment.payloadLength === 0
        ? 'no mapping on a segment without data'
        : `a mapping of some of the octets ${here.ssn} to ${here.ssnEnd - 1}`,
      `a mapping of ${ssn} to ${ssn + length - 1}`,
      'A mapping applies to none of the octets of its segment.',
    );
  }),
  check('RFC8684-3.3.1-a', 'checksum', 'sender', ({ connection, host }, { mapping, valid, expected }) => {
    if (valid) return PASS;
    const wrong = broken(
      `0x${expected.toString(16).padStart(4, '0')}`,
      `0x${mapping.checksum.toString(16).padStart(4, '0')}`,
      'The DSS checksum does not match the data of its mapping.',
      [mapping.frame],
    );
    // The path may have changed the data, unless this is what left the sender.
    return connection.capturedAt === host
      ? wrong
      : inconclusive('a DSS checksum does not match; whether its sender or the path did it, only a capture at the sender tells');
  }),
  surely('RFC8684-3.3.1-b', 'payload', (_, { unmapped }) => (unmapped === 0 ? PASS : undefined)),
  check('RFC8684-3.3.1-b', 'end', 'sender', (here) => {
    const ranges = unexplained(here);
    if (ranges.length === 0) return undefined;
    if (!here.connection.isComplete(here.host)) return inconclusive('a mapping may have been on a packet that was not captured');
    const certain = ranges.filter(({ bare }) => !bare);
    if (certain.length === 0) return inconclusive('data without any MPTCP option: left out by its sender, or removed on the way');
    return broken(
      'a mapping for every octet',
      `octets without one in frame ${certain[0]!.frame}`,
      'Data was sent that no mapping covers.',
      certain.map(({ frame }) => frame).slice(0, 8),
    );
  }),
  rarely('RFC8684-3.3.1-c', 'dss', 'sender', ({ dss }) => {
    if (!dss.hasMapping || dss.dataLevelLength !== 0 || !dss.hasChecksum) return undefined;
    return dss.checksum === 0
      ? PASS
      : broken('checksum 0', `0x${dss.checksum.toString(16)}`, 'An infinite mapping has a checksum other than 0.');
  }),
  check('RFC8684-3.3.1-d', 'end', 'peer', (here) => {
    const { sender, receiver, connection } = here;
    const ranges = unexplained(here);
    if (ranges.length === 0 || sender.mapped === undefined || !sender.mapped.hasHole) return undefined;
    if (receiver.dataAck <= sender.mapped.next) return ranges.some(({ acked }) => acked) ? PASS : undefined;
    if (!connection.isComplete(here.host)) return inconclusive('a mapping may have been on a packet that was not captured');
    return broken(
      `no Data ACK beyond IDSN + ${sender.mapped.next} until a mapping comes`,
      `a Data ACK of IDSN + ${receiver.dataAck}`,
      'Data that has no mapping was acknowledged at the data level.',
      [ranges[0]!.frame, receiver.dataAckFrame],
    );
  }),
  check('RFC8684-3.3.1-e', 'end', 'sender', (here) => {
    const { sender, receiver, connection } = here;
    const { mapped } = sender;
    if (mapped === undefined || connection.fallbackFrame > 0 || !connection.agreed) return undefined;
    if (!mapped.hasHole && mapped.next > 1) return PASS;
    // The DATA_FIN itself is no gap; what comes after it is judged in section 3.3.3.
    const beyond = mapped.next < sender.dataFin && mapped.end > sender.dataFin;
    if (beyond && connection.isComplete(here.host)) {
      return broken(
        `data up to IDSN + ${sender.dataFin - 1}, without a gap`,
        `nothing at IDSN + ${mapped.next}, but data at IDSN + ${mapped.end - 1}`,
        'The data sequence space is mapped with a gap, and beyond its DATA_FIN.',
        [sender.sentEndFrame],
      );
    }
    const received = connection.flows.every((flow) => flow.endOf(here.host).acked >= flow.endOf(here.host).seen.next);
    if (mapped.hasHole && connection.allClosed && connection.isComplete(here.host) && received && receiver.highestDataAck === mapped.next) {
      // What filled it may have waited on a subflow that was reset.
      return {
        kind: 'warn',
        expected: `data at IDSN + ${mapped.next}`,
        seen: `none, but data up to IDSN + ${mapped.end - 1}`,
        message: 'The data sequence space has a gap for which the peer waited to the end.',
        frames: [sender.sentEndFrame],
      };
    }
    return receiver.dataAck > mapped.next
      ? inconclusive('data sequence numbers are missing that may have travelled on a subflow outside the capture')
      : undefined;
  }),
  check('RFC8684-3.3.1-f', 'again', 'sender', (_, { same, dsn }) =>
    same
      ? PASS
      : {
          // A middlebox may have changed either copy: the sender may be innocent.
          kind: 'warn',
          expected: 'the same octets as before',
          seen: 'other octets',
          message: `Data from IDSN + ${dsn} on is sent again with other content.`,
        },
  ),
  rarely('RFC8684-3.3.1-g', 'mapping', 'sender', (here, { mapping, length }) => {
    if (!here.sender.fromIdsn || length === Infinity) return undefined;
    if (here.dsn < 1 && here.hasDss)
      return broken('data from IDSN + 1 on', `a mapping of IDSN + ${here.dsn}`, 'Data is mapped to numbers before the first one.');
    return mapping.dsn === 1 && mapping.frame === here.frame ? PASS : undefined;
  }),
  check('RFC8684-3.3.1-g', 'end', 'sender', (here) => {
    const { sender, connection } = here;
    if (!sender.fromIdsn || sender.mapped === undefined || sender.mapped.next > 1 || sender.sentEnd === 1) return undefined;
    // After a fallback what was lost comes again without a mapping.
    return connection.isComplete(here.host) && connection.fallbackFrame === 0
      ? broken(
          'the first octet at IDSN + 1',
          `data up to IDSN + ${sender.sentEnd - 1}, none at IDSN + 1`,
          'The first octet of data is not mapped to the data sequence number after the IDSN.',
          [sender.sentEndFrame],
        )
      : inconclusive('the first data was not captured');
  }),
];
