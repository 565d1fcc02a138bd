/** Address IDs and what they stand for, as far as a capture shows it: RFC 8684 sections 3.2, 3.4.1 and 3.4.2. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { formatAddress } from '../../../codecs/packet/address.ts';
import { endpointText, other } from './model.ts';
import type { Connection, Flow, Index, KnownAddress } from './model.ts';

/** The Address ID of a host on a subflow: 0 on the first (section 3.2, l.1093), what its MP_JOIN says on others. Undefined where that was not seen. */
export const addressIdOf = (flow: Flow, host: Index): number | undefined => {
  if (flow.kind === 'initial') return 0;
  const { join } = flow;
  if (join === undefined) return undefined;
  if (flow.sideOf(host) === 0) return join.synFrame > 0 ? join.openerAddressId : undefined;
  return join.synAckFrame > 0 ? join.acceptorAddressId : undefined;
};

/** Whether an address was seen in IP headers, or is only what its host calls it: a NAT may stand between the two. */
export const isObserved = ({ by }: KnownAddress): boolean => by !== 'ADD_ADDR';

/** Whether an ADD_ADDR is one that its receiver was to heed: nobody but the host itself can have made it, as far as is known. */
export const isGenuine = ({ announced }: KnownAddress): boolean =>
  announced === undefined || (announced.hmac !== 'wrong' && announced.hmac !== 'leftmost' && announced.hmac !== 'absent');

/** @example addressText(Uint8Array.of(10, 0, 0, 1)) // '10.0.0.1' */
export const addressText = (address: Uint8Array): string => formatAddress(address, 0, address.length === 4 ? 4 : 6);

/** Address and, where there is one, port. @example endpointOf({ address, port: undefined }) // '10.0.0.1' */
export const endpointOf = ({ address, port }: { readonly address: Uint8Array; readonly port?: number | undefined }): string =>
  port === undefined ? addressText(address) : endpointText(address, port);

/** Whether packets of a host come from this address in the capture: then no NAT stands between the host and the capture that changes it. */
export const isOnTheWire = (connection: Connection, host: Index, address: Uint8Array): boolean =>
  connection.flows.some((flow) => equalBytes(flow.addressOf(flow.sideOf(host)), address));

/** Whether something shows that a NAT changes addresses of this host before they are captured: an Address ID that it calls by another address. */
export const hasNat = (connection: Connection, host: Index): boolean => {
  const { addresses } = connection.hosts[host];
  return addresses.some(
    (each) =>
      each.by === 'ADD_ADDR' &&
      isGenuine(each) &&
      !isOnTheWire(connection, host, each.address) &&
      addresses.some((seen) => isObserved(seen) && seen.id === each.id && !equalBytes(seen.address, each.address)),
  );
};

/**
 * What a host's Address ID stood for already when it came with another address; undefined where there is no conflict. An Address ID that
 * was removed before is free again.
 */
export const conflictOf = (connection: Connection, host: Index, id: number, address: Uint8Array, frame: number): KnownAddress | undefined =>
  connection.hosts[host].addresses.find(
    (each) =>
      each.id === id && !equalBytes(each.address, address) && (each.removedFrame === 0 || each.removedFrame > frame) && isGenuine(each),
  );

/**
 * Whether packets that may matter are missing: the start, octets that were acknowledged and never seen, data that was acknowledged and must
 * have travelled on a subflow elsewhere. Said at the moment: what is merely late does not count.
 */
export const isPartial = (connection: Connection): boolean =>
  !connection.fromStart || lacksData(connection, 0) || lacksData(connection, 1) || connection.flows.some(lacksOctets);

const lacksData = (connection: Connection, host: Index): boolean => {
  const { mapped, dataFin, sentEnd } = connection.hosts[host];
  const acker = other(host);
  if (connection.fallbackFrame > 0 || mapped === undefined) return false;
  const end = Math.max(sentEnd, dataFin + 1);
  return connection.hosts[acker].dataAck > mapped.next + (dataFin >= 0 ? 1 : 0) || connection.premature[acker].some(({ ack }) => ack > end);
};

const lacksOctets = (flow: Flow): boolean =>
  flow.kind !== 'syn' && flow.ends.some((end) => end.known && end.acked > end.seen.next + (end.finAt >= 0 ? 1 : 0));
