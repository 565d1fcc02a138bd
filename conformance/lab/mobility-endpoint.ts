/**
 * The ends of a communication that the lab compares: a mobile node of Mobile IPv6 (RFC 6275), a host that speaks shim6 and has other locators wherever it goes
 * (RFC 5533), a MipShim6 host, and those that stay: a correspondent node, a shim6 host, and a host that knows nothing of all this. All look the same from outside.
 */
import { VERIFICATION_METHOD } from '../../codecs/cga/index.ts';
import { decodeIpv6, encodeIpv6 } from '../../codecs/packet/index.ts';
import { CorrespondentHost, MobileNode } from '../../state-machines/mip6/index.ts';
import type { MobileNodeOutput, Payload } from '../../state-machines/mip6/index.ts';
import { MipShim6Host } from '../../state-machines/mipshim6/index.ts';
import type { MipShim6Home, MipShim6Output } from '../../state-machines/mipshim6/index.ts';
import { defaultExploration } from '../../state-machines/reap/index.ts';
import { Shim6Host } from '../../state-machines/shim6/index.ts';
import type { LocalLocator, LocalLocators, Shim6Output, Shim6Settings } from '../../state-machines/shim6/index.ts';

/** What an end says: packets, data for its upper layer, that data takes another path, and that its home link now knows its address as its own. */
export type EndpointOutput =
  | { readonly type: 'send'; readonly packet: Uint8Array }
  | { readonly type: 'deliver'; readonly payload: Payload }
  | { readonly type: 'pathChanged' }
  | { readonly type: 'advertise'; readonly homeAddress: Uint8Array };

/** An end. Data goes between identifiers: home addresses, ULIDs. */
export interface Endpoint {
  readonly nextTimer: number | undefined;
  receive(packet: Uint8Array, now: number): readonly EndpointOutput[];
  tick(now: number): readonly EndpointOutput[];
  send(payload: Payload, now: number): readonly EndpointOutput[];
  /** Whatever has to be set up before data is exchanged. */
  connect(own: Uint8Array, peer: Uint8Array, now: number): readonly EndpointOutput[];
  /** On foreign links, at these addresses; at home where there is none. */
  attach(careOfAddresses: readonly Uint8Array[], now: number): readonly EndpointOutput[];
}

/** What the ends of the lab are made with. */
export interface EndpointSettings {
  readonly homes: readonly MipShim6Home[];
  readonly announce: (locators: readonly LocalLocator[]) => LocalLocators;
  readonly verifySignature: NonNullable<Shim6Settings['verifySignature']>;
  readonly random: (octets: number) => Uint8Array;
  /** In ms. */
  readonly sendTimeout: number;
  readonly movementTime: number;
  /** Of MipShim6: whether care-of addresses are told. */
  readonly isDirect: boolean;
}

const LINK_LAYER_ADDRESS = Uint8Array.of(2, 0, 0, 0, 2, 0);
/** Of home registrations, in units of 4 s. */
const LIFETIME = 60;

const ofShim6 = (outputs: readonly (Shim6Output | MipShim6Output)[]): readonly EndpointOutput[] =>
  outputs.flatMap((output): readonly EndpointOutput[] => {
    switch (output.type) {
      case 'send':
        return [{ type: 'send', packet: output.packet instanceof Uint8Array ? output.packet : encodeIpv6(output.packet) }];
      case 'deliver': {
        const { source, destination, protocol, payload } = output.packet;
        return [{ type: 'deliver', payload: { source, destination, protocol, payload } }];
      }
      case 'pathChanged':
        return [{ type: 'pathChanged' }];
      default:
        return [];
    }
  });

const ofMobileNode = (outputs: readonly MobileNodeOutput[], homeAddress: Uint8Array): readonly EndpointOutput[] =>
  outputs.flatMap((output): readonly EndpointOutput[] => {
    if (output.type === 'send') return [output];
    if (output.type === 'deliver') return [{ type: 'deliver', payload: output }];
    return output.type === 'advertise' ? [{ type: 'advertise', homeAddress }] : [];
  });

const ofCorrespondent = (outputs: ReturnType<CorrespondentHost['receive']>): readonly EndpointOutput[] =>
  outputs.map((output) => (output.type === 'send' ? output : { type: 'deliver', payload: output }));

/** A mobile node. @example mobileIpv6(settings).attach([careOfAddress], now) */
export const mobileIpv6 = ({ homes, random }: EndpointSettings): Endpoint => {
  const [{ homeAddress, homeAgents }] = homes as readonly [MipShim6Home];
  const node = new MobileNode({
    homeAddress,
    homeAgents,
    lifetime: LIFETIME,
    linkLayerAddress: LINK_LAYER_ADDRESS,
    random,
    authentic: () => true,
  });
  const said = (outputs: readonly MobileNodeOutput[]): readonly EndpointOutput[] => ofMobileNode(outputs, homeAddress);
  return {
    get nextTimer() {
      return node.nextTimer;
    },
    receive: (packet, now) => said(node.receive(packet, now)),
    tick: (now) => said(node.tick(now)),
    send: (payload, now) => said(node.send(payload, now)),
    connect: () => [],
    attach: ([primary, ...others], now) => said(primary === undefined ? node.returnHome(now) : node.attach(primary, now, others)),
  };
};

/** A shim6 host in the lab; `attach` says what it does where its addresses change. */
const endpointOf = (host: Shim6Host, attach: Endpoint['attach']): Endpoint => ({
  get nextTimer() {
    return host.nextTimer;
  },
  receive: (packet, now) => {
    const read = decodeIpv6(packet);
    return read.ok ? ofShim6(host.receive(read.value, now)) : [];
  },
  tick: (now) => ofShim6(host.tick(now)),
  send: (payload, now) => ofShim6(host.send(payload, now)),
  connect: (own, peer, now) => ofShim6(host.establish(own, peer, now)),
  attach,
});

/** A host that speaks shim6 alone: where it goes its addresses are others, and the first one stays its ULID. */
export const shim6Alone = ({ homes, announce, verifySignature, random, sendTimeout }: EndpointSettings): Endpoint => {
  const [{ homeAddress, parameters }] = homes as readonly [MipShim6Home];
  const verificationMethod = VERIFICATION_METHOD.cga;
  const ulid = { locator: homeAddress, verificationMethod, parameters };
  const setOf = (careOfAddresses: readonly Uint8Array[]): LocalLocators =>
    careOfAddresses.length === 0
      ? announce([ulid])
      : { ...announce(careOfAddresses.map((locator) => ({ locator, verificationMethod }))), former: [ulid] };
  const exploration = { ...defaultExploration, order: 'preferred' } as const;
  const host = new Shim6Host({ local: setOf([]), random, verifySignature, sendTimeout, exploration });
  return endpointOf(host, (careOfAddresses, now) => ofShim6(host.setLocators(setOf(careOfAddresses), now)));
};

/** A MipShim6 host. */
export const mipShim6 = (settings: EndpointSettings): Endpoint => {
  const { homes, announce, random, verifySignature, sendTimeout, movementTime, isDirect } = settings;
  const host = new MipShim6Host({
    homes,
    announce,
    lifetime: LIFETIME,
    linkLayerAddress: LINK_LAYER_ADDRESS,
    random,
    authentic: () => true,
    shim6: { verifySignature },
    sendTimeout,
    movementTime,
    isDirect,
  });
  const said = (outputs: readonly MipShim6Output[]): readonly EndpointOutput[] =>
    outputs.flatMap((output): readonly EndpointOutput[] => {
      if (output.type !== 'mobility') return ofShim6([output]);
      return output.output.type === 'advertise' ? [{ type: 'advertise', homeAddress: homes[output.home]!.homeAddress }] : [];
    });
  return {
    get nextTimer() {
      return host.nextTimer;
    },
    receive: (packet, now) => said(host.receive(packet, now)),
    tick: (now) => said(host.tick(now)),
    send: (payload, now) => said(host.send(payload, now)),
    connect: (own, peer, now) => said(host.establish(own, peer, now)),
    attach: ([primary, ...others], now) => said(primary === undefined ? host.returnHome(now) : host.attach([primary, ...others], now)),
  };
};

/** A correspondent node that stays where it is. */
export const correspondent = (address: Uint8Array, random: (octets: number) => Uint8Array): Endpoint => {
  const host = new CorrespondentHost({ address, random });
  return {
    get nextTimer() {
      return host.nextTimer;
    },
    receive: (packet, now) => ofCorrespondent(host.receive(packet, now)),
    tick: (now) => ofCorrespondent(host.tick(now)),
    send: (payload) => ofCorrespondent(host.send(payload)),
    connect: () => [],
    attach: () => [],
  };
};

/** A shim6 host that stays where it is, with one locator. */
export const shim6Peer = (
  address: Uint8Array,
  { verifySignature, random, sendTimeout }: Pick<EndpointSettings, 'verifySignature' | 'random' | 'sendTimeout'>,
): Endpoint => {
  const exploration = { ...defaultExploration, order: 'preferred' } as const;
  const host = new Shim6Host({
    local: { generation: 0, locators: [{ locator: address }] },
    random,
    verifySignature,
    sendTimeout,
    exploration,
  });
  return endpointOf(host, () => []);
};

/** A host that knows neither protocol: packets in, packets out. */
export const plainPeer = (): Endpoint => ({
  nextTimer: undefined,
  receive: (packet) => {
    const read = decodeIpv6(packet);
    if (!read.ok || read.value.headers.length > 0) return [];
    const { source, destination, protocol, payload } = read.value;
    return [{ type: 'deliver', payload: { source, destination, protocol, payload } }];
  },
  tick: () => [],
  send: (payload) => [{ type: 'send', packet: encodeIpv6(payload) }],
  connect: () => [],
  attach: () => [],
});
