/**
 * Packet colouring: the paths are a remote path manager's, in a router, say. It tells packets apart by a colour that the host gives them: a Differentiated Services Code
 * Point (RFC 2474) or a flow label (RFC 8200 section 6).
 */
import type { PathManager } from './manager.ts';
import { WayManager } from './ways.ts';
import type { WaySettings } from './ways.ts';

/** Where a colour stands. */
export interface ColouringSettings extends WaySettings {
  readonly field: 'dscp' | 'flowLabel';
}

const BITS = { dscp: 6, flowLabel: 20 } as const;

/**
 * A path manager of colours. A colour that the field cannot hold, or 0, which is what packets without a colour have, is none. Only IPv6 packets have flow labels.
 *
 * @example
 * const manager = colouring({ field: 'dscp' });
 * manager.handle({ type: 'colour', colour: 0b001010 }); // the remote manager has a way for it
 */
export const colouring = ({ field, ...settings }: ColouringSettings): PathManager =>
  new WayManager(`colouring-${field}`, settings, (request) => {
    if (request.type === 'colourGone') return { gone: `${request.colour}` };
    if (request.type !== 'colour') return undefined;
    const { colour, medium } = request;
    if (!Number.isInteger(colour) || colour < 1 || colour >= 1 << BITS[field]) return undefined;
    return {
      way: {
        key: `${colour}`,
        action: field === 'dscp' ? { do: 'dscp', dscp: colour } : { do: 'flowLabel', flowLabel: colour },
        medium,
        ...(field === 'flowLabel' && { only: { octets: 16 } }),
      },
    };
  });
