"""Records what tshark says of captures in vectors/captures, for the tests to be held against.

    python3 test/oracles/tshark_fields.py mptcp/hs_small_v4.pcap ...   (paths below vectors/captures)

writes vectors/captures/tshark/<name>.json: {"tshark": version, "fields": [...], "rows": [[...], ...]}, one row a frame, numbers in
decimal, null where a frame has no such field. Needs tshark 4.
"""

import json
import pathlib
import subprocess
import sys

CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "vectors" / "captures"
FIELDS = [
    "frame.number", "frame.len", "frame.cap_len", "frame.time_epoch", "ip.src", "ip.dst", "ip.id", "ipv6.src", "ipv6.dst",
    "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.window_size_value", "tcp.checksum",
    "tcp.urgent_pointer", "tcp.hdr_len", "tcp.len", "tcp.checksum.status", "tcp.option_kind",
]
TEXT = {"frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.option_kind"}


def value(field, text):
    if text == "":
        return None
    return text if field in TEXT else int(text, 0)


def main():
    version = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    for name in sys.argv[1:]:
        path = CAPTURES / name
        command = ["tshark", "-r", str(path), "-n", "-o", "tcp.check_checksum:TRUE", "-o", "tcp.desegment_tcp_streams:FALSE", "-T", "fields"]
        for field in FIELDS:
            command += ["-e", field]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        rows = [[value(f, t) for f, t in zip(FIELDS, line.split("\t"))] for line in lines]
        out = CAPTURES / "tshark" / (path.stem + ".json")
        out.parent.mkdir(exist_ok=True)
        body = ",\n".join("  " + json.dumps(row, separators=(",", ":")) for row in rows)
        out.write_text(f'{{\n"tshark": "{version}",\n"fields": {json.dumps(FIELDS)},\n"rows": [\n{body}\n]\n}}\n')


main()
