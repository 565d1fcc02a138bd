/** What RFC 9293 says of one end of a TCP connection, event by event, written from its section 3.10. See expectations.ts for how to read it. */
import { readExpectations } from './expectations.ts';

export const tcpExpectations = readExpectations(
  `
  # 3.10.1: OPEN. A passive one listens; an active one sends a SYN, also where the connection listened; "connection already exists" otherwise.
  passiveOpen                              | CLOSED                           | 3.10.1   | goto LISTEN, passive=true
  passiveOpen                              | LISTEN                           | 3.10.1   | -
  passiveOpen                              | SYN_SENT SYN_RECEIVED synchronized | 3.10.1 | never
  sendSyn with passive=true                | CLOSED LISTEN                    | 3.10.1   | goto SYN_SENT, passive=false
  sendSyn                                  | SYN_SENT                         | 3.10.8   | -
  sendSyn                                  | SYN_RECEIVED synchronized        | 3.10.1   | never

  # 3.10.7.1 to 3.10.7.3: a SYN opens what listens, answers what has sent its own, and is answered by a RST where nothing is.
  receiveSyn again=false                   | CLOSED                           | 3.10.7.1 | emit answerRst
  receiveSyn again=false                   | LISTEN                           | 3.10.7.2 | goto SYN_RECEIVED
  receiveSyn again=false                   | SYN_SENT                         | 3.10.7.3 | goto SYN_RECEIVED
  # 3.10.7.4, fourth: in SYN_RECEIVED a passive one listens again; RFC 5961 section 4: a challenge ACK everywhere else.
  receiveSyn again=true with passive=true  | SYN_RECEIVED                     | 3.10.7.4 | emit repeatSynAck
  receiveSyn again=false with passive=true | SYN_RECEIVED                     | 3.10.7.4 | goto LISTEN
  receiveSyn again=false with passive=false | SYN_RECEIVED                    | 3.10.7.4 | emit challengeAck
  receiveSyn again=false                   | synchronized                     | 3.10.7.4 | emit challengeAck
  sendSynAck                               | SYN_RECEIVED                     | 3.10.7.2 | -
  sendSynAck                               | CLOSED LISTEN SYN_SENT           | 3.10.7.2 | never
  sendSynAck                               | synchronized                     | 3.10.7.4 | never

  # 3.10.7.3: an acceptable ACK with the SYN establishes; another one is answered by a RST. 3.10.7.2: so is any ACK in LISTEN.
  receiveSynAck acknowledges=true          | CLOSED                           | 3.10.7.1 | emit answerRst
  receiveSynAck acknowledges=true          | LISTEN                           | 3.10.7.2 | emit answerRst
  receiveSynAck acknowledges=true          | SYN_SENT                         | 3.10.7.3 | goto ESTABLISHED, emit sendAck
  receiveSynAck acknowledges=false         | SYN_SENT                         | 3.10.7.3 | emit answerRst
  receiveSynAck acknowledges=true          | SYN_RECEIVED                     | 3.10.7.4 | -
  receiveSynAck acknowledges=true          | synchronized                     | 3.10.7.4 | emit challengeAck
  receiveAckOfSyn                          | CLOSED                           | 3.10.7.1 | emit answerRst
  receiveAckOfSyn                          | LISTEN                           | 3.10.7.2 | emit answerRst
  receiveAckOfSyn                          | SYN_SENT                         | 3.10.7.3 | -
  receiveAckOfSyn                          | SYN_RECEIVED                     | 3.10.7.4 | goto ESTABLISHED
  receiveAckOfSyn                          | synchronized                     | 3.10.7.4 | -

  # 3.10.2: SEND. 3.10.7.4, seventh: text is taken until the peer's FIN; "this should not occur" after it.
  sendData                                 | ESTABLISHED CLOSE_WAIT           | 3.10.2   | -
  sendData                                 | CLOSED LISTEN SYN_SENT SYN_RECEIVED FIN_WAIT_1 FIN_WAIT_2 CLOSING LAST_ACK TIME_WAIT | 3.10.2 | never
  receiveData                              | ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 | 3.10.7.4 | emit sendAck
  receiveData                              | CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT SYN_RECEIVED | 3.10.7.4 | -
  receiveData                              | CLOSED                           | 3.10.7.1 | emit answerRst
  receiveData                              | LISTEN                           | 3.10.7.2 | -
  receiveData                              | SYN_SENT                         | 3.10.7.3 | -

  # 3.10.4: CLOSE. 3.10.7.4, eighth and fifth: the FIN that comes, and the ACK of the one that went.
  sendFin                                  | SYN_RECEIVED ESTABLISHED         | 3.10.4   | goto FIN_WAIT_1
  sendFin                                  | CLOSE_WAIT                       | 3.10.4   | goto LAST_ACK
  sendFin                                  | FIN_WAIT_1 CLOSING LAST_ACK      | 3.10.8   | -
  sendFin                                  | FIN_WAIT_2 TIME_WAIT CLOSED LISTEN SYN_SENT | 3.10.4 | never
  receiveFin                               | SYN_RECEIVED ESTABLISHED         | 3.10.7.4 | goto CLOSE_WAIT, emit sendAck
  receiveFin                               | FIN_WAIT_1                       | 3.10.7.4 | goto CLOSING, emit sendAck
  receiveFin                               | FIN_WAIT_2                       | 3.10.7.4 | goto TIME_WAIT, emit sendAck, start timeWait
  receiveFin                               | CLOSE_WAIT CLOSING LAST_ACK      | 3.10.7.4 | emit sendAck
  receiveFin                               | TIME_WAIT                        | 3.10.7.4 | emit sendAck, restart timeWait
  receiveFin                               | CLOSED LISTEN SYN_SENT           | 3.10.7.4 | -
  receiveAckOfFin                          | FIN_WAIT_1                       | 3.10.7.4 | goto FIN_WAIT_2
  receiveAckOfFin                          | CLOSING                          | 3.10.7.4 | goto TIME_WAIT, start timeWait
  receiveAckOfFin                          | LAST_ACK                         | 3.10.7.4 | goto CLOSED, emit deleteConnection
  receiveAckOfFin                          | FIN_WAIT_2 TIME_WAIT             | 3.10.7.4 | -
  receiveAckOfFin                          | CLOSED LISTEN SYN_SENT SYN_RECEIVED ESTABLISHED CLOSE_WAIT | 3.10.7.4 | never

  # 3.10.5: ABORT. 3.10.7.4, second, with RFC 5961 section 3: a RST with exactly the expected number closes, another in the window is challenged.
  sendRst                                  | CLOSED                           | 3.10.7.1 | -
  sendRst                                  | LISTEN SYN_SENT SYN_RECEIVED open | 3.10.5  | goto CLOSED, emit deleteConnection
  sendRst                                  | TIME_WAIT                        | 3.10.5   | goto CLOSED, stop timeWait, emit deleteConnection
  receiveRst exact=true                    | CLOSED                           | 3.10.7.1 | -
  receiveRst exact=true                    | LISTEN                           | 3.10.7.2 | -
  receiveRst exact=true                    | SYN_SENT                         | 3.10.7.3 | goto CLOSED, emit deleteConnection
  receiveRst exact=false                   | SYN_SENT                         | 3.10.7.3 | -
  receiveRst exact=true with passive=true  | SYN_RECEIVED                     | 3.10.7.4 | goto LISTEN
  receiveRst exact=true with passive=false | SYN_RECEIVED                     | 3.10.7.4 | goto CLOSED, emit deleteConnection
  receiveRst exact=false with passive=true | SYN_RECEIVED                     | 3.10.7.4 | emit challengeAck
  receiveRst exact=true                    | open                             | 3.10.7.4 | goto CLOSED, emit deleteConnection
  receiveRst exact=true                    | TIME_WAIT                        | 3.10.7.4 | goto CLOSED, stop timeWait, emit deleteConnection
  receiveRst exact=false                   | open TIME_WAIT                   | 3.10.7.4 | emit challengeAck

  # 3.10.8: timeouts.
  timeWait                                 | TIME_WAIT                        | 3.10.8   | goto CLOSED, emit deleteConnection
  timeWait                                 | CLOSED LISTEN SYN_SENT SYN_RECEIVED open | 3.10.8 | never
  userTimeout                              | SYN_SENT SYN_RECEIVED open       | 3.10.8   | goto CLOSED, emit deleteConnection
  userTimeout                              | CLOSED LISTEN TIME_WAIT          | 3.10.8   | never
  `,
  {
    open: 'ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK',
    synchronized: 'ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT',
  },
  9293,
);
