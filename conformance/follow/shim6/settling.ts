/** What stays open until a context is over: tags that nobody allocated, payload on a pair of its own, pairs that were never probed. */
import { other } from './context.ts';
import type { Context, Index, WrongTag } from './context.ts';
import type { Here } from './judge.ts';
import { settleReports } from './reports.ts';
import { bareOf, LONGEST } from './sight.ts';
import { isNear, NEAR, settleTimes } from './timing.ts';
import type { World } from './world.ts';

/** Where nothing is at hand but the context. */
const here = (context: Context, host: Index, frame: number, time: number): Here => ({
  seen: bareOf({ frame, time, source: '', destination: '' }),
  context,
  host,
});

/** In this time, in ms, no exchange takes place of which the capture would have nothing. */
const SOON = 4000;
/**
 * Whether a tag can only be wrong. One that the receiver allocated in an exchange that was missed is used until the next: not just once, with the right one
 * before it and after it; nor at once after the exchange that told the right one. An older one may be late, and so may the right one, but not at their sender.
 */
const isWrong = (context: Context, wrong: WrongTag): boolean => {
  const { count, rightBefore, rightAfter, since, time } = wrong;
  if (wrong.isOpen) return false;
  const near = isNear(context, wrong.host);
  if (near && since < SOON && context.isFromStart && context.established < wrong.frame) return true;
  if (count > 1 || rightAfter === 0) return false;
  if (near) return rightBefore > 0 || since > NEAR;
  return rightBefore > 0 && time - rightBefore > LONGEST && rightAfter - time > LONGEST;
};

/** Another update of the same host so long before, in ms, may be what an acknowledgement is for. */
const RECENT_UPDATE = 60_000;

/** Whether an acknowledgement was meant for the one request that there is: nothing else has answered that, there was no other, and its own was not captured behind it. */
const isAckOf = (context: Context, { here, message, only }: Context['strangeAcks'][number]): boolean => {
  if (only === undefined || only.answered || !context.isFromStart) return false;
  const { list } = context.ends[only.host].updates;
  if (list.some((sent) => sent.message.requestNonce === message.requestNonce)) return false;
  const others = list.filter((sent) => sent !== only && sent.frame < here.seen.frame);
  const again = context.strangeAcks.filter((each) => each.message.requestNonce === message.requestNonce);
  return others.every(({ lastTime }) => lastTime < here.seen.time - RECENT_UPDATE) && again.every((each) => each.only === only);
};

/** Whether an R2 was meant for the one message that there is: nothing else has answered that, and nothing has the nonce of the R2. */
const isR2Of = ({ asking }: Context, { message, only }: Context['strangeR2s'][number]): boolean => {
  if (only === undefined || only.answered) return false;
  return asking.every((sent) => sent.host !== only.host || sent.message.initiatorNonce !== message.initiatorNonce);
};

/** Decides what is open, as far as the capture goes. */
export const settle = (world: World, context: Context): void => {
  for (const wrong of context.wrongTags) {
    if (wrong.count > 1 && wrong.rightBefore > 0) continue;
    world.judge('wrongTag', here(context, wrong.host, wrong.frame, wrong.time), { wrong, decided: isWrong(context, wrong) });
  }
  for (const ack of context.strangeAcks)
    world.judge('updateAck', ack.here, { message: ack.message, to: undefined, only: isAckOf(context, ack) ? ack.only : undefined });
  for (const r2 of context.strangeR2s)
    world.judge('r2', r2.here, { message: r2.message, to: undefined, only: isR2Of(context, r2) ? r2.only : undefined });
  for (const host of [0, 1] as const) {
    const end = context.ends[host];
    const peer = context.ends[other(host)];
    for (const strayed of end.strays) {
      const { stray } = strayed;
      // The report of the pair may be in a probe that was missed.
      if (strayed.isExplored && context.missesProbes) continue;
      const uses = [...context.paths.values()].find(
        ({ from, source, destination }) => from === host && source === stray.source && destination === stray.destination,
      );
      if (uses === undefined || uses.payload !== 1) continue;
      const isReported = end.reportedPairs.has(`${stray.source} ${stray.destination}`);
      world.judge('strayPayload', here(context, host, stray.frame, stray.time), {
        ...strayed,
        isReported,
        toUlid: stray.destination === peer.ulid,
      });
    }
    settleReports(world, context, host);
    const pairs = (end.list?.addresses.length ?? 0) * (peer.list?.addresses.length ?? 0);
    world.judge('end', here(context, host, context.lastFrame, context.lastTime), {
      pairs,
      probed: end.series.pairs.size,
      probes: end.series.count,
    });
  }
  settleTimes(context);
};
