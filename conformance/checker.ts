/** Checks a capture: octets in, report out. Reading, following and judging in one pass, within bounds whatever the capture holds. */
import { createCaptureReader, linkTypeName } from '../codecs/capture/index.ts';
import { parseAddress } from '../codecs/packet/index.ts';
import { mptcpChecks } from './checks/mptcp.ts';
import { verdictsOf } from './follow/account.ts';
import type { Account } from './follow/account.ts';
import { Follower } from './follow/follower.ts';
import type { PacketFollowers } from './follow/follower.ts';
import { watchOf } from './follow/mptcp/judge.ts';
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
  /** The protocol number that stands for shim6; 140 when left out. LinShim6 was shipped with 61. */
  readonly shim6Protocol?: number;
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
/** Conversations that are listed; what speaks against others names their flow. */
const CONVERSATIONS = 10_000;
/** Verdicts of any kind about flows of no conversation that are listed. */
const STRAYS = 5000;
/** Verdicts of any kind that are listed; beyond them, so many that are a warn or a fail; beyond those, so many that are a fail. */
const VERDICTS = 40_000;
const WARNS = 5000;
const FAILS = 5000;
/** Frames of evidence that are listed; beyond them, only the first ones of each verdict. */
const FRAMES = 1_000_000;
const FIRST_FRAMES = 8;

/** A checker for one capture; `packetFollowers` is asked once there is a packet for them. @example newChecker({ at: ['10.0.0.1'] }, () => packetFollowers) */
export const newChecker = (options: CheckOptions, packetFollowers: PacketFollowers): Checker => {
  const wanted = selector(options);
  const conversations: Conversation[] = [];
  const verdicts: Verdict[] = [];
  const left = { refused: 0, passes: 0, findings: 0 };
  let refused = 0;
  const numbered = new Map<Conversation['protocol'], number>();
  let frames = 0;
  let strays = 0;
  const finished = (account: Account): void => {
    const { ledger, protocol, standing } = account;
    const isRefused = standing === 'refused';
    const isStray = standing === 'stray';
    if (isRefused) refused += 1;
    const isListed = !isRefused || refused <= REFUSED;
    const room = (isStray ? strays < STRAYS : isListed && conversations.length < CONVERSATIONS) && verdicts.length < VERDICTS;
    // What speaks against somebody is worth a place of its own; what speaks for everybody is only counted.
    if (!room && !ledger.hasFinding) {
      left[isListed ? 'passes' : 'refused'] += 1;
      return;
    }
    const number = (numbered.get(protocol) ?? 0) + 1;
    const id = isStray || !isListed || conversations.length >= CONVERSATIONS ? null : `${protocol}-${number}`;
    if (id !== null) numbered.set(protocol, number);
    const found =
      verdicts.length < VERDICTS + WARNS + FAILS
        ? verdictsOf(account, id, wanted, room).filter(({ verdict }) => room || verdict === 'fail' || verdicts.length < VERDICTS + WARNS)
        : [];
    if (!isListed) left.refused += 1;
    else if (!room) left[found.length > 0 ? 'passes' : 'findings'] += 1;
    if (id !== null && (room || found.length > 0)) conversations.push(account.conversation(id));
    if (isStray) strays += found.length;
    for (const verdict of found) {
      frames += verdict.frames.length;
      verdicts.push(frames > FRAMES ? { ...verdict, frames: verdict.frames.slice(0, FIRST_FRAMES) } : verdict);
    }
  };
  const follower = new Follower({
    watch: watchOf(mptcpChecks),
    hashes: options.hashes ?? false,
    at: (options.at ?? []).flatMap((text) => parseAddress(text) ?? []),
    packets: packetFollowers,
    onFinished: finished,
    ...(options.shim6Protocol !== undefined && { shim6Protocol: options.shim6Protocol }),
  });
  const reader = createCaptureReader(follower.follow);
  return {
    push: (chunk) => reader.push(chunk),
    finish: (file) => {
      reader.finish();
      follower.finish();
      const notes = [
        ...follower.notes,
        ...(left.refused > 0 ? [`${left.refused} more refused connections are not listed, only what speaks against them`] : []),
        ...(left.passes > 0 ? [`of ${left.passes} connections only what speaks against them is listed: there are too many`] : []),
        ...(left.findings > 0 ? [`nor are the findings about ${left.findings} more`] : []),
        ...(frames > FRAMES ? [`only the first ${FIRST_FRAMES} frames of some verdicts are listed`] : []),
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
