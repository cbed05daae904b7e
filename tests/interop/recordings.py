"""The proof of the main job: real recordings go into the meter, independent clients read the right figures out."""

import json

import ferraris_program as ours
import household
from clients_against_meter import Dialogue, judge_rows, near
from ferraris_program import READER

WAVEFORMS = household.DATA / "waveforms"
# Recordings that are steady over their 3 s: the manifest gives means over the record, the meter those of one second,
# and over any second of these V, I and P stay within 0.2 % of the mean of the record.
STEADY = ["electric_kettle_1.i16", "water_heater_1.i16", "range_hood_1.i16", "rice_cooker_1.i16"]
START = 1705276800  # 2024-01-15T00:00:00Z
HOURS = 2
QUARTER_S = 900

VOLTAGE, CURRENT, FREQUENCY = "1.0.32.7.0.255", "1.0.31.7.0.255", "1.0.14.7.0.255"
POWER_IMPORT, POWER_EXPORT = "1.0.1.7.0.255", "1.0.2.7.0.255"
UNIT_VOLT, UNIT_AMPERE, UNIT_HERTZ, UNIT_WATT, UNIT_WATT_HOUR = 35, 33, 44, 27, 30

# (what, register, key of the manifest, unit, relative tolerance, one digit of the register)
INSTANTANEOUS = [
    ("voltage", VOLTAGE, "voltage_v", UNIT_VOLT, 0.002, 0.01),
    ("current", CURRENT, "current_a", UNIT_AMPERE, 0.002, 0.001),
    ("power", POWER_IMPORT, "active_power_w", UNIT_WATT, 0.002, 0.001),
    ("frequency", FREQUENCY, "frequency_hz", UNIT_HERTZ, 0.0001, 0.001),
]
ENERGY_TOLERANCE = 0.001  # of the energy of HOURS hours, beside the digit of the register


def recorded_household(report, program, peers):
    """Registers and 15-minute profile equal the integral of the file to 1 Wh."""
    _, end, history, total = household.integral()
    meter = ours.Meter(program, household.FILE, speed="max")
    if not meter.ready(report, "ferraris meter with household_minutes.csv"):
        return
    try:
        if not meter.wait_until(next(iter(peers.values())), end):
            report.fail("ferraris meter reaches the end of household_minutes.csv", meter.log())
            return
        steps = [{"do": "register", "obis": ours.IMPORT},
                 {"do": "range", "obis": ours.PROFILE, "from": history[0][0], "to": history[-1][0]}]
        for peer, worker in peers.items():
            outcome = worker.ask({**meter.job("wrapper", READER), "steps": steps})
            dialogue = Dialogue(report, f"{peer} household_minutes.csv", outcome, steps)
            dialogue.step(0, "energy register to 1 Wh", near(total, 1, UNIT_WATT_HOUR))
            dialogue.step(1, "every row of the load profile to 1 Wh", judge_rows(history))
    finally:
        meter.stop()


def energy_of(hours_wh):
    """Judges the increase over the profile: the register counts whole watt-hours, so two readings are 1 Wh apart."""
    def judge(table):
        column = [entry[1] for entry in table["columns"]].index(ours.IMPORT)
        rows = table["rows"]
        if len(rows) != HOURS * 3600 // QUARTER_S + 1:
            return f"{len(rows)} rows", ""
        increase = rows[-1][column] - rows[0][column]
        good = abs(increase - hours_wh) <= hours_wh * ENERGY_TOLERANCE + 1
        return ("" if good else f"increased by {increase} Wh, expected {hours_wh:.2f}"), f"{increase:g} Wh in {HOURS} h"
    return judge


def waveforms(report, program, peers):
    manifest = json.loads((WAVEFORMS / "manifest.json").read_text())
    for entry in manifest["recordings"]:
        if entry["file"] not in STEADY:
            continue
        begin, end = START + QUARTER_S, START + QUARTER_S + HOURS * 3600
        meter = ours.Meter(program, WAVEFORMS / entry["file"], speed="max", start=START, until=end + 60)
        if not meter.ready(report, f"ferraris meter with {entry['file']}"):
            continue
        try:
            if not meter.wait_until(next(iter(peers.values())), end + 60):
                report.fail(f"ferraris meter meters {HOURS} h of {entry['file']}", meter.log())
                continue
            steps = [{"do": "register", "obis": obis} for _, obis, *_ in INSTANTANEOUS]
            steps.append({"do": "range", "obis": ours.PROFILE, "from": begin, "to": end})
            for peer, worker in peers.items():
                outcome = worker.ask({**meter.job("wrapper", READER), "steps": steps})
                dialogue = Dialogue(report, f"{peer} {entry['file']}", outcome, steps)
                for index, (what, _, key, unit, relative, digit) in enumerate(INSTANTANEOUS):
                    wanted = entry[key]
                    dialogue.step(index, what, near(wanted, wanted * relative + digit, unit))
                dialogue.step(len(INSTANTANEOUS), "energy by the load profile",
                              energy_of(entry["active_power_w"] * HOURS))
        finally:
            meter.stop()


def checks(report, program, peers):
    if not peers:
        return
    if not household.FILE.exists():
        report.skip("recordings through the meter", "../shared/data is not here")
        return
    recorded_household(report, program, peers)
    waveforms(report, program, peers)
