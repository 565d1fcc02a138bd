/** The followers, with their checks, of the protocols that are not TCP. */
import { mip6Checks } from './checks/mip6.ts';
import { shim6Checks } from './checks/shim6.ts';
import type { NewPacketFollower } from './follow/follower.ts';
import { mip6Follower } from './follow/mip6/follower.ts';
import { shim6Follower } from './follow/shim6/follower.ts';

/** How to make each of them. */
export const packetFollowers: readonly NewPacketFollower[] = [mip6Follower(mip6Checks), shim6Follower(shim6Checks)];
