/** Checks a capture of any of the protocols: octets in, report out. */
import { newChecker } from './checker.ts';
import type { Checker, CheckOptions } from './checker.ts';
import { packetFollowers } from './packet-followers.ts';

export type { Checker, CheckOptions };

/**
 * A checker for one capture.
 *
 * @example
 * const checker = createChecker({ only: ['RFC8684-3.3*'] });
 * checker.push(octetsOfTheFile);
 * const { verdicts } = checker.finish('capture.pcap');
 */
export const createChecker = (options: CheckOptions = {}): Checker => newChecker(options, () => packetFollowers);
