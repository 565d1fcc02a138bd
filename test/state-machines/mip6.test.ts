/** A correspondent node and a home agent, and a mobile node's registration with a correspondent: every cell against its section, UMIP's acknowledgements; the correspondent's answers, and what no network may make it do. RFC 6275 sections 5.2, 9 and 10. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { setU64, toHex } from '../../codecs/bytes.ts';
import { createCaptureReader } from '../../codecs/capture/index.ts';
import * as mip6 from '../../codecs/mip6/index.ts';
import type { BA, BU, MobilityMessage, MobilityOption } from '../../codecs/mip6/index.ts';
import { formatAddress, parseAddress } from '../../codecs/packet/index.ts';
import { Observer, type Sighting } from '../../conformance/observe.ts';
import { listCells } from '../../state-machines/listing.ts';
import { allowed, step } from '../../state-machines/machine.ts';
import {
  bindingMachine,
  bindingUpdateTimeout,
  CorrespondentNode,
  correspondentRegistrationMachine,
  mobileRegistrationMachine,
  newMobileRegistrationContext,
  homeRegistrationMachine,
  MobilePeer,
  newBindingContext,
  newCorrespondentRegistrationContext,
  newHomeRegistrationContext,
  newPrefixDeliveryContext,
  newSolicitationContext,
  prefixDeliveryMachine,
  solicitationMachine,
} from '../../state-machines/mip6/index.ts';
import type {
  BindingContext,
  BindingUpdateVerdict,
  HomeRegistrationContext,
  HomeRegistrationVerdict,
  MobilityPacket,
} from '../../state-machines/mip6/index.ts';
import { disagreement } from './expectations.ts';
import {
  bindingExpectations,
  correspondentRegistrationExpectations,
  mobileRegistrationExpectations,
  homeRegistrationExpectations,
  prefixDeliveryExpectations,
  solicitationExpectations,
} from './mip6-expectations.ts';
import { tryMutants } from './mutants.ts';

const ip = (text: string): Uint8Array => parseAddress(text)!;
const text = (address: Uint8Array): string => formatAddress(address, 0, 6);
const octets = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8);
  setU64(bytes, 0, value);
  return bytes;
};

const CN = ip('2001:db8:4::2');
const HOME = ip('2001:db8:1::100');
const CARE_OF = [ip('2001:db8:2::a'), ip('2001:db8:3::a')] as const;

/** Octets that differ each time, the same in each run. */
const counting = (): ((length: number) => Uint8Array) => {
  let next = 0;
  return (length) => Uint8Array.from({ length }, () => (next = (next * 167 + 13) % 65_537) & 0xff);
};

interface Token {
  readonly index: number;
  readonly token: Uint8Array;
}

/** What a Binding Update is made of. */
interface Wanted {
  readonly home: Token;
  readonly careOf?: Token;
  readonly careOfAddress: Uint8Array;
  readonly sequence: number;
  readonly lifetime: number;
  readonly acknowledge?: boolean;
  readonly homeAddress?: Uint8Array;
  /** Sent from another address than it registers. */
  readonly from?: Uint8Array;
}

/** A correspondent and what a mobile node does with it. */
class Setting {
  readonly node: CorrespondentNode;
  now = 0;
  constructor(capacity = 1024) {
    this.node = new CorrespondentNode({ address: CN, random: counting(), capacity });
  }
  send(source: Uint8Array, message: MobilityMessage, more: Partial<MobilityPacket> = {}): readonly MobilityPacket[] {
    return this.node.receive({ source, destination: CN, message, ...more }, this.now);
  }
  homeToken(homeAddress = HOME): Token {
    const [answer] = this.send(homeAddress, { kind: 'HoTI', homeInitCookie: 7n, options: [] });
    if (answer?.message.kind !== 'HoT') throw new Error('no Home Test');
    return { index: answer.message.homeNonceIndex, token: octets(answer.message.homeKeygenToken) };
  }
  careOfToken(careOfAddress: Uint8Array): Token {
    const [answer] = this.send(careOfAddress, { kind: 'CoTI', careOfInitCookie: 9n, options: [] });
    if (answer?.message.kind !== 'CoT') throw new Error('no Care-of Test');
    return { index: answer.message.careOfNonceIndex, token: octets(answer.message.careOfKeygenToken) };
  }
  tick(until: number): MobilityPacket[] {
    const sent: MobilityPacket[] = [];
    for (let at = this.node.nextTimer; at !== undefined && at <= until; at = this.node.nextTimer) {
      this.now = at;
      sent.push(...this.node.tick(at));
    }
    this.now = until;
    return sent;
  }
}

/** An authorised Binding Update. */
const update = (wanted: Wanted): MobilityPacket => {
  const { home, careOf, careOfAddress, sequence, lifetime, acknowledge = true, homeAddress = HOME, from = careOfAddress } = wanted;
  const indices: MobilityOption = { kind: 'NonceIndices', homeNonceIndex: home.index, careOfNonceIndex: careOf?.index ?? 0 };
  const blank: MobilityOption = { kind: 'BindingAuthorizationData', authenticator: new Uint8Array(12) };
  const alternate: MobilityOption[] =
    from === careOfAddress ? [] : [{ kind: 'AlternateCareOfAddress', alternateCareOfAddress: careOfAddress }];
  const options = mip6.padded(mip6.fixedOctets('BU'), [indices, ...alternate, blank]);
  const head: BU = { ...mip6.plainBindingUpdate, acknowledge, sequence, lifetime };
  const message = mip6.encodeMobility({ ...head, options });
  const kbm = mip6.bindingManagementKey(home.token, lifetime === 0 ? undefined : careOf?.token);
  const authenticator = mip6.authenticatorOf(kbm, { careOfAddress, correspondent: CN, message, authenticatorAt: message.length - 12 });
  return {
    source: from,
    destination: CN,
    ...(from !== homeAddress && { homeAddress }),
    message: { ...head, options: [...options.slice(0, -1), { kind: 'BindingAuthorizationData', authenticator }] },
  };
};

const acknowledged = (packets: readonly MobilityPacket[]): BA => {
  const message = packets[0]?.message;
  if (packets.length !== 1 || message?.kind !== 'BA')
    throw new Error(`not one Binding Acknowledgement: ${JSON.stringify(packets.map((p) => p.message.kind))}`);
  return message;
};
const hasAuthenticator = ({ options = [] }: BA): boolean => options.at(-1)?.kind === 'BindingAuthorizationData';

describe.each([
  { machine: bindingMachine, fresh: newBindingContext, expectations: bindingExpectations },
  { machine: mobileRegistrationMachine, fresh: newMobileRegistrationContext, expectations: mobileRegistrationExpectations },
  { machine: solicitationMachine, fresh: newSolicitationContext, expectations: solicitationExpectations },
  { machine: prefixDeliveryMachine, fresh: newPrefixDeliveryContext, expectations: prefixDeliveryExpectations },
  { machine: homeRegistrationMachine, fresh: newHomeRegistrationContext, expectations: homeRegistrationExpectations },
  {
    machine: correspondentRegistrationMachine,
    fresh: newCorrespondentRegistrationContext,
    expectations: correspondentRegistrationExpectations,
  },
])('every cell of $machine.name', ({ machine, fresh, expectations }) => {
  test('does what its section says', () => {
    const reached = new Set<string>();
    expect(expectations.map((each) => disagreement(machine, fresh, each, reached)).filter(Boolean)).toEqual([]);
    const missed = listCells(machine).filter(({ outcome }) => !reached.has(outcome.id));
    expect(missed.map(({ outcome }) => outcome.id)).toEqual([]);
  });

  test('is asserted, not merely reached: no mutant survives', () => {
    expect(tryMutants(machine, fresh, expectations).survivors).toEqual([]);
  });
});

test('a mobile node waits twice as long each time, from 1 s to 32 s (sections 11.8 and 12)', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 1000].map(bindingUpdateTimeout)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 32_000, 32_000]);
});

describe("UMIP's correspondents, at their side of the wire", () => {
  /** What a node says that it made of a Binding Update. */
  const verdictOf = (status: number): BindingUpdateVerdict => {
    if (status < 128) return 'accepted';
    const { sequenceNumberOutOfWindow, homeRegistrationNotSupported, expiredHomeNonceIndex, expiredNonces } = mip6.BINDING_STATUS;
    if (status >= expiredHomeNonceIndex && status <= expiredNonces) return 'nonces';
    if (status === sequenceNumberOutOfWindow) return 'sequence';
    if (status === homeRegistrationNotSupported) return 'homeRegistration';
    throw new Error(`no verdict for status ${status}`);
  };

  test.each([
    ['a-basic-cn', ['accepted cache', 'accepted delete', 'sequence cache']],
    ['d-refusals-cn', ['accepted cache', 'homeRegistration cache']],
  ] as const)(
    '%s: each Binding Acknowledgement is owed by the table, may be sent by it, and none stays owed (section 9.5.4)',
    (name, made) => {
      const entries = new Map<string, BindingContext>();
      const waiting = new Map<string, BU>();
      const wrong: string[] = [];
      const seen = new Set<string>();
      const look = ({ packet, frame }: Sighting): void => {
        if (packet.protocol !== mip6.PROTOCOL_MOBILITY) return;
        const read = mip6.decodeMobility(packet.payload.slice());
        if (!read.ok) return;
        const { value } = read;
        const { source, destination } = mip6.endpointsOf(packet);
        if (value.kind === 'BU') waiting.set(text(source), value);
        if (value.kind !== 'BA') return;
        const home = text(destination);
        const update = waiting.get(home);
        waiting.delete(home);
        const entry = entries.get(home) ?? newBindingContext();
        entries.set(home, entry);
        if (update === undefined) return void wrong.push(`${frame}: unasked`);
        const verdict = verdictOf(value.status);
        const asks = update.lifetime === 0 ? 'delete' : 'cache';
        const owing = step(bindingMachine, entry, { type: 'receiveBindingUpdate', verdict, asks, acknowledge: update.acknowledge });
        if (!owing.actions.some((action) => action.do === 'owe')) wrong.push(`${frame}: not owed`);
        const status = update.homeRegistration ? 'homeRegistration' : verdict === 'nonces' ? 'expiredNonces' : 'other';
        const sending = step(bindingMachine, entry, { type: 'sendBindingAcknowledgement', status, authorized: hasAuthenticator(value) });
        if (!allowed(sending)) wrong.push(`${frame}: status ${value.status}, authenticator ${hasAuthenticator(value)}`);
        seen.add(`${verdict} ${asks}`);
      };
      const reader = createCaptureReader(new Observer({ wantsPayload: true, segment: () => undefined, packet: look }).observe);
      reader.push(readFileSync(new URL(`../../vectors/captures/umip/${name}.pcap`, import.meta.url)));
      reader.finish();
      expect(wrong).toEqual([]);
      // Left without an answer: only what no authenticator authorises.
      expect([...waiting.values()].filter(({ options = [] }) => options.some(({ kind }) => kind === 'BindingAuthorizationData'))).toEqual(
        [],
      );
      expect([...seen].toSorted()).toEqual(made);
    },
  );
});

describe("UMIP's home agents, on their way to the mobile nodes", () => {
  const verdictOf = (status: number): HomeRegistrationVerdict => {
    const { sequenceNumberOutOfWindow, notHomeSubnet, notHomeAgentForThisMobileNode, administrativelyProhibited } = mip6.BINDING_STATUS;
    // A home agent that finds an address in use has accepted the Binding Update up to there.
    if (status < 128 || status === mip6.BINDING_STATUS.duplicateAddressDetectionFailed) return 'accepted';
    if (status === sequenceNumberOutOfWindow) return 'sequence';
    if (status === notHomeSubnet) return 'notHomeSubnet';
    if (status === notHomeAgentForThisMobileNode) return 'notRegistered';
    if (status === administrativelyProhibited) return 'refused';
    throw new Error(`no verdict for status ${status}`);
  };

  test.each([
    ['a-basic-ha-core', ['accepted cache 0']],
    ['b-dhaad-ha-core', ['accepted cache 0', 'accepted delete 0']],
    [
      'd-refusals-ha-core',
      ['accepted cache 0', 'accepted cache 134', 'notHomeSubnet cache 132', 'refused cache 129', 'sequence cache 135'],
    ],
    ['e-mn-mn-ha-core', ['accepted cache 0']],
  ] as const)(
    '%s: each Binding Acknowledgement is owed by the table and may be sent by it, and every Binding Update with H gets one (section 10.3)',
    (name, made) => {
      const entries = new Map<string, HomeRegistrationContext>();
      const waiting = new Map<string, BU>();
      const wrong: string[] = [];
      const seen = new Set<string>();
      const look = ({ packet, frame, outer }: Sighting): void => {
        if (packet.protocol !== mip6.PROTOCOL_MOBILITY || outer.length > 0) return;
        const read = mip6.decodeMobility(packet.payload.slice());
        if (!read.ok) return;
        const { value } = read;
        const { source, destination } = mip6.endpointsOf(packet);
        if (value.kind === 'BU' && value.homeRegistration) waiting.set(text(source), value);
        const home = text(destination);
        const update = waiting.get(home);
        if (value.kind !== 'BA' || update === undefined) return;
        waiting.delete(home);
        const entry = entries.get(home) ?? newHomeRegistrationContext();
        entries.set(home, entry);
        const { status } = value;
        const asks = update.lifetime === 0 ? 'delete' : 'cache';
        const verdict = verdictOf(status);
        let outcome = step(homeRegistrationMachine, entry, { type: 'receiveBindingUpdate', verdict, asks });
        if (entry.state === 'Checking') {
          const address = status < 128 ? 'unique' : 'duplicate';
          outcome = step(homeRegistrationMachine, entry, { type: 'duplicateAddressDetection', address });
        }
        if (!outcome.actions.some((action) => action.do === 'owe' && action.by === 'sendBindingAcknowledgement'))
          wrong.push(`${frame}: not owed`);
        const sending = step(homeRegistrationMachine, entry, {
          type: 'sendBindingAcknowledgement',
          status: status < 128 ? 'success' : 'rejection',
        });
        if (!allowed(sending)) wrong.push(`${frame}: status ${status} in ${entry.state}`);
        seen.add(`${verdict} ${asks} ${status}`);
      };
      const reader = createCaptureReader(new Observer({ wantsPayload: true, segment: () => undefined, packet: look }).observe);
      reader.push(readFileSync(new URL(`../../vectors/captures/umip/${name}.pcap`, import.meta.url)));
      reader.finish();
      expect(wrong).toEqual([]);
      expect([...waiting.values()].map(({ sequence }) => sequence)).toEqual([]);
      expect([...seen].toSorted()).toEqual(made);
    },
  );
});

describe('return routability (sections 5.2.5, 9.4)', () => {
  test('Home and Care-of Test go back where their questions came from, with their cookies; a Home Address option silences both', () => {
    const { node } = new Setting();
    const hoti = { kind: 'HoTI', homeInitCookie: 7n, options: [] } as const;
    const coti = { kind: 'CoTI', careOfInitCookie: 9n, options: [] } as const;
    const [hot] = node.receive({ source: HOME, destination: CN, message: hoti }, 0);
    const [cot] = node.receive({ source: CARE_OF[0], destination: CN, message: coti }, 0);
    expect(hot).toMatchObject({ source: CN, destination: HOME, message: { kind: 'HoT', homeInitCookie: 7n, homeNonceIndex: 1 } });
    expect(cot).toMatchObject({ source: CN, destination: CARE_OF[0], message: { kind: 'CoT', careOfInitCookie: 9n, careOfNonceIndex: 1 } });
    expect(node.receive({ source: CARE_OF[0], destination: CN, homeAddress: HOME, message: hoti }, 0)).toEqual([]);
    expect(node.receive({ source: CARE_OF[0], destination: CN, homeAddress: HOME, message: coti }, 0)).toEqual([]);
    expect(node.bindings).toEqual([]);
    expect(node.nextTimer).toBeUndefined();
  });

  test('a nonce is given out for 30 s and accepted until 240 s after its first use (section 5.2.7)', () => {
    const setting = new Setting();
    const tokens = [0, 29_999, 30_000, 239_999].map((now) => {
      setting.now = now;
      return setting.homeToken();
    });
    expect(tokens.map(({ index }) => index)).toEqual([1, 1, 2, 3]);
    const careOf = setting.careOfToken(CARE_OF[0]);
    const status = (home: Token, sequence: number): number =>
      acknowledged(setting.node.receive(update({ home, careOf, careOfAddress: CARE_OF[0], sequence, lifetime: 10 }), setting.now)).status;
    expect(status(tokens[0]!, 1)).toBe(0);
    setting.now = 240_000;
    expect(status(tokens[0]!, 2)).toBe(mip6.BINDING_STATUS.expiredHomeNonceIndex);
    expect(status(tokens[2]!, 3)).toBe(0);
  });
});

describe('Binding Updates (section 9.5)', () => {
  /** A node with a mobile node's tokens. */
  const begun = (): {
    setting: Setting;
    home: Token;
    careOf: readonly Token[];
    bind: (wanted: Partial<Wanted>) => readonly MobilityPacket[];
  } => {
    const setting = new Setting();
    const home = setting.homeToken();
    const careOf = CARE_OF.map((each) => setting.careOfToken(each));
    const bind = (wanted: Partial<Wanted>): readonly MobilityPacket[] =>
      setting.node.receive(
        update({ home, careOf: careOf[0]!, careOfAddress: CARE_OF[0], sequence: 1, lifetime: 10, ...wanted }),
        setting.now,
      );
    return { setting, home, careOf, bind };
  };

  test('an authorised one binds, and is acknowledged with an authenticator through a routing header', () => {
    const { setting, home, careOf, bind } = begun();
    const sent = bind({ sequence: 500, lifetime: 1000 });
    const ba = acknowledged(sent);
    // 420 s at most (section 5.2.6).
    expect(ba).toMatchObject({ status: 0, sequence: 500, lifetime: 105, keyManagementMobilityCapability: false });
    expect(sent[0]).toMatchObject({ source: CN, destination: CARE_OF[0], routingHeader: HOME });
    const message = mip6.encodeMobility(ba);
    const kbm = mip6.bindingManagementKey(home.token, careOf[0]!.token);
    const at = mip6.authenticatorAt(message)!;
    expect(mip6.verifyAuthenticator(kbm, { careOfAddress: CARE_OF[0], correspondent: CN, message, authenticatorAt: at })).toBe(true);
    expect(setting.node.bindings).toEqual([{ homeAddress: HOME, careOfAddress: CARE_OF[0], sequence: 500, expires: 420_000 }]);
    expect(setting.node.routeTo(HOME)).toEqual(CARE_OF[0]);
  });

  test('an Alternate Care-of Address is what is bound and what the authenticator covers; the answer goes to the source', () => {
    const { setting, bind } = begun();
    const sent = bind({ from: CARE_OF[1] });
    expect(acknowledged(sent).status).toBe(0);
    expect(sent[0]!.destination).toEqual(CARE_OF[1]);
    expect(setting.node.routeTo(HOME)).toEqual(CARE_OF[0]);
  });

  test('what was not asked to be acknowledged is not, unless it is refused (section 9.5.4)', () => {
    const { bind } = begun();
    expect(bind({ acknowledge: false, sequence: 5 })).toEqual([]);
    expect(acknowledged(bind({ acknowledge: false, sequence: 5 }))).toMatchObject({ status: 135, sequence: 5 });
  });

  test('sequence numbers count modulo 2**16: after 15, 0 to 15 and 32783 to 65535 are not greater (section 9.5.1)', () => {
    const { bind } = begun();
    expect(acknowledged(bind({ sequence: 15 })).status).toBe(0);
    for (const sequence of [0, 14, 15, 32_783, 65_535]) {
      const ba = acknowledged(bind({ sequence }));
      expect(ba).toMatchObject({ status: 135, sequence: 15, lifetime: 0 });
      expect(hasAuthenticator(ba)).toBe(true);
    }
    expect(acknowledged(bind({ sequence: 32_782 })).status).toBe(0);
  });

  test('nonces that are not known: 136, 137, 138, and no authenticator (sections 9.5.1 and 9.5.4)', () => {
    const { setting, home, careOf, bind } = begun();
    const old = (token: Token): Token => ({ ...token, index: 999 });
    const answers = [
      bind({ home: old(home) }),
      bind({ careOf: old(careOf[0]!) }),
      bind({ home: old(home), careOf: old(careOf[0]!) }),
      // The care-of nonce of a deletion is not looked at.
      bind({ home: old(home), careOf: old(careOf[0]!), lifetime: 0 }),
    ].map(acknowledged);
    expect(answers.map(({ status }) => status)).toEqual([136, 137, 138, 136]);
    expect(answers.some(hasAuthenticator)).toBe(false);
    expect(acknowledged(bind({ careOf: old(careOf[0]!), lifetime: 0 })).status).toBe(0);
    expect(setting.node.bindings).toEqual([]);
  });

  test.each<[string, (packet: MobilityPacket) => MobilityPacket]>([
    ['from a multicast address', (packet) => ({ ...packet, source: ip('ff02::1') })],
    ['for a link-local home address', (packet) => ({ ...packet, homeAddress: ip('fe80::1') })],
    ['for another home address', (packet) => ({ ...packet, homeAddress: ip('2001:db8:1::101') })],
    ['from another care-of address', (packet) => ({ ...packet, source: CARE_OF[1] })],
    ['with another lifetime', (packet) => ({ ...packet, message: { ...(packet.message as BU), lifetime: 11 } })],
    [
      'without its authenticator',
      (packet) => ({
        ...packet,
        message: {
          ...(packet.message as BU),
          options: (packet.message as BU).options!.slice(0, 1).concat({ kind: 'PadN', data: new Uint8Array(4) } as never),
        },
      }),
    ],
    ['without options', (packet) => ({ ...packet, message: { ...(packet.message as BU), options: mip6.padded(12, []) } })],
    ['with H and nonce indices', (packet) => ({ ...packet, message: { ...(packet.message as BU), homeRegistration: true } })],
  ])('%s: silence (section 9.5.1)', (_, change) => {
    const { setting, home, careOf } = begun();
    const packet = change(update({ home, careOf: careOf[0]!, careOfAddress: CARE_OF[0], sequence: 1, lifetime: 10 }));
    expect(setting.node.receive(packet, 0)).toEqual([]);
    expect(setting.node.bindings).toEqual([]);
    expect(setting.node.stateOf(HOME)).toBe('Unbound');
  });

  test('a home registration is refused: 131, or 139 where there is a binding, which stays as it is (sections 9.5.1 and 10.3.1)', () => {
    const { setting, bind } = begun();
    const message: BU = {
      ...mip6.plainBindingUpdate,
      acknowledge: true,
      homeRegistration: true,
      sequence: 9,
      lifetime: 10,
      options: mip6.padded(12, []),
    };
    expect(acknowledged(setting.send(CARE_OF[0], message, { homeAddress: HOME })).status).toBe(131);
    bind({});
    expect(acknowledged(setting.send(CARE_OF[1], message, { homeAddress: HOME })).status).toBe(139);
    expect(setting.node.routeTo(HOME)).toEqual(CARE_OF[0]);
  });

  test('no room: 130 for a new home address, not for one that is known (section 9.5.2)', () => {
    const setting = new Setting(1);
    const careOf = setting.careOfToken(CARE_OF[0]);
    const status = (homeAddress: Uint8Array, sequence: number): number => {
      const packet = update({
        home: setting.homeToken(homeAddress),
        careOf,
        careOfAddress: CARE_OF[0],
        sequence,
        lifetime: 10,
        homeAddress,
      });
      return acknowledged(setting.node.receive(packet, 0)).status;
    };
    expect([status(HOME, 1), status(ip('2001:db8:1::101'), 1), status(HOME, 2)]).toEqual([0, 130, 0]);
  });

  test('back at home: the deletion comes without a Home Address option, is answered without a routing header, and leaves nothing (sections 9.5.3, 9.5.4)', () => {
    const { setting, bind } = begun();
    bind({});
    const sent = bind({ careOfAddress: HOME, sequence: 2, lifetime: 0 });
    expect(acknowledged(sent)).toMatchObject({ status: 0, lifetime: 0 });
    expect(sent[0]).toMatchObject({ destination: HOME });
    expect(sent[0]!.routingHeader).toBeUndefined();
    expect(setting.node.bindings).toEqual([]);
    expect(setting.node.routeTo(HOME)).toBeUndefined();
    // The same nonces, addresses and number are illegal now, and so are the nonces with another number; a new test brings others (section 9.5.3).
    expect(acknowledged(bind({})).status).toBe(135);
    expect(acknowledged(bind({ sequence: 3 })).status).toBe(138);
    expect(acknowledged(bind({ careOfAddress: HOME, sequence: 3, lifetime: 0 })).status).toBe(0);
    expect([setting.homeToken().index, setting.careOfToken(CARE_OF[0]).index]).toEqual([2, 2]);
    // The memory goes with the nonces (section 5.2.8).
    expect(setting.node.stateOf(HOME)).toBe('Remembered');
    setting.tick(240_000);
    expect(setting.node.stateOf(HOME)).toBe('Unbound');
    expect(setting.node.nextTimer).toBeUndefined();
  });

  test('after a deletion nonces that are newer bring any sequence number, and what was sent before them stays out (sections 5.2.8 and 9.5.1)', () => {
    const { setting, bind } = begun();
    bind({ sequence: 100 });
    bind({ sequence: 101, lifetime: 0 });
    setting.now = 31_000;
    const fresh = { home: setting.homeToken(), careOf: setting.careOfToken(CARE_OF[1]), careOfAddress: CARE_OF[1] };
    expect(acknowledged(bind({ ...fresh, sequence: 3 })).status).toBe(0);
    expect(acknowledged(bind({ sequence: 100 })).status).toBe(138);
    expect(acknowledged(bind({ sequence: 101, lifetime: 0 })).status).toBe(136);
    expect(setting.node.routeTo(HOME)).toEqual(CARE_OF[1]);
  });

  test('a binding ends with its lifetime; one in use is asked for three times before, at the home address (sections 9.5.5, 9.6)', () => {
    const { setting, bind } = begun();
    bind({ lifetime: 25 });
    expect(setting.tick(99_999)).toEqual([]);
    setting.tick(100_000);
    expect(setting.node.bindings).toEqual([]);
    const again = begun();
    again.bind({ lifetime: 25 });
    again.setting.node.routeTo(HOME);
    const requests = again.setting.tick(99_999);
    expect(requests.map(({ destination, message }) => `${message.kind} ${text(destination)}`)).toEqual(
      Array.from({ length: 3 }, () => `BRR ${text(HOME)}`),
    );
    expect(acknowledged(again.bind({ lifetime: 25, sequence: 2 })).status).toBe(0);
    expect(again.setting.node.stateOf(HOME)).toBe('Bound');
  });
});

describe('packets and errors (section 9.3)', () => {
  test('a Home Address option without its binding is answered with a Binding Error, one with it is delivered', () => {
    const setting = new Setting();
    const before = setting.node.receiveFrom(CARE_OF[0], HOME, 0);
    expect(before.deliver).toBe(false);
    expect(before.packets[0]).toMatchObject({ destination: CARE_OF[0], message: { kind: 'BE', status: 1, homeAddress: HOME } });
    const [home, careOf] = [setting.homeToken(), setting.careOfToken(CARE_OF[0])];
    setting.node.receive(update({ home, careOf, careOfAddress: CARE_OF[0], sequence: 1, lifetime: 10 }), 0);
    expect(setting.node.receiveFrom(CARE_OF[0], HOME, 0)).toEqual({ deliver: true, packets: [] });
    expect(setting.node.receiveFrom(CARE_OF[1], HOME, 0).deliver).toBe(false);
    expect(setting.node.receiveFrom(ip('ff02::1'), ip('2001:db8:1::101'), 0)).toEqual({ deliver: false, packets: [] });
    expect(setting.node.receiveFrom(CARE_OF[0], ip('fe80::1'), 0)).toEqual({ deliver: false, packets: [] });
    setting.node.unreachable(HOME, 0);
    expect(setting.node.routeTo(HOME)).toBeUndefined();
  });

  test('an unknown message gets status 2 and the unspecified address, no more than ten times a second (section 9.3.3)', () => {
    const setting = new Setting();
    const unknown: MobilityMessage = { kind: 'Unknown', type: 200, messageData: new Uint8Array(2) };
    expect(setting.send(HOME, unknown)[0]!.message).toMatchObject({ kind: 'BE', status: 2, homeAddress: new Uint8Array(16) });
    const sent = Array.from({ length: 100 }, () => setting.send(HOME, unknown).length).reduce((sum, each) => sum + each, 0);
    expect(sent).toBe(9);
    setting.now = 1000;
    expect(setting.send(HOME, unknown)).toHaveLength(1);
  });
});

describe('whatever the network does', () => {
  type Act =
    | { readonly do: 'move'; readonly to: number; readonly lifetime: number }
    | { readonly do: 'home' }
    | { readonly do: 'restart' }
    | { readonly do: 'replay'; readonly which: number }
    | { readonly do: 'forge'; readonly which: number; readonly bit: number }
    | { readonly do: 'wait'; readonly seconds: number };
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.record({ do: fc.constant('move' as const), to: fc.nat(1), lifetime: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ do: fc.constant('home' as const) }),
    fc.record({ do: fc.constant('restart' as const) }),
    fc.record({ do: fc.constant('replay' as const), which: fc.nat() }),
    fc.record({ do: fc.constant('forge' as const), which: fc.nat(), bit: fc.nat(95) }),
    fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 150 }) }),
  );

  test('replayed, delayed and forged Binding Updates change nothing: the binding is that of the last one the mobile node sent, or none (sections 5.2.8, 9.5.1, 9.5.3)', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const setting = new Setting();
        const { node } = setting;
        const sent: MobilityPacket[] = [];
        let sequence = 0;
        let expected: { readonly careOfAddress: Uint8Array; readonly until: number } | undefined;
        for (const one of acts) {
          if (one.do === 'move' || one.do === 'home') {
            // A mobile node that is told another number, or to begin anew, does so (section 11.7.3).
            for (let attempt = 0; attempt < 4; attempt += 1) {
              const careOfAddress = one.do === 'home' ? HOME : CARE_OF[one.to]!;
              const lifetime = one.do === 'home' ? 0 : one.lifetime;
              const careOf = one.do === 'home' ? {} : { careOf: setting.careOfToken(careOfAddress) };
              sequence += 1;
              const packet = update({ home: setting.homeToken(), ...careOf, careOfAddress, sequence, lifetime });
              const { status, sequence: last } = acknowledged(node.receive(packet, setting.now));
              sent.push(packet);
              if (status === 135) sequence = last;
              else if (status < 128) {
                expected = one.do === 'home' ? undefined : { careOfAddress, until: setting.now + lifetime * 4000 };
                break;
              } else setting.tick(setting.now + 30_000);
              if (attempt === 3) throw new Error('the mobile node is never heard');
            }
          } else if (one.do === 'restart') sequence = 0;
          else if (one.do === 'wait') setting.tick(setting.now + one.seconds * 1000);
          else if (sent.length > 0) {
            const old = sent[one.which % sent.length]!;
            if (one.do === 'replay') node.receive(old, setting.now);
            else {
              const message = old.message as BU;
              const authenticator = Uint8Array.from((message.options!.at(-1) as mip6.BindingAuthorizationData).authenticator);
              authenticator[one.bit >> 3]! ^= 1 << (one.bit & 7);
              const options: MobilityOption[] = [...message.options!.slice(0, -1), { kind: 'BindingAuthorizationData', authenticator }];
              node.receive({ ...old, message: { ...message, sequence: (sequence + 1) & 0xffff, options } }, setting.now);
            }
          }
          if (expected !== undefined && expected.until <= setting.now) expected = undefined;
          expect(node.bindings.map(({ careOfAddress }) => toHex(careOfAddress))).toEqual(
            expected === undefined ? [] : [toHex(expected.careOfAddress)],
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  test('what it holds is bounded by its capacity and gone with time', () => {
    const setting = new Setting(50);
    const careOf = setting.careOfToken(CARE_OF[0]);
    for (let i = 0; i < 200; i += 1) {
      const homeAddress = ip(`2001:db8:1::${(i + 1).toString(16)}`);
      setting.node.receive(
        update({ home: setting.homeToken(homeAddress), careOf, careOfAddress: CARE_OF[0], sequence: i, lifetime: 1, homeAddress }),
        0,
      );
    }
    expect(setting.node.bindings).toHaveLength(50);
    setting.tick(300_000);
    expect(setting.node.nextTimer).toBeUndefined();
  });
});

/** A mobile node, a correspondent, and a network between them that loses, doubles, delays and so reorders until it is healed. Virtual time. */
class Pair {
  readonly node: CorrespondentNode;
  readonly peer: MobilePeer;
  readonly sent: string[] = [];
  readonly #inFlight: { readonly at: number; readonly packet: MobilityPacket }[] = [];
  readonly #random: () => number;
  now = 0;
  healthy = true;
  /** Where the mobile node is: a packet to another place of it is lost. */
  place: Uint8Array = HOME;

  constructor(seed: number) {
    const octetsFrom = counting();
    let state = seed >>> 0;
    this.#random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    this.node = new CorrespondentNode({ address: CN, random: octetsFrom });
    this.peer = new MobilePeer({ homeAddress: HOME, correspondent: CN, random: octetsFrom, lifetime: 100 });
  }
  send(packets: readonly MobilityPacket[]): void {
    for (const packet of packets) {
      this.sent.push(`${packet.message.kind} ${this.now}`);
      const copies = this.healthy ? 1 : Math.floor(this.#random() * 3);
      for (let copy = 0; copy < copies; copy += 1)
        this.#inFlight.push({ at: this.now + (this.healthy ? 20 : Math.floor(this.#random() * 8000)), packet });
    }
  }
  run(until: number): void {
    for (;;) {
      const packet = Math.min(...this.#inFlight.map(({ at }) => at), Infinity);
      const next = Math.min(packet, this.node.nextTimer ?? Infinity, this.peer.nextTimer ?? Infinity);
      if (next > until) break;
      this.now = Math.max(this.now, next);
      if (packet === next) {
        const [arrived] = this.#inFlight.splice(
          this.#inFlight.findIndex(({ at }) => at === packet),
          1,
        );
        this.#arrive(arrived!.packet);
      } else {
        this.send(this.node.tick(this.now));
        this.send(this.peer.tick(this.now));
      }
    }
    this.now = until;
  }
  #arrive(packet: MobilityPacket): void {
    const { destination } = packet;
    if (toHex(destination) === toHex(CN)) this.send(this.node.receive(packet, this.now));
    // The home agent knows where it is.
    else if ([HOME, this.place].some((each) => toHex(each) === toHex(destination))) this.send(this.peer.receive(packet, this.now));
  }
  go(place: Uint8Array): void {
    this.place = place;
    if (place === HOME) this.send(this.peer.returnHome(this.now));
    else this.send([...this.peer.move(place, this.now), ...this.peer.register(place, this.now)]);
  }
}

describe('a mobile node and a correspondent', () => {
  test('on a good path: tests in parallel, one Binding Update, one Binding Acknowledgement; refreshed before it ends; taken back at home', () => {
    const pair = new Pair(1);
    pair.go(CARE_OF[0]);
    pair.run(1000);
    expect(pair.sent).toEqual(['HoTI 0', 'CoTI 0', 'HoT 20', 'CoT 20', 'BU 40', 'BA 60']);
    expect([pair.peer.state, pair.peer.registered, pair.node.routeTo(HOME)]).toEqual(['Optimized', CARE_OF[0], CARE_OF[0]]);
    pair.run(3_000_000);
    expect(pair.node.routeTo(HOME)).toEqual(CARE_OF[0]);
    pair.go(CARE_OF[1]);
    pair.run(3_001_000);
    expect([pair.peer.registered, pair.node.routeTo(HOME)]).toEqual([CARE_OF[1], CARE_OF[1]]);
    const before = pair.sent.length;
    pair.go(HOME);
    pair.run(3_002_000);
    expect(pair.sent.slice(before).map((each) => each.split(' ')[0])).toEqual(['HoTI', 'HoT', 'BU', 'BA']);
    expect([pair.peer.state, pair.peer.registered, pair.node.bindings]).toEqual(['Tunneled', undefined, []]);
  });

  test('where nobody answers: both tests at 0, 1, 3 and 7 s, then data is left to the home agent (sections 5.2.9 and 11.8)', () => {
    const pair = new Pair(1);
    pair.place = CARE_OF[0];
    const sent = [...pair.peer.register(CARE_OF[0], 0)].map(({ message }) => `${message.kind} 0`);
    for (let at = pair.peer.nextTimer; at !== undefined; at = pair.peer.nextTimer)
      sent.push(...pair.peer.tick(at).map(({ message }) => `${message.kind} ${at}`));
    expect(sent).toEqual([0, 1000, 3000, 7000].flatMap((at) => [`HoTI ${at}`, `CoTI ${at}`]));
    expect(pair.peer.state).toBe('Tunneled');
  });

  test('acknowledgements and tests that are not its own are ignored; 135 makes it go on from the number it is told; the lifetime counts from the sending (sections 11.6.2 and 11.7.3)', () => {
    const pair = new Pair(1);
    const { node, peer } = pair;
    const tests = peer.register(CARE_OF[0], 0).flatMap((packet) => node.receive(packet, 0));
    const foreign = tests.map((packet) => {
      const { message } = packet;
      return message.kind === 'HoT' ? { ...packet, message: { ...message, homeInitCookie: message.homeInitCookie ^ 1n } } : packet;
    });
    expect([...foreign, { ...tests[0]!, source: HOME }].flatMap((packet) => peer.receive(packet, 0))).toEqual([]);
    const [update] = tests.flatMap((packet) => peer.receive(packet, 100));
    const [answer] = node.receive(update!, 100);
    const ba = answer!.message as BA;
    const wrong: readonly BA[] = [
      { ...ba, lifetime: 50 },
      { ...ba, options: mip6.padded(12, []) },
      { ...ba, sequence: (ba.sequence + 1) % 0x1_0000 },
      { ...ba, status: 135, sequence: 4000 },
    ];
    for (const message of wrong) expect(peer.receive({ ...answer!, message }, 200)).toEqual([]);
    expect([peer.state, peer.registered]).toEqual(['Updating', undefined]);
    // The correspondent has had it already: the repetition gets 135, and is answered with the next number.
    const [refusal] = node.receive(update!, 300);
    expect(refusal!.message).toMatchObject({ kind: 'BA', status: 135, sequence: ba.sequence });
    const [again] = peer.receive(refusal!, 400);
    expect(again!.message).toMatchObject({ kind: 'BU', sequence: ba.sequence + 1 });
    expect(peer.receive(node.receive(again!, 500)[0]!, 3400)).toEqual([]);
    expect([peer.state, peer.registered]).toEqual(['Optimized', CARE_OF[0]]);
    // 400 s from 400 ms on; three quarters of what is left at 3400 ms until the refresh.
    expect(peer.nextTimer).toBe(3400 + 397_000 * 0.75);
    peer.tick(peer.nextTimer!);
    for (let at = peer.nextTimer!; at < 400_400; at = peer.nextTimer!) peer.tick(at);
    expect([peer.registered, peer.nextTimer]).toEqual([undefined, undefined]);
  });

  test('a number that is far from what the correspondent has is made good with one round trip (section 11.7.3)', () => {
    const pair = new Pair(1);
    pair.go(CARE_OF[0]);
    pair.run(1000);
    const { sequence } = pair.node.bindings[0]!;
    // The mobile node has restarted with a number that is smaller.
    let calls = 0;
    const first = Uint8Array.of((sequence - 100) >> 8, sequence - 100);
    const random = (length: number): Uint8Array => ((calls += 1) === 1 ? first : new Uint8Array(length).fill(calls));
    const peer = new MobilePeer({ homeAddress: HOME, correspondent: CN, random, lifetime: 100 });
    const exchange = (packets: readonly MobilityPacket[]): readonly MobilityPacket[] =>
      packets.flatMap((packet) => pair.node.receive(packet, 2000)).flatMap((packet) => peer.receive(packet, 2000));
    const updates = exchange(peer.register(CARE_OF[1], 2000));
    const corrected = exchange(updates);
    expect(corrected[0]!.message).toMatchObject({ kind: 'BU', sequence: sequence + 1 });
    expect(exchange(corrected)).toEqual([]);
    expect([peer.registered, pair.node.routeTo(HOME)]).toEqual([CARE_OF[1], CARE_OF[1]]);
  });

  test('a correspondent that does not know the Mobility Header is not asked again (section 11.6.2)', () => {
    const pair = new Pair(1);
    pair.peer.register(CARE_OF[0], 0);
    pair.peer.parameterProblem(10);
    expect([pair.peer.state, pair.peer.nextTimer, pair.peer.register(CARE_OF[0], 20)]).toEqual(['Barred', undefined, []]);
  });

  test('whatever the network did: one that stays is reached on the direct path once it heals, one that is home leaves no binding; never more than 3 of a kind in a second', () => {
    const moves = fc.array(fc.record({ to: fc.nat(2), after: fc.integer({ min: 1, max: 100_000 }) }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(moves, fc.integer(), (all, seed) => {
        const pair = new Pair(seed);
        pair.healthy = false;
        for (const { to, after } of all) {
          pair.go([HOME, ...CARE_OF][to]!);
          pair.run(pair.now + after);
        }
        pair.run(pair.now + 8000);
        pair.healthy = true;
        if (pair.place === HOME) {
          pair.run(pair.now + 500_000);
          expect(pair.node.bindings).toEqual([]);
          expect(pair.peer.registered).toBeUndefined();
        } else {
          // Its first retransmissions, the slowest of them, and a trigger where it has given up.
          pair.run(pair.now + 40_000);
          pair.send(pair.peer.register(pair.place, pair.now));
          pair.run(pair.now + 40_000);
          expect([pair.peer.state, pair.peer.registered, pair.node.routeTo(HOME)]).toEqual(['Optimized', pair.place, pair.place]);
        }
        for (const kind of ['HoTI', 'CoTI', 'BU']) {
          const times = pair.sent.filter((each) => each.startsWith(`${kind} `)).map((each) => Number(each.split(' ')[1]));
          expect(times.every((at, i) => i < 3 || at - times[i - 3]! >= 1000)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
