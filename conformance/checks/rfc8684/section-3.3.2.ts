/** Section 3.3.2, Data Acknowledgments. */
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import { check, conclude, rarely, surely, suspect } from '../../follow/mptcp/judge.ts';
import type { AnyCheck } from '../../follow/mptcp/judge.ts';
import { SKEW, other } from '../../follow/mptcp/model.ts';
import type { Here } from '../../follow/mptcp/model.ts';

const BEYOND = 'RFC8684-3.3.2-a';

/** Data is sent for the first time: it may have been acknowledged before. A DATA_FIN alone leaves no gap where the first one was missed. */
const sentAtLast = (here: Here, dsn: number): undefined => {
  const acker = other(here.host);
  const early = here.connection.premature[acker].find(({ ack, sent }) => dsn >= sent && dsn < ack);
  // What TCP has acknowledged by now was sent before: the capture missed it, or has it late.
  if (early === undefined || here.sent.acked >= here.ssnEnd) return undefined;
  // Of packets on different paths at almost the same time, the capture need not tell which was first.
  if (early.flow !== here.flow && here.time - early.time < SKEW) return undefined;
  const finding = broken(
    `at most IDSN + ${early.sent}`,
    `a Data ACK of IDSN + ${early.ack}`,
    `What a Data ACK acknowledges is sent for the first time later, in frame ${here.frame}.`,
    [early.frame],
  );
  suspect(here, BEYOND, acker, here.host, finding);
  return undefined;
};

export const section332: readonly AnyCheck[] = [
  check('RFC8684-3.3.2-1', 'dataAck', 'sender', (here) => {
    const { dss, sender, receiver, dataAck, connection } = here;
    // Only an acknowledgement that moves on says how the data it acknowledges was numbered.
    if (dataAck <= sender.dataAck || dataAck <= 1 || receiver.wideEnd === 0) return undefined;
    if (dss.dataAckOctets === 8) {
      // It knows 8 octets, before and after: the 4 octets in between were its own choice.
      if (sender.narrowAcks.length > 0)
        for (const each of sender.narrowAcks.splice(0)) conclude(connection, 'RFC8684-3.3.2-1', here.host, each.frame, each.finding);
      sender.wideAcked = true;
      return PASS;
    }
    if (receiver.wideEnd <= sender.dataAck || receiver.narrowEnd >= dataAck) return undefined;
    const finding = broken(
      'a Data ACK of 8 octets',
      '4 octets',
      `Data that came with data sequence numbers of 8 octets (frame ${receiver.wideFrame}) is acknowledged with 4.`,
      [receiver.wideFrame],
    );
    if (connection.capturedAt === here.host) return finding;
    if (sender.narrowAcks.length < 64) sender.narrowAcks.push({ frame: here.frame, finding });
    // From here on all acknowledgements are short: a path that shortens the numbers on the way looks like this too.
    return { ...finding, kind: 'warn' };
  }),
  surely(BEYOND, 'dataAck', (here, { newer }) => {
    const { receiver, received, dataAck, connection, flow, frame } = here;
    const waiting = connection.premature[here.host];
    if (newer)
      for (const each of waiting) if (each.flow === flow && dataAck < each.ack && !here.isOvertaken) each.contradictedFrame ||= frame;
    const end = Math.max(receiver.sentEnd, receiver.dataFin + 1);
    if (dataAck <= end) return PASS;
    if (connection.fallbackFrame > 0) return undefined;
    // TCP acknowledges what was not captured either, at least not yet: packets are missing or out of order in the capture, not on the wire.
    if (!received.known || (received.finAt >= 0 ? Math.min(here.acked, received.finAt) : here.acked) > received.seen.next) return undefined;
    // More may have been sent than the capture shows: judged when it is contradicted, or the connection ends.
    if (waiting.length < 64) waiting.push({ ack: dataAck, sent: end, frame, time: here.time, flow, contradictedFrame: 0 });
    return undefined;
  }),
  rarely(BEYOND, 'mapping', 'peer', (here, { mapping }) => (mapping.frame === here.frame ? sentAtLast(here, here.dsn) : undefined)),
  check(BEYOND, 'end', 'sender', (here) => {
    const { connection, receiver } = here;
    for (const { ack, sent, frame, contradictedFrame } of connection.premature[here.host]) {
      const afterTheEnd = receiver.dataFin >= 0 && ack > receiver.dataFin + 1;
      const outOfSpace = ack > receiver.sentEnd + 2 ** 31;
      const judgement =
        contradictedFrame > 0 || afterTheEnd || outOfSpace
          ? broken(
              `at most IDSN + ${sent}`,
              `a Data ACK of IDSN + ${ack}`,
              contradictedFrame > 0
                ? `Data is acknowledged that was not sent; frame ${contradictedFrame} takes it back.`
                : 'Data is acknowledged that was never sent.',
              contradictedFrame > 0 ? [frame, contradictedFrame] : [frame],
            )
          : inconclusive('data is acknowledged that may have travelled on a subflow outside the capture');
      conclude(connection, BEYOND, here.host, frame, judgement);
    }
    return undefined;
  }),
  check('RFC8684-3.3.2-b', 'dataAck', 'sender', (here, { previous, newer }) => {
    if (here.dataAck < 1 && here.receiver.fromIdsn && here.dss.dataAckOctets === 8) {
      // The first octet of data follows the IDSN: nobody ever expects less.
      return broken('at least IDSN + 1', `IDSN + ${here.dataAck}`, 'The Data ACK lies before the first octet of data.');
    }
    if (previous < 0 || !newer) return undefined;
    if (here.dataAck < previous && here.isOvertaken) return undefined;
    return here.dataAck >= previous
      ? PASS
      : broken(
          `at least IDSN + ${previous}`,
          `IDSN + ${here.dataAck}`,
          'The Data ACK goes back, on the same subflow and with nothing reordered.',
          [here.sent.lastDataAckFrame],
        );
  }),
];
