/** The report of a check: the JSON that other tools rely on, as types. Every format is written from it. */

/** `pass`, `fail` (a MUST or RULE is broken), `warn` (a SHOULD is not followed), `inconclusive` (the capture does not show enough). */
export type Outcome = 'pass' | 'fail' | 'warn' | 'inconclusive';

/** One verdict per requirement, conversation and host. */
export interface Verdict {
  readonly requirement: string;
  readonly section: string;
  readonly level: string;
  readonly verdict: Outcome;
  /** `id` of the conversation; null for a packet of none, which then has a `flow`. */
  readonly conversation: string | null;
  readonly flow?: string;
  /** The host that the verdict is about; null where that is open. */
  readonly host: 'a' | 'b' | null;
  readonly role: string;
  /** Counted from 1: the first and last 4 of a pass, up to 1,000 of anything else. */
  readonly frames: readonly number[];
  /** How many there were. */
  readonly count: number;
  readonly expected: string | null;
  readonly seen: string | null;
  readonly message: string;
}

export interface HostReport {
  readonly role: string | null;
  readonly token: string | null;
  readonly idsn: string | null;
  readonly addresses: readonly { readonly id: number; readonly address: string; readonly port?: number }[];
}

export interface SubflowReport {
  readonly index: number;
  readonly kind: 'initial' | 'join' | 'unknown';
  /** `address:port` of host a; IPv6 addresses in brackets. */
  readonly a: string;
  readonly b: string;
  readonly backup: boolean;
  readonly frames: number;
  readonly state: string;
}

export interface StreamReport {
  /** Contiguous octets from the first one known. */
  readonly bytes: number;
  /** Of those octets, lower-case hex; null where payload octets are missing from the capture, or nobody asked. */
  readonly sha256: string | null;
  /** Whether every octet up to the DATA_FIN, or the FIN after a fallback, was seen. */
  readonly complete: boolean;
}

/** A Multipath TCP connection. */
export interface MptcpConversation {
  readonly id: string;
  readonly protocol: 'mptcp';
  readonly version: number | null;
  readonly outcome: 'data-fin' | 'fastclose' | 'reset' | 'fallback' | 'refused' | 'open';
  readonly hosts: { readonly a: HostReport; readonly b: HostReport };
  readonly subflows: readonly SubflowReport[];
  readonly streams: { readonly a: StreamReport; readonly b: StreamReport };
}

/** A host of a shim6 context. */
export interface Shim6HostReport {
  /** Who sent the first I1 or I2 that led to the context. */
  readonly role: 'initiator' | 'responder' | null;
  readonly ulids: readonly string[];
  /** Those it was known by, the last one in use; 12 hexadecimal digits. */
  readonly contextTags: readonly string[];
  /** What it announced, the last list that counts, or the addresses it was seen to use. */
  readonly locators: readonly { readonly address: string; readonly method: string | null }[];
  /** Of its context, at the end of the capture: a state of RFC 5533 section 6.2; null where the capture does not show it. */
  readonly state: string | null;
}

/** A pair of locators that one host used to reach the other, over time. */
export interface Shim6PathReport {
  /** The host that sends on it. */
  readonly from: 'a' | 'b';
  readonly source: string;
  readonly destination: string;
  /** Frames that carried messages or payload on it: how many, the first and the last. */
  readonly frames: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Of those frames, the ones that carried payload. */
  readonly payload: number;
}

/** A shim6 context between two hosts. */
export interface Shim6Conversation {
  readonly id: string;
  readonly protocol: 'shim6';
  readonly hosts: { readonly a: Shim6HostReport; readonly b: Shim6HostReport };
  /** In the order of their first frames. */
  readonly paths: readonly Shim6PathReport[];
}

/** A binding at the home agent or a correspondent, from the message that made it to the one that ended or replaced it. */
export interface BindingReport {
  /** The node that keeps it. */
  readonly at: string;
  readonly kind: 'home' | 'correspondent';
  readonly careOfAddress: string;
  readonly sequence: number;
  /** As granted, in seconds. */
  readonly lifetime: number;
  /** The frame that shows it, and the one that ended it: a later registration, a deregistration; null while it stands. */
  readonly fromFrame: number;
  readonly untilFrame: number | null;
}

/** A mobile node, by its home address, with its home agent and its correspondents. */
export interface Mip6Conversation {
  readonly id: string;
  readonly protocol: 'mip6';
  readonly homeAddress: string;
  /** Over time, each with the frame in which it was first seen. */
  readonly careOfAddresses: readonly { readonly address: string; readonly fromFrame: number }[];
  readonly homeAgent: string | null;
  readonly bindings: readonly BindingReport[];
}

/** A conversation of any protocol. */
export type Conversation = MptcpConversation | Shim6Conversation | Mip6Conversation;

export interface CaptureReport {
  readonly file: string;
  /** `pcap` or `pcapng`; null where the file is neither. */
  readonly format: 'pcap' | 'pcapng' | null;
  readonly linkTypes: readonly string[];
  readonly frames: number;
  /** Frames whose octets were cut by the capture's snap length. */
  readonly snapped: number;
  /** Frames that were captured more than once. */
  readonly duplicates: number;
  /** Connection attempts that nobody answered. */
  readonly unanswered: number;
  readonly conversations: readonly Conversation[];
  readonly verdicts: readonly Verdict[];
  /** What was dropped to stay within bounds, one sentence each. */
  readonly notes?: readonly string[];
  /** Why the capture could not be read to its end: what and at which offset. */
  readonly error?: string;
}

export interface Summary {
  readonly pass: number;
  readonly warn: number;
  readonly fail: number;
  readonly inconclusive: number;
  /** Requirements of disposition `capture` that nothing exercised. */
  readonly notExercised: number;
}

export interface CheckReport {
  readonly schema: 1;
  readonly polypath: string;
  readonly captures: readonly CaptureReport[];
  readonly summary: Summary;
}

/** The conversations of one protocol in a capture. @example conversationsOf(capture, 'mptcp').map(({ subflows }) => subflows.length) */
export const conversationsOf = <P extends Conversation['protocol']>(
  { conversations }: Pick<CaptureReport, 'conversations'>,
  protocol: P,
): readonly Extract<Conversation, { readonly protocol: P }>[] =>
  conversations.filter((each): each is Extract<Conversation, { readonly protocol: P }> => each.protocol === protocol);
