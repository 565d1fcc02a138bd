/**
 * Writes a flood to standard output, for `polypath check -`: nothing is stored.
 *
 * node dist/test/bench/flood.js KIND [ATTEMPTS] | node dist/cli/main.js check -
 */
import { writeSync } from 'node:fs';
import { flood, floods } from './floods.ts';

const [kind, attempts = '10000000'] = process.argv.slice(2);
if (kind === undefined || floods[kind] === undefined || !(Number(attempts) >= 0)) {
  console.error(`usage: flood.js KIND [ATTEMPTS]; the kinds: ${Object.keys(floods).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const chunk of flood(kind, Number(attempts))) {
    for (let at = 0; at < chunk.length;) at += writeSync(1, chunk, at);
  }
}
