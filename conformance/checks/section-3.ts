/** Section 3, MPTCP Operations: how many duplicate ACKs may carry MPTCP signals. */
import { PASS, broken } from '../follow/evidence.ts';
import { check } from '../follow/judge.ts';
import type { AnyCheck } from '../follow/judge.ts';

const NOT_A_PURE_ACK = 1 | 2 | 4;

export const section3: readonly AnyCheck[] = [
  check('RFC8684-3-2', 'segment', 'sender', (here) => {
    const { sent, segment, signals } = here;
    const { acknowledgment, window } = segment;
    const duplicate =
      segment.payloadLength === 0 &&
      (segment.flags & NOT_A_PURE_ACK) === 0 &&
      acknowledgment === sent.lastAck &&
      window === sent.lastWindow;
    sent.lastAck = acknowledgment;
    sent.lastWindow = window;
    // A Data ACK may well travel on a duplicate ACK (section 4): only other signals count.
    if (!duplicate || signals === 0) {
      sent.signalRun = 0;
      return undefined;
    }
    sent.signalRun += 1;
    return sent.signalRun <= 2
      ? PASS
      : broken('at most 2 in a row', `${sent.signalRun}`, 'More than two duplicate ACKs in a row carry MPTCP options alone.');
  }),
];
