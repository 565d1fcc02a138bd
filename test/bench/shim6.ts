/**
 * The part `shim6` of `npm run bench`: what an I2 costs a host with 1,000 contexts and one with 100,000, with the verification of its RSA signature and with that left
 * out (RFC 5533 section 7.13). The thesis had about 2 ms, whatever the number up to 1,000.
 */
import { generateKeyPairSync } from 'node:crypto';
import { generateCga, generateHba, locatorsSigned, VERIFICATION_METHOD } from '../../codecs/cga/index.ts';
import type { Ipv6Fields } from '../../codecs/packet/index.ts';
import { decodeShim6, encodeShim6, PROTOCOL_SHIM6, type R1, type Shim6Message, type Shim6Option } from '../../codecs/shim6/index.ts';
import { digest, nodeSignatures, random } from '../../conformance/providers/node-crypto.ts';
import { locatorOptions, Shim6Host, type LocalLocators, type VerifySignature } from '../../state-machines/shim6/index.ts';

const SIZES = [1000, 100_000] as const;
/** I2s of one round, and rounds. */
const BATCH = 100;
const ROUNDS = 21;
const TAG = 0x1234;
/** What the issue asks for. */
const MOST = 1.2;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const prefix = (n: number, i: number): Uint8Array => Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, n >>> 16, n >>> 8, n, i);

/** A peer: its ULID, and what its I2 tells of its locators. */
interface Peer {
  readonly ulid: Uint8Array;
  readonly options: readonly Shim6Option[];
}

const hbaPeer = async (n: number): Promise<Peer> => {
  const { addresses } = await generateHba({ sec: 0, prefixes: [prefix(n, 1), prefix(n, 2)], random });
  const locators = addresses.map(({ address, octets }) => ({
    locator: address,
    verificationMethod: VERIFICATION_METHOD.hba,
    parameters: octets,
  }));
  return { ulid: addresses[0]!.address, options: locatorOptions({ generation: 1, locators }, addresses[0]!.address) };
};

const cgaPeers = async (count: number): Promise<readonly Peer[]> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  const peers: Peer[] = [];
  for (let n = 0; n < count; n += 1) {
    const { addresses } = await generateCga({ sec: 0, prefixes: [prefix(n, 3), prefix(n, 4)], publicKey, random });
    const locators = addresses.map(({ address, octets }) => ({
      locator: address,
      verificationMethod: VERIFICATION_METHOD.cga,
      parameters: octets,
    }));
    const signature = await nodeSignatures.sign(privateKey, locatorsSigned(1, locators));
    peers.push({ ulid: addresses[0]!.address, options: locatorOptions({ generation: 1, locators, signature }, addresses[0]!.address) });
  }
  return peers;
};

/** The I2 of a peer, once it has had its R1. */
const i2From = (host: Shim6Host, { ulid, options }: Peer, own: Uint8Array, tag: number, now: number): Ipv6Fields => {
  const packet = (message: Shim6Message): Ipv6Fields => ({
    protocol: PROTOCOL_SHIM6,
    source: ulid,
    destination: own,
    payload: encodeShim6(message),
  });
  const [answer] = host.receive(packet({ kind: 'I1', initiatorContextTag: tag, initiatorNonce: 7 }), now);
  const r1 = answer?.type === 'send' ? decodeShim6(answer.packet.payload) : undefined;
  if (r1?.ok !== true || r1.value.kind !== 'R1') throw new Error('an I1 is not answered with an R1');
  const { responderNonce, options: validator = [] }: R1 = r1.value;
  return packet({ kind: 'I2', initiatorContextTag: tag, initiatorNonce: 7, responderNonce, options: [...validator, ...options] });
};

/** A host with so many contexts, with peers that have two HBA locators each. */
const filled = async (local: LocalLocators, size: number, verifySignature: VerifySignature): Promise<Shim6Host> => {
  const host = new Shim6Host({ local, random, verifySignature, digest, capacity: 2 * size });
  const own = local.locators[0]!.locator;
  for (let n = 0; n < size; n += 1) host.receive(i2From(host, await hbaPeer(n), own, TAG + n, 0), 0);
  if (host.size !== size) throw new Error(`${host.size} contexts, not ${size}`);
  return host;
};

/** Measures and prints; exits 1 where it costs more with many contexts than it may. */
export const benchShim6 = async (): Promise<void> => {
  console.log('shim6: an I2 (two CGA locators, RSA-1024) at a host with many contexts, medians of single ones');
  const { addresses } = await generateHba({ sec: 0, prefixes: [prefix(0xffff, 1), prefix(0xffff, 2)], random });
  const locators = addresses.map(({ address, octets }) => ({
    locator: address,
    verificationMethod: VERIFICATION_METHOD.hba,
    parameters: octets,
  }));
  const local = { generation: 1, locators };
  const own = addresses[0]!.address;
  const peers = await cgaPeers(BATCH);
  let isVerifying = true;
  const verifySignature: VerifySignature = (...args) => !isVerifying || nodeSignatures.verify(...args) === true;
  const hosts: Shim6Host[] = [];
  for (const size of SIZES) hosts.push(await filled(local, size, verifySignature));
  for (const verifying of [true, false]) {
    isVerifying = verifying;
    const times = hosts.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      const now = round + 1;
      const packets = hosts.map((host) => peers.map((peer, n) => i2From(host, peer, own, n, now)));
      for (let n = 0; n < BATCH; n += 1) {
        // Each goes first half of the time, so that whatever else the machine does meets both.
        for (const which of n % 2 === 0 ? [0, 1] : [1, 0]) {
          const packet = packets[which]![n]!;
          const start = process.hrtime.bigint();
          hosts[which]!.receive(packet, now);
          times[which]!.push(Number(process.hrtime.bigint() - start) / 1e6);
        }
      }
      for (const [which, host] of hosts.entries()) {
        if (host.size !== SIZES[which]! + BATCH) throw new Error('an I2 was not taken');
        for (const { ulid } of peers) host.tearDown(own, ulid, now);
      }
    }
    const [few = Number.NaN, many = Number.NaN] = times.map((each) => median(each.slice(BATCH))); // the first round warms up
    const ratio = many / few;
    const what = verifying ? 'with RSA verification' : 'without it';
    console.log(
      `  ${what.padEnd(22)} ${few.toFixed(3)} ms at ${SIZES[0].toLocaleString('en')}, ${many.toFixed(3)} ms at ${SIZES[1].toLocaleString('en')}: ${ratio.toFixed(2)} times as much (at most ${MOST})`,
    );
    if (!(ratio <= MOST)) process.exitCode = 1;
  }
};
