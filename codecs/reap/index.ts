/** REAP's messages and option, RFC 5534 section 5: `polypath/codecs/reap`. `codecs/shim6` decodes and encodes them with all others. */
export { type KeepaliveTimeout } from './keepalive-timeout.ts';
export { type Keepalive } from './keepalive.ts';
export { EXPLORING, INBOUND_OK, OPERATIONAL, type Probe, type ProbeReport } from './probe.ts';
