/** Section 3.6, Subflow Reset: MP_TCPRST, and paths that it rules out. */
import { RST } from '../../../codecs/packet/index.ts';
import type { MpTcprst } from '../../../codecs/mptcp/index.ts';
import { equalBytes } from '../../../codecs/bytes.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, RST_BLANKED } from '../../follow/mptcp/judge.ts';
import type { Check } from '../../follow/mptcp/judge.ts';
import type { Flow, Here } from '../../follow/mptcp/model.ts';
import { wentOnAfter } from './attempts.ts';

const MP_TCPRST = 8;
/** Reasons of MP_TCPRST. */
export const MPTCP_SPECIFIC_ERROR = 1;
export const MIDDLEBOX_INTERFERENCE = 6;

/** Whether a RST says why it is sent. @example saysWhy(here, reason, MPTCP_SPECIFIC_ERROR, 'The RST that ends a failed join does not say "MPTCP-specific error".') */
export const saysWhy = ({ sent }: Here, tcprst: MpTcprst | undefined, reason: number, message: string): Judgement => {
  if (tcprst?.reason === reason) return PASS;
  if (tcprst === undefined && sent.rstBlanked) return RST_BLANKED;
  return broken(`MP_TCPRST with reason ${reason}`, tcprst === undefined ? 'no MP_TCPRST' : `reason ${tcprst.reason}`, message);
};

/** Whether two subflows of a connection take the same path: the same two addresses. */
const samePath = (a: Flow, b: Flow): boolean => {
  if (a.ipVersion !== b.ipVersion) return false;
  const turned = a.host0 === b.host0 ? 0 : 1;
  return equalBytes(a.addressOf(0), b.addressOf(turned)) && equalBytes(a.addressOf(1), b.addressOf(turned === 0 ? 1 : 0));
};

export const section36: readonly Check[] = [
  check('RFC8684-3.6-6', 'joinSyn', 'opener', ({ connection, flow }) => {
    const { synFrame } = flow.join!;
    for (const each of connection.flows) {
      const { tcprst } = each;
      if (each === flow || tcprst === undefined || tcprst.transient || tcprst.by === flow.hostOf(0)) continue;
      if (tcprst.frame > synFrame || !samePath(each, flow)) continue;
      return broken(
        'no further subflow over this path',
        `a SYN with MP_JOIN in frame ${synFrame}`,
        `The subflow ${each.textOf(0)} > ${each.textOf(1)} was reset for good (MP_TCPRST with T = 0, frame ${tcprst.frame}); it is opened again.`,
        [synFrame, tcprst.frame],
      );
    }
    return undefined;
  }),
  check('RFC8684-3.6-6', 'end', 'sender', (here) => {
    for (const each of here.connection.flows) {
      const { tcprst } = each;
      if (tcprst === undefined || tcprst.transient || tcprst.by === here.host || each.hostOf(0) !== here.host) continue;
      if (wentOnAfter(here, here.host, tcprst.frame, each)) return PASS;
    }
    return undefined;
  }),
  check('RFC8684-3.6-7/1', 'tcprst', 'sender', (_, { option }) =>
    option.reserved === 0
      ? PASS
      : broken('U, V and W 0', `0b${option.reserved.toString(2).padStart(3, '0')}`, 'Reserved flags are set in an MP_TCPRST.'),
  ),
  check('RFC8684-3.6-a', 'tcprst', 'sender', ({ segment }) =>
    (segment.flags & RST) !== 0 ? PASS : broken('a RST', 'a segment without RST', 'MP_TCPRST travels on a segment that resets nothing.'),
  ),
  check('RFC8684-3.6-b', 'tcprst', 'sender', () => PASS),
  check('RFC8684-3.6-b', 'malformed', 'sender', (_, { subtype, length, error }) =>
    subtype === MP_TCPRST ? broken('Length 4', `Length ${length}`, error.message) : undefined,
  ),
];
