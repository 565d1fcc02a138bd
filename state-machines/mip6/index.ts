/**
 * Mobile IPv6, RFC 6275: what correspondent nodes, home agents and mobile nodes hold, as tables, and the nodes themselves: `polypath/state-machines/mip6`.
 */
export * from './address.ts';
export * from './binding.ts';
export * from './correspondent.ts';
export * from './correspondent-host.ts';
export * from './correspondent-registration.ts';
export * from './home-agent.ts';
export * from './home-agent-settings.ts';
export * from './home-agents-list.ts';
export * from './home-prefix.ts';
export * from './home-registrar.ts';
export * from './home-registration.ts';
export * from './mobile-node.ts';
export * from './mobile-peer.ts';
export * from './mobile-registration.ts';
export * from './nonces.ts';
export * from './packets.ts';
export * from './prefix-delivery.ts';
export * from './solicitation.ts';
