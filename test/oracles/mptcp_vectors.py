#!/usr/bin/env python3
"""Writes vectors/mptcp/*.json, vectors/mptcp/every-option-v*.pcap and vectors/captures/mptcp/v0_crafted.pcap.

An oracle that shares no code with the TypeScript: the layouts and formulas of RFC 8684 and RFC 6824 once more, with Python's own
hashlib, hmac, struct and ipaddress. It stops when a recorded capture, or tshark on the crafted one, disagrees.

    python3 test/oracles/mptcp_vectors.py        (from the root of the repository; tshark 4 or later)
"""
import hashlib, hmac, ipaddress, json, struct, subprocess, sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / 'vectors' / 'mptcp'
CAPTURES = ROOT / 'vectors' / 'captures' / 'mptcp'
COMPUTED = 'computed with Python hashlib/hmac/struct (test/oracles/mptcp_vectors.py)'

# --- the formulas -------------------------------------------------------------------------------------------------------------

HASH = {0: hashlib.sha1, 1: hashlib.sha256}

def derive(key, version):
    digest = HASH[version](key).digest()
    return digest[:4], digest[-8:]

def join_hmac(version, sender_key, receiver_key, sender_nonce, receiver_nonce):
    return hmac.new(sender_key + receiver_key, sender_nonce + receiver_nonce, HASH[version]).digest()

def add_addr_hmac(sender_key, receiver_key, address_id, address, port):
    message = bytes([address_id]) + address + struct.pack('>H', port or 0)
    return hmac.new(sender_key + receiver_key, message, hashlib.sha256).digest()

def internet_checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return 0xffff - total

def dss_checksum(dsn, ssn, length, payload):
    return internet_checksum(struct.pack('>QIHH', dsn, ssn, length, 0) + payload)

# --- an independent reader of pcap, IP, TCP and MPTCP ---------------------------------------------------------------------------

def segments(name):
    """(frame, source, destination, sport, dport, seq, flags, mptcp options, payload) of each TCP segment."""
    data = (CAPTURES / f'{name}.pcap').read_bytes()
    assert struct.unpack_from('<I', data)[0] == 0xa1b2c3d4
    link, at, frame = struct.unpack_from('<I', data, 20)[0], 24, 0
    while at < len(data):
        captured = struct.unpack_from('<I', data, at + 8)[0]
        packet, at, frame = data[at + 16:at + 16 + captured], at + 16 + captured, frame + 1
        ether_type, ip = (packet[12:14], packet[14:]) if link == 1 else (packet[0:2], packet[20:])
        if ether_type == b'\x08\x00' and ip[9] == 6:
            head, total, addresses = (ip[0] & 15) * 4, struct.unpack_from('>H', ip, 2)[0], (ip[12:16], ip[16:20])
        elif ether_type == b'\x86\xdd' and ip[6] == 6:
            head, total, addresses = 40, 40 + struct.unpack_from('>H', ip, 4)[0], (ip[8:24], ip[24:40])
        else:
            continue
        tcp = ip[head:total]
        end, options, o = (tcp[12] >> 4) * 4, [], 20
        while o < end and tcp[o] != 0:
            if tcp[o] == 1: o += 1; continue
            if tcp[o] == 30: options.append(tcp[o:o + tcp[o + 1]])
            o += tcp[o + 1]
        sport, dport, seq = struct.unpack_from('>HHI', tcp)
        yield frame, *addresses, sport, dport, seq, tcp[13], options, tcp[end:]

def fields_of(o, version):
    """The fields of a well-formed option, as the figures of RFC 8684 and RFC 6824 draw them."""
    subtype, low, b3, n = o[2] >> 4, o[2] & 15, o[3] if len(o) > 3 else 0, len(o)
    number = lambda a, b: int.from_bytes(o[a:b], 'big')
    big = lambda a, b: str(number(a, b))
    if subtype == 0:
        f = dict(version=low, checksumRequired=bool(b3 & 128), extensibility=bool(b3 & 64), noSubflowsToSource=bool(b3 & 32), cryptoAlgorithms=b3 & 31)
        if n > 4: f['senderKey'] = big(4, 12)
        if n > 12: f['receiverKey'] = big(12, 20)
        if n > 20: f['dataLevelLength'] = number(20, 22)
        if n > 22: f['checksum'] = number(22, 24)
        return 'MP_CAPABLE', f
    if subtype == 1:
        if n == 24: return 'MP_JOIN', dict(segment='ACK', senderTruncatedHmac=o[4:].hex(), reserved=number(2, 4) & 0xfff)
        f = dict(segment='SYN' if n == 12 else 'SYN/ACK', backup=bool(low & 1), addressId=b3, reserved=low >> 1, senderRandomNumber=number(n - 4, n))
        f.update({'receiverToken': number(4, 8)} if n == 12 else {'senderTruncatedHmac': o[4:12].hex()})
        return 'MP_JOIN', f
    if subtype == 2:
        f = dict(dataFin=bool(b3 & 16), dataAckOctets=8 if b3 & 2 else 4, dataSequenceNumberOctets=8 if b3 & 8 else 4, reserved=(number(2, 4) >> 5) & 127)
        at = 4
        if b3 & 1:
            f['dataAck'] = big(at, at + f['dataAckOctets']); at += f['dataAckOctets']
        if b3 & 4:
            f['dataSequenceNumber'] = big(at, at + f['dataSequenceNumberOctets']); at += f['dataSequenceNumberOctets']
            f['subflowSequenceNumber'], f['dataLevelLength'] = number(at, at + 4), number(at + 4, at + 6)
            if n == at + 8: f['checksum'] = number(at + 6, at + 8)
        return 'DSS', f
    if subtype == 3:
        mac = 8 if n in (16, 18, 28, 30) else 0
        width = 4 if n < 20 else 16
        f = dict(version=version, addressId=b3, address=o[4:4 + width].hex())
        f.update({'ipVersion': low} if version == 0 else {'echo': bool(low & 1), 'reserved': low >> 1})
        if n - mac - 4 > width: f['port'] = number(4 + width, 6 + width)
        if mac: f['truncatedHmac'] = o[-8:].hex()
        return 'ADD_ADDR', f
    if subtype == 4: return 'REMOVE_ADDR', dict(addressIds=list(o[3:]), reserved=low)
    if subtype == 5: return 'MP_PRIO', dict(backup=bool(low & 1), reserved=low >> 1) | ({'addressId': b3} if n == 4 else {})
    if subtype == 6: return 'MP_FAIL', dict(dataSequenceNumber=big(4, 12), reserved=number(2, 4) & 0xfff)
    if subtype == 7: return 'MP_FASTCLOSE', dict(receiverKey=big(4, 12), reserved=number(2, 4) & 0xfff)
    if subtype == 8 and version != 0: return 'MP_TCPRST', dict(transient=bool(low & 1), reason=b3, reserved=low >> 1)
    if subtype == 15: return 'MP_EXPERIMENTAL', dict(firstBits=low, data=o[3:].hex())
    return 'UNKNOWN', dict(subtype=subtype, firstBits=low, data=o[3:].hex())

# --- writing options (by hand, not from fields: so that both directions above are checked against something) ---------------------

def option(subtype, low, rest): return bytes([30, 3 + len(rest), subtype << 4 | low]) + rest

KEY_A, KEY_B = bytes.fromhex('0102030405060708'), bytes.fromhex('f1e2d3c4b5a69788')
NONCE_A, NONCE_B = bytes.fromhex('11223344'), bytes.fromhex('ffeeddcc')
V4, V6 = ipaddress.ip_address('192.0.2.33').packed, ipaddress.ip_address('2001:db8::33').packed
ACK8, DSN8 = bytes.fromhex('8182838485868788'), bytes.fromhex('9192939495969798')

def dss(flags, checksum=None, reserved=0):
    rest = bytes([(reserved & 7) << 5 | flags])
    if flags & 1: rest += ACK8 if flags & 2 else ACK8[4:]
    if flags & 4: rest += (DSN8 if flags & 8 else DSN8[4:]) + struct.pack('>IH', 0xa1a2a3a4, 0xb1b2)
    if checksum is not None: rest += struct.pack('>H', checksum)
    return option(2, reserved >> 3, rest)

def flag_names(flags): return ''.join(name for bit, name in enumerate('AaMmF') if flags & 1 << bit) or 'none'

def computed_options():
    """(name, version, octets)"""
    head = lambda version, flags, rest=b'': option(0, version, bytes([flags]) + rest)
    yield 'v1 SYN', 1, head(1, 0x01)
    yield 'v1 SYN/ACK', 1, head(1, 0x01, KEY_B)
    yield 'v1 ACK', 1, head(1, 0x01, KEY_A + KEY_B)
    yield 'v1 ACK with data', 1, head(1, 0x01, KEY_A + KEY_B + b'\x05\xa0')
    yield 'v1 ACK with data and checksum', 1, head(1, 0x81, KEY_A + KEY_B + b'\x05\xa0\xbe\xef')
    yield 'v1 ACK with a checksum but without flag A (a check\'s business)', 1, head(1, 0x01, KEY_A + KEY_B + b'\x05\xa0\x00\x00')
    for bit, letter in enumerate('HGFEDCBA'): yield f'v1 SYN with flag {letter} alone', 1, head(1, 1 << bit)
    yield 'v1 SYN with no flag', 1, head(1, 0)
    yield 'v1 SYN with every flag', 1, head(1, 0xff)
    yield 'v1 SYN/ACK, key of all ones', 1, head(1, 0x21, b'\xff' * 8)
    yield 'v0 SYN', 0, head(0, 0x01, KEY_A)
    yield 'v0 SYN/ACK with A', 0, head(0, 0x81, KEY_B)
    yield 'v0 ACK', 0, head(0, 0x81, KEY_A + KEY_B)
    yield 'v0 SYN with every flag', 0, head(0, 0xff, KEY_A)
    yield 'v0 SYN where the connection is said to be v1: the option itself decides', 1, head(0, 0x01, KEY_A)
    yield 'v1 SYN where the connection is said to be v0: the option itself decides', 0, head(1, 0x01)
    yield 'version 2, a length that v1 has: read in the form of v1', None, head(2, 0x01)
    yield 'version 15, a length that v1 has: read in the form of v1', None, head(15, 0x01, KEY_A)
    for version in (1, 0):
        v = f'v{version}'
        yield f'{v} SYN', version, option(1, 0, b'\x02' + derive(KEY_B, version)[0] + NONCE_A)
        yield f'{v} SYN, backup', version, option(1, 1, b'\xff' + derive(KEY_B, version)[0] + NONCE_A)
        yield f'{v} SYN, reserved bits', version, option(1, 14, b'\x00' + derive(KEY_B, version)[0] + NONCE_A)
        yield f'{v} SYN/ACK', version, option(1, 0, b'\x03' + join_hmac(version, KEY_B, KEY_A, NONCE_B, NONCE_A)[:8] + NONCE_B)
        yield f'{v} SYN/ACK, backup and reserved bits', version, option(1, 15, b'\x03' + bytes(8) + b'\xff' * 4)
        yield f'{v} ACK', version, option(1, 0, b'\x00' + join_hmac(version, KEY_A, KEY_B, NONCE_A, NONCE_B)[:20])
        yield f'{v} ACK, reserved bits', version, option(1, 10, b'\x5c' + bytes(range(20)))
    for flags in range(32):
        yield f'flags {flag_names(flags)}', 1, dss(flags)
        if flags & 4: yield f'flags {flag_names(flags)}, checksum', 1, dss(flags, 0xc1c2)
    for flags in (1, 3, 4, 5, 15, 31):
        yield f'v0, flags {flag_names(flags)}', 0, dss(flags)
        if flags & 4: yield f'v0, flags {flag_names(flags)}, checksum', 0, dss(flags, 0xc1c2)
    yield 'version unknown', None, dss(15)
    for bit in range(7): yield f'reserved bit {bit}', 1, dss(1, reserved=1 << bit)
    yield 'every bit', 1, dss(31, 0xffff, reserved=127)
    for address, family in ((V4, 'IPv4'), (V6, 'IPv6')):
        for port, with_port in ((None, ''), (8080, ' and port')):
            tail = address + (b'' if port is None else struct.pack('>H', port))
            mac = add_addr_hmac(KEY_A, KEY_B, 7, address, port)[-8:]
            yield f'v1 {family}{with_port}, HMAC', 1, option(3, 0, b'\x07' + tail + mac)
            yield f'v1 {family}{with_port}, echo', 1, option(3, 1, b'\x07' + tail)
            yield f'v1 {family}{with_port}, reserved bits', 1, option(3, 14, b'\x07' + tail + mac)
            yield f'v1 {family}{with_port}, neither echo nor HMAC (a check\'s business)', 1, option(3, 0, b'\x07' + tail)
            yield f'v1 {family}{with_port}, echo with an HMAC (a check\'s business)', 1, option(3, 1, b'\x07' + tail + mac)
            yield f'v0 {family}{with_port}', 0, option(3, 4 if family == 'IPv4' else 6, b'\x07' + tail)
    yield 'version unknown: IPVer 4 of v0 is read as reserved bits of v1', None, option(3, 4, b'\x07' + V4)
    yield 'Address ID 0 and port 0', 1, option(3, 1, b'\x00' + V4 + b'\0\0')
    for version in (1, 0):
        yield f'v{version} one Address ID', version, option(4, 0, b'\x05')
        yield f'v{version} several, one twice, reserved bits', version, option(4, 9, b'\x00\x05\xff\x05')
        yield f'v{version} as many as fit', version, option(4, 0, bytes(range(1, 38)))
        yield f'v{version} use', version, option(5, 0, b'')
        yield f'v{version} backup', version, option(5, 1, b'')
        yield f'v{version} reserved bits', version, option(5, 14, b'')
        yield f'v{version} a DSN', version, option(6, 0, b'\0' + DSN8)
        yield f'v{version} reserved bits, DSN of all ones', version, option(6, 15, b'\xff' + b'\xff' * 8)
        yield f'v{version} a key', version, option(7, 0, b'\0' + KEY_B)
        yield f'v{version} reserved bits', version, option(7, 8, b'\x01' + KEY_B)
        yield f'v{version} nothing but the subtype', version, option(15, 0, b'')
        yield f'v{version} some octets', version, option(15, 10, b'\xde\xad\xbe\xef')
        yield f'v{version} as long as an option can be', version, option(15, 15, bytes(range(37)))
    yield 'v0 with an Address ID', 0, option(5, 1, b'\x09')
    yield 'version unknown: length 4 can only be v0', None, option(5, 0, b'\x09')
    for reason in (0, 1, 2, 3, 4, 5, 6, 7, 255): yield f'reason {reason}', 1, option(8, 0, bytes([reason]))
    yield 'transient', 1, option(8, 1, b'\x02')
    yield 'reserved bits', 1, option(8, 14, b'\x03')
    yield 'version unknown', None, option(8, 1, b'\x06')
    yield 'v0 has no subtype 8', 0, option(8, 1, b'\x06')
    yield 'v0 has no subtype 8, whatever its length', 0, option(8, 1, b'\x06\0\0\0')
    for subtype in range(9, 15): yield f'subtype {subtype}', 1, option(subtype, subtype ^ 15, bytes(range(subtype)))
    yield 'subtype 9 of length 3', 0, option(9, 0, b'')

def future_capables():
    """MP_CAPABLE whose length another specification may define: kept opaque."""
    yield 'MP_CAPABLE of version 2 with a length that v1 has not', None, option(0, 2, b'\x01\xaa\xbb')
    yield 'MP_CAPABLE of v1 with flag B and a length that v1 has not', 1, option(0, 1, b'\x41' + bytes(4))
    yield 'MP_CAPABLE of v0 with flag B and a length that v0 has not', 0, option(0, 0, b'\x41')

def malformed():
    """(name, version, octets, code, offset, section)"""
    r8684, r6824 = (lambda s: f'RFC 8684 section {s}'), (lambda s: f'RFC 6824 section {s}')
    def of_length(whole, length): return bytes([30, length]) + (whole + bytes(40))[2:length]
    yield 'nothing', 1, b'', 'truncated', 0, r8684('3')
    yield 'Kind alone', 1, b'\x1e', 'truncated', 1, r8684('3')
    yield 'another Kind', 1, b'\x05\x0a' + bytes(8), 'not-mptcp', 0, r8684('3')
    yield 'another Kind', 0, b'\x01\x01', 'not-mptcp', 0, r6824('3')
    for length in (0, 1, 2, 41, 255): yield f'Length {length}', 1, bytes([30, length]) + bytes(max(0, length - 2)), 'bad-length', 1, r8684('3')
    for whole, what in ((dss(31, 1), 'DSS'), (option(5, 0, b''), 'MP_PRIO'), (option(9, 0, b'abc'), 'subtype 9'), (option(0, 1, b'\x01' + KEY_A + KEY_B), 'MP_CAPABLE')):
        for cut in {2, len(whole) - 1}: yield f'{what} cut after {cut} octets', 1, whole[:cut], 'truncated', cut, r8684('3')
    bad = [
        ('MP_CAPABLE v1', 1, option(0, 1, b'\x01'), {4, 12, 20, 22, 24}, r8684('3.1')), ('MP_CAPABLE v0', 0, option(0, 0, b'\x01'), {12, 20}, r6824('3.1')),
        ('MP_JOIN', 1, option(1, 0, b'\0'), {12, 16, 24}, r8684('3.2')), ('MP_JOIN v0', 0, option(1, 0, b'\0'), {12, 16, 24}, r6824('3.2')),
        ('ADD_ADDR', 1, option(3, 1, b'\0'), {8, 10, 16, 18, 20, 22, 28, 30}, r8684('3.4.1')), ('ADD_ADDR v0', 0, option(3, 4, b'\0'), {8, 10, 20, 22}, r6824('3.4.1')),
        ('REMOVE_ADDR', 1, option(4, 0, b''), set(range(4, 41)), r8684('3.4.2')), ('REMOVE_ADDR v0', 0, option(4, 0, b''), set(range(4, 41)), r6824('3.4.2')),
        ('MP_PRIO', 1, option(5, 0, b''), {3}, r8684('3.3.8')), ('MP_PRIO v0', 0, option(5, 0, b''), {3, 4}, r6824('3.3.8')), ('MP_PRIO, version unknown', None, option(5, 0, b''), {3, 4}, r8684('3.3.8')),
        ('MP_FAIL', 1, option(6, 0, b'\0'), {12}, r8684('3.7')), ('MP_FAIL v0', 0, option(6, 0, b'\0'), {12}, r6824('3.6')),
        ('MP_FASTCLOSE', 1, option(7, 0, b'\0'), {12}, r8684('3.5')), ('MP_FASTCLOSE v0', 0, option(7, 0, b'\0'), {12}, r6824('3.5')),
        ('MP_TCPRST', 1, option(8, 0, b'\0'), {4}, r8684('3.6')),
    ]
    for name, version, whole, legal, section in bad:
        near = {3, 40} | {n + d for n in legal for d in (-1, 1)}
        for length in sorted(near - legal - {2, 41}):
            yield f'{name} of length {length}', version, of_length(whole, length), 'bad-length', 1, section
    for flags in range(32):
        exact = len(dss(flags))
        for length in sorted({3, exact - 4, exact - 2, exact - 1, exact + 1, exact + 3, exact + 4} | (set() if flags & 4 else {exact + 2})):
            if length >= 3: yield f'DSS with flags {flag_names(flags)} of length {length}', 1, of_length(dss(flags), length), 'bad-length', 1, r8684('3.3')
    yield 'DSS v0 one octet short', 0, of_length(dss(5), 17), 'bad-length', 1, r6824('3.3')
    for version, address in ((6, V4), (4, V6), (0, V4), (5, V4), (15, V6)):
        yield f'ADD_ADDR v0 with IPVer {version} and {len(address)} octets of address', 0, option(3, version, b'\x01' + address), 'bad-ip-version', 2, r6824('3.4.1')

# --- packets, made by hand --------------------------------------------------------------------------------------------------------

class Wire:
    """Ethernet frames with IPv4 and TCP, one millisecond apart, checksums right."""
    def __init__(self): self.frames = []
    def send(self, source, destination, sport, dport, seq, ack, flags, options, payload=b''):
        options += b'\x01' * (-len(options) % 4)
        tcp = struct.pack('>HHIIBBHHH', sport, dport, seq & 0xffffffff, ack & 0xffffffff, (20 + len(options)) // 4 << 4, flags, 65535, 0, 0) + options + payload
        tcp = tcp[:16] + struct.pack('>H', internet_checksum(source + destination + struct.pack('>HH', 6, len(tcp)) + tcp)) + tcp[18:]
        ip = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(tcp), len(self.frames) + 1, 0x4000, 64, 6, 0) + source + destination
        ip = ip[:10] + struct.pack('>H', internet_checksum(ip)) + ip[12:]
        self.frames.append(bytes.fromhex('020000000002') + bytes.fromhex('020000000001') + b'\x08\x00' + ip + tcp)
    def pcap(self):
        records = (struct.pack('<IIII', 1_600_000_000, 1000 * i, len(f), len(f)) + f for i, f in enumerate(self.frames))
        return struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + b''.join(records)

def every_option(version):
    """A handshake, then every option vector of the version on an ACK of its own: for other decoders to read. No connection that makes sense."""
    wire, a, b = Wire(), ipaddress.ip_address('192.0.2.1').packed, ipaddress.ip_address('198.51.100.1').packed
    keys = [b'', KEY_B] if version == 1 else [KEY_A, KEY_B]
    wire.send(a, b, 40000, 80, 1000, 0, 0x02, option(0, version, b'\x01' + keys[0]))
    wire.send(b, a, 80, 40000, 5000, 1001, 0x12, option(0, version, b'\x01' + keys[1]))
    wire.send(a, b, 40000, 80, 1001, 5001, 0x10, option(0, version, b'\x01' + KEY_A + KEY_B))
    for _, said, octets in computed_options():
        # An option that opens a flow gets one of its own, lest it changes what a decoder knows about the connection.
        own = octets[2] >> 4 in (0, 1)
        if said == version: wire.send(a, b, 41000 + len(wire.frames) if own else 40000, 80, 1001, 5001, 0x10, octets)
    return wire.pcap()

def v0_crafted():
    """Two hosts by RFC 6824: handshake, data both ways with DSS checksums, an address, a join, a priority, DATA_FINs. Returns the frames' octets."""
    a1, a2, b1 = (ipaddress.ip_address(x).packed for x in ('192.0.2.1', '192.0.2.2', '198.51.100.1'))
    wire = Wire()
    send = wire.send
    (token_a, idsn_a), (token_b, idsn_b) = derive(KEY_A, 0), derive(KEY_B, 0)
    dsn_a, dsn_b = int.from_bytes(idsn_a, 'big'), int.from_bytes(idsn_b, 'big')
    def mapping(ack, dsn, ssn, length, payload, fin=0):
        return option(2, 0, bytes([0x0f | fin << 4]) + struct.pack('>QQIHH', ack, dsn, ssn, length, dss_checksum(dsn, ssn, length, payload)))
    def acknowledge(ack): return option(2, 0, b'\x03' + struct.pack('>Q', ack))
    capable = lambda flags, keys: option(0, 0, bytes([flags]) + keys)
    up = lambda seq, ack, flags, options, payload=b'': send(a1, b1, 40000, 80, 1000 + seq, 5000 + ack if flags & 16 else 0, flags, options, payload)
    down = lambda seq, ack, flags, options, payload=b'': send(b1, a1, 80, 40000, 5000 + seq, 1000 + ack, flags, options, payload)
    up(0, 0, 0x02, capable(0x81, KEY_A))
    down(0, 1, 0x12, capable(0x81, KEY_B))
    up(1, 1, 0x10, capable(0x81, KEY_A + KEY_B))
    request, answer = b'v0 asks\n', b'v0 answers, oddly long\n'
    up(1, 1, 0x18, mapping(dsn_b + 1, dsn_a + 1, 1, len(request), request), request)
    down(1, 9, 0x10, acknowledge(dsn_a + 9))
    down(1, 9, 0x18, mapping(dsn_a + 9, dsn_b + 1, 1, len(answer), answer), answer)
    up(9, 24, 0x10, acknowledge(dsn_b + 24))
    up(9, 24, 0x10, option(3, 4, b'\x02' + a2))
    join = lambda seq, ack, flags, options: send(a2, b1, 40001, 80, 70000 + seq, 90000 + ack if flags & 16 else 0, flags, options)
    back = lambda seq, ack, flags, options: send(b1, a2, 80, 40001, 90000 + seq, 70000 + ack, flags, options)
    join(0, 0, 0x02, option(1, 1, b'\x02' + token_b + NONCE_A))
    back(0, 1, 0x12, option(1, 0, b'\x00' + join_hmac(0, KEY_B, KEY_A, NONCE_B, NONCE_A)[:8] + NONCE_B))
    join(1, 1, 0x10, option(1, 0, b'\x00' + join_hmac(0, KEY_A, KEY_B, NONCE_A, NONCE_B)))
    back(1, 1, 0x10, acknowledge(dsn_a + 9))
    up(9, 24, 0x10, option(5, 0, b'\x02') + acknowledge(dsn_b + 24))
    up(9, 24, 0x10, mapping(dsn_b + 24, dsn_a + 9, 0, 1, b'', 1))
    down(24, 9, 0x10, mapping(dsn_a + 10, dsn_b + 24, 0, 1, b'', 1))
    up(9, 24, 0x10, acknowledge(dsn_b + 25))
    up(9, 24, 0x11, acknowledge(dsn_b + 25))
    down(24, 10, 0x11, acknowledge(dsn_a + 10))
    up(10, 25, 0x10, acknowledge(dsn_b + 25))
    join(1, 1, 0x11, acknowledge(dsn_b + 25))
    back(1, 2, 0x11, acknowledge(dsn_a + 10))
    join(2, 2, 0x10, acknowledge(dsn_b + 25))
    return wire.pcap()

def tshark(name, *wanted, only):
    columns = [x for field in wanted for x in ('-e', field)]
    text = subprocess.run(['tshark', '-r', str(CAPTURES / f'{name}.pcap'), '-Y', only, '-T', 'fields', *columns], capture_output=True, text=True, check=True).stdout
    return [line.split('\t') for line in text.splitlines()]

# --- the vectors ----------------------------------------------------------------------------------------------------------------

def number_text(b): return str(int.from_bytes(b, 'big'))

def key_vector(version, key, source):
    token, idsn = derive(key, version)
    return dict(version=version, key=key.hex(), token=token.hex(), idsn=number_text(idsn), source=source)

RECORDED = ['hs_small_v4', 'hs_small_v6', 'add_addr_v4', 'add_addr_v6', 'add_addr_port', 'remove_addr', 'csum_ok', 'fastclose_client', 'mp_fail_infinite', 'join_refused', 'mp_prio_s1']

def recorded():
    """What the recorded captures hold: keys, joins, addresses, checksums, one option of each form. Every formula is checked on the way."""
    keys, joins, addresses, checksums, options, seen = [], [], [], [], [], set()
    for name in RECORDED:
        if not (CAPTURES / f'{name}.pcap').exists():
            print(f'{name}.pcap is not there: left out', file=sys.stderr)
            continue
        pair, opened, advertised, known = None, {}, set(), {}
        first_dsn, checked, summed = {}, set(), 0
        for frame, source, destination, sport, dport, seq, flags, found, payload in segments(name):
            where = f'captures/mptcp/{name}.pcap frame {frame} (Linux 6.18)'
            for o in found:
                kind, fields = fields_of(o, 1)
                shape = (kind, len(o), o[3] & 0x1f if kind == 'DSS' else o[2] & 15)
                if shape not in seen:
                    seen.add(shape)
                    options.append(dict(name=f'{name}, frame {frame}', version=1, octets=o.hex(), kind=kind, fields=fields, source=where))
                if kind == 'MP_CAPABLE' and len(o) >= 20:
                    if pair is None:
                        pair = (o[4:12], o[12:20])
                        initiator = source
                        known = {derive(pair[0], 1)[0]: 0, derive(pair[1], 1)[0]: 1}
                        for key, side in zip(pair, 'AB'): keys.append([name, key, f'{where}: key {side}', []])
                    assert pair == (o[4:12], o[12:20])
                if kind == 'MP_JOIN' and pair:
                    forward, reverse = (source, sport, destination, dport), (destination, dport, source, sport)
                    if len(o) == 12 and o[4:8] in known:
                        acceptor = known[o[4:8]]
                        opened[forward] = [1 - acceptor, o[8:12], None]
                        note(keys, name, pair[acceptor], f'token in the MP_JOIN of frame {frame}')
                    elif len(o) == 16 and reverse in opened:
                        opener, nonce, _ = opened[reverse]
                        opened[reverse][2] = o[12:16]
                        full = join_hmac(1, pair[1 - opener], pair[opener], o[12:16], nonce)
                        assert full[:8] == o[4:12], where
                        joins.append(join_vector(1, pair[1 - opener], pair[opener], o[12:16], nonce, f'{where}: the SYN/ACK carries the leftmost 64 bits'))
                    elif len(o) == 24 and forward in opened and opened[forward][2]:
                        opener, nonce, other = opened[forward]
                        assert join_hmac(1, pair[opener], pair[1 - opener], nonce, other)[:20] == o[4:24], where
                        vector = join_vector(1, pair[opener], pair[1 - opener], nonce, other, f'{where}: the ACK carries the leftmost 160 bits')
                        if vector['hmac'] not in [j['hmac'] for j in joins]: joins.append(vector)
                if kind == 'ADD_ADDR' and 'truncatedHmac' in fields and o not in advertised:
                    advertised.add(o)
                    width = len(fields['address']) // 2
                    for sender in (0, 1):
                        full = add_addr_hmac(pair[sender], pair[1 - sender], o[3], o[4:4 + width], fields.get('port'))
                        if full[-8:] == o[-8:]:
                            addresses.append(add_addr_vector(pair[sender], pair[1 - sender], o[3], o[4:4 + width], fields.get('port'), f'{where}: the option carries the rightmost 64 bits'))
                            break
                    else: raise AssertionError(where)
                if kind == 'DSS' and 'checksum' in fields and fields['dataLevelLength'] == len(payload) + fields['dataFin'] and pair and fields['dataSequenceNumberOctets'] == 8:
                    good = dss_checksum(int(fields['dataSequenceNumber']), fields['subflowSequenceNumber'], fields['dataLevelLength'], payload) == fields['checksum']
                    summed += good
                    if not good: print(f'{where}: a checksum that does not hold (damaged on purpose)', file=sys.stderr)
                    elif len(payload) < 200 and summed and len(checked) < 3 and (len(payload) % 2, fields['dataFin']) not in checked:
                        checked.add((len(payload) % 2, fields['dataFin']))
                        checksums.append(checksum_vector(f'{name}, frame {frame}', int(fields['dataSequenceNumber']), fields['subflowSequenceNumber'], fields['dataLevelLength'], [payload], o, where))
                if kind == 'DSS' and 'dataSequenceNumber' in fields and pair and source not in first_dsn:
                    side = 0 if source == initiator else 1
                    first_dsn[source] = True
                    if int(fields['dataSequenceNumber']) == int.from_bytes(derive(pair[side], 1)[1], 'big') + 1:
                        note(keys, name, pair[side], f'IDSN + 1 in the DSS of frame {frame}')
        if summed: print(f'{name}: {summed} DSS checksums of whole segments hold', file=sys.stderr)
    return [key_vector(1, key, '; '.join([source, *seen_at])) for _, key, source, seen_at in keys], joins, addresses, checksums, options

def note(keys, name, key, what):
    for entry in keys:
        if entry[0] == name and entry[1] == key and what not in entry[3]: entry[3].append(what)

def join_vector(version, sender_key, receiver_key, sender_nonce, receiver_nonce, source):
    full = join_hmac(version, sender_key, receiver_key, sender_nonce, receiver_nonce)
    return dict(version=version, senderKey=sender_key.hex(), receiverKey=receiver_key.hex(), senderNonce=sender_nonce.hex(), receiverNonce=receiver_nonce.hex(), hmac=full.hex(), synAck=full[:8].hex(), ack=full[:20].hex(), source=source)

def add_addr_vector(sender_key, receiver_key, address_id, address, port, source):
    full = add_addr_hmac(sender_key, receiver_key, address_id, address, port)
    vector = dict(senderKey=sender_key.hex(), receiverKey=receiver_key.hex(), addressId=address_id, address=address.hex(), truncatedHmac=full[-8:].hex(), leftmost=full[:8].hex(), source=source)
    return vector | ({} if port is None else {'port': port})

def checksum_vector(name, dsn, ssn, length, parts, carried, source):
    payload = b''.join(parts)
    return dict(name=name, dataSequenceNumber=str(dsn), subflowSequenceNumber=ssn, dataLevelLength=length, payload=[p.hex() for p in parts], option=carried.hex(), checksum=dss_checksum(dsn, ssn, length, payload), source=source)

def computed_checksums():
    text = bytes(range(7, 7 + 61))
    dsn = 0xfedcba9876543210
    cut = lambda *at: [text[a:b] for a, b in zip((0, *at), (*at, len(text)))]
    def carried(dsn, ssn, length, payload, octets=8, fin=0):
        number = struct.pack('>Q', dsn)[-octets:]
        return option(2, 0, bytes([4 | (8 if octets == 8 else 0) | fin << 4]) + number + struct.pack('>IHH', ssn, length, dss_checksum(dsn, ssn, length, payload)))
    def case(name, dsn, ssn, parts, octets=8, fin=0):
        payload = b''.join(parts)
        return checksum_vector(name, dsn, ssn, len(payload) + fin, parts, carried(dsn, ssn, len(payload) + fin, payload, octets, fin), COMPUTED)
    yield case('one segment of odd length', dsn, 1, [text])
    yield case('one segment of even length', dsn, 1, [text[:60]])
    yield case('two segments, split after an even number of octets', dsn, 1, cut(20))
    yield case('two segments, split after an odd number of octets', dsn, 1, cut(21))
    yield case('three segments, all odd', dsn, 1, cut(21, 40))
    yield case('segments of one octet each', dsn, 1, cut(*range(1, 61)))
    yield case('an empty part between', dsn, 1, cut(13, 13))
    yield case('DATA_FIN with data: the Data-Level Length counts it, the payload does not hold it', dsn, 77, [text], fin=1)
    yield case('a lone DATA_FIN: subflow sequence number 0, length 1, the pseudo-header alone', dsn, 0, [], fin=1)
    yield case('4 octets of DSN travel, 8 are summed', dsn, 1, [text], octets=4)
    yield case('4 octets of DSN travel just after the low half wrapped', 0x1_0000_0003, 9, [text], octets=4)
    yield case('DSN, subflow sequence number and payload of all ones', 2**64 - 1, 2**32 - 1, [b'\xff' * 1399], fin=1)
    yield case('MP_CAPABLE with data: IDSN + 1 at subflow sequence number 1', int(key_vector(1, KEY_A, '')['idsn']) + 1, 1, [b'GET /'])
    # A payload that makes the sum 0xffff: the field is 0.
    filler = dss_checksum(dsn, 1, 2, b'')
    yield case('the complement is 0', dsn, 1, [struct.pack('>H', filler)])

def write(name, description, vectors):
    lines = ',\n'.join('    ' + json.dumps(v) for v in vectors)
    head = json.dumps({'$schema': f'./schema.json#/$defs/{name[:-5]}', 'description': description}, indent=2)[:-2]
    (OUT / name).write_text(f'{head},\n  "vectors": [\n{lines}\n  ]\n}}\n')
    print(f'{name}: {len(vectors)}', file=sys.stderr)

def main():
    (CAPTURES / 'v0_crafted.pcap').write_bytes(v0_crafted())
    for version in (0, 1): (OUT / f'every-option-v{version}.pcap').write_bytes(every_option(version))
    keys, joins, addresses, checksums, options = recorded()

    shown = {}
    for frame, key, token, idsn in tshark('v0_crafted', 'frame.number', 'tcp.options.mptcp.sendkey', 'mptcp.expected_token', 'mptcp.expected_idsn', only='tcp.options.mptcp.subtype == 0 && tcp.len == 0'):
        if token: shown[key] = (frame, token, idsn)
    for key in (KEY_A, KEY_B):
        vector = key_vector(0, key, '')
        frame, token, idsn = shown[str(int.from_bytes(key, 'big'))]
        assert (int(token, 0), idsn) == (int(vector['token'], 16), vector['idsn']), (shown, vector)
        keys.append(vector | dict(source=f'{COMPUTED}; equals mptcp.expected_token and mptcp.expected_idsn of tshark 4.0.17 in captures/mptcp/v0_crafted.pcap frame {frame}'))
    for key in (bytes(8), b'\0' * 7 + b'\x01', b'\xff' * 8, b'\x80' + bytes(7), KEY_A, KEY_B):
        for version in (0, 1):
            if version == 1 or key not in (KEY_A, KEY_B): keys.append(key_vector(version, key, COMPUTED))
    for version in (0, 1):
        joins.append(join_vector(version, KEY_A, KEY_B, NONCE_A, NONCE_B, COMPUTED))
        joins.append(join_vector(version, KEY_B, KEY_A, NONCE_B, NONCE_A, COMPUTED))
        joins.append(join_vector(version, bytes(8), b'\xff' * 8, bytes(4), b'\xff' * 4, COMPUTED))
    for address in (V4, V6):
        for port in (None, 0, 1, 8080, 65535): addresses.append(add_addr_vector(KEY_A, KEY_B, 7, address, port, COMPUTED))
    addresses.append(add_addr_vector(KEY_B, KEY_A, 255, V4, 5001, COMPUTED))
    checksums += computed_checksums()
    for name, version, octets in computed_options():
        kind, fields = fields_of(octets, 1 if version is None and octets[2:3] != b'\x50' else version or 0)
        options.append(dict(name=name, version=version, octets=octets.hex(), kind=kind, fields=fields, source=COMPUTED))
    for name, version, octets in future_capables():
        fields = dict(subtype=0, firstBits=octets[2] & 15, data=octets[3:].hex())
        options.append(dict(name=name, version=version, octets=octets.hex(), kind='UNKNOWN', fields=fields, source=COMPUTED))
    for vector in options: assert bytes.fromhex(vector['octets'])[1] * 2 == len(vector['octets']) and len(vector['octets']) <= 80, vector
    errors = [dict(name=name, version=version, octets=octets.hex(), error=dict(code=code, offset=offset, section=section), source=COMPUTED) for name, version, octets, code, offset, section in malformed()]

    write('keys.json', 'A 64-bit key, its token and its initial data sequence number: RFC 8684 section 3.1 (version 1, SHA-256), RFC 6824 section 3.1 (version 0, SHA-1).', keys)
    write('join-hmacs.json', 'The HMACs of MP_JOIN: RFC 8684 section 3.2 (version 1), RFC 6824 section 3.2 (version 0).', joins)
    write('add-addr-hmacs.json', 'The Truncated HMAC of ADD_ADDR: RFC 8684 section 3.4.1.', addresses)
    write('dss-checksums.json', 'The DSS checksum over a mapping: RFC 8684 section 3.3.1, RFC 6824 section 3.3.1.', checksums)
    write('options.json', 'MPTCP options and what is in them: RFC 8684 section 3, RFC 6824 section 3.', options)
    write('malformed-options.json', 'Octets that are no MPTCP option, and why: RFC 8684 section 3, RFC 6824 section 3.', errors)

main()
