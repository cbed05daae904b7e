"""The objects of the instrument as every peer reads them: tariffs, demand, logs, limits, pushes, ports, images, security.

Each peer decodes the same octets with a decoder of its own; all must come to the same value, and to the expected one where it
is the factory's. Then a few settings are written, read back, and put back.
"""

import ferraris_program as ours
from clients_against_meter import Dialogue, equals, job_of
from ferraris_program import UTILITY

# Attributes of each class that stand still while three peers read them one after the other; of each class its first
# `OBJECTS` objects in the association view. Not here: captures, values that are being measured, and of class 40 the two date-times
# that two of the peers do not take for numbers.
ATTRIBUTES = {4: range(2, 6), 5: range(3, 10), 6: range(2, 5), 7: range(3, 9), 9: range(2, 3), 11: range(2, 3),
              15: (3, 4, 6, 8, 9), 17: range(2, 3), 18: (2, 4, 5, 6, 7), 19: range(2, 7), 20: range(2, 11), 22: range(2, 5),
              23: range(2, 10), 30: range(3, 7), 40: range(2, 12), 62: range(3, 7), 64: range(2, 7), 70: range(2, 5),
              71: range(2, 12)}
OBJECTS = 3
NEVER = {"octets": "ffffffffffffffffff8000ff"}
EXPECTED = {
    (4, "1.0.1.6.0.255", 3): [-3, 27],
    (5, "1.0.1.4.0.255", 8): 900,
    (6, "0.0.14.0.0.255", 4): {"octets": "33"},
    (7, "0.0.99.98.1.255", 8): 200,
    (20, "0.0.13.0.0.255", 2): {"octets": b"factory".hex()},
    (20, "0.0.13.0.0.255", 10): NEVER,
    (22, "0.0.15.0.0.255", 4): [[{"octets": "00000000"}, {"octets": "ffffff01ff"}]],
    (23, "0.0.22.0.0.255", 5): 2030,
    (64, "0.0.43.0.1.255", 2): 0x6C,
    (70, "0.0.96.3.10.255", 4): 5,
    (71, "0.0.17.0.0.255", 8): [0, NEVER, 0],
}
# Read by nobody: passwords of the optical port (class 19), the secret of an association (class 15).
HIDDEN = [(19, "0.0.20.0.0.255", attribute) for attribute in (7, 8, 9)] + [(15, "0.0.40.0.0.255", 7)]
# dlms-cosem encodes no boolean: its BooleanData lacks value_to_bytes.
CANNOT_WRITE = {"dlms-cosem": "boolean"}
# (class, object, attribute, type, other value, the factory's)
SETTINGS = [
    (20, "0.0.13.0.0.255", 6, "octet-string", b"winter".hex(), b"factory".hex()),
    (40, "0.0.25.9.0.255", 6, "unsigned", 5, 3),
    (23, "0.0.22.0.0.255", 8, "long-unsigned", 60, 120),
    (18, "0.0.44.0.0.255", 5, "boolean", True, False),
]


def get(class_id, obis, attribute):
    return {"do": "get", "class": class_id, "obis": obis, "attribute": attribute}


def whole(value):
    """gurux-dlms has nothing for an array without elements."""
    return [] if value is None else value


def targets(worker, meter):
    """What the association view has of these classes; nothing when it cannot be read."""
    outcome = worker.ask({**job_of(worker, meter, "wrapper", UTILITY), "steps": [{"do": "view"}]})
    found = {}
    for class_id, _, obis in outcome["results"][0]["value"] if outcome["results"] else []:
        found.setdefault(class_id, []).append(obis)
    missing = [class_id for class_id in ATTRIBUTES if class_id not in found]
    return [(class_id, obis, attribute) for class_id, attributes in ATTRIBUTES.items()
            for obis in found.get(class_id, [])[:OBJECTS] for attribute in attributes], missing


def reads(report, peers, meter):
    asked, missing = targets(next(iter(peers.values())), meter)
    report.check("the association view has all classes of the instrument", f"missing: {missing}" if missing else "")
    values = {}
    for peer, worker in peers.items():
        steps = [get(*target) for target in asked + HIDDEN]
        outcome = worker.ask({**job_of(worker, meter, "wrapper", UTILITY), "steps": steps}, timeout=60)
        results = outcome["results"]
        problem = "" if len(results) == len(steps) else outcome.get("error", "stopped before the end")
        for target, result in zip(asked, results):
            if not result["ok"]:
                problem = problem or f"{target}: {result['error']}"
                continue
            value = whole(result["value"])
            values.setdefault(target, {})[peer] = value
            if target in EXPECTED and value != EXPECTED[target]:
                problem = problem or f"{target} is {value}, expected {EXPECTED[target]}"
        report.check(f"{peer} reads the instrument: {len(asked)} attributes of {len(ATTRIBUTES)} classes", problem)
        shown = [(target, result) for target, result in zip(HIDDEN, results[len(asked):])
                 if result["ok"] or "denied" not in result["error"].lower()]
        report.check(f"{peer} reads no secret", str(shown) if shown else "")
    different = {target: by_peer for target, by_peer in values.items()
                 if any(value != next(iter(by_peer.values())) for value in by_peer.values())}
    report.check(f"{', '.join(peers)} decode {len(values)} attributes to the same values", str(different) if different else "")


def writes(report, peers, meter):
    for peer, worker in peers.items():
        steps, judges = [], []
        for class_id, obis, attribute, kind, other, factory in SETTINGS:
            if kind == CANNOT_WRITE.get(peer):
                report.skip(f"{peer} writes {obis}:{attribute}", "its BooleanData lacks value_to_bytes")
                continue
            for value in (other, factory):
                shown = {"octets": value} if kind == "octet-string" else value
                steps += [{**get(class_id, obis, attribute), "do": "set", "type": kind, "value": value},
                          get(class_id, obis, attribute)]
                judges += [(f"writes {obis}:{attribute}", lambda _: ("", "")), (f"reads {obis}:{attribute} back", equals(shown))]
        dialogue = Dialogue(report, f"{peer} settings", worker.ask(
            {**job_of(worker, meter, "wrapper", UTILITY), "steps": steps}, timeout=60), steps)
        for index, (what, judge) in enumerate(judges):
            dialogue.step(index, what, judge)
        dialogue.released()


def checks(report, program, peers):
    if not peers:
        return
    meter = ours.Meter(program, "household", start=1705276800)
    if not meter.ready(report, "ferraris meter for the objects of the instrument"):
        return
    try:
        reads(report, peers, meter)
        writes(report, peers, meter)
    finally:
        meter.stop()
