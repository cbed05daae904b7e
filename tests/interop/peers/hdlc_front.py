"""The HDLC of gurux-dlms in front of a server on the wrapper, whose port comes as one argument. Prints its own port.

No peer has a server that both speaks HDLC and ciphers (README.md); this joins the frames of one with the APDUs of another. The
frames, their addresses, check sums, numbers and segments are gurux-dlms's; what goes through is not looked at.
"""

import socket
import sys
import threading

from gurux_dlms import GXByteBuffer, GXReplyData
from gurux_dlms.enums import InterfaceType
from gurux_dlms.GXDLMS import GXDLMS
from gurux_dlms.GXDLMSSettings import GXDLMSSettings
from gurux_dlms.internal._GXCommon import _GXCommon

from gurux_server import link_parameters, messages

SNRM, DISC, UA = 0x93, 0x53, 0x63
SEGMENTED = 0x08
LOGICAL_DEVICE = 1
FRAME_END = 3  # check sum and flag


class Front:
    """One connection of a client, and its connection to the server behind."""

    def __init__(self, port):
        self.port = port
        self.behind = None
        self.settings = GXDLMSSettings(True, None)
        self.settings.interfaceType = InterfaceType.HDLC
        self.request = b""
        self.answer = GXByteBuffer()

    def frame(self, control, data=None):
        return bytes(GXDLMS.getHdlcFrame(self.settings, control, data if data is not None else GXByteBuffer()))

    def handle(self, message):
        """The frame that answers this one; nothing where there is none."""
        octets = GXByteBuffer(message)
        control = GXDLMS.getHdlcData(True, self.settings, octets, GXReplyData(), None)
        if control == SNRM:
            return self.connect(GXByteBuffer(message[octets.position:-FRAME_END]))
        if control == DISC:
            self.close()
            return self.frame(UA)
        if control & 1:  # RR: the next segment
            return self.frame(self.settings.getNextSend(False), self.answer) if self.answer.size else b""
        self.request += message[octets.position:-FRAME_END]
        if message[1] & SEGMENTED:
            return self.frame(self.settings.getReceiverReady())
        self.answer = GXByteBuffer(bytes(_GXCommon.LLC_REPLY_BYTES) + self.ask(self.request))
        self.request = b""
        return self.frame(0, self.answer)

    def connect(self, wanted):
        self.close()
        if wanted.size:
            GXDLMS.parseSnrmUaResponse(wanted, self.settings.hdlc)
        self.settings.resetFrameSequence()
        self.request, self.answer = b"", GXByteBuffer()
        self.behind = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        parameters = GXByteBuffer()
        link_parameters(parameters, self.settings.hdlc)
        return self.frame(UA, parameters)

    def ask(self, apdu):
        head = b"".join(value.to_bytes(2, "big") for value in (1, self.settings.clientAddress, LOGICAL_DEVICE, len(apdu)))
        self.behind.sendall(head + apdu)
        return next(messages(self.behind, False))[8:]

    def close(self):
        if self.behind:
            self.behind.close()
        self.behind = None


def serve(connection, port):
    front = Front(port)
    with connection:
        for message in messages(connection, True):
            reply = front.handle(message)
            if reply:
                connection.sendall(reply)
    front.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, int(sys.argv[1])), daemon=True).start()


if __name__ == "__main__":
    main()
