/** Section 3, MPTCP Operations: how many duplicate ACKs may carry MPTCP signals. */
import { PASS, broken } from '../../follow/evidence.ts';
import { rarely } from '../../follow/mptcp/judge.ts';
import type { AnyCheck } from '../../follow/mptcp/judge.ts';

export const section3: readonly AnyCheck[] = [
  rarely('RFC8684-3-2', 'segment', 'sender', (here) => {
    const { sent } = here;
    // A Data ACK may well travel on a duplicate ACK (section 4): only other signals count.
    if (!here.duplicateAck || here.signals === 0) {
      sent.signalRun = 0;
      return undefined;
    }
    sent.signalRun += 1;
    return sent.signalRun <= 2
      ? PASS
      : broken('at most 2 in a row', `${sent.signalRun}`, 'More than two duplicate ACKs in a row carry MPTCP options alone.');
  }),
];
