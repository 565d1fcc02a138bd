#!/usr/bin/env python3
"""Writes vectors/shim6/messages.json: every message and option of RFC 5533 and RFC 5534, octets and fields.

An oracle that shares no code with the TypeScript: the figures of the RFCs once more, with Python's struct. It stops when a message that
LinShim6 recorded (vectors/captures/linshim6) has another checksum than the formula here gives.

    python3 test/oracles/shim6_vectors.py        (from the root of the repository)
"""
import json, struct
from ipaddress import IPv6Address
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = 'computed with Python struct (test/oracles/shim6_vectors.py)'

def checksum(data):
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return 0xffff - total

def address(text): return IPv6Address(text).packed
def tag(value, r=0): return (r << 47 | value).to_bytes(6, 'big')

def option(kind, contents, critical=0, fill=0):
    padding = bytes([fill]) * (-(4 + len(contents)) % 8)
    return struct.pack('>HH', kind << 1 | critical, len(contents)) + contents + padding

def locator_list(generation, locators, fill=0):
    head = struct.pack('>IB', generation, len(locators)) + bytes(method for _, method in locators)
    return head + bytes([fill]) * (-(4 + len(head)) % 8) + b''.join(address(text) for text, _ in locators)

def message(kind, body, byte3=0, next_header=59, given=None):
    assert (6 + len(body)) % 8 == 0, len(body)
    data = bytes([next_header, (6 + len(body)) // 8 - 1, kind, byte3 << 1, 0, 0]) + body
    return data[:4] + struct.pack('>H', checksum(data) if given is None else given) + data[6:]

vectors = []
def vector(name, section, octets, kind, **fields):
    checked = {} if kind == 'PayloadExtension' else {'checksum': struct.unpack_from('>H', octets, 4)[0]}
    vectors.append({'name': name, 'section': section, 'octets': octets.hex(), 'kind': kind, 'fields': {**checked, **fields}, 'source': SOURCE})

A, B = '2001:db8:a::1', '2001:db8:b::1'
T1, T2, N1, N2 = 0x7bc6739fee30, 0x45d37622349d, 0x11db9d89, 0x4c4a10fc
W1, W2, WN1 = struct.pack('>I', N1), struct.pack('>I', N2), struct.pack('>I', 0xffffffff)
S = 'RFC 5533 section '

vector('payload extension header', S + '5.2', bytes([6, 0]) + tag(T1, 1), 'PayloadExtension', nextHeader=6, receiverContextTag=T1)
vector('payload extension header, largest tag', S + '5.2', bytes([17, 0]) + tag(2**47 - 1, 1), 'PayloadExtension', nextHeader=17, receiverContextTag=2**47 - 1)
vector('I1', S + '5.4', message(1, tag(T1) + W1), 'I1', initiatorContextTag=T1, initiatorNonce=N1, options=[])
vector('I1, all reserved bits set, a wrong checksum and a next header', S + '5.4', message(1, tag(0, 1) + WN1, 0x7f, 6, 0xbeef), 'I1',
       nextHeader=6, reserved1=127, reserved=1, initiatorContextTag=0, initiatorNonce=0xffffffff, options=[])
pair = option(6, struct.pack('>I', 0) + address(A) + address(B))
vector('I1 with a ULID pair and a forked instance identifier', S + '5.4', message(1, tag(T1) + W1 + pair + option(7, struct.pack('>I', 9))), 'I1',
       initiatorContextTag=T1, initiatorNonce=N1, options=[
           {'kind': 'UlidPair', 'senderUlid': A, 'receiverUlid': B}, {'kind': 'ForkedInstanceIdentifier', 'forkedInstanceIdentifier': 9}])
validator = bytes(range(20))
vector('R1', S + '5.5', message(2, b'\0\0' + W1 + W2 + option(1, validator)), 'R1', initiatorNonce=N1, responderNonce=N2,
       options=[{'kind': 'ResponderValidator', 'validator': validator.hex()}])
vector('R1, reserved bits set, an empty validator', S + '5.5', message(2, b'\xff\xff' + W1 + W2 + option(1, b'')), 'R1', reserved2=0xffff,
       initiatorNonce=N1, responderNonce=N2, options=[{'kind': 'ResponderValidator', 'validator': ''}])
two, three = [(A, 1), ('2001:db8:a2::1', 2)], [(A, 1), ('2001:db8:a2::1', 1), ('2001:db8:a3::1', 200)]
listed = lambda locators: [{'locator': text, 'verificationMethod': method} for text, method in locators]
vector('I2 with locators, parameters, signature and keepalive timeout', S + '5.6',
       message(3, tag(T1) + W1 + W2 + bytes(4) + option(1, validator) + option(2, locator_list(2, three)) + option(4, bytes(range(33))) +
               option(5, bytes(range(64))) + option(10, struct.pack('>HH', 0, 15))), 'I2',
       initiatorContextTag=T1, initiatorNonce=N1, responderNonce=N2, options=[
           {'kind': 'ResponderValidator', 'validator': validator.hex()}, {'kind': 'LocatorList', 'locatorListGeneration': 2, 'locators': listed(three)},
           {'kind': 'CgaParameterDataStructure', 'cgaParameters': bytes(range(33)).hex()}, {'kind': 'CgaSignature', 'signature': bytes(range(64)).hex()},
           {'kind': 'KeepaliveTimeout', 'keepaliveTimeout': 15}])
vector('I2, reserved bits set', S + '5.6', message(3, tag(T1, 1) + W1 + W2 + WN1, 1), 'I2', reserved1=1, reserved=1, initiatorContextTag=T1,
       initiatorNonce=N1, responderNonce=N2, reserved2=0xffffffff, options=[])
vector('R2 with locators and preferences of one octet', S + '5.7',
       message(4, tag(T2) + W1 + option(2, locator_list(1, two)) + option(3, struct.pack('>IB', 1, 1) + b'\0\1')), 'R2',
       responderContextTag=T2, initiatorNonce=N1, options=[
           {'kind': 'LocatorList', 'locatorListGeneration': 1, 'locators': listed(two)},
           {'kind': 'LocatorPreferences', 'locatorListGeneration': 1, 'elementLength': 1, 'elements': [{'flags': 0}, {'flags': 1}]}])
for length, rest in ((2, {'priority': 7}), (3, {'priority': 7, 'weight': 8}), (5, {'priority': 7, 'weight': 8, 'rest': '090a'})):
    element = bytes([2, 7, 8, 9, 10][:length])
    vector(f'R2 with preferences of {length} octets', S + '5.15.3', message(4, tag(T2) + W1 + option(3, struct.pack('>IB', 5, length) + element * 2)), 'R2',
           responderContextTag=T2, initiatorNonce=N1, options=[
               {'kind': 'LocatorPreferences', 'locatorListGeneration': 5, 'elementLength': length, 'elements': [{'flags': 2, **rest}] * 2}])
vector('R1bis', S + '5.8', message(5, tag(T2) + W2 + option(1, validator)), 'R1bis', packetContextTag=T2, responderNonce=N2,
       options=[{'kind': 'ResponderValidator', 'validator': validator.hex()}])
vector('I2bis', S + '5.9', message(6, tag(T1) + W1 + W2 + bytes(6) + tag(T2) + option(1, validator)), 'I2bis', initiatorContextTag=T1,
       initiatorNonce=N1, responderNonce=N2, packetContextTag=T2, options=[{'kind': 'ResponderValidator', 'validator': validator.hex()}])
vector('I2bis, reserved bits set', S + '5.9', message(6, tag(T1, 1) + W1 + W2 + b'\xff' * 6 + tag(T2, 1)), 'I2bis', reserved=1, initiatorContextTag=T1,
       initiatorNonce=N1, responderNonce=N2, reserved2='ffffffffffff80', packetContextTag=T2, options=[])
vector('Update Request', S + '5.10', message(64, tag(T2) + W1 + option(2, locator_list(3, [(A, 2)]))), 'UpdateRequest', receiverContextTag=T2,
       requestNonce=N1, options=[{'kind': 'LocatorList', 'locatorListGeneration': 3, 'locators': listed([(A, 2)])}])
vector('Update Acknowledgement', S + '5.11', message(65, tag(T1) + W1), 'UpdateAck', receiverContextTag=T1, requestNonce=N1, options=[])
vector('Keepalive', 'RFC 5534 section 5.1', message(66, tag(T1) + bytes(4)), 'Keepalive', receiverContextTag=T1, options=[])
vector('Keepalive, reserved bits set', 'RFC 5534 section 5.1', message(66, tag(T1, 1) + W1, 2), 'Keepalive', reserved1=2, reserved=1,
       receiverContextTag=T1, reserved2=N1, options=[])
report = lambda source, destination, nonce, data: address(source) + address(destination) + struct.pack('>II', nonce, data)
reported = lambda source, destination, nonce, data: {'sourceAddress': source, 'destinationAddress': destination, 'nonce': nonce, 'data': data}
P = [(A, B, N1, 0), (A, '2001:db8:b2::1', N2, 1), (B, A, 7, 8)]
vector('Probe, exploring', 'RFC 5534 section 5.2', message(67, tag(T2) + bytes([0x01, 0x40, 0, 0]) + report(*P[0])), 'Probe', receiverContextTag=T2,
       state=1, sent=[reported(*P[0])], received=[], options=[])
vector('Probe, inbound ok: two sent, one received', 'RFC 5534 section 5.2', message(67, tag(T2) + bytes([0x12, 0x80, 0, 0]) + b''.join(report(*p) for p in P)),
       'Probe', receiverContextTag=T2, state=2, sent=[reported(*P[0]), reported(*P[1])], received=[reported(*P[2])], options=[])
vector('Probe, an undefined state, reserved bits set, an option', 'RFC 5534 section 5.2',
       message(67, tag(T2, 1) + bytes([0x10, 0xff, 0xff, 0xff]) + report(*P[2]) + option(7, bytes(4))), 'Probe', reserved=1, receiverContextTag=T2, state=3,
       reserved2=0x3fffff, sent=[], received=[reported(*P[2])], options=[{'kind': 'ForkedInstanceIdentifier', 'forkedInstanceIdentifier': 0}])
vector('Error', S + '5.14', message(68, struct.pack('>H', 40) + message(1, tag(T1) + W1), 1), 'Error', errorCode=1, pointer=40,
       packetInError=message(1, tag(T1) + W1).hex())
vector('a type that nobody defines', S + '5.3', message(127, bytes(range(10)), 3), 'Unknown', reserved1=3, type=127, contents=bytes(range(10)).hex())
vector('options that nobody defines, one critical, padding that is not zero', S + '5.15',
       message(1, tag(T1) + W1 + option(8, b'\1\2\3', 1, 0xee) + option(0x7fff, b'')), 'I1', initiatorContextTag=T1, initiatorNonce=N1, options=[
           {'kind': 'Unknown', 'type': 8, 'contents': '010203', 'critical': True, 'padding': 'ee'}, {'kind': 'Unknown', 'type': 0x7fff, 'contents': ''}])
vector('a locator list with padding inside that is not zero', S + '5.15.2', message(4, tag(T2) + W1 + option(2, locator_list(1, two, 0xaa))), 'R2',
       responderContextTag=T2, initiatorNonce=N1, options=[
           {'kind': 'LocatorList', 'locatorListGeneration': 1, 'locators': listed(two), 'innerPadding': 'aaaaaaaaaa'}])

errors = []
def refused(name, section, octets, code, offset):
    errors.append({'name': name, 'section': section, 'octets': octets.hex(), 'code': code, 'offset': offset, 'source': SOURCE})

i1 = message(1, tag(T1) + W1)
refused('nothing', S + '5.3', b'', 'truncated', 0)
refused('half an I1', S + '5.3', i1[:8], 'truncated', 8)
refused('an I1 of 8 octets', S + '5.4', message(1, b'\0\0'), 'bad-length', 1)
refused('an I2bis of 24 octets', S + '5.9', message(6, bytes(18)), 'bad-length', 1)
refused('a HIP message', S + '5.3', i1[:3] + b'\1' + i1[4:], 'hip', 3)
refused('a payload extension header of 16 octets', S + '5.2', bytes([6, 1]) + tag(T1, 1) + bytes(8), 'bad-length', 1)
refused('a Probe that counts two and has one', 'RFC 5534 section 5.2', message(67, tag(T2) + bytes([0x11, 0, 0, 0]) + report(*P[0])), 'bad-length', 1)
refused('an option that is longer than its message', S + '5.15', message(1, tag(T1) + W1 + struct.pack('>HHI', 2, 40, 0)), 'bad-length', 18)

def recorded():
    """The shim6 messages of LinShim6's captures."""
    for path in sorted((ROOT / 'vectors' / 'captures' / 'linshim6').glob('*.pcap')):
        data, at = path.read_bytes(), 24
        order = '<' if data[:4] == b'\xd4\xc3\xb2\xa1' else '>'
        link = struct.unpack_from(order + 'I', data, 20)[0]
        while at < len(data):
            captured = struct.unpack_from(order + 'I', data, at + 8)[0]
            packet = data[at + 16:at + 16 + captured][{1: 14, 101: 0, 113: 16, 276: 20}[link]:]
            at += 16 + captured
            if packet[6] == 140: yield packet[40:40 + struct.unpack_from('>H', packet, 4)[0]]

count = 0
for octets in recorded():
    assert checksum(octets[:4] + b'\0\0' + octets[6:]) == struct.unpack_from('>H', octets, 4)[0], octets.hex()
    count += 1
assert count > 50, count

out = {'$schema': './schema.json', 'description': 'Messages of shim6 and REAP: octets and fields, and what is no message with the reason.',
       'vectors': vectors, 'refused': errors}
(ROOT / 'vectors' / 'shim6' / 'messages.json').write_text(json.dumps(out, indent=2) + '\n')
print(f'{len(vectors)} messages, {len(errors)} refused; {count} recorded checksums agree')
