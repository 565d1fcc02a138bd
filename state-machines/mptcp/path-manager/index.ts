/** Path managers of Multipath TCP (RFC 6182 section 4, the thesis's chapter 4), with one interface, and policies for when to use what they offer. */
export { builtIn } from './built-in.ts';
export type { BuiltInSettings } from './built-in.ts';
export { cascade, tablesOf } from './cascade.ts';
export { colouring } from './colouring.ts';
export type { ColouringSettings } from './colouring.ts';
export { PathKeeper } from './keeper.ts';
export type { KeeperSettings, KeptEndpoint } from './keeper.ts';
export { act, carries } from './manager.ts';
export type {
  LocatorPairRequest,
  PathAction,
  PathAddress,
  PathEvent,
  PathLimits,
  PathManager,
  PathMapping,
  PathPacket,
  PathRequest,
  PathUp,
} from './manager.ts';
export { nextHopSelection } from './next-hop.ts';
export { decide, everyPath, holds, longFlows, nextDecision } from './policy.ts';
export type { Condition, Limitation, PathPolicy, Rule, Situation } from './policy.ts';
export { shim6Paths } from './shim6-paths.ts';
export type { WaySettings } from './ways.ts';
