/** Follows the MPTCP options that signal: addresses, priority, failure and fast close (RFC 8684 sections 3.3.8, 3.4, 3.5, 3.6 and 3.7). */
import { equalBytes } from '../../codecs/bytes.ts';
import type { AddAddr, MptcpOption } from '../../codecs/mptcp/index.ts';
import { judge } from './judge.ts';
import type { Watch } from './judge.ts';
import { feedConnection } from './machines.ts';
import { other } from './model.ts';
import type { Here } from './model.ts';

const RST = 4;

/** An MPTCP option other than MP_CAPABLE, MP_JOIN and DSS. */
export const followSignal = (here: Here, watch: Watch, option: MptcpOption): void => {
  const rst = (here.segment.flags & RST) !== 0;
  switch (option.kind) {
    case 'ADD_ADDR':
      judge(watch.addAddr, here, { option });
      followAddAddr(here, option);
      return;
    case 'REMOVE_ADDR':
      judge(watch.removeAddr, here, { option });
      for (const id of option.addressIds) {
        for (const address of here.sender.addresses) if (address.id === id) address.removedFrame ||= here.frame;
      }
      return;
    case 'MP_PRIO':
      judge(watch.prio, here, { option });
      here.sent.backup = option.backup;
      here.sent.backupFrame = here.frame;
      return;
    case 'MP_FAIL':
      judge(watch.fail, here, { option });
      here.sender.mpFailFrame ||= here.frame;
      here.connection.failFrame ||= here.frame;
      feedConnection(here, here.host, { type: 'sendMpFail', rst });
      feedConnection(here, other(here.host), { type: 'receiveMpFail', rst });
      return;
    case 'MP_FASTCLOSE': {
      judge(watch.fastclose, here, { option });
      const { key } = here.receiver;
      const validity = key === undefined ? 'unknown' : key === option.receiverKey ? 'valid' : 'wrong';
      here.flow.fastcloseFrame ||= here.frame;
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
      return;
    default: // MP_EXPERIMENTAL and unknown ones: nobody needs to understand them (section 3)
  }
};

const followAddAddr = (here: Here, option: AddAddr): void => {
  const { flow, sender, receiver, frame } = here;
  if (option.version === 1 && option.echo) {
    const echoed = receiver.addresses.find(
      (each) =>
        each.by === 'ADD_ADDR' && each.id === option.addressId && each.port === option.port && equalBytes(each.address, option.address),
    );
    if (echoed !== undefined) echoed.echoedFrame ||= frame;
    return;
  }
  const known = sender.addresses.some(
    (each) =>
      each.by === 'ADD_ADDR' &&
      each.id === option.addressId &&
      each.port === option.port &&
      each.removedFrame === 0 &&
      equalBytes(each.address, option.address),
  );
  if (known || sender.addresses.length >= 512) return;
  sender.addresses.push({
    id: option.addressId,
    address: option.address.slice(),
    port: option.port,
    frame,
    by: 'ADD_ADDR',
    removedFrame: 0,
    echoedFrame: 0,
    announcedOnPort: flow.ports[here.side],
  });
};
