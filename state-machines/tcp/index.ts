/** TCP as far as a subflow of Multipath TCP needs it (RFC 9293, RFC 5961, RFC 6298, RFC 7323). */
export * from './rtt.ts';
export * from './send-side.ts';
export { newTcpContext, tcpMachine } from './tcp.ts';
export type * from './tcp.ts';
export * from './validity.ts';
