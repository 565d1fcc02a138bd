/** What the mobility options have in common, RFC 6275 section 6.2.1: Option Type, Option Length, Option Data. */
import type { Decoded } from '../decoded.ts';

/** The codec of one option. */
export interface MobilityOptionCodec<O> {
  readonly kind: string;
  readonly type: number;
  readonly section: string;
  /** Where it must begin: at an octet of the Mobility Header that is `offset` modulo `every`. */
  readonly alignment: { readonly every: number; readonly offset: number };
  /** The fields of the data. Offsets of errors count from the option's type. */
  readonly decode: (data: Uint8Array) => Decoded<O>;
  readonly encode: (option: O) => Uint8Array;
}

/** No alignment is asked for. */
export const ANYWHERE = { every: 1, offset: 0 } as const;
