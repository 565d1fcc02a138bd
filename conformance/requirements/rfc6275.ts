/** RFC 6275, Mobility Support in IPv6: every sentence with a keyword, and the rules without one. */
import { catalogue } from './define.ts';
import { basics, protection } from './rfc6275/basics.ts';
import { correspondent } from './rfc6275/correspondent.ts';
import { discovering } from './rfc6275/discovering.ts';
import { discovery } from './rfc6275/discovery.ts';
import { homeAgent } from './rfc6275/home-agent.ts';
import { messages } from './rfc6275/messages.ts';
import { mobileNode } from './rfc6275/mobile-node.ts';
import { movement } from './rfc6275/movement.ts';
import { neighbors } from './rfc6275/neighbors.ts';
import { nodes } from './rfc6275/nodes.ts';
import { options } from './rfc6275/options.ts';
import { registering } from './rfc6275/registering.ts';
import { returnRoutability } from './rfc6275/return-routability.ts';
import { variables } from './rfc6275/variables.ts';
import type { Catalogue } from './requirement.ts';

/** The requirements of RFC 6275 in the order of its sections; in each, its sentences first, then its rules. */
export const rfc6275: Catalogue = catalogue(6275, 'Mobility Support in IPv6', [
  ...basics,
  ...returnRoutability,
  ...protection,
  ...messages,
  ...options,
  ...discovery,
  ...neighbors,
  ...nodes,
  ...correspondent,
  ...homeAgent,
  ...mobileNode,
  ...discovering,
  ...movement,
  ...registering,
  ...variables,
]);
