"""iec62056-21 (PyPI) as a reader of an optical port: one job a run, its outcome as one line of JSON.

usage: mode_c_client.py PORT readout
       mode_c_client.py PORT program PASSWORD READ-ADDRESS...
       mode_c_client.py PORT write PASSWORD ADDRESS VALUE
"""

import json
import sys
import time

from iec62056_21.client import Iec6205621Client
from iec62056_21.transports import SerialTransport


class PromptTransport(SerialTransport):
    """Its own waits half a second and opens the port anew, when the answer has long begun."""

    def switch_baudrate(self, baud):
        self.port.baudrate = baud


def connect(port, password=""):
    client = Iec6205621Client(transport=PromptTransport(port=port), password=password)
    client.connect()
    return client


def program(client):
    challenge = client.access_programming_mode()
    client.rest()
    client.send_password()
    accepted = client.transport.recv(1)
    return {"challenge": challenge.command + str(challenge.command_type), "accepted": accepted == b"\x06",
            "baud": client.switchover_baudrate}


def main():
    port, job, *rest = sys.argv[1:]
    if job == "readout":
        client = connect(port)
        began = time.monotonic()
        answer = client.standard_readout()
        outcome = {"manufacturer": client.manufacturer_id, "identification": client.identification,
                   "baud": client.switchover_baudrate, "seconds": round(time.monotonic() - began, 1),
                   "values": {data.address: [data.value, data.unit] for data in answer.data}}
    else:
        client = connect(port, rest[0])
        outcome = program(client)
        if outcome["accepted"] and job == "program":
            outcome["values"] = {}
            for address in rest[1:]:
                client.rest()
                data = client.read_single_value(address, "")
                outcome["values"][address] = [data.value, data.unit]
        if outcome["accepted"] and job == "write":
            client.rest()
            client.write_single_value(rest[1], rest[2])
        client.rest()
        client.send_break()
    client.disconnect()
    print(json.dumps(outcome))


main()
