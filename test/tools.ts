/** Outside tools that some tests compare with. Only such tests may skip where the tool is absent; CI sets POLYPATH_REQUIRE_TOOLS, and then they fail. */

import { spawnSync } from 'node:child_process';

/**
 * What `tool --version` prints; undefined where the tool is absent, so that its tests can skip. Throws there when POLYPATH_REQUIRE_TOOLS is set.
 * @example const tshark = toolVersion('tshark'); (tshark === undefined ? describe.skip : describe)('as tshark reads it', () => { ... })
 */
export const toolVersion = (tool: string): string | undefined => {
  const { status, stdout } = spawnSync(tool, ['--version'], { encoding: 'utf8' });
  if (status === 0) return stdout;
  if (process.env['POLYPATH_REQUIRE_TOOLS'] !== undefined) throw new Error(`${tool} is not there, and POLYPATH_REQUIRE_TOOLS asks for it`);
  return undefined;
};

/**
 * Says that something else than a tool is absent: `missing` is the line that says what. Its tests may skip then; throws when POLYPATH_REQUIRE_TOOLS is set.
 * @example demanded('live mptcp needs root')
 */
export const demanded = (missing: string | undefined): void => {
  if (missing !== undefined && process.env['POLYPATH_REQUIRE_TOOLS'] !== undefined)
    throw new Error(`${missing}, and POLYPATH_REQUIRE_TOOLS asks for it`);
};
