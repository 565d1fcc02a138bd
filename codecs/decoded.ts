/**
 * What every decoder gives back: the message, or a clear reason why the octets are none.
 * No decoder throws, whatever octets it is given.
 */

/** Why some octets could not be decoded: what (`code`), where (`offset`), why (`message`) and which RFC section says so. */
export interface DecodeError {
  /** Short and stable, for programs: `truncated`, `bad-length`, ... */
  readonly code: string;
  /** In octets from the start of the message; for a TCP option, from its Kind. */
  readonly offset: number;
  /** One sentence for people. */
  readonly message: string;
  /** The section that is broken, such as `RFC 8684 section 3.1`. */
  readonly section: string;
}

/** A decoded message, or the reason why there is none. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DecodeError };

/** A successful decoding. @example decoded({ kind: 'MP_PRIO', backup: true, reserved: 0 }) */
export const decoded = <T>(value: T): Decoded<T> => ({ ok: true, value });

/** A failed decoding. @example undecodable('bad-length', 1, 'MP_PRIO has length 3, not 5', 'RFC 8684 section 3.3.8') */
export const undecodable = (code: string, offset: number, message: string, section: string): Decoded<never> => ({
  ok: false,
  error: { code, offset, message, section },
});

/** A field that is 0 unless said otherwise is only there where it is not. */
export const unlessZero = <K extends string>(name: K, value: number): { readonly [N in K]?: number } =>
  value === 0 ? {} : ({ [name]: value } as { readonly [N in K]?: number });
