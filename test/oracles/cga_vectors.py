#!/usr/bin/env python3
"""Writes vectors/cga/*.json: keeps what was recorded, checks it once more, and computes the rest.

An oracle that shares no code with the TypeScript: RFC 3972, RFC 4581, RFC 5535 and RFC 5533 section 5.15.5 once more, with Python's
hashlib and ipaddress, and openssl for keys and signatures. It stops when a recorded vector disagrees.

    python3 test/oracles/cga_vectors.py        (from the root of the repository; openssl 3)
"""
import hashlib, ipaddress, json, subprocess, sys, tempfile
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / 'vectors' / 'cga'
COMPUTED = 'computed with Python hashlib (test/oracles/cga_vectors.py)'
OPENSSL = 'made with openssl 3.0.19 (test/oracles/cga_vectors.py)'
SHIM6 = bytes.fromhex('4A305662 4858574B 3655416F 506A6D48'.replace(' ', ''))

# --- the formulas -------------------------------------------------------------------------------------------------------------

sha1 = lambda data: hashlib.sha1(data).digest()
prefix = lambda text: ipaddress.IPv6Address(text).packed[:8]

def der(tag, *contents):
    inner = b''.join(contents)
    n = len(inner)
    return bytes([tag]) + (bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else bytes([0x82, n >> 8, n & 255])) + inner

def rsa_spki(modulus, exponent=65537):
    integer = lambda n: der(2, n.to_bytes(n.bit_length() // 8 + 1, 'big'))
    return der(0x30, der(0x30, bytes.fromhex('06092a864886f70d0101010500')), der(3, b'\0', der(0x30, integer(modulus), integer(exponent))))

def multi_prefix(prefixes, p_flag, reserved=0):
    data = ((p_flag << 31) | reserved).to_bytes(4, 'big') + b''.join(prefixes)
    return (0x12).to_bytes(2, 'big') + len(data).to_bytes(2, 'big') + data

def find(tail, sec, start):
    """The distance of the first modifier whose Hash2 begins with 16 * sec zero bits; `tail` follows the nine zero octets."""
    distance, modifier = 0, int.from_bytes(start, 'big')
    while sec and any(sha1(modifier.to_bytes(16, 'big') + bytes(9) + tail)[:2 * sec]):
        distance, modifier = distance + 1, (modifier + 1) % 2**128
    return distance, modifier.to_bytes(16, 'big')

def address_of(parameters, sec):
    h = sha1(parameters)
    return parameters[16:24] + bytes([(h[0] & 0x1c) | sec << 5]) + h[1:8]

def key_end(parameters):
    """One past the SubjectPublicKeyInfo at octet 25, or None."""
    if len(parameters) < 27 or parameters[25] != 0x30: return None
    n, at = parameters[26], 27
    if n & 0x80:
        count = n & 0x7f
        if not 0 < count < 4 or len(parameters) < at + count: return None
        n, at = int.from_bytes(parameters[at:at + count], 'big'), at + count
    return at + n if at + n <= len(parameters) else None

def step_of(parameters, address, hba):
    """The step that refuses, or None: RFC 3972 section 5, RFC 5535 section 7.2."""
    end = key_end(parameters)
    if end is None: return 'format'
    if hba:
        prefixes, at = None, end
        while at + 4 <= len(parameters):
            kind, n = int.from_bytes(parameters[at:at + 2], 'big'), int.from_bytes(parameters[at + 2:at + 4], 'big')
            if at + 4 + n > len(parameters): break
            if kind == 0x12 and n % 8 == 4 and prefixes is None:
                prefixes = [parameters[i:i + 8] for i in range(at + 8, at + 4 + n, 8)]
            at += 4 + n
        if address[:8] not in (prefixes or []): return 'prefix-set'
        parameters = parameters[:16] + address[:8] + parameters[24:]
    if parameters[24] > 2: return 'collision-count'
    if parameters[16:24] != address[:8]: return 'subnet-prefix'
    mask = 0x1cffffffffffffff
    if (int.from_bytes(sha1(parameters)[:8], 'big') ^ int.from_bytes(address[8:], 'big')) & mask: return 'hash1'
    sec = address[8] >> 5
    if hba and sec > 2: return 'sec'
    if any(sha1(parameters[:16] + bytes(9) + parameters[25:])[:2 * sec]): return 'hash2'
    return None

def signed(generation, locators):
    return SHIM6 + generation.to_bytes(4, 'big') + b''.join(bytes.fromhex(l['locator']) for l in locators if l['verificationMethod'] == 2)

# --- what is there, and what is made --------------------------------------------------------------------------------------------

def kept(name):
    path = OUT / f'{name}.json'
    vectors = json.loads(path.read_text())['vectors'] if path.exists() else []
    return [v for v in vectors if v['source'] not in (COMPUTED,)]

def write(name, description, vectors):
    lines = ',\n'.join('    ' + json.dumps(v) for v in vectors)
    (OUT / f'{name}.json').write_text(f'{{\n  "$schema": "./schema.json#/$defs/{name}",\n  "description": {json.dumps(description)},\n'
                                      f'  "vectors": [\n{lines}\n  ]\n}}\n')
    print(name, len(vectors))

def openssl(*arguments, data=None):
    return subprocess.run(['openssl', *arguments], input=data, capture_output=True, check=True).stdout

def make_keys():
    """Keys are made once and kept: everything else depends on them."""
    made = []
    def add(name, algorithm, private, other):
        pem = openssl('pkey', data=private)
        made.append({'name': name, 'algorithm': algorithm, 'publicKey': openssl('pkey', '-pubout', '-outform', 'DER', data=private).hex(),
                     'privateKey': openssl('pkcs8', '-topk8', '-nocrypt', '-outform', 'DER', data=pem).hex(),
                     'files': [pem.decode(), *(openssl(*o, data=private).decode() for o in other)], 'source': OPENSSL})
    for bits in (512, 1024, 2048):
        add(f'RSA-{bits}', 'RSA', openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', f'rsa_keygen_bits:{bits}'),
            [('rsa', '-traditional'), ('pkey', '-pubout'), ('rsa', '-RSAPublicKey_out')])
    for curve in ('P-256', 'P-384', 'P-521'):
        add(curve, 'EC', openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', f'ec_paramgen_curve:{curve}'), [('ec',), ('pkey', '-pubout')])
    ed = openssl('genpkey', '-algorithm', 'ED25519')
    made.append({'name': 'Ed25519', 'algorithm': 'opaque', 'publicKey': openssl('pkey', '-pubout', '-outform', 'DER', data=ed).hex(),
                 'files': [openssl('pkey', '-pubout', data=ed).decode()], 'source': OPENSSL})
    return made

keys = kept('keys')
if not any(k['source'] == OPENSSL for k in keys): keys += make_keys()
for k in keys:
    for text in k['files']:
        flags = [] if 'PRIVATE' in text else ['-RSAPublicKey_in'] if 'BEGIN RSA PUBLIC' in text else ['-pubin']
        command = 'rsa' if '-RSAPublicKey_in' in flags else 'pkey'
        public = openssl(command, *flags, '-pubout', '-outform', 'DER', data=text.encode())
        assert public.hex() == k['publicKey'], (k['name'], text)
write('keys', 'Throw-away keys in every form of a file, with their SubjectPublicKeyInfo and PKCS #8.', keys)
spki = {k['name']: bytes.fromhex(k['publicKey']) for k in keys}
private = {k['name']: k['files'][0] for k in keys if 'privateKey' in k}

seed = lambda name, n: hashlib.sha512(f'polypath {name}'.encode()).digest()[:n]
PREFIXES = [prefix(p) for p in ('2001:db8:1:1::', '2001:db8:2:2::', '2001:db8:3:3::', 'fe80::', 'fd12:3456:789a:1::')]
UNKNOWN = bytes.fromhex('fffd0003abcdef')

# CGAs: the keys that LinShim6 did not have, unknown extension fields, each Sec and collision count.
cga = kept('cga')
for v in cga: v.setdefault('extensionFields', '')
for i, (key, sec, count, extensions) in enumerate([
    ('P-256', 0, 0, b''), ('P-256', 1, 1, b''), ('P-384', 1, 2, b''), ('P-521', 1, 0, b''), ('Ed25519', 0, 2, b''), ('Ed25519', 1, 0, b''),
    ('RSA-512', 1, 0, UNKNOWN), ('RSA-1024', 0, 1, UNKNOWN + UNKNOWN), ('RSA-2048', 1, 0, multi_prefix(PREFIXES[:2], 1) + UNKNOWN),
]):
    tail = spki[key] + extensions
    _, modifier = find(tail, sec, seed(f'cga {i}', 16))
    p = PREFIXES[i % 5]
    parameters = modifier + p + bytes([count]) + tail
    cga.append({'name': f'{key}, sec {sec}, collision count {count}' + (', extension fields' if extensions else ''), 'sec': sec,
                'prefix': p.hex(), 'collisionCount': count, 'publicKey': spki[key].hex(), 'modifier': modifier.hex(),
                'parameters': parameters.hex(), 'address': address_of(parameters, sec).hex(), 'extensionFields': extensions.hex(), 'source': COMPUTED})
for v in cga:
    parameters, address = bytes.fromhex(v['parameters']), bytes.fromhex(v['address'])
    assert step_of(parameters, address, False) is None and address == address_of(parameters, v['sec']), v['name']
write('cga', 'CGAs and what they are made from: RFC 3972 section 4.', cga)

# HBA sets as RFC 5535 wants them: P flag in the first bit, the Extended Modifier as modulus of an RSAPublicKey.
hba = kept('hba')
for i, (key, sec, count, n) in enumerate([
    (None, 0, 0, 1), (None, 0, 2, 2), (None, 1, 0, 3), ('RSA-512', 0, 0, 2), ('RSA-1024', 1, 1, 3), ('RSA-2048', 1, 0, 5), ('P-256', 1, 0, 2),
]):
    extended = seed(f'hba {i} extended', 48) if key is None else None
    public = rsa_spki(int.from_bytes(extended, 'big')) if key is None else spki[key]
    tail = public + multi_prefix(PREFIXES[:n], key is not None)
    distance, modifier = find(tail, sec, seed(f'hba {i}', 16))
    # Close below it, so that whoever searches from here is soon done.
    start = (int.from_bytes(modifier, 'big') - min(distance, 2000)).to_bytes(16, 'big')
    each = [modifier + p + bytes([count]) + tail for p in PREFIXES[:n]]
    hba.append({'name': f'{key or "no key"}, sec {sec}, {n} prefixes, collision count {count}', 'sec': sec, 'prefixes': [p.hex() for p in PREFIXES[:n]],
                'collisionCount': count, 'pFlag': key is not None, 'reserved': 0, 'publicKey': public.hex(),
                **({'extendedModifier': extended.hex()} if extended else {}), 'from': start.hex(), 'modifier': modifier.hex(),
                'addresses': [address_of(p, sec).hex() for p in each], 'parameters': [p.hex() for p in each], 'remarks': [], 'source': COMPUTED})
for v in hba:
    if 'remarks' not in v:
        # What LinShim6 writes otherwise than the RFC: the P flag's place, the Extended Modifier without an RSAPublicKey around it.
        v['remarks'] = ['p-flag-misplaced'] if v['reserved'] == 0x80 else ['not-rsa-public-key']
    tail = bytes.fromhex(v['publicKey']) + multi_prefix([bytes.fromhex(p) for p in v['prefixes']], v['pFlag'], v['reserved'])
    for p, parameters, address in zip(v['prefixes'], v['parameters'], v['addresses']):
        whole = bytes.fromhex(v['modifier'] + p) + bytes([v['collisionCount']]) + tail
        assert whole.hex() == parameters and address_of(whole, v['sec']).hex() == address, v['name']
        for other in v['parameters']: assert step_of(bytes.fromhex(other), bytes.fromhex(address), True) is None, v['name']
write('hba', 'HBA sets, their CGA Parameters and what is to be remarked on them: RFC 5535 section 6.', hba)

# The Hash2 search: the lowest modifier from a start on, in every length of template modulo a block of SHA-1, and over the end.
search = kept('search')
for i, length in enumerate([*range(25, 153), 187, 319]):
    template = bytes(25) + (seed('template', 64) * 6)[:length - 25]
    start = seed(f'search {i}', 16) if i % 16 else (2**128 - 1 - 1000 * i).to_bytes(16, 'big')
    if i % 16 == 0 or length > 153:
        distance, modifier = find(template[25:], 1, start)
        search.append({'name': f'{length} octets' + ('' if int.from_bytes(modifier, 'big') >= int.from_bytes(start, 'big') else ', wraps at 2^128'),
                       'sec': 1, 'template': template.hex(), 'from': start.hex(), 'modifier': modifier.hex(), 'distance': distance, 'source': COMPUTED})
for v in search:
    distance, modifier = find(bytes.fromhex(v['template'])[25:], v['sec'], bytes.fromhex(v['from']))
    assert modifier.hex() == v['modifier'], v['name']
    v['distance'] = distance
write('search', 'The lowest modifier from a start on whose Hash2 begins with 16 * Sec zero bits: RFC 3972 section 4 steps 2 and 3.', search)

# Verification: what is tampered with, and the step that finds it.
verification = kept('verification')
def tampered(name, what, parameters, address, hba=False):
    verification.append({'name': name, 'what': what, 'parameters': parameters.hex(), 'address': address.hex(), 'hba': hba, 'source': COMPUTED})
for v in [v for v in verification if v['name'].startswith('hba/')]:
    tampered(f"{v['name']}, as HBA", v['what'], bytes.fromhex(v['parameters']), bytes.fromhex(v['address']), True)
pure, compatible = (next(v for v in hba if v['source'] == COMPUTED and v['name'].startswith(n)) for n in ('no key, sec 1', 'RSA-1024'))
for name, v in (('pure', pure), ('compatible', compatible)):
    a, b, *_ = (bytes.fromhex(x) for x in v['addresses'])
    own = bytes.fromhex(v['parameters'][0])
    end = key_end(own)
    tampered(f'hba {name}/own', 'an address with its own parameters', own, a, True)
    tampered(f'hba {name}/other', 'another address of the set', own, b, True)
    tampered(f'hba {name}/other as CGA', 'another address of the set, verified as a CGA', own, b)
    tampered(f'hba {name}/foreign prefix', 'an address whose prefix is not in the set', own, prefix('2001:db8:9:9::') + a[8:], True)
    tampered(f'hba {name}/foreign address', 'an address in a prefix of the set with another interface identifier', own, a[:15] + bytes([a[15] ^ 1]), True)
    tampered(f'hba {name}/interface identifier of the other', "a prefix of the set with another prefix's interface identifier", own, b[:8] + a[8:], True)
    tampered(f'hba {name}/order', 'two prefixes of the set exchanged', own[:end + 8] + own[end + 16:end + 24] + own[end + 8:end + 16] + own[end + 24:], a, True)
    tampered(f'hba {name}/p flag', 'P flag changed', own[:end + 4] + bytes([own[end + 4] ^ 0x80]) + own[end + 5:], a, True)
    tampered(f'hba {name}/no extension', 'the Multi-Prefix extension cut off', own[:end], a, True)
    tampered(f'hba {name}/extension type', 'the extension has another type', own[:end + 1] + b'\x13' + own[end + 2:], a, True)
    tampered(f'hba {name}/short prefix', 'the last octet of the last prefix cut off', own[:-1], a, True)
    without = own[:25] + own[25:end] + multi_prefix(PREFIXES[:2], 0)[:3] + b'\x0b' + multi_prefix(PREFIXES[:2], 0)[4:15]
    tampered(f'hba {name}/length', 'an extension length of 11, address made for it', without, address_of(without, 0), True)
    three = own[:24] + b'\x03' + own[25:]
    tampered(f'hba {name}/collision count 3', 'collision count 3, address made for it', three, address_of(three, 0), True)
    tampered(f'hba {name}/sec 3', 'Sec 3, which HBAs do not have', own, a[:8] + bytes([a[8] & 0x1f | 0x60]) + a[9:], True)
    tampered(f'hba {name}/sec 2', 'Sec raised to 2', own, a[:8] + bytes([a[8] & 0x1f | 0x40]) + a[9:], True)
    tampered(f'hba {name}/u and g', 'u and g bits set', own, a[:8] + bytes([a[8] | 3]) + a[9:], True)
ext = next(v for v in cga if v['source'] == COMPUTED and v['extensionFields'] == UNKNOWN.hex())
own, a = bytes.fromhex(ext['parameters']), bytes.fromhex(ext['address'])
tampered('extension/own', 'an unknown extension field is hashed and otherwise ignored', own, a)
tampered('extension/bit', 'one bit of an unknown extension field changed', own[:-1] + bytes([own[-1] ^ 1]), a)
odd = own + b'\xff'
tampered('extension/no whole field', 'an octet after the last extension field, address made for it (Sec 0)', odd, address_of(odd, 0))
for sec in range(2, 8): tampered(f'extension/sec {sec}', f'Sec raised from 1 to {sec}', own, a[:8] + bytes([a[8] & 0x1f | sec << 5]) + a[9:])
tampered('extension/hash1 before hash2', 'Sec raised to 7 and the last bit of the address changed', own, a[:8] + bytes([a[8] | 0xe0]) + a[9:15] + bytes([a[15] ^ 1]))
tampered('extension/count before prefix', 'collision count 3 and another prefix', own[:24] + b'\x03' + own[25:], prefix('2001:db8:9::') + a[8:])
tampered('extension/prefix before hash1', 'another prefix and another interface identifier', own, prefix('2001:db8:9::') + bytes(8))
tampered('format/empty', 'no parameters', b'', a)
tampered('format/tag', 'the public key is an OCTET STRING', own[:25] + b'\x04' + own[26:], a)
tampered('format/indefinite', 'the public key has an indefinite length', own[:26] + b'\x80' + own[27:], a)
for v in verification:
    v.setdefault('hba', False)
    v['step'] = step_of(bytes.fromhex(v['parameters']), bytes.fromhex(v['address']), v['hba'])
    v['source'] = v.pop('source')
write('verification', 'CGA Parameters and an address, and the step that refuses them, or null: RFC 3972 section 5, RFC 5535 section 7.2.', verification)

# Signatures: LinShim6 never mixed methods.
signatures = kept('signatures')
for i, (key, generation, methods) in enumerate([
    ('RSA-512', 0, [2]), ('RSA-1024', 1, [1, 2, 1, 2]), ('RSA-2048', 0xffffffff, [2, 2, 1, 0, 254]), ('LinShim6 host A', 7, [1, 2, 2]), ('RSA-1024', 3, [1, 1]),
]):
    locators = [{'locator': seed(f'locator {i} {j}', 16).hex(), 'verificationMethod': m} for j, m in enumerate(methods)]
    with tempfile.NamedTemporaryFile('w') as f:
        f.write(private[key]); f.flush()
        signature = openssl('dgst', '-sha1', '-sign', f.name, data=signed(generation, locators))
    signatures.append({'name': f'{key}, methods {methods}', 'publicKey': spki[key].hex(), 'generation': generation, 'locators': locators,
                       'signed': signed(generation, locators).hex(), 'signature': signature.hex(), 'source': COMPUTED})
for v in signatures:
    assert signed(v['generation'], v['locators']).hex() == v['signed'], v['name']
    with tempfile.NamedTemporaryFile() as public, tempfile.NamedTemporaryFile() as s:
        public.write(bytes.fromhex(v['publicKey'])); public.flush(); s.write(bytes.fromhex(v['signature'])); s.flush()
        openssl('dgst', '-sha1', '-verify', public.name, '-keyform', 'DER', '-signature', s.name, data=bytes.fromhex(v['signed']))
write('signatures', 'CGA signatures over shim6 locator lists and what they cover: RFC 5533 section 5.15.5.', signatures)
