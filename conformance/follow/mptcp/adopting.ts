/**
 * Flows whose SYNs were not captured: they began before the capture, or under addresses and ports that another flow had before. What the
 * third packet of a handshake says is enough to know the connection (RFC 8684 section 3.1).
 */
import { decodeMptcpOption } from '../../../codecs/mptcp/index.ts';
import type { MpCapable } from '../../../codecs/mptcp/index.ts';
import { RST } from '../../../codecs/packet/index.ts';
import type { Segment } from '../../../codecs/packet/index.ts';
import { unwrap32 } from '../../../state-machines/mptcp/sequence.ts';
import { LARGEST_WINDOW, attach, newFlow } from './following.ts';
import { MP_CAPABLE, subtypeAt } from './options.ts';
import type { Following } from './following.ts';
import { learnFirstAddresses } from './handshake.ts';
import { startEstablished } from './machines.ts';
import type { Flow, Index } from './model.ts';
import { segmentOf } from './segments.ts';

/** The MP_CAPABLE of this segment, where it has one with both keys. */
const keysOf = (f: Following, segment: Segment): MpCapable | undefined => {
  for (let i = 0; i < f.options.count; i += 1) {
    const at = f.options.offsets[i]!;
    if (subtypeAt(segment, at) !== MP_CAPABLE) continue;
    const option = decodeMptcpOption(segment.bytes, at, segment.optionsEnd, undefined);
    if (option.ok && option.value.kind === 'MP_CAPABLE' && option.value.receiverKey !== undefined) return option.value;
  }
  return undefined;
};

/** A flow that began before the capture. Its third packet, or else its data sequence numbers, may tell which connection it belongs to. */
export const adopt = (f: Following, segment: Segment, time: number): void => {
  const flow = newFlow(f, segment, time, 0);
  const connection = f.registry.open();
  attach(f, connection, flow, 0);
  if (keysOf(f, segment) === undefined) {
    startEstablished(connection);
  } else {
    flow.kind = 'initial';
    learnFirstAddresses(connection, flow, f.frames);
  }
  segmentOf(f, flow, 0, segment, time);
};

/** Whether a segment cannot be of this flow but of a later one under its addresses and ports: both its keys are others, or it comes after the end. */
export const isOfAnother = (f: Following, flow: Flow, side: Index, segment: Segment): boolean => {
  if ((segment.flags & RST) !== 0) return false;
  if (flow.kind === 'initial' && side === 0 && hasOtherKeys(f, flow, segment)) return true;
  const end = flow.ends[side];
  if (!flow.closed || !end.known) return false;
  const ssn = unwrap32(segment.sequence - end.base, end.sentEnd);
  return Math.abs(ssn - end.sentEnd) > LARGEST_WINDOW || (end.finAt >= 0 && ssn > end.finAt + 1);
};

/** Whether an MP_CAPABLE has keys that are neither the initiator's nor the listener's; of a flow that is closed, one is enough. */
const hasOtherKeys = (f: Following, flow: Flow, segment: Segment): boolean => {
  const keys = f.options.capable ? keysOf(f, segment) : undefined;
  if (keys === undefined) return false;
  const [a, b] = flow.connection!.hosts;
  const others = [a.key !== undefined && a.key !== keys.senderKey, b.key !== undefined && b.key !== keys.receiverKey];
  return flow.closed ? others.includes(true) : !others.includes(false);
};

/** Whether a SYN/ACK opens another flow than this one, which has carried data or is closed. */
export const opensAnother = (flow: Flow, segment: Segment): boolean => {
  const [opener, acceptor] = flow.ends;
  return acceptor.known && acceptor.base !== segment.sequence && (flow.closed || opener.dataFrame > 0 || acceptor.dataFrame > 0);
};
