/**
 * Responder Nonces and Validators, RFC 5533 sections 5.15.1, 7.10.1 and 7.17.1: what lets a responder keep no state. The nonce counts periods, each with a secret
 * of its own; a nonce is recent for at least VALIDATOR_MIN_LIFETIME after it was given out, and is then forgotten with its secret. Times in ms.
 *
 * Section 7.13 has the Initiator Nonce go into the validator of an R1, while section 7.11 lets the I2 have another one than the I1. Section 7.10.1 takes the
 * Initiator Context Tag in its place, and so do we: nobody is turned away who does as he may.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ByteWriter, equalBytes } from '../../codecs/bytes.ts';
import { VALIDATOR_MIN_LIFETIME } from './constants.ts';

/** How long one nonce is given out. */
const PERIOD = 10_000;
const SECRET_OCTETS = 32;
/** Octets of a validator: as many as SHA-1 has, so that an R1 is as long as the thesis says. */
const VALIDATOR_OCTETS = 20;

/** What an R1 or R1bis answers; addresses are 16 octets. */
export type Validated =
  | {
      readonly kind: 'R1';
      readonly initiatorContextTag: number;
      readonly senderUlid: Uint8Array;
      readonly receiverUlid: Uint8Array;
      readonly source: Uint8Array;
      readonly destination: Uint8Array;
      readonly forkedInstanceIdentifier: number;
    }
  | { readonly kind: 'R1bis'; readonly packetContextTag: number; readonly source: Uint8Array; readonly destination: Uint8Array };

interface Period {
  readonly nonce: number;
  readonly secret: Uint8Array;
  readonly begun: number;
}

const tag = (w: ByteWriter, value: number): ByteWriter => w.u16('tag', Math.floor(value / 2 ** 32)).u32('tag', value % 2 ** 32);

const inputOf = (nonce: number, about: Validated): Uint8Array => {
  const w = new ByteWriter(96).u8('kind', about.kind === 'R1' ? 1 : 5).u32('nonce', nonce);
  if (about.kind === 'R1')
    return tag(w, about.initiatorContextTag)
      .bytes('senderUlid', about.senderUlid, 16)
      .bytes('receiverUlid', about.receiverUlid, 16)
      .bytes('source', about.source, 16)
      .bytes('destination', about.destination, 16)
      .u32('forkedInstanceIdentifier', about.forkedInstanceIdentifier)
      .finish();
  return tag(w, about.packetContextTag).bytes('source', about.source, 16).bytes('destination', about.destination, 16).finish();
};

/**
 * The nonces and secrets of one host: four at most.
 * @example const { nonce, validator } = secrets.make(about, now); secrets.since(nonce, validator, about, now) // when that nonce came up
 */
export class Secrets {
  readonly #random: (octets: number) => Uint8Array;
  /** Newest first. */
  #periods: readonly Period[] = [];

  constructor(random: (octets: number) => Uint8Array) {
    this.#random = random;
  }

  /** The Responder Nonce and Validator for an answer. */
  make(about: Validated, now: number): { readonly nonce: number; readonly validator: Uint8Array } {
    const { nonce, secret } = this.#current(now);
    return { nonce, validator: validatorOf(secret, nonce, about) };
  }

  /** Since when the nonce has been given out, where it is recent and the validator is the one that goes with it; undefined where not. */
  since(nonce: number, validator: Uint8Array, about: Validated, now: number): number | undefined {
    const period = this.#periods.find((each) => each.nonce === nonce && isRecent(each, now));
    return period !== undefined && equalBytes(validatorOf(period.secret, nonce, about), validator) ? period.begun : undefined;
  }

  #current(now: number): Period {
    const [newest] = this.#periods;
    if (newest !== undefined && now - newest.begun < PERIOD) return newest;
    const first = this.#random(4);
    const nonce = newest === undefined ? new DataView(first.buffer, first.byteOffset).getUint32(0) : (newest.nonce + 1) % 2 ** 32;
    const made: Period = { nonce, secret: this.#random(SECRET_OCTETS), begun: now };
    this.#periods = [made, ...this.#periods.filter((each) => isRecent(each, now))];
    return made;
  }
}

const validatorOf = (secret: Uint8Array, nonce: number, about: Validated): Uint8Array =>
  hmac(sha256, secret, inputOf(nonce, about)).subarray(0, VALIDATOR_OCTETS);

const isRecent = ({ begun }: Period, now: number): boolean => now - begun < PERIOD + VALIDATOR_MIN_LIFETIME;
