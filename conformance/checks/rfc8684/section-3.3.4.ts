/** Sections 3.3.4 to 3.3.6: the shared receive window at both ends, and what is sent again. */
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import { check, rarely, suspect } from '../../follow/mptcp/judge.ts';
import type { AnyCheck } from '../../follow/mptcp/judge.ts';
import { other } from '../../follow/mptcp/model.ts';
import type { Connection, Index } from '../../follow/mptcp/model.ts';

const SUBFLOWS = 32;

/** The largest of the windows that a host has open on its subflows. */
const widestWindow = ({ flows }: Connection, host: Index): number => {
  let widest = 0;
  for (let i = 0; i < flows.length && i < SUBFLOWS; i += 1) {
    const flow = flows[i]!;
    if (!flow.closed && flow.endOf(host).openWindow > widest) widest = flow.endOf(host).openWindow;
  }
  return widest;
};

/** Whether the scale of each window that a host advertises is known: without both SYNs it is not. */
const knowsWindows = ({ flows }: Connection, host: Index): boolean => flows.every((flow) => flow.closed || flow.endOf(host).shift >= 0);

export const section334: readonly AnyCheck[] = [
  check('RFC8684-3.3.4-1', 'dataAck', 'sender', (here, { newer }) => {
    const { sent, sender, dataAck, connection, host } = here;
    if (sent.window < 0 || connection.fallbackFrame > 0) return undefined;
    const edge = dataAck + sent.window;
    // A window travels in units of 2^shift octets: its edge may move back by less than one (RFC 7323 section 2.4).
    const unit = 1 << Math.max(0, sent.shift);
    const before = sent.rightEdge;
    if (edge > before) {
      sent.rightEdge = edge;
    }
    // The sender may count from this Data ACK with the largest of the most recent windows (section 3.3.5, l.1698).
    if (dataAck + sender.largestWindow > sender.rightEdge) {
      const widest = dataAck + widestWindow(connection, host);
      if (widest > sender.rightEdge) sender.rightEdge = widest;
    }
    if (!newer || (edge + unit <= before && here.isOvertaken)) return undefined;
    return edge + unit > before
      ? PASS
      : broken(`a right edge of at least IDSN + ${before}`, `IDSN + ${edge}`, 'The right edge of the receive window moves back.');
  }),
  check('RFC8684-3.3.5-a', 'payload', 'sender', (here, { mapped }) => {
    const { receiver, sender, segment, sent } = here;
    if (mapped === 0 || receiver.rightEdge < 0 || here.retransmission) return undefined;
    const mapping = sent.mappings.find(here.ssn);
    if (mapping === undefined || here.connection.fallbackFrame > 0) return undefined;
    const end = mapping.dsn + (here.ssn - mapping.ssn) + segment.payloadLength;
    // A zero window is probed with one octet (RFC 9293 section 3.8.6.1).
    if (end <= receiver.rightEdge || segment.payloadLength === 1 || end <= sender.sentEndBefore) return PASS;
    if (!knowsWindows(here.connection, other(here.host))) return undefined;
    // An ACK that opened the window may have been missed: what the receiver of this data advertises next tells.
    if (sent.beyond === undefined || sent.beyond.end < end)
      sent.beyond = { frame: here.frame, end, ssnEnd: here.ssnEnd, rightEdge: receiver.rightEdge, dataAck: receiver.dataAck };
    return undefined;
  }),
  rarely('RFC8684-3.3.5-a', 'dataAck', 'peer', (here) => {
    const { received, sent, connection, host } = here;
    const { beyond } = received;
    if (beyond === undefined || here.acked < beyond.ssnEnd || sent.window < 0) return undefined;
    received.beyond = undefined;
    const edge = here.dataAck + widestWindow(connection, host);
    // The right edge never moves back: one that lies before this data now lay before it when the data was sent.
    if (edge + (1 << Math.max(0, sent.shift)) > beyond.end) return inconclusive('the ACK that opened the receive window was not captured');
    const finding = broken(
      `data up to IDSN + ${beyond.rightEdge}`,
      `data up to IDSN + ${beyond.end}`,
      'Data is sent beyond the receive window that the peer advertised, and that still ends before it when the data is acknowledged.',
      [beyond.frame],
    );
    // Some middleboxes change windows (l.1691), and Linux adds a new Data ACK to the window of the segment before: only what no window
    // that the peer ever advertised allows is laid on the sender.
    const largest = connection.flows.reduce((most, flow) => Math.max(most, flow.endOf(host).largestWindow), 0);
    suspect(
      here,
      'RFC8684-3.3.5-a',
      other(host),
      other(host),
      beyond.end <= beyond.dataAck + largest ? { ...finding, kind: 'warn' } : finding,
    );
    return undefined;
  }),
  check('RFC8684-3.3.6-1', 'again', 'sender', (here, { same }) => {
    if (same && !here.retransmission) here.sender.reinjectedFrame ||= here.frame;
    return undefined;
  }),
  check('RFC8684-3.3.6-1', 'end', 'sender', ({ connection, host, sender }) => {
    if (sender.reinjectedFrame === 0) return undefined;
    const left = connection.flows.find(
      (flow) => flow.established && !flow.ends.some((end) => end.rstFrame > 0) && flow.endOf(host).acked < flow.endOf(host).sentEnd,
    );
    return left === undefined
      ? PASS
      : { kind: 'inconclusive', message: `the capture ends before all data of subflow ${left.index} was acknowledged on it` };
  }),
];
