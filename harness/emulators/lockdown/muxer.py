"""usbmuxd: which phones are on the cable, what computers know of them, and connections to their ports.

A message is four little-endian u32 (length with the header, version 1, type 8 for a property list, a tag to be
echoed) and the property list. The port of a connection is in network order, whatever the machine's is.
"""

import asyncio
import plistlib
import socket
import struct
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from harness.emulators.lockdown.phone import Phone
from harness.emulators.lockdown.sessions import Lockdown
from harness.emulators.lockdown.wire import GONE, Stream

__all__ = ["Muxer"]

_HEADER = struct.Struct("<4I")
_PLIST, _VERSION = 8, 1
_OK, _BAD_COMMAND, _BAD_DEVICE, _REFUSED = 0, 1, 2, 3
_LARGEST = 4 << 20
_SPEED, _PRODUCT = 480_000_000, 0x12A8


class Muxer:
    """The daemon of one cable."""

    def __init__(self, phones: Sequence[tuple[Phone, Lockdown]]) -> None:
        self._phones = dict(enumerate(phones, 1))
        self._records: dict[str, bytes] = {}
        self._buid = str(uuid.uuid4()).upper()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it hangs up; after a connection to a phone the socket is that connection."""
        try:
            while True:
                length, version, kind, tag = _HEADER.unpack(await reader.readexactly(_HEADER.size))
                if not _HEADER.size <= length <= _LARGEST:
                    return
                body = await reader.readexactly(length - _HEADER.size)
                if (version, kind) != (_VERSION, _PLIST):  # the binary form of old: every client knows another
                    writer.write(struct.pack("<5I", 20, 0, 1, tag, _BAD_COMMAND))
                    await writer.drain()
                    continue
                asked = plistlib.loads(body)
                if not isinstance(asked, dict):
                    return
                if asked.get("MessageType") == "Connect":
                    if await self._connect(asked, tag, reader, writer):
                        return
                    continue
                for told, number in self._answers(asked, tag):
                    _send(writer, told, number)
                await writer.drain()
        except (*GONE, OSError, ValueError, KeyError, TypeError, AttributeError):
            return
        finally:
            with suppress(Exception):
                writer.close()

    async def _connect(
        self, asked: dict[str, Any], tag: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        found = self._phones.get(asked["DeviceID"])
        port = socket.ntohs(int(asked["PortNumber"]) & 0xFFFF)
        code = _BAD_DEVICE if found is None else _OK if found[1].is_open(port) else _REFUSED
        _send(writer, {"MessageType": "Result", "Number": code}, tag)
        await writer.drain()
        if code != _OK or found is None:
            return False
        await found[1].connect(port, Stream(reader, writer))
        return True

    def _answers(self, asked: dict[str, Any], tag: int) -> list[tuple[dict[str, Any], int]]:
        def result(code: int) -> tuple[dict[str, Any], int]:
            return {"MessageType": "Result", "Number": code}, tag

        match asked.get("MessageType"):
            case "ListDevices":
                return [({"DeviceList": [self._attached(number) for number in self._phones]}, tag)]
            case "Listen":
                return [result(_OK), *((self._attached(number), 0) for number in self._phones)]
            case "ReadBUID":
                return [({"BUID": self._buid}, tag)]
            case "ReadPairRecord":
                record = self._records.get(asked["PairRecordID"])
                return [({"PairRecordData": record}, tag) if record else result(_BAD_DEVICE)]
            case "SavePairRecord":
                self._records[str(asked["PairRecordID"])] = bytes(asked["PairRecordData"])
                return [result(_OK)]
            case "DeletePairRecord":
                return [result(_OK if self._records.pop(asked["PairRecordID"], None) else _BAD_DEVICE)]
            case _:
                return [result(_BAD_COMMAND)]

    def _attached(self, number: int) -> dict[str, Any]:
        return {
            "DeviceID": number,
            "MessageType": "Attached",
            "Properties": {
                "ConnectionSpeed": _SPEED,
                "ConnectionType": "USB",
                "DeviceID": number,
                "LocationID": number << 16,
                "ProductID": _PRODUCT,
                "SerialNumber": self._phones[number][0].udid,
            },
        }


def _send(writer: asyncio.StreamWriter, told: dict[str, Any], tag: int) -> None:
    data = plistlib.dumps(told)
    writer.write(_HEADER.pack(_HEADER.size + len(data), _VERSION, _PLIST, tag) + data)
