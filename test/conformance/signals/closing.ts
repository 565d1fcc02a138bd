/** Cases of sections 3.5, 3.6, 3.9 and flag C of 3.1: fast close, resets, ports, and what is not tried. */
import { B2, announce, fastclose, goOn, second, tcprst } from './case.ts';
import type { Case } from './case.ts';

export const closingCases: readonly Case[] = [
  {
    id: 'RFC8684-3.5-1',
    says: 'MP_FASTCLOSE on an ACK is sent again when no RST answers it',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      first.signal('a', [fastclose(talk, 'b')]);
      first.signal('a', [fastclose(talk, 'b')], { after: 1000 });
    },
    broken: (talk, first) => {
      const frame = first.signal('a', [fastclose(talk, 'b')]);
      first.ack('b', { after: 9000 });
      return frame;
    },
    open: true,
  },
  {
    id: 'RFC8684-3.5-2',
    says: 'its retransmissions come to an end',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      for (let i = 0; i < 3; i += 1) first.signal('a', [fastclose(talk, 'b')], { after: 1000 });
    },
    broken: (talk, first) => {
      for (let i = 0; i < 50; i += 1) first.signal('a', [fastclose(talk, 'b')], { after: 1000 });
      return talk.frame;
    },
    open: true,
  },
  {
    id: 'RFC8684-3.5-3',
    says: 'there are three at most',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      for (let i = 0; i < 4; i += 1) first.signal('a', [fastclose(talk, 'b')], { after: 1000 });
    },
    broken: (talk, first) => {
      for (let i = 0; i < 5; i += 1) first.signal('a', [fastclose(talk, 'b')], { after: 1000 });
      return talk.frame;
    },
    open: true,
  },
  {
    id: 'RFC8684-3.5-4',
    says: 'who gives up sends a RST with MP_FASTCLOSE',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      first.signal('a', [fastclose(talk, 'b')]);
      first.rst('a', [fastclose(talk, 'b')], { after: 3000 });
    },
    broken: (talk, first) => {
      first.signal('a', [fastclose(talk, 'b')]);
      return first.rst('a', [], { after: 3000 });
    },
    open: true,
  },
  {
    id: 'RFC8684-3.5-a',
    says: "MP_FASTCLOSE carries its receiver's key",
    host: 'a',
    verdict: 'fail',
    kept: (talk, first) => void first.rst('a', [fastclose(talk, 'b')]),
    broken: (talk, first) => first.rst('a', [fastclose(talk, 'a')]),
    open: true,
  },
  {
    id: 'RFC8684-3.5-b',
    says: 'no data follows MP_FASTCLOSE',
    host: 'a',
    verdict: 'fail',
    kept: (talk, first) => {
      first.signal('a', [fastclose(talk, 'b')]);
      first.rst('b');
    },
    broken: (talk, first) => {
      first.signal('a', [fastclose(talk, 'b')]);
      return first.data('a', 10);
    },
    open: true,
  },
  {
    id: 'RFC8684-3.5-c',
    says: 'MP_FASTCLOSE on an ACK is answered by a RST',
    host: 'b',
    verdict: 'fail',
    kept: (talk, first) => {
      first.signal('a', [fastclose(talk, 'b')]);
      first.rst('b');
    },
    broken: (talk, first) => {
      for (let i = 0; i < 4; i += 1) first.signal('a', [fastclose(talk, 'b')], { after: 1000 });
      return first.data('b', 10, { after: 2000 });
    },
    open: true,
  },
  {
    id: 'RFC8684-3.5-d',
    says: 'MP_FASTCLOSE on a RST stands on the RSTs of all subflows',
    host: 'a',
    verdict: 'fail',
    kept: (talk, first) => {
      const path = talk.join();
      first.rst('a', [fastclose(talk, 'b')]);
      path.rst('a', [fastclose(talk, 'b')]);
    },
    broken: (talk, first) => {
      const path = talk.join();
      first.rst('a', [fastclose(talk, 'b')]);
      return path.rst('a');
    },
    open: true,
  },
  {
    id: 'RFC8684-3.5-d',
    says: 'beside MP_FASTCLOSE on an ACK the other subflows get a RST',
    host: 'a',
    verdict: 'fail',
    kept: (talk, first) => {
      const path = talk.join();
      first.signal('a', [fastclose(talk, 'b')]);
      path.rst('a');
      first.rst('b');
    },
    broken: (talk, first) => {
      const path = talk.join();
      const frame = first.signal('a', [fastclose(talk, 'b')]);
      first.rst('b');
      path.finish();
      return frame;
    },
    open: true,
  },
  {
    id: 'RFC8684-3.5-e',
    says: 'MP_FASTCLOSE has length 12',
    host: 'a',
    verdict: 'fail',
    kept: (talk, first) => void first.rst('a', [fastclose(talk, 'b')]),
    broken: (_, first) => first.signal('a', [Uint8Array.of(30, 8, 0x70, 0, 1, 2, 3, 4)]),
    open: true,
  },
  {
    id: 'RFC8684-3.5-f',
    says: 'reserved bits of MP_FASTCLOSE are 0',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => void first.rst('a', [fastclose(talk, 'b')]),
    broken: (talk, first) => first.rst('a', [fastclose(talk, 'b', { reserved: 0x800 })]),
    open: true,
  },
  {
    id: 'RFC8684-3.5-g',
    says: 'an MP_FASTCLOSE that crosses one of its own is answered by a RST',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      first.signal('a', [fastclose(talk, 'b')]);
      first.signal('b', [fastclose(talk, 'a')]);
      first.rst('a');
    },
    broken: (talk, first) => {
      first.signal('a', [fastclose(talk, 'b')]);
      for (let i = 0; i < 4; i += 1) first.signal('b', [fastclose(talk, 'a')], { after: 1000 });
      return first.ack('a', { after: 2000 });
    },
    open: true,
  },
  {
    id: 'RFC8684-3.6-6',
    says: 'a path that was reset for good is not opened again',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      talk.join().rst('b', [tcprst({ transient: false })]);
      goOn(first);
    },
    broken: (talk, first) => {
      talk.join().rst('b', [tcprst({ transient: false })]);
      goOn(first);
      talk.join({ ports: [40_001, 5001], until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.6-7/1',
    says: 'flags U, V and W of MP_TCPRST are 0',
    host: 'b',
    verdict: 'fail',
    kept: (talk) => void talk.join({ until: 'refused', rst: { options: [tcprst({ reason: 3 })] } }),
    broken: (talk) => {
      talk.join({ until: 'refused', rst: { options: [tcprst({ reason: 3, reserved: 4 })] } });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.6-a',
    says: 'MP_TCPRST travels on RSTs',
    host: 'b',
    verdict: 'fail',
    kept: (talk) => void talk.join().rst('b', [tcprst()]),
    broken: (_, first) => first.signal('b', [tcprst()]),
  },
  {
    id: 'RFC8684-3.6-b',
    says: 'MP_TCPRST has length 4',
    host: 'b',
    verdict: 'fail',
    kept: (talk) => void talk.join().rst('b', [tcprst()]),
    broken: (talk) => talk.join().rst('b', [Uint8Array.of(30, 3, 0x80)]),
  },
  {
    id: 'RFC8684-3.9.1-2',
    says: 'MP_JOIN goes to the port of the first subflow, or one that ADD_ADDR named',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      talk.join();
      announce(first, 'b', talk.addAddr('b', 1, B2, 7000));
      talk.join({ ...second, ports: [40_000, 7000] });
    },
    broken: (talk) => {
      talk.join({ ports: [40_000, 7000], until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.9.1-3',
    says: 'MP_JOIN comes from the port of the first subflow',
    host: 'a',
    verdict: 'warn',
    kept: (talk) => void talk.join(),
    broken: (talk) => {
      talk.join({ ports: [40_001, 5001], until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.9.3-3',
    says: 'a join that failed is not tried again',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      talk.join({ until: 'refused' });
      goOn(first);
    },
    broken: (talk, first) => {
      talk.join({ until: 'refused' });
      goOn(first);
      talk.join({ ports: [40_001, 5001], until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.1-14',
    says: 'no subflow goes to an address that came with C = 1',
    host: 'a',
    verdict: 'fail',
    setup: { capable: [undefined, { noSubflowsToSource: true }] },
    kept: (talk) => void talk.join(second),
    broken: (talk) => {
      talk.join({ until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.1-14',
    says: "nor to the initiator's, where it said so",
    host: 'b',
    verdict: 'fail',
    setup: { capable: [{ noSubflowsToSource: true }] },
    kept: (talk) => void talk.join({ opener: 'b', addresses: ['10.0.2.1', '10.0.9.1'], ids: [0, 1] }),
    broken: (talk) => {
      talk.join({ opener: 'b', addresses: ['10.0.1.1', B2], ids: [1, 0], until: 'syn' });
      return talk.frame;
    },
  },
];
