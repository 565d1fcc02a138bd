/**
 * Every MPTCP option of our captures, field for field against tshark, where there is one. Where the two differ on purpose:
 *
 * - tshark 4.0 does not show a DSS's checksum; RFC 8684 section 3.3 infers it from the Length, and mptcp.test.ts verifies the sums.
 * - tshark reads subtype 8 of a v0 connection as MP_TCPRST; RFC 6824 section 8 leaves it unassigned, we keep it as UNKNOWN.
 * - tshark shows no reserved bits of ADD_ADDR and REMOVE_ADDR, and nothing inside MP_EXPERIMENTAL and unknown subtypes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { toHex } from '../../codecs/bytes.ts';
import { createCaptureReader, enhancedPacket, interfaceDescription, sectionHeader } from '../../codecs/capture/index.ts';
import { deriveKey, type MptcpOption } from '../../codecs/mptcp/index.ts';
import { toolVersion } from '../tools.ts';
import { capturesAt, captureNames, decodeWell, optionsIn, versionIn, type Carried } from './mptcp-captures.ts';
import { vectorsAt } from './mptcp-vectors.ts';

const crafted = readdirSync(vectorsAt).filter((name) => name.endsWith('.pcap'));
const files = [...captureNames.map((name) => new URL(name, capturesAt)), ...crafted.map((name) => new URL(name, vectorsAt))];

const scratch = mkdtempSync(join(tmpdir(), 'polypath-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const version = toolVersion('tshark')?.match(/TShark[^\d]*([\d.]+)/)?.[1];

type Fields = Record<string, string | readonly string[]>;

const flag = (value: boolean): string => (value ? '1' : '0');
const colons = (octets: Uint8Array): string => toHex(octets).replace(/(..)(?=.)/g, '$1:');
const decimal = (octets: Uint8Array): string => BigInt(`0x${toHex(octets)}`).toString();

/** What tshark should show of an option: numbers in decimal, without its prefix `tcp.options.mptcp.`. */
const shown = (option: MptcpOption, octets: Uint8Array): Fields => {
  const subtype = { subtype: `${octets[2]! >> 4}` };
  const flags = { flags: `${octets[2]!}` };
  switch (option.kind) {
    case 'MP_CAPABLE': {
      const h = option.cryptoAlgorithms & 1;
      const derived = option.senderKey === undefined ? undefined : deriveKey(option.senderKey, option.version === 0 ? 0 : 1);
      return {
        ...subtype,
        flags: `${octets[3]!}`,
        version: `${option.version}`,
        'checksumreq.flags': flag(option.checksumRequired),
        'extensibility.flag': flag(option.extensibility),
        ...(option.version === 0 && {
          'sha1.flag': `${h}`,
          'reserved.flag': `${(option.noSubflowsToSource ? 16 : 0) | (option.cryptoAlgorithms >> 1)}`,
        }),
        ...(option.version !== 0 && {
          'nomoresubflows.flag': flag(option.noSubflowsToSource),
          'sha256.flag': `${h}`,
          'reserved.flag': `${option.cryptoAlgorithms >> 1}`,
        }),
        ...(derived && {
          sendkey: `${option.senderKey}`,
          'mptcp.expected_token': `${derived.token}`,
          'mptcp.expected_idsn': `${derived.idsn}`,
        }),
        ...(option.receiverKey !== undefined && { recvkey: `${option.receiverKey}` }),
        ...(option.dataLevelLength !== undefined && { datalvllen: `${option.dataLevelLength}` }),
        ...(option.checksum !== undefined && { checksum: `${option.checksum}` }),
      };
    }
    case 'MP_JOIN':
      if (option.segment === 'ACK') return { ...subtype, reserved: `${option.reserved}`, sendhmac: colons(option.senderTruncatedHmac) };
      return {
        ...subtype,
        ...flags,
        'backup.flag': flag(option.backup),
        addrid: `${option.addressId}`,
        sendrand: `${option.senderRandomNumber}`,
        ...(option.segment === 'SYN' ? { recvtok: `${option.receiverToken}` } : { sendtrunchmac: decimal(option.senderTruncatedHmac) }),
      };
    case 'DSS':
      return {
        ...subtype,
        flags: `${octets[3]!}`,
        'datafin.flag': flag(option.dataFin),
        'dseqn8.flag': flag(option.dataSequenceNumberOctets === 8),
        'dseqnpresent.flag': flag(option.dataSequenceNumber !== undefined),
        'dataack8.flag': flag(option.dataAckOctets === 8),
        'dataackpresent.flag': flag(option.dataAck !== undefined),
        ...(option.dataAck !== undefined && { rawdataack: `${option.dataAck}` }),
        ...(option.dataSequenceNumber !== undefined && {
          rawdataseqno: `${option.dataSequenceNumber}`,
          subflowseqno: `${option.subflowSequenceNumber}`,
          datalvllen: `${option.dataLevelLength}`,
        }),
      };
    case 'ADD_ADDR': {
      const { address, port } = option;
      const text = address.length === 4 ? [...address].join('.') : toHex(address).replace(/(....)(?=.)/g, '$1:');
      return {
        ...subtype,
        ...(option.version === 0 ? { ipver: `${option.ipVersion}` } : { echo: flag(option.echo) }),
        addrid: `${option.addressId}`,
        [address.length === 4 ? 'ipv4' : 'ipv6']: text,
        ...(port !== undefined && { port: `${port}` }),
        ...(option.version === 1 && option.truncatedHmac && { addaddrtrunchmac: decimal(option.truncatedHmac) }),
      };
    }
    case 'REMOVE_ADDR':
      return { ...subtype, 'mptcp.rm_addr.count': `${option.addressIds.length}`, addrid: option.addressIds.map(String) };
    case 'MP_PRIO':
      return {
        ...subtype,
        ...flags,
        'backup.flag': flag(option.backup),
        ...(option.addressId !== undefined && { addrid: `${option.addressId}` }),
      };
    case 'MP_FAIL':
      return { ...subtype, reserved: `${option.reserved}`, rawdataseqno: `${option.dataSequenceNumber}` };
    case 'MP_FASTCLOSE':
      return { ...subtype, reserved: `${option.reserved}`, recvkey: `${option.receiverKey}` };
    case 'MP_TCPRST':
      return {
        ...subtype,
        ...flags,
        'flag_U.flag': flag((option.reserved & 4) !== 0),
        'flag_V.flag': flag((option.reserved & 2) !== 0),
        'flag_W.flag': flag((option.reserved & 1) !== 0),
        'flag_T.flag': flag(option.transient),
        rst_reason: `${option.reason}`,
      };
    case 'UNKNOWN':
    case 'MP_EXPERIMENTAL':
      return subtype;
  }
};

/** What tshark derives rather than reads: relative numbers, analysis, warnings. */
const derivedOnly = /^mptcp\.(ack|dsn|dss|connection|analysis|stream|master|related|rein|rawdsn)/;

const attributes = { name: / name="([^"]*)"/, show: / show="([^"]*)"/, value: / value="([^"]*)"/, pos: / pos="([^"]*)"/ };

/** Captures that tshark reads as one: to start it takes longer than to read most of them. */
interface Batch {
  readonly captures: {
    readonly name: string;
    readonly options: readonly Carried[];
    readonly framesBefore: number;
    readonly frames: number;
  }[];
  readonly blocks: Uint8Array[];
  readonly flows: Set<string>;
  frames: number;
}
const FRAMES_IN_BATCH = 4000;

/** Batches of captures with no flow in common, for tshark takes what has the same addresses and ports for one. */
const batched = (): readonly Batch[] => {
  const batches: Batch[] = [];
  for (const file of files) {
    const options = optionsIn(file);
    const flows = options.map(({ flow }) => flow.split(' ').sort().join());
    let batch = batches.find((each) => each.frames < FRAMES_IN_BATCH && flows.every((flow) => !each.flows.has(flow)));
    if (batch === undefined) batches.push((batch = { captures: [], blocks: [sectionHeader()], flows: new Set(), frames: 0 }));
    const { blocks, captures, frames: framesBefore } = batch;
    for (const flow of flows) batch.flows.add(flow);
    const reader = createCaptureReader((record) => {
      if (reader.frames === 1) blocks.push(interfaceDescription({ linkType: record.linkType, tsresol: Math.log10(record.resolution) }));
      blocks.push(enhancedPacket({ ...record, interfaceId: captures.length }));
    });
    reader.push(readFileSync(file));
    reader.finish();
    captures.push({ name: basename(file.pathname), options, framesBefore, frames: reader.frames });
    batch.frames += reader.frames;
  }
  return batches;
};

/** tshark's fields of each option, by frame and the Kind's offset in the frame. */
const tsharkOptions = ({ blocks }: Batch): ReadonlyMap<string, Fields> => {
  const capture = join(scratch, 'batch.pcapng');
  writeFileSync(capture, Buffer.concat(blocks));
  const options = ['-n', '-r', capture, '-Y', 'tcp.options.mptcp.subtype', '-J', 'frame tcp', '-T', 'pdml'];
  const { status, stdout, stderr } = spawnSync('tshark', options, { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  if (status !== 0) throw new Error(`tshark: ${stderr}`);
  const all = new Map<string, Fields>();
  let frame = '';
  let fields: Record<string, string | string[]> | undefined;
  for (const line of stdout.split('\n')) {
    const attribute = (name: keyof typeof attributes): string => attributes[name].exec(line)?.[1] ?? '';
    const name = attribute('name');
    if (name === 'frame.number') frame = attribute('show');
    else if (name === 'mptcp' && line.includes('<proto ')) all.set(`${frame}@${attribute('pos')}`, (fields = {}));
    else if (line.includes('</proto>')) fields = undefined;
    else if (fields !== undefined && name.includes('mptcp.') && !derivedOnly.test(name)) {
      const short = name.replace('tcp.options.mptcp.', '');
      const show = attribute('show');
      const value = short === 'ipv6' ? attribute('value').replace(/(....)(?=.)/g, '$1:') : show.startsWith('0x') ? `${Number(show)}` : show;
      const before = fields[short];
      fields[short] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
    }
  }
  return all;
};

/** Flows that share their keys confuse what tshark knows of each: it is asked for tokens only where connections make sense. */
const listed = (fields: Fields, only?: readonly string[]): Fields =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(
        ([name]) => only?.includes(name) ?? !(String(fields['where']).startsWith('every-option') && name.startsWith('mptcp.expected')),
      )
      .map(([name, value]) => [name, [value].flat()]),
  );

(version === undefined ? describe.skip : describe)(`field for field as tshark ${version ?? '(not installed: skipped)'} reads it`, () => {
  const read = new Map<Batch, ReadonlyMap<string, Fields>>();
  const theirsOf = (batch: Batch): ReadonlyMap<string, Fields> => {
    const known = read.get(batch) ?? tsharkOptions(batch);
    read.set(batch, known);
    return known;
  };
  const all = batched().flatMap((batch) => batch.captures.map((capture) => [capture.name, capture, batch] as const));

  test.each(all)('%s', (name, { options, framesBefore, frames }, batch) => {
    const ours = options.map((each) => ({ ...each, key: `${each.frame + framesBefore}@${each.at}` }));
    const theirs = theirsOf(batch);
    const isHere = (frame: number): boolean => frame > framesBefore && frame <= framesBefore + frames;
    expect([...theirs.keys()].filter((key) => isHere(Number.parseInt(key, 10))).sort()).toEqual(ours.map(({ key }) => key).sort());
    for (const { frame, at, octets, key } of ours) {
      const option = decodeWell(octets, versionIn(name));
      const expected = { where: `${name} ${frame}@${at}`, ...shown(option, octets) };
      const seen = { where: `${name} ${frame}@${at}`, ...theirs.get(key) };
      const left = option.kind === 'UNKNOWN' ? ['where', 'subtype'] : undefined;
      expect(listed(seen, left)).toEqual(listed(expected, left));
    }
  });
});
