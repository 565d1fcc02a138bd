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

/** Whether the restatements of `from` lead to `id`. */
function leadsTo(from: Requirement, id: string): boolean {
  for (let at: Requirement | undefined = from; at !== undefined; at = at.sameAs === undefined ? undefined : byId.get(at.sameAs)) {
    if (at.id === id) return true;
  }
  return false;
}

const decided = new Map<string, readonly string[]>();

/**
 * The ids under which the outcome of the check for `id` is reported: `id`, then what restates it, in any catalogue.
 * Only RFC 6824 and RFC 8684 stand for the two versions of one protocol: on a connection of version 0 what restates `id` in RFC 6824, which
 * may be nothing; on one of version 1, or null where it is unknown, the rest. An unknown id decides nothing.
 * `idsDecidedBy('RFC8684-3-2', 1)` is that id, `RFC8684-3.4.1-15/2` and `RFC8684-4-3`.
 */
export function idsDecidedBy(id: string, version: 0 | 1 | null = null): readonly string[] {
  const key = `${version ?? 1} ${id}`;
  const known = decided.get(key);
  if (known !== undefined || !byId.has(id)) return known ?? [];
  const ids = catalogues
    .filter(({ rfc }) => (version === 0) === (rfc === 6824))
    .flatMap(({ requirements }) => requirements)
    .filter((other) => leadsTo(other, id))
    .map((other) => other.id);
  const rootFirst = ids.includes(id) ? [id, ...ids.filter((other) => other !== id)] : ids;
  decided.set(key, rootFirst);
  return rootFirst;
}
