/** What stays open until a context is over: tags that nobody allocated, payload on a pair of its own, pairs that were never probed. */
import { other } from './context.ts';
import type { Context, Index } from './context.ts';
import type { Here } from './judge.ts';
import { settleReports } from './reports.ts';
import { bareOf } from './sight.ts';
import { settleTimes } from './timing.ts';
import type { World } from './world.ts';

/** Where nothing is at hand but the context. */
const here = (context: Context, host: Index, frame: number, time: number): Here => ({
  seen: bareOf({ frame, time, source: '', destination: '' }),
  context,
  host,
});

/** In this time, in ms, no exchange takes place of which the capture would have nothing. */
const SOON = 4000;

/** Decides what is open, as far as the capture goes. */
export const settle = (world: World, context: Context): void => {
  for (const wrong of context.wrongTags) {
    if (wrong.count > 1 && !wrong.neverRight) continue;
    // That a context was lost and established anew takes longer, and more messages than a capture is likely to miss.
    const isSoon = wrong.since < SOON && context.isFromStart && context.established < wrong.frame;
    const isPassing = wrong.count === 1 && wrong.before && (wrong.after || wrong.answered);
    const decided = !wrong.isOpen && (isPassing || isSoon);
    world.judge('wrongTag', here(context, wrong.host, wrong.frame, wrong.time), { wrong, decided });
  }
  for (const host of [0, 1] as const) {
    const end = context.ends[host];
    const peer = context.ends[other(host)];
    for (const { before, stray, back } of end.strays) {
      const uses = [...context.paths.values()].find(
        ({ from, source, destination }) => from === host && source === stray.source && destination === stray.destination,
      );
      if (uses === undefined || uses.payload !== 1) continue;
      const isReported = end.reportedPairs.has(`${stray.source} ${stray.destination}`);
      world.judge('strayPayload', here(context, host, stray.frame, stray.time), {
        before,
        stray,
        back,
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
