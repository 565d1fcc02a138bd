/**
 * The path manager that a shim6 context drives: a path is a pair of verified locators (RFC 5533); the transport's addresses stay the ULIDs. When REAP moves a pair
 * (RFC 5534 section 4.2), the path keeps its index, and the transport is told that what it has measured counts no more.
 */
import { toHex } from '../../../codecs/bytes.ts';
import type { LocatorPairRequest, PathManager } from './manager.ts';
import { WayManager } from './ways.ts';
import type { Way, WaySettings } from './ways.ts';

const keyOf = (
  ulids: LocatorPairRequest,
  { source, destination }: { readonly source: Uint8Array; readonly destination: Uint8Array },
): string => [ulids.local, ulids.remote, source, destination].map((address) => toHex(address)).join(' ');

const wayOf = (request: LocatorPairRequest): Way => {
  const { local, remote, source, destination } = request;
  return {
    key: keyOf(request, request),
    action: { do: 'locators', source, destination },
    only: { local, remote },
  };
};

/**
 * A path manager of locator pairs. The pair of the ULIDs themselves is path 0 of each connection and is not to be told.
 *
 * @example
 * const manager = shim6Paths();
 * manager.handle({ type: 'locatorPair', local: ulid, remote: peerUlid, source: locator, destination: peerLocator });
 */
export const shim6Paths = (settings: WaySettings = {}): PathManager =>
  new WayManager('shim6', settings, (request) => {
    switch (request.type) {
      case 'locatorPair':
        return { way: wayOf(request) };
      case 'locatorPairGone':
        return { gone: keyOf(request, request) };
      case 'locatorPairChanged':
        return { changed: keyOf(request, request.before ?? request), way: wayOf(request) };
      default:
        return undefined;
    }
  });
