"""Pushes with gurux-dlms: takes one over TCP and decodes it, or makes one and sends it. One argument of JSON.

take: prints its port, then one line of JSON: the values of the push as the peer decodes them.
send: a register and a text in a data-notification, protected as the job says, to `port`.
"""

import json
import socket
import sys

from gurux_dlms import GXByteBuffer, GXReplyData
from gurux_dlms.enums import Authentication, InterfaceType, Security
from gurux_dlms.objects import GXDLMSData, GXDLMSPushSetup, GXDLMSRegister
from gurux_dlms.objects.enums import SecuritySuite
from gurux_dlms.objects.GXDLMSCaptureObject import GXDLMSCaptureObject
from gurux_dlms.secure import GXDLMSSecureClient, GXDLMSSecureNotify

from gurux_client import plain

TIMEOUT = 30


def set_keys(ciphering, job):
    if job["security"] == "none":
        return
    ciphering.security = Security.AUTHENTICATION_ENCRYPTION
    ciphering.securitySuite = SecuritySuite(job["suite"])
    ciphering.systemTitle = bytearray.fromhex(job["title"])
    ciphering.blockCipherKey = bytearray.fromhex(job["encryption_key"])
    ciphering.authenticationKey = bytearray.fromhex(job["authentication_key"])
    ciphering.invocationCounter = job.get("counter", 1)


def take(job):
    client = GXDLMSSecureClient(True, job["client"], 1, Authentication.NONE, None, InterfaceType.WRAPPER)
    set_keys(client.ciphering, job)
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        server.settimeout(TIMEOUT)
        connection, _ = server.accept()
        connection.settimeout(TIMEOUT)
        received, reply, notification = GXByteBuffer(), GXReplyData(), GXReplyData()
        while not notification.complete or notification.value is None:
            chunk = connection.recv(65536)
            if not chunk:
                break
            received.set(chunk)
            client.getData(received, reply, notification)
    print(json.dumps(plain(notification.value)), flush=True)


def send(job):
    notify = GXDLMSSecureNotify(True, job["client"], 1, InterfaceType.WRAPPER)
    set_keys(notify.ciphering, job)
    register = GXDLMSRegister(job["register"][0])
    register.value = job["register"][1]
    text = GXDLMSData(job["text"][0])
    text.value = job["text"][1].encode()
    push = GXDLMSPushSetup()
    for item in (text, register):
        push.pushObjectList.append((item, GXDLMSCaptureObject(2, 0)))
    with socket.create_connection(("127.0.0.1", job["port"]), TIMEOUT) as connection:
        for message in notify.generatePushSetupMessages(None, push):
            connection.sendall(bytes(message))


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    {"take": take, "send": send}[task["do"]](task)
