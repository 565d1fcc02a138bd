/** Following REAP's exploration: what probes say of themselves, of each other and of their sender, and when they come (RFC 5534 sections 4.3, 5.2 and 6). */
import { equalBytes, toHex } from '../../../codecs/bytes.ts';
import { EXPLORING, INBOUND_OK, OPERATIONAL } from '../../../codecs/reap/index.ts';
import { other } from './context.ts';
import type { Context, Index, SentProbe } from './context.ts';
import type { ExpectedState, Here } from './judge.ts';
import type { Probe } from './messages.ts';
import { showsContext, takeOptions } from './sending.ts';
import { bareOf, COPIED, LONGEST } from './sight.ts';
import type { Seen } from './sight.ts';
import { AT_ONCE, judgeReports } from './reports.ts';
import { tagged } from './tagged.ts';
import { doubtOrder, NEAR, noteAnswer } from './timing.ts';
import type { World } from './world.ts';

/** The state of who has received a probe. */
const stateAfter = ({ probe: { state } }: SentProbe): number | undefined => {
  if (state === EXPLORING) return INBOUND_OK;
  return state === INBOUND_OK || state === OPERATIONAL ? OPERATIONAL : undefined;
};

/** The state that follows from the last probe of the peer that this one tells to have received; undefined where that is not certain. */
const expectedState = (context: Context, host: Index, { received }: Probe, seen: Seen): ExpectedState => {
  const { probeNonces, probes } = context.ends[other(host)];
  const known = received.map(({ nonce }) => probeNonces.get(nonce));
  if (known.length === 0 || known.includes(undefined)) return undefined;
  const latest = known.reduce((x, y) => (y!.frame > x!.frame ? y : x))!;
  // One that came later and is not told of may have changed the state, and so may whatever came since it was answered.
  if (latest !== probes.last || latest.reported || seen.time - latest.time > AT_ONCE) return undefined;
  const state = stateAfter(latest);
  // What came shortly before may have arrived after it, and a copy of anything that is told of may have come last, and been missed.
  const isClear = probes.list.every((each) => {
    const late = known.includes(each) ? LONGEST : COPIED + NEAR;
    return latest.time - each.lastTime > late || stateAfter(each) === state;
  });
  return state === undefined || !isClear ? undefined : { state, because: latest };
};

export const takeProbe = (world: World, seen: Seen, message: Probe): Here => {
  const here = tagged(world, seen, 'Probe', message.receiverContextTag);
  const { context, host } = here;
  const end = context.ends[host];
  const peer = context.ends[other(host)];
  world.judge('message', here, message);
  takeOptions(world, here, message);
  if (seen.destination !== peer.ulid) world.judge('toLocator', here, { announced: peer.list });
  const isTold = seen.destination === peer.ulid || peer.lists.list.some(({ addresses }) => addresses.includes(seen.destination));
  if (!isTold && peer.list !== undefined && context.isFromStart) world.judge('toStranger', here, { announced: peer.list });
  doubtBefore(context, host, message, seen);
  const [own] = message.sent;
  const nonce = own?.nonce;
  const before = nonce === undefined ? undefined : end.probeNonces.get(nonce);
  const previous = end.probes.last;
  // Only a Probe that says Exploring takes a host that has not explored itself to InboundOk (section 6.7); after Exploring, payload may have done so.
  // Of another exploration since, what was sent before tells: the capture may lack it.
  const { length } = message.sent;
  const isFirst = length === 1 || message.sent[1]?.nonce === previous?.probe.sent[0]?.nonce;
  const hasExplored = !isFirst || (previous !== undefined && previous.probe.state !== OPERATIONAL);
  const latest = peer.probes.last;
  const isCause = latest !== undefined && latest.probe.state === EXPLORING && seen.time - latest.time < AT_ONCE && !hasExplored;
  const cause = isCause ? latest : undefined;
  // The network has doubled it.
  if (before !== undefined && equalBytes(before.octets, seen.bytes)) {
    before.lastTime = seen.time;
    return here;
  }
  world.judge('probe', here, { message, expected: expectedState(context, host, message, seen), cause, sameNonce: before });
  judgeReports(world, here, message);
  const sent: SentProbe = {
    probe: message,
    host,
    frame: seen.frame,
    time: seen.time,
    source: seen.source,
    destination: seen.destination,
    octets: seen.bytes,
    reported: false,
    lastTime: seen.time,
  };
  slip(world, here, sent);
  pace(world, here, sent, previous);
  if (seen.invalid === undefined) {
    remember(end, sent, nonce);
    noteReported(context, host, message, seen);
  }
  showsContext(context, host);
  return here;
};

/** A probe that tells nothing of one that the peer has just sent may have come before that: what this one was to say is doubtful then. */
const doubtBefore = (context: Context, host: Index, { received }: Probe, { time }: Seen): void => {
  const { probes } = context.ends[other(host)];
  const isTold = ({ probe }: SentProbe): boolean => received.some(({ nonce }) => nonce === probe.sent[0]?.nonce);
  const crossing = probes.list.filter((each) => Math.abs(time - each.time) <= NEAR && !isTold(each));
  doubtOrder(
    context,
    crossing.map(({ frame }) => frame),
  );
};

const remember = (end: Context['ends'][Index], sent: SentProbe, nonce: number | undefined): void => {
  const oldest = end.probes.list.length >= end.probes.most ? end.probes.list[0]?.probe.sent[0]?.nonce : undefined;
  if (oldest !== undefined) end.probeNonces.delete(oldest);
  end.probes.add(sent);
  if (nonce !== undefined && !end.probeNonces.has(nonce)) end.probeNonces.set(nonce, sent);
};

/** The peer learns which of its pairs work. */
const noteReported = (context: Context, host: Index, { received }: Probe, { time }: Seen): void => {
  const { reportedPairs, probeNonces } = context.ends[other(host)];
  const isNew = ({ nonce }: (typeof received)[number]): boolean => probeNonces.get(nonce)?.reported === false;
  const fresh = received.filter(isNew).map(({ nonce }) => probeNonces.get(nonce)!);
  // A probe that says Operational asks for no answer.
  const asked = fresh.filter(({ probe }) => probe.state !== OPERATIONAL).map((each) => each.time);
  if (asked.length > 0) noteAnswer(context, host, Math.max(...asked), time);
  for (const each of fresh) each.reported = true;
  for (const { sourceAddress, destinationAddress } of received) {
    const pair = `${toHex(sourceAddress)} ${toHex(destinationAddress)}`;
    if (reportedPairs.size < 1024) reportedPairs.add(pair);
  }
};

/** In this time, in ms, nobody comes back to Exploring from Operational: the least Send Timeout that section 7 recommends. */
const SEND_TIMEOUT = 10_000;

/** A probe that said Operational, and the next one shows that the exploration had not ended: all that was sent is still to be reported. */
const slip = (world: World, here: Here, { probe, time }: SentProbe): void => {
  const [before, slipped] = here.context.ends[here.host].probes.list.slice(-2);
  if (before === undefined || slipped === undefined || time - slipped.time > SEND_TIMEOUT) return;
  const goesOn = probe.state === EXPLORING && before.probe.state === EXPLORING && slipped.probe.state === OPERATIONAL;
  const [, last, first] = probe.sent;
  if (!goesOn || slipped.probe.received.length > 0) return;
  if (last?.nonce !== slipped.probe.sent[0]?.nonce || first?.nonce !== before.probe.sent[0]?.nonce || first === undefined) return;
  world.judge('slipped', { ...here, seen: bareOf(slipped) }, { sent: slipped, before });
};

/** The intervals between the probes of a host that explores. That none between two was missed is what the later one tells: it lists the earlier. */
const pace = (world: World, here: Here, { probe, time }: SentProbe, previous: SentProbe | undefined): void => {
  const end = here.context.ends[here.host];
  const isNext =
    previous !== undefined &&
    probe.sent[1]?.nonce === previous.probe.sent[0]?.nonce &&
    probe.state === EXPLORING &&
    previous.probe.state === EXPLORING;
  if (!isNext) {
    end.series = { count: 1, interval: 0, pairs: new Set([pairOf(here.seen)]) };
    return;
  }
  const interval = time - previous.time;
  const count = end.series.count + 1;
  end.series.pairs.add(pairOf(here.seen));
  world.judge('exploring', here, { count, interval, previous: end.series.interval });
  end.series = { ...end.series, count, interval };
};

const pairOf = ({ source, destination }: Pick<Seen, 'source' | 'destination'>): string => `${source} ${destination}`;
