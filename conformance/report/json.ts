/** The JSON report: the one that other programs read. */

import type { CheckReport } from './report.ts';
import type { Writer } from './writer.ts';

const INDENT = '  ';
/** Report, captures, a capture, its lists: what lies deeper is small. */
const DEEP = 4;
/** Characters that are handed on together. */
const PIECE = 1 << 16;

function* printed(value: unknown, indent: string, depth: number): Generator<string> {
  if (depth === DEEP || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${indent}`);
    return;
  }
  const isList = Array.isArray(value);
  const inner = indent + INDENT;
  let separator = '';
  yield isList ? '[' : '{';
  for (const [key, each] of Object.entries(value)) {
    if (each === undefined) continue;
    yield `${separator}\n${inner}${isList ? '' : `${JSON.stringify(key)}: `}`;
    yield* printed(each, inner, depth + 1);
    separator = ',';
  }
  yield `${separator === '' ? '' : `\n${indent}`}${isList ? ']' : '}'}`;
}

/** The report in pieces, to be written one after the other: a whole text of it may take more memory than the report. */
export function* jsonPieces(report: CheckReport): Generator<string> {
  let piece = '';
  for (const part of printed(report, '', 0)) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}\n`;
}

/** Writes the report as it is, indented by two spaces. */
export const writeJson: Writer = (report) => [...jsonPieces(report)].join('');
