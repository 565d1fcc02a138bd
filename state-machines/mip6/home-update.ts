/** What a home agent makes of one Binding Update with H, and how it answers: RFC 6275 sections 9.5.1, 9.5.4, 10.3.1 and 10.3.2. */
import { equalBytes } from '../../codecs/bytes.ts';
import { BINDING_STATUS, fixedOctets, padded, plainBindingAcknowledgement } from '../../codecs/mip6/index.ts';
import type { BU, MobilityOption } from '../../codecs/mip6/index.ts';
import { isUnicastRoutable } from './address.ts';
import { careOfAddressOf } from './correspondent.ts';
import type { HomeRegistrationState, HomeRegistrationVerdict } from './home-registration.ts';
import type { MobilityPacket } from './packets.ts';
import { isGreater } from './sequence.ts';

/** A Binding Update that was or is to be answered. */
export interface HomeUpdate {
  readonly packet: MobilityPacket;
  readonly update: BU;
}

/** What was made of it. */
export interface JudgedHomeUpdate {
  readonly verdict: HomeRegistrationVerdict;
  readonly status: number;
}

/** What the home agent knows besides. */
export interface HomeKnowledge {
  readonly state: HomeRegistrationState;
  /** The last sequence number; undefined where there is no entry. */
  readonly sequence: number | undefined;
  readonly authentic: boolean;
  /** There is a binding of a correspondent registration. */
  readonly isCorrespondent: boolean;
  readonly isOnLink: boolean;
  readonly isServed: boolean;
  readonly hasRoom: boolean;
}

/** The home address that it is for. */
export const homeAddressOf = ({ packet }: HomeUpdate): Uint8Array => packet.homeAddress ?? packet.source;

/** Lifetime 0 and the home address as care-of address both mean a deletion (section 9.5.1). */
export const whatIsAsked = (request: HomeUpdate): 'cache' | 'delete' => {
  const careOfAddress = careOfAddressOf(request.packet, request.update);
  return request.update.lifetime === 0 || equalBytes(careOfAddress, homeAddressOf(request)) ? 'delete' : 'cache';
};

const because = (verdict: HomeRegistrationVerdict, status: number): JudgedHomeUpdate => ({ verdict, status });

/** The tests of sections 9.5.1, 10.3.1 and 10.3.2, in their order. */
export const judgeHomeUpdate = (request: HomeUpdate, known: HomeKnowledge): JudgedHomeUpdate => {
  const { packet, update } = request;
  const { state, sequence } = known;
  const asks = whatIsAsked(request);
  const addresses = [packet.source, homeAddressOf(request), careOfAddressOf(packet, update)];
  if (!addresses.every(isUnicastRoutable) || !known.authentic) return because('discarded', 0);
  if (update.options?.some(({ kind }) => kind === 'NonceIndices') === true) return because('discarded', 0);
  // A registration needs the option (section 10.3.1); a deletion from home may omit it (section 10.3.2).
  if (packet.homeAddress === undefined && asks === 'cache') return because('discarded', 0);
  // What waits for Duplicate Address Detection may come twice.
  const isRepeated = state === 'Checking' && update.sequence === sequence;
  if (sequence !== undefined && !isRepeated && !isGreater(update.sequence, sequence))
    return because('sequence', BINDING_STATUS.sequenceNumberOutOfWindow);
  if (known.isCorrespondent) return because('typeChange', BINDING_STATUS.registrationTypeChangeDisallowed);
  if (!known.isOnLink) return because('notHomeSubnet', BINDING_STATUS.notHomeSubnet);
  if (asks === 'delete') {
    const isKnown = state === 'Registered' || state === 'Deregistered';
    return isKnown ? because('accepted', 0) : because('notRegistered', BINDING_STATUS.notHomeAgentForThisMobileNode);
  }
  if (!known.isServed) return because('refused', BINDING_STATUS.administrativelyProhibited);
  return known.hasRoom ? because('accepted', 0) : because('refused', BINDING_STATUS.insufficientResources);
};

/** What an acknowledgement says besides: numbers in units of 4 s. */
export interface HomeAnswer {
  readonly homeAgent: Uint8Array;
  readonly status: number;
  readonly sequence: number;
  readonly lifetime: number;
  /** Refresh Interval: left out unless it is shorter than the lifetime (section 10.3.1). */
  readonly refreshAdvice: number;
}

/** The Binding Acknowledgement: to where the Binding Update came from, through a routing header if that was not the home address (section 9.5.4). */
export const homeAcknowledgement = (
  { packet }: HomeUpdate,
  { homeAgent, status, sequence, lifetime, refreshAdvice }: HomeAnswer,
): MobilityPacket => {
  const isAdvised = refreshAdvice > 0 && refreshAdvice < lifetime;
  const advice: readonly MobilityOption[] = isAdvised ? [{ kind: 'BindingRefreshAdvice', refreshInterval: refreshAdvice }] : [];
  return {
    source: homeAgent,
    destination: packet.source,
    ...(packet.homeAddress !== undefined && { routingHeader: packet.homeAddress }),
    message: { ...plainBindingAcknowledgement, status, sequence, lifetime, options: padded(fixedOctets('BA'), advice) },
  };
};
