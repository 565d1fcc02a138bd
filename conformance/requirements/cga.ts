/** RFC 3972, 4581, 4982 and 5535: cryptographically generated and hash-based addresses. Every sentence with a keyword, and the rules without one. */
import {
  capture,
  catalogue,
  live,
  machine,
  may,
  must,
  mustNot,
  permission,
  rule,
  sameAs,
  should,
  shouldNot,
  unobservable,
} from './define.ts';
import type { Catalogue } from './requirement.ts';

const send = unobservable('It binds Secure Neighbor Discovery, of which we follow nothing.');
const author = unobservable('It binds whoever writes a specification.');
const inside = unobservable('How a host makes its addresses and keys is not on the wire; what comes of it is judged.');
const verifying = live('Takes a peer whose CGA Parameters have extension fields that nobody knows.');
const verifier = (...tests: readonly string[]) => machine('What a verifier computes is not on the wire.', ...tests);

/** The requirements of RFC 3972 in the order of its sections. */
export const rfc3972: Catalogue = catalogue(3972, 'Cryptographically Generated Addresses (CGA)', [
  must('3-1', 275, 'address generator', 'Give the collision count the value 0, 1 or 2.', capture),
  must('3-2', 290, 'address generator', 'Write the public key as a SubjectPublicKeyInfo in DER.', capture),
  should('3-3', 292, 'address generator', 'Use an RSA key for Secure Neighbor Discovery.', send),
  must('3-4', 293, 'address generator', 'Name an RSA key rsaEncryption, and write it as an RSAPublicKey.', capture),
  should('3-5', 297, 'address generator', 'Use RSA keys of 384 bits or more.', capture),
  must('3-6', 309, 'address verifier', 'Take no notice of what an unknown extension field says.', verifying),
  must('3-7', 312, 'address generator', 'Compute Hash1 and Hash2 as the section says.', capture),

  should('4-1', 343, 'address generator', 'Generate addresses by the steps of the section.', inside),
  should('4-2', 386, 'address generator', 'Begin with a modifier that was drawn at random.', inside),
  may('4-3', 399, 'address generator', 'Draw from a pseudo-random generator where no better one is at hand.', permission),
  may('4-4', 404, 'address generator', 'Use Sec 0 for every address.', permission),
  may('4-5', 415, 'address generator', 'Generate addresses in another way that comes to the same.', permission),
  must(
    '4-6',
    416,
    'address generator',
    'Whichever way is taken, give out only what meets both requirements that follow.',
    sameAs('RFC3972-4-8'),
  ),
  must(
    '4-7',
    418,
    'address generator',
    'Give out addresses and CGA Parameters of the form that sections 2 and 3 set.',
    sameAs('RFC3972-4-8'),
  ),
  must('4-8', 419, 'address generator', 'Give out addresses that verify with their CGA Parameters.', capture),
  may('4-9', 425, 'address generator', 'Use the old modifier with a new subnet prefix.', permission),
  should('4-10', 427, 'address generator', 'Begin at step 4 where the modifier is used again.', inside),
  rule('4-a', 366, 'address generator', 'Leave the u and g bits of an address zero.', capture),

  must(
    '5-1',
    462,
    'address verifier',
    'Verify an address by the steps of the section.',
    verifier('test/codecs/cga.test.ts: any one flipped bit fails, save u and g, and those that merely lower Sec'),
  ),
  must('5-2', 497, 'address verifier', 'Stop at the first step that fails.', verifier('test/codecs/cga.test.ts: a refusal cites its step')),
  should('5-3', 516, 'address verifier', 'Treat all addresses that verify alike in Secure Neighbor Discovery.', send),
  shouldNot('5-4', 519, 'address verifier', 'Make no difference between addresses by their Sec in Secure Neighbor Discovery.', send),
  must(
    '5-5',
    524,
    'address verifier',
    'Be able to verify every Sec from 0 to 7.',
    verifier('test/codecs/cga.test.ts: Sec 0 to 7 are all processed: 16 * Sec zero bits of Hash2, not one less'),
  ),
  should('5-6', 531, 'address verifier', 'Be able to verify RSA keys from 384 to 2048 bits in Secure Neighbor Discovery.', send),
  may('5-7', 534, 'address verifier', 'Support keys longer than that.', permission),
  must('5-8', 537, 'address verifier', 'Take no notice of extension fields that are unknown when verifying.', verifying),
  must('5-9', 539, 'address verifier', 'Hash unknown extension fields with the rest.', verifying),

  should('6-1', 553, 'signer', 'Sign by the steps of the section.', inside),
  should('6-2', 594, 'signature verifier', 'Verify a signature by the steps of the section.', inside),
  must(
    '6-3',
    610,
    'signature verifier',
    'Take a signature for authentic only where the address verifies as well.',
    verifier('test/codecs/cga.test.ts: both the CGA and the signature must verify; a refusal names the step'),
  ),

  should('7.1-1', 660, 'address generator', 'Be ready to go over to longer keys.', inside),
  should('7.1-2', 669, 'address generator', 'Make a new key and a new address when the host was compromised.', inside),
  should('7.3-1', 798, 'address generator', 'Draw from a generator whose values cannot be linked, where privacy is wanted.', inside),
  must('7.4-1', 857, 'any host', 'Have a type tag and the sender address in everything that a protocol signs.', author),
  must('7.4-2', 859, 'any host', 'Define type tags of its own for each protocol.', author),
  mustNot('7.4-3', 860, 'any host', 'Use the key of an address for signing, and never for encryption.', inside),
  should('8-1', 885, 'any host', 'Draw new type tags from a strong generator.', author),
  may('8-2', 903, 'any host', 'Draw type tags for private use without asking IANA.', permission),
]);

/** The requirement of RFC 4581. */
export const rfc4581: Catalogue = catalogue(4581, 'Cryptographically Generated Addresses (CGA) Extension Field Format', [
  must('2-1', 77, 'address generator', 'Write extension fields as type, length and data.', capture),
]);

/** The requirements of RFC 4982. */
export const rfc4982: Catalogue = catalogue(4982, 'Support for Multiple Hash Algorithms in Cryptographically Generated Addresses (CGAs)', [
  must(
    '5-1',
    302,
    'address generator',
    'Generate an address by the procedure that is registered for its Sec.',
    live(
      'Takes a generator: SHA-1 stands for each Sec that is registered, so that RFC 3972 decides; the others have no procedure to be held against.',
    ),
  ),
  must('5-2', 315, 'any host', 'Name the least key length with each new Sec.', author),
]);

/** The requirements of RFC 5535; in each section its sentences first, then its rules. */
export const rfc5535: Catalogue = catalogue(5535, 'Hash-Based Addresses (HBA)', [
  must('5-1/1', 437, 'address generator', 'Send the reserved bits of the Multi-Prefix extension as zero.', capture),
  must(
    '5-1/2',
    437,
    'address verifier',
    'Take no notice of the reserved bits of the Multi-Prefix extension, but hash them.',
    live('Takes a peer that sets the bits, and an answer that shows that they made no difference.'),
  ),
  rule('5-a', 434, 'address generator', 'Set the P flag where the Public Key field holds a key, and only there.', capture),
  rule('5-b', 431, 'address generator', 'Give the Multi-Prefix extension 4 octets and 8 for each prefix.', capture),
  must('6-1', 486, 'address generator', 'Write the random nonce of an HBA as a public key.', sameAs('RFC5535-6-3')),
  must('6-2', 487, 'address generator', 'Write the random nonce of an HBA as a SubjectPublicKeyInfo in DER.', capture),
  must('6-3', 490, 'address generator', 'Write the random nonce of an HBA as an RSAPublicKey under rsaEncryption.', capture),
  rule('6-a', 493, 'address generator', 'Make the random nonce of an HBA 384 bits long.', capture),
  rule(
    '6-b',
    581,
    'address generator',
    'Give each address of an HBA set CGA Parameters with its own subnet prefix, one of the set.',
    capture,
  ),
  rule('7.2-a', 640, 'address generator', 'Have only addresses in an HBA set that verify with its CGA Parameters and prefix set.', capture),
]);
