/** Hosts and paths in virtual time: `polypath/conformance/lab`. */
export * from './bulk-sender.ts';
export * from './coupled.ts';
export * from './network.ts';
export * from './path.ts';
export * from './random.ts';
export * from './reap-exploration.ts';
export * from './reap-host.ts';
export * from './mip6-host.ts';
export * from './mip6-lab.ts';
export { EndpointHost } from './endpoint-host.ts';
export type { Application } from './endpoint-host.ts';
export * from './shim6-host.ts';
export * from './mipshim6.ts';
export * from './mobility-endpoint.ts';
export * from './mobility-lab.ts';
export * from './stream.ts';
