/**
 * `npm run cells`: changes every cell of every machine, one at a time, and sees whether its expectations notice. Prints how many were
 * tried; exits 1 if a change goes unnoticed.
 */
import {
  bindingMachine,
  correspondentRegistrationMachine,
  mobileRegistrationMachine,
  newMobileRegistrationContext,
  homeRegistrationMachine,
  newBindingContext,
  newCorrespondentRegistrationContext,
  newHomeRegistrationContext,
  newPrefixDeliveryContext,
  newSolicitationContext,
  prefixDeliveryMachine,
  solicitationMachine,
} from '../state-machines/mip6/index.ts';
import { connectionMachine, newConnectionContext, newSubflowContext, subflowMachine } from '../state-machines/mptcp/index.ts';
import { movementMachine, newMovementContext } from '../state-machines/mipshim6/index.ts';
import { newReapContext, reapMachine } from '../state-machines/reap/index.ts';
import { newTcpContext, tcpMachine } from '../state-machines/tcp/index.ts';
import { newShim6Context, shim6Machine } from '../state-machines/shim6/index.ts';
import {
  bindingExpectations,
  homeRegistrationExpectations,
  correspondentRegistrationExpectations,
  mobileRegistrationExpectations,
  prefixDeliveryExpectations,
  solicitationExpectations,
} from './state-machines/mip6-expectations.ts';
import { connectionExpectations } from './state-machines/mptcp/connection-expectations.ts';
import { subflowExpectations } from './state-machines/mptcp/subflow-expectations.ts';
import { movementExpectations } from './state-machines/mipshim6-expectations.ts';
import { reapExpectations } from './state-machines/reap-expectations.ts';
import { shim6Expectations } from './state-machines/shim6-expectations.ts';
import { tcpExpectations } from './state-machines/tcp-expectations.ts';
import { tryMutants } from './state-machines/mutants.ts';

const results = [
  { machine: connectionMachine, fresh: newConnectionContext, expectations: connectionExpectations },
  { machine: subflowMachine, fresh: newSubflowContext, expectations: subflowExpectations },
  { machine: shim6Machine, fresh: newShim6Context, expectations: shim6Expectations },
  { machine: tcpMachine, fresh: newTcpContext, expectations: tcpExpectations },
  { machine: reapMachine, fresh: newReapContext, expectations: reapExpectations },
  { machine: bindingMachine, fresh: newBindingContext, expectations: bindingExpectations },
  { machine: mobileRegistrationMachine, fresh: newMobileRegistrationContext, expectations: mobileRegistrationExpectations },
  { machine: solicitationMachine, fresh: newSolicitationContext, expectations: solicitationExpectations },
  { machine: movementMachine, fresh: newMovementContext, expectations: movementExpectations },
  { machine: prefixDeliveryMachine, fresh: newPrefixDeliveryContext, expectations: prefixDeliveryExpectations },
  { machine: homeRegistrationMachine, fresh: newHomeRegistrationContext, expectations: homeRegistrationExpectations },
  {
    machine: correspondentRegistrationMachine,
    fresh: newCorrespondentRegistrationContext,
    expectations: correspondentRegistrationExpectations,
  },
].map(({ machine, fresh, expectations }) => ({ name: machine.name, ...tryMutants(machine, fresh, expectations) }));
for (const { name, cells, outcomes, mutants, survivors } of results) {
  console.log(`${name}: ${cells} cells with ${outcomes} outcomes, ${mutants} changes tried, ${survivors.length} unnoticed`);
  for (const survivor of survivors) console.log(`  ${survivor}`);
}
process.exitCode = results.some(({ survivors }) => survivors.length > 0) ? 1 : 0;
