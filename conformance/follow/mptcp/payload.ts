/** Takes payload to the data sequence numbers that mappings give it: delivery, checksums, octets without a mapping (RFC 8684 sections 3.3.1 and 3.7). */
import { copyOf } from '../../../codecs/bytes.ts';
import { sum16 } from '../../../codecs/checksum.ts';
import { addToMappingSum, dssChecksum, sameChecksum } from '../../../codecs/mptcp/index.ts';
import type { Mapping } from '../../../state-machines/mptcp/mappings.ts';
import { judge } from './judge.ts';
import type { Watch } from './judge.ts';
import type { Connection, End, Flow, Here, Host, Index } from './model.ts';
import { DIFFERENT, DataStream, FRESH } from './stream.ts';
import type { StreamPool } from './stream.ts';

const TWO32 = 0x1_0000_0000;
/** Unmapped octets that are kept until a mapping or a fallback explains them. */
const UNMAPPED_OCTETS = 1 << 17;
const UNMAPPED_RANGES = 256;

const payloadEvent = { mapped: 0, unmapped: 0 };

/** Takes a segment's payload to the data sequence numbers that its mappings give it. */
export const followPayload = (here: Here, watch: Watch, pool: StreamPool): void => {
  const { sent, segment, ssn } = here;
  const end = ssn + segment.payloadLength;
  let at = ssn;
  let mapped = 0;
  let unmapped = 0;
  while (at < end) {
    const mapping = sent.mappings.find(at);
    if (mapping !== undefined) {
      const stop = Math.min(end, mapping.ssn + mapping.length);
      deliver(here, watch, pool, mapping, at, stop, segment.bytes, segment.payload + (at - ssn), segment.payloadEnd);
      mapped += stop - at;
      at = stop;
    } else if (at < sent.mappings.forgottenBelow) {
      at = Math.min(end, sent.mappings.forgottenBelow); // an old retransmission of what has long been delivered
    } else {
      const stop = Math.min(end, sent.mappings.nextStart(at));
      keepUnmapped(here, at, stop);
      unmapped += stop - at;
      at = stop;
    }
  }
  payloadEvent.mapped = mapped;
  payloadEvent.unmapped = unmapped;
  if (unmapped > 0) here.steady = false;
  judge(watch.payload, here, payloadEvent);
};

const newStream = (host: Host, pool: StreamPool, first: number): DataStream => {
  host.stream = new DataStream(pool, first);
  host.stream.prefix = host.fastOpen;
  return host.stream;
};

const deliver = (
  here: Here,
  watch: Watch,
  pool: StreamPool,
  mapping: Mapping,
  from: number,
  to: number,
  bytes: Uint8Array,
  offset: number,
  bytesEnd: number,
): void => {
  const { connection, sender } = here;
  const dsn = mapping.dsn + (from - mapping.ssn);
  const stop = Math.min(bytesEnd, offset + (to - from));
  const stream = sender.stream ?? newStream(sender, pool, connection.fromStart ? 1 : dsn);
  const verdict = stream.add(dsn, bytes, offset, Math.max(offset, stop), to - from);
  if (verdict !== FRESH) {
    sender.againFrame = here.frame;
    judge(watch.again, here, { same: verdict !== DIFFERENT, dsn });
  }
  if (mapping.checksum >= 0 && !mapping.judged) sumUp(here, watch, mapping, from - mapping.ssn, to - mapping.ssn, bytes, offset, stop);
};

/** Adds octets `from` to before `to` of a mapping to its checksum (section 3.3.1), and judges it once they are all there. */
const sumUp = (
  here: Here,
  watch: Watch,
  mapping: Mapping,
  from: number,
  to: number,
  bytes: Uint8Array,
  offset: number,
  offsetEnd: number,
): void => {
  if (mapping.unsummable || to <= mapping.summed) return;
  if (offsetEnd - offset < to - from) {
    mapping.unsummable = true;
    return;
  }
  if (from > mapping.summed) {
    (mapping.ahead ??= []).push({ from, to, sum: sum16(bytes, offset, offsetEnd) });
    if (mapping.ahead.length > 64) mapping.unsummable = true;
    return;
  }
  const skip = mapping.summed - from;
  mapping.sum = addToMappingSum(mapping.sum, mapping.summed, sum16(bytes, offset + skip, offsetEnd));
  mapping.summed = to;
  while (mapping.ahead !== undefined && mapping.ahead.length > 0) {
    const index = mapping.ahead.findIndex((part) => part.from <= mapping.summed);
    if (index < 0) break;
    const part = mapping.ahead[index]!;
    mapping.ahead.splice(index, 1);
    if (part.to <= mapping.summed) continue;
    if (part.from < mapping.summed) {
      mapping.unsummable = true; // cut differently when sent again
      return;
    }
    mapping.sum = addToMappingSum(mapping.sum, mapping.summed, part.sum);
    mapping.summed = part.to;
  }
  if (mapping.summed >= mapping.length) judgeChecksum(here, watch, mapping);
};

const judgeChecksum = (here: Here, watch: Watch, mapping: Mapping): void => {
  mapping.judged = true;
  const { sender } = here;
  if (sender.baseNarrow) return; // the pseudo-header has all 64 bits of the data sequence number
  const low = sender.baseLow + mapping.dsn;
  const high = sender.baseHigh + Math.floor(low / TWO32);
  const expected = dssChecksum(high >>> 0, low >>> 0, mapping.wireSsn, mapping.length + (mapping.dataFin ? 1 : 0), mapping.sum);
  judge(watch.checksum, here, { mapping, valid: sameChecksum(expected, mapping.checksum), expected });
};

const keepUnmapped = (here: Here, start: number, end: number): void => {
  const { sent, segment, ssn } = here;
  if (sent.unmapped.some((range) => range.start <= start && end <= range.end)) return;
  if (sent.unmapped.length >= UNMAPPED_RANGES) return;
  const kept = sent.unmapped.reduce((sum, range) => sum + (range.bytes?.length ?? 0), 0);
  const from = segment.payload + (start - ssn);
  const to = segment.payload + (end - ssn);
  const bytes = to <= segment.payloadEnd && kept + (to - from) <= UNMAPPED_OCTETS ? copyOf(segment.bytes, from, to) : undefined;
  sent.unmapped.push({ start, end, frame: here.frame, bytes, acked: false, bare: here.options === 0 });
};

/** A mapping that came after its octets explains them (section 3.3.1: implementations may hold on to such data). */
export const explainUnmapped = (here: Here, watch: Watch): void => {
  const { sent } = here;
  for (const range of sent.unmapped.slice()) {
    const mapping = sent.mappings.find(range.start);
    if (mapping === undefined) continue;
    const stop = Math.min(range.end, mapping.ssn + mapping.length);
    const bytes = range.bytes ?? new Uint8Array(0);
    const { pool } = here;
    deliver(here, watch, pool, mapping, range.start, stop, bytes, 0, bytes.length);
    if (stop < range.end) {
      range.bytes = range.bytes?.subarray(stop - range.start);
      range.start = stop;
    } else {
      sent.unmapped.splice(sent.unmapped.indexOf(range), 1);
    }
  }
};

/**
 * After a fallback without an infinite mapping the subflow's octets go on as the data did (section 3.7): what no mapping covers is
 * taken up where the last mapping ended.
 */
export const takeAsFallback = (connection: Connection, flow: Flow, host: Index, pool: StreamPool): void => {
  const end = flow.endOf(host);
  const from = connection.hosts[host];
  const last = end.mappings.at(end.mappings.count - 1);
  const offset = last === undefined ? 0 : last.dsn - last.ssn;
  for (const range of end.unmapped) {
    const stream = from.stream ?? newStream(from, pool, 1);
    const bytes = range.bytes ?? new Uint8Array(0);
    stream.add(range.start + offset, bytes, 0, bytes.length, range.end - range.start);
  }
  end.unmapped.length = 0;
};

/** Whether this end has stopped MPTCP on its connection's only subflow: section 3.7's fallback, seen from outside. */
export const hasFallenBack = (connection: Connection, flow: Flow, end: End): boolean =>
  flow.kind === 'initial' &&
  connection.flows.every((each) => each === flow || !each.established) &&
  (connection.fallbackFrame > 0 || end.isBare);
