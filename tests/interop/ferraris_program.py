"""The one place that knows the command line, the clients and the keys of our own program."""

import base64
import datetime
import os
import pathlib
import subprocess
import tempfile
import time
import tomllib

import harness

LOGICAL_DEVICE = 1
PHYSICAL_DEVICE = 17
PUBLIC, READER, TECHNICIAN, UTILITY = 16, 2, 3, 1
COUNTERS = {TECHNICIAN: "0.0.43.1.3.255", UTILITY: "0.0.43.1.1.255"}
PROFILE = "1.0.99.1.0.255"
IMPORT = "1.0.1.8.0.255"

# The keys that every virtual meter starts with unless it is told others; published, and for tests only.
PASSWORD = "TESTONLY"
AUTHENTICATION_KEY = "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
KEYS = {
    UTILITY: {"encryption_key": "000102030405060708090a0b0c0d0e0f", "authentication_key": AUTHENTICATION_KEY},
    TECHNICIAN: {"encryption_key": "101112131415161718191a1b1c1d1e1f", "authentication_key": AUTHENTICATION_KEY},
}
# A peer's own system title; the utility and the technician differ by client and key, not by title.
PEER_TITLE = b"PEE".hex() + "0000000042"
OUR_TITLE = b"FRC".hex() + "0000000007"


def write_keys(path, title):
    """The key file that the meter starts its life with and that our client uses: mode 0600."""
    lines = [f'system_title = "{title}"'] if title else []
    for client, keys in KEYS.items():
        lines += [f"[client.{client}]", f'unicast_key = "{keys["encryption_key"]}"',
                  f'authentication_key = "{keys["authentication_key"]}"']
    lines += [f"[client.{READER}]", f'secret = "{PASSWORD}"']
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(lines) + "\n")


class Meter:
    """A running `ferraris meter` on free ports of loopback, with its own directory of state."""

    def __init__(self, program, load, speed="1", start=None, until=None, seed=1):
        self.place = tempfile.TemporaryDirectory(prefix="ferraris-interop-")
        place = pathlib.Path(self.place.name)
        self.keys = place / "meter-keys.toml"
        write_keys(self.keys, None)
        self.wrapper_port = harness.free_port()
        self.hdlc_port = harness.free_port()
        arguments = [program, "meter", "--listen", f"127.0.0.1:{self.wrapper_port}",
                     "--hdlc-listen", f"127.0.0.1:{self.hdlc_port}", "--state", place / "state",
                     "--load", load, "--speed", speed, "--seed", str(seed), "--keys", self.keys]
        for option, moment in (("--start", start), ("--until", until)):
            if moment is not None:
                arguments += [option, datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime(
                    "%Y-%m-%dT%H:%M:%SZ")]
        self.child = harness.Child(arguments)

    def ready(self, report, name, timeout=30):
        """False, and said so, when the meter does not get ready."""
        if self.child.line(timeout):
            return True
        report.fail(f"{name} starts", self.log())
        self.stop()
        return False

    def wait_until(self, worker, moment, timeout=60):
        """Polls the clock as the public client until the meter's time has come to `moment`. False: it never did."""
        step = {"do": "clock"}
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            outcome = worker.ask({**self.job("wrapper", PUBLIC), "steps": [step]})
            result = (outcome["results"] or [{"ok": False}])[0]
            if result["ok"] and result["value"]["time"] >= moment:
                return True
            time.sleep(0.2)
        return False

    def log(self):
        return self.child.error_text()

    def stop(self):
        status = self.child.stop()
        self.place.cleanup()
        return status

    def job(self, transport, client, authentication=None, security=None, counter=0, **more):
        """How a peer's client reaches this meter as `client`."""
        port = self.hdlc_port if transport == "hdlc" else self.wrapper_port
        job = {"host": "127.0.0.1", "port": port, "transport": transport, "client": client,
               "server": LOGICAL_DEVICE, "physical": PHYSICAL_DEVICE, "timeout": 10}
        if client == PUBLIC:
            job |= {"authentication": "none", "security": "none"}
        elif client == READER:
            job |= {"authentication": "low", "security": "none", "password": PASSWORD.encode().hex()}
        else:
            job |= {"authentication": "gmac", "security": "authentication-encryption", "title": PEER_TITLE,
                    "counter": counter, **KEYS[client]}
        if authentication:
            job["authentication"] = authentication
        if security:
            job["security"] = security
        return job | more


class SecuredMeter:
    """A running `ferraris meter` that made its keys and certificates itself, of any suite."""

    def __init__(self, program, suite, mechanism, policy="both"):
        self.place = tempfile.TemporaryDirectory(prefix="ferraris-interop-")
        self.folder = pathlib.Path(self.place.name)
        self.wrapper_port = harness.free_port()
        self.child = harness.Child(
            [program, "meter", "--listen", f"127.0.0.1:{self.wrapper_port}", "--hdlc-listen", "127.0.0.1:0", "--state",
             self.folder / "state", "--keys", self.folder / "keys.toml", "--suite", str(suite), "--auth", mechanism,
             "--policy", policy, "--allow-legacy-digests"])
        self.suite = suite
        self.keys = None

    def ready(self, report, name, timeout=30):
        """False, and said so, when the meter does not get ready."""
        if self.child.line(timeout):
            self.keys = tomllib.loads((self.folder / "keys.toml").read_text())
            return True
        report.fail(f"{name}: the meter starts", self.log())
        self.stop()
        return False

    def keys_of(self, client):
        return self.keys["client"][str(client)]

    def public_job(self):
        return {"host": "127.0.0.1", "port": self.wrapper_port, "transport": "wrapper", "client": PUBLIC,
                "server": LOGICAL_DEVICE, "physical": PHYSICAL_DEVICE, "timeout": 10, "authentication": "none",
                "security": "none"}

    def job(self, client, authentication):
        keys = self.keys_of(client)
        job = {**self.public_job(), "client": client, "authentication": authentication,
               "security": "authentication-encryption", "title": self.keys["system_title"], "counter": 1,
               "suite": self.suite, "encryption_key": keys["unicast_key"],
               "authentication_key": keys["authentication_key"], "password": keys["secret_hex"]}
        if authentication == "ecdsa":
            job["signing_key"] = self.private_key(keys["signing_key_file"])
            job["server_signing_key"] = self.public_key(keys["meter_signing_certificate"])
        return job

    def octets(self, file):
        lines = (self.folder / file).read_text().splitlines()
        return base64.b64decode("".join(line for line in lines if not line.startswith("-")))

    def private_key(self, file):
        """ECPrivateKey of RFC 5915: version 1, then the scalar."""
        octets = self.octets(file)
        at = octets.index(b"\x02\x01\x01\x04") + 4
        return octets[at + 1:at + 1 + octets[at]].hex()

    def public_key(self, file):
        """SubjectPublicKeyInfo of RFC 5280: the first BIT STRING that is an uncompressed point."""
        octets = self.octets(file)
        for size in (64, 96):
            head = bytes([3, size + 2, 0, 4])
            if head in octets:
                at = octets.index(head) + len(head)
                return octets[at:at + size].hex()
        raise ValueError(f"no public key in {file}")

    def log(self):
        return self.child.error_text()

    def stop(self):
        status = self.child.stop()
        self.place.cleanup()
        return status


class Client:
    """Our own client against anybody's meter."""

    def __init__(self, program, place, keys=None, key_file=None):
        self.program = program
        self.keys = pathlib.Path(key_file or pathlib.Path(place) / "client-keys.toml")
        self.environment = {**os.environ, "HOME": str(place), "XDG_STATE_HOME": str(place)}
        if keys:
            handle = os.open(self.keys, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(keys)
        elif not key_file:
            write_keys(self.keys, OUR_TITLE)

    def forget_heard_counters(self):
        """What the meters sent with last; the own counters stay."""
        for file in self.keys.parent.glob(f"{self.keys.name}*.counters"):
            lines = [line for line in file.read_text().splitlines(keepends=True) if " heard " not in line]
            file.write_text("".join(lines))

    def run(self, *arguments, timeout=30):
        """(exit status, standard output, standard error)"""
        done = subprocess.run([str(a) for a in (self.program, *arguments)], capture_output=True, text=True,
                              timeout=timeout, stdin=subprocess.DEVNULL, env=self.environment)
        return done.returncode, done.stdout, done.stderr
