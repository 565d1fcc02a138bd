/** What RFC 8684 says of one host of a connection, event by event. See ../expectations.ts for how to read it. */
import { readExpectations } from '../expectations.ts';

export const connectionExpectations = readExpectations(
  `
  # Section 3.1: SYN, SYN/ACK, ACK with MP_CAPABLE.
  sendCapableSyn        | IDLE                                            | 3.1 | goto CAPABLE_SENT
  sendCapableSyn        | CAPABLE_SENT                                    | 3.1 | -
  sendCapableSyn        | CAPABLE_ACCEPTED listening keyed later FALLBACK | 3.1 | never
  receiveCapableSyn     | IDLE                                            | 3.1 | goto CAPABLE_RECEIVED
  receiveCapableSyn     | listening                                       | 3.1 | -
  receiveCapableSyn     | initiating keyed later                          | 3   | -
  receiveCapableSyn     | FALLBACK                                        | 3.7 | -

  # l.992: "If a SYN does not contain an MP_CAPABLE option, the SYN/ACK MUST NOT contain one in response."
  sendCapableSynAck     | IDLE                                            | 3.1 | forbid 3.1-27
  sendCapableSynAck     | CAPABLE_RECEIVED                                | 3.1 | goto CAPABLE_ANSWERED
  sendCapableSynAck     | CAPABLE_ANSWERED KEYS_RECEIVED                  | 3.1 | -
  sendCapableSynAck     | initiating KEYS_SENT later                      | 3.1 | never
  sendCapableSynAck with cause=plainSyn    | FALLBACK                     | 3.1 | forbid 3.1-27
  sendCapableSynAck with cause=plainSynAck | FALLBACK                     | 3.1 | -
  sendCapableSynAck with cause=noDataAck   | FALLBACK                     | 3.1 | -
  sendPlainSynAck       | IDLE                                            | 3.1 | goto FALLBACK, cause=plainSyn, permit 3.1-27

  # l.841: A "MUST include the MP_CAPABLE on the first ACK".
  receiveCapableSynAck  | CAPABLE_SENT                                    | 3.1 | goto CAPABLE_ACCEPTED, owe sendCapableAck 3.1-8
  receiveCapableSynAck  | CAPABLE_ACCEPTED                                | 3.1 | -
  receiveCapableSynAck  | IDLE listening KEYS_RECEIVED M_ESTAB M_CLOSE_WAIT M_FIN_WAIT_2 M_CLOSING M_LAST_ACK over FASTCLOSE_WAIT | 3 | -
  # l.826: "A's key must be delivered reliably to B": a repeated SYN/ACK says that it was not.
  receiveCapableSynAck  | KEYS_SENT                                       | 3.1 | emit repeatCapableAck
  receiveCapableSynAck with dssReceived=false | M_FIN_WAIT_1              | 3.1 | emit repeatCapableAck
  receiveCapableSynAck with dssReceived=true  | M_FIN_WAIT_1              | 3   | -
  receiveCapableSynAck  | FALLBACK                                        | 3.7 | -
  sendCapableAck        | initiating                                      | 3.1 | goto KEYS_SENT
  sendCapableAck        | KEYS_SENT later                                 | 3.1 | -
  sendCapableAck        | IDLE listening KEYS_RECEIVED                    | 3.1 | never

  # l.989: MP_CAPABLE in the SYN but not in the SYN/ACK: regular TCP. l.1005: reordered SYNs: the third packet decides.
  sendPlainSynAck       | CAPABLE_RECEIVED                                | 3.1 | goto FALLBACK, cause=plainSynAck, owe sendPlainAck 3.1-26
  sendPlainSynAck       | CAPABLE_ANSWERED FALLBACK                       | 3.1 | -
  sendPlainSynAck       | initiating KEYS_SENT KEYS_RECEIVED later        | 3.1 | never
  receivePlainSynAck    | CAPABLE_SENT                                    | 3.1 | goto FALLBACK, cause=plainSynAck, owe sendPlainAck 3.1-26
  receivePlainSynAck    | CAPABLE_ACCEPTED                                | 3.1 | -
  receivePlainSynAck    | IDLE listening keyed later                      | 3   | -
  receivePlainSynAck    | FALLBACK                                        | 3.7 | -

  # l.993: the third packet without MP_CAPABLE: regular TCP.
  sendPlainAck          | CAPABLE_ACCEPTED                                | 3.1 | goto FALLBACK, waive, cause=plainAck, owe sendPlainAck 3.1-28
  sendPlainAck          | keyed                                           | 3.1 | -
  sendPlainAck          | later                                           | 3.3.2 | -
  sendPlainAck          | IDLE CAPABLE_SENT listening                     | 3.1 | never
  sendPlainAck          | FALLBACK                                        | 3.7 | -
  receivePlainAck       | CAPABLE_ANSWERED                                | 3.1 | goto FALLBACK, waive, cause=plainAck, owe sendPlainAck 3.1-28
  receivePlainAck       | IDLE initiating CAPABLE_RECEIVED keyed          | 3.1 | -
  receivePlainAck       | later                                           | 3.3.2 | -
  receivePlainAck       | FALLBACK                                        | 3.7 | -

  # l.878: a compromised handshake ends MPTCP; l.826: B may be stateless; l.853: MP_CAPABLE with data is as good as a DSS.
  receiveCapableAck keys=agree data=false    | IDLE listening             | 3.1 | goto KEYS_RECEIVED
  receiveCapableAck keys=unknown data=false  | IDLE listening             | 3.1 | goto KEYS_RECEIVED
  receiveCapableAck keys=agree data=false    | KEYS_RECEIVED              | 3.1 | -
  receiveCapableAck keys=agree data=true     | IDLE listening KEYS_RECEIVED | 3.1 | goto M_ESTAB, dssReceived=true
  receiveCapableAck keys=unknown data=true   | IDLE listening KEYS_RECEIVED | 3.1 | goto M_ESTAB, dssReceived=true
  receiveCapableAck keys=differ data=false   | IDLE listening KEYS_RECEIVED | 3.1 | goto FALLBACK, cause=keysDiffer, owe sendPlainAck 3.1-9
  receiveCapableAck keys=differ data=true    | IDLE listening KEYS_RECEIVED | 3.1 | goto FALLBACK, cause=keysDiffer, owe sendPlainAck 3.1-9
  receiveCapableAck keys=agree data=true     | M_FIN_WAIT_1               | 3.1 | dssReceived=true
  receiveCapableAck keys=agree data=false    | M_FIN_WAIT_1               | 3.1 | -
  receiveCapableAck keys=agree data=true     | initiating KEYS_SENT M_ESTAB M_CLOSE_WAIT M_FIN_WAIT_2 M_CLOSING M_LAST_ACK over FASTCLOSE_WAIT | 3.1 | -
  receiveCapableAck keys=differ data=true    | FALLBACK                   | 3.7 | -

  # l.843: first data goes with MP_CAPABLE until a DSS has come; RFC 6824 wants none.
  sendData by=DSS                            | opening                    | 3.1 | never
  sendData by=DSS                            | KEYS_SENT                  | 3.1 | forbid 3.1-e
  sendData by=MP_CAPABLE                     | KEYS_SENT                  | 3.1 | permit 3.1-e
  sendData by=DSS with version=0             | KEYS_SENT                  | 3.1 | -
  sendData by=MP_CAPABLE with version=0      | KEYS_SENT                  | 3.1 | -
  sendData by=DSS                            | KEYS_RECEIVED M_ESTAB M_CLOSE_WAIT | 3.3 | -

  # l.884: no further subflow before a DSS has been received.
  receiveDss                                 | keyed                      | 3.1 | goto M_ESTAB, dssReceived=true
  receiveDss                                 | M_FIN_WAIT_1               | 3.1 | dssReceived=true
  receiveDss with version=0                  | CAPABLE_ANSWERED           | 3.1 | goto M_ESTAB, dssReceived=true
  receiveDss with version=1                  | CAPABLE_ANSWERED           | 3.1 | -
  receiveDss                                 | IDLE initiating CAPABLE_RECEIVED | 3.1 | -
  receiveDss                                 | M_ESTAB M_CLOSE_WAIT M_FIN_WAIT_2 M_CLOSING M_LAST_ACK over | 3.3 | -
  receiveDss                                 | FASTCLOSE_WAIT             | 3.5 | -
  receiveDss                                 | FALLBACK                   | 3.7 | -
  sendDss mapping=true                       | opening                    | 3.1 | never
  sendDss mapping=true                       | alive over                 | 3.3 | -
  sendDss mapping=false                      | FASTCLOSE_WAIT             | 3.5 | -
  sendJoinSyn                                | opening keyed              | 3.1 | forbid 3.1-10
  sendJoinSyn                                | M_ESTAB M_CLOSE_WAIT M_FIN_WAIT_2 M_CLOSING M_LAST_ACK | 3.1 | permit 3.1-10
  sendJoinSyn with dssReceived=true          | M_FIN_WAIT_1               | 3.1 | permit 3.1-10
  sendJoinSyn with dssReceived=false         | M_FIN_WAIT_1               | 3.1 | forbid 3.1-10
  sendJoinSyn                                | over                       | 3.3.3 | never
  sendJoinSyn                                | FASTCLOSE_WAIT             | 3.5 | never
  sendJoinSyn with cause=plainSyn            | FALLBACK                   | 3.1 | never
  sendJoinSyn with cause=plainSynAck         | FALLBACK                   | 3.1 | never
  sendJoinSyn with cause=noDataAck           | FALLBACK                   | 3.7 | forbid 3.7-15
  sendJoinSyn with cause=plainAck            | FALLBACK                   | 3.7 | forbid 3.7-15
  receiveJoinSyn                             | opening alive over FASTCLOSE_WAIT FALLBACK | 3.2 | -

  # Appendix D, the figure, and section 3.3.3.
  sendDataFin                | keyed M_ESTAB                              | D | goto M_FIN_WAIT_1
  sendDataFin                | M_CLOSE_WAIT                               | D | goto M_LAST_ACK
  sendDataFin                | finished over                              | 3.3.3 | -
  sendDataFin                | opening                                    | 3.1 | never
  sendDataFin                | FASTCLOSE_WAIT                             | 3.5 | -
  sendDataFin                | FALLBACK                                   | 3.7 | never
  receiveDataFin             | keyed M_ESTAB                              | D | goto M_CLOSE_WAIT, emit sendDataAck, dssReceived=true
  receiveDataFin             | M_FIN_WAIT_1                               | D | goto M_CLOSING, emit sendDataAck, dssReceived=true
  receiveDataFin             | M_FIN_WAIT_2                               | D | goto M_TIME_WAIT, emit sendDataAck, start timeWait, ending=dataFin
  receiveDataFin             | M_CLOSE_WAIT M_CLOSING M_LAST_ACK M_TIME_WAIT | 3.3.3 | emit sendDataAck
  receiveDataFin             | M_CLOSED                                   | 3.3.3 | -
  receiveDataFin             | opening                                    | 3.1 | -
  receiveDataFin             | FASTCLOSE_WAIT                             | 3.5 | -
  receiveDataFin             | FALLBACK                                   | 3.7 | -
  receiveDataAckOfDataFin    | M_FIN_WAIT_1                               | D | goto M_FIN_WAIT_2, emit closeSubflows, permit 3.3.3-b, dssReceived=true
  receiveDataAckOfDataFin    | M_CLOSING                                  | D | goto M_TIME_WAIT, emit closeSubflows, permit 3.3.3-b, start timeWait, ending=dataFin
  receiveDataAckOfDataFin    | M_LAST_ACK                                 | D | goto M_CLOSED, emit closeSubflows, emit deleteConnection, permit 3.3.3-b, ending=dataFin
  receiveDataAckOfDataFin    | M_FIN_WAIT_2 over                          | 3.3.3 | -
  receiveDataAckOfDataFin    | keyed M_ESTAB M_CLOSE_WAIT                 | 3.3.2 | -
  receiveDataAckOfDataFin    | opening                                    | 3.1 | -
  receiveDataAckOfDataFin    | FASTCLOSE_WAIT                             | 3.5 | -
  receiveDataAckOfDataFin    | FALLBACK                                   | 3.7 | -
  sendDataAckOfDataFin       | M_CLOSE_WAIT M_CLOSING M_LAST_ACK over     | D | -
  sendDataAckOfDataFin       | opening keyed M_ESTAB M_FIN_WAIT_1 M_FIN_WAIT_2 | 3.3.3 | never
  sendDataAckOfDataFin       | FASTCLOSE_WAIT                             | 3.5 | -
  sendDataAckOfDataFin       | FALLBACK                                   | 3.7 | -
  allSubflowsClosed          | M_TIME_WAIT                                | D | goto M_CLOSED, stop timeWait, emit deleteConnection
  allSubflowsClosed          | M_CLOSED                                   | D | -

  # l.1320: the DATA_FIN is the end of the data.
  sendData by=DSS            | finished M_TIME_WAIT                       | 3.3.3 | forbid 3.3.3-b
  sendData by=DSS with ending=dataFin           | M_CLOSED                | 3.3.3 | forbid 3.3.3-b
  sendData by=DSS with ending=timeout           | M_CLOSED                | 3.3.3 | never

  # l.1617: without subflows "the MPTCP connection is treated as closed only after a timeout"; a RST has the scope of its subflow (3.5).
  allSubflowsClosed          | alive                                      | 3.3.3 | start timeWait
  receiveRst                 | alive                                      | 3.5 | start timeWait
  subflowEstablished         | alive                                      | 3.3.3 | stop timeWait
  timeWait                   | alive                                      | 3.3.3 | goto M_CLOSED, emit deleteConnection, ending=timeout
  timeWait with ending=dataFin | M_TIME_WAIT                              | 3.3.3 | goto M_CLOSED, emit deleteConnection
  timeWait                   | opening M_CLOSED FASTCLOSE_WAIT FALLBACK   | 3.3.3 | never
  subflowEstablished         | opening                                    | 3.2 | never
  subflowEstablished         | over                                       | 3.3.3 | -
  subflowEstablished         | FASTCLOSE_WAIT                             | 3.5 | -
  subflowEstablished         | FALLBACK                                   | 3.7 | -
  allSubflowsClosed          | opening                                    | 3.1 | goto M_CLOSED, emit deleteConnection, ending=subflows
  receiveRst                 | opening                                    | 3.1 | goto M_CLOSED, emit deleteConnection, ending=subflows
  receiveRst                 | M_TIME_WAIT                                | D | goto M_CLOSED, stop timeWait, emit deleteConnection
  receiveRst                 | M_CLOSED                                   | D | -
  allSubflowsClosed          | FALLBACK                                   | 3.7 | emit deleteConnection
  receiveRst                 | FALLBACK                                   | 3.7 | emit deleteConnection
  sendRst                    | opening alive over FASTCLOSE_WAIT FALLBACK | 3.6 | -

  # Section 3.5, Option A: on an ACK, RSTs on the other subflows, FASTCLOSE_WAIT; answered by a RST; three retransmissions, then a RST.
  sendFastclose              | alive M_TIME_WAIT                          | 3.5 | goto FASTCLOSE_WAIT, emit resetOtherSubflows, start fastcloseRetransmit, ending=fastcloseSent
  sendFastclose with fastcloseRetransmissions=0 | FASTCLOSE_WAIT          | 3.5 | restart fastcloseRetransmit, fastcloseRetransmissions=1
  sendFastclose with fastcloseRetransmissions=2 | FASTCLOSE_WAIT          | 3.5 | restart fastcloseRetransmit, fastcloseRetransmissions=3
  sendFastclose with fastcloseRetransmissions=3 | FASTCLOSE_WAIT          | 3.5 | forbid 3.5-3, fastcloseRetransmissions=4
  sendFastclose              | opening                                    | 3.1 | never
  sendFastclose              | M_CLOSED                                   | 3.5 | never
  fastcloseRetransmit with fastcloseRetransmissions=2 | FASTCLOSE_WAIT    | 3.5 | owe sendFastclose 3.5-1, restart fastcloseRetransmit
  fastcloseRetransmit with fastcloseRetransmissions=3 | FASTCLOSE_WAIT    | 3.5 | owe sendFastcloseRst 3.5-4, permit 3.5-2
  fastcloseRetransmit        | opening alive over FALLBACK                | 3.5 | never
  receiveFastclose key=valid   | alive M_TIME_WAIT                        | 3.5 | goto M_CLOSED, owe sendRst 3.5-c, emit resetSubflows, emit deleteConnection, ending=fastcloseReceived
  receiveFastclose key=unknown | alive M_TIME_WAIT                        | 3.5 | goto M_CLOSED, emit resetSubflows, emit deleteConnection, ending=fastcloseReceived
  receiveFastclose key=wrong   | alive M_TIME_WAIT FASTCLOSE_WAIT         | 3.5 | -
  receiveFastclose key=valid with ending=fastcloseReceived | M_CLOSED     | 3.5 | owe sendRst 3.5-c
  receiveFastclose key=wrong with ending=fastcloseReceived | M_CLOSED     | 3.5 | -
  receiveFastclose key=valid with ending=dataFin           | M_CLOSED     | 3.5 | -
  receiveFastclose key=valid   | opening                                  | 3.5 | -
  receiveFastclose key=valid   | FALLBACK                                 | 3.7 | -
  receiveRst                 | FASTCLOSE_WAIT                             | 3.5 | goto M_CLOSED, stop fastcloseRetransmit, emit deleteConnection
  allSubflowsClosed          | FASTCLOSE_WAIT                             | 3.5 | goto M_CLOSED, stop fastcloseRetransmit, emit deleteConnection

  # l.2177: both at once.
  receiveFastclose key=valid   | FASTCLOSE_WAIT                           | 3.5 | goto M_CLOSED, stop fastcloseRetransmit, owe sendRst 3.5-g, emit resetSubflows, emit deleteConnection
  receiveFastclose key=unknown | FASTCLOSE_WAIT                           | 3.5 | goto M_CLOSED, stop fastcloseRetransmit, emit resetSubflows, emit deleteConnection

  # Option R: on a RST on every subflow, closed at once. l.2129: no data afterwards.
  sendFastcloseRst           | alive M_TIME_WAIT                          | 3.5 | goto M_CLOSED, emit resetSubflows, emit deleteConnection, ending=fastcloseSent
  sendFastcloseRst           | FASTCLOSE_WAIT                             | 3.5 | goto M_CLOSED, stop fastcloseRetransmit, emit deleteConnection
  sendFastcloseRst           | M_CLOSED                                   | 3.5 | -
  sendFastcloseRst           | opening                                    | 3.1 | never
  receiveFastcloseRst key=valid   | alive M_TIME_WAIT                     | 3.5 | goto M_CLOSED, emit resetSubflows, emit deleteConnection, ending=fastcloseReceived
  receiveFastcloseRst key=unknown | alive M_TIME_WAIT                     | 3.5 | goto M_CLOSED, emit resetSubflows, emit deleteConnection, ending=fastcloseReceived
  receiveFastcloseRst key=wrong   | alive M_TIME_WAIT                     | 3.5 | -
  receiveFastcloseRst key=wrong   | FASTCLOSE_WAIT                        | 3.5 | goto M_CLOSED, stop fastcloseRetransmit, emit deleteConnection
  receiveFastcloseRst key=valid   | opening                             | 3.1 | goto M_CLOSED, emit deleteConnection, ending=subflows
  receiveFastcloseRst key=valid   | M_CLOSED                              | 3.5 | -
  receiveFastcloseRst key=valid   | FALLBACK                              | 3.7 | emit deleteConnection
  sendData by=DSS                 | FASTCLOSE_WAIT                        | 3.5 | forbid 3.5-b
  sendData by=DSS with ending=fastcloseSent | M_CLOSED                    | 3.5 | forbid 3.5-b

  # Section 3.7: MP_FAIL on the only subflow MUST be answered by an MP_FAIL (l.2413) and an infinite mapping (l.2405); on a RST it closes
  # its subflow only. Who has sent one already does not answer the answer.
  sendMpFail rst=false       | alive                                      | 3.7 | mpFailSent=true
  sendMpFail rst=true        | alive                                      | 3.7 | -
  sendMpFail rst=false       | opening                                    | 3.7 | never
  sendMpFail rst=false       | over                                       | 3.7 | -
  sendMpFail rst=false       | FASTCLOSE_WAIT                             | 3.5 | -
  receiveMpFail rst=false    | alive                                      | 3.7 | goto FALLBACK, cause=mpFail, owe sendMpFail 3.7-9, owe sendInfiniteMapping 3.7-i
  receiveMpFail rst=false with mpFailSent=true | alive                    | 3.7 | goto FALLBACK, cause=mpFail
  receiveMpFail rst=true     | alive                                      | 3.7 | -
  receiveMpFail rst=true with mpFailSent=true | alive                     | 3.7 | -
  receiveMpFail rst=false    | opening                                    | 3.1 | -
  receiveMpFail rst=false    | over FALLBACK                              | 3.7 | -
  receiveMpFail rst=false    | FASTCLOSE_WAIT                             | 3.5 | -
  sendInfiniteMapping        | alive                                      | 3.7 | goto FALLBACK, cause=sentInfiniteMapping
  sendInfiniteMapping        | opening                                    | 3.1 | never
  sendInfiniteMapping        | over                                       | 3.7 | -
  sendInfiniteMapping        | FASTCLOSE_WAIT                             | 3.5 | -

  # l.2434: after an infinite mapping has come, no Data ACKs.
  receiveInfiniteMapping     | alive                                      | 3.7 | goto FALLBACK, cause=receivedInfiniteMapping, owe sendPlainAck 3.7-14
  receiveInfiniteMapping     | opening                                    | 3.1 | -
  receiveInfiniteMapping     | over                                       | 3.7 | -
  receiveInfiniteMapping     | FASTCLOSE_WAIT                             | 3.5 | -
  receiveInfiniteMapping with cause=mpFail                  | FALLBACK    | 3.7 | cause=receivedInfiniteMapping, owe sendPlainAck 3.7-14
  receiveInfiniteMapping with cause=noDataAck               | FALLBACK    | 3.7 | cause=receivedInfiniteMapping, owe sendPlainAck 3.7-14
  receiveInfiniteMapping with cause=sentInfiniteMapping     | FALLBACK    | 3.7 | cause=receivedInfiniteMapping, owe sendPlainAck 3.7-14
  receiveInfiniteMapping with cause=receivedInfiniteMapping | FALLBACK    | 3.7 | -
  receiveInfiniteMapping with cause=plainSynAck             | FALLBACK    | 3.7 | -

  # l.2321: data on the only subflow acknowledged without a Data ACK MUST lead to regular TCP, told by an infinite mapping (l.2324).
  receiveAckWithoutDataAck subflow=only       | keyed M_ESTAB M_CLOSE_WAIT M_FIN_WAIT_1 M_CLOSING M_LAST_ACK | 3.7 | goto FALLBACK, cause=noDataAck, owe sendInfiniteMapping 3.7-h, owe sendPlainAck 3.7-4
  receiveAckWithoutDataAck subflow=first      | keyed M_ESTAB M_CLOSE_WAIT M_FIN_WAIT_1 M_CLOSING M_LAST_ACK | 3.7 | -
  receiveAckWithoutDataAck subflow=additional | keyed M_ESTAB M_CLOSE_WAIT M_FIN_WAIT_1 M_CLOSING M_LAST_ACK | 3.7 | -
  receiveAckWithoutDataAck subflow=only       | opening                   | 3.1 | -
  receiveAckWithoutDataAck subflow=only       | M_FIN_WAIT_2 over FALLBACK | 3.7 | -
  receiveAckWithoutDataAck subflow=only       | FASTCLOSE_WAIT            | 3.5 | -

  # l.2440: "Once MPTCP falls back to regular TCP, it MUST NOT revert to MPTCP later"; a handshake without MP_CAPABLE forbids it itself.
  sendData by=DSS                                    | FALLBACK           | 3.7 | never
  sendDss mapping=true with cause=plainSyn           | FALLBACK           | 3.1 | never
  sendDss mapping=true with cause=plainSynAck        | FALLBACK           | 3.1 | forbid 3.1-26
  sendDss mapping=false with cause=plainSynAck       | FALLBACK           | 3.1 | forbid 3.1-26
  sendDss mapping=false with cause=plainAck          | FALLBACK           | 3.1 | forbid 3.1-28
  sendDss mapping=true with cause=keysDiffer         | FALLBACK           | 3.1 | forbid 3.1-9
  sendDss mapping=true with cause=none               | FALLBACK           | 3.7 | forbid 3.7-15
  sendDss mapping=true with cause=noDataAck          | FALLBACK           | 3.7 | forbid 3.7-15
  sendDss mapping=true with cause=receivedInfiniteMapping  | FALLBACK     | 3.7 | forbid 3.7-15
  sendDss mapping=true with cause=mpFail             | FALLBACK           | 3.7 | forbid 3.7-15
  sendDss mapping=false with cause=noDataAck         | FALLBACK           | 3.7 | forbid 3.7-h
  sendDss mapping=false with cause=receivedInfiniteMapping | FALLBACK     | 3.7 | forbid 3.7-14
  sendDss mapping=false with cause=mpFail            | FALLBACK           | 3.7 | -
  sendDss mapping=false with cause=sentInfiniteMapping | FALLBACK         | 3.7 | -
  sendCapableAck with cause=plainSynAck              | FALLBACK           | 3.1 | forbid 3.1-26
  sendCapableAck with cause=keysDiffer               | FALLBACK           | 3.1 | forbid 3.1-9
  sendCapableAck with cause=plainAck                 | FALLBACK           | 3.1 | -
  sendCapableAck with cause=mpFail                   | FALLBACK           | 3.1 | -
${['sendMpFail rst=false', 'sendInfiniteMapping']
  .map(
    (event) => `
  ${event} with cause=plainSyn                       | FALLBACK           | 3.1 | never
  ${event} with cause=plainSynAck                    | FALLBACK           | 3.1 | forbid 3.1-26
  ${event} with cause=plainAck                       | FALLBACK           | 3.1 | forbid 3.1-28
  ${event} with cause=keysDiffer                     | FALLBACK           | 3.1 | forbid 3.1-9
  ${event} with cause=noDataAck                      | FALLBACK           | 3.7 | -
  ${event} with cause=mpFail                         | FALLBACK           | 3.7 | -`,
  )
  .join('')}
${['sendFastclose', 'sendFastcloseRst']
  .map(
    (event) => `
  ${event} with cause=plainSyn                       | FALLBACK           | 3.1 | never
  ${event} with cause=plainSynAck                    | FALLBACK           | 3.1 | never
  ${event} with cause=keysDiffer                     | FALLBACK           | 3.1 | forbid 3.1-9
  ${event} with cause=plainAck                       | FALLBACK           | 3.7 | forbid 3.7-15
  ${event} with cause=noDataAck                      | FALLBACK           | 3.7 | forbid 3.7-15`,
  )
  .join('')}
  `,
  {
    opening: 'IDLE CAPABLE_SENT CAPABLE_ACCEPTED CAPABLE_RECEIVED CAPABLE_ANSWERED',
    initiating: 'CAPABLE_SENT CAPABLE_ACCEPTED',
    listening: 'CAPABLE_RECEIVED CAPABLE_ANSWERED',
    keyed: 'KEYS_SENT KEYS_RECEIVED',
    finished: 'M_FIN_WAIT_1 M_FIN_WAIT_2 M_CLOSING M_LAST_ACK',
    alive: 'KEYS_SENT KEYS_RECEIVED M_ESTAB M_CLOSE_WAIT M_FIN_WAIT_1 M_FIN_WAIT_2 M_CLOSING M_LAST_ACK',
    over: 'M_TIME_WAIT M_CLOSED',
    later: 'M_ESTAB M_CLOSE_WAIT M_FIN_WAIT_1 M_FIN_WAIT_2 M_CLOSING M_LAST_ACK M_TIME_WAIT M_CLOSED FASTCLOSE_WAIT',
  },
);
