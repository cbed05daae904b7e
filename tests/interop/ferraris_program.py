"""The one place that knows the command line, the clients and the keys of our own program."""

import datetime
import os
import pathlib
import subprocess
import tempfile
import time

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


class Client:
    """Our own client against anybody's meter."""

    def __init__(self, program, place, keys=None):
        self.program = program
        self.keys = pathlib.Path(place) / "client-keys.toml"
        self.environment = {**os.environ, "HOME": str(place), "XDG_STATE_HOME": str(place)}
        if keys:
            handle = os.open(self.keys, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(keys)
        else:
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
