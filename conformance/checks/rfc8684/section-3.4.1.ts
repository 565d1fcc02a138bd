/** Section 3.4.1, Address Advertisement: ADD_ADDR, its HMAC and its echo, and what an Address ID stands for. */
import { equalBytes, toHex } from '../../../codecs/bytes.ts';
import type { AddAddrV1 } from '../../../codecs/mptcp/index.ts';
import {
  addressText,
  conflictOf,
  endpointOf,
  hasNat,
  isGenuine,
  isObserved,
  isOnTheWire,
  isPartial,
} from '../../follow/mptcp/addresses.ts';
import { PASS, broken, gravest, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/mptcp/judge.ts';
import type { Check, History } from '../../follow/mptcp/judge.ts';
import { other } from '../../follow/mptcp/model.ts';
import type { Connection, Flow, Here, Index, KnownAddress } from '../../follow/mptcp/model.ts';
import { failedBefore, triedAgain } from './attempts.ts';

const ADD_ADDR = 3;
/** A host that has gone on for this long has nothing left to say to an ADD_ADDR that it got, in ms. */
const ANSWERED = 1000;

type Announced = History['addAddr'];

/** The ADD_ADDR, where it is an announcement: E = 0, or version 0, which has no E. */
const isAnnouncement = ({ option }: Announced): boolean => option.version === 0 || !option.echo;

/** Length of the option as it stands. */
const lengthOf = ({ option }: Announced): number =>
  4 +
  option.address.length +
  (option.port === undefined ? 0 : 2) +
  (option.version === 1 && option.truncatedHmac !== undefined ? option.truncatedHmac.length : 0);

/** An ADD_ADDR in the form of version 1, on a connection that is known to speak it. */
const ofVersion1 = ({ connection }: Here, { option }: Announced): AddAddrV1 | undefined =>
  option.version === 1 && connection.version === 1 ? option : undefined;

/** One Address ID, two addresses: what speaks for and against it being the host's doing. */
const conflicting = (here: Here, known: KnownAddress, id: number, address: Uint8Array): Judgement => {
  const { connection, host } = here;
  const was = `${known.by === 'ADD_ADDR' ? 'announced' : 'used'} for ${addressText(known.address)} in frame ${known.frame}`;
  if (isObserved(known) && !isOnTheWire(connection, host, address) && connection.capturedAt !== host)
    return inconclusive(`Address ID ${id} was ${was}; a NAT may have changed that address on its way`);
  if (isPartial(connection)) return inconclusive(`Address ID ${id} was ${was}; it may have been removed since, where the capture has gaps`);
  return broken(
    `Address ID ${id} for ${addressText(known.address)}`,
    `Address ID ${id} for ${addressText(address)}`,
    `The ADD_ADDR gives ${addressText(address)} an Address ID that is taken: it was ${was}, and not removed.`,
    [here.frame, known.frame],
  );
};

/** The announcement that an echo repeats. */
const echoedBy = (here: Here, option: AddAddrV1): KnownAddress | undefined =>
  here.receiver.addresses.findLast(
    (each) =>
      each.by === 'ADD_ADDR' && each.id === option.addressId && each.port === option.port && equalBytes(each.address, option.address),
  );

/** Whether a host has opened a subflow that only this announcement can have told it of. */
const heeded = (connection: Connection, host: Index, announced: KnownAddress): Flow | undefined => {
  const known = connection.hosts[other(host)].addresses.some(
    (each) => each !== announced && each.frame < announced.frame && equalBytes(each.address, announced.address),
  );
  if (known) return undefined;
  return connection.flows.find(
    (flow) =>
      flow.join !== undefined &&
      flow.hostOf(0) === host &&
      flow.join.synFrame > announced.frame &&
      equalBytes(flow.addressOf(1), announced.address),
  );
};

/** The announcement by the acceptor of a join, of the address that its SYN goes to. */
const announcements = ({ connection, flow }: Here, frame: number): readonly KnownAddress[] =>
  connection.hosts[flow.hostOf(1)].addresses.filter(
    (each) => each.by === 'ADD_ADDR' && each.frame < frame && equalBytes(each.address, flow.addressOf(1)),
  );

const unanswered = (here: Here, each: KnownAddress): Judgement => {
  const { connection, host } = here;
  const announced = each.announced!;
  const what = `ADD_ADDR of Address ID ${each.id}, ${endpointOf(each)}`;
  const join = heeded(connection, host, each);
  const gone = here.time - announced.time;
  if (connection.capturedAt !== host && join === undefined)
    return inconclusive(`no packet shows whether the ${what} has arrived, and no echo was seen`);
  if (gone < ANSWERED && !connection.allClosed) return inconclusive(`the capture ends before an echo of the ${what} could be expected`);
  const finding = broken(
    `the ${what} with E = 1`,
    'no echo',
    `The ${what}, was never echoed${join === undefined ? '' : `, though a subflow was opened to that address (frame ${join.synFrame})`}.`,
    [each.frame, ...(join === undefined ? [] : [join.synFrame])],
  );
  // An echo that was lost before it could be captured would have been asked for again; that takes minutes.
  return connection.capturedAt === host && !isPartial(connection) ? finding : { ...finding, kind: 'warn' };
};

export const section341: readonly Check[] = [
  check('RFC8684-3.4.1-2', 'addAddr', 'sender', (here, what) => {
    if (!isAnnouncement(what)) return undefined;
    const { addressId, address } = what.option;
    const known = conflictOf(here.connection, here.host, addressId, address, here.frame);
    return known === undefined ? PASS : conflicting(here, known, addressId, address);
  }),
  check('RFC8684-3.4.1-12', 'addAddr', 'sender', (here, what) => {
    if (!isAnnouncement(what)) return undefined;
    const { addressId, address } = what.option;
    const known = conflictOf(here.connection, here.host, addressId, address, here.frame);
    if (known !== undefined) return conflicting(here, known, addressId, address);
    return here.sender.addresses.some((each) => each.id === addressId) ? PASS : undefined;
  }),
  check('RFC8684-3.4.1-7', 'joinSyn', 'opener', (here) => {
    const { connection, flow } = here;
    const acceptor = flow.hostOf(1);
    const [, port] = flow.ports;
    const told = announcements(here, flow.join!.synFrame).filter(isGenuine);
    const withoutPort = told.filter((each) => each.port === undefined);
    if (withoutPort.length === 0) return undefined;
    if (withoutPort.some((each) => each.announcedOnPort === port)) return PASS;
    // The host may know the address from elsewhere, with this port.
    if (told.some((each) => each.port === port)) return undefined;
    if (
      connection.hosts[acceptor].addresses.some(
        (each) => isObserved(each) && each.port === port && equalBytes(each.address, flow.addressOf(1)),
      )
    )
      return undefined;
    const [first] = withoutPort;
    return broken(
      `port ${first!.announcedOnPort}, as on the subflow of the ADD_ADDR`,
      `port ${port}`,
      `${addressText(first!.address)} was announced without a port; the subflow to it goes to a port of which nobody spoke.`,
      [flow.join!.synFrame, first!.frame],
    );
  }),
  check('RFC8684-3.4.1-8', 'addAddr', 'sender', (here, what) => {
    if (what.option.version === 0 || !what.option.echo) return undefined;
    const echoed = echoedBy(here, what.option);
    if (echoed === undefined || isGenuine(echoed)) return undefined;
    return broken('no answer to an ADD_ADDR whose HMAC is wrong', 'an echo', 'An ADD_ADDR whose HMAC does not verify is echoed.', [
      here.frame,
      echoed.frame,
    ]);
  }),
  check('RFC8684-3.4.1-8', 'joinSyn', 'opener', (here) => {
    const { flow } = here;
    const told = announcements(here, flow.join!.synFrame);
    const [forged] = told;
    if (forged === undefined || told.some(isGenuine)) return undefined;
    if (here.connection.hosts[flow.hostOf(1)].addresses.some((each) => isObserved(each) && equalBytes(each.address, forged.address)))
      return undefined;
    return broken(
      'an ADD_ADDR whose HMAC is wrong left alone',
      'a subflow to its address',
      'A subflow is opened to an address that only an ADD_ADDR with a wrong HMAC told of.',
      [flow.join!.synFrame, forged.frame],
    );
  }),
  check('RFC8684-3.4.1-8', 'end', 'sender', ({ connection, host }) => {
    for (const each of connection.hosts[other(host)].addresses) {
      if (isGenuine(each) || each.echoedFrame > 0) continue;
      return connection.capturedAt === host
        ? PASS
        : inconclusive(`no packet shows whether the ADD_ADDR with the wrong HMAC (frame ${each.frame}) has arrived`);
    }
    return undefined;
  }),
  check('RFC8684-3.4.1-9/1', 'addAddr', 'sender', (here, what) => {
    const option = ofVersion1(here, what);
    if (option === undefined) return undefined;
    if (option.reserved === 0) return PASS;
    // "The same option" comes back (l.2015): whether with bits that must be ignored is not said.
    if (option.echo && echoedBy(here, option)?.announced?.reserved === option.reserved) return undefined;
    return broken(
      'flag bits other than E 0',
      `0b${option.reserved.toString(2).padStart(3, '0')}`,
      'Flag bits of an ADD_ADDR that are not assigned are set.',
    );
  }),
  check('RFC8684-3.4.1-9/2', 'addAddr', 'sender', (here, what) => {
    const option = ofVersion1(here, what);
    if (option === undefined || !option.echo) return undefined;
    const echoed = echoedBy(here, option);
    return echoed !== undefined && (echoed.announced?.reserved ?? 0) !== 0 ? PASS : undefined;
  }),
  check('RFC8684-3.4.1-9/2', 'end', 'sender', ({ connection, host }) => {
    for (const each of connection.hosts[other(host)].addresses) {
      if ((each.announced?.reserved ?? 0) === 0 || each.echoedFrame > 0 || connection.version !== 1) continue;
      return inconclusive(`the ADD_ADDR with flag bits set (frame ${each.frame}) was not echoed, but may not have arrived`);
    }
    return undefined;
  }),
  check('RFC8684-3.4.1-11', 'joinSyn', 'opener', (here) => {
    const failed = failedBefore(here);
    return failed === undefined || !failed.announced ? undefined : triedAgain(here, failed);
  }),
  check('RFC8684-3.4.1-11', 'joinAnswer', 'opener', (here, { answer }) =>
    answer === 'RST' && announcements(here, here.frame).length > 0 && failedBefore(here) === undefined ? PASS : undefined,
  ),
  check('RFC8684-3.4.1-a', 'addAddr', 'sender', (here, what) => {
    const { hmac, expected } = what;
    const option = ofVersion1(here, what);
    if (option === undefined || hmac === 'none') return undefined;
    if (hmac === 'valid') return PASS;
    if (hmac === 'unknown') return inconclusive('the keys of the connection were not captured');
    return broken(
      `0x${expected} (rightmost 64 bits of the HMAC over Address ID, address and port)`,
      hmac === 'absent' ? 'no HMAC' : `0x${toHex(option.truncatedHmac!)}`,
      hmac === 'absent'
        ? 'An ADD_ADDR with E = 0 has no HMAC.'
        : hmac === 'leftmost'
          ? 'The ADD_ADDR carries the leftmost 64 bits of the HMAC, not the rightmost.'
          : 'The HMAC of an ADD_ADDR is wrong.',
    );
  }),
  check('RFC8684-3.4.1-b', 'addAddr', 'sender', (here, what) => {
    const option = ofVersion1(here, what);
    if (option === undefined || !option.echo) return undefined;
    if (echoedBy(here, option) !== undefined) return PASS;
    const { connection, receiver } = here;
    if (isPartial(connection)) return inconclusive('the ADD_ADDR that it echoes may be where the capture has gaps');
    const likely = receiver.addresses.find(
      (each) =>
        each.by === 'ADD_ADDR' && each.echoedFrame === 0 && (each.id === option.addressId || equalBytes(each.address, option.address)),
    );
    const seen = `Address ID ${option.addressId}, ${endpointOf(option)}`;
    if (likely !== undefined)
      return broken(
        `Address ID ${likely.id}, ${endpointOf(likely)}`,
        seen,
        `The echo differs from the ADD_ADDR that it should repeat (frame ${likely.frame}).`,
        [here.frame, likely.frame],
      );
    // One ADD_ADDR that the capture missed would explain it: pure ACKs leave no gap.
    return {
      kind: 'warn',
      expected: 'an echo of an ADD_ADDR that was sent',
      seen,
      message: 'The echo is of an ADD_ADDR that was not seen.',
    };
  }),
  check('RFC8684-3.4.1-c', 'addAddr', 'sender', (here, what) => {
    const option = ofVersion1(here, what);
    return option !== undefined && option.echo && echoedBy(here, option) !== undefined ? PASS : undefined;
  }),
  check('RFC8684-3.4.1-c', 'end', 'sender', (here) => {
    const { connection, host } = here;
    if (connection.version !== 1) return undefined;
    const open = connection.hosts[other(host)].addresses.filter(
      (each) => each.by === 'ADD_ADDR' && each.echoedFrame === 0 && isGenuine(each),
    );
    return gravest(open.map((each) => unanswered(here, each)));
  }),
  check('RFC8684-3.4.1-d', 'addAddr', 'sender', ({ connection }, what) => {
    if (connection.version === null) return undefined;
    const { option } = what;
    const content = 4 + option.address.length + (option.port === undefined ? 0 : 2);
    const due = option.version === 0 || option.echo ? content : content + 8;
    const length = lengthOf(what);
    return length === due ? PASS : broken(`Length ${due}`, `Length ${length}`, 'The Length of an ADD_ADDR does not fit what it carries.');
  }),
  check('RFC8684-3.4.1-d', 'malformed', 'sender', (_, { subtype, length, error }) =>
    subtype === ADD_ADDR ? broken('the Length of its content', `Length ${length}`, error.message) : undefined,
  ),
  check('RFC8684-3.4.1-e', 'addAddr', 'sender', (here, what) => {
    const option = ofVersion1(here, what);
    if (option === undefined || !option.echo) return undefined;
    return option.truncatedHmac === undefined
      ? PASS
      : broken('no HMAC', `0x${toHex(option.truncatedHmac)}`, 'An echo (E = 1) carries an HMAC.');
  }),
  // The Address IDs of MP_JOIN, sections 3.2 and 3.4.1.
  check('RFC8684-3.2-d', 'joinOption', 'sender', (here, { option }) => {
    if (option.segment === 'ACK') return undefined;
    const { connection, flow, side, host } = here;
    const address = flow.addressOf(side);
    const known = conflictOf(connection, host, option.addressId, address, here.frame);
    if (known === undefined) return PASS;
    const was = `${known.by === 'ADD_ADDR' ? 'announced' : 'used'} for ${addressText(known.address)} in frame ${known.frame}`;
    const changed = isObserved(known)
      ? hasNat(connection, host)
      : !isOnTheWire(connection, host, known.address) && connection.capturedAt !== host;
    if (changed) return inconclusive(`Address ID ${option.addressId} was ${was}; a NAT may have changed one of the addresses`);
    if (isPartial(connection))
      return inconclusive(`Address ID ${option.addressId} was ${was}; it may have been removed since, where the capture has gaps`);
    return broken(
      `Address ID ${option.addressId} for ${addressText(known.address)}`,
      `Address ID ${option.addressId} for ${addressText(address)}`,
      `The MP_JOIN gives ${addressText(address)} an Address ID that was ${was}, and not removed.`,
      [here.frame, known.frame],
    );
  }),
  check('RFC8684-3.2-i', 'joinOption', 'sender', (here, { option }) => {
    if (option.segment === 'ACK') return undefined;
    return idZero(here, option.addressId, here.flow.addressOf(here.side), 'MP_JOIN');
  }),
  check('RFC8684-3.2-i', 'addAddr', 'sender', (here, what) =>
    isAnnouncement(what) ? idZero(here, what.option.addressId, what.option.address, 'ADD_ADDR') : undefined,
  ),
];

/** Address ID 0 is the address of the first subflow's (section 3.2, l.1093), unless it was removed. */
const idZero = (here: Here, id: number, address: Uint8Array, by: string): Judgement => {
  const { connection, host } = here;
  const { initial } = connection;
  if (id !== 0) return PASS;
  if (initial === undefined) return inconclusive('the first subflow was not captured');
  const first = initial.addressOf(initial.sideOf(host));
  if (equalBytes(first, address)) return PASS;
  if (connection.hosts[host].addresses.some((each) => each.id === 0 && each.removedFrame > 0)) return undefined;
  const observed = by === 'MP_JOIN' ? !hasNat(connection, host) : isOnTheWire(connection, host, address) || connection.capturedAt === host;
  if (!observed) return inconclusive(`${addressText(address)} has Address ID 0; a NAT may have changed the address of the first subflow`);
  return broken(
    `Address ID 0 for ${addressText(first)}`,
    `Address ID 0 for ${addressText(address)}`,
    `The ${by} gives ${addressText(address)} Address ID 0, which is the address of the first subflow.`,
    [here.frame, initial.firstFrame],
  );
};
