/** Joins that failed, and whether they are tried again: RFC 8684 sections 3.4.1, 3.6 and 3.9.3 judge the same attempts. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { broken } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { other } from '../../follow/mptcp/model.ts';
import type { Flow, Here, Index } from '../../follow/mptcp/model.ts';

/** An attempt to open a subflow that failed. */
export interface Failed {
  readonly flow: Flow;
  /** Frame in which it failed. */
  readonly frame: number;
  /** Whether the address had been announced by ADD_ADDR. */
  readonly announced: boolean;
}

/** Frame in which a join failed: a RST came before it was established. 0 where it did not. */
export const failureFrame = ({ join, ends }: Flow): number => {
  if (join === undefined || (join.establishedFrame > 0 && join.openerValid !== false)) return 0;
  const frames = [join.refusedFrame, ends[0].rstFrame, ends[1].rstFrame].filter((frame) => frame > 0);
  return frames.length === 0 ? 0 : Math.min(...frames);
};

/** An earlier join of the same opener to the same address and port that had failed when this SYN was sent, and was not announced anew since. */
export const failedBefore = ({ connection, flow }: Here): Failed | undefined => {
  const opener = flow.hostOf(0);
  const [, port] = flow.ports;
  const synFrame = flow.join?.synFrame ?? 0;
  const address = flow.addressOf(1);
  for (const each of connection.flows) {
    if (each === flow || each.join === undefined || each.hostOf(0) !== opener || each.ports[1] !== port) continue;
    const frame = failureFrame(each);
    if (frame === 0 || frame > synFrame || !equalBytes(each.addressOf(1), address)) continue;
    const told = announcedTo(connection.hosts[other(opener)].addresses, address, port, synFrame);
    if (told.some(({ announced }) => announced!.lastFrame > frame && announced!.lastFrame < synFrame)) continue;
    return { flow: each, frame, announced: told.length > 0 };
  }
  return undefined;
};

const announcedTo = (addresses: Here['sender']['addresses'], address: Uint8Array, port: number, before: number) =>
  addresses.filter(
    (each) => each.announced !== undefined && each.frame < before && equalBytes(each.address, address) && (each.port ?? port) === port,
  );

/** The finding: an attempt that failed is repeated. */
export const triedAgain = ({ flow }: Here, failed: Failed): Judgement =>
  broken(
    `no further attempt to ${flow.textOf(1)}`,
    `a SYN with MP_JOIN in frame ${flow.join!.synFrame}`,
    `A join to ${flow.textOf(1)} had failed (frame ${failed.frame}), and no ADD_ADDR has announced it since.`,
    [flow.join!.synFrame, failed.frame],
  );

/** Whether a host went on with the connection after a frame, on another subflow. */
export const wentOnAfter = ({ connection }: Here, host: Index, frame: number, without: Flow): boolean =>
  connection.flows.some((each) => each !== without && each.lastFrame > frame && each.endOf(host).segments > 0);
