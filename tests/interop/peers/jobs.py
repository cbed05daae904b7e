"""The common language of the peers' clients: one job per line of JSON in, one outcome per line of JSON out.

A job says how to connect and associate and lists steps; each step names one method of the peer's Client class. Values
come back in one form, whatever the peer calls its types:

    numbers, enumerations   a number             octet-string   {"octets": "hex"}
    boolean, null-data      true, false, null    text           {"text": "..."}
    array, structure        a list               bit-string     {"bits": "0101"}
    date-time, decoded by the peer               {"time": seconds since 1970 in UTC}
"""

import datetime
import json
import traceback


def seconds_of(time):
    """Seconds since 1970; a time without a zone is taken as UTC, so a peer that drops the deviation is noticed."""
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.timezone.utc)
    return int(time.timestamp())


def brief(error):
    return f"{type(error).__name__}: {error}".replace("\n", " ")


def run(client_class, job):
    outcome = {"associated": False, "results": []}
    client = None
    try:
        client = client_class(job)
        client.associate()
        outcome["associated"] = True
        for _ in range(job.get("repeat", 1)):
            for step in job["steps"]:
                try:
                    outcome["results"].append({"ok": True, "value": getattr(client, step["do"])(step)})
                except Exception as error:  # every failure of a peer becomes a result, whatever its type
                    outcome["results"].append({"ok": False, "error": brief(error), "trace": traceback.format_exc()})
        client.release()
        outcome["released"] = True
    except Exception as error:
        outcome["error"] = brief(error)
        outcome["trace"] = traceback.format_exc()
    finally:
        if client is not None:
            outcome["counter"] = client.counter()
            client.close()
    return outcome


def serve(client_class, source, sink):
    for line in source:
        outcome = run(client_class, json.loads(line))
        sink.write(json.dumps(outcome) + "\n")
        sink.flush()
