/** What a home agent is set up with, and what comes of what it is told: RFC 6275 section 10. */
import type { HomePrefix } from './home-prefix.ts';
import type { MobilityPacket, Payload } from './packets.ts';

/** What it is set up with. Addresses of 16 octets. */
export interface HomeAgentSettings {
  readonly address: Uint8Array;
  readonly linkLocalAddress: Uint8Array;
  /** 6 octets. */
  readonly linkLayerAddress: Uint8Array;
  readonly prefixes: readonly HomePrefix[];
  /** Home Agent Preference, 16 bits; 0 when left out. */
  readonly preference?: number;
  /** So many octets that nobody can guess. */
  readonly random: (octets: number) => Uint8Array;
  /** Whether the security association of the home address lets a packet pass: a Binding Update, or a Mobile Prefix Solicitation (section 5.1). */
  readonly authentic: (packet: Pick<MobilityPacket, 'source' | 'homeAddress'>) => boolean;
  /** Whether it serves this home address at all: else status 129. Every one when left out. */
  readonly serves?: (homeAddress: Uint8Array) => boolean;
  /** Home addresses at most: else status 130; 1,024 when left out. */
  readonly capacity?: number;
  /** The longest lifetime, and the Refresh Interval that is advised where it is shorter than the lifetime; in units of 4 s. */
  readonly longest?: number;
  readonly refreshAdvice?: number;
}

/**
 * What comes of an event. `check`: Duplicate Address Detection is to be done on the home link for these addresses (`probes` are its first messages), and `checked`
 * called with what it found. `intercept`: from now on packets for the address come here (the Neighbor Advertisement says so), until `release`. `deliver`: a packet
 * for the home agent itself.
 */
export type HomeAgentOutput =
  | { readonly type: 'send'; readonly packet: Uint8Array }
  | {
      readonly type: 'check';
      readonly homeAddress: Uint8Array;
      readonly addresses: readonly Uint8Array[];
      readonly probes: readonly Uint8Array[];
    }
  | { readonly type: 'intercept'; readonly address: Uint8Array; readonly advertisement: Uint8Array }
  | { readonly type: 'release'; readonly address: Uint8Array }
  | ({ readonly type: 'deliver' } & Payload);

/** A home registration. */
export interface HomeRegistration {
  readonly homeAddress: Uint8Array;
  readonly careOfAddress: Uint8Array;
  readonly sequence: number;
  /** In ms, on the clock of the caller. */
  readonly expires: number;
}
