/** Every state machine, and what lists, draws and steps them. */
import type { AnyMachine } from './machine.ts';
import { bindingMachine } from './mip6/binding.ts';
import { correspondentRegistrationMachine } from './mip6/correspondent-registration.ts';
import { homeRegistrationMachine } from './mip6/home-registration.ts';
import { mobileRegistrationMachine } from './mip6/mobile-registration.ts';
import { prefixDeliveryMachine } from './mip6/prefix-delivery.ts';
import { solicitationMachine } from './mip6/solicitation.ts';
import { movementMachine } from './mipshim6/movement.ts';
import { connectionMachine } from './mptcp/connection.ts';
import { subflowMachine } from './mptcp/subflow.ts';
import { reapMachine } from './reap/reap.ts';
import { shim6Machine } from './shim6/context.ts';
import { tcpMachine } from './tcp/tcp.ts';

export * from './machine.ts';
export * from './listing.ts';

/** All of them, as `polypath machine` prints them. */
export const machines: readonly AnyMachine[] = [
  connectionMachine,
  subflowMachine,
  tcpMachine,
  shim6Machine,
  reapMachine,
  bindingMachine,
  homeRegistrationMachine,
  correspondentRegistrationMachine,
  mobileRegistrationMachine,
  solicitationMachine,
  prefixDeliveryMachine,
  movementMachine,
];
