/** The constants of RFC 5533 section 14, and when a message is sent again. Times in ms. */

export const I1_RETRIES_MAX = 4;
export const I1_TIMEOUT = 4000;
export const NO_R1_HOLDDOWN_TIME = 60_000;
export const ICMP_HOLDDOWN_TIME = 600_000;
export const I2_TIMEOUT = 4000;
export const I2_RETRIES_MAX = 2;
export const I2BIS_TIMEOUT = 4000;
export const I2BIS_RETRIES_MAX = 2;
export const VALIDATOR_MIN_LIFETIME = 30_000;
export const UPDATE_TIMEOUT = 4000;
export const MAX_UPDATE_TIMEOUT = 120_000;
/** No constant of section 14: section 9 calls 5 minutes without traffic a reasonable time to keep a context. */
export const QUIESCENT_TIME = 300_000;

/**
 * How long to wait after a message that has been sent again `retries` times: twice as long each time, and then drawn from half to one and a half of that
 * (sections 7.8 and 14). `most` bounds what is drawn from. @example retransmissionTime(4000, 1, random) // 4000 to 12000
 */
export const retransmissionTime = (timeout: number, retries: number, random: () => number, most = Infinity): number =>
  Math.min(timeout * 2 ** Math.min(retries, 32), most) * (0.5 + random());
