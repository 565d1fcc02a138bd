/** The history of shim6 and REAP that checks read: the events of a capture, in their order, and what each brings along. */
import type { ProbeReport } from '../../../codecs/reap/index.ts';
import type { Shim6Option } from '../../../codecs/shim6/index.ts';
import { checksOver } from '../check.ts';
import type { AnyCheckOf } from '../check.ts';
import type { Context, Index, PayloadSeen, Sent, SentProbe, Stray, WrongTag } from './context.ts';
import type { Announced, Parameters } from './locators.ts';
import type {
  ControlMessage,
  ErrorMessage,
  I1,
  I2,
  I2bis,
  Keepalive,
  PayloadExtension,
  Probe,
  R1,
  R1bis,
  R2,
  UpdateAck,
  UpdateRequest,
  WithOptions,
} from './messages.ts';
import type { Seen } from './sight.ts';

/** Where a check stands. */
export interface Here {
  readonly seen: Seen;
  readonly context: Context;
  /** The sender of the packet. */
  readonly host: Index;
}

/** A message that answers another: which, as far as that is known. */
export interface Answer<M, To> {
  readonly message: M;
  /** What it answers, by what it repeats of it. */
  readonly to: Sent<To> | undefined;
  /** Where nothing fits: the one message of the peer that it can only be the answer to. */
  readonly only: Sent<To> | undefined;
}

/** The state that a Probe should tell, from what it says itself to have received. */
export type ExpectedState = { readonly state: number; readonly because: SentProbe } | undefined;

/** Messages that carry the tag of their receiver. */
export type TaggedKind = 'UpdateRequest' | 'UpdateAck' | 'Keepalive' | 'Probe' | 'PayloadExtension';

/** What happens, and what each event brings along. */
export interface History {
  /** Any shim6 header, whether it can be decoded or not. */
  header: undefined;
  /** A control message that can be decoded. */
  message: ControlMessage;
  option: { readonly option: Shim6Option; readonly message: WithOptions };
  parameters: { readonly parameters: Parameters; readonly isSigned: boolean };
  /** A locator list; `known` says whether CGA Parameters of the sender were seen before. */
  list: {
    readonly announced: Announced;
    readonly message: WithOptions;
    readonly hasParameters: boolean;
    readonly known: boolean;
    readonly isFromStart: boolean;
  };
  /** An I2, R2 or I2bis without a locator list. */
  noList: { readonly message: I2 | R2 | I2bis };
  /** An I1, I2 or I2bis, and whether its ULID pair is in it. `needed`: its addresses are not the ULIDs; `right`: those that it names are the context's. */
  ulids: { readonly message: I1 | I2 | I2bis; readonly needed: boolean; readonly given: boolean; readonly right: boolean };
  /**
   * The same message again, of a kind that is sent again by a timer; `copies` counts it in, `onPair` only those on the same pair since it took that one;
   * `interval` is that before it, in ms.
   */
  again: {
    readonly kind: 'I1' | 'I2' | 'I2bis' | 'UpdateRequest';
    readonly copies: number;
    readonly onPair: number;
    readonly interval: number;
    readonly frames: readonly number[];
  };
  /** I1s of the same host with the same nonce, or the same tag; `isAlone`: nothing but I1s was seen of the context. */
  i1: {
    readonly message: I1;
    readonly sameNonce: Sent<I1> | undefined;
    readonly sameTag: Sent<I1> | undefined;
    readonly isAlone: boolean;
  };
  r1: Answer<R1, I1>;
  i2: Answer<I2, R1> & {
    readonly i1: Sent<I1> | undefined;
    /** The I1 with the same nonce. */
    readonly sameNonce: Sent<I1> | undefined;
    /** The I2 that the same host sent before, upon another R1. */
    readonly before: Sent<I2> | undefined;
  };
  r2: Answer<R2, I1 | I2 | I2bis>;
  r1bis: { readonly message: R1bis };
  i2bis: Answer<I2bis, R1bis> & { readonly isTriggerKnown: boolean };
  updateRequest: {
    readonly message: UpdateRequest;
    readonly newer: Sent<UpdateRequest> | undefined;
    /** The one with the same nonce that came before. */
    readonly before: Sent<UpdateRequest> | undefined;
    readonly keepaliveAgain: boolean | undefined;
  };
  updateAck: Answer<UpdateAck, UpdateRequest>;
  error: {
    readonly message: ErrorMessage;
    readonly critical: Sent<WithOptions> | undefined;
    readonly unverified: Sent<WithOptions> | undefined;
  };
  /** The sender of a packet shows by it that it took a message of the peer. */
  accepted: { readonly sent: Sent<WithOptions>; readonly kind: WithOptions['kind'] };
  /** A message carries the tag that its receiver allocated. */
  tag: { readonly kind: TaggedKind };
  /** A message carried another one; `decided`: it can only be wrong. */
  wrongTag: { readonly wrong: WrongTag; readonly decided: boolean };
  /** `interval` since the Keepalive before, in ms, where its sender has sent no payload since, and `previous` the one before that. */
  keepalive: {
    readonly message: Keepalive;
    readonly interval: number | undefined;
    readonly previous: number | undefined;
    readonly timeout: number;
  };
  probe: {
    readonly message: Probe;
    readonly expected: ExpectedState;
    /** The peer's probe that alone can have brought this one about. */
    readonly cause: SentProbe | undefined;
    /** Another probe of the same host with the same nonce. */
    readonly sameNonce: SentProbe | undefined;
  };
  /** A report of a probe that was captured; `of` is that probe, `instead` the one that a report without its like can only mean. */
  report: {
    readonly report: ProbeReport;
    readonly about: 'sent' | 'received';
    readonly of: SentProbe | undefined;
    readonly instead: SentProbe | undefined;
  };
  /** A probe that said Operational between two of an exploration that went on: nothing that was sent before has been reported since. */
  slipped: { readonly sent: SentProbe; readonly before: SentProbe };
  /** One more probe in Exploring: `interval` since the one before, in ms, where none between was missed; `previous` the interval before. */
  exploring: { readonly count: number; readonly interval: number; readonly previous: number };
  payloadExtension: { readonly message: PayloadExtension; readonly checksum: 'ulids' | 'locators' | 'unknown' };
  /** Payload on another pair than the packet before: `isReported` says that the peer told of a probe on it. */
  pairChange: { readonly to: PayloadSeen; readonly isReported: boolean; readonly toUlid: boolean };
  /** Payload on a pair that was used for nothing else, between payload on another. */
  strayPayload: Stray & { readonly isReported: boolean; readonly toUlid: boolean };
  /** A probe to an address that no list of the peer has had. */
  toStranger: { readonly announced: Announced };
  /** A packet to a locator of the peer other than its ULID; `list` is the last one announced. */
  toLocator: { readonly announced: Announced | undefined };
  /** The context is over, or the capture: once for each host. */
  end: {
    /** Pairs of the announced locators, and how many of them the last exploration tried with how many probes. */
    readonly pairs: number;
    readonly probed: number;
    readonly probes: number;
  };
}

/** Whom a check is about, seen from the packet at hand. */
export type About = 'sender' | 'peer';

/** A check of any event. */
export type AnyCheck = AnyCheckOf<History, Here, About>;

/** Declares a check. @example check('RFC5533-5.4-a', 'message', 'sender', (_, message) => ...) */
export const check = checksOver<History, Here, About>();
