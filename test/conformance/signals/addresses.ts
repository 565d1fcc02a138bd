/** Cases of sections 3.3.8, 3.4.1, 3.4.2 and 3.2: priorities, addresses and their IDs. */
import { addAddrHmacLeftmost } from '../../../codecs/mptcp/index.ts';
import type { AddAddrV1 } from '../../../codecs/mptcp/index.ts';
import { B2, announce, echo, goOn, octets, prio, remove, second, tcprst } from './case.ts';
import type { Case } from './case.ts';

export const addressCases: readonly Case[] = [
  {
    id: 'RFC8684-3.3.8-1',
    says: 'no data on a backup subflow while another one works',
    host: 'b',
    verdict: 'warn',
    kept: (talk, first) => {
      talk.join({ backup: true });
      goOn(first);
    },
    broken: (talk) => {
      const path = talk.join({ backup: true });
      const frame = path.data('b', 50);
      path.ack('a');
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.8-1',
    says: 'MP_PRIO makes a subflow a backup once it has had time to arrive',
    host: 'b',
    verdict: 'warn',
    kept: (talk) => {
      const path = talk.join();
      path.signal('a', [prio()]);
      path.data('b', 50, { after: 20 });
      path.ack('a');
      path.signal('a', [prio({ backup: false })]);
      path.data('b', 50, { after: 3000 });
      path.ack('a');
    },
    broken: (talk) => {
      const path = talk.join();
      path.signal('a', [prio()]);
      const frame = path.data('b', 50, { after: 3000 });
      path.ack('a');
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.8-a',
    says: 'MP_PRIO has length 3',
    host: 'a',
    verdict: 'fail',
    kept: (_, first) => void first.signal('a', [prio({ backup: false })]),
    broken: (_, first) => first.signal('a', [Uint8Array.of(30, 4, 0x50, 0)]),
  },
  {
    id: 'RFC6824-3.3.8-a',
    says: 'in version 0 MP_PRIO has length 3 or 4',
    host: 'a',
    verdict: 'fail',
    setup: { version: 0 },
    kept: (_, first) => void first.signal('a', [prio({ backup: false, addressId: 0 })]),
    broken: (_, first) => first.signal('a', [Uint8Array.of(30, 5, 0x50, 0, 0)]),
  },
  {
    id: 'RFC8684-3.3.8-b',
    says: 'reserved bits of MP_PRIO are 0',
    host: 'a',
    verdict: 'warn',
    kept: (_, first) => void first.signal('a', [prio({ backup: false })]),
    broken: (_, first) => first.signal('a', [prio({ backup: false, reserved: 4 })]),
  },
  {
    id: 'RFC8684-3.4.1-2',
    says: 'an Address ID stands for one address',
    host: 'b',
    verdict: 'fail',
    kept: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      announce(first, 'b', talk.addAddr('b', 2, '10.0.9.3'));
    },
    broken: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      announce(first, 'b', talk.addAddr('b', 1, '10.0.9.3'));
      return talk.frame - 1;
    },
  },
  {
    id: 'RFC8684-3.4.1-12',
    says: 'an Address ID comes again with its address only, on whatever port, unless it was removed',
    host: 'b',
    verdict: 'fail',
    kept: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      announce(first, 'b', talk.addAddr('b', 1, B2, 7000));
      first.signal('b', [remove(1)]);
      announce(first, 'b', talk.addAddr('b', 1, '10.0.9.3'));
    },
    broken: (talk, first) => {
      talk.join({ ...second, ids: [1, 3] });
      // Its join showed the true address of Address ID 3: the announced one is on the wire too.
      announce(first, 'b', talk.addAddr('b', 3, '10.0.9.1'));
      return talk.frame - 1;
    },
  },
  {
    id: 'RFC6824-3.4.1-10/1',
    says: 'in version 0 as well',
    host: 'b',
    verdict: 'fail',
    setup: { version: 0 },
    kept: (talk, first) => {
      first.signal('b', [talk.addAddr('b', 1, B2)]);
      first.signal('b', [talk.addAddr('b', 1, B2)]);
    },
    broken: (talk, first) => {
      first.signal('b', [talk.addAddr('b', 1, B2)]);
      return first.signal('b', [talk.addAddr('b', 1, '10.0.9.3')]);
    },
  },
  {
    id: 'RFC8684-3.4.1-7',
    says: 'an address announced without a port is tried on the port of the subflow that announced it',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      talk.join(second);
    },
    broken: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      talk.join({ ...second, ports: [40_000, 5002], until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.4.1-8',
    says: 'an ADD_ADDR whose HMAC is wrong gets no echo',
    host: 'a',
    verdict: 'warn',
    kept: () => undefined,
    broken: (talk, first) => {
      announce(first, 'b', { ...(talk.addAddr('b', 1, B2) as AddAddrV1), truncatedHmac: new Uint8Array(8) });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.4.1-8',
    says: 'nor a subflow to its address',
    host: 'a',
    verdict: 'warn',
    kept: () => undefined,
    broken: (talk, first) => {
      first.signal('b', [{ ...(talk.addAddr('b', 1, B2) as AddAddrV1), truncatedHmac: new Uint8Array(8) }]);
      talk.join({ ...second, until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.4.1-9/1',
    says: 'flags of ADD_ADDR other than E are 0',
    host: 'b',
    verdict: 'fail',
    kept: (talk, first) => announce(first, 'b', talk.addAddr('b', 1, B2)),
    broken: (talk, first) => first.signal('b', [{ ...(talk.addAddr('b', 1, B2) as AddAddrV1), reserved: 5 }]),
  },
  {
    id: 'RFC8684-3.4.1-11',
    says: 'an announced address is tried no more after a failure, unless it is announced again',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      talk.join({ ...second, until: 'refused' });
      announce(first, 'b', talk.addAddr('b', 1, B2));
      talk.join({ ...second, ports: [40_001, 5001] });
    },
    broken: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      talk.join({ ...second, until: 'refused' });
      talk.join({ ...second, ports: [40_001, 5001], until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.4.1-a',
    says: 'ADD_ADDR carries the rightmost 64 bits of its HMAC',
    host: 'b',
    verdict: 'fail',
    kept: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, '2001:db8::2', 443));
      announce(first, 'a', talk.addAddr('a', 1, '10.0.2.1'));
    },
    broken: (talk, first) => {
      const truncatedHmac = addAddrHmacLeftmost(talk.keys.b, talk.keys.a, 1, octets(B2), undefined);
      return first.signal('b', [{ ...(talk.addAddr('b', 1, B2) as AddAddrV1), truncatedHmac }]);
    },
  },
  {
    id: 'RFC8684-3.4.1-b',
    says: 'an echo repeats the ADD_ADDR, its port as well',
    host: 'a',
    verdict: 'fail',
    kept: (talk, first) => announce(first, 'b', talk.addAddr('b', 1, B2, 7000)),
    broken: (talk, first) => {
      first.signal('b', [talk.addAddr('b', 1, B2, 7000)]);
      return first.signal('a', [{ ...echo(talk.addAddr('b', 1, B2)), port: 7001 }]);
    },
  },
  {
    id: 'RFC8684-3.4.1-b',
    says: 'what was never announced is not echoed',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => announce(first, 'b', talk.addAddr('b', 1, B2)),
    broken: (talk, first) => first.signal('a', [echo(talk.addAddr('b', 1, B2))]),
  },
  {
    id: 'RFC8684-3.4.1-c',
    says: 'an ADD_ADDR that was used had to be echoed',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      talk.join(second);
    },
    broken: (talk, first) => {
      const frame = first.signal('b', [talk.addAddr('b', 1, B2)]);
      talk.join(second);
      goOn(first, 2000);
      return frame;
    },
  },
  {
    id: 'RFC8684-3.4.1-d',
    says: 'ADD_ADDR is as long as what it carries',
    host: 'b',
    verdict: 'fail',
    kept: (talk, first) => announce(first, 'b', talk.addAddr('b', 1, '2001:db8::2')),
    broken: (talk, first) => {
      const { truncatedHmac: _, ...without } = talk.addAddr('b', 1, B2) as AddAddrV1;
      return first.signal('b', [without]);
    },
  },
  {
    id: 'RFC8684-3.4.1-d',
    says: 'no other length is known',
    host: 'b',
    verdict: 'fail',
    kept: (talk, first) => announce(first, 'b', talk.addAddr('b', 1, B2, 80)),
    broken: (_, first) => first.signal('b', [Uint8Array.of(30, 9, 0x30, 1, 10, 0, 9, 2, 0)]),
  },
  {
    id: 'RFC6824-3.4.1-a',
    says: 'in version 0 the length follows IPVer',
    host: 'b',
    verdict: 'fail',
    setup: { version: 0 },
    kept: (talk, first) => void first.signal('b', [talk.addAddr('b', 1, B2)]),
    broken: (_, first) => first.signal('b', [Uint8Array.of(30, 8, 0x36, 1, 10, 0, 9, 2)]),
  },
  {
    id: 'RFC8684-3.4.1-e',
    says: 'an echo has no HMAC',
    host: 'a',
    verdict: 'fail',
    kept: (talk, first) => announce(first, 'b', talk.addAddr('b', 1, B2)),
    broken: (talk, first) => {
      const option = talk.addAddr('b', 1, B2) as AddAddrV1;
      first.signal('b', [option]);
      return first.signal('a', [{ ...option, echo: true }]);
    },
  },
  {
    id: 'RFC8684-3.2-d',
    says: 'the Address ID of an MP_JOIN stands for one source address',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      talk.join({ addresses: ['10.0.2.1', '10.0.9.1'], ids: [1, 0] });
      talk.join({ addresses: ['10.0.2.1', B2], ids: [1, 1] });
      talk.join({ addresses: ['10.0.3.1', '10.0.9.1'], ids: [2, 0] });
    },
    broken: (talk) => {
      talk.join({ addresses: ['10.0.2.1', '10.0.9.1'], ids: [1, 0] });
      talk.join({ addresses: ['10.0.3.1', '10.0.9.1'], ids: [1, 0], until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.2-i',
    says: 'Address ID 0 is left to the address of the first subflow',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => void talk.join({ addresses: ['10.0.1.1', B2], ids: [0, 1] }),
    broken: (talk) => {
      talk.join({ ids: [0, 0], until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.4.2-8',
    says: 'the subflows of a removed address are reset',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      const path = talk.join();
      first.signal('a', [remove(1)]);
      path.rst('a', [tcprst()]);
      goOn(first);
    },
    broken: (talk, first) => {
      const path = talk.join();
      const frame = first.signal('a', [remove(1)]);
      goOn(path, 2000);
      return frame;
    },
    open: true,
  },
  {
    id: 'RFC8684-3.4.2-9',
    says: 'a subflow that works is closed with FINs',
    host: 'a',
    verdict: 'warn',
    kept: (talk, first) => {
      const path = talk.join();
      goOn(path);
      first.signal('a', [remove(1)]);
      path.finish();
    },
    broken: (talk, first) => {
      const path = talk.join();
      goOn(path);
      first.signal('a', [remove(1)]);
      goOn(path, 100);
      return path.rst('a', [tcprst()]);
    },
    open: true,
  },
  {
    id: 'RFC8684-3.4.2-a',
    says: 'REMOVE_ADDR names Address IDs that were announced or used',
    host: 'b',
    verdict: 'warn',
    kept: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      first.signal('b', [remove(1)]);
    },
    broken: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      return first.signal('b', [remove(1, 9)]);
    },
  },
  {
    id: 'RFC8684-3.4.2-b',
    says: 'REMOVE_ADDR names at least one Address ID',
    host: 'b',
    verdict: 'fail',
    kept: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      first.signal('b', [remove(1)]);
    },
    broken: (_, first) => first.signal('b', [Uint8Array.of(30, 3, 0x40)]),
  },
  {
    id: 'RFC8684-3.4.2-c',
    says: 'reserved bits of REMOVE_ADDR are 0',
    host: 'b',
    verdict: 'warn',
    kept: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      first.signal('b', [remove(1)]);
    },
    broken: (talk, first) => {
      announce(first, 'b', talk.addAddr('b', 1, B2));
      return first.signal('b', [{ kind: 'REMOVE_ADDR', addressIds: [1], reserved: 8 }]);
    },
  },
];
