/** What has to be there before `polypath live` can do anything, each in one line. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { loadLibc, type Libc } from './libc.ts';
import { Network } from './network.ts';

/** The calls, or the line that says what is missing. */
export type Readiness = { readonly libc: Libc } | { readonly missing: string };

/** What it depends on; tests bring their own. */
export interface Surroundings {
  readonly platform: string;
  readonly uid: number | undefined;
  readonly exists: (file: string) => boolean;
  readonly runs: (command: string) => boolean;
  readonly load: () => Promise<Libc | undefined>;
  /** Makes a network and removes it again. */
  readonly probe: (libc: Libc) => Promise<void>;
}

const here: Surroundings = {
  platform: process.platform,
  uid: process.getuid?.(),
  exists: existsSync,
  runs: (command) => spawnSync(command, ['-V'], { stdio: 'ignore' }).status === 0,
  load: loadLibc,
  probe: async (libc) => new Network(libc, {}).close(),
};

/** Looks for what is needed, the most basic first. @example const ready = await readiness(); if ('missing' in ready) console.error(ready.missing); */
export const readiness = async (around: Surroundings = here): Promise<Readiness> => {
  const { platform, uid, exists, runs, load, probe } = around;
  if (platform !== 'linux') return { missing: `live mptcp needs Linux, and this is ${platform}` };
  if (!exists('/proc/sys/net/mptcp')) return { missing: 'live mptcp needs a kernel with Multipath TCP: there is no /proc/sys/net/mptcp' };
  if (uid !== 0) return { missing: 'live mptcp needs root: it makes network namespaces' };
  if (!exists('/dev/net/tun')) return { missing: 'live mptcp needs /dev/net/tun' };
  if (!runs('ip')) return { missing: 'live mptcp needs the command ip (iproute2)' };
  const libc = await load();
  if (libc === undefined) return { missing: 'live mptcp needs the optional package koffi: npm install koffi' };
  try {
    await probe(libc);
  } catch (error) {
    return {
      missing: `live mptcp cannot make a network namespace with its devices: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  return { libc };
};
