/** What the checks of several sections of RFC 6275 ask of messages: options by kind, and Sequence Numbers compared as section 9.5.1 has it. */
import type { MobilityMessage, MobilityOption } from '../../../codecs/mip6/index.ts';
import type { Finding } from '../../follow/evidence.ts';
import { ifDelivered, ifUp } from '../../follow/mip6/judge.ts';
import type { Suspicion } from '../../follow/mip6/judge.ts';
import type { Peer, Update } from '../../follow/mip6/node.ts';
import type { Address } from '../../follow/mip6/sight.ts';

/** Seconds of a Lifetime field, which counts in units of 4. */
export const secondsOf = (lifetime: number): number => 4 * lifetime;

/** The first option of this kind. @example optionOf(message, 'NonceIndices') */
export const optionOf = <K extends MobilityOption['kind']>(
  message: MobilityMessage,
  kind: K,
): Extract<MobilityOption, { readonly kind: K }> | undefined => {
  const options = message.kind === 'Unknown' ? [] : (message.options ?? []);
  return options.find((option): option is Extract<MobilityOption, { readonly kind: K }> => option.kind === kind);
};

/** How far `later` is ahead of `earlier`, modulo 2^16: from -32768 to 32767; what is not ahead counts as less than or equal. @example ahead(0, 65535) // 1 */
export const ahead = (later: number, earlier: number): number => {
  const difference = (later - earlier) & 0xffff;
  return difference > 0x7fff ? difference - 0x1_0000 : difference;
};

/** A time that clocks and wires may differ by, in ms. */
export const SLACK = 2000;

/** Of an answer that was not captured: where the capture was taken at who owes it, it was not sent, unless that host is down; elsewhere it may have got lost. */
export const unlessLost =
  (isThere: boolean, { time }: Update, { address }: Peer) =>
  (finding: Finding): Suspicion =>
    isThere ? ifUp(finding, { host: address, after: time }) : ifDelivered(finding);

/** The Payload Proto of every message: nothing follows it. */
export const NO_NEXT_HEADER = 59;

/** Whether it is of one of the own link. */
export const isLinkLocal = (address: Address): boolean => /^fe[89ab]/.test(address);
