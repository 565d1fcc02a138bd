/** The conformance runner as a library: captures in, verdicts and reports out. Node only: it reads files and hashes streams. */

export { createChecker, type Checker, type CheckOptions } from './check.ts';
export { createMessageDecoder, type MessageDecoder, type MessageLine } from './decode.ts';
export { differences, knownVerdicts, parseKnownVerdicts, type KnownVerdict, type KnownVerdicts } from './expected.ts';
export { listCaptures, supply, type CaptureInput, type InputEnd, type Sink } from './input.ts';
export * from './report/index.ts';
export { selector, type Selection } from './select.ts';
