/** The state machines of Multipath TCP (RFC 8684) and the sequence spaces beside them. */
export { allowed, look, step } from '../machine.ts';
export { connectionMachine, newConnectionContext } from './connection.ts';
export type * from './connection.ts';
export { newSubflowContext, subflowMachine } from './subflow.ts';
export type * from './subflow.ts';
export { absoluteDsn, relativeDsn, unwrap32, widenDsn } from './sequence.ts';
export * from './congestion/index.ts';
export * from './reorder/index.ts';
export * from './path-manager/index.ts';
export * from './endpoint/index.ts';
