"""A DLMS client made of gurux-dlms: one job as a line of JSON in, its outcome as a line of JSON out (see jobs.py)."""

import datetime
import os
import socket
import sys
import time

from gurux_dlms import (GXByteBuffer, GXDateTime, GXDLMSClient, GXReplyData)
from gurux_dlms.ecdsa import GXPrivateKey, GXPublicKey
from gurux_dlms.enums import (AccessMode3, AccessServiceCommandType, Authentication, Conformance, DataType, ErrorCode,
                              InterfaceType, MethodAccessMode3, ObjectType, Security)
from gurux_dlms.GXBitString import GXBitString
from gurux_dlms.GXDLMSAccessItem import GXDLMSAccessItem
from gurux_dlms.GXDLMSException import GXDLMSException
from gurux_dlms.objects import (GXDLMSClock, GXDLMSData, GXDLMSImageTransfer, GXDLMSProfileGeneric, GXDLMSRegister,
                                GXDLMSSecuritySetup)
from gurux_dlms.objects.enums import GlobalKeyType, SecuritySuite
from gurux_dlms.objects.GXDLMSCaptureObject import GXDLMSCaptureObject
from gurux_dlms.secure import GXDLMSSecureClient

import jobs

AUTHENTICATION = {
    "none": Authentication.NONE,
    "low": Authentication.LOW,
    "md5": Authentication.HIGH_MD5,
    "sha1": Authentication.HIGH_SHA1,
    "gmac": Authentication.HIGH_GMAC,
    "sha256": Authentication.HIGH_SHA256,
    "ecdsa": Authentication.HIGH_ECDSA,
}
CHALLENGE_OF_ECDSA = 32  # octets; its own challenges have 16
SECURITY = {
    "none": Security.NONE,
    "authentication": Security.AUTHENTICATION,
    "encryption": Security.ENCRYPTION,
    "authentication-encryption": Security.AUTHENTICATION_ENCRYPTION,
}
TYPES = {
    "null": DataType.NONE,
    "boolean": DataType.BOOLEAN,
    "integer": DataType.INT8,
    "unsigned": DataType.UINT8,
    "long": DataType.INT16,
    "long-unsigned": DataType.UINT16,
    "double-long": DataType.INT32,
    "double-long-unsigned": DataType.UINT32,
    "enum": DataType.ENUM,
    "octet-string": DataType.OCTET_STRING,
}


def combined_mode(enumeration, value):
    """Access modes of an association of version 3 are bits that combine (IEC 62056-6-2, access_mode of class 15); its
    enumerations have the single bits only, and it raises on everything else."""
    member = int.__new__(enumeration, value)
    member._name_, member._value_ = str(value), value
    return member


for modes in (AccessMode3, MethodAccessMode3):
    modes._missing_ = classmethod(combined_mode)


def plain(value):
    """A value as gurux-dlms decodes it, in the common form of jobs.py."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, (GXBitString,)):
        return {"bits": str(value)}
    if isinstance(value, GXDateTime):
        return {"time": jobs.seconds_of(value.value)}
    if isinstance(value, GXByteBuffer):
        return {"octets": bytes(value.array()).hex()}
    if isinstance(value, (bytes, bytearray)):
        return {"octets": bytes(value).hex()}
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, list):
        return [plain(element) for element in value]
    return int(value)


class Client:
    def __init__(self, job):
        self.job = job
        self.hdlc = job["transport"] == "hdlc"
        server = GXDLMSClient.getServerAddress(job["server"], job["physical"]) if self.hdlc else job["server"]
        self.dlms = GXDLMSSecureClient(
            True, job["client"], server, AUTHENTICATION[job["authentication"]], bytes.fromhex(job.get("password", "")),
            InterfaceType.HDLC if self.hdlc else InterfaceType.WRAPPER)
        if self.hdlc and "address_octets" in job:
            self.dlms.serverAddressSize = job["address_octets"]
        if "max_pdu" in job:
            self.dlms.maxReceivePDUSize = job["max_pdu"]
        if "general_blocks" in job:
            # It asks in bare messages, which our meter answers in the services' own blocks where they are negotiated.
            self.dlms.proposedConformance |= Conformance.GENERAL_BLOCK_TRANSFER
            self.dlms.proposedConformance &= ~(Conformance.BLOCK_TRANSFER_WITH_GET_OR_READ |
                                               Conformance.BLOCK_TRANSFER_WITH_SET_OR_WRITE |
                                               Conformance.BLOCK_TRANSFER_WITH_ACTION)
            self.dlms.setGbtWindowSize(job["general_blocks"])
            # Its acknowledgement of a block (GXDLMS.receiverReady) reads a member that its settings lack.
            type(self.dlms.settings).blockNumber = property(lambda settings: settings.blockIndex)
        if self.hdlc and "hdlc" in job:
            self.dlms.hdlcSettings.maxInfoTX = self.dlms.hdlcSettings.maxInfoRX = job["hdlc"]["information"]
            self.dlms.hdlcSettings.windowSizeTX = self.dlms.hdlcSettings.windowSizeRX = job["hdlc"]["window"]
        ciphering = self.dlms.ciphering
        ciphering.security = SECURITY[job["security"]]
        if job["security"] != "none" or job["authentication"] == "gmac":
            ciphering.systemTitle = bytearray.fromhex(job["title"])
            ciphering.blockCipherKey = bytearray.fromhex(job["encryption_key"])
            ciphering.authenticationKey = bytearray.fromhex(job["authentication_key"])
            ciphering.invocationCounter = job["counter"]
            ciphering.securitySuite = SecuritySuite(job.get("suite", 0))
            if job["authentication"] == "ecdsa":
                self.dlms.settings.useCustomChallenge = True
                self.dlms.settings.ctoSChallenge = list(os.urandom(CHALLENGE_OF_ECDSA))
                ciphering.signingKeyPair = (GXPublicKey.fromRawBytes(b"\4" + bytes.fromhex(job["server_signing_key"])),
                                            GXPrivateKey.fromRawBytes(bytes.fromhex(job["signing_key"])))
            if job.get("dedicated_key"):
                ciphering.dedicatedKey = bytearray.fromhex(job["dedicated_key"])
        kind = socket.SOCK_DGRAM if job["transport"] == "udp" else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.settimeout(job.get("timeout", 10))
        self.socket.connect((job["host"], job["port"]))
        self.received = GXByteBuffer()

    def packet(self, data, reply):
        """Sends one frame, if there is one to send, and waits for a whole answer."""
        if data:
            self.socket.sendall(bytes(data))
        notification = GXReplyData()
        while not (self.received.size != self.received.position
                   and self.dlms.getData(self.received, reply, notification)):
            chunk = self.socket.recv(65536)
            if not chunk:
                raise ConnectionError("the meter closed the connection")
            self.received.set(chunk)
        self.received.trim()
        if reply.error != 0:
            raise GXDLMSException(reply.error)

    def exchange(self, messages):
        reply = GXReplyData()
        for message in messages if isinstance(messages, list) else [messages]:
            reply.clear()
            self.packet(message, reply)
            while reply.isMoreData():
                self.packet(None if reply.isStreaming() else self.dlms.receiverReady(reply), reply)
        return reply

    def associate(self):
        if self.hdlc:
            self.dlms.parseUAResponse(self.exchange(self.dlms.snrmRequest()).data)
        self.dlms.parseAareResponse(self.exchange(self.dlms.aarqRequest()).data)
        if "send_pdu" in self.job:
            # As if the meter took no more, so that requests are divided into blocks.
            self.dlms.settings.maxPduSize = self.job["send_pdu"]
        if self.dlms.authentication > Authentication.LOW:
            self.dlms.parseApplicationAssociationResponse(
                self.exchange(self.dlms.getApplicationAssociationRequest()).data)

    def release(self):
        request = self.dlms.releaseRequest()
        if request:
            self.exchange(request)
        if self.hdlc:
            self.exchange(self.dlms.disconnectRequest(True))

    def object_of(self, class_id, obis):
        created = GXDLMSClient.createObject(ObjectType(class_id))
        created.logicalName = obis
        return created

    def get(self, step):
        item = self.object_of(step["class"], step["obis"])
        return plain(self.exchange(self.dlms.read(item, step["attribute"])).value)

    def get_list(self, step):
        items = [(self.object_of(class_id, obis), attribute) for class_id, obis, attribute in step["attributes"]]
        values = []
        for message in self.dlms.readList(items):
            reply = self.exchange(message)
            values.extend(reply.value)
        return [plain(value) for value in values]

    def view(self, step):
        """The association view as the peer's own parser understands it."""
        objects = self.dlms.parseObjects(self.exchange(self.dlms.getObjectsRequest()).data, False, False)
        return [[int(item.objectType), item.version, item.logicalName] for item in objects]

    def register(self, step):
        """A register with its scaler and unit applied by the peer."""
        item = GXDLMSRegister(step["obis"])
        for attribute in (3, 2):
            self.dlms.updateValue(item, attribute, self.exchange(self.dlms.read(item, attribute)).value)
        return {"value": float(item.value), "unit": int(item.unit)}

    def clock(self, step):
        item = GXDLMSClock("0.0.1.0.0.255")
        raw = self.exchange(self.dlms.read(item, 2)).value
        self.dlms.updateValue(item, 2, raw)
        return {"time": jobs.seconds_of(item.time.value), "status": int(item.time.status)}

    def set_clock(self, step):
        item = GXDLMSClock("0.0.1.0.0.255")
        item.time = GXDateTime(datetime.datetime.fromtimestamp(step["time"], datetime.timezone.utc))
        self.exchange(self.dlms.write(item, 2))

    def profile(self, step):
        """A profile whose capture objects have been read, so that the peer can interpret its columns."""
        item = GXDLMSProfileGeneric(step["obis"])
        columns = []
        for attribute in (3, 4):
            self.dlms.updateValue(item, attribute, self.exchange(self.dlms.read(item, attribute)).value)
        for target, capture in item.captureObjects:
            columns.append([int(target.objectType), target.logicalName, capture.attributeIndex])
        return item, columns

    def rows(self, item, columns, reply):
        self.dlms.updateValue(item, 2, reply.value)
        return {"columns": columns, "period": int(item.capturePeriod), "rows": [plain(row) for row in item.buffer]}

    def range(self, step):
        item, columns = self.profile(step)
        bounds = [GXDateTime(datetime.datetime.fromtimestamp(step[end], datetime.timezone.utc))
                  for end in ("from", "to")]
        return self.rows(item, columns, self.exchange(self.dlms.readRowsByRange(item, *bounds)))

    def entries(self, step):
        item, columns = self.profile(step)
        count = step["to"] - step["from"] + 1
        return self.rows(item, columns, self.exchange(self.dlms.readRowsByEntry(item, step["from"], count)))

    def set(self, step):
        # The class does not matter to SET: the descriptor is built from the numbers, the value from the given type.
        item = GXDLMSData(step["obis"])
        item.objectType = ObjectType(step["class"])
        value = bytes.fromhex(step["value"]) if step["type"] == "octet-string" else step["value"]
        self.exchange(self.dlms._GXDLMSClient__write(
            item.logicalName, value, TYPES[step["type"]], item.objectType, step["attribute"]))

    def action(self, step):
        item = self.object_of(step["class"], step["obis"])
        value = bytes.fromhex(step["value"]) if step["type"] == "octet-string" else step["value"]
        return plain(self.exchange(self.dlms.method(item, step["method"], value, TYPES[step["type"]])).value)

    def image_transfer(self, step):
        """A whole image transfer with the peer's own methods; the status when it is over."""
        item = GXDLMSImageTransfer("0.0.44.0.0.255")
        image = bytes.fromhex(step["image"])
        item.imageTransferEnabled = True
        self.exchange(self.dlms.write(item, 5))
        self.dlms.updateValue(item, 2, self.exchange(self.dlms.read(item, 2)).value)
        self.exchange(item.imageTransferInitiate(self.dlms, step["identifier"], len(image)))
        for packet in item.imageBlockTransfer(self.dlms, image, [0]):
            self.exchange(packet)
        for request in (item.imageVerify, item.imageActivate):
            self.until_done(lambda: self.exchange(request(self.dlms)))
        self.dlms.updateValue(item, 6, self.exchange(self.dlms.read(item, 6)).value)
        return {"status": int(item.imageTransferStatus), "block_size": int(item.imageBlockSize)}

    @staticmethod
    def until_done(method):
        """Asks again as long as the meter is at it."""
        for _ in range(60):
            try:
                return method()
            except GXDLMSException as error:
                if error.errorCode != ErrorCode.TEMPORARY_FAILURE:
                    raise
                time.sleep(1)
        raise TimeoutError("the meter is still at it")

    def key_transfer(self, step):
        """The peer wraps the keys itself; {id: key in hexadecimal digits}."""
        setup = GXDLMSSecuritySetup(step["obis"])
        keys = [(GlobalKeyType(int(number)), bytes.fromhex(key)) for number, key in step["keys"].items()]
        self.exchange(setup.globalKeyTransfer(self.dlms, bytes.fromhex(step["master_key"]), keys))

    def access(self, step):
        """Several GETs in one ACCESS: a value, or the error's number, for each."""
        items = [GXDLMSAccessItem(AccessServiceCommandType.GET, self.object_of(class_id, obis), attribute)
                 for class_id, obis, attribute in step["attributes"]]
        self.dlms.parseAccessResponse(items, self.exchange(self.dlms.accessRequest(None, items)).data)
        return [plain(item.value) if item.error == ErrorCode.OK else {"error": int(item.error)} for item in items]

    def counter(self):
        return self.dlms.ciphering.invocationCounter

    def close(self):
        self.socket.close()


if __name__ == "__main__":
    jobs.serve(Client, sys.stdin, sys.stdout)
