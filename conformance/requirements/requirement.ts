/** What a requirement is: one sentence of an RFC that somebody can follow or break. */

/** `RULE` is what binds without a keyword: a length, a formula, a transition, "it is not permissible to" (RFC 8174). */
export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'RECOMMENDED' | 'MAY' | 'OPTIONAL' | 'RULE';

/** How it is decided: from a capture, by an endpoint that acts, by our own machines, or not at all. */
export type Disposition = 'capture' | 'live' | 'machine' | 'unobservable';

/** Whom a requirement of RFC 8684 or RFC 6824 binds. */
export type MptcpRole =
  | 'connection initiator'
  | 'connection listener'
  | 'subflow opener'
  | 'subflow acceptor'
  | 'data sender'
  | 'data receiver'
  | 'address sender'
  | 'address receiver'
  | 'any host';

/** Whom a requirement of RFC 5533 or RFC 5534 binds. */
export type Shim6Role =
  | 'context initiator'
  | 'context responder'
  | 'message sender'
  | 'message receiver'
  | 'payload sender'
  | 'payload receiver'
  | 'any host';

/** Whom a requirement of RFC 3972, 4581, 4982 or 5535 binds. */
export type CgaRole = 'address generator' | 'address verifier' | 'signer' | 'signature verifier' | 'any host';

/** Whom a requirement of RFC 6275 binds. */
export type Mip6Role = 'mobile node' | 'home agent' | 'correspondent node' | 'any node' | 'router';

/** Whom a requirement binds, in the words of its RFC. */
export type Role = MptcpRole | Shim6Role | CgaRole | Mip6Role;

/** One requirement. Ids never move. */
export interface Requirement {
  /** `RFC8684-3.2-6` for a sentence with a keyword, `RFC8684-3.2-a` for a rule; a split sentence ends in `/1`, `/2`. */
  readonly id: string;
  readonly section: string;
  readonly level: Level;
  readonly role: Role;
  readonly disposition: Disposition;
  /** Why it is not decided from a capture. */
  readonly reason?: string;
  /** With disposition `machine`: the tests that hold our machine to it, as `file: name of the test`. */
  readonly tests?: readonly string[];
  /** In our own words. */
  readonly statement: string;
  /** Line of the RFC's text. */
  readonly line: number;
  /** The requirement that this one restates: its checks decide this one too. */
  readonly sameAs?: string;
}

/** The requirements of one RFC. */
export interface Catalogue {
  readonly rfc: number;
  readonly title: string;
  readonly requirements: readonly Requirement[];
}
