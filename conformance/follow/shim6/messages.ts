/** The messages that following shim6 tells apart, by their kinds. */
import type { Shim6Message } from '../../../codecs/shim6/index.ts';

/** A message of one kind. */
export type MessageOf<K extends Shim6Message['kind']> = Extract<Shim6Message, { readonly kind: K }>;
export type I1 = MessageOf<'I1'>;
export type R1 = MessageOf<'R1'>;
export type I2 = MessageOf<'I2'>;
export type R2 = MessageOf<'R2'>;
export type R1bis = MessageOf<'R1bis'>;
export type I2bis = MessageOf<'I2bis'>;
export type UpdateRequest = MessageOf<'UpdateRequest'>;
export type UpdateAck = MessageOf<'UpdateAck'>;
export type Keepalive = MessageOf<'Keepalive'>;
export type Probe = MessageOf<'Probe'>;
export type ErrorMessage = MessageOf<'Error'>;
export type PayloadExtension = MessageOf<'PayloadExtension'>;
export type ControlMessage = Exclude<Shim6Message, PayloadExtension>;
/** Whatever has options. */
export type WithOptions = Exclude<ControlMessage, ErrorMessage | MessageOf<'Unknown'>>;
