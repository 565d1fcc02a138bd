/** What becomes of a shim6 context whose host moves by Mobile IPv6: the thesis's section 2.8, by the sections of RFC 5533 that it rests on. See expectations.ts. */
import { readExpectations } from './expectations.ts';

export const movementExpectations = readExpectations(
  `
  # The home agent comes first, wherever the context stood.
  move with tries=2                | Settled | 10.1 | goto Binding, tries=0, stop prefer
  move with tries=2                | Updating Preferring | 10.1 | goto Binding, tries=0
  move with tries=2                | Binding | 10.1 | tries=0
  # Then the peer: once, however many home agents acknowledge.
  receiveBindingAcknowledgement    | Binding | 10.1 | goto Updating, emit announce
  receiveBindingAcknowledgement    | Settled Updating Preferring | 10.1 | -
  # A context that comes to be told its peer of all locators already.
  established away=true with tries=2 | Settled | 7.2  | goto Preferring, tries=0, stop prefer, emit explore
  established away=false             | Settled | 7.2  | -
  established away=true              | Binding Updating Preferring | 10.3 | -
  # No Update Request for a movement of which the home agent does not know; one of before may be sent again.
  sendUpdateRequest again=false    | Binding | 10.4 | never
  sendUpdateRequest again=true     | Binding | 10.2 | -
  sendUpdateRequest again=false    | Settled Updating Preferring | 10.1 | -
  # 7.2: a locator is a source once the peer has acknowledged it, and is tested before it is used.
  receiveUpdateAck away=true       | Updating | 7.2  | goto Preferring, emit explore
  receiveUpdateAck away=false      | Updating | 10.5 | goto Settled
  receiveUpdateAck away=true       | Settled Binding Preferring | 10.5 | -
  explored pair=preferred          | Preferring | 7.2 | goto Settled
  explored pair=other              | Preferring | 7.2 | tries=1, emit explore
  explored pair=other with tries=1 | Preferring | 7.2 | tries=2, emit explore
  explored pair=other with tries=2 | Preferring | 7.2 | goto Settled, restart prefer
  # A detour is looked into again, later.
  explored pair=other              | Settled | 7.2 | start prefer
  explored pair=preferred          | Settled | 7.2 | stop prefer
  explored pair=preferred          | Binding Updating | 7.2 | -
  preferDue with tries=2           | Settled | 7.2 | goto Preferring, tries=0, emit explore
  preferDue                        | Binding Updating Preferring | 7.2 | never
  closed                           | Settled | 9 | stop prefer
  closed                           | Binding Updating Preferring | 9 | goto Settled
  `,
  {},
  5533,
);
