/** What a shim6 context is fed with, and what comes of it: the types of the table in `context.ts` (RFC 5533 sections 6 to 12). */

export type Shim6State = 'IDLE' | 'I1-SENT' | 'I2-SENT' | 'I2BIS-SENT' | 'ESTABLISHED' | 'E-FAILED' | 'NO-SUPPORT';

export interface Shim6Context {
  state: Shim6State;
  /** How often the I1 has been sent again since the exchange began. */
  i1Retries: number;
  /** How often the I2 or I2bis has been sent again. */
  retries: number;
}

/**
 * What is made of a message that tells the peer's locators. `discarded`: an old nonce, a validator that is not this host's, CGA Parameters that are not the
 * ULID's, a source that is no locator of the peer. `unverified`: its locator list does not verify.
 */
export type LocatorVerdict = 'valid' | 'discarded' | 'unverified';

/** The addresses of a message that names a context by its tag: whether they are in Ls(peer) and Ls(local). Where the peer's are not known: `known`. */
export type Addresses = 'known' | 'stale';

export type Shim6Event =
  | {
      readonly type: 'receiveI1';
      /** The Initiator Context Tag, beside CT(peer). */
      readonly tag: 'matching' | 'other';
      /** Whether the source is in Ls(peer). */
      readonly addresses: Addresses;
    }
  | { readonly type: 'receiveR1' }
  | { readonly type: 'receiveI2'; readonly verdict: LocatorVerdict }
  | { readonly type: 'receiveR2'; readonly verdict: LocatorVerdict }
  | { readonly type: 'receiveR1bis' }
  | { readonly type: 'receiveI2bis'; readonly verdict: LocatorVerdict }
  | {
      readonly type: 'receiveUpdateRequest';
      readonly addresses: Addresses;
      /** `generation`: the preferences are about another list; `elements`: there are more or fewer of them than locators. */
      readonly verdict: LocatorVerdict | 'generation' | 'elements';
    }
  | { readonly type: 'receiveUpdateAck'; readonly addresses: Addresses; readonly nonce: 'matching' | 'other' }
  | { readonly type: 'receiveReap'; readonly addresses: Addresses }
  | { readonly type: 'receivePayloadExtension' }
  | { readonly type: 'receivePayload' }
  | { readonly type: 'receiveError' }
  | { readonly type: 'receiveUnknownType' }
  | { readonly type: 'receiveUnknownCriticalOption' }
  | {
      readonly type: 'receiveIcmp';
      /** `nextHeader`: parameter problem, code 1, for the I1 that was just sent; `path`: one of those that shim6 is to process (section 8). */
      readonly error: 'nextHeader' | 'path' | 'other';
      /** What the packet in error carried. */
      readonly of: 'control' | 'payload';
    }
  | { readonly type: 'sendI1' }
  | { readonly type: 'sendR1' }
  | { readonly type: 'sendI2' }
  | { readonly type: 'sendR2' }
  | { readonly type: 'sendR1bis' }
  | { readonly type: 'sendI2bis' }
  | { readonly type: 'sendUpdateRequest' }
  | { readonly type: 'sendUpdateAck' }
  | { readonly type: 'sendReap' }
  | { readonly type: 'sendError' }
  | {
      readonly type: 'sendPayload';
      /** As it is, between the ULIDs; or behind a Payload Extension header, to a locator that has been verified or has not. */
      readonly route: 'ulids' | 'verified' | 'unverified';
    }
  | { readonly type: 'establish' }
  | {
      readonly type: 'locatorsChanged';
      /** Whether an Update Request has not been acknowledged yet. */
      readonly outstanding: boolean;
    }
  | { readonly type: 'confusion'; readonly inUse: boolean }
  | { readonly type: 'tearDown' }
  | { readonly type: 'retransmissionTimeout' }
  | { readonly type: 'updateTimeout' }
  | { readonly type: 'holddownTimeout' }
  | { readonly type: 'idleTimeout'; readonly used: boolean };

export type Shim6Timer = 'retransmission' | 'update' | 'holddown' | 'idle';

/**
 * Send the message of that name. `allocate`: a Context Tag and an Initiator Nonce for this end. `learn`: CT(peer) and Ls(peer) are those of the message.
 * `record`: Ls(peer) or its preferences are those of the update. `announce`: the peer is to be told of this end's locators what it does not know yet.
 * `updated`: the peer has the update. `deliver`: to the upper layer. `reap`: to REAP. `suspect`: REAP is to doubt the pair in use. `deliverIcmp`: to the upper
 * layer, as if the shim did not exist. `report`: an Error message, to whoever looks after the host. `forgetPeer`: CT(peer) and Ls(peer) count no more.
 * `discard`: all that is known goes but the ULID pair, and with IDLE that, too.
 */
export type Shim6Effect =
  | 'i1'
  | 'r1'
  | 'i2'
  | 'r2'
  | 'r1bis'
  | 'i2bis'
  | 'updateRequest'
  | 'updateAck'
  | 'errorUnknownType'
  | 'errorCriticalOption'
  | 'errorVerification'
  | 'errorGeneration'
  | 'errorElements'
  | 'allocate'
  | 'learn'
  | 'record'
  | 'announce'
  | 'updated'
  | 'deliver'
  | 'reap'
  | 'suspect'
  | 'deliverIcmp'
  | 'report'
  | 'forgetPeer'
  | 'discard';
