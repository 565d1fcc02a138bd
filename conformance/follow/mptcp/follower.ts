/** Follows Multipath TCP through a capture: every TCP segment becomes events that checks and state machines see. */
import { ACK, SYN } from '../../../codecs/packet/index.ts';
import type { Segment } from '../../../codecs/packet/index.ts';
import type { FollowOptions } from '../follower.ts';
import { adopt, isOfAnother } from './adopting.ts';
import { accountOf } from './conversation.ts';
import { hasFallenBack, takeAsFallback } from './payload.ts';
import { forget, newFollowing, standOn } from './following.ts';
import type { Following } from './following.ts';
import { awaited } from './joining.ts';
import { closeSuspicions, judge } from './judge.ts';
import type { Watch } from './judge.ts';
import { closeOwed } from './machines.ts';
import type { Connection } from './model.ts';
import { syn, synAck, withoutSynAck } from './opening.ts';
import { readOptions } from './options.ts';
import { Registry } from './registry.ts';
import { segmentOf } from './segments.ts';
import { isOfOtherView } from './views.ts';

/** Frames after which the memory of all connections is estimated again. */
const WEIGHED_EVERY = 8192;

export interface MptcpFollowerOptions extends FollowOptions {
  readonly watch: Watch;
  readonly hashes: boolean;
}

/** Follows the TCP segments of one capture. */
export class MptcpFollower {
  readonly #following: Following;
  /** The frame at which the memory of all connections was last estimated. */
  #weighed = 0;

  constructor({ watch, hashes, at, onFinished }: MptcpFollowerOptions) {
    const registry = new Registry(
      (connection, ended) => {
        settle(this.#following, connection, ended);
        for (const flow of connection.flows) this.#following.table.remove(flow);
        onFinished(accountOf(connection, this.#following.here.pool));
      },
      (waiting) => awaited(this.#following, waiting, this.#following.here),
    );
    this.#following = newFollowing({ watch, at, registry, hashes });
  }

  /** Segments that were captured more than once. */
  get duplicates(): number {
    return this.#following.duplicates;
  }

  /** Connection attempts that nobody answered. */
  get unanswered(): number {
    return this.#following.unanswered;
  }

  /** What was dropped to stay within bounds. */
  get notes(): readonly string[] {
    return this.#following.registry.notes;
  }

  /** Follows one segment, of the record with this number, captured at `time` in ms. */
  follow(segment: Segment, time: number, frame: number): void {
    const f = this.#following;
    f.frames = frame;
    if (frame - this.#weighed >= WEIGHED_EVERY) {
      this.#weighed = frame;
      f.registry.lighten();
    }
    dispatch(f, segment, time);
  }

  /** The capture is over: what is open is settled and handed out. */
  finish(): void {
    const f = this.#following;
    f.unanswered += f.attempts.size;
    for (const attempt of f.attempts) f.attempts.delete(attempt);
    f.registry.finish();
  }
}

const dispatch = (f: Following, segment: Segment, time: number): void => {
  const flow = f.table.find(segment);
  const { flags } = segment;
  if ((flags & SYN) !== 0) {
    readOptions(segment, f.options);
    if ((flags & ACK) === 0) syn(f, segment, flow, time);
    else synAck(f, segment, flow, time);
    return;
  }
  if (flow !== undefined && flow.kind !== 'syn') {
    if (flow.mirror || (flow.otherBases !== undefined && isOfOtherView(flow, f.table.side, segment))) {
      f.duplicates += 1;
      flow.frames += 1;
      return;
    }
    readOptions(segment, f.options);
    const foreign = f.options.count > 0 && isOfAnother(f, flow, f.table.side, segment);
    if (!foreign) segmentOf(f, flow, f.table.side, segment, time);
    if (!foreign && !f.here.foreign) return;
    // Addresses and ports are used again, and neither the end of the one connection nor the start of the other was captured.
    forget(f, flow);
    adopt(f, segment, time);
    return;
  }
  if (flow !== undefined) {
    withoutSynAck(f, flow, segment, time);
    return;
  }
  if (segment.optionsEnd - segment.options < 4) return; // most of what is not ours ends here
  readOptions(segment, f.options);
  if (f.options.count > 0) adopt(f, segment, time);
};

/** What stands open when a connection is over, or the capture is. */
export const settle = (f: Following, connection: Connection, ended: boolean): void => {
  const [flow] = connection.flows;
  if (flow === undefined) return;
  const here = f.here;
  here.connection = connection;
  here.frame = connection.lastFrame;
  for (const each of connection.flows) {
    each.open();
    for (const host of [0, 1] as const) {
      if (connection.agreed && hasFallenBack(connection, each, each.endOf(host)) && each.endOf(host).unmapped.length > 0) {
        connection.fallbackFrame ||= connection.lastFrame;
        takeAsFallback(connection, each, host, here.pool);
      }
    }
  }
  for (const host of [0, 1] as const) {
    here.flow = flow;
    standOn(here, flow, flow.sideOf(host));
    judge(f.watch.end, here, { ended });
  }
  closeOwed(here);
  closeSuspicions(connection);
};
