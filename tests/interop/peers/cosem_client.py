"""A DLMS client made of dlms-cosem: one job as a line of JSON in, its outcome as a line of JSON out (see jobs.py)."""

import datetime
import sys

import serial
from dlms_cosem import a_xdr, cosem, dlms_data, enumerations, parsers, time, utils
from dlms_cosem.clients.blocking_tcp_transport import BlockingTcpTransport
from dlms_cosem.clients.dlms_client import DlmsClient
from dlms_cosem.clients.hdlc_transport import SerialHdlcTransport
from dlms_cosem.cosem import selective_access
from dlms_cosem.cosem.capture_object import CaptureObject
from dlms_cosem.hdlc import frames
from dlms_cosem.protocol import xdlms

import jobs

AUTHENTICATION = {
    "none": None,
    "low": enumerations.AuthenticationMechanism.LLS,
    "gmac": enumerations.AuthenticationMechanism.HLS_GMAC,
}
TYPES = {
    "null": dlms_data.NullData,
    "boolean": dlms_data.BooleanData,
    "integer": dlms_data.IntegerData,
    "unsigned": dlms_data.UnsignedIntegerData,
    "long": dlms_data.LongData,
    "long-unsigned": dlms_data.UnsignedLongData,
    "double-long": dlms_data.DoubleLongData,
    "double-long-unsigned": dlms_data.DoubleLongUnsignedData,
    "enum": dlms_data.EnumData,
    "octet-string": dlms_data.OctetStringData,
}
UA_FINAL = 0x73
CLOCK = cosem.CosemAttribute(enumerations.CosemInterface.CLOCK, cosem.Obis(0, 0, 1, 0, 0), 2)


class EntryDescriptor(selective_access.EntryDescriptor):
    """The peer knows the entry descriptor but not its octets (its to_bytes raises): these are written here."""

    def to_bytes(self):
        return b"".join((
            b"\x02\x02\x04",
            dlms_data.DoubleLongUnsignedData(self.from_entry).to_bytes(),
            dlms_data.DoubleLongUnsignedData(self.to_entry).to_bytes(),
            dlms_data.UnsignedLongData(self.from_selected_value).to_bytes(),
            dlms_data.UnsignedLongData(self.to_selected_value).to_bytes(),
        ))


def plain(value):
    """A value as dlms-cosem decodes it, in the common form of jobs.py."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return {"octets": bytes(value).hex()}
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, datetime.datetime):
        return {"time": jobs.seconds_of(value)}
    return [plain(element) for element in value]


def obis_of(text):
    return cosem.Obis(*[int(part) for part in text.split(".")])


class Client:
    def __init__(self, job):
        if job["transport"] == "hdlc":
            transport = SerialHdlcTransport(
                client_logical_address=job["client"], server_logical_address=job["server"],
                server_physical_address=job["physical"], serial_port="", timeout=job.get("timeout", 10),
                serial=serial.serial_for_url(f"socket://{job['host']}:{job['port']}", timeout=job.get("timeout", 10)))
        else:
            transport = BlockingTcpTransport(
                host=job["host"], port=job["port"], client_logical_address=job["client"],
                server_logical_address=job["server"], timeout=job.get("timeout", 10))
        ciphered = job["security"] == "authentication-encryption"
        self.transport = transport
        self.dlms = DlmsClient(
            client_logical_address=job["client"], server_logical_address=job["server"], io_interface=transport,
            authentication_method=AUTHENTICATION[job["authentication"]],
            password=bytes.fromhex(job.get("password", "")),
            encryption_key=bytes.fromhex(job["encryption_key"]) if ciphered else None,
            authentication_key=bytes.fromhex(job["authentication_key"]) if ciphered else None,
            max_pdu_size=job.get("max_pdu", 65535),
            client_system_title=bytes.fromhex(job["title"]) if "title" in job else None,
            client_initial_invocation_counter=job.get("counter", 0),
            # The peer takes only counters above the last one, so a first counter of 0 needs this.
            meter_initial_invocation_counter=-1)

    def associate(self):
        self.dlms.connect()
        self.dlms.associate()

    def release(self):
        self.dlms.release_association()
        if isinstance(self.transport, SerialHdlcTransport):
            self.disconnect_hdlc()
        else:
            self.dlms.disconnect()

    def disconnect_hdlc(self):
        """The peer sends the DISC; its answer is judged here.

        The peer waits for ever for a UA with an information field. The UA to a DISC has none, and then no HCS either
        (IEC 62056-46, 6.4.4.3.4.3 and 6.4.2.6).
        """
        transport = self.transport
        disconnect = frames.DisconnectFrame(transport.server_hdlc_address, transport.client_hdlc_address)
        transport._serial.write(transport.hdlc_connection.send(disconnect))
        answer = bytes(transport._serial.read_until(frames.HDLC_FLAG))
        if answer == frames.HDLC_FLAG:
            answer += bytes(transport._serial.read_until(frames.HDLC_FLAG))
        if len(answer) < 9 or answer[-4] != UA_FINAL:
            raise ValueError(f"the answer to DISC is no UA: {answer.hex()}")

    def attribute(self, class_id, obis, attribute):
        return cosem.CosemAttribute(enumerations.CosemInterface(class_id), obis_of(obis), attribute)

    def get_raw(self, class_id, obis, attribute, selection=None):
        return bytes(self.dlms.get(self.attribute(class_id, obis, attribute), access_descriptor=selection))

    def get(self, step):
        return plain(utils.parse_as_dlms_data(self.get_raw(step["class"], step["obis"], step["attribute"])))

    def get_list(self, step):
        response = self.dlms.get_many([
            cosem.CosemAttributeWithSelection(self.attribute(*address), None) for address in step["attributes"]])
        return [plain(result) for result in response.result]

    def view(self, step):
        """The association view as the peer's own parser understands it."""
        items = parsers.AssociationObjectListParser.parse_bytes(self.get_raw(15, "0.0.40.0.0.255", 2))
        return [[int(item.interface), item.version, item.logical_name.to_string(separator=".")] for item in items]

    def register(self, step):
        scaler, unit = utils.parse_as_dlms_data(self.get_raw(3, step["obis"], 3))
        return {"value": utils.parse_as_dlms_data(self.get_raw(3, step["obis"], 2)) * 10.0 ** scaler, "unit": unit}

    def clock(self, step):
        octets = utils.parse_as_dlms_data(self.get_raw(8, "0.0.1.0.0.255", 2))
        moment, _ = time.datetime_from_bytes(octets)
        return {"time": jobs.seconds_of(moment), "status": octets[11]}

    def set_clock(self, step):
        moment = datetime.datetime.fromtimestamp(step["time"], datetime.timezone.utc)
        self.write(CLOCK, dlms_data.OctetStringData(time.datetime_to_bytes(moment)).to_bytes())

    def write(self, attribute, octets):
        response = self.dlms.set(attribute, octets)
        if not isinstance(response, xdlms.SetResponseNormal):
            raise ValueError(f"unexpected answer to SET: {response}")
        if response.result != enumerations.DataAccessResult.SUCCESS:
            raise ValueError(f"data-access-result {response.result.name}")

    def rows(self, step, selection):
        captured = utils.parse_as_dlms_data(self.get_raw(7, step["obis"], 3))
        columns = [
            cosem.CosemAttribute(enumerations.CosemInterface(class_id), cosem.Obis.from_bytes(bytes(name)), attribute)
            for class_id, name, attribute, _ in captured]
        period = utils.parse_as_dlms_data(self.get_raw(7, step["obis"], 4))
        buffer = self.get_raw(7, step["obis"], 2, selection)
        parser = parsers.ProfileGenericBufferParser(capture_objects=columns, capture_period=period // 60)
        rows = [[plain(column.value) for column in row] for row in parser.parse_bytes(buffer)]
        return {
            "columns": [[int(c.interface), c.instance.to_string(separator="."), c.attribute] for c in columns],
            "period": period, "rows": rows}

    def range(self, step):
        moments = [datetime.datetime.fromtimestamp(step[end], datetime.timezone.utc) for end in ("from", "to")]
        return self.rows(step, selective_access.RangeDescriptor(CaptureObject(CLOCK), *moments))

    def entries(self, step):
        return self.rows(step, EntryDescriptor(step["from"], step["to"]))

    def set(self, step):
        value = bytes.fromhex(step["value"]) if step["type"] == "octet-string" else step["value"]
        self.write(self.attribute(step["class"], step["obis"], step["attribute"]),
                   TYPES[step["type"]](value).to_bytes())

    def action(self, step):
        value = bytes.fromhex(step["value"]) if step["type"] == "octet-string" else step["value"]
        method = cosem.CosemMethod(enumerations.CosemInterface(step["class"]), obis_of(step["obis"]), step["method"])
        answer = self.dlms.action(method, TYPES[step["type"]](value).to_bytes())
        return plain(utils.parse_as_dlms_data(answer)) if answer else None

    def counter(self):
        return self.dlms.client_invocation_counter

    def close(self):
        if isinstance(self.transport, SerialHdlcTransport):
            self.transport._serial.close()
        elif self.transport.tcp_socket:
            self.transport.tcp_socket.close()


if __name__ == "__main__":
    jobs.serve(Client, sys.stdin, sys.stdout)
