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

export interface Conversation {
  readonly id: string;
  readonly protocol: 'mptcp';
  readonly version: number | null;
  readonly outcome: 'data-fin' | 'fastclose' | 'reset' | 'fallback' | 'refused' | 'open';
  readonly hosts: { readonly a: HostReport; readonly b: HostReport };
  readonly subflows: readonly SubflowReport[];
  readonly streams: { readonly a: StreamReport; readonly b: StreamReport };
}

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
