/** The two hosts of a connection, and the two sides of a subflow, by number. */

/** Host a of a connection is 0, host b is 1; the opener's side of a subflow is 0, the acceptor's 1. */
export type Index = 0 | 1;

/** @example other(0) // 1 */
export const other = (index: Index): Index => (1 - index) as Index;
