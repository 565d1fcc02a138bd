/** What RFC 8684 says of one end of a subflow, event by event. See ../expectations.ts for how to read it. */
import { readExpectations } from '../expectations.ts';

export const subflowExpectations = readExpectations(
  `
  # Section 3.1: the first subflow has the MP_CAPABLE handshake, no MP_JOIN.
  openInitial | CLOSED                                                                     | 3.1 | goto ESTABLISHED, role=initial, emit established
  openInitial | SYN_SENT SYN_RECEIVED PRE_ESTABLISHED open FINS_EXCHANGED REFUSED RESET    | 3.1 | never

  # Section 3.2, first packet. l.1220: an unknown token MUST be answered with a RST; l.1111: a valid one SHOULD get a SYN/ACK with MP_JOIN.
  sendJoinSyn with refusal=optionsLost                  | free                              | 3.2 | goto SYN_SENT, role=opener, refusal=none
  sendJoinSyn                                           | SYN_SENT                          | 3.2 | -
  sendJoinSyn                                           | SYN_RECEIVED PRE_ESTABLISHED open REFUSED | 3.2 | never
  receiveJoinSyn token=known with refusal=unknownToken  | free                              | 3.2 | goto SYN_RECEIVED, role=acceptor, refusal=none, owe sendJoinSynAck 3.2-3
  receiveJoinSyn token=unknown                          | free                              | 3.2 | goto REFUSED, role=acceptor, refusal=unknownToken, owe sendRst 3.2-6
  receiveJoinSyn token=undecided with refusal=unknownToken | free                           | 3.2 | goto SYN_RECEIVED, role=acceptor, refusal=none
  receiveJoinSyn token=known                            | SYN_RECEIVED                      | 3.2 | -
  receiveJoinSyn token=unknown                          | SYN_RECEIVED                      | 3.2 | -
  receiveJoinSyn token=unknown with refusal=unknownToken | REFUSED                          | 3.2 | owe sendRst 3.2-6
  receiveJoinSyn token=known with refusal=unknownToken  | REFUSED                           | 3.2 | -
  receiveJoinSyn token=unknown with refusal=noProofInAck | REFUSED                          | 3.2 | -
  receiveJoinSyn token=known                            | SYN_SENT PRE_ESTABLISHED open     | 3   | -

  # Second packet. l.1226: a wrong HMAC MUST be answered with a RST; l.1241: a SYN/ACK without MP_JOIN as well.
  sendJoinSynAck                                 | SYN_RECEIVED                             | 3.2 | -
  sendJoinSynAck                                 | free SYN_SENT PRE_ESTABLISHED open       | 3.2 | never
  sendPlainSynAck                                | SYN_RECEIVED                             | 3.2 | -
  sendPlainSynAck                                | free SYN_SENT PRE_ESTABLISHED open       | 3.2 | never
  receiveJoinSynAck hmac=valid                   | SYN_SENT                                 | 3.2 | owe sendJoinAck 3.2-h
  receiveJoinSynAck hmac=wrong                   | SYN_SENT                                 | 3.2 | goto REFUSED, refusal=wrongHmacInSynAck, owe sendRst 3.2-7
  receiveJoinSynAck hmac=undecided               | SYN_SENT                                 | 3.2 | -
  receiveJoinSynAck hmac=valid                   | PRE_ESTABLISHED                          | 3.2 | owe sendJoinAck 3.2-4/2
  receiveJoinSynAck hmac=wrong                   | PRE_ESTABLISHED                          | 3   | -
  receiveJoinSynAck hmac=undecided               | PRE_ESTABLISHED                          | 3   | -
  receiveJoinSynAck hmac=wrong                   | free SYN_RECEIVED open REFUSED           | 3   | -
  receivePlainSynAck                             | SYN_SENT                                 | 3.2 | goto REFUSED, refusal=noJoinInSynAck, owe sendRst 3.2-10
  receivePlainSynAck                             | free SYN_RECEIVED PRE_ESTABLISHED open REFUSED | 3 | -

  # Third packet and the ACK that answers it. l.1156: it MUST trigger an ACK and MUST be retransmitted without one; l.1160: it "places the
  # subflow in the PRE_ESTABLISHED state, and it moves to the ESTABLISHED state only on receipt of an ACK"; l.1233: without MP_JOIN, RST.
  sendJoinAck                                    | SYN_SENT                                 | 3.2 | goto PRE_ESTABLISHED, start joinAckRetransmit
  sendJoinAck                                    | PRE_ESTABLISHED                          | 3.2 | restart joinAckRetransmit
  sendJoinAck                                    | open                                     | 3.2 | -
  sendJoinAck                                    | free SYN_RECEIVED                        | 3.2 | never
  receiveJoinAck hmac=valid                      | SYN_RECEIVED                             | 3.2 | goto ESTABLISHED, owe sendAck 3.2-4/1, emit established
  receiveJoinAck hmac=wrong                      | SYN_RECEIVED                             | 3.2 | goto REFUSED, refusal=noProofInAck, owe sendRst 3.2-9
  receiveJoinAck hmac=undecided                  | SYN_RECEIVED                             | 3.2 | goto ESTABLISHED, emit established
  receiveJoinAck hmac=valid with role=acceptor   | open                                     | 3.2 | owe sendAck 3.2-4/1
  receiveJoinAck hmac=valid with role=opener     | open                                     | 3   | -
  receiveJoinAck hmac=wrong with role=acceptor   | open                                     | 3   | -
  receiveJoinAck hmac=valid                      | free SYN_SENT PRE_ESTABLISHED REFUSED    | 3   | -
  sendAck                                        | SYN_SENT PRE_ESTABLISHED REFUSED         | 3.2 | -
  sendAck                                        | SYN_RECEIVED                             | 3.2 | never
  sendAck                                        | open FINS_EXCHANGED                      | 3.3.3 | -
  sendAck                                        | CLOSED RESET                             | 3.6 | never
  receiveAck                                     | PRE_ESTABLISHED                          | 3.2 | goto ESTABLISHED, stop joinAckRetransmit, waive, emit established
  receiveAck                                     | SYN_RECEIVED                             | 3.2 | goto REFUSED, refusal=noProofInAck, owe sendRst 3.2-9
  receiveAck                                     | open FINS_EXCHANGED                      | 3.3.3 | -
  receiveAck                                     | CLOSED SYN_SENT REFUSED RESET            | 3   | -
  joinAckRetransmit                              | PRE_ESTABLISHED                          | 3.2 | owe sendJoinAck 3.2-4/2, restart joinAckRetransmit
  joinAckRetransmit                              | free SYN_SENT SYN_RECEIVED open REFUSED  | 3.2 | never

  # l.1162: "It is not permissible to send data while in the PRE_ESTABLISHED state."
  sendData                                       | PRE_ESTABLISHED                          | 3.2 | forbid 3.2-c
  sendData with role=opener                      | ESTABLISHED FIN_RECEIVED                 | 3.2 | permit 3.2-c
  sendData with role=acceptor                    | ESTABLISHED FIN_RECEIVED                 | 3.3 | -
  sendData with role=initial                     | ESTABLISHED FIN_RECEIVED                 | 3.3 | -
  sendData                                       | SYN_SENT SYN_RECEIVED                    | 3.2 | never
  sendData                                       | FIN_SENT FINS_EXCHANGED                  | 3.3.3 | never
  sendData                                       | CLOSED RESET                             | 3.6 | never
  receiveData                                    | PRE_ESTABLISHED                          | 3.2 | goto ESTABLISHED, stop joinAckRetransmit, waive, emit established
  receiveData                                    | open                                     | 3.3 | -
  receiveData                                    | free SYN_SENT SYN_RECEIVED REFUSED       | 3   | -

  # Section 3.7, second rule, l.2315: on a joined subflow an ACK for data without Data ACK MUST lead to a RST.
  receiveAckWithoutDataAck with role=opener      | open                                     | 3.7 | goto REFUSED, refusal=optionsLost, owe sendRst 3.7-3/1
  receiveAckWithoutDataAck with role=acceptor    | open                                     | 3.7 | goto REFUSED, refusal=optionsLost, owe sendRst 3.7-3/1
  receiveAckWithoutDataAck with role=initial     | open                                     | 3.7 | -
  receiveAckWithoutDataAck                       | free SYN_SENT SYN_RECEIVED PRE_ESTABLISHED REFUSED | 3.7 | -

  # Section 3.3.3: a FIN closes its subflow alone; both ends send one.
  sendFin                                        | ESTABLISHED SYN_RECEIVED                 | 3.3.3 | goto FIN_SENT
  sendFin                                        | PRE_ESTABLISHED                          | 3.3.3 | goto FIN_SENT, stop joinAckRetransmit
  sendFin                                        | FIN_RECEIVED                             | 3.3.3 | goto FINS_EXCHANGED, emit closed
  sendFin                                        | FIN_SENT FINS_EXCHANGED                  | 3.3.3 | -
  sendFin                                        | CLOSED SYN_SENT RESET                    | 3.3.3 | never
  receiveFin                                     | ESTABLISHED                              | 3.3.3 | goto FIN_RECEIVED
  receiveFin                                     | PRE_ESTABLISHED                          | 3.3.3 | goto FIN_RECEIVED, stop joinAckRetransmit, waive, emit established
  receiveFin                                     | FIN_SENT                                 | 3.3.3 | goto FINS_EXCHANGED, emit closed
  receiveFin                                     | FIN_RECEIVED FINS_EXCHANGED              | 3.3.3 | -
  receiveFin                                     | CLOSED SYN_SENT SYN_RECEIVED REFUSED RESET | 3 | -

  # Section 3.6: a RST closes the subflow at once; nothing is owed on what is not there.
  sendRst                                        | CLOSED SYN_SENT SYN_RECEIVED open REFUSED | 3.6 | goto RESET, waive, emit closed
  sendRst                                        | PRE_ESTABLISHED                          | 3.6 | goto RESET, stop joinAckRetransmit, waive, emit closed
  sendRst                                        | FINS_EXCHANGED RESET                     | 3.6 | -
  receiveRst                                     | CLOSED SYN_SENT SYN_RECEIVED open REFUSED | 3.6 | goto RESET, waive, emit closed
  receiveRst                                     | PRE_ESTABLISHED                          | 3.6 | goto RESET, stop joinAckRetransmit, waive, emit closed
  receiveRst                                     | FINS_EXCHANGED RESET                     | 3.6 | -

  # Whoever owes a RST and does something else breaks the requirement that the RST was owed by.
${['sendJoinSynAck', 'sendPlainSynAck', 'sendJoinAck', 'sendData', 'sendFin']
  .map(
    (event) => `
  ${event} with refusal=unknownToken             | REFUSED                                  | 3.2 | forbid 3.2-6
  ${event} with refusal=wrongHmacInSynAck        | REFUSED                                  | 3.2 | forbid 3.2-7
  ${event} with refusal=noJoinInSynAck           | REFUSED                                  | 3.2 | forbid 3.2-10
  ${event} with refusal=noProofInAck             | REFUSED                                  | 3.2 | forbid 3.2-9
  ${event} with refusal=optionsLost              | REFUSED                                  | 3.7 | forbid 3.7-3/1
  ${event} with refusal=none                     | REFUSED                                  | 3.6 | -`,
  )
  .join('')}
  `,
  { free: 'CLOSED FINS_EXCHANGED RESET', open: 'ESTABLISHED FIN_SENT FIN_RECEIVED' },
);
