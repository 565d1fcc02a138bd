/** Mobile IPv6 in the lab: a mobile node, home agents and correspondents, movement in virtual time, and what no network may make of it (RFC 6275). */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { setU64, toHex } from '../../codecs/bytes.ts';
import { createCaptureReader } from '../../codecs/capture/index.ts';
import * as mip6 from '../../codecs/mip6/index.ts';
import type { MobilityMessage, MobilityOption } from '../../codecs/mip6/index.ts';
import { parseAddress } from '../../codecs/packet/index.ts';
import { echoed, Mip6Lab } from '../../conformance/lab/index.ts';
import type { LabCapture, Path, PathOptions } from '../../conformance/lab/index.ts';
import { Observer } from '../../conformance/observe.ts';
import { mobilityOctets, readArrival } from '../../state-machines/mip6/index.ts';
import { check, fails as failsOf } from './following.ts';

const ATTACKER = parseAddress('2001:db8:66::66')!;

/** A packet in words: `tunnel HoTI`, `BU`, `RH2 BA 0`, `HAO request`. */
const inWords = (octets: Uint8Array): string => {
  const arrival = readArrival(octets);
  if (arrival === undefined) return 'dropped';
  const { content, homeAddress, routingHeader } = arrival;
  const headers = `${routingHeader === undefined ? '' : 'RH2 '}${homeAddress === undefined ? '' : 'HAO '}`;
  switch (content.kind) {
    case 'tunneled':
      return `tunnel ${inWords(content.octets)}`;
    case 'mobility':
      return `${headers}${content.message.kind}${'status' in content.message ? ` ${content.message.status}` : ''}`;
    case 'icmp':
      return `${headers}${content.message.kind}`;
    case 'payload':
      if (echoed('request', content) !== undefined) return `${headers}request`;
      return echoed('reply', content) === undefined ? `${headers}${content.payload[0] === 136 ? 'NA' : 'NS'}` : `${headers}reply`;
    default:
      return content.kind;
  }
};
const wordsOf = ({ packets }: LabCapture, from = 0): readonly string[] => packets.slice(from).map(({ packet }) => inWords(packet));

describe('a mobile node away from home', () => {
  const travelled = (): { lab: Mip6Lab; captures: Record<'mn' | 'ha1' | 'cn1', LabCapture> } => {
    const lab = new Mip6Lab();
    const captures = {
      mn: lab.network.capture({ host: 'mn' }),
      ha1: lab.network.capture({ host: 'ha1' }),
      cn1: lab.network.capture({ host: 'cn1' }),
    };
    lab.ping(0);
    lab.run(1000);
    lab.moveTo(1);
    lab.run(5000);
    lab.ping(0);
    lab.run(6000);
    lab.ping(0);
    lab.run(7000);
    lab.moveTo(2);
    lab.run(8000);
    lab.pingFrom(0);
    lab.run(9000);
    lab.moveTo(0);
    lab.run(10_000);
    lab.ping(0);
    lab.run(30_000);
    return { lab, captures };
  };

  test('registers with its home agent, then with the correspondent; data by the tunnel first, then directly; moves; takes everything back at home', () => {
    const { lab, captures } = travelled();
    const stages = [
      // At home.
      'request, reply',
      // Another link: the home agent checks the address for a second, then serves.
      'HAO BU, RH2 BA 0',
      // The first packet goes through the tunnel, and the tests begin: the Home Test by the home agent, the Care-of Test directly.
      'tunnel request, tunnel HoTI, CoTI, CoT, tunnel reply, tunnel HoT, HAO BU, RH2 BA 0',
      // Directly, both ways.
      'HAO request, RH2 reply',
      // The next link: first the home agent, then the correspondent.
      'HAO BU, RH2 BA 0, tunnel HoTI, CoTI, CoT, tunnel HoT, HAO BU, RH2 BA 0',
      'RH2 request, HAO reply',
      // Home: nothing but the home test is needed.
      'BU, BA 0, NA, HoTI, HoT, BU, BA 0',
      'request, reply',
    ];
    expect(wordsOf(captures.mn).join(', ')).toBe(stages.join(', '));
    expect([lab.network.stray, lab.homeAgents[0]!.registrations, lab.correspondents[0]!.node.bindings]).toEqual([3, [], []]);
    // What went to groups is stray: the probe and the advertisements of both. In the end the home agent has forgotten, too.
    expect(lab.homeAgents[0]!.nextTimer).toBeUndefined();
  });

  test('every packet, at every host and in every tunnel, is decoded without an error, and its checksums are right', () => {
    const { captures } = travelled();
    for (const capture of Object.values(captures)) {
      const seen: string[] = [];
      const reader = createCaptureReader(
        new Observer({ wantsPayload: true, segment: () => undefined, packet: ({ packet }) => seen.push(toHex(packet.payload)) }).observe,
      );
      reader.push(capture.pcap());
      reader.finish();
      expect(seen.length).toBeGreaterThanOrEqual(capture.packets.length);
      expect(wordsOf(capture).filter((each) => each.includes('dropped') || each.includes('refused'))).toEqual([]);
    }
  });

  test('the same seed gives the same capture, octet by octet', () => {
    const runs = [travelled(), travelled()].map(({ captures }) => Object.values(captures).map((each) => toHex(each.pcap())));
    expect(runs[0]).toEqual(runs[1]);
  });

  test('does not know its home agents: asks the anycast address, registers with the most preferred (section 11.4.1)', () => {
    const lab = new Mip6Lab({ homeAgents: 2, discovers: true });
    const capture = lab.network.capture({ host: 'mn' });
    lab.moveTo(1);
    lab.run(5000);
    expect(wordsOf(capture)).toEqual(['HaadRequest', 'HaadReply', 'HAO BU', 'RH2 BA 0']);
    expect(lab.mobileNode.homeAgent).toEqual(lab.homeAgentAddresses[0]);
  });

  test('nobody answers the discovery: 5 requests at 0, 3, 9, 21 and 45 s, then it gives up (section 11.4.1, DHAAD_RETRIES)', () => {
    const lab = new Mip6Lab({ discovers: true });
    lab.lay(() => ({ loss: 1 }));
    const capture = lab.network.capture({ host: 'mn' });
    lab.moveTo(1);
    lab.run(200_000);
    expect(capture.packets.map(({ time }) => time)).toEqual([0, 3000, 9000, 21_000, 45_000]);
    expect(lab.events.map(({ output }) => output.type)).toEqual(['noHomeAgent']);
  });

  test('its home agent fails: Binding Updates at 1.5 s, doubled up to 32 s, then the next home agent serves it, and the binding is that of where it is (sections 11.7.1 and 11.8)', () => {
    const lab = new Mip6Lab({ homeAgents: 2 });
    const capture = lab.network.capture({ host: 'mn' });
    lab.fail(0);
    lab.moveTo(1);
    lab.run(200_000);
    const updates = capture.packets.filter(({ packet }) => inWords(packet) === 'HAO BU').map(({ time }) => time);
    expect(updates).toEqual([0, 1500, 4500, 10_500, 22_500, 46_500, 78_500]);
    expect(lab.mobileNode.homeAgent).toEqual(lab.homeAgentAddresses[1]);
    expect(lab.homeAgents[1]!.registrations.map(({ careOfAddress }) => careOfAddress)).toEqual([lab.careOfAddress(1)]);
  });

  test('an address that is in use is not registered and not tried again: status 134 (sections 10.3.1 and 11.7.1)', () => {
    const lab = new Mip6Lab({ homeAgents: 2, isTaken: true });
    lab.moveTo(1);
    lab.run(100_000);
    expect(lab.events.map(({ output }) => output)).toEqual([{ type: 'refused', status: 134 }]);
    expect(lab.homeAgents.flatMap(({ registrations }) => registrations)).toEqual([]);
    lab.moveTo(2);
    lab.run(200_000);
    expect(lab.mobileNode.state).toBe('Refused');
  });

  test.each([
    ['does not serve it', { serves: () => false }, 129],
    ['has no room', { capacity: 0 }, 130],
    ['is of another subnet', { prefixes: [] }, 132],
  ] as const)('the home agent %s: the other one is asked, then it gives up with the status (section 11.4.1)', (_, homeAgent, status) => {
    const lab = new Mip6Lab({ homeAgents: 2, homeAgent });
    const capture = lab.network.capture({ host: 'mn' });
    lab.moveTo(1);
    lab.run(100_000);
    expect(wordsOf(capture)).toEqual(['HAO BU', `RH2 BA ${status}`, 'HAO BU', `RH2 BA ${status}`]);
    expect(lab.events.map(({ output }) => output)).toEqual([{ type: 'refused', status }]);
  });
});

/** Watches what a host takes in: whether the mobile node's Binding Updates made the binding that exists, and what replaced what. */
const watch = (
  host: { receive(packet: Uint8Array, now: number): readonly Uint8Array[] },
  address: Uint8Array,
  bindings: () => readonly { readonly careOfAddress: Uint8Array; readonly sequence: number }[],
  sent: LabCapture,
  wrong: string[],
): void => {
  const receive = host.receive.bind(host);
  const state = (): string =>
    bindings()
      .map(({ careOfAddress, sequence }) => `${toHex(careOfAddress)} ${sequence}`)
      .join();
  /** Which of the Binding Updates that the mobile node has sent here made the binding: its place among them. */
  const made = (): number => {
    const [binding] = bindings();
    return sent.packets.findLastIndex(({ packet }) => {
      const content = readArrival(packet)?.content;
      return (
        content?.kind === 'mobility' &&
        content.message.kind === 'BU' &&
        content.message.sequence === binding?.sequence &&
        toHex(packet, 24, 40) === toHex(address) &&
        toHex(packet, 8, 24) === toHex(binding.careOfAddress)
      );
    });
  };
  host.receive = (packet, now) => {
    const [before, old] = [state(), made()];
    const outputs = receive(packet, now);
    const after = state();
    if (after !== '' && made() < 0) wrong.push(`${now}: not the mobile node's: ${inWords(packet)}`);
    if (after !== before && before !== '' && after !== '' && made() <= old) wrong.push(`${now}: number ${made()} replaced ${old}`);
    return outputs;
  };
};

describe('whatever the network does', () => {
  type Act =
    | { readonly do: 'move'; readonly to: number }
    | { readonly do: 'leave' }
    | { readonly do: 'ping' | 'pingFrom'; readonly peer: number }
    | { readonly do: 'replay'; readonly which: number; readonly peer: number }
    | { readonly do: 'attack'; readonly peer: number; readonly knows: 'home' | 'careOf' }
    | { readonly do: 'fail' }
    | { readonly do: 'wait'; readonly ms: number };
  const peer = fc.nat(1);
  const act: fc.Arbitrary<Act> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('move' as const), to: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('ping' as const, 'pingFrom' as const), peer }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('replay' as const), which: fc.nat(), peer }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('attack' as const), peer, knows: fc.constantFrom('home' as const, 'careOf' as const) }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60_000 }) }) },
  );
  const bad = (): PathOptions => ({ delay: 20, jitter: 4000, loss: 0.25, duplication: 0.25 });

  /** Whoever knows one keygen token of two, and makes up the other, sends a Binding Update for an address of his own. */
  const attack = (lab: Mip6Lab, index: number, knows: 'home' | 'careOf'): void => {
    const correspondent = lab.correspondentAddresses[index]!;
    const { node } = lab.correspondents[index]!;
    const { now } = lab.network;
    const ask = (source: Uint8Array, message: MobilityMessage): { readonly index: number; readonly token: Uint8Array } => {
      const answer = node.receive({ source, destination: correspondent, message }, now)[0]!.message;
      const octets = new Uint8Array(8);
      if (answer.kind === 'HoT') setU64(octets, 0, answer.homeKeygenToken);
      if (answer.kind === 'CoT') setU64(octets, 0, answer.careOfKeygenToken);
      return { index: answer.kind === 'HoT' ? answer.homeNonceIndex : answer.kind === 'CoT' ? answer.careOfNonceIndex : 0, token: octets };
    };
    const home = ask(lab.homeAddress, { kind: 'HoTI', homeInitCookie: 1n, options: [] });
    const careOf = ask(ATTACKER, { kind: 'CoTI', careOfInitCookie: 1n, options: [] });
    const kbm = mip6.bindingManagementKey(
      knows === 'home' ? home.token : new Uint8Array(8),
      knows === 'home' ? new Uint8Array(8) : careOf.token,
    );
    const head = {
      ...mip6.plainBindingUpdate,
      acknowledge: true,
      sequence: node.bindings[0] === undefined ? 1 : (node.bindings[0].sequence + 1) & 0xffff,
      lifetime: 100,
    };
    const indices: MobilityOption = { kind: 'NonceIndices', homeNonceIndex: home.index, careOfNonceIndex: careOf.index };
    const options = mip6.padded(mip6.fixedOctets('BU'), [indices, { kind: 'BindingAuthorizationData', authenticator: new Uint8Array(12) }]);
    const message = mip6.encodeMobility({ ...head, options });
    const authenticator = mip6.authenticatorOf(kbm, {
      careOfAddress: ATTACKER,
      correspondent,
      message,
      authenticatorAt: message.length - 12,
    });
    const signed = { ...head, options: [...options.slice(0, -1), { kind: 'BindingAuthorizationData', authenticator } as const] };
    lab.correspondentHosts[index]!.receive(
      mobilityOctets({ source: ATTACKER, destination: correspondent, homeAddress: lab.homeAddress, message: signed }),
      now,
    );
  };

  test('no binding but by the mobile node, none replaced by an older one; in the end the caches agree with where it is, who stays is reached directly, who is home left nothing', () => {
    let direct = 0;
    let home = 0;
    fc.assert(
      fc.property(fc.array(act, { minLength: 3, maxLength: 25 }), fc.boolean(), fc.nat(), (acts, fails, seed) => {
        const lab = new Mip6Lab({ seed, homeAgents: 2, correspondents: 2, path: bad });
        const sent = lab.network.capture({ host: 'mn' });
        const wrong: string[] = [];
        for (const [i, host] of lab.correspondentHosts.entries())
          watch(host, lab.correspondentAddresses[i]!, () => lab.correspondents[i]!.node.bindings, sent, wrong);
        for (const [i, host] of lab.homeHosts.entries())
          watch(host, lab.homeAgentAddresses[i]!, () => lab.homeAgents[i]!.registrations, sent, wrong);
        for (const one of acts) {
          if (one.do === 'move') lab.moveTo(one.to);
          else if (one.do === 'leave') lab.leave();
          else if (one.do === 'ping') lab.ping(one.peer);
          else if (one.do === 'pingFrom') lab.pingFrom(one.peer);
          else if (one.do === 'wait') lab.run(lab.network.now + one.ms);
          else if (one.do === 'attack') attack(lab, one.peer, one.knows);
          else if (one.do === 'replay') {
            const updates = sent.packets.filter(({ packet }) => inWords(packet) === 'HAO BU');
            const old = updates[one.which % Math.max(1, updates.length)]?.packet;
            if (old !== undefined)
              for (const host of [lab.correspondentHosts[one.peer]!, ...lab.homeHosts]) host.receive(old.slice(), lab.network.now);
          }
        }
        // What the caches hold is of the mobile node, whatever was tried.
        const places = [1, 2, 3].map((link) => toHex(lab.careOfAddress(link)));
        for (const { node } of lab.correspondents)
          for (const { careOfAddress } of node.bindings) expect(places).toContain(toHex(careOfAddress));
        if (fails) lab.fail(0);
        // The network heals; the mobile node moves a last time, or is home, and stays.
        lab.run(lab.network.now + 5000);
        lab.lay();
        lab.moveTo(lab.link === 0 ? 0 : (lab.link % 3) + 1);
        lab.run(lab.network.now + 150_000);
        const careOf = lab.careOfAddress(Math.max(1, lab.link));
        if (lab.link === 0) {
          home += 1;
          lab.run(lab.network.now + 500_000);
          expect(lab.correspondents.flatMap(({ node }) => node.bindings)).toEqual([]);
          expect(lab.homeAgents.filter((_, i) => lab.homeHosts[i]!.isUp).flatMap(({ registrations }) => registrations)).toEqual([]);
        } else {
          direct += 1;
          // Data of its own is what makes it try again where it has given up.
          for (const i of [0, 1]) lab.ping(i);
          lab.run(lab.network.now + 40_000);
          const serving = lab.homeAgentAddresses.findIndex((each) => toHex(each) === toHex(lab.mobileNode.homeAgent!));
          expect(lab.homeAgents[serving]!.registrations.map(({ careOfAddress }) => careOfAddress)).toEqual([careOf]);
          expect(lab.correspondents.map(({ node }) => node.routeTo(lab.homeAddress))).toEqual([careOf, careOf]);
        }
        const before = lab.mobileHost.delivered.length;
        for (const i of [0, 1]) lab.pingFrom(i);
        lab.run(lab.network.now + 1000);
        const route = lab.link === 0 ? 'plain' : 'direct';
        expect(lab.mobileHost.delivered.slice(before).map((each) => each.route)).toEqual([route, route]);
        expect(lab.correspondentHosts.map(({ delivered }) => delivered.at(-1)!.route)).toEqual([route, route]);
        expect(wrong).toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect([direct > 10, home > 10]).toEqual([true, true]);
  });
});

describe('what check says of our own nodes', () => {
  const HOSTS = ['mn', 'ha1', 'ha2', 'cn1', 'cn2'] as const;
  const move = fc.record({ to: fc.nat(3), after: fc.integer({ min: 1, max: 60_000 }), peer: fc.nat(1), from: fc.boolean() });

  const itinerary = fc.array(move, { minLength: 2, maxLength: 15 });

  /** A run over such paths: what fails at which host, and what the paths lost and carried. */
  const wrongOver = (
    path: PathOptions,
    moves: readonly { readonly to: number; readonly after: number; readonly peer: number; readonly from: boolean }[],
    seed: number,
  ): { readonly wrong: readonly string[]; readonly lost: number; readonly arrived: number } => {
    const lab = new Mip6Lab({ seed, homeAgents: 2, correspondents: 2, path: () => path });
    const paths: Path[] = [];
    const lay = lab.network.lay.bind(lab.network);
    lab.network.lay = (source, destination, options) => {
      const laid = lay(source, destination, options);
      paths.push(laid);
      return laid;
    };
    lab.lay(() => path);
    const captures = HOSTS.map((host) => ({ host, capture: lab.network.capture({ host }) }));
    for (const { to, after, peer, from } of moves) {
      lab.moveTo(to);
      for (const part of [0.1, 0.5, 1]) {
        if (from) lab.pingFrom(peer);
        else lab.ping(peer);
        lab.run(lab.network.now + after * part);
      }
    }
    lab.run(lab.network.now + 100_000);
    const wrong = captures.flatMap(({ host, capture }) => failsOf(check(capture.pcap())).map((each) => `${host} ${each}`));
    const count = (of: (each: Path) => number): number => paths.reduce((sum, each) => sum + of(each), 0);
    return { wrong, lost: count(({ dropped }) => dropped.lost), arrived: count(({ carried }) => carried) };
  };

  test.each([
    ['that lose nothing', { delay: 20 }, 0],
    ['that lose every fifth packet', { delay: 20, loss: 0.2 }, 0.15],
    ['that double every fifth packet', { delay: 20, duplication: 0.2 }, 0],
    ['that lose, double and reorder', { delay: 20, loss: 0.2, duplication: 0.2, jitter: 100 }, 0.15],
    ['that hold packets up', { delay: 20, jitter: 1500 }, 0],
    ['that lose, double and hold up', { delay: 20, loss: 0.2, duplication: 0.2, jitter: 1500 }, 0.15],
  ] as const)('nothing is wrong at whichever host, wherever the mobile node goes, over paths %s', (_, path, least) => {
    let [lost, arrived] = [0, 0];
    fc.assert(
      fc.property(itinerary, fc.nat(), (moves, seed) => {
        const run = wrongOver(path, moves, seed);
        lost += run.lost;
        arrived += run.arrived;
        expect(run.wrong).toEqual([]);
      }),
      { numRuns: 12 },
    );
    // The paths are as they are said to be.
    expect(lost / (lost + arrived)).toBeGreaterThanOrEqual(least);
  });

  // Each was one: rare runs, found among thousands.
  test.each<[string, PathOptions, number]>([
    ['it comes home again, where it was: tests begin anew (11.8-4)', { delay: 20, loss: 0.2, duplication: 0.2 }, 157],
    ['a deletion is registered anew after new tests: no retransmission (11.8-4)', { delay: 20, loss: 0.2 }, 328],
    ['the same, over long ways', { delay: 600, loss: 0.1, jitter: 300 }, 307],
    ['the acknowledgement of a deletion is lost behind the capture (11.3.1-5)', { delay: 20, loss: 0.2, jitter: 100 }, 8],
    ['the last deletion is not acknowledged (11.3.1-5)', { delay: 600, loss: 0.1, jitter: 300 }, 100],
    ['the acknowledgement of a binding is lost behind the capture (11.3.1-10)', { delay: 600, loss: 0.1, jitter: 300 }, 333],
    [
      'an older Binding Update is refused, with the number of a later one (9.5.4-10)',
      { delay: 20, loss: 0.2, duplication: 0.2, jitter: 100 },
      89,
    ],
    ['a copy of a Binding Update is refused (9.5.1-4)', { delay: 20, loss: 0.2, duplication: 0.2, jitter: 1500 }, 7],
    ['a Binding Update was on its way when the one before it was refused (11.7.3-9)', { delay: 600, loss: 0.1, jitter: 300 }, 434],
    ['a Binding Refresh Request was on its way when a Binding Update came (9.5.5-3)', { delay: 20, loss: 0.2, jitter: 1500 }, 499],
  ])('nothing is wrong where %s', (_, path, seed) => {
    const [moves] = fc.sample(itinerary, { seed, numRuns: 12 }).slice(-1);
    expect(wrongOver(path, moves!, seed).wrong).toEqual([]);
  });

  test('nothing is wrong where a Home Test answers an Init that was sent at home, past the home agent (5.2.5-c)', () => {
    const moves = [
      { to: 2, after: 4283, peer: 0, from: true },
      { to: 0, after: 1463, peer: 1, from: false },
      { to: 1, after: 2250, peer: 0, from: false },
    ];
    expect(wrongOver({ delay: 20, jitter: 1500 }, moves, 2_147_483_627).wrong).toEqual([]);
  });
});
