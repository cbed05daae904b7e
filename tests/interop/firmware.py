"""A peer's client brings a whole firmware image into `ferraris meter`, and the meter runs it."""

import subprocess

import ferraris_program as ours
from ferraris_program import PUBLIC, UTILITY

VERSION = {"do": "get", "class": 1, "obis": "1.0.0.2.0.255", "attribute": 2}
ACTIVATED = 6
PROGRAM_OCTETS = 20_000


def image_for(program, meter):
    """Packed and signed by our program with the key that the meter made."""
    source, image = meter.folder / "program.bin", meter.folder / "program.image"
    source.write_bytes(bytes(i * 37 % 251 for i in range(PROGRAM_OCTETS)))
    for arguments in (["pack", source, image, "--version", "0.2.0"],
                      ["sign", image, "--key", meter.folder / "firmware.key"]):
        subprocess.run([program, "firmware", *arguments], check=True, capture_output=True)
    return image.read_bytes()


def checks(report, program, peers):
    peer = "gurux-dlms"
    if peer not in peers:
        return
    meter = ours.SecuredMeter(program, 0, "gmac")
    if not meter.ready(report, "ferraris meter for a firmware upgrade"):
        return
    try:
        image = image_for(program, meter)
        worker = peers[peer]
        counter = worker.ask({**meter.public_job(), "client": PUBLIC, "steps": [
            {"do": "get", "class": 1, "obis": ours.COUNTERS[UTILITY], "attribute": 2}]})["results"][0]["value"] + 1
        steps = [VERSION, {"do": "image_transfer", "image": image.hex(), "identifier": "0.2.0"}, VERSION]
        outcome = worker.ask({**meter.job(UTILITY, "gmac"), "counter": counter, "steps": steps}, 180)
        results = outcome["results"]
        good = (len(results) == len(steps) and all(result["ok"] for result in results)
                and results[1]["value"]["status"] == ACTIVATED
                and results[2]["value"] == {"octets": b"Ferraris 0.2.0".hex()})
        report.check(f"{peer} wrapper image transfer of {len(image)} octets, verified and activated",
                     "" if good else str(outcome))
    finally:
        meter.stop()
