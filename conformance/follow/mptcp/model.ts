/** What following a capture knows: connections, their hosts, their subflows and the two ends of each. Filled by the follower, read by checks. */
export * from './connection.ts';
export * from './end.ts';
export type { Finding } from '../evidence.ts';
export * from './flow.ts';
export * from './here.ts';
export * from './host.ts';
export * from './sides.ts';
