/** From subflow octets to the data stream: mappings, DSS checksums, what has no mapping (yet), and the DATA_FIN. RFC 8684 sections 3.3 and 3.7. */
import { sum16 } from '../../../codecs/checksum.ts';
import { dssChecksum, sameChecksum } from '../../../codecs/mptcp/index.ts';
import { SeenRanges } from '../ranges.ts';
import type { Core } from './core.ts';
import type { Incomplete, Subflow } from './subflow.ts';

/** Mappings of several segments whose checksum waits for the last of them, and pieces without a mapping, that a subflow holds at most. */
const INCOMPLETE = 64;
const PIECES = 4096;

/** What became of the octets: taken; refused, so that they are not acknowledged; or the subflow is to be reset for them. */
export type Delivery = 'taken' | 'refused' | 'unmappedTooLong';
/** A mapping whose checksum does not hold. */
export interface ChecksumFailure {
  readonly dsn: number;
  readonly ssn: number;
  readonly payload: Uint8Array;
}

/** Puts octets in their place in the data stream. */
const place = (core: Core, subflow: Subflow, dsn: number, payload: Uint8Array): void => {
  const { receiving, settings } = core;
  const from = Math.max(dsn, receiving.next);
  if (settings.separateWindows !== undefined && from < dsn + payload.length) subflow.brought.push({ from, to: dsn + payload.length });
  receiving.insert(dsn, payload, subflow.number);
};

/** Whether a mapping's octets are what its checksum says (section 3.3.1). */
const holds = (
  core: Core,
  { dsn, length, dataFin, checksum, wireSsn }: Omit<Incomplete, 'octets' | 'seen'>,
  payload: Uint8Array,
): boolean => {
  const full = core.remote!.wire(dsn, 8);
  const expected = dssChecksum(Number(full >> 32n), Number(full & 0xffff_ffffn), wireSsn, length + (dataFin ? 1 : 0), sum16(payload));
  return sameChecksum(checksum, expected);
};

/** Puts mapped octets in their place, once the checksum of their mapping is known to hold; gives the mapping for which it does not. */
const verify = (core: Core, subflow: Subflow, ssn: number, payload: Uint8Array): ChecksumFailure | undefined => {
  const mapping = subflow.mappings.find(ssn)!;
  const dsn = mapping.dsn + ssn - mapping.ssn;
  if (!core.checksum || mapping.judged || mapping.length === Infinity) {
    place(core, subflow, dsn, payload);
    return undefined;
  }
  if (ssn === mapping.ssn && payload.length === mapping.length) {
    if (!holds(core, mapping, payload)) return { dsn: mapping.dsn, ssn, payload };
    mapping.judged = true;
    place(core, subflow, dsn, payload);
    return undefined;
  }
  // The mapping covers several segments: they wait for each other.
  let gathered = subflow.incomplete.get(mapping.ssn);
  if (gathered === undefined) {
    const { length, dataFin, checksum, wireSsn } = mapping;
    gathered = { dsn: mapping.dsn, length, dataFin, checksum, wireSsn, octets: new Uint8Array(length), seen: new SeenRanges(0) };
    subflow.incomplete.set(mapping.ssn, gathered);
  }
  const at = ssn - mapping.ssn;
  gathered.octets.set(payload, at);
  if (gathered.seen.add(at, at + payload.length) < gathered.length) return undefined;
  subflow.incomplete.delete(mapping.ssn);
  if (!holds(core, gathered, gathered.octets)) return { dsn: gathered.dsn, ssn: mapping.ssn, payload: gathered.octets };
  mapping.judged = true;
  place(core, subflow, gathered.dsn, gathered.octets);
  return undefined;
};

/** Octets that wait for a mapping, as far as there is room for them (section 3.3.1). */
const hold = (core: Core, subflow: Subflow, ssn: number, payload: Uint8Array): Delivery => {
  const waiting = subflow.unmapped.reduce((sum, each) => sum + each.payload.length, 0);
  if (waiting + payload.length > core.receiving.limit || subflow.unmapped.length >= PIECES)
    return subflow.suspendedAt === Infinity ? 'unmappedTooLong' : 'refused';
  subflow.unmapped.push({ ssn, payload });
  return 'taken';
};

/**
 * Octets of a subflow, in any order. Part by part, for a segment may have several mappings, or one for a part of it only. What lies
 * outside the receive window is refused (section 3.8).
 */
export const deliver = (
  core: Core,
  subflow: Subflow,
  ssn: number,
  payload: Uint8Array,
  failed: (failure: ChecksumFailure) => void,
): Delivery => {
  const { receiving, settings } = core;
  if (core.isPlain && subflow.suspendedAt === Infinity) {
    const dsn = ssn + subflow.receiveOffset;
    if (dsn + payload.length > receiving.allowed) return 'refused';
    place(core, subflow, dsn, payload);
    return 'taken';
  }
  const end = ssn + payload.length;
  for (let at = ssn; at < end;) {
    if (at >= subflow.suspendedAt) return hold(core, subflow, at, payload.subarray(at - ssn));
    const mapping = subflow.mappings.find(at);
    const to = Math.min(end, mapping === undefined ? subflow.mappings.nextStart(at) : mapping.ssn + mapping.length);
    const part = to - at === payload.length ? payload : payload.subarray(at - ssn, to - ssn);
    if (mapping === undefined) {
      const held = hold(core, subflow, at, part);
      if (held !== 'taken') return held;
    } else {
      if (settings.separateWindows === undefined && mapping.dsn + to - mapping.ssn > receiving.allowed) return 'refused';
      // A mapping that is spread over segments takes room for all of it; who declares ever new ones waits.
      const { incomplete } = subflow;
      if (core.checksum && part.length < mapping.length && incomplete.size >= INCOMPLETE && !incomplete.has(mapping.ssn)) return 'refused';
      const failure = verify(core, subflow, at, part);
      if (failure !== undefined) failed(failure);
    }
    at = to;
  }
  return 'taken';
};

/** A mapping has come: what waited for it is looked at again. */
export const deliverHeld = (core: Core, subflow: Subflow, failed: (failure: ChecksumFailure) => void): void => {
  const waiting = subflow.unmapped.splice(0);
  for (const { ssn, payload } of waiting) deliver(core, subflow, ssn, payload, failed);
};
