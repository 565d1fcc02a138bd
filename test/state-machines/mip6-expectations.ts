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

const home = (name: string, states: string, rest: string): string =>
  any(`receiveBindingUpdate verdict=${name} * | ${states} | ${rest}`, asks);

/** What sections 9.5.1 and 10 say of a home agent. */
export const homeRegistrationExpectations = readExpectations(
  `
  # 9.5.1: silence, 135, 139; 10.3.1: 132 and other reasons; 10.3.2: 133 where nothing is registered.
  ${home('discarded', 'ALL', '9.5.1 | -')}
  ${home('sequence', 'ALL', '9.5.1 | owe sendBindingAcknowledgement 9.5.1-12, emit acknowledge')}
  ${home('typeChange', 'ALL', '9.5.1 | owe sendBindingAcknowledgement 9.5.1-13, emit acknowledge')}
  ${home('notHomeSubnet', 'ALL', '10.3.1 | owe sendBindingAcknowledgement 10.3.1-6, emit acknowledge')}
  ${home('refused', 'ALL', '10.3.1 | owe sendBindingAcknowledgement 10.3.1-7, emit acknowledge')}
  receiveBindingUpdate verdict=notRegistered asks=delete | Unregistered            | 10.3.2 | owe sendBindingAcknowledgement 10.3.2-3, emit acknowledge
  receiveBindingUpdate verdict=notRegistered asks=delete | Checking                | 10.3.2 | goto Unregistered, emit abandon, owe sendBindingAcknowledgement 10.3.2-3, emit acknowledge
  receiveBindingUpdate verdict=notRegistered asks=delete | Registered Deregistered | 10.3.2 | never
  # 10.3.1: Duplicate Address Detection comes before the Binding Acknowledgement, unless there is a binding.
  receiveBindingUpdate verdict=accepted asks=cache | Unregistered | 10.3.1 | goto Checking, emit check
  receiveBindingUpdate verdict=accepted asks=cache | Checking     | 10.3.1 | emit check
  receiveBindingUpdate verdict=accepted asks=cache | Deregistered | 10.3.1 | goto Checking, emit check, stop deletion
  receiveBindingUpdate verdict=accepted asks=cache | Registered   | 10.3.1 | emit cache, restart lifetime, owe sendBindingAcknowledgement 10.3.1-22, emit acknowledge
  duplicateAddressDetection address=unique         | Checking     | 10.3.1 | goto Registered, emit cache, start lifetime, owe sendNeighborAdvertisement 10.4.1-2, emit advertise, owe sendBindingAcknowledgement 10.3.1-22, emit acknowledge
  duplicateAddressDetection address=duplicate      | Checking     | 10.3.1 | goto Unregistered, owe sendBindingAcknowledgement 10.3.1-15, emit acknowledge
  duplicateAddressDetection address=unique         | Unregistered Registered Deregistered | 10.3.1 | never
  # 10.3.2: interception stops at once, the entry stays for MAX_DELETE_BCE_TIMEOUT.
  receiveBindingUpdate verdict=accepted asks=delete | Unregistered Checking | 10.3.2 | never
  receiveBindingUpdate verdict=accepted asks=delete | Registered   | 10.3.2 | goto Deregistered, emit delete, stop lifetime, start deletion, owe sendBindingAcknowledgement 10.3.2-4, emit acknowledge
  receiveBindingUpdate verdict=accepted asks=delete | Deregistered | 10.3.2 | restart deletion, owe sendBindingAcknowledgement 10.3.2-4, emit acknowledge
  deletionTimeout                                   | Deregistered | 10.3.2 | goto Unregistered, emit forget
  deletionTimeout                                   | Unregistered Checking Registered | 10.3.2 | never
  # 10.3.1
  sendBindingAcknowledgement status=success   | Unregistered | 10.3.1 | never
  sendBindingAcknowledgement status=success   | Checking     | 10.3.1 | forbid 10.3.1-14
  sendBindingAcknowledgement status=rejection | Unregistered Checking | 10.3.1 | -
  sendBindingAcknowledgement status=success   | Registered   | 10.3.1 | -
  sendBindingAcknowledgement status=rejection | Registered   | 10.3.1 | -
  sendBindingAcknowledgement status=success   | Deregistered | 10.3.2 | -
  sendBindingAcknowledgement status=rejection | Deregistered | 10.3.2 | -
  # 10.4.1: a proxy as long as it serves.
  receiveNeighborSolicitation | Registered   | 10.4.1 | owe sendNeighborAdvertisement 10.4.1-14, emit advertise
  receiveNeighborSolicitation | Unregistered Checking Deregistered | 10.4.1 | -
  sendNeighborAdvertisement   | Registered   | 10.4.1 | -
  sendNeighborAdvertisement   | Deregistered | 10.3.2 | forbid 10.3.2-11
  sendNeighborAdvertisement   | Unregistered Checking | 10.4.1 | never
  # 10.4.2, 10.4.5: the tunnel both ways.
  interceptPacket destination=homeAddress | Registered | 10.4.2 | owe sendTunneled 10.4.2-1, emit tunnel
  interceptPacket destination=linkLocal   | Registered | 10.4.2 | emit unreachable
  interceptPacket destination=homeAddress | Unregistered Checking Deregistered | 10.4.1 | -
  sendTunneled                            | Registered   | 10.4.2 | -
  sendTunneled                            | Deregistered | 10.3.2 | forbid 10.3.2-11
  sendTunneled                            | Unregistered Checking | 10.4.2 | never
  receiveTunneled source=careOfAddress    | Registered | 10.4.5 | emit forward
  receiveTunneled source=other            | ALL        | 10.4.5 | -
  receiveTunneled source=careOfAddress    | Unregistered Checking Deregistered | 10.4.5 | -
  # 9.6, 10.3.1: no longer than its lifetime, nor than its prefix.
  lifetimeExpired | Registered   | 9.6    | goto Unregistered, emit delete, emit forget
  lifetimeExpired | Unregistered Checking Deregistered | 9.6 | never
  prefixExpired   | Registered   | 10.3.1 | goto Unregistered, emit delete, emit forget, stop lifetime
  prefixExpired   | Checking     | 10.3.1 | goto Unregistered, emit abandon
  prefixExpired   | Unregistered Deregistered | 10.3.1 | -
  `,
  { ALL: 'Unregistered Checking Registered Deregistered' },
  6275,
);

const begins = 'emit test, restart retransmit';

/** What sections 11.6 to 11.8 say of a mobile node and one correspondent. The context is given where what it holds before makes a difference. */
export const correspondentRegistrationExpectations = readExpectations(
  `
  # 11.6.1: both tests at once; 11.7.2: for a peer that takes part.
  register   with homeToken=true careOfToken=true wanted=deletion | Tunneled       | 11.7.2 | goto Testing, wanted=binding homeToken=false careOfToken=false, ${begins}
  register   | Testing Updating Optimized | 11.7.2 | -
  register   | Barred | 11.7.3 | -
  # 11.7.2: a move begins anew, and so does the way home, for the home token alone.
  move       with homeToken=true careOfToken=true wanted=deletion | Optimized Updating | 11.7.2 | goto Testing, wanted=binding homeToken=false careOfToken=false, ${begins}
  move       with homeToken=true careOfToken=true wanted=deletion | Testing            | 11.7.2 | wanted=binding homeToken=false careOfToken=false, ${begins}
  move       | Tunneled Barred | 11.7.2 | -
  returnHome with homeToken=true careOfToken=true wanted=binding  | Optimized Updating | 11.7.2 | goto Testing, wanted=deletion homeToken=false careOfToken=false, ${begins}
  returnHome with homeToken=true careOfToken=true wanted=binding  | Testing            | 11.7.2 | wanted=deletion homeToken=false careOfToken=false, ${begins}
  returnHome | Tunneled Barred | 11.7.2 | -
  # 11.6.2: invalid ones are ignored; the Binding Update follows when both are there.
  receiveHomeTest valid=false                        | ALL     | 11.6.2 | -
  receiveHomeTest valid=true                         | Testing | 11.6.2 | homeToken=true
  receiveHomeTest valid=true with careOfToken=true   | Testing | 11.6.2 | goto Updating, homeToken=true, emit update, restart retransmit
  receiveHomeTest valid=true with wanted=deletion    | Testing | 11.6.2 | goto Updating, homeToken=true, emit update, restart retransmit
  receiveHomeTest valid=true                         | Tunneled Updating Optimized Barred | 11.6.2 | -
  receiveCareOfTest valid=false                      | ALL     | 11.6.2 | -
  receiveCareOfTest valid=true                       | Testing | 11.6.2 | careOfToken=true
  receiveCareOfTest valid=true with homeToken=true   | Testing | 11.6.2 | goto Updating, careOfToken=true, emit update, restart retransmit
  receiveCareOfTest valid=true with wanted=deletion  | Testing | 11.6.2 | -
  receiveCareOfTest valid=true                       | Tunneled Updating Optimized Barred | 11.6.2 | -
  # 11.7.2
  sendBindingUpdate sequence=greater | Updating | 11.7.2 | permit 11.7.2-18
  sendBindingUpdate sequence=used    | Updating | 11.7.2 | forbid 11.7.2-18
  sendBindingUpdate sequence=greater | Tunneled Testing Optimized Barred | 11.6.2 | never
  # 11.7.3
  receiveBindingAcknowledgement verdict=accepted                      | Updating | 11.7.3 | goto Optimized, emit registered, stop retransmit, restart lifetime, restart refresh
  receiveBindingAcknowledgement verdict=accepted with wanted=deletion | Updating | 11.7.3 | goto Tunneled, emit removed, stop refresh, stop lifetime, stop retransmit
  receiveBindingAcknowledgement verdict=refused                       | Updating | 11.7.3 | goto Barred, emit removed, stop refresh, stop lifetime, stop retransmit
  receiveBindingAcknowledgement verdict=refused with wanted=deletion  | Updating | 11.7.3 | goto Tunneled, emit removed, stop refresh, stop lifetime, stop retransmit
  receiveBindingAcknowledgement verdict=sequence                      | Updating | 11.7.3 | emit adoptSequence, emit update, restart retransmit
  receiveBindingAcknowledgement verdict=nonces with homeToken=true careOfToken=true | Updating | 11.7.3 | goto Testing, homeToken=false careOfToken=false, ${begins}
  receiveBindingAcknowledgement verdict=ignored                       | Updating | 11.7.3 | -
  receiveBindingAcknowledgement verdict=accepted                      | Tunneled Testing Optimized Barred | 11.7.3 | -
  # 11.7.4
  receiveBindingRefreshRequest with homeToken=true careOfToken=true wanted=deletion | Optimized | 11.7.4 | goto Testing, wanted=binding homeToken=false careOfToken=false, ${begins}
  receiveBindingRefreshRequest | Tunneled Testing Updating Barred | 11.7.4 | -
  # 11.3.6
  receiveBindingError progress=true  | Optimized Testing Updating | 11.3.6 | permit 11.3.6-3
  receiveBindingError progress=false with homeToken=true careOfToken=true wanted=deletion | Optimized | 11.3.6 | goto Testing, wanted=binding homeToken=false careOfToken=false, emit removed, stop refresh, stop lifetime, ${begins}
  receiveBindingError progress=false | Testing Updating | 11.3.6 | emit removed, stop refresh, stop lifetime
  receiveBindingError progress=false | Tunneled Barred  | 11.3.6 | -
  # 11.6.2, last paragraph
  receiveParameterProblem | Testing Updating | 11.6.2 | goto Barred, emit removed, stop refresh, stop lifetime, stop retransmit
  receiveParameterProblem | Optimized        | 11.6.2 | goto Barred, emit removed, stop refresh, stop lifetime
  receiveParameterProblem | Tunneled Barred  | 11.6.2 | -
  # 11.8, 5.2.9
  retransmit again=true  | Testing  | 11.8  | ${begins}
  retransmit again=true  | Updating | 11.8  | emit update, restart retransmit
  retransmit again=false | Testing Updating | 5.2.9 | goto Tunneled, emit removed, stop refresh, stop lifetime
  retransmit again=true  | Tunneled Optimized Barred | 11.8 | never
  # 11.7.3
  refreshDue with homeToken=true careOfToken=true wanted=deletion | Optimized | 11.7.3 | goto Testing, wanted=binding homeToken=false careOfToken=false, ${begins}
  refreshDue      | Testing Updating | 11.7.3 | -
  refreshDue      | Tunneled Barred  | 11.7.3 | never
  lifetimeExpired | Optimized        | 11.7.3 | goto Tunneled, emit removed, stop refresh, stop lifetime
  lifetimeExpired | Testing Updating | 11.7.3 | emit removed, stop refresh, stop lifetime
  lifetimeExpired | Tunneled Barred  | 11.7.3 | never
  `,
  { ALL: 'Tunneled Testing Updating Optimized Barred' },
  6275,
);

const struck = 'emit removed, stop retransmit, stop refresh, stop lifetime';

/** What sections 11.3.6, 11.5.5, 11.7.1, 11.7.3 and 11.8 say of a mobile node and its home agent. */
export const mobileRegistrationExpectations = readExpectations(
  `
  attach     | Home Registered Deregistering | 11.7.1 | goto Registering, emit update, restart retransmit
  attach     | Registering                   | 11.7.1 | emit update, restart retransmit
  attach     | Refused                       | 11.7.3 | -
  returnHome | Registering Registered        | 11.5.5 | goto Deregistering, emit update, restart retransmit
  returnHome | Home Deregistering            | 11.5.5 | -
  returnHome | Refused                       | 11.5.5 | goto Home
  receiveBindingAcknowledgement verdict=accepted        | Registering   | 11.7.3 | goto Registered, emit registered, stop retransmit, restart lifetime, restart refresh
  receiveBindingAcknowledgement verdict=prefixDiscovery | Registering   | 11.7.3 | goto Registered, emit registered, stop retransmit, restart lifetime, restart refresh, emit solicitPrefixes
  receiveBindingAcknowledgement verdict=sequence        | Registering Deregistering | 11.7.3 | emit adoptSequence, emit update, restart retransmit
  receiveBindingAcknowledgement verdict=refused         | Registering   | 11.7.3 | goto Refused, ${struck}
  # 11.4.1: another home agent is asked where one is known.
  receiveBindingAcknowledgement verdict=refusedHere     | Registering   | 11.4.1 | emit removed, stop refresh, stop lifetime, emit nextHomeAgent, emit update, restart retransmit
  receiveBindingAcknowledgement verdict=refusedHere     | Deregistering | 11.7.3 | goto Home, ${struck}
  receiveBindingAcknowledgement verdict=ignored         | Registering Deregistering | 11.7.3 | -
  receiveBindingAcknowledgement verdict=accepted        | Deregistering | 11.7.3 | goto Home, ${struck}
  receiveBindingAcknowledgement verdict=prefixDiscovery | Deregistering | 11.7.3 | goto Home, ${struck}
  receiveBindingAcknowledgement verdict=refused         | Deregistering | 11.7.3 | goto Home, ${struck}
  receiveBindingAcknowledgement verdict=accepted        | Home Registered Refused | 11.7.3 | -
  receiveBindingError | Registered | 11.3.6 | goto Registering, emit update, restart retransmit
  receiveBindingError | Home Registering Deregistering Refused | 11.3.6 | -
  retransmit to=same          | Registering Deregistering | 11.8   | emit update, restart retransmit
  retransmit to=nextHomeAgent | Registering               | 11.7.1 | emit removed, stop refresh, stop lifetime, emit nextHomeAgent, emit update, restart retransmit
  retransmit to=same          | Home Registered Refused   | 11.8   | never
  refreshDue      | Registered                | 11.7.3 | goto Registering, emit update, restart retransmit
  refreshDue      | Registering Deregistering | 11.7.3 | -
  refreshDue      | Home Refused              | 11.7.3 | never
  lifetimeExpired | Registered                | 11.7.3 | goto Registering, emit removed, stop refresh, emit update, restart retransmit
  lifetimeExpired | Registering               | 11.7.3 | emit removed, stop refresh
  lifetimeExpired | Deregistering             | 11.7.3 | goto Home, ${struck}
  lifetimeExpired | Home Refused              | 11.7.3 | never
  `,
  {},
  6275,
);

/** What sections 11.4.1 to 11.4.3 and 11.8 say of what a mobile node asks of its home network. */
export const solicitationExpectations = readExpectations(
  `
  ask                          | Idle   | 11.4.2 | goto Asking, emit new, emit send, restart retransmit
  ask                          | Asking | 11.8   | -
  # 11.4.3: a solicited answer is processed; another is discarded, and should be asked for.
  receiveAnswer matching=true  | Asking | 11.4.3 | goto Idle, emit accept, stop retransmit
  receiveAnswer matching=false | Asking | 11.4.3 | -
  receiveAnswer matching=true  | Idle   | 11.4.3 | emit unsolicited
  receiveAnswer matching=false | Idle   | 11.4.3 | emit unsolicited
  # 11.4.1: DHAAD_RETRIES; 11.8: solicitations go on.
  retransmit again=true        | Asking | 11.8   | emit send, restart retransmit
  retransmit again=false       | Asking | 11.4.1 | goto Idle, emit failed
  retransmit again=true        | Idle   | 11.8   | never
  abandon                      | Asking | 11.8   | goto Idle, stop retransmit
  abandon                      | Idle   | 11.8   | -
  `,
  {},
  6275,
);

/** What section 10.6.2 says of a home agent that tells a mobile node of the prefixes of the home link. */
export const prefixDeliveryExpectations = readExpectations(
  `
  # A transmission is scheduled; what is scheduled has the newest; an advertisement that was not acknowledged gives way to a new one.
  prefixesChanged   | Idle           | 10.6.2 | goto Scheduled, restart schedule
  prefixesChanged   | Scheduled      | 10.6.2 | -
  prefixesChanged   | Unacknowledged | 10.6.2 | goto Scheduled, stop retransmit, restart schedule
  # Answered right away; it acknowledges what was sent.
  receiveSolicitation | Idle           | 10.6.2 | emit answer
  receiveSolicitation | Scheduled      | 10.6.2 | goto Idle, emit answer, stop schedule
  receiveSolicitation | Unacknowledged | 10.6.2 | goto Idle, emit answer, stop retransmit
  sendingDue          | Scheduled      | 10.6.2 | goto Unacknowledged, emit advertise, restart retransmit
  sendingDue          | Idle Unacknowledged | 10.6.2 | never
  retransmit again=true  | Unacknowledged | 10.6.2 | emit advertise, restart retransmit
  retransmit again=false | Unacknowledged | 10.6.2 | goto Idle
  retransmit again=true  | Idle Scheduled | 10.6.2 | never
  # Nobody is told when the registration is over.
  registrationEnded | Idle           | 10.6.2 | -
  registrationEnded | Scheduled      | 10.6.2 | goto Idle, stop schedule
  registrationEnded | Unacknowledged | 10.6.2 | goto Idle, stop retransmit
  `,
  {},
  6275,
);
