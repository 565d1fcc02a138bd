/**
 * What an endpoint sends when it may: what is lost again where it was, then what waits for another subflow, then new data as the scheduler
 * has it, the DATA_FIN, and FINs (RFC 8684 sections 3.3.3, 3.3.5 and 3.3.6).
 */
import type { Core } from './core.ts';
import type { SchedulerPath } from './scheduler.ts';
import { sendAnnouncements, sendMpFail } from './signals.ts';
import type { Subflow } from './subflow.ts';
import { payloadRoom, sendAck, sendData, sendDataFin, sendSignal, transmit } from './transmit.ts';

type MutablePath = { -readonly [K in keyof SchedulerPath]: SchedulerPath[K] };

/** Whether new data may go on a subflow: neither machine forbids it. */
const maySend = (core: Core, subflow: Subflow): boolean =>
  !subflow.isGone &&
  !subflow.closing &&
  core.tcpMay(subflow, { type: 'sendData' }) &&
  (core.isPlain ? subflow === core.only : core.subflowMay(subflow, { type: 'sendData' }));

/** Whether the connection may send data that was never sent (sections 3.1 and 3.3.3). */
const maySendNew = (core: Core): boolean => {
  if (core.isPlain) return true;
  if (core.mayCarryKeys && core.sending.firstUnsent > 1) return false; // the first goes alone until a DSS has come
  return core.may({ type: 'sendData', by: core.mayCarryKeys ? 'MP_CAPABLE' : 'DSS' });
};

/** The highest number that may be sent on a subflow: within the connection's window, and within the subflow's own (section 3.3.5). */
const edgeFor = (core: Core): number => (core.isPlain || core.settings.separateWindows !== undefined ? Infinity : core.edge);

/** What is lost, on the subflow where it was sent (section 3.3.6). */
const retransmit = (core: Core, subflow: Subflow): void => {
  for (let lost = subflow.send.nextLost(); lost !== undefined; lost = subflow.send.nextLost()) {
    subflow.send.retransmitted(lost, core.now);
    transmit(core, subflow, lost);
  }
};

/** How many octets a subflow may be given now: by its congestion window, and by the window that it has been told. */
const roomOf = (subflow: Subflow, size: number): number => {
  const { send } = subflow;
  const window = send.edge - send.next;
  // A segment that the congestion window has no room for is not cut to fit.
  return send.room >= size || send.inFlight === 0 ? Math.min(size, window) : 0;
};

const pathOf = (subflow: Subflow, size: number): MutablePath => ({
  subflow: subflow.number,
  rtt: Math.max(0, subflow.send.rtt.smoothed),
  congestionWindow: subflow.send.congestion?.cwnd ?? 0,
  inFlight: subflow.send.inFlight,
  mss: size,
  backup: subflow.backup || subflow.peerBackup,
  stalled: subflow.send.retransmissions > 0,
  hasRoom: roomOf(subflow, size) > 0,
});

/** Data that waits for another subflow; served before new data. */
const sendReinjections = (core: Core, paths: readonly MutablePath[]): void => {
  for (const path of paths.toSorted((a, b) => a.rtt - b.rtt)) {
    const subflow = core.subflows[path.subflow]!;
    while (core.sending.hasReinjections && roomOf(subflow, path.mss) > 0) {
      const segment = core.sending.takeReinjection(subflow.number);
      if (segment === undefined) break;
      if (subflow.send.next + segment.payload.length > subflow.send.edge) {
        core.sending.reinject(segment);
        break;
      }
      sendData(core, subflow, segment);
    }
    path.hasRoom = roomOf(subflow, path.mss) > 0;
  }
};

/** New data, as the scheduler shares it out. */
const sendNew = (core: Core, paths: MutablePath[]): void => {
  const { sending, settings } = core;
  const edge = edgeFor(core);
  while (sending.hasUnsent && maySendNew(core)) {
    const choice = settings.scheduler.choose(paths, sending.unsent);
    const path = choice === undefined ? undefined : paths.find(({ subflow }) => subflow === choice.subflow);
    if (choice === undefined || path === undefined) return;
    const subflow = core.subflows[path.subflow]!;
    const most = roomOf(subflow, path.mss);
    const segment =
      most > 0 && !isSilly(core, most, path.mss, edge)
        ? sending.take(choice.skip, most, edge, !core.isPlain && !core.mayCarryKeys)
        : undefined;
    if (segment === undefined) {
      path.hasRoom = false;
      if (paths.every(({ hasRoom }) => !hasRoom)) return;
      continue;
    }
    if (segment.dataFin) core.feed({ type: 'sendDataFin' }, subflow);
    sendData(core, subflow, segment);
    path.inFlight = subflow.send.inFlight;
    path.hasRoom = roomOf(subflow, path.mss) > 0;
  }
};

/** Whether a segment would be small only because the window is: it waits for more window while anything is in flight (RFC 9293 section 3.8.6.2.1). */
const isSilly = ({ sending, up }: Core, most: number, size: number, edge: number): boolean => {
  const fits = Math.min(most, edge - sending.firstUnsent);
  return fits < size && fits < sending.unsent && up.some(({ send }) => send.inFlight > 0);
};

/** The DATA_FIN by itself, once all data has been sent; without MPTCP the FIN does it. */
const sendEnd = (core: Core): void => {
  const { sending, isPlain } = core;
  if (!core.closeWanted || sending.hasUnsent) return;
  if (isPlain) {
    if (core.only !== undefined) core.only.closing = true;
    return;
  }
  const subflow = endCarrier(core);
  if (sending.finSent || subflow === undefined || (core.mayCarryKeys && sending.end > 1) || !core.may({ type: 'sendDataFin' })) return;
  sending.finSent = true;
  core.feed({ type: 'sendDataFin' }, subflow);
  sendDataFin(core, subflow);
  core.finDue = core.now + subflow.send.rtt.rto;
};

/** A subflow on which the DATA_FIN goes: with each repetition another. */
export const endCarrier = (core: Core): Subflow | undefined => {
  const { up } = core;
  return up[core.finTimes % Math.max(1, up.length)];
};

/** FINs on subflows that are to be closed, after their data (section 3.3.3). */
const sendFins = (core: Core): void => {
  for (const subflow of core.subflows) {
    if (!subflow.closing || subflow.finSent || subflow.isGone || !core.tcpMay(subflow, { type: 'sendFin' })) continue;
    // The third packet of a join is repeated until it is acknowledged (section 3.2): a FIN would end that.
    if (subflow.context.state === 'PRE_ESTABLISHED') continue;
    if (!core.isPlain && !core.subflowMay(subflow, { type: 'sendFin' })) continue;
    subflow.finSent = true;
    if (subflow.context.state !== 'CLOSED') core.feedSubflow(subflow, { type: 'sendFin' });
    core.feedTcp(subflow, { type: 'sendFin' });
    sendSignal(core, subflow, 'fin');
  }
};

/**
 * The peer has closed a subflow: this host does, too, where others are up (section 3.3.3). After the peer's DATA_FIN its FINs say no more
 * than that; what this host has to say goes on all of them until its own DATA_FIN is acknowledged.
 */
const followFins = (core: Core): void => {
  if (core.isPlain || (core.noticed.peerClosed && !core.noticed.acknowledged)) return;
  for (const subflow of core.subflows) {
    if (subflow.tcp.state !== 'CLOSE_WAIT' || subflow.closing) continue;
    const others = core.up.some((each) => each !== subflow && each.tcp.state === 'ESTABLISHED');
    if (others || core.noticed.acknowledged) subflow.closing = true;
  }
};

/** When the window is closed and nothing is in flight that could open it, it is probed (RFC 9293 section 3.8.6.1). */
const watchWindow = (core: Core): void => {
  const { sending, up } = core;
  const blocked = (sending.hasUnsent || sending.hasReinjections) && up.length > 0 && up.every(({ send }) => send.inFlight === 0);
  if (!blocked) {
    core.persistDue = Infinity;
    core.persistTimes = 0;
  } else if (core.persistDue === Infinity) core.persistDue = core.now + (core.up[0]?.send.rtt.rto ?? core.settings.initialRto);
};

/** What no subflow has any more, and no Data ACK acknowledges: guarded by a timer (section 3.3.6). */
const watchStale = (core: Core): void => {
  const { oldest } = core.sending;
  if (oldest === undefined || core.isPlain) core.staleDue = Infinity;
  else if (oldest.outstanding === 0 && !oldest.waits && core.staleDue === Infinity) {
    let longest = 0;
    for (const { send } of core.up) longest = Math.max(longest, send.rtt.rto);
    core.staleDue = core.now + (longest || core.settings.initialRto);
  }
};

/** Sends all that may be sent now. */
export const pump = (core: Core): void => {
  // After an MP_FASTCLOSE no data is sent any more (section 3.5).
  const sends = core.context.state !== 'FASTCLOSE_WAIT';
  if (sends) for (const subflow of core.subflows) if (!subflow.isGone) retransmit(core, subflow);
  sendAnnouncements(core);
  const { sending } = core;
  if (sends && (sending.hasUnsent || sending.hasReinjections)) {
    const paths: MutablePath[] = [];
    for (const subflow of core.subflows) {
      if (!maySend(core, subflow)) continue;
      // After a time without sending the window says nothing about the path (RFC 5681 section 4.1).
      if (subflow.send.isIdle && core.now - subflow.send.lastSent > subflow.send.rtt.rto) subflow.send.congestion?.idle();
      paths.push(pathOf(subflow, payloadRoom(core, subflow)));
    }
    if (paths.length > 0) {
      if (sending.hasReinjections && !core.isPlain) sendReinjections(core, paths);
      sendNew(core, paths);
    }
  }
  sendEnd(core);
  followFins(core);
  sendFins(core);
  watchWindow(core);
  watchStale(core);
  for (const subflow of core.subflows) {
    if (subflow.isGone) continue;
    const { signals } = subflow;
    while (signals.length > 0) sendAck(core, subflow, [signals.shift()!]);
    if (!subflow.ackNow) continue;
    // An MP_FAIL may have been lost: it goes with every acknowledgment until it is answered.
    if (subflow.suspendedAt !== Infinity && core.context.mpFailSent && !core.isPlain) sendMpFail(core, subflow);
    else sendAck(core, subflow);
  }
};
