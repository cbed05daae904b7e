"""The peers against each other, so that a failure against us can be told from a peer's own (README.md)."""

import json

import harness
import peer_meter

# Release 1.0.203 of gurux-dlms raises when its server answers a ciphered AARQ (_GXAPDU.generateAARE).
ACCESSES = {"gurux-dlms": ("public", "low"), "jdlms": ("public", "low", "gmac")}
# (client, server, transport) that do not work with each other, and why.
FAULTS = {
    ("dlms-cosem", "jdlms", "wrapper"): "the client refuses the protocol-version that the server's AARE names",
    ("dlms-cosem", "jdlms", "hdlc"): "the server closes the connection on an SNRM without parameters",
    ("gurux-dlms", "jdlms", "hdlc"): "the server's N(R) is always 0",
}


def value_of(step, result):
    if step["do"] == "clock":
        return result["value"]["time"]
    if step["do"] in ("range", "entries"):
        return result["value"]["rows"]
    return result["value"]


def checks(report, workers, server_programs):
    for server, arguments in server_programs.items():
        for transport in ("wrapper", "hdlc"):
            meter = harness.Child([*arguments, json.dumps({**peer_meter.METER, "transport": transport})])
            port = int(meter.line(20) or 0)
            for peer, worker in workers.items():
                if (peer, server, transport) in FAULTS:
                    report.skip(f"{peer} against the server of {server}, {transport}", FAULTS[peer, server, transport])
                    continue
                for access in ACCESSES[server]:
                    job = {**peer_meter.job(transport, port, access), "steps": peer_meter.STEPS}
                    outcome = worker.ask(job, 30)
                    name = f"{peer} against the server of {server}, {transport} {access}"
                    report.check(f"{name} association", "" if outcome["associated"] else outcome.get("error"))
                    for step, result, expected in zip(peer_meter.STEPS, outcome["results"], peer_meter.EXPECTED):
                        problem = "" if result["ok"] else result["error"]
                        if result["ok"] and expected is not None and value_of(step, result) != expected:
                            problem = f"got {result['value']}, expected {expected}"
                        report.check(f"{name} {step['do']}", problem)
            meter.stop()
