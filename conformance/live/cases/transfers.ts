/** RFC 8684 sections 3.3 to 3.7 with an endpoint of ours that keeps the rules: whole transfers, over one subflow and several, and what happens to them. */
import type { EndpointSettings } from '../../../state-machines/mptcp/index.ts';
import type { Bench } from '../bench.ts';
import { liveCase, type CaseSetup, type LiveCase } from '../case.ts';
import { begin, compared, finish, type Join, type Transfer, type TransferSetup } from '../transfer.ts';

/** What a whole transfer decides about the kernel. */
export const WHOLE = ['3.3.1-e', '3.3.1-f', '3.3.1-11', '3.3.3-3'];

/** Runs a transfer to its end, and decides what a whole one decides. */
export const whole = async (t: Bench, setup: TransferSetup): Promise<Transfer> => {
  const transfer = await begin(t, setup);
  const isOver = await finish(transfer);
  const { sent, received, seen } = compared(transfer);
  for (const ref of ['3.3.1-e', '3.3.1-f']) t.decide(ref, received, 'the octets that the kernel was given', seen);
  t.decide('3.3.1-11', sent, 'our octets at the application', seen);
  const states = transfer.endpoint.subflows.map(({ tcp }) => tcp).join(', ');
  t.decide('3.3.3-3', isOver, 'FINs on every subflow', `our subflows end as ${states}`);
  return transfer;
};

const PATHS = [1, 2, 3];

/** A whole transfer over so many subflows, opened by whoever opens the connection. */
const over = (
  subflows: number,
  role: EndpointSettings['role'],
  more: {
    name?: string;
    title?: string;
    ipVersion?: 4 | 6;
    mixed?: boolean;
    settings?: Partial<EndpointSettings>;
    kernel?: CaseSetup['kernel'];
  } = {},
): LiveCase => {
  const { ipVersion = 4, mixed = false } = more;
  const paths = PATHS.slice(0, subflows - 1);
  const joinVersion = mixed ? (ipVersion === 4 ? 6 : 4) : ipVersion;
  const opens: Join[] = role === 'initiator' ? paths.map((path) => ({ path, ipVersion: joinVersion })) : [];
  const endpoints =
    role === 'listener'
      ? paths.map((path) => `${joinVersion === 4 ? `10.80.${path}.2` : `fd00:80:${path + 1}::2`} dev path${path} subflow`)
      : [];
  const name = `3.3/transfer-${more.name ?? `${subflows}-${role}`}`;
  const title = `${more.title ?? `${subflows} subflow${subflows > 1 ? 's' : ''}`}, our endpoint is the ${role}: both streams arrive whole, and the connection closes`;
  const kernel = { paths: Math.max(2, subflows), subflows: 8, addressesAccepted: 8, endpoints, ...more.kernel };
  return liveCase(name, title, { decides: WHOLE, kernel, conforms: true }, async (t) => {
    if (mixed && role === 'initiator') t.listen(joinVersion);
    await whole(t, { role, ipVersion, opens, joins: subflows - 1, ...(more.settings && { settings: more.settings }) });
  });
};

const plain: readonly LiveCase[] = [
  ...[1, 2, 4].flatMap((subflows) => [over(subflows, 'initiator'), over(subflows, 'listener')]),
  ...[1, 2].flatMap((subflows) =>
    (['initiator', 'listener'] as const).map((role) =>
      over(subflows, role, {
        name: `ipv6-${subflows}-${role}`,
        title: `${subflows} subflow${subflows > 1 ? 's' : ''} over IPv6`,
        ipVersion: 6,
      }),
    ),
  ),
  over(2, 'initiator', { name: 'mixed-initiator', title: 'One subflow over IPv4, one over IPv6', mixed: true }),
  ...(['initiator', 'listener'] as const).flatMap((role) => [
    over(2, role, {
      name: `checksum-${role}`,
      title: 'Both ask for checksums, 2 subflows',
      kernel: { checksum: true },
      settings: { checksum: true },
    }),
    over(1, role, { name: `checksum-ours-${role}`, title: 'Our side alone asks for checksums', settings: { checksum: true } }),
    over(1, role, { name: `checksum-kernels-${role}`, title: 'The kernel alone asks for checksums', kernel: { checksum: true } }),
    over(2, role, { name: `8-octets-${role}`, title: 'Our numbers are of 8 octets, 2 subflows', settings: { dsnOctets: 8 } }),
  ]),
];

export const transfers: readonly LiveCase[] = plain;
