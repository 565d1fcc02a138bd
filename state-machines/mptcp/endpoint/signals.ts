/**
 * Signals beside the data: addresses (RFC 8684 section 3.4), priorities (3.3.8), why a subflow is reset (3.6), MP_FASTCLOSE (3.5), and
 * how a connection falls back (3.7).
 */
import { addAddrHmac } from '../../../codecs/mptcp/index.ts';
import type { AddAddr, MpFail, MptcpOption, RemoveAddr } from '../../../codecs/mptcp/index.ts';
import { equalBytes } from '../../../codecs/bytes.ts';
import type { SegmentOption } from '../segment.ts';
import type { Core } from './core.ts';
import type { ChecksumFailure } from './deliver.ts';
import type { SubflowEnd } from './settings.ts';
import type { Subflow } from './subflow.ts';
import { infiniteMapping, putRst, reasonOf, sendAck } from './transmit.ts';

/** Reasons of MP_TCPRST (section 3.6). */
export const REASON = {
  unspecified: 0,
  mptcpError: 1,
  resources: 2,
  prohibited: 3,
  outstanding: 4,
  performance: 5,
  middlebox: 6,
} as const;

/** How often an ADD_ADDR is repeated until its echo comes. */
const ANNOUNCEMENTS = 4;

/** A subflow is no more; what it had is sent on others. */
export const endSubflow = (core: Core, subflow: Subflow, how: SubflowEnd, reason?: number): void => {
  if (subflow.isGone) return;
  subflow.end = how;
  subflow.joinAckDue = Infinity;
  subflow.timeWaitEnds = Infinity;
  subflow.ackDue = Infinity;
  subflow.ackNow = false;
  const had = [...subflow.send.outstanding()].map(({ content }) => content.segment);
  subflow.send.drop();
  core.receiving.queue.forget(subflow.number);
  if (!core.isPlain) {
    for (const segment of had) if (segment !== undefined) core.sending.reinject(segment);
    // What it had acknowledged at the subflow level only is due as well, once nobody else has it.
    core.staleDue = Math.min(core.staleDue, core.now + subflow.send.rtt.rto);
  }
  if (subflow.context.refusal === 'unknownToken') return; // it never was one of this connection
  core.notice({ type: 'subflowClosed', subflow: subflow.number, how, ...(reason !== undefined && { reason }) });
};

/** Whether all subflows are gone. */
const isLast = ({ subflows }: Core): boolean => subflows.every(({ isGone }) => isGone);

/** Tells the connection that its last subflow is gone. */
export const noteLast = (core: Core, how: SubflowEnd): void => {
  if (!isLast(core) || core.context.state === 'M_CLOSED') return;
  core.feed({ type: how === 'rstReceived' ? 'receiveRst' : 'allSubflowsClosed' });
};

/** Sends a RST with these options, and the subflow is no more. */
export const resetSubflow = (core: Core, subflow: Subflow, options: readonly SegmentOption[], how: SubflowEnd = 'rstSent'): void => {
  if (subflow.isGone) return;
  putRst(core, subflow, options);
  core.feedTcp(subflow, { type: 'sendRst' });
  core.feedSubflow(subflow, { type: 'sendRst' });
  core.feed({ type: 'sendRst' }, subflow);
  const reason = options.find((option) => option.kind === 'MP_TCPRST');
  endSubflow(core, subflow, how, reason?.reason);
  noteLast(core, how);
};

/** An ADD_ADDR that has come (section 3.4.1); one whose HMAC is wrong is ignored. */
const receiveAddAddr = (core: Core, subflow: Subflow, option: AddAddr): void => {
  const { local, remote } = core;
  if (local === undefined || remote === undefined) return;
  const { addressId, address, port } = option;
  if (option.version === 1 && option.echo) {
    const at = core.announcements.findIndex((each) => each.id === addressId && equalBytes(each.address, address) && each.port === port);
    if (at < 0 || core.announcements[at]!.due === Infinity) return;
    core.announcements[at]!.due = Infinity;
    core.notice({ type: 'addressEchoed', id: addressId });
    return;
  }
  if (option.version === 1) {
    const expected = addAddrHmac(remote.key, local.key, addressId, address, port);
    if (option.truncatedHmac === undefined || !equalBytes(option.truncatedHmac, expected)) return;
    const { truncatedHmac: _, ...echo } = option;
    core.signal(subflow, { ...echo, echo: true, reserved: 0 });
  }
  core.notice({ type: 'addressAdded', id: addressId, address, ...(port !== undefined && { port }) });
};

/** A REMOVE_ADDR: subflows of these addresses of the peer are closed; ids that are not known are ignored (section 3.4.2). */
const receiveRemoveAddr = (core: Core, { addressIds }: RemoveAddr): void => {
  core.notice({ type: 'addressRemoved', ids: addressIds });
  for (const subflow of core.up)
    if (addressIds.includes(subflow.peerAddressId)) resetSubflow(core, subflow, reasonOf(core, REASON.unspecified));
};

/** MP_FAIL (section 3.7): on a RST it says from where on the subflow's data was not taken. */
const receiveMpFail = (core: Core, subflow: Subflow, { dataSequenceNumber }: MpFail, rst: boolean): void => {
  const { local, sending } = core;
  if (local === undefined) return;
  const number = local.relative(dataSequenceNumber, 8, sending.acknowledged);
  if (!rst && !core.isPlain) {
    // Everything that is outstanding must follow on this subflow without a gap; else only another subflow can carry it.
    if (!isContiguous(core, subflow)) {
      resetSubflow(core, subflow, reasonOf(core, REASON.middlebox));
      return;
    }
    // An answer to this host's own, or one that has crossed it, names anything: the fallback is agreed, and what this host sends says so, too.
    core.infiniteFrom = core.context.mpFailSent ? sending.acknowledged : Math.min(sending.acknowledged, Math.max(1, number));
    core.lastSignals = true;
  }
  const again = core.isPlain && !rst && core.lastSignals && core.context.cause === 'mpFail' && !core.context.mpFailSent;
  core.feed({ type: 'receiveMpFail', rst }, subflow);
  if (again) answerMpFail(core, subflow);
};

/** Whether what is sent and not acknowledged is all on this subflow, in one piece; others that are up carry nothing of it. */
const isContiguous = (core: Core, subflow: Subflow): boolean => {
  for (const segment of core.sending.unacknowledged())
    if (segment.carriers.length !== 1 || segment.carriers[0] !== subflow.number) return false;
  return true;
};

/** The MP_FAIL and the infinite mapping that answer an MP_FAIL; where data follows, the mapping goes with it, too. */
export const answerMpFail = (core: Core, subflow: Subflow): void => {
  sendMpFail(core, subflow);
  if (core.may({ type: 'sendInfiniteMapping' })) {
    core.feed({ type: 'sendInfiniteMapping' }, subflow);
    sendAck(core, subflow, infiniteMapping(core, subflow));
  }
};

/** MP_FAIL on an acknowledgment, about the number that is expected, or that failed. */
export const sendMpFail = (core: Core, subflow: Subflow): void => {
  if (core.remote === undefined || !core.may({ type: 'sendMpFail', rst: false })) return;
  core.feed({ type: 'sendMpFail', rst: false }, subflow);
  const number = core.failedAt >= 0 ? core.failedAt : core.receiving.next;
  sendAck(core, subflow, [{ kind: 'MP_FAIL', dataSequenceNumber: core.remote.wire(number, 8), reserved: 0 }]);
};

/** A DSS checksum has failed (section 3.7). */
export const checksumFailed = (core: Core, subflow: Subflow, { dsn, ssn, payload }: ChecksumFailure): void => {
  if (subflow.isGone || core.remote === undefined) return;
  // Another one that only waits for an acknowledgment of its third packet may be up at the peer.
  const alone = core.subflows.every((each) => each === subflow || each.isGone || (!each.isUp && each.context.state !== 'PRE_ESTABLISHED'));
  // All that is in flight follows without a gap: nothing was ever sent elsewhere, or it is the very next.
  const contiguous = core.subflows.length === 1 || dsn === core.receiving.next;
  if (alone && contiguous && subflow.suspendedAt === Infinity) {
    subflow.suspendedAt = ssn;
    subflow.unmapped.push({ ssn, payload });
    core.failedAt = dsn;
    sendMpFail(core, subflow);
    return;
  }
  const failure = { kind: 'MP_FAIL', dataSequenceNumber: core.remote.wire(dsn, 8), reserved: 0 } as const;
  core.feed({ type: 'sendMpFail', rst: true }, subflow);
  resetSubflow(core, subflow, [...reasonOf(core, REASON.middlebox), failure]);
};

/** Takes the signals of a segment, in their order; false where the subflow, or the connection, has ended by one. */
export const receiveSignals = (core: Core, subflow: Subflow, options: readonly SegmentOption[], rst: boolean): boolean => {
  for (const option of options) if (isSignal(option)) receiveSignal(core, subflow, option, rst);
  return !subflow.isGone;
};

type Signal = Extract<MptcpOption, { kind: 'ADD_ADDR' | 'REMOVE_ADDR' | 'MP_PRIO' | 'MP_FAIL' | 'MP_FASTCLOSE' }>;
const SIGNALS = new Set<SegmentOption['kind']>(['ADD_ADDR', 'REMOVE_ADDR', 'MP_PRIO', 'MP_FAIL', 'MP_FASTCLOSE']);
const isSignal = (option: SegmentOption): option is Signal => SIGNALS.has(option.kind);

const receiveSignal = (core: Core, subflow: Subflow, option: Signal, rst: boolean): void => {
  switch (option.kind) {
    case 'MP_FASTCLOSE': {
      const key = option.receiverKey === core.local?.key ? 'valid' : 'wrong';
      core.feed({ type: rst ? 'receiveFastcloseRst' : 'receiveFastclose', key }, subflow);
      break;
    }
    case 'MP_FAIL':
      receiveMpFail(core, subflow, option, rst);
      break;
    case 'ADD_ADDR':
      if (!core.isPlain) receiveAddAddr(core, subflow, option);
      break;
    case 'REMOVE_ADDR':
      if (!core.isPlain) receiveRemoveAddr(core, option);
      break;
    case 'MP_PRIO': {
      const { backup, addressId } = option;
      for (const each of addressId === undefined ? [subflow] : core.up.filter((one) => one.peerAddressId === addressId)) {
        each.peerBackup = backup;
        core.notice({ type: 'priority', subflow: each.number, backup });
      }
      break;
    }
  }
};

/** Announces an address, and again until its echo comes (section 3.4.1). */
export const announce = (core: Core, id: number, address: Uint8Array, port: number | undefined): boolean => {
  if (core.local === undefined || core.remote === undefined || core.isPlain || core.up.length === 0) return false;
  const at = core.announcements.findIndex((each) => each.id === id);
  if (at >= 0) core.announcements.splice(at, 1);
  core.announcements.push({ id, address, port, due: core.now, times: 0 });
  return true;
};

/** Sends the announcements that are due. */
export const sendAnnouncements = (core: Core): void => {
  const { local, remote, version, announcements, now } = core;
  const [subflow] = core.up;
  if (local === undefined || remote === undefined || core.isPlain || subflow === undefined) return;
  for (const each of announcements) {
    if (each.due > now) continue;
    const { id, address, port } = each;
    const common = { kind: 'ADD_ADDR', addressId: id, address, ...(port !== undefined && { port }) } as const;
    core.signal(
      subflow,
      version === 0
        ? { ...common, version, ipVersion: address.length === 4 ? 4 : 6 }
        : { ...common, version, echo: false, truncatedHmac: addAddrHmac(local.key, remote.key, id, address, port), reserved: 0 },
    );
    each.times += 1;
    // Version 0 has no echo.
    each.due = version === 0 || each.times >= ANNOUNCEMENTS ? Infinity : now + subflow.send.rtt.rto * 2 ** (each.times - 1);
  }
};

/** Withdraws addresses on a subflow that does not use them, where there is one (section 3.4.2). */
export const withdraw = (core: Core, ids: readonly number[]): boolean => {
  const { up } = core;
  const subflow = up.find(({ addressId }) => !ids.includes(addressId)) ?? up[0];
  if (subflow === undefined || core.isPlain || ids.length === 0) return false;
  core.signal(subflow, { kind: 'REMOVE_ADDR', addressIds: ids, reserved: 0 });
  for (const id of ids) {
    const at = core.announcements.findIndex((each) => each.id === id);
    if (at >= 0) core.announcements.splice(at, 1);
  }
  return true;
};

/** Changes this host's wish for a subflow (section 3.3.8). */
export const setBackup = (core: Core, subflow: Subflow, backup: boolean): void => {
  if (core.isPlain || !subflow.isUp) return;
  subflow.backup = backup;
  core.signal(subflow, { kind: 'MP_PRIO', backup, reserved: 0 });
};

/** MP_FASTCLOSE on an acknowledgment (Option A of section 3.5) on one subflow, RSTs on all others. */
export const sendFastclose = (core: Core): void => {
  const [subflow] = core.up;
  if (subflow === undefined || core.remote === undefined || !core.may({ type: 'sendFastclose' })) return;
  core.feed({ type: 'sendFastclose' }, subflow);
  sendAck(core, subflow, [{ kind: 'MP_FASTCLOSE', receiverKey: core.remote.key, reserved: 0 }]);
};

/** MP_FASTCLOSE on RSTs on all subflows (Option R of section 3.5), also those that are up at the peer alone, where the third packet has come. */
export const sendFastcloseRst = (core: Core): void => {
  const { remote } = core;
  const up = core.subflows.filter((each) => !each.isGone && (each.isUp || each.context.state === 'PRE_ESTABLISHED'));
  if (remote === undefined || !core.may({ type: 'sendFastcloseRst' })) return;
  const option = { kind: 'MP_FASTCLOSE', receiverKey: remote.key, reserved: 0 } as const;
  for (const subflow of up) putRst(core, subflow, [option]);
  for (const subflow of up) {
    core.feedTcp(subflow, { type: 'sendRst' });
    core.feedSubflow(subflow, { type: 'sendRst' });
    endSubflow(core, subflow, 'rstSent');
  }
  core.feed({ type: 'sendFastcloseRst' }, up[0]);
};
