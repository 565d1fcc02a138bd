/** RFC 8684 section 3.9: heuristics. */
import { liveCase, type LiveCase } from '../case.ts';
import { optionOf } from '../segment.ts';

export const section39: readonly LiveCase[] = [
  liveCase(
    '3.9/no-answer',
    'When SYNs with MP_CAPABLE are not answered the kernel tries one without',
    { decides: ['3.9.3-1'], kernel: { synRetransmissions: 0 } },
    async (t) => {
      t.connect();
      t.need(optionOf(await t.syn(), 'MP_CAPABLE'), 'an MP_CAPABLE on the SYN');
      const again = await t.syn();
      t.decide('3.9.3-1', again !== undefined && again.options.length === 0, 'a SYN without MP_CAPABLE', again);
    },
  ),
];
