/** A RST for a segment that belongs to nothing (RFC 9293 section 3.10.7.1). */
import { ACK, RST } from '../../../codecs/packet/index.ts';
import type { SegmentOption } from '../segment.ts';
import type { EndpointOutput, SocketAddress } from './settings.ts';

const NOTHING = new Uint8Array(0);

/** A RST for a segment that has no connection, with the number that it acknowledges (RFC 9293 section 3.10.7.1). */
export const answerRst = (
  local: SocketAddress,
  remote: SocketAddress,
  subflow: number,
  sequence: number,
  options: readonly SegmentOption[],
  acknowledgment?: number,
): EndpointOutput => ({
  type: 'send',
  subflow,
  segment: {
    source: local.address,
    destination: remote.address,
    sourcePort: local.port,
    destinationPort: remote.port,
    sequence,
    acknowledgment: acknowledgment ?? 0,
    flags: acknowledgment === undefined ? RST : RST | ACK,
    window: 0,
    options,
    payload: NOTHING,
  },
});
