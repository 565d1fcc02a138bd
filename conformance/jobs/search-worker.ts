/** A thread of the Hash2 search: searches the runs that it is sent, one at a time. */
import { parentPort } from 'node:worker_threads';
import { fastestKernel } from '../../codecs/cga/search.ts';
import type { RunMessage } from './search-pool.ts';

const kernel = fastestKernel();
parentPort!.on('message', ({ template, sec, from, count }: RunMessage) => {
  parentPort!.postMessage(kernel.search(template, sec, from, count));
});
