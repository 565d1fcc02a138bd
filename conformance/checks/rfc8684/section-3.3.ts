/** Section 3.3, MPTCP Operation and Data Transfer: the DSS option itself, and whether it carries a checksum as agreed. */
import { DSS } from '../../follow/mptcp/options.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import { check, rarely, surely } from '../../follow/mptcp/judge.ts';
import type { AnyCheck } from '../../follow/mptcp/judge.ts';
import { owes } from '../../follow/mptcp/machines.ts';
import { other } from '../../follow/mptcp/model.ts';
import { MPTCP_SPECIFIC_ERROR, saysWhy } from './section-3.6.ts';

const WRONG_USE = ['RFC8684-3.3-2', 'RFC8684-3.3-3'];

export const section33: readonly AnyCheck[] = [
  surely('RFC8684-3.3-1', 'dss', ({ dss }) =>
    dss.reserved === 0
      ? PASS
      : broken('reserved bits 0', `0b${dss.reserved.toString(2).padStart(7, '0')}`, 'Reserved bits are set in a DSS.'),
  ),
  surely('RFC8684-3.3-a', 'dss', () => PASS),
  check('RFC8684-3.3-a', 'malformed', 'sender', (_, { subtype, length, error }) =>
    subtype === DSS ? broken('the Length that the flags require', `Length ${length}`, error.message) : undefined,
  ),
  rarely('RFC8684-3.3-b', 'dss', 'sender', ({ dss }) => {
    if (!dss.dataFin) return undefined;
    return dss.hasMapping
      ? PASS
      : broken('F with M', 'F without M', 'A DATA_FIN comes without a mapping, so that nobody knows its data sequence number.');
  }),
  check('RFC8684-3.3-c', 'dss', 'sender', ({ dss, connection }) => {
    if (connection.checksum !== false || !dss.hasMapping) return undefined;
    return dss.hasChecksum
      ? broken('no checksum', 'a checksum', 'The handshake did not agree on checksums (A = 0), and this DSS has one.')
      : PASS;
  }),
  // The receiver owes a RST; whether it goes on instead is for its later packets to show.
  rarely('RFC8684-3.3-2', 'dss', 'peer', (here) => {
    const { dss, connection } = here;
    if (connection.checksum === false && connection.version !== 0 && dss.hasChecksum)
      owes(here, 'RFC8684-3.3-2', other(here.host), 'sendRst');
    return undefined;
  }),
  rarely('RFC8684-3.3-3', 'dss', 'peer', (here) => {
    const { dss, connection } = here;
    if (connection.checksum === true && connection.fallbackFrame === 0 && dss.hasMapping && !dss.hasChecksum && dss.dataLevelLength > 0) {
      owes(here, 'RFC8684-3.3-3', other(here.host), 'sendRst');
    }
    return undefined;
  }),
  check('RFC8684-3.3-4', 'rst', 'sender', (here, { reason }) => {
    const { connection, flow, host } = here;
    if (!connection.owed.some((each) => WRONG_USE.includes(each.requirement) && each.host === host && each.flow === flow)) return undefined;
    return saysWhy(here, reason, MPTCP_SPECIFIC_ERROR, 'The RST for a checksum that was not agreed, or is missing, does not say why.');
  }),
];
