/** Sequence numbers of Binding Updates, RFC 6275 section 9.5.1. */

/** Whether one is greater than the last, modulo 2**16: the last one and the 32768 values before it are not. @example isGreater(3, 65535) // true */
export const isGreater = (sequence: number, last: number): boolean => {
  const ahead = (sequence - last + 0x1_0000) % 0x1_0000;
  return ahead > 0 && ahead < 0x8000;
};
