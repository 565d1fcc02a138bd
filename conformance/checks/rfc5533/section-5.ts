/** Sections 4.6 and 5.1 to 5.3: where the header stands, how long it is, and what every control message has. */
import { ERROR_CODE, NO_NEXT_HEADER, checksumOf } from '../../../codecs/shim6/index.ts';
import { PASS, broken, inconclusive, warned } from '../../follow/evidence.ts';
import { check } from '../../follow/shim6/judge.ts';
import type { AnyCheck } from '../../follow/shim6/judge.ts';
import { hexOf, sentChecksum } from '../../follow/shim6/sight.ts';
import { least, receiverTag, reserved } from '../shim6-forms.ts';

/** Packets may not be larger (section 5.1). */
const LARGEST = 1280;
const TYPES: readonly number[] = [1, 2, 3, 4, 5, 6, 64, 65, 66, 67, 68];
const isExperimental = (type: number): boolean => (type >= 60 && type <= 63) || type >= 124;

const isControl = (type: number): boolean => type >= 0;

export const section5: readonly AnyCheck[] = [
  check('RFC5533-4.6-a', 'header', 'sender', ({ seen: { misplaced } }) =>
    misplaced.length === 0
      ? PASS
      : broken(
          'the shim6 header before endpoint headers',
          misplaced.map(({ kind }) => kind).join(', '),
          'A header for the endpoint stands before the shim6 header.',
        ),
  ),
  check('RFC5533-5.1-a', 'header', 'sender', ({ seen: { type, packetLength } }) => {
    if (!isControl(type)) return undefined;
    return packetLength <= LARGEST
      ? PASS
      : broken(
          `at most ${LARGEST} octets`,
          `${packetLength}`,
          'A packet with shim6 signalling is too large: leave locators out, or send them in another message.',
        );
  }),
  check('RFC5533-5.2-a', 'header', 'sender', ({ seen: { type, bytes } }) => {
    if (isControl(type)) return undefined;
    return bytes[1] === 0
      ? PASS
      : broken('Hdr Ext Len 0', `${bytes[1]}`, 'The P bit says Payload Extension header, which is 8 octets long; this header is not.');
  }),
  check('RFC5533-5.3-a', 'header', 'sender', ({ seen: { type, bytes } }) => {
    if (!isControl(type)) return undefined;
    return bytes[0] === 59 ? PASS : broken('Next Header 59', `${bytes[0]}`, 'A control message announces something after it.');
  }),
  check('RFC5533-5.3-b', 'header', 'sender', ({ seen: { type, bytes, rest } }) => {
    const length = (bytes[1]! + 1) * 8;
    if (!isControl(type)) return undefined;
    if (rest.length > 0 && bytes[0] === NO_NEXT_HEADER)
      return broken(
        `${length + rest.length} octets`,
        `${length}`,
        'Octets follow the message, and its Next Header says that nothing does.',
      );
    return bytes.length === length ? PASS : broken(`${length} octets`, `${bytes.length}`, 'The header claims to end beyond the packet.');
  }),
  check('RFC5533-5.3-c', 'header', 'sender', ({ seen: { type, bytes } }) => {
    if (!isControl(type)) return undefined;
    return (bytes[3]! & 1) === 0
      ? PASS
      : broken('S 0', '1', 'With the S bit set this is no shim6 message, but its protocol number is that of shim6.');
  }),
  check('RFC5533-5.3-d', 'header', 'sender', ({ seen: { type, bytes } }) => {
    if (!isControl(type) || bytes.length < (bytes[1]! + 1) * 8) return undefined;
    const right = checksumOf(bytes);
    const sent = sentChecksum(bytes);
    return right === sent ? PASS : broken(hexOf(right, 4), hexOf(sent, 4), 'The checksum is not that of the message.');
  }),
  check('RFC5533-5.3-e', 'header', 'sender', ({ seen: { type, bytes } }) => {
    if (!isControl(type) || isExperimental(type) || (bytes[3]! & 1) !== 0) return undefined;
    return TYPES.includes(type) ? PASS : warned('a type of table 1', `${type}`, 'This message type is reserved or not assigned.');
  }),

  ...receiverTag('RFC5533-5.2-b', 'PayloadExtension'),

  reserved('RFC5533-5.4-a', 'I1', 'Reserved1', ({ reserved1 }) => reserved1),
  reserved('RFC5533-5.4-b', 'I1', 'R bit', (message) => message.reserved),
  least('RFC5533-5.4-c', 1, 'I1'),
  reserved('RFC5533-5.5-a', 'R1', 'Reserved1', ({ reserved1 }) => reserved1),
  reserved('RFC5533-5.5-b', 'R1', 'Reserved2', ({ reserved2 }) => reserved2),
  least('RFC5533-5.5-c', 2, 'R1'),
  reserved('RFC5533-5.6-a', 'I2', 'Reserved1', ({ reserved1 }) => reserved1),
  reserved('RFC5533-5.6-b', 'I2', 'R bit', (message) => message.reserved),
  reserved('RFC5533-5.6-c', 'I2', 'Reserved2', ({ reserved2 }) => reserved2),
  least('RFC5533-5.6-d', 3, 'I2'),
  reserved('RFC5533-5.7-a', 'R2', 'Reserved1', ({ reserved1 }) => reserved1),
  reserved('RFC5533-5.7-b', 'R2', 'R bit', (message) => message.reserved),
  least('RFC5533-5.7-c', 4, 'R2'),
  reserved('RFC5533-5.8-a', 'R1bis', 'Reserved1', ({ reserved1 }) => reserved1),
  reserved('RFC5533-5.8-b', 'R1bis', 'R bit', (message) => message.reserved),
  least('RFC5533-5.8-c', 5, 'R1bis'),
  reserved('RFC5533-5.9-a', 'I2bis', 'Reserved1', ({ reserved1 }) => reserved1),
  reserved('RFC5533-5.9-b', 'I2bis', 'R bit', (message) => message.reserved),
  reserved('RFC5533-5.9-c', 'I2bis', 'Reserved2', ({ reserved2 }) => reserved2),
  least('RFC5533-5.9-d', 6, 'I2bis'),
  reserved('RFC5533-5.10-a', 'UpdateRequest', 'Reserved1', ({ reserved1 }) => reserved1),
  reserved('RFC5533-5.10-b', 'UpdateRequest', 'R bit', (message) => message.reserved),
  least('RFC5533-5.10-c', 64, 'Update Request'),
  ...receiverTag('RFC5533-5.10-d', 'UpdateRequest'),
  check('RFC5533-5.10-e', 'updateRequest', 'sender', (_, { message: { options = [] } }) =>
    options.length > 0
      ? PASS
      : warned('a locator list, preferences or another option', 'none', 'There is nothing in an Update Request to update.'),
  ),
  reserved('RFC5533-5.11-a', 'UpdateAck', 'Reserved1', ({ reserved1 }) => reserved1),
  reserved('RFC5533-5.11-b', 'UpdateAck', 'R bit', (message) => message.reserved),
  least('RFC5533-5.11-c', 65, 'Update Acknowledgement'),
  ...receiverTag('RFC5533-5.11-d', 'UpdateAck'),
  least('RFC5533-5.14-a', 68, 'Error'),
  check('RFC5533-5.14-b', 'message', 'sender', (_, message) => {
    if (message.kind !== 'Error') return undefined;
    const { errorCode } = message;
    const known: readonly number[] = Object.values(ERROR_CODE);
    return known.includes(errorCode) || errorCode >= 120
      ? PASS
      : broken('an Error Code of table 2', `${errorCode}`, 'This Error Code is not assigned.');
  }),
  check('RFC5533-5.14-c', 'error', 'sender', ({ seen }, { message }) => {
    if (message.errorCode !== ERROR_CODE.unknownMessageType) return undefined;
    const { packetInError, pointer } = message;
    // It may count from the IPv6 header or from shim6's: the RFC does not say.
    const isIp = packetInError.length >= 40 && packetInError[0]! >> 4 === 6;
    if (pointer === 2 || pointer === 42) return PASS;
    return isIp || seen.rest.length === 0
      ? broken('2, or 42 from the IPv6 header', `${pointer}`, 'The Pointer does not lead to the message type that is unknown.')
      : inconclusive('where the packet in error begins is not clear');
  }),
];
