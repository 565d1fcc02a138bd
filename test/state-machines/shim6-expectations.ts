/** What RFC 5533 says of a context, event by event. See expectations.ts for how to read it. */
import { readExpectations } from './expectations.ts';

export const shim6Expectations = readExpectations(
  `
  # 7.9: no state, or a failure that is remembered: R1. Waiting: R2. ESTABLISHED: R2 where tag and locator fit, R1 otherwise.
  receiveI1 tag=other addresses=stale    | WITHOUT     | 7.9 | emit r1
  receiveI1 tag=matching addresses=known | WAITING     | 7.9 | emit r2
  receiveI1 tag=other addresses=known    | WAITING     | 7.9 | emit r2
  receiveI1 tag=matching addresses=known | ESTABLISHED | 7.9 | emit r2
  receiveI1 tag=matching addresses=stale | ESTABLISHED | 7.9 | emit r1
  receiveI1 tag=other addresses=known    | ESTABLISHED | 7.9 | emit r1
  # 7.11
  receiveR1 | I1-SENT | 7.11 | emit i2
  receiveR1 | I2-SENT I2BIS-SENT ESTABLISHED WITHOUT | 7.11 | -
  # 7.13: the context is created, or comes to be established, or only its peer is another; an R2 each time.
  receiveI2 verdict=valid | WITHOUT | 7.13 | goto ESTABLISHED, emit allocate, emit learn, stop retransmission, stop holddown, restart idle, emit r2
  receiveI2 verdict=valid | I1-SENT | 7.13 | goto ESTABLISHED, emit learn, stop retransmission, stop holddown, restart idle, owe sendR2 7.13-5, emit r2
  receiveI2 verdict=valid | I2-SENT I2BIS-SENT ESTABLISHED | 7.13 | emit learn, owe sendR2 7.13-7, emit r2
  receiveI2 verdict=discarded  | ALL | 7.13 | -
  receiveI2 verdict=unverified | ALL | 7.2  | owe sendError 7.2-5, emit errorVerification
  # 7.20: the same for an I2bis.
  receiveI2bis verdict=valid | WITHOUT | 7.20 | goto ESTABLISHED, emit allocate, emit learn, stop retransmission, stop holddown, restart idle, emit r2
  receiveI2bis verdict=valid | I1-SENT | 7.20 | goto ESTABLISHED, emit learn, stop retransmission, stop holddown, restart idle, owe sendR2 7.20-6, emit r2
  receiveI2bis verdict=valid | I2-SENT I2BIS-SENT ESTABLISHED | 7.20 | emit learn, owe sendR2 7.20-8, emit r2
  receiveI2bis verdict=discarded  | ALL | 7.20 | -
  receiveI2bis verdict=unverified | ALL | 7.2  | owe sendError 7.2-5, emit errorVerification
  # 7.16
  receiveR2 verdict=valid      | WAITING | 7.16 | goto ESTABLISHED, emit learn, stop retransmission, stop holddown, restart idle, emit announce
  receiveR2 verdict=discarded  | WAITING | 7.16 | -
  receiveR2 verdict=unverified | WAITING | 7.2  | owe sendError 7.2-5, emit errorVerification
  receiveR2 verdict=valid      | ESTABLISHED WITHOUT | 7.16 | -
  # 7.18: the I2bis is what moves the context.
  receiveR1bis | ESTABLISHED     | 7.18 | emit i2bis
  receiveR1bis | WAITING WITHOUT | 7.18 | -
  # 10.4
  receiveUpdateRequest addresses=known verdict=valid      | ESTABLISHED | 10.4 | emit record, emit updateAck
  receiveUpdateRequest addresses=known verdict=discarded  | ESTABLISHED | 10.4 | -
  receiveUpdateRequest addresses=known verdict=unverified | ESTABLISHED | 7.2  | owe sendError 7.2-5, emit errorVerification
  receiveUpdateRequest addresses=known verdict=generation | ESTABLISHED | 10.4 | emit errorGeneration
  receiveUpdateRequest addresses=known verdict=elements   | ESTABLISHED | 10.4 | emit errorElements
  receiveUpdateRequest addresses=stale verdict=valid      | ESTABLISHED I2BIS-SENT | 10.4 | owe sendR1bis 10.4-3, emit r1bis
  receiveUpdateRequest addresses=known verdict=valid      | I2BIS-SENT  | 10.4 | emit i2bis, emit record, emit updateAck
  receiveUpdateRequest addresses=known verdict=discarded  | I2BIS-SENT  | 10.4 | -
  receiveUpdateRequest addresses=known verdict=unverified | I2BIS-SENT  | 7.2  | emit i2bis, owe sendError 7.2-5, emit errorVerification
  receiveUpdateRequest addresses=known verdict=generation | I2BIS-SENT  | 10.4 | emit i2bis, emit errorGeneration
  receiveUpdateRequest addresses=known verdict=elements   | I2BIS-SENT  | 10.4 | emit i2bis, emit errorElements
  receiveUpdateRequest addresses=known verdict=valid      | I1-SENT     | 10.4 | -
  receiveUpdateRequest addresses=known verdict=valid      | I2-SENT     | 10.4 | emit i2
  # 7.17: a message of type 64 to 127 that is about no context.
  receiveUpdateRequest addresses=stale verdict=valid      | WITHOUT     | 7.17 | emit r1bis
  # 10.5, where R2 means I2 and I2bis
  receiveUpdateAck addresses=known nonce=matching | ESTABLISHED | 10.5 | stop update, emit updated
  receiveUpdateAck addresses=known nonce=other    | ESTABLISHED | 10.5 | -
  receiveUpdateAck addresses=stale nonce=matching | ESTABLISHED I2BIS-SENT | 10.5 | owe sendR1bis 10.5-3, emit r1bis
  receiveUpdateAck addresses=known nonce=matching | I2BIS-SENT  | 10.5 | emit i2bis, stop update, emit updated
  receiveUpdateAck addresses=known nonce=other    | I2BIS-SENT  | 10.5 | emit i2bis
  receiveUpdateAck addresses=known nonce=matching | I1-SENT     | 10.5 | -
  receiveUpdateAck addresses=known nonce=matching | I2-SENT     | 10.5 | emit i2
  receiveUpdateAck addresses=stale nonce=other    | WITHOUT     | 7.17 | emit r1bis
  # 12.4; the states as in 12.2
  receiveReap addresses=known | ESTABLISHED | 12.2 | emit reap
  receiveReap addresses=stale | ESTABLISHED I2BIS-SENT | 12.4 | emit r1bis
  receiveReap addresses=known | I2BIS-SENT  | 12.2 | emit i2bis, emit reap
  receiveReap addresses=known | I1-SENT     | 12.2 | -
  receiveReap addresses=known | I2-SENT     | 12.2 | emit i2
  receiveReap addresses=stale | WITHOUT     | 7.17 | emit r1bis
  # 12.2
  receivePayloadExtension | ESTABLISHED | 12.2 | emit deliver
  receivePayloadExtension | I1-SENT     | 12.2 | -
  receivePayloadExtension | I2-SENT     | 12.2 | emit i2, emit deliver
  receivePayloadExtension | I2BIS-SENT  | 12.2 | emit i2bis, emit deliver
  receivePayloadExtension | WITHOUT     | 12.2 | owe sendR1bis 12.2-1, emit r1bis
  # 12.1
  receivePayload | ALL | 12.1 | emit deliver
  # 5.14, 12.3
  receiveError                 | ALL | 5.14 | emit report
  receiveUnknownType           | ALL | 12.3 | emit errorUnknownType
  receiveUnknownCriticalOption | ALL | 12.3 | owe sendError 12.3-1, emit errorCriticalOption
  # 7.8, 8
  receiveIcmp error=nextHeader of=control | I1-SENT | 7.8 | goto NO-SUPPORT, stop retransmission, emit discard, restart holddown
  receiveIcmp error=path of=control       | I1-SENT | 7.8 | -
  receiveIcmp error=other of=control      | I1-SENT | 7.8 | -
  receiveIcmp error=nextHeader of=payload | I1-SENT | 8   | emit deliverIcmp
  receiveIcmp error=path of=payload       | I1-SENT I2-SENT WITHOUT | 8 | emit deliverIcmp
  receiveIcmp error=other of=payload      | I1-SENT I2-SENT WITHOUT | 8 | emit deliverIcmp
  receiveIcmp error=path of=control       | I2-SENT WITHOUT | 8 | -
  receiveIcmp error=nextHeader of=control | I2-SENT WITHOUT | 8 | -
  receiveIcmp error=path of=payload       | ESTABLISHED I2BIS-SENT | 8 | emit suspect
  receiveIcmp error=path of=control       | ESTABLISHED I2BIS-SENT | 8 | emit suspect
  receiveIcmp error=nextHeader of=payload | ESTABLISHED I2BIS-SENT | 8 | emit suspect
  receiveIcmp error=other of=payload      | ESTABLISHED I2BIS-SENT | 8 | emit deliverIcmp
  receiveIcmp error=other of=control      | ESTABLISHED I2BIS-SENT | 8 | -
  # 7.7, 7.8, 7.12, 7.19, 7.5 with 7.15
  sendI1 with i1Retries=3 | WITHOUT     | 7.7  | goto I1-SENT, i1Retries=0, stop holddown, restart retransmission
  sendI1 with i1Retries=3 | I1-SENT     | 7.8  | -
  sendI1 with i1Retries=3 | I2-SENT     | 7.12 | goto I1-SENT, i1Retries=4, permit 7.12-2, restart retransmission
  sendI1 with i1Retries=3 | I2BIS-SENT  | 7.19 | goto I1-SENT, i1Retries=0, permit 7.19-2, emit forgetPeer, restart retransmission
  sendI1 with i1Retries=3 | ESTABLISHED | 7.7  | goto I1-SENT, i1Retries=0, emit forgetPeer, stop update, stop idle, restart retransmission
  sendR1 | WITHOUT ESTABLISHED | 7.10 | -
  sendR1 | WAITING             | 7.9  | never
  sendI2 with retries=2 | I1-SENT | 7.11 | goto I2-SENT, retries=0, restart retransmission
  sendI2 with retries=2 | I2-SENT | 7.12 | permit 7.12-1
  sendI2 | WITHOUT I2BIS-SENT ESTABLISHED | 7.11 | never
  sendR2 | WAITING ESTABLISHED | 7.14 | -
  sendR2 | WITHOUT             | 7.14 | never
  sendR1bis | ALL | 7.17 | -
  sendI2bis with retries=2 | ESTABLISHED | 7.18 | goto I2BIS-SENT, retries=0, stop update, stop idle, restart retransmission
  sendI2bis with retries=2 | I2BIS-SENT  | 7.19 | permit 7.19-1
  sendI2bis | WITHOUT I1-SENT I2-SENT | 7.18 | never
  # Only ESTABLISHED and I2BIS-SENT have CT(peer) and Ls(peer) (section 11).
  sendUpdateRequest | ESTABLISHED I2BIS-SENT  | 10.1 | -
  sendUpdateRequest | WITHOUT I1-SENT I2-SENT | 10.1 | never
  sendUpdateAck     | ESTABLISHED I2BIS-SENT  | 10.4 | -
  sendUpdateAck     | WITHOUT I1-SENT I2-SENT | 10.4 | never
  sendReap          | ESTABLISHED I2BIS-SENT  | 11   | -
  sendReap          | WITHOUT I1-SENT I2-SENT | 11   | never
  sendError         | ALL                     | 5.14 | -
  sendPayload route=ulids      | ALL                     | 11   | -
  sendPayload route=verified   | ESTABLISHED I2BIS-SENT  | 11.1 | -
  sendPayload route=unverified | ESTABLISHED I2BIS-SENT  | 7.2  | forbid 7.2-2
  sendPayload route=verified   | WITHOUT I1-SENT I2-SENT | 11   | never
  sendPayload route=unverified | WITHOUT I1-SENT I2-SENT | 11   | never
  # 7.7; 7.8: not as long as the failure is remembered.
  establish | IDLE                | 7.7 | emit allocate, emit i1
  establish | WAITING ESTABLISHED | 7.7 | -
  establish | E-FAILED NO-SUPPORT | 7.8 | -
  # 10.3: one update at a time.
  locatorsChanged outstanding=false | ESTABLISHED     | 10.1 | emit updateRequest, restart update
  locatorsChanged outstanding=true  | ESTABLISHED     | 10.3 | -
  locatorsChanged outstanding=false | WITHOUT WAITING | 10.1 | -
  confusion inUse=true  | ESTABLISHED I2BIS-SENT  | 7.15 | emit i1
  confusion inUse=false | ESTABLISHED I2BIS-SENT  | 7.15 | goto IDLE, emit discard, stop retransmission, stop update, stop idle
  confusion inUse=true  | WITHOUT I1-SENT I2-SENT | 7.15 | never
  tearDown | WAITING ESTABLISHED | 9 | goto IDLE, emit discard, stop retransmission, stop update, stop idle
  tearDown | WITHOUT             | 9 | -
  # 7.8 with I1_RETRIES_MAX 4; 7.12 with I2_RETRIES_MAX 2; 7.19 with I2bis_RETRIES_MAX 2
  retransmissionTimeout with i1Retries=0 | I1-SENT | 7.8 | i1Retries=1, emit i1, restart retransmission
  retransmissionTimeout with i1Retries=3 | I1-SENT | 7.8 | i1Retries=4, emit i1, restart retransmission
  retransmissionTimeout with i1Retries=4 | I1-SENT | 7.8 | goto E-FAILED, emit discard, restart holddown
  retransmissionTimeout with retries=0 | I2-SENT | 7.12 | retries=1, emit i2, restart retransmission
  retransmissionTimeout with retries=1 | I2-SENT | 7.12 | retries=2, emit i2, restart retransmission
  retransmissionTimeout with retries=2 | I2-SENT | 7.12 | emit i1
  retransmissionTimeout with retries=2 i1Retries=3 | I2-SENT | 7.12 | emit i1
  retransmissionTimeout with retries=2 i1Retries=4 | I2-SENT | 7.8  | goto E-FAILED, emit discard, restart holddown
  retransmissionTimeout with retries=1 | I2BIS-SENT | 7.19 | retries=2, emit i2bis, restart retransmission
  retransmissionTimeout with retries=2 | I2BIS-SENT | 7.19 | emit i1
  retransmissionTimeout | ESTABLISHED WITHOUT | 7.8 | never
  updateTimeout | ESTABLISHED     | 10.2 | emit updateRequest, restart update
  updateTimeout | WITHOUT WAITING | 10.2 | never
  holddownTimeout | E-FAILED NO-SUPPORT      | 7.8 | goto IDLE, emit discard
  holddownTimeout | IDLE WAITING ESTABLISHED | 7.8 | never
  idleTimeout used=true  | ESTABLISHED     | 9 | restart idle
  idleTimeout used=false | ESTABLISHED     | 9 | goto IDLE, emit discard, stop update
  idleTimeout used=false | WITHOUT WAITING | 9 | never
  `,
  {
    WITHOUT: 'IDLE E-FAILED NO-SUPPORT',
    WAITING: 'I1-SENT I2-SENT I2BIS-SENT',
    ALL: 'IDLE E-FAILED NO-SUPPORT I1-SENT I2-SENT I2BIS-SENT ESTABLISHED',
  },
  5533,
);
