/** Every check, by protocol. */
import { idsDecidedBy } from '../requirements/index.ts';
import { mip6Checks } from './mip6.ts';
import { mptcpChecks } from './mptcp.ts';
import { shim6Checks } from './shim6.ts';

export { mip6Checks, mptcpChecks, shim6Checks };

/** The names of the checks that decide a requirement: the section's file and the event that it watches. */
export const checksFor = (id: string): readonly string[] =>
  [...mptcpChecks, ...mip6Checks, ...shim6Checks]
    .filter((each) => idsDecidedBy(each.requirement, 1).includes(id) || idsDecidedBy(each.requirement, 0).includes(id))
    .map((each) => `${each.requirement} on ${each.event}`);
