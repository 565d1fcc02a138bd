/** What RFC 6275 section 9 says of a correspondent node, event by event. See expectations.ts for how to read it. */
import { readExpectations } from './expectations.ts';

/** Fields that do not matter to a line take each of their values. */
const any = (line: string, ...fields: readonly (readonly string[])[]): string =>
  fields
    .reduce<readonly string[]>((heads, values) => heads.flatMap((head) => values.map((value) => head.replace('*', value))), [line])
    .join('\n');

const asks = ['asks=cache', 'asks=delete'];
const acknowledge = ['acknowledge=true', 'acknowledge=false'];
const verdict = (name: string, rest: string): string => any(`receiveBindingUpdate verdict=${name} * * | ALL | ${rest}`, asks, acknowledge);

export const bindingExpectations = readExpectations(
  `
  # 9.5.1: silence for what is not authorised; 135, 139 and 136 to 138 are sent whether or not A is set; 9.5.2, 9.5.4: 130; 10.3.1: 131.
  ${verdict('discarded', '9.5.1 | -')}
  ${verdict('sequence', '9.5.1 | owe sendBindingAcknowledgement 9.5.1-12, emit acknowledge')}
  ${verdict('typeChange', '9.5.1 | owe sendBindingAcknowledgement 9.5.1-13, emit acknowledge')}
  ${verdict('nonces', '9.5.1 | owe sendBindingAcknowledgement 9.5.1-15, emit acknowledge')}
  ${verdict('resources', '9.5.2 | owe sendBindingAcknowledgement 9.5.4-3, emit acknowledge')}
  ${verdict('homeRegistration', '10.3.1 | owe sendBindingAcknowledgement 10.3.1-5, emit acknowledge')}
  # 9.5.2: a new entry or the old one updated, its timer set anew (9.6). 9.5.4: acknowledged if A is set, and else not. 9.5.5: refresh requests stop.
  receiveBindingUpdate verdict=accepted asks=cache acknowledge=true  | WITHOUT    | 9.5.2 | goto Bound, emit cache, restart lifetime, restart refresh, stop memory, owe sendBindingAcknowledgement 9.5.4-2, emit acknowledge
  receiveBindingUpdate verdict=accepted asks=cache acknowledge=true  | Bound      | 9.5.2 | emit cache, restart lifetime, restart refresh, owe sendBindingAcknowledgement 9.5.4-2, emit acknowledge
  receiveBindingUpdate verdict=accepted asks=cache acknowledge=true  | Refreshing | 9.5.2 | goto Bound, emit cache, restart lifetime, restart refresh, owe sendBindingAcknowledgement 9.5.4-2, emit acknowledge
  receiveBindingUpdate verdict=accepted asks=cache acknowledge=false | WITHOUT    | 9.5.2 | goto Bound, emit cache, restart lifetime, restart refresh, stop memory
  receiveBindingUpdate verdict=accepted asks=cache acknowledge=false | Bound      | 9.5.2 | emit cache, restart lifetime, restart refresh
  receiveBindingUpdate verdict=accepted asks=cache acknowledge=false | Refreshing | 9.5.2 | goto Bound, emit cache, restart lifetime, restart refresh
  # 9.5.3: the entry goes, none is made, the number is remembered.
  receiveBindingUpdate verdict=accepted asks=delete acknowledge=true  | Unbound    | 9.5.3 | goto Remembered, emit remember, restart memory, owe sendBindingAcknowledgement 9.5.4-2, emit acknowledge
  receiveBindingUpdate verdict=accepted asks=delete acknowledge=false | Unbound    | 9.5.3 | goto Remembered, emit remember, restart memory
  receiveBindingUpdate verdict=accepted asks=delete acknowledge=true  | Remembered | 9.5.3 | emit remember, restart memory, owe sendBindingAcknowledgement 9.5.4-2, emit acknowledge
  receiveBindingUpdate verdict=accepted asks=delete acknowledge=false | Remembered | 9.5.3 | emit remember, restart memory
  receiveBindingUpdate verdict=accepted asks=delete acknowledge=true  | WITH       | 9.5.3 | goto Remembered, emit delete, emit remember, stop lifetime, stop refresh, restart memory, owe sendBindingAcknowledgement 9.5.4-2, emit acknowledge
  receiveBindingUpdate verdict=accepted asks=delete acknowledge=false | WITH       | 9.5.3 | goto Remembered, emit delete, emit remember, stop lifetime, stop refresh, restart memory
  # 9.5.4: no authenticator can be made with nonces that are gone; every other Binding Acknowledgement has one.
  sendBindingAcknowledgement status=expiredNonces authorized=false | ALL | 9.5.4 | permit 9.5.4-7
  sendBindingAcknowledgement status=expiredNonces authorized=true  | ALL | 9.5.4 | forbid 9.5.4-7
  sendBindingAcknowledgement status=other authorized=true          | ALL | 9.5.4 | permit 9.5.4-8
  sendBindingAcknowledgement status=other authorized=false         | ALL | 9.5.4 | forbid 9.5.4-8
  # 5.1: what answers a home registration is protected otherwise.
  sendBindingAcknowledgement status=homeRegistration authorized=false | ALL | 5.1 | -
  # 9.3.1: dropped without a binding, or from another address than the one that is bound, and said so.
  receiveHomeAddressOption source=careOfAddress | WITHOUT | 9.3.1 | owe sendBindingError 9.3.1-5, emit bindingError
  receiveHomeAddressOption source=other         | ALL     | 9.3.1 | owe sendBindingError 9.3.1-5, emit bindingError
  receiveHomeAddressOption source=careOfAddress | WITH    | 9.3.1 | -
  sendBindingError                              | ALL     | 9.3.3 | -
  # 9.3.2
  sendData route=homeAddress   | WITHOUT | 9.3.2 | -
  sendData route=routingHeader | WITHOUT | 9.3.2 | never
  sendData route=routingHeader | WITH    | 9.3.2 | permit 9.3.2-2
  sendData route=homeAddress   | WITH    | 9.3.2 | forbid 9.3.2-2
  # 9.5.5
  sendBindingRefreshRequest        | WITH       | 9.5.5 | permit 9.5.5-1
  sendBindingRefreshRequest        | WITHOUT    | 9.5.5 | never
  refreshDue inUse=true            | Bound      | 9.5.5 | goto Refreshing, emit refreshRequest, restart refresh
  refreshDue inUse=false           | Bound      | 9.5.5 | -
  refreshDue inUse=true            | Refreshing WITHOUT | 9.5.5 | never
  refreshUnanswered again=true     | Refreshing | 9.5.5 | emit refreshRequest, restart refresh
  refreshUnanswered again=false    | Refreshing | 9.5.5 | goto Bound
  refreshUnanswered again=true     | Bound WITHOUT | 9.5.5 | never
  # 9.3.4, 9.6
  receiveUnreachable | WITH    | 9.3.4 | goto Remembered, emit delete, emit remember, stop lifetime, stop refresh, restart memory
  receiveUnreachable | WITHOUT | 9.3.4 | -
  lifetimeExpired    | WITH    | 9.6   | goto Remembered, emit delete, emit remember, stop lifetime, stop refresh, restart memory
  lifetimeExpired    | WITHOUT | 9.6   | never
  # 5.2.8: the number is kept as long as the nonces are valid.
  nonceLifetimeExpired | Remembered   | 5.2.8 | goto Unbound, emit forget
  nonceLifetimeExpired | Unbound WITH | 5.2.8 | never
  `,
  { ALL: 'Unbound Remembered Bound Refreshing', WITH: 'Bound Refreshing', WITHOUT: 'Unbound Remembered' },
  6275,
);
