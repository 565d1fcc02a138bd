/** RFC 5534 sections 4 to 7: keepalives, probes, what they report and say of their sender, and when they come. */
import { EXPLORING, INBOUND_OK, OPERATIONAL } from '../../../codecs/reap/index.ts';
import { toHex } from '../../../codecs/bytes.ts';
import { PASS, broken, inconclusive, warned } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/shim6/judge.ts';
import type { AnyCheck, History } from '../../follow/shim6/judge.ts';
import { optionOf } from '../../follow/shim6/locators.ts';
import { tellsOf } from '../../follow/shim6/reports.ts';
import { hexOf, pathText, textOf } from '../../follow/shim6/sight.ts';
import { least, receiverTag, reserved } from '../shim6-forms.ts';

const NAMES = ['Operational', 'Exploring', 'InboundOk', 'undefined'];
const nameOf = (state: number): string => NAMES[state] ?? String(state);

/** Section 7, in ms. Jitter is not ruled out (section 4.1 asks for it), and the network may add its own: a time may be a quarter of its nominal value. */
const INITIAL_PROBE_TIMEOUT = 500;
const NUMBER_OF_INITIAL_PROBES = 4;
const MAX_PROBE_TIMEOUT = 60_000;
const LEAST_JITTER = 0.25;
/** An interval may be drawn about its value. */
const KEEPALIVE_JITTER = 0.8;
/** Clocks differ a little. */
const TOLERANCE = 0.95;

/** With a back-off that grows at all, and jitter of half a fifth more than ours, an interval is not shorter than this part of the one before. */
const SHRINKS = 0.6;

/** Whether the time between two probes of one that explores is what a sequence with a back-off gives. */
const isPaced = ({ count, interval, previous }: History['exploring']): string | undefined => {
  if (interval < INITIAL_PROBE_TIMEOUT * LEAST_JITTER * TOLERANCE) return `${INITIAL_PROBE_TIMEOUT * LEAST_JITTER} ms or more`;
  if (count >= NUMBER_OF_INITIAL_PROBES + 2 && interval < INITIAL_PROBE_TIMEOUT * TOLERANCE)
    return `more than ${INITIAL_PROBE_TIMEOUT} ms after ${NUMBER_OF_INITIAL_PROBES} initial probes`;
  if (count >= NUMBER_OF_INITIAL_PROBES + 2 && previous < MAX_PROBE_TIMEOUT * SHRINKS && interval < previous * SHRINKS)
    return `no less than the ${Math.round(previous)} ms before, backed off`;
  return undefined;
};

/** What a Probe must say by what it tells to have received. */
const matchesState =
  (only?: number) =>
  ({ message, expected }: History['probe']): Judgement => {
    if (expected === undefined || (only !== undefined && expected.because.probe.state !== only)) return undefined;
    return message.state === expected.state
      ? PASS
      : broken(
          nameOf(expected.state),
          nameOf(message.state),
          `The last probe that it tells to have received said ${nameOf(expected.because.probe.state)}: a state that does not follow from that.`,
          [expected.because.frame],
        );
  };

const stateRules = (requirement: string): AnyCheck =>
  check(requirement, 'probe', 'sender', (_, what) => {
    const { message } = what;
    if (message.state === EXPLORING && message.received.length > 0)
      return broken(
        'InboundOk or Operational',
        'Exploring',
        'Who has received a probe since it began to explore does not say Exploring any more.',
      );
    return matchesState()(what) ?? (message.state === EXPLORING ? PASS : undefined);
  });

const reportText = (source: Uint8Array, destination: Uint8Array, nonce: number, data: number): string =>
  `${pathText(toHex(source), toHex(destination))}, nonce ${hexOf(nonce, 8)}, data ${hexOf(data, 8)}`;

const tellsTruth = (requirement: string, whose: History['report']['about']): AnyCheck =>
  check(requirement, 'report', 'sender', (_, { report, about, of, instead }): Judgement => {
    if (about !== whose) return undefined;
    const probe = of ?? instead;
    if (probe === undefined) return inconclusive('the probe that is reported was not captured');
    if (of !== undefined && tellsOf(report, of)) return PASS;
    const own = probe.probe.sent[0];
    const expected =
      own === undefined
        ? pathText(probe.source, probe.destination)
        : `${pathText(probe.source, probe.destination)}, nonce ${hexOf(own.nonce, 8)}, data ${hexOf(own.data, 8)}`;
    return broken(
      expected,
      reportText(report.sourceAddress, report.destinationAddress, report.nonce, report.data),
      `A report of a probe that was ${about} is no copy of what that probe said.`,
      [probe.frame],
    );
  });

export const reap: readonly AnyCheck[] = [
  check('RFC5534-4.1-2', 'keepalive', 'sender', ({ context, host }, { interval, previous, timeout }): Judgement => {
    if (interval === undefined) return undefined;
    if (context.ends[host === 0 ? 1 : 0].payloads === 0) return inconclusive('the payload that keepalives answer was not captured');
    if (interval > timeout) return undefined;
    const least = (timeout / 3) * KEEPALIVE_JITTER;
    if (interval >= least) return PASS;
    // The last one comes when the Keepalive Timeout is over (section 6.3), whenever the one before came.
    return previous === undefined || previous >= least
      ? undefined
      : broken(
          `${timeout / 3000} to ${timeout / 2000} s`,
          `${(interval / 1000).toFixed(3)} s`,
          'Keepalives come more often than at a third to a half of the Keepalive Timeout.',
        );
  }),
  check('RFC5534-4.3-1', 'end', 'sender', (_, { pairs, probed, probes }): Judgement => {
    if (pairs === 0 || probes < 2 * pairs) return undefined;
    return probed >= pairs
      ? PASS
      : broken(
          `all ${pairs} pairs`,
          `${probed} in ${probes} probes`,
          'An exploration goes on over some of the address pairs, and leaves others out.',
        );
  }),
  check('RFC5534-4.3-2', 'exploring', 'sender', (_, what): Judgement => {
    const expected = isPaced(what);
    return expected === undefined
      ? PASS
      : broken(
          expected,
          `${Math.round(what.interval)} ms`,
          'Probes follow each other too fast: after the initial ones the time between them is to grow.',
        );
  }),
  check('RFC5534-4.3-a', 'exploring', 'sender', (_, { interval }) =>
    interval <= MAX_PROBE_TIMEOUT * 1.5
      ? PASS
      : broken(
          `at most ${MAX_PROBE_TIMEOUT / 1000} s`,
          `${Math.round(interval / 1000)} s`,
          'The time between probes has grown beyond Max Probe Timeout.',
        ),
  ),

  check('RFC5534-4.3-b', 'toStranger', 'sender', ({ seen }, { announced }) =>
    // The update that told it may have been missed.
    warned(
      `one of ${announced.addresses.map(textOf).join(', ')}`,
      textOf(seen.destination),
      'A probe went to an address that no captured list of the peer has.',
      [announced.frame],
    ),
  ),
  check('RFC5534-4.3-b', 'toLocator', 'sender', (_, { announced }) => (announced === undefined ? undefined : PASS)),

  least('RFC5534-5.1-a', 66, 'Keepalive'),
  ...receiverTag('RFC5534-5.1-b', 'Keepalive'),
  reserved('RFC5534-5.1-2/1', 'Keepalive', 'Reserved1', ({ reserved1 }) => reserved1),
  reserved('RFC5534-5.1-3/1', 'Keepalive', 'R bit', (message) => message.reserved),
  reserved('RFC5534-5.1-4/1', 'Keepalive', 'Reserved2', ({ reserved2 }) => reserved2),

  check('RFC5534-5.2-a', 'header', 'sender', ({ seen: { type, bytes, decoded } }) => {
    if (type !== 67 || bytes.length < (bytes[1]! + 1) * 8) return undefined;
    return decoded.ok || decoded.error.section !== 'RFC 5534 section 5.2'
      ? PASS
      : broken('room for all reports', `${bytes.length} octets`, `The Probe has not the reports that it counts: ${decoded.error.message}.`);
  }),
  ...receiverTag('RFC5534-5.2-b', 'Probe'),
  reserved('RFC5534-5.2-2/1', 'Probe', 'Reserved', ({ reserved1 }) => reserved1),
  reserved('RFC5534-5.2-3/1', 'Probe', 'R bit', (message) => message.reserved),
  reserved('RFC5534-5.2-7/1', 'Probe', 'Reserved2', ({ reserved2 }) => reserved2),
  check('RFC5534-5.2-4', 'probe', 'sender', (_, { message }) =>
    message.sent.length > 0 ? PASS : broken('Psent 1 or more', '0', 'A Probe does not report itself.'),
  ),
  check('RFC5534-5.2-5', 'probe', 'sender', (_, { message, cause }): Judgement => {
    if (message.state !== INBOUND_OK) return undefined;
    if (message.received.length > 0) return PASS;
    // Payload and keepalives lead to InboundOk, too, and leave nothing to report.
    return cause === undefined
      ? inconclusive('whether a probe has arrived that could be reported is not known')
      : broken('a report of a probe that arrived', 'none', 'A Probe says InboundOk and reports no probe, though one has just come.', [
          cause.frame,
        ]);
  }),
  check('RFC5534-5.2-c', 'probe', 'sender', ({ seen }, { message }) => {
    const [own] = message.sent;
    if (own === undefined) return undefined;
    const source = toHex(own.sourceAddress);
    const destination = toHex(own.destinationAddress);
    return source === seen.source && destination === seen.destination
      ? PASS
      : broken(
          pathText(seen.source, seen.destination),
          pathText(source, destination),
          'The first report of a Probe is not about the addresses that it was sent with.',
        );
  }),
  tellsTruth('RFC5534-5.2-d', 'sent'),
  tellsTruth('RFC5534-5.2-e', 'received'),
  check('RFC5534-5.2-f', 'probe', 'sender', (_, { message }) =>
    message.state <= INBOUND_OK ? PASS : broken('0, 1 or 2', `${message.state}`, 'The State of a Probe has a value without a meaning.'),
  ),
  check('RFC5534-5.2-g', 'probe', 'sender', ({ seen }, { message, sameNonce }) => {
    const [own] = message.sent;
    if (own === undefined) return undefined;
    return sameNonce === undefined || seen.time === sameNonce.time
      ? PASS
      : broken(
          'a nonce of its own',
          hexOf(own.nonce, 8),
          'Two probes have the same nonce: a report of it does not say which has arrived.',
          [sameNonce.frame],
        );
  }),

  check('RFC5534-5.3-3', 'updateRequest', 'sender', (_, { keepaliveAgain }) => {
    if (keepaliveAgain === undefined) return undefined;
    return keepaliveAgain
      ? broken(
          'the option once',
          'the same value again',
          'The Keepalive Timeout has not changed, the peer has acknowledged it, and it is sent again.',
        )
      : PASS;
  }),
  check('RFC5534-5.3-6', 'option', 'sender', (_, { option }) => {
    if (option.kind === 'KeepaliveTimeout') return PASS;
    return option.kind === 'Malformed' && option.type === 10
      ? broken('Length 4', `${option.contents.length}`, 'A Keepalive Timeout option of another length than 4.')
      : undefined;
  }),
  check('RFC5534-5.3-7/1', 'option', 'sender', (_, { option }) => {
    if (option.kind !== 'KeepaliveTimeout') return undefined;
    return option.reserved === undefined
      ? PASS
      : broken('Reserved 0', `0x${option.reserved.toString(16)}`, 'Reserved bits are set in a Keepalive Timeout option.');
  }),
  check('RFC5534-7-1', 'message', 'sender', (_, message) => {
    const option = 'options' in message ? optionOf(message.options, 'KeepaliveTimeout') : undefined;
    if (option === undefined) return undefined;
    return option.keepaliveTimeout >= 10
      ? PASS
      : broken('10 s or more', `${option.keepaliveTimeout} s`, 'A Send Timeout this short takes passing failures for lasting ones.');
  }),
  check('RFC5534-7-2', 'message', 'sender', (_, message) => {
    const option = 'options' in message ? optionOf(message.options, 'KeepaliveTimeout') : undefined;
    if (option === undefined) return undefined;
    return option.keepaliveTimeout <= 100
      ? PASS
      : broken(
          'at most 100 s',
          `${option.keepaliveTimeout} s`,
          'A Send Timeout this long finds failures later than the transport gives up.',
        );
  }),

  stateRules('RFC5534-6-1'),
  stateRules('RFC5534-6.1-1'),
  ...['RFC5534-6-1', 'RFC5534-6.1-1'].map((requirement) =>
    check(requirement, 'slipped', 'sender', (_, { before }) =>
      broken('Exploring', 'Operational', 'A Probe says Operational in the middle of an exploration that goes on.', [before.frame]),
    ),
  ),
  check('RFC5534-6.4-a', 'probe', 'sender', (_, { message }) => {
    if (message.state !== EXPLORING) return undefined;
    return message.received.length === 0
      ? PASS
      : broken(
          'no reports of probes received',
          `${message.received.length}`,
          'A Probe says Exploring, and that it has received probes since.',
        );
  }),
  check('RFC5534-6.7-a', 'probe', 'sender', (_, what) => matchesState(EXPLORING)(what)),
  check('RFC5534-6.8-a', 'probe', 'sender', (_, what) => matchesState(INBOUND_OK)(what)),
  check('RFC5534-6.8-b', 'pairChange', 'sender', (_, { isReported }): Judgement =>
    isReported ? PASS : inconclusive('the report that shows the pair to work was not captured'),
  ),
  check('RFC5534-6.8-b', 'probe', 'sender', ({ context, host }, { message }) =>
    message.state === OPERATIONAL && context.ends[host].payloads === 0
      ? inconclusive('no payload was captured that would show which pair is in use')
      : undefined,
  ),
  check('RFC5534-6.9-a', 'pairChange', 'sender', (_, { isReported }) => (isReported ? PASS : undefined)),
  ...(['RFC5534-6.8-b', 'RFC5534-6.9-a'] as const).map((requirement) =>
    check(requirement, 'strayPayload', 'sender', (_, { before, stray, back, isReported }) =>
      isReported
        ? undefined
        : broken(
            pathText(before.source, before.destination),
            pathText(stray.source, stray.destination),
            'Payload went to a pair on which no probe is known to have arrived, and then again to the one before.',
            [before.frame, back.frame],
          ),
    ),
  ),
];
