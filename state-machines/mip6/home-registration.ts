/**
 * What a home agent holds of one home address, RFC 6275 sections 10.3 and 10.4: nothing, a Binding Update that waits for Duplicate Address Detection, a home
 * registration, or one that was taken back and whose sequence number still counts. Whether a Binding Update is authentic is asked of whoever owns the security
 * associations (section 5.1): the answer comes as the verdict.
 *
 * Deregistered is section 10.3.2's entry that is marked as invalid for MAX_DELETE_BCE_TIMEOUT. A deletion that is sent again in that time (its Binding
 * Acknowledgement was lost) is accepted again: the entry is still there. A mobile node that leaves again in that time is checked for uniqueness anew: nobody has
 * defended its address since.
 */
import { each, emit, forbid, goto, machine, owe, restart, start, stop } from '../machine.ts';
import type { On, Table } from '../machine.ts';

export type HomeRegistrationState = 'Unregistered' | 'Checking' | 'Registered' | 'Deregistered';

export interface HomeRegistrationContext {
  state: HomeRegistrationState;
}

/**
 * What sections 9.5.1 and 10.3 make of a Binding Update with H. `discarded`: not authentic, or wrong in a way that is met with silence; `sequence`: 135;
 * `typeChange`: 139; `notHomeSubnet`: 132; `refused`: whatever else the home agent has against it (128, 129, 130); `notRegistered`: a deletion of what is not
 * there, 133.
 */
export type HomeRegistrationVerdict = 'accepted' | 'discarded' | 'sequence' | 'typeChange' | 'notHomeSubnet' | 'refused' | 'notRegistered';

export type HomeRegistrationEvent =
  | { readonly type: 'receiveBindingUpdate'; readonly verdict: HomeRegistrationVerdict; readonly asks: 'cache' | 'delete' }
  | { readonly type: 'duplicateAddressDetection'; readonly address: 'unique' | 'duplicate' }
  | { readonly type: 'sendBindingAcknowledgement'; readonly status: 'success' | 'rejection' }
  | { readonly type: 'receiveNeighborSolicitation' }
  | { readonly type: 'sendNeighborAdvertisement' }
  | { readonly type: 'interceptPacket'; readonly destination: 'homeAddress' | 'linkLocal' }
  | { readonly type: 'sendTunneled' }
  | { readonly type: 'receiveTunneled'; readonly source: 'careOfAddress' | 'other' }
  | { readonly type: 'lifetimeExpired' }
  | { readonly type: 'prefixExpired' }
  | { readonly type: 'deletionTimeout' };

/** `deletion`: MAX_DELETE_BCE_TIMEOUT. */
export type HomeRegistrationTimer = 'lifetime' | 'deletion';

/**
 * `check`: Duplicate Address Detection for the addresses that L asks for, of the newest Binding Update; `abandon`: it is of no interest any more; `cache`: write
 * the entry, move the tunnel to its care-of address; `delete`: no more interception, no tunnel; `forget`: the rest of the entry goes; `advertise`: a Neighbor
 * Advertisement in the mobile node's place.
 */
export type HomeRegistrationEffect =
  | 'check'
  | 'abandon'
  | 'cache'
  | 'delete'
  | 'forget'
  | 'acknowledge'
  | 'advertise'
  | 'tunnel'
  | 'forward'
  | 'unreachable';

type Writer<E> = On<
  HomeRegistrationContext,
  E,
  HomeRegistrationEvent['type'],
  HomeRegistrationState,
  HomeRegistrationTimer,
  HomeRegistrationEffect
>;
type Update = Extract<HomeRegistrationEvent, { type: 'receiveBindingUpdate' }>;
type UpdateOutcome = ReturnType<Writer<Update>>;

/** A Binding Acknowledgement is due, whether A is set or not (section 10.3.1). */
const answer = (requirement: string) => [owe('sendBindingAcknowledgement', requirement), emit('acknowledge')] as const;

/** One cell for each state: what differs is what is accepted, and a deletion of nothing. */
const updateCell = (on: Writer<Update>, cache: UpdateOutcome, deletion: UpdateOutcome, notRegistered: UpdateOutcome) =>
  on.choose(
    (_, { verdict, asks }) => {
      if (verdict !== 'accepted') return verdict;
      return asks;
    },
    {
      discarded: on('9.5.1'),
      sequence: on('9.5.1', ...answer('RFC6275-9.5.1-12')),
      typeChange: on('9.5.1', ...answer('RFC6275-9.5.1-13')),
      notHomeSubnet: on('10.3.1', ...answer('RFC6275-10.3.1-6')),
      refused: on('10.3.1', ...answer('RFC6275-10.3.1-7')),
      notRegistered,
      cache,
      delete: deletion,
    },
  );

const table: Table<HomeRegistrationContext, HomeRegistrationEvent, HomeRegistrationState, HomeRegistrationTimer, HomeRegistrationEffect> = {
  receiveBindingUpdate: (on) => {
    const none = on('10.3.2', ...answer('RFC6275-10.3.2-3'));
    const isRegistered = on.impossible('there is an entry', '10.3.2');
    const nothing = on.impossible('a deletion of what is not there has status 133', '10.3.2');
    return {
      Unregistered: updateCell(on, on('10.3.1', emit('check'), goto('Checking')), nothing, none),
      // The newest counts. One that takes back what was never registered ends the wait.
      Checking: updateCell(
        on,
        on('10.3.1', emit('check')),
        nothing,
        on('10.3.2', emit('abandon'), ...answer('RFC6275-10.3.2-3'), goto('Unregistered')),
      ),
      Registered: updateCell(
        on,
        on('10.3.1', emit('cache'), restart('lifetime'), ...answer('RFC6275-10.3.1-22')),
        on('10.3.2', emit('delete'), stop('lifetime'), start('deletion'), ...answer('RFC6275-10.3.2-4'), goto('Deregistered')),
        isRegistered,
      ),
      Deregistered: updateCell(
        on,
        on('10.3.1', stop('deletion'), emit('check'), goto('Checking')),
        on('10.3.2', restart('deletion'), ...answer('RFC6275-10.3.2-4')),
        isRegistered,
      ),
    };
  },

  duplicateAddressDetection: (on) => ({
    Checking: on.choose((_, { address }) => address, {
      unique: on(
        '10.3.1',
        emit('cache'),
        start('lifetime'),
        owe('sendNeighborAdvertisement', 'RFC6275-10.4.1-2'),
        emit('advertise'),
        ...answer('RFC6275-10.3.1-22'),
        goto('Registered'),
      ),
      duplicate: on('10.3.1', ...answer('RFC6275-10.3.1-15'), goto('Unregistered')),
    }),
    ...each(['Unregistered', 'Registered', 'Deregistered'], on.impossible('no address is being checked', '10.3.1')),
  }),

  sendBindingAcknowledgement: (on) => ({
    Unregistered: on.choose((_, { status }) => status, {
      success: on.impossible('nothing is registered', '10.3.1'),
      rejection: on('10.3.1'),
    }),
    Checking: on.choose((_, { status }) => status, {
      success: on('10.3.1', forbid('RFC6275-10.3.1-14')),
      rejection: on('10.3.1'),
    }),
    Registered: on('10.3.1'),
    Deregistered: on('10.3.2'),
  }),

  receiveNeighborSolicitation: (on) => ({
    Registered: on('10.4.1', owe('sendNeighborAdvertisement', 'RFC6275-10.4.1-14'), emit('advertise')),
    ...each(['Unregistered', 'Checking', 'Deregistered'], on('10.4.1')),
  }),

  sendNeighborAdvertisement: (on) => ({
    Registered: on('10.4.1'),
    Deregistered: on('10.3.2', forbid('RFC6275-10.3.2-11')),
    ...each(['Unregistered', 'Checking'], on.impossible('it does not serve the mobile node', '10.4.1')),
  }),

  interceptPacket: (on) => ({
    Registered: on.choose((_, { destination }) => destination, {
      homeAddress: on('10.4.2', owe('sendTunneled', 'RFC6275-10.4.2-1'), emit('tunnel')),
      // Discarded, and its sender told (RFC6275-10.4.2-2 and -3).
      linkLocal: on('10.4.2', emit('unreachable')),
    }),
    ...each(['Unregistered', 'Checking', 'Deregistered'], on('10.4.1')),
  }),

  sendTunneled: (on) => ({
    Registered: on('10.4.2'),
    Deregistered: on('10.3.2', forbid('RFC6275-10.3.2-11')),
    ...each(['Unregistered', 'Checking'], on.impossible('no care-of address is registered', '10.4.2')),
  }),

  receiveTunneled: (on) => ({
    Registered: on.choose((_, { source }) => source, {
      careOfAddress: on('10.4.5', emit('forward')),
      other: on('10.4.5'),
    }),
    ...each(['Unregistered', 'Checking', 'Deregistered'], on('10.4.5')),
  }),

  lifetimeExpired: (on) => ({
    Registered: on('9.6', emit('delete'), emit('forget'), goto('Unregistered')),
    ...each(['Unregistered', 'Checking', 'Deregistered'], on.impossible('a registration alone has a lifetime', '9.6')),
  }),

  // The valid lifetime of the prefix of the home address.
  prefixExpired: (on) => ({
    Registered: on('10.3.1', emit('delete'), emit('forget'), stop('lifetime'), goto('Unregistered')),
    Checking: on('10.3.1', emit('abandon'), goto('Unregistered')),
    ...each(['Unregistered', 'Deregistered'], on('10.3.1')),
  }),

  deletionTimeout: (on) => ({
    Deregistered: on('10.3.2', emit('forget'), goto('Unregistered')),
    ...each(['Unregistered', 'Checking', 'Registered'], on.impossible('nothing was taken back', '10.3.2')),
  }),
};

/** `step(homeRegistrationMachine, entry, { type: 'receiveBindingUpdate', verdict: 'accepted', asks: 'cache' })` leaves `entry` Checking. */
export const homeRegistrationMachine = machine<
  HomeRegistrationContext,
  HomeRegistrationEvent,
  HomeRegistrationState,
  HomeRegistrationTimer,
  HomeRegistrationEffect
>({
  name: 'mip6-home-registration',
  rfc: 6275,
  section: '10',
  summary: 'What a home agent holds of one home address: nothing, a check for uniqueness, a registration, or one that was taken back.',
  initial: 'Unregistered',
  states: ['Unregistered', 'Checking', 'Registered', 'Deregistered'],
  words: {
    receiveBindingUpdate: 'receives a Binding Update with H',
    duplicateAddressDetection: 'Duplicate Address Detection has ended',
    sendBindingAcknowledgement: 'sends a Binding Acknowledgement',
    receiveNeighborSolicitation: 'receives a Neighbor Solicitation for an address of the mobile node',
    sendNeighborAdvertisement: "sends a Neighbor Advertisement in the mobile node's place",
    interceptPacket: 'a packet for the mobile node comes by the home link',
    sendTunneled: 'sends a packet through the tunnel to the mobile node',
    receiveTunneled: 'receives a packet through the tunnel from the mobile node',
    lifetimeExpired: "the registration's lifetime has passed",
    prefixExpired: 'the prefix of the home address is valid no longer',
    deletionTimeout: 'MAX_DELETE_BCE_TIMEOUT has passed since the deletion',
  },
  table,
});

/** A home address that is not registered. @example step(homeRegistrationMachine, newHomeRegistrationContext(), { type: 'receiveNeighborSolicitation' }) */
export const newHomeRegistrationContext = (): HomeRegistrationContext => ({ state: 'Unregistered' });
