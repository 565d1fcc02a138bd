/** The built command, and what README.md and CONTRIBUTING.md say about it: the commands exist and the code runs as it stands there. */

import { execFileSync, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createChecker } from '../../conformance/check.ts';
import type { CheckReport } from '../../conformance/report/index.ts';

const readme = readFileSync('README.md', 'utf8');
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1]!);
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  bin: { polypath: string };
  exports: Record<string, string>;
  scripts: Record<string, string>;
};
const capture = 'vectors/captures/mptcp/fullmesh.pcap';

/** The captures of a report without what names their files. */
const checked = ({ stdout }: SpawnSyncReturns<string>): unknown =>
  (JSON.parse(stdout) as CheckReport).captures.map((one) => ({ ...one, file: undefined }));

describe('the built command', () => {
  const main = manifest.bin.polypath;
  const polypath = (args: readonly string[], input?: Uint8Array): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [main, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 30_000,
      ...(input !== undefined && { input }),
    });

  beforeAll(() => {
    execFileSync('npm', ['run', '-s', 'build'], { stdio: 'ignore' });
    const { files } = (JSON.parse(readFileSync('vectors/cga/keys.json', 'utf8')) as { vectors: { files: string[] }[] }).vectors[0]!;
    mkdirSync('coverage', { recursive: true });
    writeFileSync('coverage/key.pem', files[0]!);
  });

  test('is executable and begins with a line that finds node', () => {
    expect(statSync(main).mode & 0o111).toBe(0o111);
    expect(readFileSync(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test("the README's first command ends with the verdicts on a capture with several subflows", () => {
    const args = /node (\S+) (.*)$/m.exec(blocks('sh')[0]!)!;
    expect(args[1]).toBe(main);
    const { status, stdout, stderr } = polypath(args[2]!.split(' '));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/mptcp-1 {2}mptcp v1 {2}data-fin .* 4 subflows/);
    expect(stdout).toMatch(/\n1 capture, 1 conversation: 0 fail, \d+ warn, [1-9]\d* pass, .*\n$/);
  });

  test('every path that package.json exports can be imported by itself', () => {
    const modules = Object.values(manifest.exports).filter((target) => target.endsWith('.js'));
    const script = modules
      .map((target) => `node --input-type=module -e "await import('${pathToFileURL(resolve(target)).href}')"`)
      .join(' && ');
    const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('captures in parallel give the same report, in the order of the inputs', () => {
    const folder = ['check', '--json', 'vectors/captures/mptcp', 'package.json'];
    const one = polypath(folder);
    const two = polypath([...folder, '--jobs', '3']);
    expect(two.stdout).toBe(one.stdout);
    expect([one.status, two.status]).toEqual([2, 2]);
    expect(two.stderr).toBe('polypath: package.json: neither pcap nor pcapng (offset 0)\n');
  });

  test('checks every protocol as the library does, though it loads the other protocols only once a packet is theirs', () => {
    const files = [
      capture,
      'vectors/captures/linshim6/handshake_cga.pcap',
      'vectors/captures/umip/a-basic-cn.pcap',
      'vectors/captures/umip/a-basic-ha-core.pcap',
    ];
    const library = files.map((file) => {
      const checker = createChecker({ hashes: true });
      checker.push(readFileSync(file));
      return checker.finish(file);
    });
    expect(new Set(library.flatMap(({ conversations }) => conversations.map(({ protocol }) => protocol))).size).toBe(3);
    for (const jobs of ['1', '2'])
      expect((JSON.parse(polypath(['check', '--json', '--jobs', jobs, ...files]).stdout) as CheckReport).captures).toEqual(library);
  });

  test('cga searches with 1, 2 and 7 threads, and finds the same', () => {
    const given = ['--sec', '1', '--prefix', '2001:db8:1::/64', '--prefix', '2001:db8:2::/64', '--modifier', '7', '--json'];
    const found = [1, 2, 7].map((threads) =>
      polypath(['cga', 'generate', '--key', 'coverage/key.pem', ...given, '--threads', `${threads}`]),
    );
    for (const { status, stderr } of found) expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [one, ...others] = found.map(({ stdout }) => stdout);
    expect(others).toEqual([one, one]);
    expect((JSON.parse(one!) as { distance: number }).distance).toBeGreaterThan(0);
  });

  test('cga ends cleanly on Ctrl-C', async () => {
    const search = spawn(process.execPath, [main, 'cga', 'generate', '--sec', '4', '--prefix', 'fe80::', '--key', 'coverage/key.pem']);
    let said = '';
    search.stderr.on('data', (text) => {
      // It has said what it will cost: the search begins.
      if (said === '') search.kill('SIGINT');
      said += text;
    });
    const code = await new Promise((resolve) => void search.on('close', resolve));
    expect(said).toMatch(/^sec 4 takes .*\npolypath: interrupted, nothing was found yet\n$/);
    expect(code).toBe(130);
  }, 30_000);

  test('standard input, gzip-compressed', () => {
    const plain = polypath(['check', '--json', capture]);
    const piped = polypath(['check', '--json', '-'], gzipSync(readFileSync(capture)));
    expect(checked(piped)).toEqual(checked(plain));
  });

  test('stops quietly when nobody reads its output any more, also where the input never ends', () => {
    const endless = `{ cat ${capture}; while tail -c +25 ${capture} 2>/dev/null; do :; done; }`;
    const script = `${endless} | node ${main} decode - | head -n 1; echo "\${PIPESTATUS[1]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 30_000 });
    expect(stdout).toMatch(/MP_CAPABLE.*\n0\n$/);
    expect(stderr).toBe('');
  });
});

describe('README.md', () => {
  const directory = resolve('coverage');
  mkdirSync(directory, { recursive: true });
  const scratch = mkdtempSync(join(directory, 'readme-'));
  afterAll(() => rmSync(scratch, { recursive: true }));

  test('begins with two commands of one line, whose scripts and files exist', () => {
    const [first, second] = blocks('sh');
    for (const block of [first!, second!]) expect(block.trimEnd()).not.toContain('\n');
    expect(second).toBe('npm ci && npm test\n');
    for (const [, script] of `${first}${second}`.matchAll(/npm run -s (\w+)/g)) expect(manifest.scripts).toHaveProperty(script!);
    expect(existsSync(first!.trim().split(' ').at(-1)!)).toBe(true);
  });

  test('names only commands and options that exist', () => {
    const texts = new Map<string, string>();
    const help = (command: string): string => {
      const known =
        texts.get(command) ??
        execFileSync(process.execPath, [manifest.bin.polypath, ...command.split(' '), '--help'], { encoding: 'utf8' });
      texts.set(command, known);
      return known;
    };
    for (const [line, command] of readme.matchAll(/^\$ polypath ((?:cga|lab) [\w-]+|\w+).*$/gm)) {
      const known = help(command!);
      expect(known).toContain(`Usage: polypath ${command}`);
      for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(known).toContain(option);
    }
    const check = help('check');
    for (const [option] of readme.matchAll(/--[a-z-]+(?= (?:N|FILE|GLOB|ADDRESS|text)\b)/g)) expect(check).toContain(option);
  });

  test.each(blocks('ts').map((code, index) => [index + 1, code] as const))('example %i runs', async (index, code) => {
    const source = code.replaceAll(/'polypath\/([^']+)'/g, (_, path: string) => {
      const target = manifest.exports[`./${path}`];
      expect(target).toBeDefined();
      const file = target!.replace('./dist/', '').replace(/\.js$/, '.ts');
      return `'${pathToFileURL(resolve(file)).href}'`;
    });
    const file = join(scratch, `example-${index}.ts`);
    writeFileSync(file, source);
    const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    await import(file);
    const lines = log.mock.calls.length;
    log.mockRestore();
    // The first prints failures, of which this capture has none.
    expect(lines > 0).toBe(index > 1);
  });
});

test('every entry of the package exists as a source file', () => {
  const sources = Object.values(manifest.exports).filter((target) => target.startsWith('./dist/'));
  for (const target of sources)
    expect([target, existsSync(target.replace('./dist/', './').replace(/\.js$/, '.ts'))]).toEqual([target, true]);
});
