/** `polypath cga`: cryptographically generated addresses (RFC 3972) and hash-based addresses (RFC 5535), made and verified. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { copyOf, fromHex, toHex } from '../../codecs/bytes.ts';
import {
  cgaSec,
  decodeCgaParameters,
  decodeKeyPair,
  fastestKernel,
  generateCga,
  generateHba,
  remarksOn,
  verifyCga,
  verifyHba,
  type CgaVerification,
  type Generated,
  type KeyPair,
} from '../../codecs/cga/index.ts';
import { formatAddress, parseAddress } from '../../codecs/packet/index.ts';
import { supply } from '../input.ts';
import { newSearchPool } from '../jobs/search-pool.ts';
import { digest, random } from '../providers/node-crypto.ts';
import { printable } from '../report/escape.ts';
import { UsageError, type Io } from './io.ts';
import { durationText, searchBar } from './progress.ts';

/** What `cga generate` and `cga hba` were asked for. */
export interface GenerateArguments {
  readonly kind: 'cga' | 'hba';
  readonly sec: number;
  readonly prefixes: readonly string[];
  /** A file with a public or a private key, PEM or DER. Without one a CGA gets a key of its own, an HBA set none. */
  readonly key?: string;
  /** Where the search starts, in hexadecimal digits. */
  readonly modifier?: string;
  readonly collisionCount: number;
  /** One for up to Sec 1, which takes less than threads take to start, else one for each processor. */
  readonly threads?: number;
  readonly format: 'text' | 'json' | 'addresses';
  /** Where to write the CGA Parameters (the first address's) as octets. */
  readonly der?: string;
  /** Where to write the private key that was made, as PEM. */
  readonly keyOut?: string;
}

/** What `cga verify` was asked for. */
export type VerifyArguments =
  | { readonly parameters: string; readonly address: string; readonly hba: boolean; readonly format: 'text' | 'json' }
  | { readonly batch: string };

/** Ended by Ctrl-C: what a shell gives for SIGINT. */
const INTERRUPTED = 130;
/** The bits of an RSA key that is made for a CGA. */
const KEY_BITS = 2048;

const isHex = (text: string): boolean => text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text);

const reading = <T>(option: string, file: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${option} ${file}: ${(error as Error).message}`, { cause: error });
  }
};

/** The 8 octets of `2001:db8:1::/64`, also without its length. */
const prefixOf = (text: string): Uint8Array => {
  const [written = '', length = '64', ...more] = text.split('/');
  const address = parseAddress(written);
  if (address?.length !== 16 || more.length > 0) throw new UsageError(`--prefix: '${text}' is no IPv6 prefix`);
  if (length !== '64')
    throw new UsageError(`--prefix: '${text}' must have 64 bits: the other 64 are the interface identifier (RFC 3972 section 2)`);
  if (address.subarray(8).some((octet) => octet !== 0)) throw new UsageError(`--prefix: '${text}' has bits set after the first 64`);
  return copyOf(address, 0, 8);
};

const modifierOf = (text: string): Uint8Array => {
  const digits = text.replace(/^0x/i, '').padStart(32, '0');
  if (digits.length !== 32 || !isHex(digits)) throw new UsageError(`--modifier: '${text}' is not 16 octets in hexadecimal digits`);
  return fromHex(digits);
};

const keyOf = (file: string): KeyPair => {
  const key = decodeKeyPair(reading('--key', file, () => readFileSync(file)));
  if (!key.ok) throw new UsageError(`--key ${file}: ${key.error.message} (offset ${key.error.offset}, ${key.error.section})`);
  return key.value;
};

const freshKey = (): KeyPair => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: KEY_BITS,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  return { publicKey: new Uint8Array(publicKey), privateKey: new Uint8Array(privateKey) };
};

const pemOf = (privateKey: Uint8Array): string => {
  const lines = Buffer.from(privateKey)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
};

/** The modifiers that a thread tests in a second here and now, for this template's length. */
const measuredRate = (octets: number): number => {
  const kernel = fastestKernel();
  const template = new Uint8Array(octets);
  const count = 1 << 16;
  kernel.search(template, 7, template.subarray(0, 16), count);
  const start = performance.now();
  kernel.search(template, 7, template.subarray(0, 16), count);
  return (count * 1000) / (performance.now() - start);
};

/** What a search with a high Sec will cost, said before it starts. */
const costText = (sec: number, threads: number, publicKey: Uint8Array | undefined): string => {
  const rate = measuredRate(25 + (publicKey?.length ?? 100)) * threads;
  const { registered, hash2Bits } = cgaSec(sec);
  return (
    `sec ${sec} takes 2^${hash2Bits} modifiers on average: some ${durationText(2 ** hash2Bits / rate)} at ${(rate / 1e6).toFixed(1)} million a second` +
    `${registered ? '' : `; RFC 4982 registers no hash for sec ${sec}`}. Ctrl-C ends it\n`
  );
};

const jsonOf = (kind: 'cga' | 'hba', { sec, modifier, distance, addresses }: Generated, made: KeyPair | undefined) => ({
  kind,
  sec: sec.value,
  hash: sec.name,
  registered: sec.registered,
  modifier: toHex(modifier),
  distance,
  publicKey: toHex(addresses[0]!.parameters.publicKey),
  privateKey: made?.privateKey === undefined ? null : toHex(made.privateKey),
  addresses: addresses.map(({ address, parameters, octets }) => ({
    address: formatAddress(address, 0, 6),
    prefix: `${formatAddress(Uint8Array.of(...parameters.subnetPrefix, 0, 0, 0, 0, 0, 0, 0, 0), 0, 6)}/64`,
    collisionCount: parameters.collisionCount,
    parameters: toHex(octets),
  })),
});

const textOf = (kind: 'cga' | 'hba', generated: Generated, made: KeyPair | undefined): string => {
  const { sec, modifier, distance, addresses } = generated;
  const lines = addresses.flatMap(({ address, octets }) => [formatAddress(address, 0, 6), `  parameters  ${toHex(octets)}`]);
  const how = `sec ${sec.value} (${sec.name}${sec.registered ? '' : ', not registered'}), modifier ${toHex(modifier)}, ${distance} from the start`;
  const key = made?.privateKey === undefined ? '' : `private key (RSA, ${KEY_BITS} bits), made for it:\n${pemOf(made.privateKey)}`;
  return `${kind === 'hba' ? 'HBA set' : 'CGA'}: ${how}\n${lines.join('\n')}\n${key}`;
};

/**
 * Runs `cga generate` or `cga hba`; the exit code is 0, or 130 when it was interrupted. What cannot be used is a `UsageError`.
 * @example await generate({ kind: 'hba', sec: 0, prefixes: ['2001:db8:1::/64', '2001:db8:2::/64'], collisionCount: 0, format: 'text' }, io)
 */
export const generate = async (args: GenerateArguments, io: Io): Promise<number> => {
  const { kind, sec, format, der, keyOut } = args;
  if (kind === 'hba' && !cgaSec(sec).registered)
    throw new UsageError(`--sec: HBA sets are defined for 0, 1 and 2 (RFC 5535 section 6), not ${sec}`);
  const prefixes = args.prefixes.map(prefixOf);
  if (kind === 'hba' && prefixes.length < 2)
    throw new UsageError('an HBA set binds several prefixes: --prefix must be given at least twice');
  if (new Set(prefixes.map((prefix) => toHex(prefix))).size < prefixes.length) throw new UsageError('a prefix is given twice');
  const modifier = args.modifier === undefined ? undefined : modifierOf(args.modifier);
  const given = args.key === undefined ? undefined : keyOf(args.key);
  const made = given === undefined && kind === 'cga' ? freshKey() : undefined;
  if (keyOut !== undefined && made === undefined) throw new UsageError('--key-out: no key is made here');
  const publicKey = (given ?? made)?.publicKey;
  const threads = args.threads ?? (sec < 2 ? 1 : availableParallelism());

  const signal = io.interruption();
  if (sec > 2) io.err.write(costText(sec, threads, publicKey));
  const bar = searchBar(2 ** cgaSec(sec).hash2Bits, io.err);
  const pool = threads > 1 && sec > 0 ? newSearchPool(threads) : undefined;
  const options = {
    sec,
    prefixes,
    random,
    signal,
    onProgress: (tested: number) => bar.update(tested),
    collisionCount: args.collisionCount,
    ...(modifier !== undefined && { modifier }),
    ...(pool !== undefined && { workers: pool.workers }),
  };
  let generated: Generated;
  try {
    generated =
      kind === 'cga'
        ? await generateCga({ ...options, publicKey: publicKey! })
        : await generateHba({ ...options, ...(publicKey !== undefined && { publicKey }) });
  } catch (error) {
    if (!signal.aborted) throw error;
    bar.clear();
    io.err.write('polypath: interrupted, nothing was found yet\n');
    return INTERRUPTED;
  } finally {
    bar.clear();
    await pool?.close();
  }
  if (der !== undefined) reading('--der', der, () => writeFileSync(der, generated.addresses[0]!.octets));
  if (keyOut !== undefined) reading('--key-out', keyOut, () => writeFileSync(keyOut, pemOf(made!.privateKey!), { mode: 0o600 }));
  if (format === 'json') io.out.write(`${JSON.stringify(jsonOf(kind, generated, made), undefined, 2)}\n`);
  else if (format === 'addresses') io.out.write(generated.addresses.map(({ address }) => `${formatAddress(address, 0, 6)}\n`).join(''));
  else io.out.write(textOf(kind, generated, keyOut === undefined ? made : undefined));
  await io.out.drained();
  return 0;
};

/** Hexadecimal digits, or the file that holds the octets, or their digits. */
const parametersOf = (text: string): Uint8Array => {
  // No CGA Parameters are shorter than 25 octets.
  if (text.length >= 50 && isHex(text)) return fromHex(text);
  const octets = reading('--parameters', text, () => readFileSync(text));
  const digits = octets.toString('latin1').replaceAll(/\s/g, '');
  return digits.length >= 50 && isHex(digits) ? fromHex(digits) : new Uint8Array(octets);
};

const verified = (address: Uint8Array, parameters: Uint8Array, hba: boolean): CgaVerification =>
  hba ? verifyHba(address, parameters, { digest }) : verifyCga(address, parameters, { digest });

const unusable = (message: string) => ({ valid: false, step: 'input', message });

/** One line of `--batch`, answered; what is no question is answered with step `input`. */
const answered = (line: string): { readonly valid: boolean; readonly step: string | null; readonly message: string | null } => {
  let asked: unknown;
  try {
    asked = JSON.parse(line);
  } catch {
    return unusable('the line is no JSON');
  }
  const { parameters, address, hba = false } = (asked ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof parameters !== 'string' || !isHex(parameters)) return unusable('parameters must be hexadecimal digits');
  const octets = typeof address === 'string' ? parseAddress(address) : undefined;
  if (octets?.length !== 16) return unusable('address must be an IPv6 address');
  if (typeof hba !== 'boolean') return unusable('hba must be true or false');
  const outcome = verified(octets, fromHex(parameters), hba);
  return outcome.valid ? { valid: true, step: null, message: null } : { valid: false, step: outcome.step, message: outcome.message };
};

const verifyBatch = async (file: string, io: Io): Promise<number> => {
  let code = 0;
  let rest = '';
  const decoder = new TextDecoder();
  const take = (text: string, last: boolean): Promise<void> => {
    const lines = (rest + text).split('\n');
    rest = last ? '' : lines.pop()!;
    let out = '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      const answer = answered(line);
      if (!answer.valid) code = Math.max(code, answer.step === 'input' ? 2 : 1);
      out += `${JSON.stringify(answer)}\n`;
    }
    io.out.write(out);
    return io.out.drained();
  };
  const { error } = await supply(file, (chunk) => take(decoder.decode(chunk, { stream: true }), false), io.stdin);
  await take(decoder.decode(), true);
  if (error !== undefined) throw new UsageError(`--batch ${file}: ${error}`);
  return code;
};

/**
 * Runs `cga verify`; the exit code is 0 when all is valid, 1 when something is not, 2 when something is unusable.
 * @example await verify({ parameters: 'cga.params', address: 'fe80::3c4a:5bf6:ffb4:ca6c', hba: false, format: 'text' }, io)
 */
export const verify = async (args: VerifyArguments, io: Io): Promise<number> => {
  if ('batch' in args) return verifyBatch(args.batch, io);
  const { format, hba } = args;
  const address = parseAddress(args.address);
  if (address?.length !== 16) throw new UsageError(`--address: '${args.address}' is no IPv6 address`);
  const parameters = parametersOf(args.parameters);
  const outcome = verified(address, parameters, hba);
  const decoded = decodeCgaParameters(parameters);
  const remarks = decoded.ok ? remarksOn(decoded.value) : [];
  if (format === 'json') {
    const said = outcome.valid
      ? {
          valid: true,
          step: null,
          section: null,
          message: null,
          sec: outcome.sec.value,
          hash: outcome.sec.name,
          registered: outcome.sec.registered,
        }
      : { valid: false, step: outcome.step, section: outcome.section, message: outcome.message };
    io.out.write(`${JSON.stringify({ ...said, remarks }, undefined, 2)}\n`);
  } else {
    const { valid } = outcome;
    const text = valid
      ? `valid: sec ${outcome.sec.value} (${outcome.sec.name}${outcome.sec.registered ? '' : ', not registered by RFC 4982'})`
      : `not valid: ${outcome.message} (${outcome.step}, ${outcome.section})`;
    io.out.write(`${printable(text)}\n`);
    for (const { message, offset, section } of remarks) io.out.write(`  remark: ${printable(message)} (offset ${offset}, ${section})\n`);
  }
  await io.out.drained();
  return outcome.valid ? 0 : 1;
};
