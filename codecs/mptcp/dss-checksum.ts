/**
 * The DSS checksum, RFC 8684 section 3.3.1 (Figure 10): TCP's checksum over the octets of a whole mapping and a pseudo-header.
 *
 *     +--------------------------------------------------------------+
 *     |                Data Sequence Number (8 octets)               |
 *     |                                                              |
 *     +--------------------------------------------------------------+
 *     |              Subflow Sequence Number (4 octets)              |
 *     +-------------------------------+------------------------------+
 *     |  Data-Level Length (2 octets) |        Zeros (2 octets)      |
 *     +-------------------------------+------------------------------+
 */
import { fold, swap16 } from '../checksum.ts';

/**
 * Adds one segment's payload to the sum of a mapping that spreads over several: `octetsBefore` are the mapping's octets before this
 * part, `partSum` is the part's own `sum16`. After an odd number of octets the part's words are shifted by one, which swaps the two
 * octets of its sum (RFC 1071 section 2 (B)). @example addToMappingSum(sum16(first), first.length, sum16(second))
 */
export const addToMappingSum = (sum: number, octetsBefore: number, partSum: number): number =>
  fold(sum + ((octetsBefore & 1) === 0 ? partSum : swap16(partSum)));

/**
 * What the Checksum field should hold. The DSN is given as two unsigned halves of all its 64 bits, also when 32 travel; `length` is the
 * Data-Level Length, a DATA_FIN counted; `payloadSum` is the `sum16` of the mapping's octets, 0 for a lone DATA_FIN. An MP_CAPABLE with
 * data has the DSN IDSN + 1 and the subflow sequence number 1. @example dssChecksum(0, 80, 1, 11, sum16(tenOctets))
 */
export const dssChecksum = (dsnHigh: number, dsnLow: number, ssn: number, length: number, payloadSum: number): number =>
  0xffff -
  fold((dsnHigh >>> 16) + (dsnHigh & 0xffff) + (dsnLow >>> 16) + (dsnLow & 0xffff) + (ssn >>> 16) + (ssn & 0xffff) + length + payloadSum);

/**
 * Whether a Checksum field agrees with the one computed: 0 and 0xffff are the two zeros of one's complement and stand for each other
 * (RFC 1071 section 1). @example sameChecksum(0, 0xffff) // true
 */
export const sameChecksum = (a: number, b: number): boolean => a % 0xffff === b % 0xffff;
