/** What every message of a context has in common for whoever follows it: who sent it, what it announces, and that its sender took what it answers. */
import { equalBytes } from '../../../codecs/bytes.ts';
import type { UlidPair } from '../../../codecs/shim6/index.ts';
import { toHex } from '../../../codecs/bytes.ts';
import { shim6Machine } from '../../../state-machines/shim6/index.ts';
import type { Shim6Event } from '../../../state-machines/shim6/index.ts';
import { step } from '../../../state-machines/machine.ts';
import { other } from './context.ts';
import type { Context, Index, Recent, Sent } from './context.ts';
import type { Here } from './judge.ts';
import { announcedOf, optionOf, parametersOf } from './locators.ts';
import type { Announced, Parameters } from './locators.ts';
import type { WithOptions } from './messages.ts';
import { octetsOf } from './sight.ts';
import { noteAnswer } from './timing.ts';
import type { Address, Seen } from './sight.ts';
import type { World } from './world.ts';

/** The ULID pair that a message names, or its addresses. */
export const ulidsOf = (
  seen: Seen,
  message: WithOptions,
): { readonly from: Address; readonly to: Address; readonly instance: number; readonly option: UlidPair | undefined } => {
  const option = optionOf(message.options, 'UlidPair');
  const instance = optionOf(message.options, 'ForkedInstanceIdentifier')?.forkedInstanceIdentifier ?? 0;
  return option === undefined
    ? { from: seen.source, to: seen.destination, instance, option }
    : { from: toHex(option.senderUlid), to: toHex(option.receiverUlid), instance, option };
};

/** Steps the machine of a host. What follows from it is told by what the host sends. */
export const feed = (context: Context, host: Index, event: Shim6Event): void => {
  const end = context.ends[host];
  end.hasState = true;
  step(shim6Machine, end.machine, event);
};

/** A host shows that it has a context with the peer's tag: it is ESTABLISHED, whatever the capture missed. */
export const showsContext = (context: Context, host: Index): void => {
  const end = context.ends[host];
  end.hasState = true;
  if (end.machine.state !== 'I2BIS-SENT') end.machine.state = 'ESTABLISHED';
};

/** Notes a packet on its pair. */
export const notePath = (
  world: World,
  context: Context,
  host: Index,
  seen: Seen | Pick<Seen, 'frame' | 'time' | 'source' | 'destination'>,
  isPayload: boolean,
): void => {
  const key = `${host} ${seen.source} ${seen.destination}`;
  const path = context.paths.get(key);
  context.firstFrame ||= seen.frame;
  context.lastFrame = seen.frame;
  context.lastTime = seen.time;
  const end = context.ends[host];
  end.packets += 1;
  end.lastTime = seen.time;
  if (isPayload) end.payloads += 1;
  world.touch(context);
  if (path !== undefined) {
    path.frames += 1;
    path.lastFrame = seen.frame;
    if (isPayload) path.payload += 1;
  } else if (context.paths.size < 256) {
    context.paths.set(key, {
      from: host,
      source: seen.source,
      destination: seen.destination,
      frames: 1,
      firstFrame: seen.frame,
      lastFrame: seen.frame,
      payload: isPayload ? 1 : 0,
    });
  }
};

const LISTED: readonly WithOptions['kind'][] = ['I2', 'R2', 'I2bis'];

/** Looks at the options of a message, and takes what they tell of its sender. */
export const takeOptions = (
  world: World,
  here: Here,
  message: WithOptions,
): { readonly announced: Announced | undefined; readonly parameters: Parameters | undefined; readonly critical: boolean } => {
  const { context, host, seen } = here;
  const end = context.ends[host];
  const options = message.options ?? [];
  for (const option of options) world.judge('option', here, { option, message });
  const given = optionOf(options, 'CgaParameterDataStructure');
  const isSigned = optionOf(options, 'CgaSignature') !== undefined;
  const ulid = end.ulid === undefined || context.isPresumed ? undefined : octetsOf(end.ulid);
  const parameters = given && parametersOf(given.cgaParameters, ulid, seen.frame);
  const known = end.parameters;
  if (parameters !== undefined) {
    world.judge('parameters', here, { parameters, isSigned });
    if (parameters.fields !== undefined) end.parameters = parameters;
  }
  const list = optionOf(options, 'LocatorList');
  let announced: Announced | undefined;
  if (list !== undefined) {
    announced = announcedOf(list, options, parameters ?? known, seen.frame);
    const { isFromStart } = context;
    world.judge('list', here, { announced, message, hasParameters: given !== undefined, known: known !== undefined, isFromStart });
    if (seen.invalid === undefined) {
      end.lists.add(announced);
      for (const address of announced.addresses) world.learnAddress(context, host, address);
    }
  } else if (LISTED.includes(message.kind) && (message.kind === 'I2' || message.kind === 'R2' || message.kind === 'I2bis')) {
    world.judge('noList', here, { message });
  }
  const critical = options.some((option) => option.kind === 'Unknown' && option.critical === true);
  return { announced, parameters, critical };
};

/** Makes a record of a message and keeps it, or counts it as one that was sent again; `again` says which. */
export const remember = <M extends WithOptions>(
  recent: Recent<Sent<M>>,
  here: Here,
  message: M,
  found: { readonly announced: Announced | undefined; readonly parameters: Parameters | undefined; readonly critical: boolean },
  isSame: (sent: Sent<M>) => boolean,
): { readonly sent: Sent<M>; readonly interval: number | undefined } => {
  const { seen, host } = here;
  const before = recent.list.findLast((sent) => sent.host === host && isSame(sent));
  if (before !== undefined) {
    const pair = `${seen.source} ${seen.destination}`;
    const interval = seen.time - before.lastTime;
    before.copies += 1;
    before.copiesOnPair = pair === before.lastPair ? before.copiesOnPair + 1 : 1;
    before.lastPair = pair;
    before.lastTime = seen.time;
    before.lastFrame = seen.frame;
    // One that can be taken makes up for one that cannot.
    if (before.invalid === undefined || seen.invalid !== undefined) return { sent: before, interval };
    return { sent: recent.add({ ...newSent(here, message, found), copies: before.copies }), interval };
  }
  return { sent: recent.add(newSent(here, message, found)), interval: undefined };
};

const newSent = <M>(
  { seen, host }: Here,
  message: M,
  found: { readonly announced: Announced | undefined; readonly parameters: Parameters | undefined; readonly critical: boolean },
): Sent<M> => ({
  message,
  host,
  frame: seen.frame,
  time: seen.time,
  source: seen.source,
  destination: seen.destination,
  invalid: seen.invalid,
  ...found,
  octets: seen.bytes,
  copies: 1,
  copiesOnPair: 1,
  lastPair: `${seen.source} ${seen.destination}`,
  lastTime: seen.time,
  lastFrame: seen.frame,
  answered: false,
});

/** The sender of a packet shows that it took one of these messages of the peer: the one among them that it could take, if there is one. */
export const accepts = <M extends WithOptions>(world: World, here: Here, candidates: readonly Sent<M>[]): void => {
  const sent =
    candidates.findLast(
      ({ invalid, critical, announced, parameters }) =>
        invalid === undefined && !critical && announced?.verified !== false && parameters?.forUlid?.valid !== false,
    ) ?? candidates.at(-1);
  if (sent === undefined || sent.answered) return;
  sent.answered = true;
  // That somebody took an R2 shows in what it sends next, whenever that is; of several copies any may have been answered.
  if (sent.message.kind !== 'R2' && sent.copies === 1) noteAnswer(here.context, here.host, sent.lastTime, here.seen.time);
  world.judge('accepted', here, { sent, kind: sent.message.kind });
};

/** The message of the peer that a message can only be an answer to: it is young, came the way that this one goes back, nothing has answered it, and there is no other. */
const YOUNG = 500;
export const onlyOf = <M>(candidates: readonly Sent<M>[], here: Here): Sent<M> | undefined => {
  const open = candidates.filter(
    ({ host, answered, lastTime }) => host === other(here.host) && !answered && here.seen.time - lastTime < YOUNG,
  );
  const [only, ...others] = open;
  return others.length === 0 && only?.lastPair === `${here.seen.destination} ${here.seen.source}` ? only : undefined;
};

/** The same, unless it has been sent again: who did not answer it before hardly does now, and answers something else. */
export const onlyOnce = <M>(candidates: readonly Sent<M>[], here: Here): Sent<M> | undefined => {
  const only = onlyOf(candidates, here);
  return only?.copies === 1 ? only : undefined;
};

/** So many answers to nothing that was captured are kept of a kind. */
export const STRANGE = 64;

/** Whether two messages have the same octets. */
export const sameOctets = (sent: Pick<Sent<unknown>, 'octets'>, seen: Seen): boolean => equalBytes(sent.octets, seen.bytes);

/** Notes a Keepalive Timeout option; whether its sender said the same before, and was acknowledged. */
export const keepaliveAgain = ({ context, host, seen }: Here, message: WithOptions, isAgain: boolean): boolean | undefined => {
  const end = context.ends[host];
  const option = optionOf(message.options, 'KeepaliveTimeout');
  if (option === undefined) return undefined;
  const { keepaliveTimeout: before } = end;
  const isNew = before === undefined || before.seconds !== option.keepaliveTimeout;
  if (isNew) end.keepaliveTimeout = { seconds: option.keepaliveTimeout, frame: seen.frame, acknowledged: false };
  return isAgain || isNew ? false : before.acknowledged;
};

/** What a host said of its Keepalive Timeout has arrived. */
export const keepaliveAcknowledged = (context: Context, host: Index): void => {
  const { keepaliveTimeout } = context.ends[host];
  if (keepaliveTimeout !== undefined) keepaliveTimeout.acknowledged = true;
};
