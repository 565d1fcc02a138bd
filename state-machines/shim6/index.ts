/** shim6, RFC 5533: the machine of a context, its constants, and a host that runs it with REAP: `polypath/state-machines/shim6`. */
export * from './constants.ts';
export * from './context.ts';
export { Shim6Host, type ContextView } from './host.ts';
export {
  announceLocators,
  locatorOptions,
  verifyPeer,
  type LocalLocator,
  type LocalLocators,
  type PeerLocators,
  type PeerVerdict,
  type Verification,
  type VerifySignature,
} from './locators.ts';
export { icmpErrorForUlp, icmpErrorOf, withLocators, withUlids, type AddressPair, type IcmpError } from './payload.ts';
export * from './policies.ts';
export type { ContextIdentity, Shim6Output, Shim6Settings } from './settings.ts';
export { Secrets, type Validated } from './validator.ts';
