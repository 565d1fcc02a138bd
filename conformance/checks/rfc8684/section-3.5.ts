/** Section 3.5, Fast Close: MP_FASTCLOSE on an ACK, which a RST answers, or on RSTs; and nothing after it. */
import { RST, SYN } from '../../../codecs/packet/index.ts';
import { PASS, broken, gravest, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, rarely, RST_BLANKED } from '../../follow/mptcp/judge.ts';
import type { Check } from '../../follow/mptcp/judge.ts';
import { other } from '../../follow/mptcp/model.ts';
import type { Connection, End, Flow, Here, Index, SentFastclose } from '../../follow/mptcp/model.ts';

const MP_FASTCLOSE = 7;
/** Longer than the first retransmission timeouts of any stack (RFC 6298 section 2.1: 1 s), in ms. */
const PATIENCE = 4000;
/** Packets of two paths do not pass each other by more than this, in ms. */
const OVERTAKING = 2000;
/** No implementation-specific limit is as high as this. */
const LIMIT = 32;

const key = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;

interface Signalled {
  readonly flow: Flow;
  readonly sent: End;
  readonly received: End;
  readonly fastclose: SentFastclose;
}

/** The subflows on which a host has sent MP_FASTCLOSE. */
const signalled = (connection: Connection, host: Index): readonly Signalled[] =>
  connection.flows.flatMap((flow) => {
    const sent = flow.endOf(host);
    const received = flow.endOf(other(host));
    return sent.fastclose === undefined ? [] : [{ flow, sent, received, fastclose: sent.fastclose }];
  });

/** Those where it stood on an ACK, and no RST has answered or overtaken it. */
const unansweredOn = (connection: Connection, host: Index): readonly Signalled[] =>
  signalled(connection, host).filter(
    ({ fastclose, sent, received }) => fastclose.onAck > 0 && sent.rstFrame === 0 && received.rstFrame === 0,
  );

/** Whether a host has signalled its own fast close on an ACK before a frame. */
const crossed = (connection: Connection, host: Index, frame: number): boolean =>
  connection.flows.some((flow) => {
    const own = flow.endOf(host).fastclose;
    return own !== undefined && own.onAck > 0 && own.frame < frame;
  });

/** A host has got an MP_FASTCLOSE on an ACK, and sends something else than the RST it owes. */
const insteadOfRst = (here: Here, fastclose: SentFastclose): Judgement => {
  const { segment, received, time, frame } = here;
  if (fastclose.onAck === 0 || fastclose.key !== 'valid' || received.rstFrame > 0) return undefined;
  if (time - fastclose.time < PATIENCE) return undefined;
  // It has arrived if it was sent often, or what was sent after it is acknowledged.
  if (fastclose.onAck < 3 && here.acked <= fastclose.ssn) return undefined;
  const seen = segment.payloadLength > 0 ? `${segment.payloadLength} octets of data` : 'an ACK';
  return broken('a RST', seen, `MP_FASTCLOSE with the right key came ${fastclose.onAck} times on ACKs; the host goes on with ${seen}.`, [
    frame,
    fastclose.frame,
  ]);
};

/** A subflow that was open when the host closed the connection, and that it has not closed. */
const closedToo = (here: Here, flow: Flow, onAck: SentFastclose | undefined, first: number): Judgement => {
  const { connection, host } = here;
  const sent = flow.endOf(host);
  const received = flow.endOf(other(host));
  if (sent.fastclose !== undefined) return PASS;
  const path = `${flow.textOf(0)} > ${flow.textOf(1)}`;
  if (sent.rstFrame > 0) {
    if (onAck !== undefined) return PASS;
    if (sent.rstBlanked) return RST_BLANKED;
    if (sent.rstAnswers)
      return inconclusive(`the RST on ${path} answers a segment for a connection that was gone; what closed it was not captured`);
    return broken(
      'MP_FASTCLOSE on the RST',
      'a RST without it',
      `The RST on ${path} has no MP_FASTCLOSE, though it was sent on a RST on another subflow.`,
      [sent.rstFrame, first],
    );
  }
  if (received.rstFrame > 0 || !connection.allClosed || connection.captureLost(host))
    return inconclusive(`the capture does not show how ${path} was closed after MP_FASTCLOSE`);
  return broken('a RST', 'none', `The subflow ${path} was open when MP_FASTCLOSE was sent, and is not reset.`, [first]);
};

export const section35: readonly Check[] = [
  check('RFC8684-3.5-1', 'fastclose', 'sender', ({ sent, segment }) =>
    (segment.flags & RST) === 0 && sent.fastclose !== undefined && sent.fastclose.onAck > 0 ? PASS : undefined,
  ),
  check('RFC8684-3.5-1', 'end', 'sender', ({ connection, host, time }) => {
    for (const { fastclose } of unansweredOn(connection, host)) {
      if (fastclose.onAck > 1) continue;
      if (time - fastclose.time < PATIENCE) return inconclusive('the capture ends before a retransmission of MP_FASTCLOSE was due');
      return broken(
        'MP_FASTCLOSE again',
        `nothing for ${Math.round(time - fastclose.time)} ms`,
        'MP_FASTCLOSE was not answered by a RST, and not retransmitted.',
        [fastclose.frame],
      );
    }
    return undefined;
  }),
  check('RFC8684-3.5-2', 'fastclose', 'sender', ({ sent, segment }) => {
    if ((segment.flags & RST) !== 0 || sent.fastclose === undefined || sent.fastclose.onAck < LIMIT) return undefined;
    return broken('an end to the retransmissions', `${sent.fastclose.onAck + 1} times`, 'MP_FASTCLOSE is retransmitted without end.', [
      sent.fastclose.frame,
    ]);
  }),
  check('RFC8684-3.5-2', 'end', 'sender', ({ connection, host }) =>
    signalled(connection, host).some(({ fastclose }) => fastclose.onAck > 1) ? PASS : undefined,
  ),
  check('RFC8684-3.5-3', 'fastclose', 'sender', ({ sent, segment }) => {
    const { onAck = 0 } = sent.fastclose ?? {};
    if ((segment.flags & RST) !== 0 || onAck === 0) return undefined;
    return onAck <= 3
      ? PASS
      : broken('3 retransmissions at most', `retransmission ${onAck}`, 'MP_FASTCLOSE is retransmitted more than three times.', [
          sent.fastclose!.frame,
        ]);
  }),
  check('RFC8684-3.5-4', 'rst', 'sender', (here) => {
    const { sent, received, frame } = here;
    const { fastclose } = sent;
    if (fastclose === undefined || fastclose.onAck === 0 || received.rstFrame > 0) return undefined;
    if (fastclose.rstFrame === frame) return PASS;
    return sent.rstBlanked
      ? RST_BLANKED
      : broken('MP_FASTCLOSE on the RST', 'a RST without it', 'No RST has answered MP_FASTCLOSE; the RST that gives up lacks it.', [
          fastclose.frame,
        ]);
  }),
  check('RFC8684-3.5-4', 'end', 'sender', ({ connection, host }) =>
    unansweredOn(connection, host).some(({ fastclose }) => fastclose.onAck > 1)
      ? inconclusive('when the host released its state is not on the wire')
      : undefined,
  ),
  check('RFC8684-3.5-a', 'fastclose', 'sender', ({ receiver }, { option }) => {
    if (receiver.key === undefined) return inconclusive("the receiver's key was not captured");
    return option.receiverKey === receiver.key
      ? PASS
      : broken(
          key(receiver.key),
          key(option.receiverKey),
          "MP_FASTCLOSE does not carry its receiver's key.",
          receiver.keyFrame > 0 ? [receiver.keyFrame] : [],
        );
  }),
  rarely('RFC8684-3.5-b', 'payload', 'sender', (here) => {
    const { sender, sent, frame, retransmission } = here;
    if (sender.fastcloseFrame === 0 || retransmission) return undefined;
    const seen = `${here.segment.payloadLength} octets of data`;
    const onThis = sent.fastclose;
    const first =
      onThis ?? signalled(here.connection, here.host).find(({ fastclose }) => fastclose.frame === sender.fastcloseFrame)?.fastclose;
    if (first === undefined) return undefined;
    // On its own subflow sequence numbers tell what was sent first, on another only time does.
    if (onThis !== undefined ? here.ssnEnd <= onThis.ssn : frame < first.frame) return undefined;
    const finding = broken('no data after MP_FASTCLOSE', seen, 'The host that closed the connection with MP_FASTCLOSE sends data on it.', [
      frame,
      first.frame,
    ]);
    return onThis !== undefined || here.time - first.time > OVERTAKING ? finding : { ...finding, kind: 'warn' };
  }),
  check('RFC8684-3.5-b', 'end', 'sender', ({ connection, host }) => (connection.hosts[host].fastcloseFrame > 0 ? PASS : undefined)),
  check('RFC8684-3.5-c', 'rst', 'sender', ({ received }) =>
    received.fastclose !== undefined && received.fastclose.onAck > 0 && received.fastclose.key !== 'wrong' ? PASS : undefined,
  ),
  rarely('RFC8684-3.5-c', 'segment', 'sender', (here) => {
    const { fastclose } = here.received;
    if (fastclose === undefined || (here.segment.flags & (RST | SYN)) !== 0 || here.sent.fastclose !== undefined) return undefined;
    return insteadOfRst(here, fastclose);
  }),
  check('RFC8684-3.5-c', 'end', 'sender', ({ connection, host }) =>
    unansweredOn(connection, other(host)).some(({ fastclose }) => fastclose.key === 'valid' && !crossed(connection, host, fastclose.frame))
      ? inconclusive('no RST answers MP_FASTCLOSE, and no packet shows that it has arrived')
      : undefined,
  ),
  check('RFC8684-3.5-d', 'end', 'sender', (here) => {
    const { connection, host } = here;
    const own = signalled(connection, host);
    if (own.length === 0) return undefined;
    const onAck = own.find(({ fastclose }) => fastclose.onAck > 0)?.fastclose;
    const first = Math.min(...own.map(({ fastclose }) => fastclose.frame));
    const open = connection.flows.filter(
      ({ established, join, ends, firstFrame }) =>
        established &&
        firstFrame < first &&
        // A join that only the ACK of its third packet makes a subflow is none before.
        (join?.establishedFrame ?? 0) < first &&
        !ends.every((end) => end.finFrame > 0 && end.finFrame < first) &&
        !ends.some((end) => end.rstFrame > 0 && end.rstFrame < first),
    );
    return gravest([PASS, ...open.map((flow) => closedToo(here, flow, onAck, first))]);
  }),
  check('RFC8684-3.5-e', 'fastclose', 'sender', () => PASS),
  check('RFC8684-3.5-e', 'malformed', 'sender', (_, { subtype, length, error }) =>
    subtype === MP_FASTCLOSE ? broken('Length 12', `Length ${length}`, error.message) : undefined,
  ),
  check('RFC8684-3.5-f', 'fastclose', 'sender', (_, { option }) =>
    option.reserved === 0
      ? PASS
      : broken('reserved bits 0', `0x${option.reserved.toString(16).padStart(3, '0')}`, 'Reserved bits are set in an MP_FASTCLOSE.'),
  ),
  check('RFC8684-3.5-g', 'rst', 'sender', ({ connection, host, received }) => {
    const { fastclose } = received;
    return fastclose !== undefined && fastclose.onAck > 0 && crossed(connection, host, Infinity) ? PASS : undefined;
  }),
  rarely('RFC8684-3.5-g', 'segment', 'sender', (here) => {
    const { fastclose } = here.received;
    if (fastclose === undefined || (here.segment.flags & (RST | SYN)) !== 0 || here.sent.fastclose === undefined) return undefined;
    return insteadOfRst(here, fastclose);
  }),
  check('RFC8684-3.5-g', 'end', 'sender', ({ connection, host }) =>
    unansweredOn(connection, other(host)).some(({ fastclose }) => crossed(connection, host, Infinity) && fastclose.key !== 'wrong')
      ? inconclusive('no RST answers the MP_FASTCLOSE of the other host, and no packet shows that it has arrived')
      : undefined,
  ),
];
