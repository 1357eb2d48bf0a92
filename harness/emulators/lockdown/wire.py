"""Property lists with a length before them, big-endian, as every service of lockdownd speaks."""

import asyncio
import plistlib
import ssl
import struct
from typing import Any
from xml.parsers.expat import ExpatError

__all__ = ["GONE", "Stream", "WireError"]

_LENGTH = struct.Struct(">I")
_LARGEST = 16 << 20

GONE = (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, TimeoutError)
"""How a peer that hangs up shows itself."""


class WireError(Exception):
    """A peer says what nobody can read; it is sent away."""


class Stream:
    """One connection of a service."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def receive(self) -> Any:
        """The next property list.

        Raises:
            WireError: it is none, or too long.
        """
        (length,) = _LENGTH.unpack(await self.reader.readexactly(_LENGTH.size))
        if length > _LARGEST:
            raise WireError("a message that is too long")
        try:
            return plistlib.loads(await self.reader.readexactly(length))
        except (ValueError, ExpatError, OverflowError, RecursionError, TypeError, IndexError, KeyError) as error:
            raise WireError("a message that is no property list") from error

    async def asked(self) -> dict[str, Any]:
        """The next one, which has to be a dictionary.

        Raises:
            WireError: it is none.
        """
        found = await self.receive()
        if not isinstance(found, dict):
            raise WireError("a message that is no request")
        return found

    async def send(self, told: Any, *, binary: bool = False) -> None:
        """Answer."""
        data = plistlib.dumps(told, fmt=plistlib.FMT_BINARY if binary else plistlib.FMT_XML)
        self.writer.write(_LENGTH.pack(len(data)) + data)
        await self.writer.drain()

    async def secure(self, context: ssl.SSLContext) -> None:
        """Go on under TLS, on the same connection."""
        await self.writer.start_tls(context)
