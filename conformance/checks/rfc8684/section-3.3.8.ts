/** Section 3.3.8, Subflow Policy: MP_PRIO, and whether backup subflows stay unused while others work. */
import { PASS, broken } from '../../follow/evidence.ts';
import { check, rarely } from '../../follow/mptcp/judge.ts';
import type { Check } from '../../follow/mptcp/judge.ts';
import { other } from '../../follow/mptcp/model.ts';
import type { Flow, Here } from '../../follow/mptcp/model.ts';

const MP_PRIO = 5;
/** An MP_PRIO binds what is sent once it has arrived, in ms: by then it has, and what was queued before has left. */
const NOTICE = 1000;
/** A subflow on which nothing new is acknowledged for this long may seem to have failed, in ms: the shortest retransmission timeout in use. */
const STALLED = 200;

/** Whether the sender of the segment at hand could as well use this subflow: open, no backup, and not stalled. */
const isUsable = (here: Here, flow: Flow): boolean => {
  if (!flow.established || flow.closed) return false;
  const sent = flow.endOf(here.host);
  const received = flow.endOf(other(here.host));
  if (received.backup || !sent.known || sent.finAt >= 0 || received.finAt >= 0) return false;
  return sent.sentEnd <= sent.acked || here.time - sent.ackedTime < STALLED;
};

export const section338: readonly Check[] = [
  rarely('RFC8684-3.3.8-1', 'payload', 'sender', (here) => {
    if (!here.receiver.asksBackup || here.retransmission) return undefined;
    const { connection, received, flow, time } = here;
    if (!received.backup) return PASS;
    if (received.backupTime > 0 && time - received.backupTime < NOTICE) return undefined;
    for (const each of connection.flows) {
      if (each === flow || !isUsable(here, each)) continue;
      return broken(
        'no data on a backup subflow while another one can be used',
        `${here.segment.payloadLength} octets on ${flow.textOf(0)} > ${flow.textOf(1)}`,
        `The receiver asked for this subflow to be a backup (frame ${received.backupFrame}), and ${each.textOf(0)} > ${each.textOf(1)}, which is none, works.`,
        [here.frame, received.backupFrame],
      );
    }
    return PASS;
  }),
  check('RFC8684-3.3.8-a', 'prio', 'sender', () => PASS),
  check('RFC8684-3.3.8-a', 'malformed', 'sender', ({ connection }, { subtype, length, error }) =>
    subtype === MP_PRIO ? broken(connection.version === 0 ? 'Length 3 or 4' : 'Length 3', `Length ${length}`, error.message) : undefined,
  ),
  check('RFC8684-3.3.8-b', 'prio', 'sender', (_, { option }) =>
    option.reserved === 0
      ? PASS
      : broken('reserved bits 0', `0b${option.reserved.toString(2).padStart(3, '0')}`, 'Reserved bits are set in an MP_PRIO.'),
  ),
];
