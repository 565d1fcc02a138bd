/** Follows the MPTCP options that signal: addresses, priority, failure and fast close (RFC 8684 sections 3.3.8, 3.4, 3.5, 3.6 and 3.7). */
import { RST } from '../../../codecs/packet/index.ts';
import { copyOf, equalBytes, toHex } from '../../../codecs/bytes.ts';
import { addAddrHmac, addAddrHmacLeftmost } from '../../../codecs/mptcp/index.ts';
import type { AddAddr, MpPrio, MptcpOption } from '../../../codecs/mptcp/index.ts';
import { addressIdOf } from './addresses.ts';
import { judge } from './judge.ts';
import type { History, Watch } from './judge.ts';
import { answers, feedConnection, feedWhenReceived, isUnderway } from './machines.ts';
import { other } from './model.ts';
import type { End, Here, Host } from './model.ts';

/** An MPTCP option other than MP_CAPABLE, MP_JOIN and DSS. */
export const followSignal = (here: Here, watch: Watch, option: MptcpOption): void => {
  const rst = (here.segment.flags & RST) !== 0;
  switch (option.kind) {
    case 'ADD_ADDR': {
      const what = withHmac(here, option);
      judge(watch.addAddr, here, what);
      followAddAddr(here, what);
      return;
    }
    case 'REMOVE_ADDR':
      judge(watch.removeAddr, here, { option });
      for (const id of option.addressIds) {
        for (const address of here.sender.addresses) {
          if (address.id !== id || address.removedFrame > 0) continue;
          address.removedFrame = here.frame;
          address.removedTime = here.time;
        }
      }
      return;
    case 'MP_PRIO':
      judge(watch.prio, here, { option });
      followPrio(here, option);
      return;
    case 'MP_FAIL':
      judge(watch.fail, here, { option });
      // One that is repeated until it is answered answers nothing.
      if (here.sender.mpFailFrame === 0 && !mayHaveFailed(here)) answers(here, ['receiveMpFail']);
      here.sender.mpFailFrame ||= here.frame;
      here.sender.lastMpFailFrame = here.frame;
      here.sender.mpFailNumber = option.dataSequenceNumber;
      // One that may have crossed the other host's is taken for the answer once that one is shown to have come: see `deliver`.
      if (rst || !isUnderway(here, 'receiveMpFail')) feedConnection(here, here.host, { type: 'sendMpFail', rst });
      // With several subflows it belongs on a RST: what one on an ACK then asks of its receiver is not said.
      if (rst || isOnlySubflow(here)) feedWhenReceived(here, { type: 'receiveMpFail', rst });
      return;
    case 'MP_FASTCLOSE': {
      judge(watch.fastclose, here, { option });
      const { key } = here.receiver;
      const validity = key === undefined ? 'unknown' : key === option.receiverKey ? 'valid' : 'wrong';
      here.flow.fastcloseFrame ||= here.frame;
      followFastclose(here, rst, validity);
      feedConnection(here, here.host, { type: rst ? 'sendFastcloseRst' : 'sendFastclose' });
      feedConnection(
        here,
        other(here.host),
        rst ? { type: 'receiveFastcloseRst', key: validity } : { type: 'receiveFastclose', key: validity },
      );
      here.sender.fastcloseFrame ||= here.frame;
      here.connection.fastcloseFrame ||= here.frame;
      return;
    }
    case 'MP_TCPRST':
      judge(watch.tcprst, here, { option });
      if (rst) here.flow.tcprst ??= { frame: here.frame, by: here.host, transient: option.transient };
      return;
    default: // MP_EXPERIMENTAL and unknown ones: nobody needs to understand them (section 3)
  }
};

/** Whether a host may send an MP_FAIL for a reason of its own: data has been sent to it that it has not acknowledged. */
const mayHaveFailed = ({ sender, receiver }: Here): boolean => receiver.sentEnd > Math.max(1, sender.dataAck);

const isOnlySubflow = ({ connection, flow }: Here): boolean =>
  connection.flows.every((each) => each === flow || each.closed || !each.established);

/** In version 0 an MP_PRIO may name the address whose subflows it is for (RFC 6824 section 3.3.8); otherwise it is for its own. */
const followPrio = (here: Here, { backup, addressId }: MpPrio): void => {
  const set = (end: End): void => {
    end.backup = backup;
    end.backupFrame = here.frame;
    end.backupTime = here.time;
  };
  here.sender.asksBackup ||= backup;
  if (addressId === undefined) {
    set(here.sent);
    return;
  }
  for (const flow of here.connection.flows) if (addressIdOf(flow, here.host) === addressId) set(flow.endOf(here.host));
};

const followFastclose = (here: Here, rst: boolean, key: 'valid' | 'wrong' | 'unknown'): void => {
  const { frame, time, ssn, sent } = here;
  const fastclose = (sent.fastclose ??= {
    frame,
    time,
    ssn,
    onAck: 0,
    lastTime: time,
    rstFrame: 0,
    key,
    after: 0,
    afterFrame: 0,
    afterTime: time,
  });
  if (rst) {
    fastclose.rstFrame ||= frame;
    return;
  }
  fastclose.onAck += 1;
  fastclose.lastTime = time;
};

/** The HMAC of an ADD_ADDR, held against the keys (section 3.4.1). */
const withHmac = (here: Here, option: AddAddr): History['addAddr'] => {
  if (option.version === 0 || option.echo) return { option, hmac: 'none', expected: '' };
  const { key: own } = here.sender;
  const { key: theirs } = here.receiver;
  if (own === undefined || theirs === undefined) return { option, hmac: 'unknown', expected: '' };
  const { addressId, address, port, truncatedHmac } = option;
  const hmac = addAddrHmac(own, theirs, addressId, address, port);
  const expected = toHex(hmac);
  if (truncatedHmac === undefined) return { option, hmac: 'absent', expected };
  if (equalBytes(hmac, truncatedHmac)) return { option, hmac: 'valid', expected };
  const leftmost = equalBytes(addAddrHmacLeftmost(own, theirs, addressId, address, port), truncatedHmac);
  return { option, hmac: leftmost ? 'leftmost' : 'wrong', expected };
};

const followAddAddr = (here: Here, { option, hmac }: History['addAddr']): void => {
  const { flow, sender, receiver, frame } = here;
  const same = (each: Host['addresses'][number]): boolean =>
    each.by === 'ADD_ADDR' && each.id === option.addressId && each.port === option.port && equalBytes(each.address, option.address);
  if (option.version === 1 && option.echo) {
    const echoed = receiver.addresses.findLast(same);
    if (echoed !== undefined) echoed.echoedFrame ||= frame;
    return;
  }
  const known = sender.addresses.find((each) => each.removedFrame === 0 && same(each))?.announced;
  if (known !== undefined) {
    known.times += 1;
    known.lastFrame = frame;
  }
  if (known !== undefined || sender.addresses.length >= 512) return;
  sender.addresses.push({
    id: option.addressId,
    address: copyOf(option.address),
    port: option.port,
    frame,
    by: 'ADD_ADDR',
    removedFrame: 0,
    echoedFrame: 0,
    announcedOnPort: flow.ports[here.side],
    announced: { hmac, reserved: option.version === 1 ? option.reserved : 0, time: here.time, times: 1, lastFrame: frame },
  });
};
