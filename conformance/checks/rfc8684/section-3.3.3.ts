/** Section 3.3.3, Closing a Connection: the DATA_FIN and the FINs of subflows. */
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import { addressIdOf } from '../../follow/mptcp/addresses.ts';
import { check, rarely, suspect } from '../../follow/mptcp/judge.ts';
import { other } from '../../follow/mptcp/model.ts';
import type { AnyCheck } from '../../follow/mptcp/judge.ts';
import type { Connection, Here, Index } from '../../follow/mptcp/model.ts';
import { NEW } from '../../../state-machines/mptcp/mappings.ts';

const TOO_MUCH_OUTSTANDING_DATA = 4;

const bothFinsAcknowledged = ({ hosts }: Connection): boolean => hosts[0].dataFinAckedFrame > 0 && hosts[1].dataFinAckedFrame > 0;

/**
 * Whether a host has sent a FIN or a RST on every subflow, or its peer has reset it. A join whose third packet has been sent may be
 * established where that packet has come, although the capture does not show it yet.
 */
const closesTheLast = (here: Here): boolean =>
  here.connection.flows.every(
    (flow) => flow.closed || flow.endOf(here.host).finAt >= 0 || (!flow.established && (flow.join?.ackFrame ?? 0) === 0),
  );

/** Whether an address of this subflow has been removed, by either host. */
const isWithdrawn = ({ connection, flow }: Here): boolean =>
  connection.hosts.some(({ addresses }, host) => {
    const id = addressIdOf(flow, host as Index);
    return addresses.some((each) => each.id === id && each.removedFrame > 0);
  });

/**
 * Whether the opener of a join may never have had the ACK of its third packet: it has neither acknowledged anything of the acceptor's since nor sent a DSS, which waits for that ACK
 * (section 3.2). What gives up then was no subflow to it.
 */
const mayBePreEstablished = ({ flow, side, sent, received }: Here): boolean =>
  flow.join !== undefined && side === 0 && sent.dssFrame === 0 && received.acked <= 1;

export const section333: readonly AnyCheck[] = [
  check('RFC8684-3.3.3-1', 'dataFin', 'sender', ({ segment, dss, hasDss }) => {
    if (segment.payloadLength > 0 || !hasDss) return undefined;
    return dss.subflowSequence === 0 && dss.dataLevelLength === 1
      ? PASS
      : broken(
          'SSN 0 and Data-Level Length 1',
          `SSN ${dss.subflowSequence} and Data-Level Length ${dss.dataLevelLength}`,
          'A DATA_FIN on a segment without data is mapped otherwise.',
        );
  }),
  check('RFC8684-3.3.3-2', 'fin', 'sender', (here) => {
    const { connection, sender, receiver } = here;
    if (!connection.agreed || connection.fallbackFrame > 0 || !closesTheLast(here)) return undefined;
    // The segment with the DATA_FIN may be the only one outstanding.
    if (
      receiver.dataAck >= sender.sentEnd ||
      (sender.dataFin >= 0 && sender.dataFinFrame === sender.sentEndFrame && receiver.dataAck >= sender.dataFinFrom)
    )
      return PASS;
    // Regular TCP, as an MP_FAIL asks for, has no Data ACKs to wait for.
    if (connection.isFailing) return undefined;
    // A Data ACK that comes later than this and is still short of it shows it; one that the capture missed would not.
    sender.closedEarly = {
      frame: here.frame,
      end: sender.sentEnd,
      behind: connection.captureLost(other(here.host)),
      finding: broken(
        `a Data ACK of IDSN + ${sender.sentEnd} first`,
        `the last Data ACK is IDSN + ${Math.max(0, receiver.dataAck)}`,
        'The last subflow is closed while data has not been acknowledged at the data level.',
        [sender.sentEndFrame, here.frame],
      ),
    };
    return undefined;
  }),
  rarely('RFC8684-3.3.3-2', 'dataAck', 'peer', (here, { newer }) => {
    const { connection, receiver, received, acked } = here;
    const early = receiver.closedEarly;
    if (early === undefined) return undefined;
    // Data ACKs never go back: what still acknowledges less was sent before any that the capture may have missed.
    const after = received.finAt >= 0 && acked > received.finAt;
    if (here.dataAck < early.end && !after && (connection.flows.length > 1 || !newer || here.isOvertaken)) return undefined;
    receiver.closedEarly = undefined;
    if (here.dataAck >= early.end || (early.behind && !after))
      return inconclusive('whether the FIN or the Data ACK of the last data was first, the capture does not show');
    if (after) return early.finding;
    suspect(here, 'RFC8684-3.3.3-2', other(here.host), other(here.host), early.finding);
    return undefined;
  }),
  check('RFC8684-3.3.3-2', 'end', 'sender', ({ sender }) =>
    sender.closedEarly === undefined ? undefined : inconclusive('the Data ACK of the last data was not captured'),
  ),
  check('RFC8684-3.3.3-3', 'rst', 'sender', (here, { reason }) => {
    const { connection, sender, sent, received, flow } = here;
    if (!bothFinsAcknowledged(connection) || connection.fastcloseFrame > 0 || !flow.established || received.rstFrame > 0) return undefined;
    // MAY: data that waits on this subflow, and was acknowledged over another, need not be sent (l.1605).
    if (reason?.reason === TOO_MUCH_OUTSTANDING_DATA || sent.acked < sent.sentEnd) return undefined;
    // Subflows of an address that was removed may be reset (section 3.4.2).
    if (isWithdrawn(here)) return undefined;
    // What comes again late may be damaged: its checksum fails, and the subflow must be reset (section 3.7).
    if (sender.lastMpFailFrame === here.frame) return undefined;
    if (sent.finAt < 0 && (sent.rstAnswers || connection.captureLost(here.host))) return inconclusive('the FIN may not have been captured');
    if (mayBePreEstablished(here)) return inconclusive('whether the ACK of the third packet had come, the capture does not show');
    return sent.finAt >= 0
      ? undefined
      : broken('a FIN', 'a RST', 'Both DATA_FINs are acknowledged, and the subflow is reset rather than closed with a FIN.', [
          Math.max(connection.hosts[0].dataFinAckedFrame, connection.hosts[1].dataFinAckedFrame),
        ]);
  }),
  check('RFC8684-3.3.3-3', 'fin', 'sender', ({ connection, sender }) =>
    sender.dataFinAckedFrame > 0 && connection.fallbackFrame === 0 ? PASS : undefined,
  ),
  check('RFC8684-3.3.3-4', 'end', 'sender', ({ connection, host }, { ended }) => {
    if (!bothFinsAcknowledged(connection) || connection.fastcloseFrame > 0) return undefined;
    const open = connection.flows.filter(
      (flow) => flow.established && flow.endOf(host).finAt < 0 && flow.ends.every((end) => end.rstFrame === 0),
    );
    if (open.length === 0) return connection.flows.some((flow) => flow.endOf(host).finAt >= 0) ? PASS : undefined;
    return ended
      ? broken('a FIN on every subflow', `none on ${open.length} of them`, 'A subflow was left open.')
      : inconclusive('the capture ends before every subflow was closed');
  }),
  check('RFC8684-3.3.3-a', 'dataFin', 'sender', (here, { at }) => {
    const { sender } = here;
    if (sender.dataFin >= 0 && at !== sender.dataFin) {
      return broken(
        `IDSN + ${sender.dataFin}`,
        `IDSN + ${at}`,
        `The DATA_FIN has another data sequence number than in frame ${sender.dataFinFrame}.`,
        [sender.dataFinFrame],
      );
    }
    if (at < sender.sentEnd && sender.sentEndFrame > 0) {
      return broken(
        `IDSN + ${sender.sentEnd}`,
        `IDSN + ${at}`,
        `The DATA_FIN comes before data that is already mapped (frame ${sender.sentEndFrame}).`,
        [sender.sentEndFrame],
      );
    }
    return at === sender.sentEnd ? PASS : undefined;
  }),
  check('RFC8684-3.3.3-a', 'end', 'sender', (here) => {
    const { sender, connection, receiver } = here;
    if (sender.dataFin < 0 || connection.fallbackFrame > 0) return undefined;
    const end = Math.min(sender.mapped?.next ?? 1, sender.stream?.seen.next ?? 1);
    if (end >= sender.dataFin) return PASS;
    if (sender.mapped?.hasHole || !connection.isComplete(here.host)) return undefined;
    // A DATA_FIN may overtake data that still waits on its subflow: only subflows that were closed in order have nothing left to send, and
    // a peer that acknowledges one more than the data took the DATA_FIN for what follows it.
    const nothingLeft = connection.flows.every(
      (flow) => !flow.established || (flow.endOf(here.host).finAt >= 0 && flow.ends.every((each) => each.rstFrame === 0)),
    );
    if ((!nothingLeft || connection.captureLost(other(here.host))) && receiver.highestDataAck !== end + 1) return undefined;
    // Nothing lies between the data and its end.
    return receiver.highestDataAck <= end + 1
      ? broken(`IDSN + ${end}`, `IDSN + ${sender.dataFin}`, 'The DATA_FIN does not follow the last octet of data.', [sender.dataFinFrame])
      : inconclusive('data before the DATA_FIN may have travelled on a subflow outside the capture');
  }),
  rarely('RFC8684-3.3.3-c', 'dataAck', 'sender', (here) => {
    const { receiver, sender, dataAck, connection } = here;
    if (receiver.dataFin < 0 || dataAck !== receiver.dataFin + 1 || sender.dataAck >= dataAck) return undefined;
    if (connection.fallbackFrame > 0) return undefined;
    const missing = receiver.stream === undefined ? receiver.dataFin > 1 : receiver.stream.seen.next < receiver.dataFin;
    if (!missing) return PASS;
    sender.dataFinAckedEarlyFrame ||= here.frame;
    return inconclusive('some of the data before the DATA_FIN was not captured');
  }),
  rarely('RFC8684-3.3.3-c', 'mapping', 'peer', (here, { mapping, status, ssn }) => {
    const { sender, receiver, sent, frame } = here;
    const early = receiver.dataFinAckedEarlyFrame;
    if (early === 0 || status !== NEW || mapping.frame !== frame || here.dsn >= sender.dataFin || sent.acked > ssn || here.retransmission)
      return undefined;
    receiver.dataFinAckedEarlyFrame = 0;
    return {
      // A subflow outside the capture may have carried it before.
      kind: 'warn',
      expected: `no Data ACK of the DATA_FIN before IDSN + ${here.dsn} has come`,
      seen: `one in frame ${early}`,
      message: 'A DATA_FIN is acknowledged before data that comes before it was sent.',
      frames: [early],
    };
  }),
  check('RFC8684-3.3.3-d', 'fin', 'sender', ({ connection, hasDss, dss, host, flow }) => {
    if (!hasDss || !dss.dataFin) return undefined;
    const outstanding = connection.flows.find(
      (each) => each !== flow && !each.closed && each.established && each.endOf(host).acked < each.endOf(host).sentEnd,
    );
    if (outstanding === undefined) return PASS;
    return broken(
      'FIN and DATA_FIN apart',
      'both on one packet',
      `Data is outstanding on subflow ${outstanding.index}, and FIN and DATA_FIN are combined.`,
    );
  }),
];
