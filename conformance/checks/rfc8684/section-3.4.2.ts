/** Section 3.4.2, Remove Address: REMOVE_ADDR, and what becomes of the subflows of an address that was removed. */
import { addressIdOf, isPartial } from '../../follow/mptcp/addresses.ts';
import { PASS, broken, gravest, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/mptcp/judge.ts';
import type { Check } from '../../follow/mptcp/judge.ts';
import { other } from '../../follow/mptcp/model.ts';
import type { Connection, Flow, Here, Index, KnownAddress } from '../../follow/mptcp/model.ts';

const REMOVE_ADDR = 4;
/** A subflow that is still in use this long after its address was removed was not closed with it, in ms. */
const CLOSING = 3000;

/** The removal of a host's address on a subflow, where that was open when it came. */
const removalOf = (connection: Connection, flow: Flow, host: Index): KnownAddress | undefined => {
  const id = addressIdOf(flow, host);
  const removed = connection.hosts[host].addresses.find((each) => each.id === id && each.removedFrame > flow.firstFrame);
  if (removed === undefined || !flow.established) return undefined;
  const closedBefore = flow.ends.some(
    ({ rstFrame, finFrame }) => (rstFrame > 0 && rstFrame < removed.removedFrame) || (finFrame > 0 && finFrame < removed.removedFrame),
  );
  return closedBefore ? undefined : removed;
};

/** Whether data was acknowledged on a subflow after a time, in either direction: it works. */
const workedAfter = (flow: Flow, time: number): boolean => flow.ends.some((end) => end.dataFrame > 0 && end.ackedTime > time);

const ofSender = (here: Here, flow: Flow): Judgement => {
  const removed = removalOf(here.connection, flow, here.host);
  if (removed === undefined) return undefined;
  const sent = flow.endOf(here.host);
  if (sent.rstFrame > 0) return PASS;
  // A subflow that works is closed with FINs (l.2114); one that its peer has reset needs nothing more.
  if (sent.finFrame > 0 || flow.endOf(other(here.host)).rstFrame > 0) return undefined;
  if (flow.lastTime - (removed.removedTime ?? 0) < CLOSING)
    return inconclusive('the capture ends before the subflows of the removed address could be expected to be closed');
  return broken(
    'a RST, or FINs',
    `segments up to frame ${flow.lastFrame}`,
    `The subflow ${flow.textOf(0)} > ${flow.textOf(1)} stays in use after its address, Address ID ${removed.id}, was removed.`,
    [removed.removedFrame, flow.lastFrame],
  );
};

export const section342: readonly Check[] = [
  check('RFC8684-3.4.2-8', 'rst', 'sender', ({ connection, flow }) =>
    removalOf(connection, flow, 0) !== undefined || removalOf(connection, flow, 1) !== undefined ? PASS : undefined,
  ),
  check('RFC8684-3.4.2-8', 'end', 'sender', (here) => gravest(here.connection.flows.map((flow) => ofSender(here, flow)))),
  check('RFC8684-3.4.2-9', 'fin', 'sender', ({ connection, flow, host }) =>
    removalOf(connection, flow, host) === undefined ? undefined : PASS,
  ),
  check('RFC8684-3.4.2-9', 'rst', 'sender', ({ connection, flow, host, sent }) => {
    const removed = removalOf(connection, flow, host);
    if (removed === undefined || sent.finFrame > 0) return undefined;
    const { removedFrame, removedTime = 0 } = removed;
    if (!workedAfter(flow, removedTime))
      return inconclusive('whether the subflow of the removed address still worked when it was reset is not on the wire');
    // The same section asks for a RST (l.2104): hence no more than a warning.
    return {
      kind: 'warn',
      expected: 'FINs on a subflow that still works',
      seen: 'a RST',
      message: `Data was still acknowledged on the subflow after REMOVE_ADDR (frame ${removedFrame}); it is reset all the same.`,
      frames: [removedFrame],
    };
  }),
  check('RFC8684-3.4.2-a', 'removeAddr', 'sender', (here, { option }) => {
    const { connection, sender, host } = here;
    const used = (id: number): boolean =>
      id === 0 || sender.addresses.some((each) => each.id === id) || connection.flows.some((flow) => addressIdOf(flow, host) === id);
    const unknown = option.addressIds.filter((id) => !used(id));
    if (unknown.length === 0) return PASS;
    const ids = unknown.join(', ');
    if (isPartial(connection)) return inconclusive(`Address ID ${ids} may have been announced or used where the capture has gaps`);
    return broken(
      'Address IDs that were announced or used',
      `Address ID ${ids}`,
      `REMOVE_ADDR names Address ID ${ids}, which was neither announced nor used before.`,
    );
  }),
  check('RFC8684-3.4.2-b', 'removeAddr', 'sender', () => PASS),
  check('RFC8684-3.4.2-b', 'malformed', 'sender', (_, { subtype, length, error }) =>
    subtype === REMOVE_ADDR ? broken('Length 4 or more: 3 and one for each Address ID', `Length ${length}`, error.message) : undefined,
  ),
  check('RFC8684-3.4.2-c', 'removeAddr', 'sender', (_, { option }) =>
    option.reserved === 0
      ? PASS
      : broken('reserved bits 0', `0b${option.reserved.toString(2).padStart(4, '0')}`, 'Reserved bits are set in a REMOVE_ADDR.'),
  ),
];
