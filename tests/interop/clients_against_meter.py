"""Peers' clients against `ferraris meter`: every peer, every transport, every access level, many at once."""

import datetime
import threading
import time

import ferraris_program as ours
import household
from ferraris_program import PUBLIC, READER, TECHNICIAN, UTILITY

# What a peer can do, so that what it cannot is not asked of it. dlms-cosem has no UDP and no dedicated key; jDLMS has
# no dedicated key and always ciphers when it authenticates.
TRANSPORTS = {
    "gurux-dlms": ("wrapper", "hdlc", "udp"),
    "dlms-cosem": ("wrapper", "hdlc"),
    "jdlms": ("wrapper", "hdlc", "udp"),
}
NAMES = {PUBLIC: "public", READER: "lls", TECHNICIAN: "hls-gmac", UTILITY: "hls-gmac utility"}
DEDICATED_KEY = "9a8b7c6d5e4f30211203f4e5d6c7b8a9"
VOLTAGE = "1.0.32.7.0.255"
UNKNOWN = "1.0.254.8.0.255"
UNIT_WATT_HOUR, UNIT_VOLT = 30, 35
CLASS_DATA, CLASS_REGISTER, CLASS_CLOCK = 1, 3, 8
# Method 6 of the clock: seconds to add to its time.
CLASS_DISCONNECT_CONTROL, CLASS_LIMITER = 70, 71
SUPPLY, SUPPLY_OTHER_NAME, LIMITER = "0.0.96.3.10.255", "0.0.24.4.0.255", "0.0.17.0.0.255"
SHIFT_TIME = {"do": "action", "class": CLASS_CLOCK, "obis": "0.0.1.0.0.255", "method": 6, "type": "long"}

# Objects that a residential meter must show whoever has proved who he is (class, OBIS code).
MUST_SHOW = [(1, "0.0.42.0.0.255"), (8, "0.0.1.0.0.255"), (3, "1.0.1.8.0.255"), (3, "1.0.2.8.0.255"),
             (3, VOLTAGE), (3, "1.0.31.7.0.255"), (3, "1.0.14.7.0.255"), (7, ours.PROFILE), (15, "0.0.40.0.0.255")]


class Dialogue:
    """One association of one peer, with a check for each step."""

    def __init__(self, report, name, outcome, steps):
        self.report, self.name, self.outcome, self.steps = report, name, outcome, steps
        if not outcome["associated"]:
            report.fail(f"{name} association", outcome.get("error", "no association") + "\n" + outcome.get("trace", ""))
        else:
            report.ok(f"{name} association")

    def step(self, index, what, judge):
        """`judge` gives (problem, remark); either may be empty."""
        if not self.outcome["associated"]:
            return
        if index >= len(self.outcome["results"]):
            self.report.fail(f"{self.name} {what}", self.outcome.get("error", "the peer stopped before"))
            return
        result = self.outcome["results"][index]
        if not result["ok"]:
            self.report.fail(f"{self.name} {what}",
                             f"{self.steps[index]}\n{result['error']}\n{result.get('trace', '')}")
            return
        problem, remark = judge(result["value"])
        self.report.check(f"{self.name} {what}" + (f": {remark}" if remark else ""), problem)

    def released(self):
        if self.outcome["associated"]:
            self.report.check(f"{self.name} release", "" if self.outcome.get("released") else
                              self.outcome.get("error", "not released") + "\n" + self.outcome.get("trace", ""))


def next_counter(worker, meter, client):
    """What a client must do first: read its invocation counter as the public client (pitfall 5)."""
    step = {"do": "get", "class": CLASS_DATA, "obis": ours.COUNTERS[client], "attribute": 2}
    outcome = worker.ask({**meter.job("wrapper", PUBLIC), "steps": [step]})
    if not outcome["results"] or not outcome["results"][0]["ok"]:
        return None, str(outcome)
    return outcome["results"][0]["value"] + 1, None


def job_of(worker, meter, transport, client, **more):
    counter = 0
    if client in ours.COUNTERS:
        counter, _ = next_counter(worker, meter, client)
        counter = counter or 1
    return meter.job(transport, client, counter=counter, **more)


def shows(required):
    def judge(view):
        present = {(class_id, obis) for class_id, _, obis in view}
        missing = [item for item in required if item not in present]
        return (f"not in the view: {missing}" if missing else ""), f"{len(view)} objects"
    return judge


def equals(expected):
    return lambda value: ("" if value == expected else f"got {value}, expected {expected}", "")


def near(expected, tolerance, unit):
    def judge(value):
        off = abs(value["value"] - expected)
        good = off <= tolerance and value["unit"] == unit
        problem = "" if good else f"got {value}, expected {expected} ± {tolerance} of unit {unit}"
        return problem, f"{value['value']:g}"
    return judge


def rows_equal(table, expected, tolerance_wh=1):
    """`expected`: (time, watt-hours of +A) of each row. The columns tell where they are."""
    columns = [column[1] for column in table["columns"]]
    clock, energy = columns.index("0.0.1.0.0.255"), columns.index(ours.IMPORT)
    rows = table["rows"]
    if len(rows) != len(expected):
        return f"{len(rows)} rows, expected {len(expected)}; first {rows[:1]}, last {rows[-1:]}"
    for row, (moment, watt_hours) in zip(rows, expected):
        if row[clock] != {"time": moment} or abs(row[energy] - watt_hours) > tolerance_wh:
            return f"row {row}, expected time {moment} and {watt_hours:.3f} Wh ± {tolerance_wh}"
    return ""


def judge_rows(expected):
    return lambda table: (rows_equal(table, expected), f"{len(table['rows'])} rows")


def reading(report, peers, meter, history, register_wh):
    """Reads everything that does not change the meter. `history`: (time, Wh of +A) of each row of the load profile."""
    middle = history[10:106]
    for peer, worker in peers.items():
        for transport in TRANSPORTS[peer]:
            for client in (PUBLIC, READER, TECHNICIAN, UTILITY):
                name = f"{peer} {transport} {NAMES[client]}"
                if client == PUBLIC:
                    steps = [{"do": "view"},
                             {"do": "get", "class": CLASS_DATA, "obis": "0.0.42.0.0.255", "attribute": 2},
                             {"do": "get", "class": CLASS_REGISTER, "obis": ours.IMPORT, "attribute": 2}]
                    outcome = worker.ask({**job_of(worker, meter, transport, client), "steps": steps})
                    dialogue = Dialogue(report, name, outcome, steps)
                    dialogue.step(0, "association view", shows(MUST_SHOW[:2]))
                    dialogue.step(1, "logical device name",
                                  lambda v: ("" if len(v.get("octets", "")) == 32 else f"got {v}", ""))
                    if outcome["associated"] and len(outcome["results"]) > 2:
                        refused = not outcome["results"][2]["ok"]
                        report.check(f"{name} register refused", "" if refused else "the public client read a register")
                    dialogue.released()
                    continue
                steps = [{"do": "view"},
                         {"do": "register", "obis": ours.IMPORT},
                         {"do": "range", "obis": ours.PROFILE, "from": middle[0][0], "to": middle[-1][0]},
                         {"do": "entries", "obis": ours.PROFILE, "from": 3, "to": 7},
                         {"do": "get_list", "attributes": [[3, ours.IMPORT, 2], [3, ours.IMPORT, 3]]}]
                if transport == "udp":
                    steps = steps[1:2]
                outcome = worker.ask({**job_of(worker, meter, transport, client), "steps": steps})
                dialogue = Dialogue(report, name, outcome, steps)
                if transport == "udp":
                    dialogue.step(0, "energy register", near(register_wh, 1, UNIT_WATT_HOUR))
                    dialogue.released()
                    continue
                dialogue.step(0, "association view", shows(MUST_SHOW))
                dialogue.step(1, "energy register", near(register_wh, 1, UNIT_WATT_HOUR))
                dialogue.step(2, "load profile by range", judge_rows(middle))
                dialogue.step(3, "load profile by entry", judge_rows(history[2:7]))
                dialogue.step(4, "get with list", lambda v: (
                    "" if abs(v[0] - register_wh) <= 1 and v[1] == [0, UNIT_WATT_HOUR] else f"got {v}", ""))
                dialogue.released()


def variants(report, peers, meter, register_wh):
    """Securities, sizes and windows that not every peer has."""
    cases = []
    if "gurux-dlms" in peers:
        cases += [("gurux-dlms", "wrapper", "dedicated key", {"dedicated_key": DEDICATED_KEY}),
                  ("gurux-dlms", "wrapper", "small PDU (blocks)", {"max_pdu": 128}),
                  ("gurux-dlms", "wrapper", "large PDU (one answer)", {"max_pdu": 65535}),
                  ("gurux-dlms", "wrapper", "general blocks, window 1", {"max_pdu": 256, "general_blocks": 1}),
                  ("gurux-dlms", "wrapper", "general blocks, window 5", {"max_pdu": 256, "general_blocks": 5}),
                  ("gurux-dlms", "hdlc", "information 512", {"hdlc": {"information": 512, "window": 1}}),
                  ("gurux-dlms", "hdlc", "information 64 (segments both ways)",
                   {"hdlc": {"information": 64, "window": 1}}),
                  ("gurux-dlms", "hdlc", "address of 4 octets", {"address_octets": 4})]
        report.skip("gurux-dlms hdlc window above 1",
                    "the peer's N(R) counts answers, not frames, so it asks for the second frame of a window again "
                    "(IEC 62056-46: N(R) is the number of the next frame); dlms-cosem and jDLMS offer window 1 only")
    if "dlms-cosem" in peers:
        cases += [("dlms-cosem", "wrapper", "small PDU (blocks)", {"max_pdu": 256})]
    steps = [{"do": "view"}, {"do": "register", "obis": ours.IMPORT}]
    for peer, transport, what, more in cases:
        worker = peers[peer]
        outcome = worker.ask({**job_of(worker, meter, transport, TECHNICIAN, **more), "steps": steps})
        dialogue = Dialogue(report, f"{peer} {transport} hls-gmac {what}", outcome, steps)
        dialogue.step(0, "association view", shows(MUST_SHOW))
        dialogue.step(1, "energy register", near(register_wh, 1, UNIT_WATT_HOUR))


def refusals(report, peers, meter):
    """What must not work, and that the meter goes on afterwards."""
    step = {"do": "get", "class": CLASS_REGISTER, "obis": ours.IMPORT, "attribute": 2}
    for peer, worker in peers.items():
        def attempt(what, job):
            outcome = worker.ask({**job, "steps": [step]})
            worked = outcome["associated"] and outcome["results"] and outcome["results"][0]["ok"]
            report.check(f"{peer} wrapper {what} refused", f"the meter accepted it: {outcome}" if worked else "")
        attempt("wrong password", meter.job("wrapper", READER, password=b"wrong-password".hex()))
        wrong = {"encryption_key": "00" * 16}
        attempt("wrong encryption key", {**job_of(worker, meter, "wrapper", TECHNICIAN), **wrong})
        wrong = {"authentication_key": "00" * 16}
        attempt("wrong authentication key", {**job_of(worker, meter, "wrapper", TECHNICIAN), **wrong})
        if peer == "gurux-dlms":  # the other two always authenticate and encrypt
            for security in ("authentication", "encryption"):
                attempt(f"{security} alone where the policy is both",
                        job_of(worker, meter, "wrapper", TECHNICIAN, security=security))
        fresh = job_of(worker, meter, "wrapper", TECHNICIAN)
        outcome = worker.ask({**fresh, "steps": [{**step, "obis": UNKNOWN}, step]})
        if outcome["associated"]:
            unknown, known = outcome["results"]
            report.check(f"{peer} wrapper unknown object refused, the next request answered",
                         "" if known["ok"] and not unknown["ok"] else str(outcome))
        if outcome["associated"]:
            attempt("replayed invocation counter", fresh)
        else:
            report.fail(f"{peer} wrapper association after refusals", outcome.get("error"))


def clock(report, peers, meter, now):
    """Reads and sets the clock; `now`: what the meter should show, in seconds since 1970."""
    for peer, worker in peers.items():
        for transport in ("wrapper", "hdlc"):
            name = f"{peer} {transport} hls-gmac"
            wanted = int(now()) + 30
            steps = [{"do": "clock"}, {"do": "set_clock", "time": wanted}, {"do": "clock"},
                     {"do": "set_clock", "time": wanted - 30},
                     {**SHIFT_TIME, "value": 300}, {"do": "clock"}, {**SHIFT_TIME, "value": -300}]
            outcome = worker.ask({**job_of(worker, meter, transport, TECHNICIAN), "steps": steps})
            dialogue = Dialogue(report, name, outcome, steps)

            def shows_time(expected):
                def judge(value):
                    moment = datetime.datetime.fromtimestamp(value["time"], datetime.timezone.utc)
                    good = abs(value["time"] - expected) <= 5
                    return ("" if good else f"got {value}, expected {expected} ± 5 s"), f"{moment:%Y-%m-%d %H:%M:%S}Z"
                return judge
            dialogue.step(0, "clock read", shows_time(wanted - 30))
            dialogue.step(1, "clock set", lambda v: ("", ""))
            dialogue.step(2, "clock after the set", shows_time(wanted))
            dialogue.step(3, "clock set back", lambda v: ("", ""))
            dialogue.step(4, "clock shifted by an action", lambda v: ("", ""))
            dialogue.step(5, "clock after the shift", shows_time(wanted + 270))
            dialogue.step(6, "clock shifted back by an action", lambda v: ("", ""))
            reader = [{"do": "set_clock", "time": wanted}]
            outcome = worker.ask({**meter.job(transport, READER), "steps": reader})
            refused = outcome["associated"] and outcome["results"] and not outcome["results"][0]["ok"]
            report.check(f"{peer} {transport} lls clock set refused", "" if refused else str(outcome))


def supply(report, peers, meter):
    """Disconnects and reconnects the supply, and sets the limiter, as the utility; leaves all as it was."""
    def get(name, class_id, attribute):
        return {"do": "get", "class": class_id, "obis": name, "attribute": attribute}

    def command(method):
        return {"do": "action", "class": CLASS_DISCONNECT_CONTROL, "obis": SUPPLY, "method": method,
                "type": "integer", "value": 0}

    def put(name, class_id, attribute, kind, value):
        return {"do": "set", "class": class_id, "obis": name, "attribute": attribute, "type": kind, "value": value}

    def nothing(value):
        return "", ""

    # In mode 4 the network connects at once; 5 is the factory's.
    script = [
        ("disconnect", command(1), nothing),
        ("control_state", get(SUPPLY, CLASS_DISCONNECT_CONTROL, 3), equals(0)),
        ("output_state", get(SUPPLY, CLASS_DISCONNECT_CONTROL, 2), equals(False)),
        ("reconnect to ready", command(2), nothing),
        ("control_state by its other name", get(SUPPLY_OTHER_NAME, CLASS_DISCONNECT_CONTROL, 3), equals(2)),
        ("disconnect again", command(1), nothing),
        ("control_mode", put(SUPPLY, CLASS_DISCONNECT_CONTROL, 4, "enum", 4), nothing),
        ("reconnect", command(2), nothing),
        ("control_state", get(SUPPLY, CLASS_DISCONNECT_CONTROL, 3), equals(1)),
        ("output_state", get(SUPPLY, CLASS_DISCONNECT_CONTROL, 2), equals(True)),
        ("control_mode back", put(SUPPLY, CLASS_DISCONNECT_CONTROL, 4, "enum", 5), nothing),
        ("limiter threshold set", put(LIMITER, CLASS_LIMITER, 4, "double-long-unsigned", 9_000_000), nothing),
        ("limiter threshold active", get(LIMITER, CLASS_LIMITER, 3), equals(9_000_000)),
        ("limiter durations", put(LIMITER, CLASS_LIMITER, 7, "double-long-unsigned", 300), nothing),
        ("limiter durations read", get(LIMITER, CLASS_LIMITER, 7), equals(300)),
        ("limiter monitored value", get(LIMITER, CLASS_LIMITER, 2), equals([3, {"octets": "0100010700ff"}, 2])),
        ("limiter emergency", get(LIMITER, CLASS_LIMITER, 10), equals(False)),
        ("limiter actions", get(LIMITER, CLASS_LIMITER, 11),
         equals([[{"octets": "00000a006aff"}, 0], [{"octets": "00000a006aff"}, 0]])),
        ("limiter threshold back", put(LIMITER, CLASS_LIMITER, 4, "double-long-unsigned", 0), nothing),
    ]
    for peer, worker in peers.items():
        steps = [step for _, step, _ in script]
        dialogue = Dialogue(report, f"{peer} supply", worker.ask(
            {**job_of(worker, meter, "wrapper", UTILITY), "steps": steps}), steps)
        for index, (what, _, judge) in enumerate(script):
            dialogue.step(index, what, judge)
        dialogue.released()


def together(report, start_worker, meter, rounds=25):
    """Different peers as separate processes at the same time. Ciphering clients each have a key of their own."""
    plan = [("gurux-dlms", "wrapper", UTILITY), ("jdlms", "hdlc", TECHNICIAN), ("dlms-cosem", "wrapper", READER),
            ("gurux-dlms", "hdlc", READER), ("dlms-cosem", "hdlc", READER), ("jdlms", "wrapper", READER)]
    workers = [(peer, transport, client, start_worker(peer)) for peer, transport, client in plan]
    workers = [entry for entry in workers if entry[3]]
    if len(workers) < 4:
        report.skip("clients at once", "fewer than four processes of peers to be had")
        return
    steps = [{"do": "clock"}, {"do": "register", "obis": ours.IMPORT}, {"do": "register", "obis": VOLTAGE}]
    outcomes = {}
    start = threading.Barrier(len(workers))

    def work(index, transport, client, worker):
        job = job_of(worker, meter, transport, client)
        start.wait(30)
        outcomes[index] = worker.ask({**job, "steps": steps, "repeat": rounds}, 120)
    threads = [threading.Thread(target=work, args=(index, *entry[1:])) for index, entry in enumerate(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, (peer, transport, client, worker) in enumerate(workers):
        outcome = outcomes.get(index, {"results": [], "error": "no outcome"})
        good = [result for result in outcome["results"] if result["ok"]]
        wanted = rounds * len(steps)
        problem = "" if len(good) == wanted and outcome.get("released") else (
            f"{len(good)} of {wanted} good; {outcome.get('error', '')} "
            f"{next((r['error'] for r in outcome['results'] if not r['ok']), '')}")
        report.check(f"{peer} {transport} {NAMES[client]} beside {len(workers) - 1} others: {len(good)} reads", problem)
        worker.stop()


def checks(report, program, peers, start_worker):
    if not peers:
        return
    first = next(iter(peers.values()))
    with_file = household.FILE.exists()
    if with_file:
        start, end, history, register_wh = household.integral()
        meter = ours.Meter(program, household.FILE, speed="max")
    else:
        start = 1705276800
        end = start + 86400 + 7200
        meter = ours.Meter(program, "household", speed="max", start=start, until=end)
    if not meter.ready(report, "ferraris meter with a household"):
        return
    try:
        if not meter.wait_until(first, end):
            report.fail("ferraris meter reaches the end of its load", meter.log())
            return
        if not with_file:
            history, register_wh = as_first_read(first, meter)
        reading(report, peers, meter, history, register_wh)
        variants(report, peers, meter, register_wh)
        refusals(report, peers, meter)
    finally:
        meter.stop()

    start = 1705276800
    meter = ours.Meter(program, "household", speed="1", start=start)
    if not meter.ready(report, "ferraris meter in real time"):
        return
    try:
        began = time.time()
        clock(report, peers, meter, lambda: start + time.time() - began)
        supply(report, peers, meter)
        together(report, start_worker, meter)
    finally:
        meter.stop()


def as_first_read(worker, meter):
    """Without the file, what the first peer reads is what all others must read."""
    outcome = worker.ask({**meter.job("wrapper", READER), "steps": [
        {"do": "entries", "obis": ours.PROFILE, "from": 1, "to": 0xFFFF},
        {"do": "register", "obis": ours.IMPORT}]})
    table, register = (result["value"] for result in outcome["results"])
    columns = [column[1] for column in table["columns"]]
    clock_column, energy = columns.index("0.0.1.0.0.255"), columns.index(ours.IMPORT)
    return [(row[clock_column]["time"], row[energy]) for row in table["rows"]], register["value"]
