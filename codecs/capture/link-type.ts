/** The LINKTYPE_ values of pcap and pcapng files that this project knows by name (draft-ietf-opsawg-pcaplinktype). */

export const LINKTYPE_NULL = 0;
export const LINKTYPE_EN10MB = 1;
export const LINKTYPE_PPP = 9;
/** DLT_RAW of most systems, and of OpenBSD: some old files carry them in place of LINKTYPE_RAW. */
export const LINKTYPE_RAW_12 = 12;
export const LINKTYPE_RAW_14 = 14;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_LOOP = 108;
export const LINKTYPE_LINUX_SLL = 113;
export const LINKTYPE_IPV4 = 228;
export const LINKTYPE_IPV6 = 229;
export const LINKTYPE_LINUX_SLL2 = 276;

const names = new Map<number, string>([
  [LINKTYPE_NULL, 'NULL'],
  [LINKTYPE_EN10MB, 'EN10MB'],
  [LINKTYPE_PPP, 'PPP'],
  [LINKTYPE_RAW_12, 'RAW'],
  [LINKTYPE_RAW_14, 'RAW'],
  [LINKTYPE_RAW, 'RAW'],
  [LINKTYPE_LOOP, 'LOOP'],
  [LINKTYPE_LINUX_SLL, 'LINUX_SLL'],
  [LINKTYPE_IPV4, 'IPV4'],
  [LINKTYPE_IPV6, 'IPV6'],
  [LINKTYPE_LINUX_SLL2, 'LINUX_SLL2'],
]);

/** The name of a link type without its `LINKTYPE_`, or `LINKTYPE_n` where it is not one of ours. @example linkTypeName(276) // 'LINUX_SLL2' */
export const linkTypeName = (linkType: number): string => names.get(linkType) ?? `LINKTYPE_${linkType}`;
