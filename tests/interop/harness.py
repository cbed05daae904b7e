"""What every check needs: lines of outcome, child processes that always end, peers fetched from their registries."""

import atexit
import hashlib
import json
import os
import pathlib
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "interop"

# What a package manager prints when it cannot reach its registry at all, as opposed to not finding a package there.
UNREACHABLE = ("connection", "resolve", "timed out", "timeout", "unreachable", "proxy", "unknown host",
               "transfer artifact")


class Report:
    """One line a check; details of a failure below it; a summary as the last line."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def ok(self, name):
        self.passed += 1
        print(f"ok  {name}", flush=True)

    def fail(self, name, details=""):
        self.failed += 1
        print(f"FAILED  {name}", flush=True)
        for line in str(details).rstrip().splitlines():
            print(f"        {line}", flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print(f"skipped: {name}: {reason}", flush=True)

    def check(self, name, problem):
        """Passes when there is no problem to tell."""
        if problem:
            self.fail(name, problem)
        else:
            self.ok(name)

    def summary(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        return 1 if self.failed else 0


class Child:
    """A process of ours with its output read in the background; it ends with us at the latest."""

    everyone = []

    def __init__(self, arguments, **options):
        self.lines = queue.Queue()
        self.errors = []
        self.process = subprocess.Popen(
            [str(argument) for argument in arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, **options)
        for stream, sink in ((self.process.stdout, self.lines.put), (self.process.stderr, self.errors.append)):
            threading.Thread(target=self._pump, args=(stream, sink), daemon=True).start()
        Child.everyone.append(self)

    def _pump(self, stream, sink):
        for line in stream:
            sink(line.rstrip("\n"))
        if stream is self.process.stdout:
            sink(None)

    def line(self, timeout):
        """The next line of output, or None when the process has ended or has been silent for too long."""
        try:
            return self.lines.get(timeout=timeout)
        except queue.Empty:
            return None

    def error_text(self):
        return "\n".join(self.errors[-20:])

    def stop(self):
        if self in Child.everyone:
            Child.everyone.remove(self)
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


@atexit.register
def stop_everyone():
    for child in list(Child.everyone):
        child.stop()


class Worker:
    """A peer's client program: takes a job, gives an outcome (peers/jobs.py). Starts again when the peer hangs."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.child = None

    def ask(self, job, timeout=90):
        if self.child is None:
            self.child = Child(self.arguments)
        try:
            self.child.process.stdin.write(json.dumps(job) + "\n")
            self.child.process.stdin.flush()
        except OSError:
            return self._lost("the peer's program has ended")
        while True:
            line = self.child.line(timeout)
            if line is None:
                return self._lost(f"no outcome within {timeout} s")
            if line.startswith("{"):  # a peer may print remarks of its own
                return json.loads(line)

    def _lost(self, reason):
        error = f"{reason}: {self.child.error_text()}"
        self.stop()
        return {"associated": False, "results": [], "error": error}

    def stop(self):
        if self.child is not None:
            self.child.stop()
            self.child = None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, timeout=10):
    """Until somebody listens on it; a TCP port that is bound cannot be bound again."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        time.sleep(0.05)


def digest(*paths):
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.read_bytes())
    return total.hexdigest()


class Unreachable(Exception):
    """A registry does not answer."""


def fetch(arguments, log):
    """Runs a package manager; Unreachable when its registry is, RuntimeError when anything else is wrong."""
    done = subprocess.run([str(a) for a in arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, timeout=600)
    log.write_text(done.stdout)
    if done.returncode == 0:
        return
    if any(word in done.stdout.lower() for word in UNREACHABLE):
        raise Unreachable
    raise RuntimeError(f"{arguments[0]} failed:\n" + "\n".join(done.stdout.splitlines()[-15:]))


def python_environment():
    """The Python interpreter of a virtual environment with the pinned Python peers."""
    requirements = HERE / "requirements.txt"
    place = BUILD / "venv"
    stamp = place / "stamp"
    if not (stamp.exists() and stamp.read_text() == digest(requirements)):
        shutil.rmtree(place, ignore_errors=True)
        BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True, stdout=subprocess.DEVNULL)
        fetch([place / "bin" / "pip", "install", "--quiet", "--retries", "1", "--requirement", requirements],
              BUILD / "pip.log")
        stamp.write_text(digest(requirements))
    return place / "bin" / "python"


def java_class_path():
    """Where the compiled Java peer and its pinned libraries are."""
    project = HERE / "peers" / "jdlms"
    place = BUILD / "jdlms"
    stamp = place / "stamp"
    sources = [project / "pom.xml", *project.rglob("*.java")]
    if not (stamp.exists() and stamp.read_text() == digest(*sources)):
        if not (shutil.which("mvn") and shutil.which("javac")):
            raise RuntimeError("install maven and default-jdk-headless")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        fetch(["mvn", "--quiet", "--batch-mode", "--file", project / "pom.xml", f"-Dinterop.build={place}", "compile",
               "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies",
               f"-DoutputDirectory={place / 'lib'}"], BUILD / "mvn.log")
        stamp.write_text(digest(*sources))
    return f"{place / 'classes'}{os.pathsep}{place / 'lib'}/*"
