"""Telegrams of wireless M-Bus: what `ferraris meter --wireless` sends, read by pymbusparser, which knows the key and
nothing else of us. It opens security mode 5 and format A; mode 7 and format B are beyond it."""

import json
import pathlib
import subprocess
import tempfile
import tomllib

import harness

PEER = "pymbusparser"
CASES = ["mode=c1&security=none", "mode=c1&security=5", "mode=t1&security=5"]
# The meter's time stands still after an hour: the second telegram is of the second that DLMS then shows.
HOUR = ["--speed", "max", "--start", "2026-06-01T12:00:00Z", "--until", "2026-06-01T13:00:00Z"]
READ_BY_PEER = """
import json, pymbusparser, sys
frame, key = sys.stdin.read().split()
print(json.dumps(pymbusparser.parse(frame, key=key)))
"""


def value_of(record):
    return float(record["value"]["value"])


def records_of(parsed, quantity):
    return [record for record in parsed["records"] if record["quantities"] == quantity]


def problems(parsed, shown):
    """What differs between the peer's reading and the registers, by DLMS."""
    imported = records_of(parsed, ["Energy", "Accumulation only if value is positive"])
    totals = {record["tariff"]: value_of(record) for record in imported}
    expected = {tariff: shown[f"1-0:1.8.{tariff}"] for tariff in range(7)}
    found = []
    if parsed["meter"]["identity"]["manufacturer_code"] != "FRS" or parsed["meter"]["identity"]["id"] != "00000042":
        found.append(f"identity {parsed['meter']['identity']}")
    if parsed["meter"]["identity"]["device_type"] != "Electricity Meter":
        found.append("it is no electricity meter")
    if totals != expected or totals[0] <= 0 or totals[0] != sum(totals[tariff] for tariff in range(1, 7)):
        found.append(f"energies {totals}, by DLMS {expected}")
    voltage = value_of(records_of(parsed, ["Voltage"])[0])
    if abs(voltage - shown["1-0:32.7.0"]) > 0.1:
        found.append(f"voltage {voltage}, by DLMS {shown['1-0:32.7.0']}")
    return "; ".join(found)


def registers(program, port, keys):
    names = [f"1-0:1.8.{tariff}" for tariff in range(7)] + ["1-0:32.7.0"]
    answer = subprocess.run([program, "read", f"tcp://127.0.0.1:{port}", "--client", "1", "--keys", keys, "--json",
                             *names], capture_output=True, text=True, check=True, timeout=60)
    return {item["obis"]: item["attributes"][0]["value"] for item in json.loads(answer.stdout)["objects"]}


def one(report, program, interpreter, case):
    name = f"our telegram ({case}) read by {PEER}"
    with tempfile.TemporaryDirectory(prefix="ferraris-wireless-") as folder:
        keys = pathlib.Path(folder) / "keys.toml"
        air = pathlib.Path(folder) / "air.txt"
        port = harness.free_port()
        meter = harness.Child([program, "meter", "--serial", "42", "--listen", f"127.0.0.1:{port}", "--hdlc-listen",
                               "127.0.0.1:0", "--keys", keys, *HOUR, "--wireless",
                               f"file:{air}?interval=3599&{case}"])
        if not meter.line(30):
            report.fail(name, meter.error_text())
            return
        try:
            shown = registers(program, port, keys)
            frame = air.read_text().split()[-1]
            key = tomllib.loads(keys.read_text())["virtual_meter"]["wireless_key"]
            parsed = json.loads(subprocess.run([interpreter, "-c", READ_BY_PEER], input=f"{frame} {key}", text=True,
                                               capture_output=True, check=True, timeout=30).stdout)
            report.check(name, problems(parsed, shown))
        except (subprocess.SubprocessError, KeyError, IndexError, ValueError) as error:
            report.fail(name, f"{error} {getattr(error, 'stderr', '')}")
        finally:
            meter.stop()


def checks(report, program, interpreter):
    if interpreter is None:
        return
    for case in CASES:
        one(report, program, interpreter, case)
