/** Sections 7.8, 7.12, 7.19, 10.2 and 14: when a message is sent again, and how often. */
import { I1_RETRIES_MAX, I2_RETRIES_MAX, MAX_UPDATE_TIMEOUT, UPDATE_TIMEOUT } from '../../../state-machines/shim6/index.ts';
import { PASS, broken, warned } from '../../follow/evidence.ts';
import { check } from '../../follow/shim6/judge.ts';
import type { AnyCheck, History } from '../../follow/shim6/judge.ts';

/** A host's clock and a capture's may differ by so much. */
const TOLERANCE = 0.95;
/** All of them wait for the same time at first. */
const TIMEOUT = UPDATE_TIMEOUT;

/** The least wait before a copy: half of the time backed off to, which copies that the capture missed can only lengthen. */
const leastWait = (copies: number): number => 0.5 * Math.min(TIMEOUT * 2 ** Math.min(copies - 2, 32), MAX_UPDATE_TIMEOUT);

const backsOff = (requirement: string, kind: History['again']['kind']): AnyCheck =>
  check(requirement, 'again', 'sender', (_, { kind: again, onPair, interval, frames }) => {
    // On another pair of addresses it is tried at once: no timer is said to rule that.
    if (again !== kind || onPair < 2) return undefined;
    const wait = leastWait(onPair);
    return interval >= wait * TOLERANCE
      ? PASS
      : broken(
          `${wait / 1000} s or more`,
          `${(interval / 1000).toFixed(3)} s`,
          `An ${kind} was sent again too early: the time doubles with each, and is drawn from half to one and a half of it.`,
          frames,
        );
  });

/** An I2 or I2bis is sent again when something of the peer comes, too (sections 10.4 and 12.2): where nothing has, too early is a warning. */
const hurries = (requirement: string, kind: 'I2' | 'I2bis'): AnyCheck =>
  check(requirement, 'again', 'sender', ({ context, host }, { kind: again, onPair, interval, frames }) => {
    if (again !== kind || onPair < 2) return undefined;
    const wait = leastWait(onPair);
    if (interval >= wait * TOLERANCE) return PASS;
    const heard = context.ends[host === 0 ? 1 : 0].lastTagged >= context.ends[host].lastTime - interval;
    return heard
      ? undefined
      : warned(
          `${wait / 1000} s or more`,
          `${(interval / 1000).toFixed(3)} s`,
          `An ${kind} was sent again early, and nothing of the peer was captured that would bring it about.`,
          frames,
        );
  });

const atMost = (requirement: string, kind: History['again']['kind'], retries: number): AnyCheck =>
  check(requirement, 'again', 'sender', (_, { kind: again, copies, frames }) => {
    if (again !== kind) return undefined;
    return copies <= retries + 1
      ? PASS
      : broken(`at most ${retries} retransmissions`, `${copies - 1}`, `An ${kind} was sent again too often.`, frames);
  });

export const section14: readonly AnyCheck[] = [
  backsOff('RFC5533-14-a', 'I1'),
  atMost('RFC5533-7.8-a', 'I1', I1_RETRIES_MAX),
  hurries('RFC5533-14-b', 'I2'),
  atMost('RFC5533-7.12-2', 'I2', I2_RETRIES_MAX),
  hurries('RFC5533-14-c', 'I2bis'),
  atMost('RFC5533-7.19-2', 'I2bis', I2_RETRIES_MAX),
  backsOff('RFC5533-14-d', 'UpdateRequest'),
];
