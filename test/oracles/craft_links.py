"""Writes vectors/captures/crafted/links.pcapng: one TCP segment behind every link layer and chain of headers that we read.

    python3 test/oracles/craft_links.py && python3 test/oracles/tshark_fields.py crafted/links.pcapng

Shares no code with the project; tshark's reading of the file is recorded beside it.
"""

import ipaddress
import pathlib
import struct

OUT = pathlib.Path(__file__).resolve().parents[2] / "vectors" / "captures" / "crafted" / "links.pcapng"
S4, D4 = ipaddress.ip_address("10.1.2.3").packed, ipaddress.ip_address("192.0.2.9").packed
S6, D6 = ipaddress.ip_address("2001:db8::1").packed, ipaddress.ip_address("2001:db8:0:1::9").packed
HOME = ipaddress.ip_address("2001:db8:aaaa::77").packed
MACS = bytes.fromhex("0200000000020200000000 01".replace(" ", ""))


def sum16(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


port = 40000


def tcp(source, destination, payload=b"polypath", options=bytes.fromhex("020405b4010303070402080a0102030405060708")):
    global port
    port += 1
    options += b"\0" * (-len(options) % 4)
    offset = (20 + len(options)) // 4
    header = struct.pack(">HHIIBBHHH", port, 5001, 0x80000000 + port, 0x7FFFFFFF, offset << 4, 0x18, 0xFFFF, 0, 7) + options
    pseudo = source + destination + struct.pack(">II", len(header) + len(payload), 6)
    checksum = 0xFFFF - sum16(pseudo + header + payload)
    return header[:16] + struct.pack(">H", checksum) + header[18:] + payload


def ipv4(payload, options=b"", protocol=6, total=None, flags=0x4000, identification=0x1234):
    total = 20 + len(options) + len(payload) if total is None else total
    header = struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, 0, total, identification, flags, 64, protocol, 0) + S4 + D4 + options
    return header[:10] + struct.pack(">H", 0xFFFF - sum16(header)) + header[12:] + payload


def ipv6(payload, next_header=6, length=None, destination=D6):
    length = len(payload) if length is None else length
    return struct.pack(">IHBB", 0x6ABCDEF0, length, next_header, 64) + S6 + destination + payload


T4, T6 = lambda **k: tcp(S4, D4, **k), lambda **k: tcp(S6, D6, **k)
eth = lambda kind, payload, tags="": MACS + bytes.fromhex(tags) + struct.pack(">H", kind) + payload
pad = lambda frame: frame + b"\xee" * (60 - len(frame))
frames = []  # (link type, frame, length on the wire or None)
add = lambda link, frame, wire=None: frames.append((link, frame, wire))

add(1, pad(eth(0x0800, ipv4(T4(payload=b"", options=b"")))))
add(1, eth(0x0800, ipv4(T4()), "81000064"))
add(1, eth(0x86DD, ipv6(T6()), "88a80064810000c8"))
add(1, eth(0x86DD, ipv6(T6()), "9100006481000065"))
add(1, eth(0x0800, ipv4(T4(), options=bytes.fromhex("94040000"))))
add(1, eth(0x0800, ipv4(T4(payload=b"\x5a" * 1500), total=0)))
add(1, eth(0x0806, bytes.fromhex("0001080006040001") + MACS[6:] + S4 + bytes(6) + D4))
# Cut by a snap length: in the payload, in the options.
whole = eth(0x0800, ipv4(T4(payload=b"\x11" * 400)))
add(1, whole[:96], len(whole))
add(1, whole[:60], len(whole))
# Hop-by-Hop, Destination Options, atomic fragment, authentication header.
padn = bytes.fromhex("010400000000")
chain = bytes([60, 0]) + padn + bytes([44, 0]) + padn + bytes.fromhex("3300000000000001")
chain += bytes.fromhex("0604000000000100000000010102030405060708090a0b0c")
add(1, eth(0x86DD, ipv6(chain + T6(), 0)))
# Type 2 routing header with one segment left: the checksum is over the home address (RFC 8200 section 8.1).
add(1, eth(0x86DD, ipv6(bytes([6, 2, 2, 1, 0, 0, 0, 0]) + HOME + tcp(S6, HOME), 43)))
# Home Address option (RFC 6275 section 6.3): here the home address is the source of the checksum.
add(1, eth(0x86DD, ipv6(bytes([6, 2, 1, 2, 0, 0, 0xC9, 16]) + HOME + tcp(HOME, D6), 60)))
# Jumbo payload (RFC 2675), snapped; and a payload length of 0 without one, as segmentation offload leaves it.
jumbo = T6(payload=b"\x22" * 70000)
hop = bytes([6, 0, 0xC2, 4]) + struct.pack(">I", 8 + len(jumbo))
big = eth(0x86DD, ipv6(hop + jumbo, 0, 0))
add(1, big[:200], len(big))
# Fragments, out of order; the segment belongs to the frame that completes it.
part = T4(payload=bytes(range(200)))
add(1, eth(0x0800, ipv4(part[64:128], flags=0x2008, identification=7)))
add(1, eth(0x0800, ipv4(part[:64], flags=0x2000, identification=7)))
add(1, eth(0x0800, ipv4(part[128:], flags=0x0010, identification=7)))
part = T6(payload=bytes(range(200)))
frag = lambda offset, more: struct.pack(">BBHI", 6, 0, offset | more, 0xBEEF)
add(101, ipv6(frag(0, 1) + part[:104], 44))
add(101, ipv6(frag(104, 0) + part[104:], 44))
add(113, bytes.fromhex("0000000100060200000000010000") + b"\x08\0" + ipv4(T4()))
add(113, bytes.fromhex("0004000100060200000000010000") + b"\x81\0\0\x64\x86\xdd" + ipv6(T6()))
add(276, bytes.fromhex("86dd00000000000300010406020000000001") + b"\0\0" + ipv6(T6()))
add(276, bytes.fromhex("810000000000000300010406020000000001") + b"\0\0\0\x64\x08\0" + ipv4(T4()))
add(101, ipv4(T4()))
add(101, ipv6(T6()))
add(12, ipv4(T4()))
add(228, ipv4(T4()))
add(229, ipv6(T6()))
for family in (b"\2\0\0\0", b"\0\0\0\2"):
    add(0, family + ipv4(T4()))
for family in (10, 24, 28, 30):
    add(0, struct.pack("<I", family) + ipv6(T6()))
add(0, struct.pack(">I", 30) + ipv6(T6()))
add(108, b"\0\0\0\2" + ipv4(T4()))
add(108, b"\0\0\0\x1e" + ipv6(T6()))
add(9, bytes.fromhex("ff030021") + ipv4(T4()))
add(9, bytes.fromhex("0021") + ipv4(T4()))
add(9, bytes.fromhex("21") + ipv4(T4()))
add(9, bytes.fromhex("ff0357") + ipv6(T6()))
add(9, bytes.fromhex("ff030057") + ipv6(T6()))


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


links = sorted({link for link, _, _ in frames})
out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
for link in links:
    out += block(1, struct.pack("<HHI", link, 0, 0) + struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
for index, (link, frame, wire) in enumerate(frames):
    stamp = 1_700_000_000_000_000_000 + index * 1_000_000_001
    head = struct.pack("<IIIII", links.index(link), stamp >> 32, stamp & 0xFFFFFFFF, len(frame), wire or len(frame))
    out += block(6, head + frame)
OUT.parent.mkdir(exist_ok=True)
OUT.write_bytes(out)
