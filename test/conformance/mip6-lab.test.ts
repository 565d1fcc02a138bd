/** Mobile IPv6 in the lab: a mobile node, home agents and correspondents, movement in virtual time, and what no network may make of it (RFC 6275). */
import { describe, expect, test } from '@jest/globals';
import { toHex } from '../../codecs/bytes.ts';
import { createCaptureReader } from '../../codecs/capture/index.ts';
import { echoed, Mip6Lab } from '../../conformance/lab/index.ts';
import type { LabCapture } from '../../conformance/lab/index.ts';
import { Observer } from '../../conformance/observe.ts';
import { readArrival } from '../../state-machines/mip6/index.ts';

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
