"""A small meter made of gurux-dlms; its contents come as one argument of JSON (peer_meter.py). Prints its port.

The link layers, ACSE and the encoding of data are the peer's. Its dispatch of GET and SET and its UA frame raise in
release 1.0.203 (they call members that its own classes lack), so these are done here and handed back to the peer's
encoder. Its AARE for a ciphered context raises too (_GXAPDU.generateAARE), so this meter offers no ciphering.
"""

import datetime
import json
import socket
import sys
import threading

from gurux_dlms import GXByteBuffer, GXDateTime, GXServerReply
from gurux_dlms._HDLCInfo import _HDLCInfo
from gurux_dlms.ConnectionState import ConnectionState
from gurux_dlms.enums import Authentication, Command, DataType, ErrorCode, InterfaceType, SourceDiagnostic
from gurux_dlms.GetCommandType import GetCommandType
from gurux_dlms.GXDLMS import GXDLMS
from gurux_dlms.GXDLMSLNParameters import GXDLMSLNParameters
from gurux_dlms.GXDLMSSettings import GXDLMSSettings
from gurux_dlms.internal._GXCommon import _GXCommon
from gurux_dlms.internal._GXDataInfo import _GXDataInfo
from gurux_dlms.objects import GXDLMSAssociationLogicalName
from gurux_dlms.secure.GXDLMSSecureServer import GXDLMSSecureServer

UTC = datetime.timezone.utc
DEFAULTS = GXDLMSSettings(True, None)


class Reply(GXServerReply):
    """The peer's reply, with the accessors that the peer's server calls and the class lacks."""

    def setReply(self, value):
        self.reply = value

    def getConnectionInfo(self):
        return self.connectionInfo


def stamp(seconds):
    return GXDateTime(datetime.datetime.fromtimestamp(seconds, UTC))


def encoded(kind, value):
    buffer = GXByteBuffer()
    _GXCommon.setData(DEFAULTS, buffer, kind, value)
    return bytes(buffer.array())


def structure(*elements):
    return bytes([DataType.STRUCTURE, len(elements)]) + b"".join(elements)


def array(elements):
    buffer = GXByteBuffer()
    buffer.setUInt8(DataType.ARRAY)
    _GXCommon.setObjectCount(len(elements), buffer)
    return bytes(buffer.array()) + b"".join(elements)


def name_octets(obis):
    return bytes(_GXCommon.logicalNameToBytes(obis))


class Refused(Exception):
    def __init__(self, code):
        super().__init__(str(code))
        self.code = code


class Contents:
    """The attributes of the meter, encoded by the peer; shared by all its connections."""

    def __init__(self, meter):
        self.meter = meter
        self.attributes = {}
        self.clock = stamp(meter["clock"])
        for register in meter["registers"]:
            key = (3, register["obis"])
            self.attributes[key + (2,)] = encoded(DataType.UINT32, register["value"])
            self.attributes[key + (3,)] = structure(
                encoded(DataType.INT8, register["scaler"]), encoded(DataType.ENUM, register["unit"]))
        self.attributes[(1, meter["counter"], 2)] = encoded(DataType.UINT32, 0)
        self.attributes[(1, meter["writable"], 2)] = encoded(DataType.OCTET_STRING, b"\1\2\3")
        self.attributes[(1, "0.0.42.0.0.255", 2)] = encoded(DataType.OCTET_STRING, meter["name"].encode())
        profile = meter["profile"]
        columns = [structure(encoded(DataType.UINT16, class_id), encoded(DataType.OCTET_STRING, name_octets(obis)),
                             encoded(DataType.INT8, attribute), encoded(DataType.UINT16, 0))
                   for class_id, obis, attribute in profile["columns"]]
        key = (7, profile["obis"])
        self.attributes[key + (3,)] = array(columns)
        self.attributes[key + (4,)] = encoded(DataType.UINT32, profile["period"])
        self.attributes[key + (5,)] = encoded(DataType.ENUM, 1)
        self.attributes[key + (6,)] = columns[0]
        self.attributes[key + (7,)] = encoded(DataType.UINT32, len(profile["rows"]))
        self.attributes[key + (8,)] = encoded(DataType.UINT32, len(profile["rows"]))

    def rows(self, selector, parameters):
        rows = self.meter["profile"]["rows"]
        if selector == 1:
            bounds = []
            for octets in parameters[1:3]:
                info = _GXDataInfo()
                info.type_ = DataType.DATETIME
                bounds.append(_GXCommon.getData(DEFAULTS, GXByteBuffer(octets), info).value.timestamp())
            rows = [row for row in rows if bounds[0] <= row[0] <= bounds[1]]
        elif selector == 2:
            rows = rows[parameters[0] - 1:parameters[1] or None]
        return array([structure(encoded(DataType.OCTET_STRING, stamp(time)), encoded(DataType.UINT32, value))
                      for time, value in rows])

    def view(self):
        objects = {}
        for class_id, obis, attribute in [*self.attributes, (8, "0.0.1.0.0.255", 2), (15, "0.0.40.0.0.255", 2),
                                          (7, self.meter["profile"]["obis"], 2)]:
            objects.setdefault((class_id, obis), []).append(attribute)
        elements = []
        for (class_id, obis), attributes in objects.items():
            rights = array([structure(encoded(DataType.INT8, attribute), encoded(DataType.ENUM, 1),
                                      encoded(DataType.NONE, None)) for attribute in [1, *attributes]])
            elements.append(structure(
                encoded(DataType.UINT16, class_id), encoded(DataType.UINT8, 1 if class_id == 7 else 0),
                encoded(DataType.OCTET_STRING, name_octets(obis)), structure(rights, array([]))))
        return array(elements)

    def get(self, class_id, obis, attribute, selector, parameters):
        if (class_id, obis, attribute) == (8, "0.0.1.0.0.255", 2):
            return encoded(DataType.OCTET_STRING, self.clock)
        if (class_id, obis, attribute) == (7, self.meter["profile"]["obis"], 2):
            return self.rows(selector, parameters)
        if (class_id, obis, attribute) == (15, "0.0.40.0.0.255", 2):
            return self.view()
        if attribute == 1:
            return encoded(DataType.OCTET_STRING, name_octets(obis))
        try:
            return self.attributes[(class_id, obis, attribute)]
        except KeyError:
            raise Refused(ErrorCode.UNDEFINED_OBJECT) from None

    def set(self, class_id, obis, attribute, value):
        if (class_id, obis, attribute) == (8, "0.0.1.0.0.255", 2):
            info = _GXDataInfo()
            info.type_ = DataType.DATETIME
            self.clock = _GXCommon.getData(DEFAULTS, GXByteBuffer(value), info)
        elif (class_id, obis, attribute) == (1, self.meter["writable"], 2):
            self.attributes[(class_id, obis, attribute)] = encoded(DataType.OCTET_STRING, bytes(value))
        else:
            raise Refused(ErrorCode.READ_WRITE_DENIED)


def link_parameters(reply, hdlc):
    """The parameters of a UA: the sizes that were negotiated, window 1."""
    for octet in (0x81, 0x80, 0):
        reply.setUInt8(octet)
    for parameter, value in ((_HDLCInfo.MAX_INFO_TX, hdlc.maxInfoTX), (_HDLCInfo.MAX_INFO_RX, hdlc.maxInfoRX)):
        reply.setUInt8(parameter)
        GXDLMS.appendHdlcParameter(reply, value)
    for parameter in (_HDLCInfo.WINDOW_SIZE_TX, _HDLCInfo.WINDOW_SIZE_RX):
        for octet in (parameter, 4, 0, 0, 0, 1):
            reply.setUInt8(octet)
    reply.setUInt8(len(reply) - 3, 2)


class Server(GXDLMSSecureServer):
    def __init__(self, contents, hdlc):
        super().__init__(True, InterfaceType.HDLC if hdlc else InterfaceType.WRAPPER)
        self.contents = contents
        self.meter = contents.meter
        self.pending = None
        self.framed = hdlc
        association = GXDLMSAssociationLogicalName()
        self.items.append(association)
        association.objectList.append(association)
        self.initialize()

    def isTarget(self, serverAddress, clientAddress):
        self.client = clientAddress
        return True

    def onValidateAuthentication(self, authentication, password):
        wanted = {self.meter["public_client"]: Authentication.NONE,
                  self.meter["reader_client"]: Authentication.LOW}.get(self.client)
        if authentication != wanted:
            return SourceDiagnostic.AUTHENTICATION_MECHANISM_NAME_REQUIRED
        if wanted == Authentication.LOW and bytes(password) != bytes.fromhex(self.meter["keys"]["password"]):
            return SourceDiagnostic.AUTHENTICATION_FAILURE
        return SourceDiagnostic.NONE

    def onConnected(self, connectionInfo):
        pass

    def onInvalidConnection(self, connectionInfo):
        pass

    def onDisconnected(self, connectionInfo):
        pass

    def handleSnrmRequest(self, data):
        GXDLMS.parseSnrmUaResponse(data, self.settings.hdlc)
        self.reset(True)
        link_parameters(self.replyData, self.settings.hdlc)
        self.settings.connected = ConnectionState.HDLC

    def generateDisconnectRequest(self):
        """The UA to a DISC, without parameters."""

    def handleCommand(self, cmd, data, sr):
        services = {Command.GET_REQUEST: self.get, Command.SET_REQUEST: self.set}
        if cmd not in services:
            return super().handleCommand(cmd, data, sr)
        frame = self.settings.getNextSend(False) if self.replyData.size else 0
        if data.size:
            self.replyData.clear()
            if self.framed:
                self.replyData.set(_GXCommon.LLC_REPLY_BYTES)
            services[cmd](data)
        if self.framed:
            return GXDLMS.getHdlcFrame(self.settings, frame, self.replyData)
        return GXDLMS.getWrapperFrame(self.settings, cmd, self.replyData)

    def answer(self, command, kind, invoke, octets, status):
        body = GXByteBuffer(octets) if octets is not None else None
        parameters = GXDLMSLNParameters(self.settings, invoke, command, kind, None, body, status)
        parameters.multipleBlocks = kind == GetCommandType.NEXT_DATA_BLOCK and command == Command.GET_RESPONSE
        apdu = GXByteBuffer()
        GXDLMS.getLNPdu(parameters, apdu)
        if self.framed and bytes(apdu.array()[:3]) == bytes(_GXCommon.LLC_REPLY_BYTES):
            apdu.position = 3
        self.replyData.set(apdu)
        self.pending = body if body is not None and body.size != body.position else None

    def value(self, data):
        info = _GXDataInfo()
        return _GXCommon.getData(self.settings, data, info)

    def descriptor(self, data):
        class_id = data.getUInt16()
        name = bytearray(6)
        data.get(name)
        return class_id, _GXCommon.toLogicalName(name), data.getUInt8()

    def get(self, data):
        kind, invoke = data.getUInt8(), data.getUInt8()
        self.settings.updateInvokeId(invoke)
        if kind == GetCommandType.NEXT_DATA_BLOCK:
            data.getUInt32()
            self.settings.increaseBlockIndex()
            self.answer(Command.GET_RESPONSE, 2, invoke, bytes(self.pending.array()[self.pending.position:]), 0)
            return
        self.settings.resetBlockIndex()
        if kind == GetCommandType.WITH_LIST:
            results = b""
            count = _GXCommon.getObjectCount(data)
            for _ in range(count):
                address = self.descriptor(data)
                data.getUInt8()
                results += b"\0" + self.contents.get(*address, 0, None)
            self.answer(Command.GET_RESPONSE, 3, invoke, bytes([count]) + results, 0xFF)
            return
        address = self.descriptor(data)
        selector, parameters = 0, None
        if data.getUInt8():
            selector = data.getUInt8()
            parameters = self.value(data)
        try:
            self.answer(Command.GET_RESPONSE, 1, invoke, self.contents.get(*address, selector, parameters), 0)
        except Refused as refusal:
            self.answer(Command.GET_RESPONSE, 1, invoke, None, refusal.code)

    def set(self, data):
        _, invoke = data.getUInt8(), data.getUInt8()
        self.settings.updateInvokeId(invoke)
        address = self.descriptor(data)
        data.getUInt8()
        code = 0
        try:
            self.contents.set(*address, self.value(data))
        except Refused as refusal:
            code = refusal.code
        self.settings.resetBlockIndex()
        self.answer(Command.SET_RESPONSE, 1, invoke, None, code)


def messages(connection, hdlc):
    """Cuts what arrives into HDLC frames by their length field, or into wrapper messages."""
    buffer = b""
    while True:
        octets = connection.recv(65536)
        if not octets:
            return
        buffer += octets
        while len(buffer) > 8:
            if hdlc:
                size = (int.from_bytes(buffer[1:3], "big") & 0x7FF) + 2
            else:
                size = int.from_bytes(buffer[6:8], "big") + 8
            if len(buffer) < size:
                break
            yield buffer[:size]
            # Two frames may share one flag between them.
            buffer = buffer[size - 1:] if hdlc and buffer[size:size + 1] not in (b"", b"\x7e") else buffer[size:]


def serve(connection, contents, hdlc):
    server = Server(contents, hdlc)
    with connection:
        for message in messages(connection, hdlc):
            reply = Reply(message)
            server.handleRequest(reply)
            if reply.reply:
                connection.sendall(bytes(reply.reply))


def main():
    meter = json.loads(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0))
    contents = Contents(meter)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, contents, meter["transport"] == "hdlc"), daemon=True).start()


if __name__ == "__main__":
    main()
