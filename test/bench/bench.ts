/**
 * `npm run bench [-- [--runs N] [cga] [endpoint] [reorder] [shim6] [FILE...]]`: how long `check` takes on large captures, beside tshark's MPTCP analysis and tcpdump, which merely
 * reads; all in turn in one run, medians. Then the codecs by themselves, CGA, the endpoints of MPTCP, the out-of-order queue and shim6's contexts (`cga`, `endpoint`, `reorder` or `shim6` alone measure nothing else). Nothing is installed: what is absent is left out and named.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCaptureReader, LINKTYPE_RAW } from '../../codecs/capture/index.ts';
import { encodeMptcpOption, newDssFields, readDss } from '../../codecs/mptcp/index.ts';
import { locateSegment, newSegment } from '../../codecs/packet/index.ts';
import { conversationsOf } from '../../conformance/report/index.ts';
import type { CheckReport } from '../../conformance/report/report.ts';
import { benchCgaAndHba } from './cga.ts';
import { benchReorder } from './reorder.ts';
import { benchShim6 } from './shim6.ts';
import { benchEndpoint } from './endpoint.ts';
import { flood } from './floods.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const FOLDER = join(root, '.bench');
const MAIN = join(root, 'dist', 'cli', 'main.js');
const PEAK = join(here, 'peak.js');
const MEBI = 1 << 20;

/** One way to read a capture: how it is called, and what it took each time (ms, KiB). */
interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: (file: string) => readonly string[];
  readonly times: number[];
  readonly peaks: number[];
  output: string;
}

const contender = (name: string, command: string, args: Contender['args']): Contender => ({
  name,
  command,
  args,
  times: [],
  peaks: [],
  output: '',
});
const polypath = (name: string, ...args: string[]): Contender =>
  contender(name, process.execPath, (file) => ['--import', PEAK, MAIN, 'check', ...args, file]);

const tools: readonly (() => Contender)[] = [
  () =>
    contender('tshark', 'tshark', (file) =>
      '-n -r FILE -q -z conv,mptcp -o mptcp.analyze_mappings:TRUE -o mptcp.intersubflows_retransmission:TRUE'
        .split(' ')
        .map((word) => (word === 'FILE' ? file : word)),
    ),
  () => contender('tcpdump', 'tcpdump', (file) => ['-r', file, '-w', '/dev/null']),
];

const isThere = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** Runs it once. `check` exits with 1 when something failed: it has read the capture all the same. */
const run = (each: Contender, file: string): void => {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(each.command, each.args(file), { encoding: 'utf8', maxBuffer: 512 * MEBI });
  each.times.push(Number(process.hrtime.bigint() - start) / 1e6);
  if (status === null || status > 1) throw new Error(`${each.name} failed on ${file}: ${stderr}`);
  const peak = /^peak (\d+)$/m.exec(stderr);
  if (peak !== null) each.peaks.push(Number(peak[1]));
  each.output = stdout;
};

/** What takes longer, in ms, is run once: on whole packets tshark takes many minutes. */
const PATIENCE = 120_000;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** Whether the capture holds whole packets: only then there is payload to hash and checksums to verify. Says so from its first MiB. */
const isWhole = (file: string): boolean => {
  let whole = true;
  const reader = createCaptureReader((record) => (whole &&= record.end - record.start === record.originalLength));
  const head = Buffer.alloc(MEBI);
  const descriptor = openSync(file, 'r');
  reader.push(head.subarray(0, readSync(descriptor, head)));
  closeSync(descriptor);
  return whole;
};

const benchFile = (file: string, runs: number, others: readonly string[]): void => {
  const { size } = statSync(file);
  const whole = isWhole(file);
  const checks = [polypath('check'), ...(whole ? [polypath('check --format json', '--format', 'json')] : [])];
  const contenders = [...checks, ...tools.map((make) => make()).filter(({ command }) => others.includes(command))];
  for (let n = 0; n < runs; n += 1) for (const each of contenders) if (!each.times.some((time) => time > PATIENCE)) run(each, file);
  const ours = median(checks[0]!.times);
  console.log(`${basename(file)}: ${(size / 1e6).toFixed(0)} MB, ${whole ? 'whole packets' : 'snapped'}, median of ${runs}`);
  for (const { name, times, peaks } of contenders) {
    const time = median(times);
    const facts = [`${name.padEnd(20)} ${seconds(time).padStart(9)}`, `${(time / ours).toFixed(1).padStart(6)} x`];
    if (times.length < runs) facts.push(times.length === 1 ? 'one run' : `${times.length} runs`);
    if (peaks.length > 0) facts.push(`${(size / 1e3 / time).toFixed(0)} MB/s`, `peak ${(Math.max(...peaks) / 1024).toFixed(0)} MiB`);
    console.log(`  ${facts.join('   ')}`);
  }
  if (!whole) return;
  const { captures } = JSON.parse(checks[1]!.output) as CheckReport;
  for (const { frames, conversations, verdicts } of captures) {
    const hashed = conversationsOf({ conversations }, 'mptcp')
      .flatMap(({ streams: { a, b } }) => [a, b])
      .filter(({ sha256 }) => sha256 !== null);
    const octets = hashed.reduce((sum, { bytes }) => sum + bytes, 0);
    const verified = verdicts.find(({ requirement }) => requirement === 'RFC8684-3.3.1-a');
    console.log(
      `  ${frames} frames, ${hashed.length} streams of ${octets} octets hashed${verified === undefined ? '' : `, ${verified.count} DSS checksums: ${verified.verdict}`}`,
    );
  }
};

/** The codecs alone, on packets in memory: reading records and locating segments, and reading a DSS. */
const benchCodecs = (): void => {
  const segment = newSegment();
  const chunks = Array.from(flood('syn', 200_000), (chunk) => Uint8Array.from(chunk));
  let located = 0;
  const times: number[] = [];
  for (let n = 0; n < 7; n += 1) {
    const reader = createCaptureReader((record) => {
      located += locateSegment(record.bytes, record.start, record.end, record.originalLength, LINKTYPE_RAW, segment);
    });
    const start = process.hrtime.bigint();
    for (const chunk of chunks) reader.push(chunk);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  const option = encodeMptcpOption({
    kind: 'DSS',
    dataFin: false,
    dataAck: 1n,
    dataAckOctets: 8,
    dataSequenceNumber: 2n,
    dataSequenceNumberOctets: 8,
    subflowSequenceNumber: 3,
    dataLevelLength: 4,
    checksum: 5,
    reserved: 0,
  });
  const fields = newDssFields();
  const dssTimes: number[] = [];
  for (let n = 0; n < 7; n += 1) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < 1_000_000; i += 1) located += readDss(option, 0, option.length, fields);
    dssTimes.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  if (located < 0) throw new Error('nothing was located');
  console.log(
    `codecs: ${(200_000 / median(times) / 1000).toFixed(1)} million records a second read and located; a DSS read in ${median(dssTimes).toFixed(1)} ns`,
  );
};

const captures = (): readonly string[] =>
  existsSync(FOLDER)
    ? readdirSync(FOLDER)
        .filter((name) => /\.pcap(ng)?$/.test(name))
        .toSorted()
        .map((name) => join(FOLDER, name))
    : [];

const HOW = `No captures to measure: name some, or record some into .bench/ (as root, on Linux with MPTCP; needs python3, iproute2 and tcpdump):

  mkdir -p .bench
  python3 test/bench/record-bulk-capture.py .bench/1m.pcap --connections 8 --bytes 135000000 --snaplen 128
  python3 test/bench/record-bulk-capture.py .bench/4m.pcap --connections 8 --bytes 540000000 --snaplen 128
  python3 test/bench/record-bulk-capture.py .bench/whole.pcap --checksum
`;

const main = async (args: string[]): Promise<void> => {
  const at = args.indexOf('--runs');
  const runs = at < 0 ? 5 : Number(args[at + 1]);
  const named = at < 0 ? args : args.toSpliced(at, 2);
  if (!(runs >= 1)) throw new RangeError('--runs: a number from 1 on');
  const files = named.length > 0 ? named.filter((name) => !['cga', 'endpoint', 'reorder', 'shim6'].includes(name)) : captures();
  const [cpu = ''] =
    /^model name\s*: (.*)$/m.exec(existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '')?.slice(1) ?? [];
  console.log(`Node ${process.version}${cpu && `, ${cpu}`}`);
  if (named.length === 0 || named.includes('cga')) await benchCgaAndHba();
  if (named.length === 0 || named.includes('endpoint')) benchEndpoint(runs);
  if (named.length === 0 || named.includes('reorder')) benchReorder();
  if (named.length === 0 || named.includes('shim6')) await benchShim6();
  if (named.length > 0 && files.length === 0) return;
  const others = ['tshark', 'tcpdump'].filter(isThere);
  for (const tool of ['tshark', 'tcpdump'])
    if (!others.includes(tool)) console.log(`${tool} is not installed: no comparison with it (Debian: apt-get install ${tool})`);
  if (files.length === 0) console.log(HOW);
  for (const file of files) benchFile(file, runs, others);
  benchCodecs();
};

await main(process.argv.slice(2));
