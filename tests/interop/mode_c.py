"""The optical port, at the speeds of a line, read by an IEC 62056-21 client that others wrote."""

import json
import pathlib
import subprocess
import tempfile

import ferraris_program as ours
import harness

PEER = "iec62056-21"


def ask(arguments, port, *job):
    """What the peer says, or a text that tells why it said nothing."""
    run = subprocess.run([str(word) for word in (*arguments, port, *job)], capture_output=True, text=True, timeout=120)
    if run.returncode != 0 or not run.stdout.strip():
        return None, run.stderr.strip()[-1500:] or "no outcome"
    return json.loads(run.stdout.strip().splitlines()[-1]), ""


def checks(report, program, arguments):
    if arguments is None:
        return
    with tempfile.TemporaryDirectory(prefix="ferraris-interop-") as folder:
        place = pathlib.Path(folder)
        port = place / "optical"
        keys = place / "keys.toml"
        ours.write_keys(keys, None)
        meter = harness.Child([program, "meter", "--listen", "127.0.0.1:0", "--hdlc-listen", "127.0.0.1:0",
                               "--optical", port, "--keys", keys, "--state", place / "state"])
        try:
            if not meter.line(30):
                report.fail(f"{PEER}: the meter starts", meter.error_text())
                return
            outcome, problem = ask(arguments, port, "readout")
            if outcome and outcome["values"].get("C.1.0", [""])[0] != "0000000000001":
                problem = f"another serial number: {outcome}"
            elif outcome and (outcome["baud"] != 19200 or outcome["values"].get("1.8.0", ["", ""])[1] != "kWh"):
                problem = f"not 19,200 Bd, or no kWh: {outcome}"
            elif outcome and outcome["seconds"] < 1:
                problem = f"quicker than the line: {outcome['seconds']} s"
            report.check(f"{PEER}: data readout, mode C, from 300 to 19,200 Bd", problem)

            outcome, problem = ask(arguments, port, "program", ours.PASSWORD, "1.8.0", "32.7.0")
            if outcome and (not outcome["accepted"] or outcome["values"]["1.8.0"][1] != "kWh"):
                problem = str(outcome)
            report.check(f"{PEER}: programming mode with the reader's password, R1", problem)

            outcome, problem = ask(arguments, port, "program", "00000000", "1.8.0")
            if outcome and outcome["accepted"]:
                problem = "a wrong password was accepted"
            report.check(f"{PEER}: a wrong password is refused", problem)
        finally:
            meter.stop()
