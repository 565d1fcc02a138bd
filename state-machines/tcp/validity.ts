/**
 * Whether a segment's numbers are ones to listen to: RFC 9293 section 3.10.7.4 with the checks of RFC 5961, and RFC 7323 section 5.3.
 * All numbers are relative ones that do not wrap (../mptcp/sequence.ts).
 */

/** Whether any of a segment's `length` octets (SYN and FIN counted), or its place where it has none, is in the window; RFC 9293 table 6. */
export const isAcceptable = (sequence: number, length: number, receiveNext: number, window: number): boolean => {
  if (length === 0) return window === 0 ? sequence === receiveNext : sequence >= receiveNext && sequence < receiveNext + window;
  if (window === 0) return false;
  const last = sequence + length - 1;
  return (sequence >= receiveNext && sequence < receiveNext + window) || (last >= receiveNext && last < receiveNext + window);
};

/**
 * What a RST's sequence number makes of it (RFC 5961 section 3.2): `exact` closes, `inWindow` asks for a challenge ACK, `outside` is
 * dropped. @example judgeRst(1001, 1001, 65_535) // 'exact'
 */
export const judgeRst = (sequence: number, receiveNext: number, window: number): 'exact' | 'inWindow' | 'outside' =>
  sequence === receiveNext ? 'exact' : isAcceptable(sequence, 0, receiveNext, window) ? 'inWindow' : 'outside';

/**
 * What an acknowledgment is (RFC 5961 section 5.2): `new`, `duplicate` (nothing new), `old` (further back than any window has been: a
 * challenge ACK), or `ahead` (of what has not been sent: acknowledge and drop).
 * @example judgeAck(1, 1, 101, 65_535) // 'duplicate'
 */
export const judgeAck = (
  acknowledgment: number,
  unacknowledged: number,
  sendNext: number,
  largestWindow: number,
): 'new' | 'duplicate' | 'old' | 'ahead' => {
  if (acknowledgment > sendNext) return 'ahead';
  if (acknowledgment > unacknowledged) return 'new';
  return acknowledgment >= unacknowledged - largestWindow ? 'duplicate' : 'old';
};

/** Whether a timestamp is older than the last one that was taken, modulo 2^32 (PAWS, RFC 7323 section 5.3). @example isStale(1, 2) // true */
export const isStale = (timestamp: number, recent: number): boolean => ((timestamp - recent) | 0) < 0;
