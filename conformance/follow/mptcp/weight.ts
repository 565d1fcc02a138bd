/** How much memory a followed connection takes, roughly: what a capture can make grow, counted with what each piece costs in octets. */
import type { Connection, End, Host } from './model.ts';

const CONNECTION = 8000;
const FLOW = 1200;
const END = 800;
const MAPPING = 160;
const RANGE = 32;
const ADDRESS = 400;
const UNMAPPED = 150;
/** With its share of the tally. */
const FRAME = 25;

const endWeight = (end: End): number => {
  let octets = END + end.mappings.capacity * MAPPING + end.seen.count * RANGE;
  for (const { bytes } of end.unmapped) octets += UNMAPPED + (bytes?.length ?? 0);
  return octets;
};

/** The blocks of a stream have a budget of their own. */
const hostWeight = ({ addresses, mapped, stream, fastOpen }: Host): number =>
  addresses.length * ADDRESS + ((mapped?.count ?? 0) + (stream?.seen.count ?? 0)) * RANGE + (fastOpen?.octets.length ?? 0);

/** Octets that a connection takes. @example weightOf(connection) // 12000 */
export const weightOf = (connection: Connection): number => {
  let octets = CONNECTION + connection.ledger.kept * FRAME;
  for (const host of connection.hosts) octets += hostWeight(host);
  for (const flow of connection.flows) {
    octets += FLOW;
    // An attempt that nobody answered has no ends.
    for (const end of (flow.ends as typeof flow.ends | undefined) ?? []) octets += endWeight(end);
  }
  return octets;
};
