"""iec62056-21 (PyPI) as a reader of an optical port: one job a run, its outcome as one line of JSON.

usage: mode_c_client.py PORT readout
"""

import json
import sys
import time

import serial

from iec62056_21.client import Iec6205621Client
from iec62056_21.transports import SerialTransport


class PromptTransport(SerialTransport):
    """Its own waits half a second and opens the port anew, when the answer has long begun."""

    def connect(self):
        # A pseudo-terminal has no parity that could be set; the characters are the same.
        self.port = serial.Serial(self.port_name, baudrate=300, timeout=self.timeout / 2)

    def switch_baudrate(self, baud):
        self.port.baudrate = baud


def connect(port, password=""):
    client = Iec6205621Client(transport=PromptTransport(port=port), password=password)
    client.connect()
    return client


def main():
    port, job = sys.argv[1:]
    if job != "readout":
        sys.exit(__doc__)
    client = connect(port)
    began = time.monotonic()
    answer = client.standard_readout()
    outcome = {"manufacturer": client.manufacturer_id, "identification": client.identification,
               "baud": client.switchover_baudrate, "seconds": round(time.monotonic() - began, 1),
               "values": {data.address: [data.value, data.unit] for data in answer.data}}
    client.disconnect()
    print(json.dumps(outcome))


main()
