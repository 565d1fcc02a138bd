/** Binding Authorization Data, RFC 6275 section 6.2.7: the last option of a message, which shows that its sender may bind. */
import { decoded } from '../decoded.ts';
import type { MobilityOptionCodec } from './option-codec.ts';

/**
 * BindingAuthorizationData.
 *
 *    |    Type = 5   | Option Length |  Authenticator
 */
export interface BindingAuthorizationData {
  readonly kind: 'BindingAuthorizationData';
  /** 12 octets by return routability (`authorization.ts`); other procedures may have another length. */
  readonly authenticator: Uint8Array;
}

export const bindingAuthorizationData: MobilityOptionCodec<BindingAuthorizationData> = {
  kind: 'BindingAuthorizationData',
  type: 5,
  section: 'RFC 6275 section 6.2.7',
  alignment: { every: 8, offset: 2 },
  decode: (data) => decoded({ kind: 'BindingAuthorizationData', authenticator: data }),
  encode: ({ authenticator }) => authenticator,
};
