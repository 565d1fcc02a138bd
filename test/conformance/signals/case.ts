/** What a case of a check is, and the options and exchanges that the cases are made of. */
import type { AddAddr, AddAddrV1, MptcpOption } from '../../../codecs/mptcp/index.ts';
import { parseAddress } from '../../../codecs/packet/index.ts';
import { Talk } from '../../arbitraries/conversation.ts';
import type { HostName, Path, Setup } from '../../arbitraries/conversation.ts';

export const octets = (text: string): Uint8Array => parseAddress(text)!;
export const echo = (option: AddAddr): AddAddrV1 => {
  const { addressId, address, port } = option;
  return { kind: 'ADD_ADDR', version: 1, echo: true, addressId, address, ...(port !== undefined && { port }), reserved: 0 };
};
export const fastclose = (talk: Talk, to: HostName, changed: object = {}): MptcpOption => ({
  kind: 'MP_FASTCLOSE',
  receiverKey: talk.keys[to],
  reserved: 0,
  ...changed,
});
export const prio = (changed: object = {}): MptcpOption => ({ kind: 'MP_PRIO', backup: true, reserved: 0, ...changed });
export const remove = (...addressIds: number[]): MptcpOption => ({ kind: 'REMOVE_ADDR', addressIds, reserved: 0 });
export const tcprst = (changed: object = {}): MptcpOption => ({ kind: 'MP_TCPRST', transient: false, reason: 0, reserved: 0, ...changed });

/** An address is announced and echoed. */
export const announce = (path: Path, host: HostName, option: AddAddr): void => {
  path.signal(host, [option]);
  path.signal(host === 'a' ? 'b' : 'a', [echo(option)]);
};

/** Both hosts go on for a while. */
export const goOn = (path: Path, after = 10): void => {
  for (let i = 0; i < 3; i += 1) {
    path.data('a', 50, { after });
    path.ack('b');
    path.data('b', 50);
    path.ack('a');
  }
};

/** What happens between an established connection and its close; gives the frame that breaks the rule. */
export type Script = (talk: Talk, first: Path) => number | void;

export interface Case {
  readonly id: string;
  readonly says: string;
  /** Whom the verdict is about. */
  readonly host: HostName;
  readonly verdict: 'fail' | 'warn';
  readonly kept: Script;
  readonly broken: Script;
  readonly setup?: Setup;
  /** The connection is not closed with DATA_FINs afterwards. */
  readonly open?: true;
}

export const B2 = '10.0.9.2';
export const second = { addresses: ['10.0.2.1', B2], ids: [1, 1] } as const;

/** The conversation of a case, and the frame that its script gives. */
export const run = ({ setup, open }: Case, script: Script): { readonly talk: Talk; readonly frame: number } => {
  const talk = new Talk(setup);
  const frame = script(talk, talk.established()) ?? 0;
  if (open !== true) {
    const { first } = talk;
    first.dataFin('a');
    first.dataFin('b');
    first.ack('a');
    first.finish();
  }
  return { talk, frame };
};
