/** The catalogues of requirements, and how to find in them what a check decides. */
import { rfc3972, rfc4581, rfc4982, rfc5535 } from './cga.ts';
import type { Catalogue, Requirement } from './requirement.ts';
import { rfc5533 } from './rfc5533.ts';
import { rfc5534 } from './rfc5534.ts';
import { rfc6275 } from './rfc6275.ts';
import { rfc6356 } from './rfc6356.ts';
import { rfc6824 } from './rfc6824.ts';
import { rfc8684 } from './rfc8684.ts';

export type { Catalogue, CgaRole, Disposition, Level, Mip6Role, MptcpRole, Requirement, Role, Shim6Role } from './requirement.ts';

/** Every catalogue, by the number of its RFC. */
export const catalogues: readonly Catalogue[] = [rfc3972, rfc4581, rfc4982, rfc5533, rfc5534, rfc5535, rfc6275, rfc6356, rfc6824, rfc8684];

const byId: ReadonlyMap<string, Requirement> = new Map(
  catalogues.flatMap((catalogue) => catalogue.requirements.map((requirement) => [requirement.id, requirement])),
);

/**
 * The requirement with this id, `RFC8684-3.2-6`; undefined for an id that no catalogue lists.
 * A sentence that was split is listed under the ids of its parts, `RFC8684-3.2-4/1`: see `partsOf`.
 */
export const requirement = (id: string): Requirement | undefined => byId.get(id);

/** What the sentence `id` asks for: itself, or its parts in order where it was split. `partsOf('RFC8684-3.2-4')` has two; an unknown id none. */
export function partsOf(id: string): readonly Requirement[] {
  const whole = byId.get(id);
  return whole === undefined ? [...byId.values()].filter((other) => other.id.startsWith(`${id}/`)) : [whole];
}

/** What each requirement decides where version 0, respectively anything else, is spoken: the ids whose restatements lead to it, itself first. */
const decidedBy = (rfcs: (rfc: number) => boolean): ReadonlyMap<string, readonly string[]> => {
  const decided = new Map<string, string[]>();
  for (const { id } of catalogues.filter(({ rfc }) => rfcs(rfc)).flatMap(({ requirements }) => requirements)) {
    for (let at = byId.get(id); at !== undefined; at = at.sameAs === undefined ? undefined : byId.get(at.sameAs)) {
      const ids = decided.get(at.id);
      if (ids === undefined) decided.set(at.id, [id]);
      else if (id === at.id) ids.unshift(id);
      else ids.push(id);
    }
  }
  return decided;
};
const decidedInVersion0 = decidedBy((rfc) => rfc === 6824);
const decidedElsewhere = decidedBy((rfc) => rfc !== 6824);

/**
 * The ids under which the outcome of the check for `id` is reported: `id`, then what restates it, in any catalogue.
 * Only RFC 6824 and RFC 8684 stand for the two versions of one protocol: on a connection of version 0 what restates `id` in RFC 6824, which
 * may be nothing; on one of version 1, or null where it is unknown, the rest. An unknown id decides nothing.
 * `idsDecidedBy('RFC8684-3-2', 1)` is that id, `RFC8684-3.4.1-15/2` and `RFC8684-4-3`.
 */
export function idsDecidedBy(id: string, version: 0 | 1 | null = null): readonly string[] {
  return (version === 0 ? decidedInVersion0 : decidedElsewhere).get(id) ?? [];
}
