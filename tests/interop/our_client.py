"""Our client against the servers of others: `ferraris read`, `ferraris profile` and `ferraris write`."""

import datetime
import json
import tempfile

import ferraris_program as ours
import harness
import peer_meter
from peer_meter import METER, PERIOD, START

# What each peer's server offers. gurux-dlms 1.0.203 raises when it answers a ciphered AARQ (_GXAPDU.generateAARE).
OFFERS = {
    "jdlms": {"wrapper": ("public", "low", "gmac"), "gurux-dlms's hdlc": ("public", "low", "gmac")},
    "gurux-dlms": {"wrapper": ("public", "low"), "hdlc": ("public", "low")},
}
# What a peer offers and cannot be used, and why that is the peer's fault.
BROKEN = {
    ("jdlms", "hdlc"): "its I frames answer with the LLC of a command (E6 E6 00) and with N(R) = 0 whatever it has "
                       "received; IEC 62056-46 wants E6 E7 00 and the number of the next frame",
    ("gurux-dlms", "ciphered"): "its server raises in _GXAPDU.generateAARE when it answers a ciphered AARQ",
}
CLIENTS = {"public": METER["public_client"], "low": METER["reader_client"], "gmac": METER["secure_client"]}
FIRST, COUNT = 10, 10


def keys():
    from_meter = peer_meter.KEYS
    return (f'system_title = "{ours.OUR_TITLE}"\n'
            f'[client.{CLIENTS["low"]}]\nsecret_hex = "{from_meter["password"]}"\n'
            f'[client.{CLIENTS["gmac"]}]\nunicast_key = "{from_meter["encryption_key"]}"\n'
            f'authentication_key = "{from_meter["authentication_key"]}"\n')


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text):
    return int(datetime.datetime.fromisoformat(text).timestamp())


class Session:
    """One access to one server; each method is one check."""

    def __init__(self, report, client, name, address, access):
        self.report, self.client, self.name, self.address = report, client, name, address
        self.association = ["--client", CLIENTS[access]] + (["--keys", client.keys] if access != "public" else [])

    def run(self, what, arguments, judge):
        if self.name.startswith("jdlms"):
            # Its server counts from the same number in each association, under the same key: an IV used twice, which
            # AES-GCM forbids (IEC 62056-5-3, 5.3.3) and our client refuses. To test the rest, the client forgets.
            self.client.forget_heard_counters()
        status, output, errors = self.client.run(*arguments, *self.association)
        problem = f"exit status {status}: {errors.strip()}"
        remark = ""
        if status == 0:
            try:
                problem, remark = judge(output)
            except (ValueError, KeyError, IndexError, TypeError) as error:
                problem = f"{type(error).__name__}: {error} in\n{output[:500]}"
        self.report.check(f"ferraris against {self.name} {what}" + (f": {remark}" if remark else ""), problem)

    def view(self):
        def judge(output):
            shown = {entry["logical_name"] for entry in json.loads(output)["objects"]}
            wanted = {register["obis"] for register in METER["registers"]} | {METER["profile"]["obis"]}
            missing = wanted - shown
            return (f"not shown: {missing}" if missing else ""), f"{len(shown)} objects"
        self.run("association view", ["read", self.address, "--json"], judge)

    def registers(self):
        def judge(output):
            values = {entry["logical_name"]: entry["attributes"][0] for entry in json.loads(output)["objects"]}
            for register, unit in zip(METER["registers"], ("Wh", "V")):
                found = values[register["obis"]]
                wanted = register["value"] * 10.0 ** register["scaler"]
                if abs(found["value"] - wanted) > 1e-9 * wanted or found["unit"] != unit:
                    return f"{register['obis']} is {found}, expected {wanted} {unit}", ""
            return "", ""
        self.run("registers with scaler and unit",
                 ["read", self.address, *(register["obis"] for register in METER["registers"]), "--json"], judge)

    def clock(self, wanted, what):
        def judge(output):
            shown = json.loads(output)["objects"][0]["attributes"][0]["value"]
            return ("" if seconds(shown) == wanted else f"shows {shown}, expected {iso(wanted)}"), ""
        self.run(what, ["read", self.address, "8/0.0.1.0.0.255:2", "--json"], judge)

    def profile(self, what, first, count, arguments):
        def judge(output):
            rows = [(seconds(row["time"]), row["values"][0]) for row in json.loads(output)["rows"]]
            wanted = [tuple(row) for row in METER["profile"]["rows"][first:first + count]]
            return ("" if rows == wanted else f"got {rows}, expected {wanted}"), f"{len(rows)} rows"
        self.run(what, ["profile", self.address, METER["profile"]["obis"], *arguments, "--json"], judge)

    def write(self, what, target, value):
        self.run(what, ["write", self.address, target, value], lambda output: ("", ""))

    def everything(self):
        self.view()
        self.registers()
        self.profile("profile by range", FIRST, COUNT,
                     ["--from", iso(START + FIRST * PERIOD), "--to", iso(START + (FIRST + COUNT - 1) * PERIOD)])
        self.profile("profile by entry", FIRST, COUNT, ["--entries", f"{FIRST + 1}-{FIRST + COUNT}"])
        self.profile("whole profile", 0, len(METER["profile"]["rows"]), [])
        self.clock(METER["clock"], "clock")
        moment = START + 99999
        self.write("clock set", "8/0.0.1.0.0.255:2", f"time:{iso(moment)}")
        self.clock(moment, "clock after the set")
        if self.name.startswith("jdlms"):  # the other server has no methods
            self.run("clock shifted by an action", ["call", self.address, "8/0.0.1.0.0.255:6", "i16:-300"],
                     lambda output: ("", ""))
            self.clock(moment - 300, "clock after the shift")
        self.write("clock set back", "8/0.0.1.0.0.255:2", f"time:{iso(METER['clock'])}")
        octets = "0908070605"
        self.write("octet-string written", f"1/{METER['writable']}:2", f"octets:{octets}")

        def judge(output):
            value = json.loads(output)["objects"][0]["attributes"][0]["value"]
            return ("" if value == octets else f"reads {value}"), ""
        self.run("octet-string read back", ["read", self.address, f"1/{METER['writable']}:2", "--json"], judge)


def checks(report, program, server_programs, front):
    """`front`: the program that puts HDLC before a server of the wrapper."""
    for server, arguments in server_programs.items():
        for transport, accesses in OFFERS[server].items():
            meter = harness.Child([*arguments, json.dumps({**METER, "transport": "hdlc" if transport == "hdlc" else "wrapper"})])
            line = meter.line(30)
            if not line:
                report.fail(f"{server}'s server starts", meter.error_text())
                continue
            if transport.startswith("gurux"):
                if not front:
                    report.skip(f"ferraris against {server}'s server {transport}", "gurux-dlms could not be had")
                    continue
                before = harness.Child([*front, line])
                line = before.line(30)
                if not line:
                    report.fail(f"{transport} before {server}'s server starts", before.error_text())
                    continue
            address = f"tcp://127.0.0.1:{line}"
            if transport.endswith("hdlc"):
                address = f"hdlc+{address}?physical={METER['physical']}"
            with tempfile.TemporaryDirectory(prefix="ferraris-interop-") as place:
                client = ours.Client(program, place, keys())
                for access in accesses:
                    Session(report, client, f"{server}'s server {transport} {access}", address, access).everything()
            meter.stop()
    for (server, what), reason in BROKEN.items():
        if server in server_programs:
            report.skip(f"ferraris against {server}'s server {what}", reason)
