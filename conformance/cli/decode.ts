/** `polypath decode`: one line, or one JSON object, per protocol message. */

import { createMessageDecoder, type MessageLine } from '../decode.ts';
import { supply } from '../input.ts';
import { printable } from '../report/escape.ts';
import type { Io } from './io.ts';

/** What the command line asked for. */
export interface DecodeArguments {
  readonly file: string;
  readonly format: 'text' | 'json';
  /** The protocol number that stands for shim6; 140 when left out. */
  readonly shim6Protocol?: number;
}

/** Nobody reads the output any more. */
class OutputClosed extends Error {}

const endpoint = (address: string, port: number | undefined): string => {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
};

const valueText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { kind, ...fields } = value as Readonly<Record<string, unknown>>;
  const text = fieldsText(fields);
  return typeof kind === 'string' ? `${kind}${text === '' ? '' : ` (${text})`}` : `(${text})`;
};

/** Fields for people: a flag is its name where it is set, and what is reserved is only worth a word where it is not 0. JSON has them all. */
const fieldsText = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .filter(([name, value]) => value !== false && !(name === 'reserved' && value === 0))
    .map(([name, value]) => (value === true ? name : `${name} ${valueText(value)}`))
    .join(', ');

const textOf = ({ frame, time, src, dst, srcPort, dstPort, protocol, kind, length, fields, error }: MessageLine): string => {
  const said = error === undefined ? fieldsText(fields ?? {}) : `${error.message} (offset ${error.offset}, ${error.section})`;
  return `${frame}  ${time}  ${endpoint(src, srcPort)} > ${endpoint(dst, dstPort)}  ${protocol} ${kind}, ${length} octets: ${said}\n`;
};

/**
 * Runs the command; the exit code is 0, or 2 where the capture could not be read to its end. When the reader of the output goes away it stops
 * quietly. @example await decode({ file: 'join.pcap', format: 'json' }, processIo(process))
 */
export const decode = async ({ file, format, ...options }: DecodeArguments, io: Io): Promise<number> => {
  let lines = '';
  const decoder = createMessageDecoder((line) => {
    lines += format === 'json' ? `${JSON.stringify(line)}\n` : textOf(line);
  }, options);
  const flush = (): Promise<void> | undefined => {
    if (io.out.closed) throw new OutputClosed();
    if (lines === '') return undefined;
    io.out.write(lines);
    lines = '';
    return io.out.drained();
  };
  try {
    const end = await supply(
      file,
      (chunk) => {
        decoder.push(chunk);
        return flush();
      },
      io.stdin,
    );
    decoder.finish();
    await flush();
    const error = end.error ?? (decoder.error === undefined ? undefined : `${decoder.error.message} at offset ${decoder.error.offset}`);
    if (error === undefined) return 0;
    io.err.write(`polypath: ${printable(file)}: ${printable(error)}\n`);
    return 2;
  } catch (error) {
    if (error instanceof OutputClosed) return 0;
    throw error;
  }
};
