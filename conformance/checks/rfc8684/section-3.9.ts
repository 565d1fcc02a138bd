/** Section 3.9, Heuristics: which ports further subflows use, and what is not tried again; with it flag C of section 3.1, which rules out an address. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import { check } from '../../follow/mptcp/judge.ts';
import type { Check } from '../../follow/mptcp/judge.ts';
import { failedBefore, failureFrame, triedAgain, wentOnAfter } from './attempts.ts';

export const section39: readonly Check[] = [
  check('RFC8684-3.9.1-2', 'joinSyn', 'opener', ({ connection, flow }) => {
    const { initial } = connection;
    const [, port] = flow.ports;
    const acceptor = flow.hostOf(1);
    if (initial === undefined) return inconclusive('the first subflow was not captured');
    if (initial.ports[initial.sideOf(acceptor)] === port) return PASS;
    const told = connection.hosts[acceptor].addresses.some(
      (each) =>
        each.by === 'ADD_ADDR' &&
        each.frame < flow.join!.synFrame &&
        equalBytes(each.address, flow.addressOf(1)) &&
        (each.port ?? each.announcedOnPort) === port,
    );
    if (told) return PASS;
    return broken(
      `port ${initial.ports[initial.sideOf(acceptor)]}`,
      `port ${port}`,
      `The MP_JOIN goes to port ${port}, which is not the one of the first subflow, and no ADD_ADDR named it.`,
      [flow.join!.synFrame, initial.firstFrame],
    );
  }),
  check('RFC8684-3.9.1-3', 'joinSyn', 'opener', ({ connection, flow }) => {
    const { initial } = connection;
    const [port] = flow.ports;
    if (initial === undefined) return inconclusive('the first subflow was not captured');
    const first = initial.ports[initial.sideOf(flow.hostOf(0))];
    return first === port
      ? PASS
      : broken(`port ${first}`, `port ${port}`, `The MP_JOIN comes from another port than the first subflow uses.`, [
          flow.join!.synFrame,
          initial.firstFrame,
        ]);
  }),
  check('RFC8684-3.9.3-3', 'joinSyn', 'opener', (here) => {
    const failed = failedBefore(here);
    return failed === undefined ? undefined : triedAgain(here, failed);
  }),
  check('RFC8684-3.9.3-3', 'end', 'sender', (here) => {
    for (const flow of here.connection.flows) {
      const failed = flow.join === undefined || flow.hostOf(0) !== here.host ? 0 : failureFrame(flow);
      if (failed > 0 && wentOnAfter(here, here.host, failed, flow)) return PASS;
    }
    return undefined;
  }),
  check('RFC8684-3.1-14', 'joinSyn', 'opener', ({ connection, flow }) => {
    const { initial } = connection;
    const acceptor = flow.hostOf(1);
    if (initial === undefined || !connection.hosts[acceptor].noSubflowsToSource) return undefined;
    const side = initial.sideOf(acceptor);
    const { synFrame } = flow.join!;
    const declared = acceptor === 0 ? initial.synFrame : initial.synAckFrame;
    if (initial.ports[side] !== flow.ports[1] || !equalBytes(initial.addressOf(side), flow.addressOf(1))) return PASS;
    return broken(
      `no subflow to ${initial.textOf(side)}`,
      `a SYN with MP_JOIN to ${flow.textOf(1)}`,
      `The MP_CAPABLE from ${initial.textOf(side)} has C = 1 (frame ${declared}): no further subflows to it.`,
      [synFrame, declared],
    );
  }),
];
