/** Next-hop selection: a path is a router that the host can send through; the addresses are the same on all of them. */
import { toHex } from '../../../codecs/bytes.ts';
import type { PathManager } from './manager.ts';
import { WayManager } from './ways.ts';
import type { WaySettings } from './ways.ts';

/**
 * A path manager of routers. A router takes packets of its own address family.
 *
 * @example
 * const manager = nextHopSelection();
 * manager.handle({ type: 'nextHop', nextHop: router }); // each connection has a path through it now
 */
export const nextHopSelection = (settings: WaySettings = {}): PathManager =>
  new WayManager('next-hop', settings, (request) => {
    if (request.type === 'nextHopGone') return { gone: toHex(request.nextHop) };
    if (request.type !== 'nextHop') return undefined;
    const { nextHop, medium } = request;
    return {
      way: { key: toHex(nextHop), action: { do: 'nextHop', nextHop }, medium, only: { octets: nextHop.length === 4 ? 4 : 16 } },
    };
  });
