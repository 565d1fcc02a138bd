/** What late-checker.ts loads: it lies beside it in the bundle as well. */
export { packetFollowers } from '../packet-followers.ts';
