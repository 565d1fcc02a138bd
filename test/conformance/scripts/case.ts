/** What a case of sections 3 to 3.3 and 3.7 is: a conversation that keeps a rule and one that breaks it, in version 1 and, where RFC 6824 has the rule too, in version 0. */
import { concat } from '../../../codecs/bytes.ts';
import { encodeMptcpOption } from '../../../codecs/mptcp/index.ts';
import type { Dss, MpCapable, MptcpOption } from '../../../codecs/mptcp/index.ts';
import { ACK, PSH, SYN } from '../../../codecs/packet/index.ts';
import { createChecker } from '../../../conformance/check.ts';
import type { CheckOptions } from '../../../conformance/check.ts';
import type { CaptureReport, Verdict } from '../../../conformance/report/report.ts';
import { idsDecidedBy } from '../../../conformance/requirements/index.ts';
import { Path, Talk } from '../../arbitraries/conversation.ts';
import type { Extra, HostName, Setup } from '../../arbitraries/conversation.ts';

/** Writes a conversation; where it breaks a rule, gives the frame that shows it. */
export type Script = (talk: Talk) => number | void;

export interface Case {
  /** An id of RFC 8684; in version 0 its counterparts in RFC 6824 are judged. */
  readonly id: string;
  readonly says: string;
  /** Whom the verdicts are about. */
  readonly host: HostName;
  readonly verdict: 'fail' | 'warn';
  readonly setup?: Setup;
  /** 1 where the script, or the rule, makes sense in one version only; 0 likewise. Both when absent, if RFC 6824 has the rule. */
  readonly version?: 0 | 1;
  /** Absent where keeping the rule is shown by another case of the same rule. */
  readonly kept?: Script;
  /** Absent where nothing in a capture can show a breach. */
  readonly broken?: Script;
  /** Other rules that the broken conversation breaks as well: `id host`. */
  readonly also?: readonly string[];
  /** Rules that the peer has broken before, in the conversation that keeps this one too. */
  readonly provoked?: readonly string[];
  /** A conversation that comes earlier in the same capture. */
  readonly before?: Setup;
  /** Where the capture was taken. */
  readonly at?: string;
}

/** What looks like a breach and is none, or cannot be told from one. */
export interface Innocent {
  readonly says: string;
  readonly id: string;
  /** The verdicts on `id`, as `host verdict`. No other requirement fails, */
  readonly verdicts: readonly string[];
  /** but these: `id host`. */
  readonly provoked?: readonly string[];
  readonly script: Script;
  readonly setup?: Setup;
  readonly before?: Setup;
  /** Frames that the capture missed. */
  readonly without?: readonly number[];
}

export const NONE = new Uint8Array(0);
export const other = (host: HostName): HostName => (host === 'a' ? 'b' : 'a');

/** A subflow with nothing on it yet. The first one of a conversation when `initial`. */
export const blank = (talk: Talk, start = 0x2000): Path => {
  const path = new Path(talk, ['10.0.1.1', '10.0.9.1'], [40_000, 5001], start);
  talk.paths.push(path);
  return path;
};

/** The MP_CAPABLE of the SYN, SYN/ACK or third packet, as the version has it. */
export const capable = (talk: Talk, on: 'SYN' | 'SYN/ACK' | 'ACK', changed: Partial<MpCapable> = {}): MpCapable => {
  const { senderKey: _, receiverKey: __, ...flags } = talk.capableAck;
  const keys =
    on === 'ACK'
      ? { senderKey: talk.keys.a, receiverKey: talk.keys.b }
      : on === 'SYN/ACK'
        ? { senderKey: talk.keys.b }
        : talk.version === 0
          ? { senderKey: talk.keys.a }
          : {};
  return { ...flags, ...keys, ...changed };
};

/** Three packets with the options given: null leaves MP_CAPABLE out. */
export const handshake = (
  talk: Talk,
  syn: MptcpOption | Uint8Array | null,
  synAck: MptcpOption | Uint8Array | null,
  ack: MptcpOption | Uint8Array | null,
): Path => {
  const path = blank(talk);
  const list = (option: MptcpOption | Uint8Array | null): (MptcpOption | Uint8Array)[] => (option === null ? [] : [option]);
  path.segment('a', SYN, NONE, list(syn));
  path.segment('b', SYN | ACK, NONE, list(synAck));
  path.segment('a', ACK, NONE, list(ack));
  return path;
};

/** Data without any MPTCP option, as regular TCP has it. */
export const plain = (path: Path, host: HostName, octets = 100, extra: Extra = {}): number =>
  path.segment(host, octets > 0 ? ACK | PSH : ACK, new Uint8Array(octets).fill(7), [], extra);

/** Data with a DSS that has a Data ACK, and of a mapping what is given. */
export const dataWith = (path: Path, host: HostName, octets: number, fields: Partial<Dss>, extra: Extra = {}): number =>
  path.segment(host, ACK | PSH, new Uint8Array(octets).fill(9), [path.talk.dss(host, fields)], extra);

/** The mapping of the next data of a host, which it takes; without a checksum. */
export const mappingOf = (path: Path, host: HostName, octets: number, later = 0): Partial<Dss> => ({
  dataSequenceNumber: path.talk.take(host, octets) + BigInt(later),
  subflowSequenceNumber: path.ssn(host),
  dataLevelLength: octets,
});

export const tcprst = (reason: number): MptcpOption => ({ kind: 'MP_TCPRST', transient: false, reason, reserved: 0 });

/** The octets of an option with one of them changed. */
export const spoilt = (option: MptcpOption, at: number, to: number): Uint8Array => {
  const octets = encodeMptcpOption(option).slice();
  octets[at] = to;
  return octets;
};

/** Both hosts send some more. */
export const goOn = (path: Path, times = 2): void => {
  for (let i = 0; i < times; i += 1) {
    path.data('a', 60, { after: 20 });
    path.ack('b');
    path.data('b', 60);
    path.ack('a');
  }
};

/** What of a number travels in 4 octets. */
export const low = (number: bigint): bigint => BigInt.asUintN(32, number);

/** A conversation that keeps its rules from the first packet to the last. */
export const established: Script = (talk) => {
  goOn(talk.established());
  talk.close();
};

/** MPTCP is refused, and both hosts go on as regular TCP. */
export const regular = (path: Path): void => {
  plain(path, 'a');
  plain(path, 'b');
  plain(path, 'a');
};

/** The data sequence number that a host expects of its peer next, less some. */
export const dataAck = (talk: Talk, of: HostName, less = 0): bigint => talk.dss(of).dataAck! - BigInt(less);

/** Both DATA_FINs are sent and acknowledged. */
export const dataFins = ({ first }: Talk): void => {
  first.dataFin('a');
  first.dataFin('b');
  first.ack('a');
};

/** Sets the window of an IPv4 packet. */
export const window = (octets: number): Extra => ({
  tamper: (packet) => new DataView(packet.buffer).setUint16(packet.byteOffset + 34, octets),
});

export const check = (capture: Uint8Array, options: CheckOptions = {}): CaptureReport => {
  const checker = createChecker(options);
  checker.push(capture);
  return checker.finish('test.pcap');
};

/** The records of a capture: its header, then one each. */
export const recordsOf = (pcap: Uint8Array): Uint8Array[] => {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  const records = [pcap.subarray(0, 24)];
  for (let at = 24; at < pcap.length;) {
    const end = at + 16 + view.getUint32(at + 8, true);
    records.push(pcap.subarray(at, end));
    at = end;
  }
  return records;
};

export interface Run {
  readonly frame: number;
  readonly pcap: Uint8Array;
  readonly report: CaptureReport;
}

/** Runs a script of a case in a version. */
export const run = (each: Case, version: 0 | 1, script: Script): Run => {
  const earlier = each.before === undefined ? undefined : new Talk({ ...each.before, version });
  if (earlier !== undefined) earlier.established();
  const talk = new Talk({ ...each.setup, version });
  const frame = script(talk) ?? 0;
  const pcap = earlier === undefined ? talk.pcap() : concat(earlier.pcap(), talk.pcap().subarray(24));
  return { frame: frame + (earlier?.frame ?? 0), pcap, report: check(pcap, each.at === undefined ? {} : { at: [each.at] }) };
};

/** Versions in which a case is run. */
export const versionsOf = ({ id, version }: Case): readonly (0 | 1)[] =>
  version !== undefined ? [version] : idsDecidedBy(id, 0).length > 0 ? [1, 0] : [1];

/** `id host` as the ids of a version. */
export const inVersion = (ids: readonly string[], version: 0 | 1): readonly string[] =>
  ids
    .flatMap((text) => {
      const [id, host] = text.split(' ');
      return idsDecidedBy(id!, version).map((each) => `${each} ${host}`);
    })
    .sort();

export const named = ({ requirement: id, host }: Verdict): string => `${id} ${host}`;
export const problems = (report: CaptureReport): readonly Verdict[] =>
  report.verdicts.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
export const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();

/** A capture without some of its frames. */
export const without = (pcap: Uint8Array, missing: (frame: number) => boolean): Uint8Array =>
  concat(...recordsOf(pcap).filter((_, frame) => frame === 0 || !missing(frame)));
