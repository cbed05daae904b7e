"""Security suites and authentication mechanisms against `ferraris meter`, with the keys that it makes at its start.

gurux-dlms is the one peer that has any of this. What it has and gets wrong is skipped, with the reason; what no peer
can speak is in README.md.
"""

import ferraris_program as ours
from clients_against_meter import CLASS_DATA, CLASS_REGISTER, MUST_SHOW, UNKNOWN, Dialogue, equals, shows
from ferraris_program import UTILITY

PEER = "gurux-dlms"
CASES = [(0, "gmac"), (0, "sha256"), (0, "md5"), (0, "sha1"), (1, "gmac"), (1, "sha256"), (1, "ecdsa"), (2, "gmac"),
         (2, "sha256")]
# What the peer offers and cannot be used, and why that is the peer's fault.
BROKEN = {
    "suite 2 ecdsa": "GXEcdsa.sign and verify compare the curve with P-256 twice and raise for P-384 (IEC 62056-5-3, "
                     "table of security suites: ECDSA with P-384 in suite 2)",
    "suite 2 key transfer": "GXDLMSSecureClient.encrypt refuses key encryption keys of 32 octets (IEC 62056-5-3, "
                            "table of security suites: AES-256 key wrap in suite 2)",
    "general-ciphering": "its client deciphers it with agreed keys and sends it never; GXEcdsa.generateSecret, which it "
                         "agrees with, raises (int of octets)",
    "general-signing": "GXDLMSChippering has its tag, and neither makes nor opens it",
}
SECURITY_SETUP = "0.0.43.0.1.255"
SUITE_OF_SETUP = {"do": "get", "class": 64, "obis": SECURITY_SETUP, "attribute": 3}
SERIAL_NUMBER = {"do": "get", "class": CLASS_DATA, "obis": "0.0.96.1.0.255", "attribute": 2}
ENERGY = [CLASS_REGISTER, ours.IMPORT, 2]
OBJECT_UNDEFINED = 4


def association(report, worker, meter, name, authentication, steps, **more):
    """One dialogue of the utility with the keys of `meter`."""
    job = meter.job(UTILITY, authentication) | more
    counter = worker.ask({**meter.public_job(), "steps": [
        {"do": "get", "class": CLASS_DATA, "obis": ours.COUNTERS[UTILITY], "attribute": 2}]})
    if counter["results"] and counter["results"][0]["ok"]:
        job["counter"] = counter["results"][0]["value"] + 1
    return Dialogue(report, name, worker.ask({**job, "steps": steps}, timeout=60), steps)


def reads(report, worker, program, suite, mechanism):
    """Everything that proves both directions: short and long answers, a list, ACCESS, and who has which suite."""
    name = f"{PEER} suite {suite} {mechanism}"
    meter = ours.SecuredMeter(program, suite, mechanism)
    if not meter.ready(report, name):
        return
    steps = [{"do": "view"}, {"do": "get", "class": 3, "obis": ours.IMPORT, "attribute": 2}, SUITE_OF_SETUP,
             {"do": "get_list", "attributes": [ENERGY, ENERGY]},
             {"do": "access", "attributes": [ENERGY, [CLASS_REGISTER, UNKNOWN, 2]]}]
    dialogue = association(report, worker, meter, name, mechanism, steps)
    dialogue.step(0, "association view", shows(MUST_SHOW))
    dialogue.step(1, "register", lambda value: ("" if isinstance(value, int) else f"got {value}", ""))
    dialogue.step(2, "suite in the security setup", equals(suite))
    dialogue.step(3, "list", lambda values: ("" if len(values) == 2 else f"got {values}", ""))
    dialogue.step(4, "ACCESS", lambda values: (
        "" if isinstance(values[0], int) and values[1] == {"error": OBJECT_UNDEFINED} else f"got {values}", ""))
    dialogue.released()
    weaker = "low" if mechanism == "gmac" else "gmac"
    refused = association(report_nothing(), worker, meter, name, weaker, [SUITE_OF_SETUP]).outcome
    report.check(f"{name} refuses {weaker}", "it was taken" if refused["associated"] else "")
    report.check(f"{name} logs the refusal", "" if "association refused" in meter.log() else meter.log())
    meter.stop()


class report_nothing:
    """For a dialogue that is to fail."""

    def ok(self, name):
        pass

    def fail(self, name, details=""):
        pass


def key_transfer(report, worker, program, suite):
    """The peer wraps new keys with the master key; from the next association on they are the ones."""
    name = f"{PEER} suite {suite} key transfer"
    meter = ours.SecuredMeter(program, suite, "gmac")
    if not meter.ready(report, name):
        return
    new = {"0": "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", "2": "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf"}
    steps = [{"do": "key_transfer", "obis": SECURITY_SETUP, "master_key": meter.keys_of(UTILITY)["master_key"],
              "keys": new}]
    dialogue = association(report, worker, meter, name, "gmac", steps)
    dialogue.step(0, "is carried out", equals(None))
    refused = association(report_nothing(), worker, meter, name, "gmac", [SUITE_OF_SETUP]).outcome
    report.check(f"{name}: the old keys are refused", "they were taken" if refused["associated"] else "")
    meter.keys_of(UTILITY).update(unicast_key=new["0"], authentication_key=new["2"])
    association(report, worker, meter, f"{name}: the new keys", "gmac", [SUITE_OF_SETUP]).step(
        0, "read", equals(suite))
    meter.stop()


def one_protection(report, worker, program, protection):
    """Messages that are authenticated and not encrypted (security control byte 0x10), or encrypted and not
    authenticated (0x20), in both directions, against a meter that asks for just that; and one that does not do it."""
    name = f"{PEER} {protection} alone"
    meter = ours.SecuredMeter(program, 0, "gmac", policy=protection)
    if not meter.ready(report, name):
        return
    steps = [SUITE_OF_SETUP, {"do": "get", "class": 3, "obis": ours.IMPORT, "attribute": 2}, {"do": "view"}]
    dialogue = association(report, worker, meter, name, "gmac", steps, security=protection)
    dialogue.step(0, "suite in the security setup", equals(0))
    dialogue.step(1, "register", lambda value: ("" if isinstance(value, int) else f"got {value}", ""))
    dialogue.step(2, "association view", shows(MUST_SHOW))
    dialogue.released()
    other = "encryption" if protection == "authentication" else "authentication"
    refused = association(report_nothing(), worker, meter, name, "gmac", [SUITE_OF_SETUP], security=other).outcome
    worked = refused["associated"] and refused["results"] and refused["results"][0]["ok"]
    report.check(f"{name}: {other} does not do", "it was taken" if worked else "")
    report.check(f"{name}: the refusal is logged",
                 "" if "less protected than the policy asks" in meter.log() else meter.log())
    meter.stop()


def in_blocks(report, worker, program):
    """A SET and an ACTION that the peer divides into the blocks of their services, ciphered one by one."""
    name = f"{PEER} requests in blocks"
    meter = ours.SecuredMeter(program, 1, "gmac")
    if not meter.ready(report, name):
        return
    secret = bytes(range(0x41, 0x61)).hex()
    certificate = meter.octets(meter.keys_of(UTILITY)["signing_certificate"]).hex()
    for what, send_pdu, step in (
            ("SET of a secret", 64, {"do": "set", "class": 15, "obis": "0.0.40.0.2.255", "attribute": 7,
                                     "type": "octet-string", "value": secret}),
            ("ACTION that imports a certificate", 160, {"do": "action", "class": 64, "obis": SECURITY_SETUP, "method": 6,
                                                        "type": "octet-string", "value": certificate})):
        association(report, worker, meter, f"{name}: {what}", "gmac", [step], send_pdu=send_pdu).step(
            0, "is carried out", equals(None))
    reader = {**meter.public_job(), "client": ours.READER, "authentication": "low", "password": secret}
    outcome = worker.ask({**reader, "steps": [SERIAL_NUMBER]})
    report.check(f"{name}: the secret came whole", "" if outcome["associated"] else outcome.get("error", ""))
    meter.stop()


def checks(report, program, workers):
    worker = workers.get(PEER)
    if worker is None:
        return
    for suite, mechanism in CASES:
        reads(report, worker, program, suite, mechanism)
    for protection in ("authentication", "encryption"):
        one_protection(report, worker, program, protection)
    for suite in (0, 1):
        key_transfer(report, worker, program, suite)
    in_blocks(report, worker, program)
    for what, reason in BROKEN.items():
        report.skip(f"{PEER} {what}", reason)
