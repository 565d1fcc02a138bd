/** REAP, RFC 5534: the machine, what it explores and when, and a host that runs it: `polypath/state-machines/reap`. */
export * from './endpoint.ts';
export * from './exploration.ts';
export * from './reap.ts';
