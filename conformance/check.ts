/** Checks a capture: octets in, report out. Reading, following and judging in one pass, within bounds whatever the capture holds. */
import { createCaptureReader, linkTypeName } from '../codecs/capture/index.ts';
import { parseAddress } from '../codecs/packet/index.ts';
import { checks } from './checks/index.ts';
import { conversationOf, outcomeOf, verdictsOf } from './follow/conversation.ts';
import { Follower } from './follow/follower.ts';
import type { AnyCheck, History, Watch } from './follow/judge.ts';
import type { Connection } from './follow/model.ts';
import { newStreamPool } from './follow/stream.ts';
import type { CaptureReport, Conversation, Verdict } from './report/report.ts';
import { selector } from './select.ts';

/** What to check and how. */
export interface CheckOptions {
  /** Addresses of the host at which the capture was taken. */
  readonly at?: readonly string[];
  /** Only requirements of these RFCs. */
  readonly rfcs?: readonly number[];
  /** Globs on requirement ids. */
  readonly only?: readonly string[];
  readonly exclude?: readonly string[];
  /** Whether the report needs the SHA-256 of the streams. */
  readonly hashes?: boolean;
}

/** Checks one capture. */
export interface Checker {
  /** Takes the next octets of the capture: pcap or pcapng, in chunks of any size. Damage ends the reading and is in the report. */
  push(chunk: Uint8Array): void;
  /** Ends the capture and gives the report. Never throws. */
  finish(file: string): CaptureReport;
}

/** Refused connections that are listed. */
const REFUSED = 1000;
/** Verdicts that are listed in full; beyond, only those that are no pass. */
const VERDICTS = 100_000;
const PROBLEMS = 20_000;

const watchOf = (wanted: readonly AnyCheck[]): Watch => {
  const watch = {} as Record<string, AnyCheck[]>;
  for (const event of events) watch[event] = wanted.filter((each) => each.event === event);
  return watch as unknown as Watch;
};

const events: readonly (keyof History)[] = [
  'capable',
  'handshake',
  'joinOption',
  'joinHmac',
  'joinSyn',
  'joinAnswer',
  'joinThird',
  'dss',
  'dataAck',
  'mapping',
  'dataFin',
  'payload',
  'again',
  'checksum',
  'addAddr',
  'removeAddr',
  'prio',
  'fail',
  'fastclose',
  'tcprst',
  'malformed',
  'segment',
  'fin',
  'rst',
  'end',
];

/**
 * A checker for one capture.
 *
 * @example
 * const checker = createChecker({ only: ['RFC8684-3.3*'] });
 * checker.push(octetsOfTheFile);
 * const { verdicts } = checker.finish('capture.pcap');
 */
export const createChecker = (options: CheckOptions = {}): Checker => {
  const wanted = selector(options);
  const conversations: Conversation[] = [];
  const verdicts: Verdict[] = [];
  let refused = 0;
  let folded = 0;
  let numbered = 0;
  const pool = newStreamPool(options.hashes ?? false);
  const finished = (connection: Connection): void => {
    if (connection.unattached) {
      if (verdicts.length < VERDICTS) verdicts.push(...verdictsOf(connection, null, wanted));
      return;
    }
    const isRefused = outcomeOf(connection) === 'refused';
    if (isRefused && (refused += 1) > REFUSED) return;
    const id = `mptcp-${(numbered += 1)}`;
    const found = verdictsOf(connection, id, wanted);
    if (verdicts.length < VERDICTS) {
      conversations.push(conversationOf(connection, id, pool));
      verdicts.push(...found);
      return;
    }
    folded += 1;
    const problems = found.filter((each) => each.verdict !== 'pass');
    if (problems.length > 0 && verdicts.length < VERDICTS + PROBLEMS) {
      conversations.push(conversationOf(connection, id, pool));
      verdicts.push(...problems);
    }
  };
  const follower = new Follower({
    watch: watchOf(checks),
    hashes: options.hashes ?? false,
    at: (options.at ?? []).flatMap((text) => parseAddress(text) ?? []),
    onFinished: ({ connection }) => finished(connection),
  });
  const reader = createCaptureReader(follower.follow);
  return {
    push: (chunk) => reader.push(chunk),
    finish: (file) => {
      reader.finish();
      follower.finish();
      const notes = [
        ...follower.notes,
        ...(refused > REFUSED ? [`${refused - REFUSED} more refused connections are not listed`] : []),
        ...(folded > 0 ? [`the passes of ${folded} connections are not listed`] : []),
      ];
      return {
        file,
        format: reader.format,
        linkTypes: reader.linkTypes.map(linkTypeName),
        frames: follower.frames,
        snapped: follower.snapped,
        duplicates: follower.duplicates,
        unanswered: follower.unanswered,
        conversations,
        verdicts,
        ...(notes.length > 0 && { notes }),
        ...(reader.error !== undefined && { error: `${reader.error.message} (offset ${reader.error.offset})` }),
      };
    },
  };
};
