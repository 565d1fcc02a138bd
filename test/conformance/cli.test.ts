/** The commands: what they read, what they print, and the exit code, as COMMANDS names them. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { concat, fromHex } from '../../codecs/bytes.ts';
import { createCaptureReader, LINKTYPE_RAW, pcapHeader, pcapRecord } from '../../codecs/capture/index.ts';
import { encodeMptcpOption, type MptcpOption } from '../../codecs/mptcp/index.ts';
import { formatAddress } from '../../codecs/packet/index.ts';
import type { Checker, CheckOptions } from '../../conformance/check.ts';
import type { Io, Output } from '../../conformance/cli/io.ts';
import { run, type Dependencies } from '../../conformance/cli/program.ts';
import { cgaVectors } from '../codecs/cga-vectors.ts';
import { timeText, type MessageLine } from '../../conformance/decode.ts';
import { listCaptures, supply } from '../../conformance/input.ts';
import type { CheckReport, Outcome, Verdict } from '../../conformance/report/index.ts';
import { catalogues } from '../../conformance/requirements/index.ts';
import { globPattern, selector } from '../../conformance/select.ts';
import { version } from '../../conformance/version.ts';
import { machines } from '../../state-machines/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'polypath-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = (name: string): string => join(directory, name);

class Collector implements Output {
  text = '';
  columns = 80;
  closed = false;
  isTerminal: boolean;

  constructor(isTerminal = false) {
    this.isTerminal = isTerminal;
  }

  write(text: string): void {
    this.text += text;
  }

  async drained(): Promise<void> {}
}

/** A frame whose one octet says what the fake checker finds in it. */
const outcomeOf: Record<number, Outcome> = { 1: 'pass', 2: 'fail', 3: 'warn', 4: 'inconclusive' };
const captureOf = (...octets: number[]): Buffer => {
  const record = { start: 0, end: 1, originalLength: 1, seconds: 0, fraction: 0 };
  return Buffer.concat([
    pcapHeader({ linkType: LINKTYPE_RAW }),
    ...octets.map((octet) => pcapRecord({ ...record, bytes: Uint8Array.of(octet) })),
  ]);
};

/** Stands for the checker: a verdict per frame. */
const createFakeChecker = (options: CheckOptions): Checker => {
  const verdicts: Verdict[] = [];
  const reader = createCaptureReader((record) => {
    const octet = record.bytes[record.start]!;
    if (octet === 255) throw new Error('the checker is broken');
    verdicts.push({
      requirement: `RFC8684-3.2-${octet}`,
      section: '3.2',
      level: 'MUST',
      verdict: outcomeOf[octet] ?? 'pass',
      conversation: 'mptcp-1',
      host: 'a',
      role: 'subflow opener',
      frames: [reader.frames],
      count: 1,
      expected: null,
      seen: null,
      message: `at ${options.at?.join(' ') ?? ''}, hashes ${options.hashes}`,
    });
  });
  return {
    push: (chunk) => reader.push(chunk),
    finish(file) {
      reader.finish();
      const error = reader.error === undefined ? {} : { error: `${reader.error.message} at offset ${reader.error.offset}` };
      const counts = { frames: reader.frames, snapped: 0, duplicates: 0, unanswered: 0 };
      return { file, format: reader.format, linkTypes: [], ...counts, conversations: [], verdicts, ...error };
    },
  };
};

const dependencies: Dependencies = {
  createChecker: createFakeChecker,
  catalogues,
  casesFor: async () => (id) => (id === 'RFC8684-3.2-6' ? ['3.2/unknown-token'] : []),
  checksFor: async () => (id) => (id === 'RFC8684-3.2-6' ? ['3.2 unknown token'] : []),
  machines: async () => machines,
};

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const polypath = async (
  argv: readonly string[],
  given: { stdin?: Uint8Array[]; terminal?: boolean; env?: Io['env']; interrupted?: boolean } = {},
): Promise<Ran> => {
  const out = new Collector(given.terminal);
  const err = new Collector(given.terminal);
  const stdin = (async function* () {
    yield* given.stdin ?? [];
  })();
  const code = await run(argv, dependencies, {
    out,
    err,
    stdin,
    env: given.env ?? {},
    interruption: () => (given.interrupted === true ? AbortSignal.abort() : new AbortController().signal),
  });
  return { code, out: out.text, err: err.text };
};

const checkJson = async (...argv: string[]): Promise<CheckReport> =>
  JSON.parse((await polypath(['check', '--json', ...argv])).out) as CheckReport;

beforeAll(() => {
  writeFileSync(path('pass.pcap'), captureOf(1, 1));
  writeFileSync(path('fail.pcap'), captureOf(1, 2));
  writeFileSync(path('warn.pcap'), captureOf(3));
  writeFileSync(path('cut.pcap'), captureOf(1, 2).subarray(0, -1));
  writeFileSync(path('broken.pcap'), captureOf(1, 255));
  writeFileSync(path('none.pcap'), 'no capture at all');
  writeFileSync(path('empty.pcap'), '');
  mkdirSync(path('folder/sub'), { recursive: true });
  writeFileSync(path('folder/b.dump'), captureOf(1));
  writeFileSync(path('folder/a.json'), '{}');
  writeFileSync(path('folder/empty'), '');
  writeFileSync(path('folder/sub/c.gz'), gzipSync(captureOf(2)));
  writeFileSync(path('folder/sub/text.gz'), gzipSync('no capture'));
  symlinkSync(path('folder'), path('folder/sub/loop'));
  mkdirSync(path('hollow'));
});

describe('input', () => {
  const read = async (name: string, stdin: Uint8Array[] = []): Promise<{ octets: Buffer; error: string | undefined }> => {
    const chunks: Buffer[] = [];
    const source = (async function* () {
      yield* stdin;
    })();
    const { error } = await supply(name, (chunk) => void chunks.push(Buffer.from(chunk)), source);
    return { octets: Buffer.concat(chunks), error };
  };
  const readWhole = async (expected: Buffer, name: string, stdin?: Uint8Array[]): Promise<string | undefined> => {
    const { octets, error } = await read(name, stdin);
    return octets.equals(expected) ? (error ?? 'whole') : `other octets, ${error}`;
  };
  // Incompressible, so that the compressed stream is long enough to be cut anywhere.
  let state = 1;
  const noise = Buffer.from(Array.from({ length: 90_000 }, () => (state = (state * 48_271) % 0x7fff_ffff) & 0xff));
  const packed = gzipSync(noise);

  test('a plain file, a gzip file, and both from standard input in chunks of any size give the same octets', async () => {
    writeFileSync(path('noise'), noise);
    writeFileSync(path('noise.gz'), packed);
    for (const name of ['noise', 'noise.gz']) expect(await readWhole(noise, path(name))).toBe('whole');
    expect(await readWhole(noise, '-', [noise.subarray(0, 1), noise.subarray(1)])).toBe('whole');
    expect(await readWhole(noise, '-', [packed.subarray(0, 1), packed.subarray(1, 2), packed.subarray(2)])).toBe('whole');
    expect(await readWhole(Buffer.alloc(0), '-', [])).toBe('whole');
  });

  test('gzip members one after another are one stream; zeros after them are padding, anything else is damage', async () => {
    expect(await readWhole(Buffer.concat([noise, noise]), '-', [packed, packed])).toBe('whole');
    expect(await readWhole(noise, '-', [packed, Buffer.alloc(9)])).toBe('whole');
    expect(await readWhole(noise, '-', [Buffer.concat([packed, Buffer.alloc(9)]), Buffer.alloc(1)])).toBe('whole');
    for (const stdin of [[packed, Buffer.from('more')], [Buffer.concat([packed, Buffer.from('more')])]]) {
      expect(await readWhole(noise, '-', stdin)).toMatch(/^damaged gzip stream \(incorrect header check\) at offset \d+$/);
    }
  });

  test('a cut gzip stream gives what could be unpacked and the offset of its end', async () => {
    for (const length of [2, 11, 1000, 70_000, packed.length - 1]) {
      const { octets, error } = await read('-', [packed.subarray(0, length)]);
      expect(error).toBe(`the gzip stream ends too early at offset ${length}`);
      expect(octets.equals(noise.subarray(0, octets.length))).toBe(true);
      expect(octets.length).toBeGreaterThan(Math.min(noise.length, length) - 50_000);
    }
  });

  test('a damaged gzip stream gives everything before the damage, and where it is', async () => {
    const checksum = Buffer.from(packed);
    checksum[packed.length - 8]! ^= 1;
    expect(await readWhole(noise, '-', [checksum])).toMatch(/^damaged gzip stream \(incorrect data check\) at offset \d+$/);

    const text = Buffer.from('many words of few kinds '.repeat(2000));
    const small = Buffer.concat([gzipSync(text, { level: 0 }).subarray(0, 10_000), Buffer.alloc(5000, 0xff)]);
    const { octets, error } = await read('-', [Buffer.concat([gzipSync(text), small])]);
    expect(error).toMatch(/gzip stream/);
    expect(octets.subarray(0, text.length).equals(text)).toBe(true);
    expect(octets.length).toBeGreaterThan(text.length);
  });

  test('a file that is not there is an error at offset 0', async () => {
    expect((await read(path('gone'))).error).toBe('cannot be opened: no such file or directory (offset 0)');
    expect((await read(directory)).error).toMatch(/^cannot be read: .* at offset 0$/);
  });

  test('a sink that takes its time gets every octet of a gzip stream', async () => {
    const chunks: Buffer[] = [];
    const slow = async (chunk: Uint8Array): Promise<void> => {
      await Promise.resolve();
      chunks.push(Buffer.from(chunk));
    };
    await supply(path('noise.gz'), slow, [] as never);
    expect(Buffer.concat(chunks).equals(noise)).toBe(true);
  });

  test('what the sink throws goes through', async () => {
    const refuse = (): void => {
      throw new Error('no more');
    };
    await expect(supply(path('noise'), refuse, [] as never)).rejects.toThrow('no more');
    await expect(supply(path('noise.gz'), refuse, [] as never)).rejects.toThrow('no more');
  });

  test('a folder is every capture in it, recognised by content and sorted; links to folders are not followed', async () => {
    const inputs = await listCaptures([path('folder'), path('pass.pcap'), '-']);
    expect(inputs.map(({ key }) => key)).toEqual(['b.dump', 'sub/c.gz', 'pass.pcap', '-']);
    expect(inputs[1]!.file).toBe(path('folder/sub/c.gz'));
    expect(await listCaptures([path('hollow')])).toEqual([
      { file: path('hollow'), key: 'hollow', error: 'the folder holds no capture (offset 0)' },
    ]);
  });

  test('captures of the same name are told apart by their paths', async () => {
    const same = [path('pass.pcap'), `${directory}/hollow/../pass.pcap`];
    expect((await listCaptures(same)).map(({ key }) => key)).toEqual(same);
  });
});

test('--only and --exclude are globs on whole ids; --rfc is exact', () => {
  expect(globPattern('RFC8684-3.2-*').test('RFC8684-3x2-6')).toBe(false);
  expect(globPattern('*-3.?-1').test('rfc8684-3.3-1')).toBe(true);
  expect(globPattern('3.2').test('RFC8684-3.2-1')).toBe(false);
  const selects = selector({ rfcs: [8684], only: ['*-3.2-*', '*-3.3-*'], exclude: ['*-b'] });
  expect(['RFC8684-3.2-6', 'RFC8684-3.3-a', 'RFC8684-3.2-b', 'RFC6824-3.2-6', 'RFC8684-3.1-1'].map(selects)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

describe('check', () => {
  test('exit 0 when nothing failed, 1 when something did, 2 when a capture could not be read, which wins', async () => {
    const codes = async (...argv: string[]): Promise<number> => (await polypath(['check', ...argv])).code;
    expect(await codes(path('pass.pcap'))).toBe(0);
    expect(await codes(path('warn.pcap'))).toBe(0);
    expect(await codes('--strict', path('warn.pcap'))).toBe(1);
    expect(await codes(path('pass.pcap'), path('fail.pcap'))).toBe(1);
    expect(await codes(path('fail.pcap'), path('none.pcap'))).toBe(2);
  });

  test('a capture that cannot be read stops nothing else: one line naming file and offset, and what was read is reported', async () => {
    const names = ['cut.pcap', 'none.pcap', 'empty.pcap', 'gone.pcap', 'broken.pcap', 'pass.pcap'].map(path);
    const { code, out, err } = await polypath(['check', '--json', ...names]);
    expect(code).toBe(2);
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    for (const [index, line] of lines.entries()) expect(line.startsWith(`polypath: ${names[index]}: `)).toBe(true);
    for (const line of lines.slice(0, 4)) expect(line).toMatch(/offset \d+/);
    const { captures, summary } = JSON.parse(out) as CheckReport;
    expect(captures.map(({ frames }) => frames)).toEqual([1, 0, 0, 0, 0, 2]);
    expect(captures.map(({ error }) => error !== undefined)).toEqual([true, true, true, true, true, false]);
    expect(captures[4]!.error).toBe('internal error: the checker is broken');
    expect(summary.pass).toBe(3);
  });

  test('the JSON report has the version, the captures in order and the summary', async () => {
    const report = await checkJson(path('pass.pcap'), path('folder'));
    expect(Object.keys(report)).toEqual(['schema', 'polypath', 'captures', 'summary']);
    expect(report.polypath).toBe(version);
    expect(report.captures.map(({ file }) => file)).toEqual([path('pass.pcap'), path('folder/b.dump'), path('folder/sub/c.gz')]);
    const ids = new Set(
      catalogues.flatMap(({ requirements }) => requirements).flatMap(({ id, disposition }) => (disposition === 'capture' ? [id] : [])),
    );
    for (const id of ['RFC8684-3.2-1', 'RFC8684-3.2-2']) ids.delete(id);
    expect(report.summary).toEqual({ pass: 3, warn: 0, fail: 1, inconclusive: 0, notExercised: ids.size });
  });

  test('notExercised counts only what was asked for', async () => {
    const { summary } = await checkJson('--only', 'RFC8684-3.2-6', path('pass.pcap'));
    expect(summary.notExercised).toBe(1);
  });

  test('hashes are computed only for a format that prints them; --at reaches the checker', async () => {
    const { captures } = await checkJson('--at', '10.0.0.1', '--at', '2001:db8::1', path('pass.pcap'));
    expect(captures[0]!.verdicts[0]!.message).toBe('at 10.0.0.1 2001:db8::1, hashes true');
    expect((await polypath(['check', '--format', 'tap', path('fail.pcap')])).out).toContain('message: "at , hashes false"');
  });

  test('standard input, plain and gzip', async () => {
    for (const octets of [captureOf(2), gzipSync(captureOf(2))]) {
      const { code, out } = await polypath(['check', '-'], { stdin: [octets] });
      expect(code).toBe(1);
      expect(out).toContain('    - mptcp-1 host a, frame 1');
    }
  });

  test('the n-th output belongs to the n-th format, one without goes to standard output', async () => {
    const [xml, json] = [path('out.xml'), path('out.json')];
    const formats = ['--format', 'junit', '--json', '--format', 'tap'];
    const { code, out } = await polypath(['check', ...formats, '--output', xml, '--output', json, path('pass.pcap')]);
    expect(code).toBe(0);
    expect(out).toMatch(/^TAP version 14\n/);
    expect(readFileSync(xml, 'utf8')).toMatch(/^<\?xml/);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toHaveProperty('schema', 1);
  });

  test('--output without a format is for the text', async () => {
    await polypath(['check', '--output', path('out.txt'), path('fail.pcap')], { terminal: true });
    expect(readFileSync(path('out.txt'), 'utf8')).toMatch(/^FAIL {2}RFC8684-3\.2-2/);
  });

  test('colour on a terminal only, and not with NO_COLOR', async () => {
    const argv = ['check', path('fail.pcap')];
    expect((await polypath(argv, { terminal: true })).out).toContain('\u001b[');
    expect((await polypath(argv, { terminal: true, env: { NO_COLOR: '1' } })).out).not.toContain('\u001b[');
    expect((await polypath(argv)).out).not.toContain('\u001b[');
  });

  test('a progress bar on a terminal for large inputs only', async () => {
    const large = path('large.pcap');
    const padding = Buffer.alloc(200_000);
    const record = pcapRecord({ bytes: padding, start: 0, end: padding.length, originalLength: padding.length, seconds: 0, fraction: 0 });
    writeFileSync(large, Buffer.concat([pcapHeader({ linkType: LINKTYPE_RAW }), ...Array.from({ length: 180 }, () => record)]));
    const { err } = await polypath(['check', large], { terminal: true });
    expect(err).toMatch(/\r\[#+ *\] \d+ % {2}\d+ of 36 MB/);
    expect(err.endsWith('\r\u001b[2K')).toBe(true);
    expect((await polypath(['check', large])).err).toBe('');
    expect((await polypath(['check', path('pass.pcap')], { terminal: true })).err).toBe('');
  });
});

describe('known verdicts', () => {
  const known = path('known.json');

  test('--write-expected then --expected: exit 0 although something fails, 1 on a difference, which is named', async () => {
    const folder = path('verdicts');
    mkdirSync(folder);
    writeFileSync(join(folder, 'x.pcap'), captureOf(1, 2, 3));
    expect((await polypath(['check', '--write-expected', known, folder])).code).toBe(1);
    expect(JSON.parse(readFileSync(known, 'utf8'))).toEqual({
      schema: 1,
      polypath: version,
      captures: {
        'x.pcap': [
          { requirement: 'RFC8684-3.2-1', conversation: 'mptcp-1', host: 'a', verdict: 'pass' },
          { requirement: 'RFC8684-3.2-2', conversation: 'mptcp-1', host: 'a', verdict: 'fail' },
          { requirement: 'RFC8684-3.2-3', conversation: 'mptcp-1', host: 'a', verdict: 'warn' },
        ],
      },
    });
    expect(await polypath(['check', '--expected', known, '--format', 'json', folder])).toMatchObject({ code: 0, err: '' });
    expect((await polypath(['check', '--expected', known, '--only', 'RFC8684-3.2-1', path('pass.pcap')])).err).toBe(
      'gone: x.pcap mptcp-1 host a RFC8684-3.2-1: pass\nnew: pass.pcap mptcp-1 host a RFC8684-3.2-1: pass\n',
    );

    const edited = readFileSync(known, 'utf8').replace('"warn"', '"pass"');
    writeFileSync(known, edited);
    writeFileSync(join(folder, 'x.pcap'), captureOf(1, 3, 4));
    const { code, err } = await polypath(['check', '--expected', known, folder]);
    expect(code).toBe(1);
    expect(err.split('\n')).toEqual([
      'gone: x.pcap mptcp-1 host a RFC8684-3.2-2: fail',
      'changed: x.pcap mptcp-1 host a RFC8684-3.2-3: pass, now warn',
      'new: x.pcap mptcp-1 host a RFC8684-3.2-4: inconclusive',
      '',
    ]);
  });

  test('a file of known verdicts that is none is exit 2', async () => {
    const cases: [string, string][] = [
      ['{', 'not JSON'],
      ['null', 'no object'],
      ['{"schema":2}', 'schema is 2, not 1'],
      ['{"schema":1,"captures":{"a":{}}}', 'captures["a"] is no list'],
      ['{"schema":1,"captures":{"a":[{"requirement":"x"}]}}', 'captures["a"][0] is no verdict'],
    ];
    for (const [content, message] of cases) {
      writeFileSync(known, content);
      const { code, err } = await polypath(['check', '--expected', known, path('pass.pcap')]);
      expect(code).toBe(2);
      expect(err).toContain(message);
      expect(err.trimEnd()).not.toContain('\n');
    }
    expect((await polypath(['check', '--expected', path('gone'), path('pass.pcap')])).code).toBe(2);
  });
});

describe('decode', () => {
  const lines = (out: string): MessageLine[] =>
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as MessageLine);

  /** A raw IPv4 packet with a TCP header that holds these options; the host with the lower port has the lower address. */
  const packet = (from: number, to: number, options: Uint8Array): Uint8Array => {
    const padded = concat(options, new Uint8Array((4 - (options.length % 4)) % 4));
    const tcp = new Uint8Array(20);
    new DataView(tcp.buffer).setUint16(0, from);
    new DataView(tcp.buffer).setUint16(2, to);
    tcp[12] = (5 + padded.length / 4) << 4;
    const addresses = from < to ? '0a000001 0a000002' : '0a000002 0a000001';
    const ip = fromHex(`4500 0000 0001 0000 40 06 0000 ${addresses}`);
    new DataView(ip.buffer).setUint16(2, 40 + padded.length);
    return concat(ip, tcp, padded);
  };
  const fragments = (whole: Uint8Array): Uint8Array[] =>
    [
      [20, 44],
      [44, whole.length],
    ].map(([start, end]) => {
      const part = concat(whole.subarray(0, 20), whole.subarray(start, end));
      const view = new DataView(part.buffer);
      view.setUint16(2, part.length);
      view.setUint16(6, (end === whole.length ? 0 : 0x2000) | ((start! - 20) / 8));
      return part;
    });
  const written = (name: string, ...packets: Uint8Array[]): string => {
    const records = packets.map((bytes, i) =>
      pcapRecord({ bytes, start: 0, end: bytes.length, originalLength: bytes.length, seconds: 1, fraction: i }),
    );
    writeFileSync(path(name), concat(pcapHeader({ linkType: LINKTYPE_RAW }), ...records));
    return path(name);
  };
  const capable = (version: 0 | 1): Uint8Array =>
    encodeMptcpOption({
      kind: 'MP_CAPABLE',
      version,
      checksumRequired: false,
      extensibility: false,
      noSubflowsToSource: false,
      cryptoAlgorithms: 1,
      ...(version === 0 && { senderKey: 1n }),
    });
  const addAddrV0: MptcpOption = { kind: 'ADD_ADDR', version: 0, ipVersion: 4, addressId: 2, address: Uint8Array.of(10, 0, 0, 9) };

  test('a JSON object per option in file order: RFC names, 64-bit numbers as decimal strings, octets as hex, addresses as text', async () => {
    const { code, out, err } = await polypath(['decode', '--json', 'vectors/captures/mptcp/fullmesh.pcap']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const all = lines(out);
    expect(all[1]).toEqual({
      frame: 7,
      time: '2026-11-22T07:51:44.251711Z',
      src: '10.1.0.2',
      dst: '10.1.0.1',
      srcPort: 5001,
      dstPort: 42482,
      protocol: 'mptcp',
      kind: 'MP_CAPABLE',
      length: 12,
      fields: {
        version: 1,
        checksumRequired: false,
        extensibility: false,
        noSubflowsToSource: false,
        cryptoAlgorithms: 1,
        senderKey: '17448123804454864137',
      },
    });
    expect(all.find(({ kind }) => kind === 'ADD_ADDR')!.fields).toMatchObject({ address: '10.1.1.2', truncatedHmac: '5398158b111988e8' });
    const frames = all.map(({ frame }) => frame);
    expect(frames).toEqual(frames.toSorted((a, b) => a - b));
  });

  test('text is one readable line per option: flags by name, nothing that is reserved and 0', async () => {
    const { out } = await polypath(['decode', 'vectors/captures/mptcp/fullmesh.pcap']);
    expect(out.split('\n')[6]).toBe(
      '12  2026-11-22T07:51:44.252543Z  10.1.0.1:42482 > 10.1.0.2:5001  mptcp ADD_ADDR, 8 octets: addressId 1, address 10.1.1.2, version 1, echo',
    );
  });

  test('what cannot be decoded is a line with its error, also an option that the capture cuts', async () => {
    const file = written('bad.pcap', packet(1, 2, Uint8Array.of(30, 5, 0x51, 1, 1)), packet(1, 2, Uint8Array.of(1, 1, 30, 30)));
    const [first, second] = lines((await polypath(['decode', '--json', file])).out);
    expect(first).toMatchObject({
      kind: 'malformed',
      length: 5,
      error: { code: 'bad-length', offset: 1, section: 'RFC 8684 section 3.3.8' },
    });
    expect(second).toMatchObject({ frame: 2, kind: 'malformed', length: 30, error: { code: 'truncated' } });
  });

  test('an option is read in the version of its flow, of the connection its MP_JOIN names, or as the newest', async () => {
    const announce = encodeMptcpOption(addAddrV0);
    // Token of key 1 under SHA-1.
    const join: MptcpOption = {
      kind: 'MP_JOIN',
      segment: 'SYN',
      backup: false,
      addressId: 1,
      receiverToken: 0xcb473678,
      senderRandomNumber: 0,
      reserved: 0,
    };
    const file = written(
      'versions.pcap',
      packet(1, 2, announce),
      packet(1, 2, capable(0)),
      packet(2, 1, announce),
      packet(3, 4, encodeMptcpOption(join)),
      packet(3, 4, announce),
      packet(2, 1, capable(1)),
      packet(1, 2, announce),
    );
    const all = lines((await polypath(['decode', '--json', file])).out);
    expect(all.filter(({ kind }) => kind === 'ADD_ADDR').map(({ fields }) => fields!['version'])).toEqual([1, 0, 0, 1]);
  });

  test('a fragmented packet is one packet, at the frame that completes it', async () => {
    const file = written('fragments.pcap', ...fragments(packet(1, 2, capable(0))));
    expect(lines((await polypath(['decode', '--json', file])).out)).toMatchObject([
      { frame: 2, kind: 'MP_CAPABLE', fields: { senderKey: '1' } },
    ]);
  });

  test('a damaged capture: what was read, one line on standard error, exit 2', async () => {
    const whole = readFileSync('vectors/captures/mptcp/fullmesh.pcap');
    const { code, out, err } = await polypath(['decode', '-'], { stdin: [whole.subarray(0, 3000)] });
    expect(code).toBe(2);
    expect(out.trimEnd().split('\n').length).toBeGreaterThan(10);
    expect(err).toMatch(/^polypath: -: .* at offset \d+\n$/);
  });

  test('times have the digits of the capture, whatever it claims', () => {
    expect(timeText({ seconds: 1, fraction: 999_999, resolution: 1e6 })).toBe('1970-01-01T00:00:01.999999Z');
    expect(timeText({ seconds: 1, fraction: 999_999_999, resolution: 1e9 })).toBe('1970-01-01T00:00:01.999999999Z');
    expect(timeText({ seconds: 1, fraction: 1_500_000, resolution: 1e6 })).toBe('1970-01-01T00:00:02.500000Z');
    expect(timeText({ seconds: 1, fraction: 1, resolution: 8 })).toBe('1970-01-01T00:00:01.125000Z');
    expect(timeText({ seconds: 2 ** 60, fraction: 0, resolution: 1e6 })).toBe(`${2 ** 60}.000000`);
  });
});

describe('machine', () => {
  const [{ name }] = machines as [(typeof machines)[number]];

  test('table, mermaid and JSON come from the table; JSON is an object with a name, a list without', async () => {
    expect((await polypath(['machine', name])).out).toMatch(new RegExp(`^# ${name}\n`));
    expect((await polypath(['machine', name, '--format', 'mermaid'])).out).toMatch(/^stateDiagram-v2\n/);
    expect(JSON.parse((await polypath(['machine', name, '--json'])).out)).toMatchObject({ name });
    const all = JSON.parse((await polypath(['machine', '--json'])).out) as { name: string }[];
    expect(all.map((one) => one.name)).toEqual(machines.map((one) => one.name));
  });
});

describe('requirements', () => {
  test('JSON lists every requirement of the RFC with what decides it', async () => {
    const { code, out } = await polypath(['requirements', '--rfc', '8684', '--format', 'json']);
    expect(code).toBe(0);
    const list = JSON.parse(out) as { rfc: number; requirements: Record<string, unknown>[] }[];
    expect(list.map(({ rfc }) => rfc)).toEqual([8684]);
    const one = list[0]!.requirements.find(({ id }) => id === 'RFC8684-3.2-6');
    expect(one).toEqual({
      id: 'RFC8684-3.2-6',
      section: '3.2',
      level: 'MUST',
      role: 'subflow acceptor',
      disposition: 'capture',
      reason: null,
      statement: expect.any(String),
      line: 1220,
      checks: ['3.2 unknown token'],
      tests: ['live mptcp: 3.2/unknown-token'],
      sameAs: null,
    });
  });

  test('text is one line each, of all catalogues when none is named', async () => {
    const { out } = await polypath(['requirements']);
    const count = catalogues.reduce((sum, { requirements }) => sum + requirements.length, 0);
    expect(out.trimEnd().split('\n')).toHaveLength(count + catalogues.length);
  });
});

describe('cga', () => {
  interface Made {
    readonly publicKey: string;
    readonly privateKey: string | null;
    readonly modifier: string;
    readonly addresses: readonly {
      readonly address: string;
      readonly prefix: string;
      readonly collisionCount: number;
      readonly parameters: string;
    }[];
  }
  const made = async (...argv: readonly string[]): Promise<Made> => {
    const { code, out, err } = await polypath(['cga', ...argv, '--json']);
    expect([code, err]).toEqual([0, '']);
    return JSON.parse(out) as Made;
  };
  const appendixA = cgaVectors('cga').find(({ name }) => name === 'RFC 3972 appendix A')!;
  const appendixAStart = cgaVectors('search').find(({ name }) => name === 'RFC 3972 appendix A')!.from;

  test('generate reproduces RFC 3972 appendix A from its key and the start of its search', async () => {
    writeFileSync(path('appendix-a.der'), Buffer.from(appendixA.publicKey, 'hex'));
    const given = ['--sec', '1', '--prefix', 'fe80::/64', '--key', path('appendix-a.der'), '--modifier', appendixAStart];
    const { addresses, privateKey } = await made('generate', ...given);
    expect(privateKey).toBeNull();
    expect(addresses).toEqual([
      { address: 'fe80::3c4a:5bf6:ffb4:ca6c', prefix: 'fe80::/64', collisionCount: 0, parameters: appendixA.parameters },
    ]);
    const der = path('appendix-a.params');
    const { out } = await polypath(['cga', 'generate', ...given, '--addresses', '--der', der]);
    expect(out).toBe('fe80::3c4a:5bf6:ffb4:ca6c\n');
    expect(readFileSync(der).toString('hex')).toBe(appendixA.parameters);
  });

  test('what is generated verifies, with a key that is made, and with every prefix and collision count', async () => {
    const keyFile = path('made.pem');
    const { addresses, privateKey } = await made(
      'generate',
      '--sec',
      '0',
      '--prefix',
      '2001:db8:1::',
      '--prefix',
      '2001:db8:2::/64',
      '--collision-count',
      '2',
      '--key-out',
      keyFile,
    );
    expect(addresses.map(({ prefix, collisionCount }) => [prefix, collisionCount])).toEqual([
      ['2001:db8:1::/64', 2],
      ['2001:db8:2::/64', 2],
    ]);
    for (const { address, parameters } of addresses) {
      expect((await polypath(['cga', 'verify', '--parameters', parameters, '--address', address])).code).toBe(0);
    }
    const again = await made('generate', '--sec', '0', '--prefix', '2001:db8:1::', '--key', keyFile, '--modifier', '0x1');
    expect(again).toMatchObject({ modifier: `${'0'.repeat(31)}1`, privateKey: null });
    expect(privateKey).not.toBeNull();
    const { out } = await polypath(['cga', 'generate', '--sec', '0', '--prefix', 'fe80::']);
    expect(out).toMatch(/^CGA: sec 0 .*\nfe80::.*\n {2}parameters {2}[0-9a-f]+\nprivate key .*\n-----BEGIN PRIVATE KEY-----\n/);
  });

  test('hba makes a set, of which each address verifies under the parameters of any; CGA-compatible with a key', async () => {
    for (const key of [[], ['--key', path('appendix-a.der')]]) {
      const { addresses } = await made(
        'hba',
        '--sec',
        '1',
        '--prefix',
        '2001:db8:1::/64',
        '--prefix',
        '2001:db8:2::/64',
        '--modifier',
        '00',
        ...key,
      );
      for (const { parameters } of addresses) {
        for (const { address } of addresses) {
          expect((await polypath(['cga', 'verify', '--hba', '--parameters', parameters, '--address', address])).code).toBe(0);
        }
      }
      const outside = await polypath([
        'cga',
        'verify',
        '--hba',
        '--json',
        '--parameters',
        addresses[0]!.parameters,
        '--address',
        '2001:db8:3::1',
      ]);
      expect([outside.code, JSON.parse(outside.out)]).toMatchObject([1, { valid: false, step: 'prefix-set' }]);
    }
  });

  test('verify takes octets or digits from a file, and says which step failed', async () => {
    const digits = path('appendix-a.hex');
    writeFileSync(digits, `${appendixA.parameters.slice(0, 60)}\n${appendixA.parameters.slice(60)}\n`);
    for (const file of [digits, path('appendix-a.params')]) {
      const { code, out } = await polypath(['cga', 'verify', '--parameters', file, '--address', 'fe80::3c4a:5bf6:ffb4:ca6c']);
      expect([code, out]).toEqual([0, 'valid: sec 1 (SHA-1_16hash2bits)\n']);
    }
    const { code, out } = await polypath(['cga', 'verify', '--parameters', appendixA.parameters, '--address', 'fe80::3c4a:5bf6:ffb4:ca6d']);
    expect([code, out]).toEqual([1, expect.stringMatching(/^not valid: Hash1 .*\(hash1, RFC 3972 section 5 step 4\)\n$/)]);
  });

  test('verify --batch answers every line in order', async () => {
    const cases = cgaVectors('verification');
    const lines = cases.map(({ parameters, address, hba }) => {
      const text = formatAddress(fromHex(address), 0, 6);
      return JSON.stringify({ parameters, address: text, hba });
    });
    const octets = new TextEncoder().encode(`${lines.join('\n')}\n`);
    const { code, out } = await polypath(['cga', 'verify', '--batch', '-'], { stdin: [octets.subarray(0, 1000), octets.subarray(1000)] });
    const answers = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { valid: boolean; step: string | null });
    expect(answers.map(({ step }) => step)).toEqual(cases.map(({ step }) => step));
    expect(answers.map(({ valid }) => valid)).toEqual(cases.map(({ step }) => step === null));
    expect(code).toBe(1);
    const bad = [
      '{',
      '[]',
      '{"parameters":"0","address":"::"}',
      '{"parameters":"00","address":"x"}',
      '{"parameters":"00","address":"::","hba":1}',
    ];
    const unusable = await polypath(['cga', 'verify', '--batch', '-'], { stdin: [new TextEncoder().encode(bad.join('\n'))] });
    expect(unusable.code).toBe(2);
    expect(
      unusable.out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { step: string }).step),
    ).toEqual(bad.map(() => 'input'));
  });

  test('a high sec says first what it will cost, a terminal shows a bar, and an interruption ends the search', async () => {
    const argv = ['cga', 'generate', '--sec', '4', '--prefix', 'fe80::', '--key', path('appendix-a.der')];
    const { code, out, err } = await polypath([...argv, '--threads', '1'], { interrupted: true });
    expect([code, out]).toEqual([130, '']);
    expect(err).toMatch(
      /^sec 4 takes 2\^64 modifiers on average: some .* years at .*; RFC 4982 registers no hash for sec 4. Ctrl-C ends it\npolypath: interrupted/,
    );
  });
});

test('lab reap-exploration prints its distribution beside the thesis, the same for the same seed', async () => {
  const argv = ['lab', 'reap-exploration', '--runs', '5', '--seed', '3'];
  const { code, out, err } = await polypath(argv);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^The pair in use breaks in both directions: 5 explorations, the longest .* s\n/);
  expect(out).toMatch(/under 7.00 s: \S+ %; the thesis has 50.0 %\n/);
  const json = JSON.parse((await polypath([...argv, '--json'])).out) as { results: { runs: number; quantiles: unknown[] }[] };
  expect(json).toMatchObject({
    schema: 1,
    experiment: 'reap-exploration',
    seed: 3,
    results: [
      { damage: 'current-pair', runs: 5 },
      { damage: 'all-but-one', runs: 5 },
    ],
  });
  expect((await polypath(argv)).out).toBe(out);
});

test('lab coupled prints what a connection takes beside the thesis, the same for the same seed', async () => {
  const argv = ['lab', 'coupled', '--runs', '1', '--seed', '2', '--duration', '1'];
  const { code, out, err } = await polypath(argv);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(
    /^A Multipath TCP connection beside one TCP flow on 100 Mbit\/s, .*: 1 s after 30 s, mean of 1, an ACK for every 2 segments\n/,
  );
  expect(out).toMatch(/\n {2}3 subflows; \S+ % of the link \(\S+ % to \S+ %\), TCP \S+ %; the thesis has about 75 %; .*\n$/);
  const json = JSON.parse((await polypath([...argv, '--json'])).out) as { results: { mptcp: number }[] };
  expect(json).toMatchObject({
    schema: 1,
    experiment: 'coupled',
    seed: 2,
    results: ['coupled', 'newreno'].flatMap((control) => [1, 2, 3].map((subflows) => ({ control, subflows, runs: 1 }))),
  });
  expect(out).toContain(`${(100 * json.results[5]!.mptcp).toFixed(1)} % of the link`);
});

test('lab mipshim6 prints what Mobile IPv6, shim6 and MipShim6 can do and what it took, and how long a failed home agent takes', async () => {
  const { code, out, err } = await polypath(['lab', 'mipshim6', '--seed', '3']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^after figure 2.22 {7}MIPv6 {19}shim6 {19}MipShim6\nmobility {16}\+ \d+ ms, \d+ messages/);
  expect(out).toMatch(/\ndouble jump {13}\+ \d+ ms, \d+ messages +- never, \d+ messages +\+ \d+ ms, \d+ messages\n/);
  expect(out).toMatch(/slope 1\.00, \d+ ms for the exploration\n$/);
  const json = JSON.parse((await polypath(['lab', 'mipshim6', '--seed', '3', '--json'])).out) as Record<string, unknown>;
  expect(json).toMatchObject({
    schema: 1,
    experiment: 'mipshim6',
    seed: 3,
    features: expect.arrayContaining([
      expect.objectContaining({
        name: 'double jump',
        cells: expect.arrayContaining([expect.objectContaining({ protocol: 'shim6', plus: false, time: null })]),
      }),
    ]),
    homeAgentFailure: { points: expect.arrayContaining([expect.objectContaining({ sendTimeout: 2000 })]) },
  });
});

describe('arguments that cannot be used are one line and exit 2', () => {
  test.each([
    [[], 'no command given'],
    [['chekc'], "unknown command 'chekc'"],
    [['check'], "missing required argument 'captures'"],
    [['check', '--jsn', 'x'], "unknown option '--jsn'"],
    [['check', '--format', 'pdf', 'x'], 'It must be one of text, json, junit, tap, markdown, html'],
    [['check', '--rfc', '1234', 'x'], 'no requirements of RFC 1234'],
    [['check', '--rfc', 'x', 'x'], 'the number of an RFC'],
    [['check', '--jobs', '0', 'x'], 'a number from 1 to 256'],
    [['check', '--at', 'host', 'x'], "'host' is no IP address"],
    [['check', '--only', 'RFC9999-*', 'x'], "no requirement matches 'RFC9999-*'"],
    [['check', '--json', '--output', 'a', '--output', 'b', 'x'], '2 outputs for 1 format(s)'],
    [['check', '--output', '/nonexistent/out', '-'], 'cannot be written'],
    [['decode'], "missing required argument 'capture'"],
    [['decode', 'a', 'b'], 'too many arguments'],
    [['requirements', '--rfc', '1'], 'no requirements of RFC 1'],
    [['machine', 'perpetual'], "no machine 'perpetual'"],
    [['lab', 'reap-exploration', '--runs', '0'], 'a number from 1 to 100000'],
    [['lab', 'coupled', '--ack-every', '3'], 'It must be 1 or 2'],
    [['lab', 'mipshim6', '--seed', '-1'], 'a number from 0 to 4294967295'],
    [['perpetual'], "unknown command 'perpetual'"],
    [['cga', 'generate', '--sec', '1'], "required option '--prefix"],
    [['cga', 'generate', '--prefix', '2001:db8::/64'], "required option '--sec"],
    [['cga', 'generate', '--sec', '8', '--prefix', '2001:db8::/64'], 'a number from 0 to 7'],
    [['cga', 'generate', '--sec', '0', '--prefix', '2001:db8::/48'], 'must have 64 bits'],
    [['cga', 'generate', '--sec', '0', '--prefix', '2001:db8::1'], 'bits set after the first 64'],
    [['cga', 'generate', '--sec', '0', '--prefix', '192.0.2.0/24'], 'is no IPv6 prefix'],
    [['cga', 'generate', '--sec', '0', '--prefix', 'fe80::', '--modifier', 'xy'], 'hexadecimal digits'],
    [['cga', 'generate', '--sec', '0', '--prefix', 'fe80::', '--key', '/nonexistent'], '--key /nonexistent: ENOENT'],
    [['cga', 'generate', '--sec', '0', '--prefix', 'fe80::', '--key', 'package.json'], 'neither a SubjectPublicKeyInfo nor'],
    [['cga', 'generate', '--sec', '0', '--prefix', 'fe80::', '--collision-count', '3'], '0, 1 or 2'],
    [['cga', 'hba', '--sec', '0', '--prefix', 'fe80::'], 'at least twice'],
    [['cga', 'hba', '--sec', '0', '--prefix', 'fe80::', '--prefix', 'fe80::/64'], 'given twice'],
    [['cga', 'hba', '--sec', '3', '--prefix', 'fe80::', '--prefix', '2001:db8::'], 'defined for 0, 1 and 2'],
    [['cga', 'verify', '--address', 'fe80::1'], 'either --parameters and --address, or --batch'],
    [['cga', 'verify', '--parameters', '00'.repeat(25), '--address', '192.0.2.1'], 'no IPv6 address'],
    [['cga', 'verify', '--parameters', '/nonexistent', '--address', 'fe80::1'], '--parameters /nonexistent: ENOENT'],
    [['cga', 'verify', '--batch', '/nonexistent'], 'cannot be opened'],
    [['cga', 'verify', '--batch', '-', '--hba'], '--batch goes without'],
    [['check', '--\u001b[2J', 'x'], String.raw`unknown option '--\x1b[2J'`],
  ])('%j', async (argv, message) => {
    const { code, err } = await polypath(argv, { stdin: [captureOf(1)] });
    expect(code).toBe(2);
    expect(err).toMatch(/^polypath: [^\n]*\n$/);
    expect(err).toContain(message);
  });

  test('--version and --help are no errors', async () => {
    expect(await polypath(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
    const { code, out } = await polypath(['--help']);
    expect(code).toBe(0);
    for (const command of ['check', 'decode', 'requirements', 'machine', 'cga']) expect(out).toContain(`  ${command} `);
    expect((await polypath(['check', '--help'])).out).toContain('--write-expected');
  });
});

test('the version is that of package.json', () => {
  expect(JSON.parse(readFileSync('package.json', 'utf8'))).toHaveProperty('version', version);
});
