/** Follows a capture: what each protocol looks at goes to its follower, and what they find comes out as accounts. */
import type { Segment } from '../../codecs/packet/index.ts';
import { timeOf } from '../../codecs/capture/index.ts';
import type { CaptureRecord } from '../../codecs/capture/index.ts';
import { Observer } from '../observe.ts';
import type { Sighting, Sights } from '../observe.ts';
import type { Account } from './account.ts';
import { MptcpFollower } from './mptcp/follower.ts';
import type { Watch } from './mptcp/judge.ts';

/** Follows one protocol through the IPv6 packets of a capture. */
export interface PacketFollower {
  /** Whether packets that carry nothing but an upper layer's payload matter by now, as they do once there is a context or a binding. */
  readonly wantsPayload: boolean;
  follow(sighting: Sighting): void;
  /** The capture is over: what is open is settled and handed out. */
  finish(): void;
  /** What was dropped to stay within bounds, one sentence each. */
  readonly notes: readonly string[];
}

/** What every follower is made with. */
export interface FollowOptions {
  /** Addresses of the host at which the capture was taken, in octets. */
  readonly at: readonly Uint8Array[];
  /** Called with each conversation when it is over, and with the rest at the end. */
  readonly onFinished: (account: Account) => void;
  /** The protocol number that stands for shim6; 140 when left out. */
  readonly shim6Protocol?: number;
}

/** Makes the follower of one protocol. */
export type NewPacketFollower = (options: FollowOptions) => PacketFollower;

/** Gives the makers of the followers of all protocols that are not TCP. */
export type PacketFollowers = () => readonly NewPacketFollower[];

export interface FollowerOptions extends FollowOptions {
  readonly watch: Watch;
  /** Whether the streams of Multipath TCP are hashed. */
  readonly hashes: boolean;
  /** Asked when the first packet comes that is not just TCP. */
  readonly packets: PacketFollowers;
}

/**
 * Follows the records of one capture.
 *
 * @example
 * const follower = new Follower({ watch, hashes: false, at: [], packets: () => [], onFinished: (account) => accounts.push(account) });
 * const reader = createCaptureReader(follower.follow);
 */
export class Follower implements Sights {
  /** Takes the next record. */
  readonly follow: (record: CaptureRecord) => void;
  /** Whether one of the followers wants to see the payload of the upper layers. */
  wantsPayload = false;
  readonly #observer: Observer;
  readonly #mptcp: MptcpFollower;
  readonly #newPacketFollowers: () => readonly PacketFollower[];
  #packets: readonly PacketFollower[] | undefined;

  constructor({ watch, hashes, packets, ...options }: FollowerOptions) {
    const { at, onFinished } = options;
    this.#observer = new Observer(this, options.shim6Protocol);
    this.#mptcp = new MptcpFollower({ watch, hashes, at, onFinished });
    this.#newPacketFollowers = () => packets().map((make) => make(options));
    this.follow = this.#observer.observe;
  }

  /** Records so far. */
  get frames(): number {
    return this.#observer.frames;
  }

  /** Of those, cut by the snap length. */
  get snapped(): number {
    return this.#observer.snapped;
  }

  /** Frames that were captured more than once. */
  get duplicates(): number {
    return this.#observer.duplicates + this.#mptcp.duplicates;
  }

  /** Connection attempts that nobody answered. */
  get unanswered(): number {
    return this.#mptcp.unanswered;
  }

  /** What was dropped to stay within bounds. */
  get notes(): readonly string[] {
    return [...this.#mptcp.notes, ...(this.#packets ?? []).flatMap(({ notes }) => notes), ...this.#observer.notes];
  }

  segment(segment: Segment, record: CaptureRecord, frame: number): void {
    this.#mptcp.follow(segment, timeOf(record), frame);
  }

  packet(sighting: Sighting): void {
    for (const follower of (this.#packets ??= this.#newPacketFollowers())) {
      follower.follow(sighting);
      this.wantsPayload ||= follower.wantsPayload;
    }
  }

  /** The capture is over: what is open is settled and handed out. */
  finish(): void {
    this.#mptcp.finish();
    for (const follower of this.#packets ?? []) follower.finish();
  }
}
