/** Why many sentences of RFC 6275 are not decided from a capture: what hides them is the same. */
import { machine, unobservable } from '../define.ts';
import type { Decision } from '../define.ts';

/** A node's lists: Binding Cache, Binding Update List, Home Agents List. */
export const keptInside = unobservable('What a node keeps in its lists is not on the wire.');

/** What a receiver makes of what it is sent, where nothing it sends tells. */
export const seenInside = unobservable('What a node makes of what it is sent is not on the wire.');

/** "Must be able to", where no packet is owed for a particular event. */
export const ability = unobservable('What a node is able to do shows only where it does it, which other requirements decide.');

/** What an administrator can set. */
export const configured = unobservable('What can be configured is not on the wire.');

/** What IPsec is given and checks. */
export const hiddenByIpsec = unobservable(
  'What IPsec is told and checks is not on the wire: behind ESP nothing can be read, without it nothing was checked.',
);

/** A sentence that announces others. */
export const heading = unobservable('Announces rules that are listed by themselves, and is kept where they are.');

/** Enforced by nodes of ours, where nothing that goes over the wire shows it: the test of `file` with this name. */
const own =
  (file: string) =>
  (test: string): Decision =>
    machine('What a node makes of this is not on the wire; a node of ours keeps to it.', `${file}: ${test}`);

/** Tests of whole nodes, of their tables, and of all of them in the lab. */
export const ownHost = own('test/state-machines/mip6-hosts.test.ts');
export const ownMachine = own('test/state-machines/mip6.test.ts');
export const ownLab = own('test/conformance/mip6-lab.test.ts');

/** What a receiver ignores: a journey in the lab in which reserved fields, padding and options are filled on the way is that of one in which they are not. */
export const ignoredByOwn = own('test/conformance/mip6-ignored.test.ts')('change nothing of what our nodes do (sections 6.1 to 6.8)');
