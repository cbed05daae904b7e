"""Pushes across: our meter's decoded by gurux-dlms, and gurux-dlms' decoded by `ferraris listen`."""

import json
import tempfile

import ferraris_program as ours
import harness
from ferraris_program import UTILITY

PEER = "gurux-dlms"
PUSH_SETUP = "40/0-1:25.9.0"
TIMEOUT = 30
REGISTER = ["1.0.1.8.0.255", 1234567]
TEXT = ["0.0.96.1.0.255", "PEE0000000000042"]


def numbers_in(value):
    if isinstance(value, list):
        return [number for element in value for number in numbers_in(element)]
    return [value] if isinstance(value, int) else []


def octets_in(value):
    if isinstance(value, list):
        return [octets for element in value for octets in octets_in(element)]
    return [value["octets"]] if isinstance(value, dict) and "octets" in value else []


def outcome_of(child):
    """Its line of JSON; a peer may print remarks of its own."""
    while (line := child.line(TIMEOUT)) is not None:
        if line.startswith(("[", "{", "null")):
            return json.loads(line)
    return None


def to_the_peer(report, program, push_program, suite):
    """The meter is told where to push and pushes at once; the peer has the keys and nothing else."""
    name = f"our push of suite {suite} to {PEER}"
    meter = ours.SecuredMeter(program, suite, "gmac")
    if not meter.ready(report, name):
        return
    keys = meter.keys_of(UTILITY)
    taker = harness.Child([*push_program, json.dumps({
        "do": "take", "client": UTILITY, "security": "authenticated", "suite": suite, "title": ours.PEER_TITLE,
        "encryption_key": keys["unicast_key"], "authentication_key": keys["authentication_key"]})])
    destination = f"127.0.0.1:{taker.line(TIMEOUT)}".encode()
    encoded = bytes([2, 3, 0x16, 0, 9, len(destination)]) + destination + bytes([0x16, 0])
    address = f"tcp://127.0.0.1:{meter.wrapper_port}"
    client = ours.Client(program, meter.folder, key_file=meter.folder / "keys.toml")
    association = ["--client", UTILITY, "--keys", client.keys]
    for arguments in (["write", address, f"{PUSH_SETUP}:3", f"axdr:{encoded.hex()}"],
                      ["call", address, f"{PUSH_SETUP}:1", "i8:0"]):
        status, _, errors = client.run(*arguments, *association)
        if status != 0:
            report.fail(f"{name}: {arguments[0]}", errors)
    value = outcome_of(taker)
    device_name = b"FRS0000000000001".hex()
    report.check(f"{name}: decoded", "" if value and device_name in octets_in(value) and numbers_in(value) else
                 f"got {value}, expected {device_name} in it\n{taker.error_text()}\n{meter.log()}")
    taker.stop()
    meter.stop()


def from_the_peer(report, program, push_program, suite):
    name = f"{PEER} push of suite {suite} to ferraris listen" if suite is not None else \
        f"{PEER} push in the clear to ferraris listen"
    size = 32 if suite == 2 else 16
    job = {"do": "send", "client": UTILITY, "port": harness.free_port(), "register": REGISTER, "text": TEXT,
           "security": "none" if suite is None else "authenticated", "suite": suite or 0, "title": ours.PEER_TITLE,
           "encryption_key": bytes(range(size)).hex(), "authentication_key": bytes(range(0xD0 - size, 0xD0)).hex()}
    keys = (f'[client.{UTILITY}]\nsuite = {suite or 0}\nunicast_key = "{job["encryption_key"]}"\n'
            f'authentication_key = "{job["authentication_key"]}"\n')
    with tempfile.TemporaryDirectory(prefix="ferraris-interop-") as place:
        client = ours.Client(program, place, keys)
        listener = harness.Child([program, "listen", f"tcp://127.0.0.1:{job['port']}", "--keys", client.keys,
                                  "--count", "1", "--timeout", str(TIMEOUT), "--json"])
        harness.wait_for_port(job["port"])
        sender = harness.Child([*push_program, json.dumps(job)])
        line = listener.line(TIMEOUT)
        shown = line or ""
        good = str(REGISTER[1]) in shown and (TEXT[1] in shown or TEXT[1].encode().hex() in shown.lower())
        report.check(name, "" if good else f"shown: {shown}\n{listener.error_text()}\n{sender.error_text()}")
        sender.stop()
        listener.stop()


def checks(report, program, push_program):
    if push_program is None:
        return
    for suite in (0, 1, 2):
        to_the_peer(report, program, push_program, suite)
    for suite in (None, 0, 1, 2):
        from_the_peer(report, program, push_program, suite)
