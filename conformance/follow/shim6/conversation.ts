/** A shim6 context in the report: hosts, tags, locators, states, and the pairs in use over time. */
import { VERIFICATION_METHOD } from '../../../codecs/cga/index.ts';
import { idsDecidedBy } from '../../requirements/index.ts';
import type { Shim6Conversation, Shim6HostReport } from '../../report/report.ts';
import type { Account } from '../account.ts';
import type { Context, End, Index } from './context.ts';
import { hexOf, textOf } from './sight.ts';

const methodOf = (method: number): string | null => {
  if (method === VERIFICATION_METHOD.hba) return 'HBA';
  return method === VERIFICATION_METHOD.cga ? 'CGA' : String(method);
};

const locatorsOf = (end: End): Shim6HostReport['locators'] => {
  const { list } = end;
  if (list === undefined) return Array.from(end.addresses, (address) => ({ address: textOf(address), method: null }));
  return list.addresses.map((address, i) => ({
    address: textOf(address),
    method: methodOf(list.list.locators[i]!.verificationMethod),
  }));
};

const hostReport = (context: Context, host: Index): Shim6HostReport => {
  const end = context.ends[host];
  return {
    role: context.initiator === undefined ? null : context.initiator === host ? 'initiator' : 'responder',
    ulids: end.ulid === undefined ? [] : [textOf(end.ulid)],
    contextTags: end.tags.map((tag) => hexOf(tag, 12).slice(2)),
    locators: locatorsOf(end),
    state: end.state,
  };
};

const conversationOf = (context: Context, id: string): Shim6Conversation => ({
  id,
  protocol: 'shim6',
  hosts: { a: hostReport(context, 0), b: hostReport(context, 1) },
  paths: Array.from(context.paths.values(), ({ from, source, destination, frames, firstFrame, lastFrame, payload }) => ({
    from: from === 0 ? 'a' : 'b',
    source: textOf(source),
    destination: textOf(destination),
    frames,
    firstFrame,
    lastFrame,
    payload,
  })),
});

/** The account of a context that is over. */
export const accountOf = (context: Context): Account => {
  const [first] = context.paths.values();
  return {
    protocol: 'shim6',
    ledger: context.ledger,
    standing: 'conversation',
    flow: first && `[${textOf(first.source)}] > [${textOf(first.destination)}]`,
    idsOf: (id) => idsDecidedBy(id),
    conversation: (id) => conversationOf(context, id),
  };
};
