/** What RFC 5534 section 6 says of a host, event by event. See expectations.ts for how to read it. */
import { readExpectations } from './expectations.ts';

export const reapExpectations = readExpectations(
  `
  # 4.2: who hears of its peer begins its probes from there.
  # 6.1: Operational starts the Keepalive Timer and stops the Send Timer; Exploring goes to InboundOk with a Probe and the Send Timer.
  receivePayload   | Operational          | 6.1 | stop send, start keepalive, start keepaliveInterval
  receivePayload   | Exploring            | 6.1 | goto InboundOk, emit probe, start send, restart probe
  receivePayload   | InboundOk            | 6.1 | stop send
  # 6.2
  sendPayload      | Operational          | 6.2 | stop keepalive, stop keepaliveInterval, start send
  sendPayload      | Exploring            | 6.2 | -
  sendPayload      | InboundOk            | 6.2 | start send
  # 6.6
  receiveKeepalive | Operational          | 6.6 | stop send
  receiveKeepalive | Exploring            | 6.6 | goto InboundOk, emit probe, start send, restart probe
  receiveKeepalive | InboundOk            | 6.6 | stop send
  # Section 6: the Keepalive Timer is only used within Operational, no timer but that of the probes runs in Exploring.
  sendKeepalive    | Operational          | 6.1 | -
  sendKeepalive    | Exploring InboundOk  | 6   | never
  # 6.3, 4.1
  keepaliveTimeout | Operational          | 6.3 | emit keepalive, stop keepaliveInterval
  keepaliveTimeout | Exploring InboundOk  | 6   | never
  keepaliveInterval | Operational         | 4.1 | emit keepalive, restart keepaliveInterval
  keepaliveInterval | Exploring InboundOk | 6   | never
  # 6.4
  sendTimeout      | Operational          | 6.4 | goto Exploring, emit probe, start probe
  sendTimeout      | Exploring            | 6   | never
  sendTimeout      | InboundOk            | 6.4 | goto Exploring, emit probe
  # 6.5
  probeTimeout     | Operational          | 6.5 | never
  probeTimeout     | Exploring            | 6.5 | emit probe, restart probe
  probeTimeout     | InboundOk            | 6.5 | emit probe, restart probe, start send
  # 6.7
  receiveProbe state=Exploring reported=false | Operational | 6.7 | goto InboundOk, emit probe, stop keepalive, stop keepaliveInterval, restart send, start probe
  receiveProbe state=Exploring reported=true  | Operational | 6.7 | goto InboundOk, emit probe, stop keepalive, stop keepaliveInterval, restart send, start probe
  receiveProbe state=Exploring reported=false | Exploring   | 6.7 | goto InboundOk, emit probe, restart send, restart probe
  receiveProbe state=Exploring reported=false | InboundOk   | 6.7 | emit probe, restart send
  # 6.8: a Probe back, Operational; the pair is the one that was reported, or stays.
  receiveProbe state=InboundOk reported=true  | Operational         | 6.8 | emit takeReportedPair, emit probe, restart send, stop keepalive, stop keepaliveInterval, stop probe
  receiveProbe state=InboundOk reported=false | Operational         | 6.8 | emit probe, restart send, stop keepalive, stop keepaliveInterval, stop probe
  receiveProbe state=InboundOk reported=true  | Exploring InboundOk | 6.8 | goto Operational, emit takeReportedPair, emit probe, restart send, stop keepalive, stop keepaliveInterval, stop probe
  receiveProbe state=InboundOk reported=false | Exploring InboundOk | 6.8 | goto Operational, emit probe, restart send, stop keepalive, stop keepaliveInterval, stop probe
  # 6.9: nothing is sent back. Appendix A: the second host takes its pair from this one's reports.
  receiveProbe state=Operational reported=true  | Operational         | 6.9 | emit takeReportedPair, stop send, start keepalive, start keepaliveInterval, stop probe
  receiveProbe state=Operational reported=false | Operational         | 6.9 | stop send, start keepalive, start keepaliveInterval, stop probe
  receiveProbe state=Operational reported=true  | Exploring InboundOk | 6.9 | goto Operational, emit takeReportedPair, stop send, start keepalive, start keepaliveInterval, stop probe
  receiveProbe state=Operational reported=false | Exploring InboundOk | 6.9 | goto Operational, stop send, start keepalive, start keepaliveInterval, stop probe
  # 6.1: the State field matches the state of the sender after sending.
  sendProbe state=Operational | Operational         | 6.1 | -
  sendProbe state=Exploring   | Exploring           | 6.1 | -
  sendProbe state=InboundOk   | InboundOk           | 6.1 | -
  sendProbe state=Exploring   | Operational InboundOk | 6.1 | forbid 6.1-1
  sendProbe state=InboundOk   | Exploring           | 6.1 | forbid 6.1-1
  # 3.3: what comes from outside begins an exploration, once.
  suspect          | Operational          | 3.3 | goto Exploring, emit probe, stop send, stop keepalive, stop keepaliveInterval, start probe
  suspect          | Exploring InboundOk  | 3.3 | -
  `,
  {},
  5534,
);
