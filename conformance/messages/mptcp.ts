/** The options of Multipath TCP as messages. Nothing is kept of a capture but which flows speak version 0. */
import { toHex } from '../../codecs/bytes.ts';
import { decodeMptcpOption, deriveKey, MPTCP_KIND } from '../../codecs/mptcp/index.ts';
import type { MptcpOption, MptcpVersion } from '../../codecs/mptcp/index.ts';
import { DAMAGED_OPTION, nextOption, OPTION_NOP } from '../../codecs/packet/index.ts';
import type { Segment } from '../../codecs/packet/index.ts';
import { fieldsOf } from './message.ts';
import type { Message } from './message.ts';

/** So many flows, and tokens, of version 0 are remembered; the oldest give way. */
const MOST_REMEMBERED = 65_536;

/** A set of bounded size: the oldest member makes room. */
class RecentSet<T> {
  readonly #members = new Set<T>();

  add(member: T): void {
    this.#members.delete(member);
    this.#members.add(member);
    if (this.#members.size > MOST_REMEMBERED) this.#members.delete(this.#members.values().next().value as T);
  }

  delete(member: T): void {
    this.#members.delete(member);
  }

  has(member: T): boolean {
    return this.#members.size > 0 && this.#members.has(member);
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }
}

/** Both directions of a flow have one key. */
const flowKey = ({ bytes, ipVersion, source, destination, tcp }: Segment): string => {
  const length = ipVersion === 4 ? 4 : 16;
  const from = toHex(bytes, source, source + length) + toHex(bytes, tcp, tcp + 2);
  const to = toHex(bytes, destination, destination + length) + toHex(bytes, tcp + 2, tcp + 4);
  return from < to ? from + to : to + from;
};

/** Which version a flow speaks: MP_CAPABLE says it, and the token of an MP_JOIN leads to a connection whose MP_CAPABLE said it. */
class Versions {
  readonly #flows = new RecentSet<string>();
  readonly #tokens = new RecentSet<number>();

  of(segment: Segment): MptcpVersion | undefined {
    return !this.#flows.isEmpty && this.#flows.has(flowKey(segment)) ? 0 : undefined;
  }

  learn(segment: Segment, option: MptcpOption): void {
    if (option.kind === 'MP_CAPABLE') {
      if (option.version === 0) {
        this.#flows.add(flowKey(segment));
        if (option.senderKey !== undefined) this.#tokens.add(deriveKey(option.senderKey, 0).token);
      } else if (!this.#flows.isEmpty) {
        // The ports were used again, or the peers settled on another version.
        this.#flows.delete(flowKey(segment));
      }
    } else if (option.kind === 'MP_JOIN' && option.segment === 'SYN' && this.#tokens.has(option.receiverToken)) {
      this.#flows.add(flowKey(segment));
    }
  }
}

/**
 * A function that gives the MPTCP options of a segment, in order. An option whose version is unknown is read as the newest.
 * @example const messagesOf = mptcpMessages(); messagesOf(segment).map(({ kind }) => kind) // ['MP_CAPABLE']
 */
export const mptcpMessages = (): ((segment: Segment) => readonly Message[]) => {
  const versions = new Versions();

  const optionAt = (segment: Segment, at: number): Message => {
    const { bytes, optionsEnd } = segment;
    const result = decodeMptcpOption(bytes, at, optionsEnd, versions.of(segment));
    const length = at + 1 < optionsEnd ? bytes[at + 1]! : 1;
    if (!result.ok) return { protocol: 'mptcp', kind: 'malformed', length, error: result.error };
    versions.learn(segment, result.value);
    return { protocol: 'mptcp', kind: result.value.kind, length, fields: fieldsOf(result.value) };
  };

  return (segment) => {
    const { bytes, options, optionsEnd } = segment;
    const messages: Message[] = [];
    let from = options;
    let at = nextOption(bytes, from, optionsEnd);
    for (; at >= 0; at = nextOption(bytes, from, optionsEnd)) {
      if (bytes[at] === MPTCP_KIND) messages.push(optionAt(segment, at));
      from = at + bytes[at + 1]!;
    }
    if (at === DAMAGED_OPTION) {
      while (bytes[from] === OPTION_NOP) from++;
      if (bytes[from] === MPTCP_KIND) messages.push(optionAt(segment, from));
    }
    return messages;
  };
};
