/** What kinds of IPv6 addresses there are, as far as Mobile IPv6 treats them differently, and those that it derives from prefixes (RFC 6275 sections 9.5.1, 10.3.1 and 11.4.1). */

/** Neither multicast nor unspecified. */
export const isUnicast = (address: Uint8Array): boolean => address[0] !== 0xff && address.some((octet) => octet !== 0);

/** fe80::/10 */
export const isLinkLocal = (address: Uint8Array): boolean => address[0] === 0xfe && (address[1]! & 0xc0) === 0x80;

/** Neither multicast, unspecified, loopback nor link-local. */
export const isUnicastRoutable = (address: Uint8Array): boolean =>
  isUnicast(address) && !isLinkLocal(address) && !(address[15] === 1 && address.subarray(0, 15).every((octet) => octet === 0));

/** Whether an address begins with so many bits of a prefix. @example hasPrefix(homeAddress, prefix, 64) */
export const hasPrefix = (address: Uint8Array, prefix: Uint8Array, length: number): boolean => {
  const [whole, bits] = [length >> 3, length & 7];
  for (let i = 0; i < whole; i += 1) if (address[i] !== prefix[i]) return false;
  return bits === 0 || (address[whole]! ^ prefix[whole]!) >> (8 - bits) === 0;
};

/** The Mobile IPv6 Home-Agents anycast address of a prefix of 64 bits: RFC 2526 sections 2 and 3, ID 126. @example homeAgentsAnycast(homeAddress) // 2001:db8:1:0:fdff:ffff:ffff:fffe */
export const homeAgentsAnycast = (prefix: Uint8Array): Uint8Array => {
  const address = new Uint8Array(16).fill(0xff);
  address.set(prefix.subarray(0, 8));
  address[8] = 0xfd;
  address[15] = 0xfe;
  return address;
};

/** The link-local address with the interface identifier of an address (section 10.3.1, L). */
export const linkLocalOf = (address: Uint8Array): Uint8Array => {
  const derived = new Uint8Array(16);
  derived.set([0xfe, 0x80]);
  derived.set(address.subarray(8), 8);
  return derived;
};

/** The solicited-node multicast address, RFC 4291 section 2.7.1. */
export const solicitedNode = (address: Uint8Array): Uint8Array => {
  const group = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0);
  group.set(address.subarray(13), 13);
  return group;
};

/** ff02::1 */
export const ALL_NODES: Uint8Array = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
