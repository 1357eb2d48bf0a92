"""What only the harness may ask of a device: a socket pair between the two that no program of the device has.

A message is a length (u32, little-endian) and JSON; a request may bring one descriptor, for what is large. Requests
are answered one after the other, in order.
"""

import asyncio
import json
import os
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from harness.errors import DeviceError

__all__ = ["Control", "Desk", "Handler"]

_LENGTH = struct.Struct("<I")
_LARGEST = 16 << 20
_PATIENCE = 120.0

Handler = Callable[[Mapping[str, Any], int | None], Awaitable[Mapping[str, Any]]]
"""Answers one kind of request; the descriptor that came with it is closed afterwards."""


class Control:
    """The harness's end."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._channel.settimeout(_PATIENCE)
        self._turn = threading.Lock()

    def ask(self, verb: str, *, descriptor: int | None = None, **words: Any) -> dict[str, Any]:
        """Ask for one thing, and wait for the answer.

        Raises:
            DeviceError: the device refuses, or is gone.
        """
        message = json.dumps({"verb": verb, **words}).encode()
        framed = _LENGTH.pack(len(message)) + message
        with self._turn:
            try:
                _send(self._channel, framed, descriptor)
                answer = json.loads(_receive(self._channel))
            except (OSError, ValueError) as error:
                raise DeviceError(f"the emulated device is gone: it did not answer to {verb!r}") from error
        if not isinstance(answer, dict) or "fault" in answer:
            fault = answer.get("fault") if isinstance(answer, dict) else "an answer that is none"
            raise DeviceError(f"the emulated device refuses {verb!r}: {fault}")
        return answer

    def close(self) -> None:
        """Hang up."""
        self._channel.close()


class Desk:
    """The device's end: serves requests until the harness hangs up."""

    def __init__(self, channel: socket.socket, handlers: Mapping[str, Handler]) -> None:
        self._channel = channel
        self._handlers = handlers

    async def serve(self) -> None:
        """Answer one request after the other; returns when the harness has hung up."""
        loop = asyncio.get_running_loop()
        self._channel.setblocking(False)
        while True:
            try:
                message, descriptor = await self._next(loop)
            except (ConnectionError, EOFError, ValueError):
                return
            try:
                answer = await self._answer(message, descriptor)
            finally:
                if descriptor is not None:
                    os.close(descriptor)
            said = json.dumps(answer).encode()
            await loop.sock_sendall(self._channel, _LENGTH.pack(len(said)) + said)

    async def _answer(self, message: Mapping[str, Any], descriptor: int | None) -> Mapping[str, Any]:
        handler = self._handlers.get(str(message.get("verb")))
        if handler is None:
            return {"fault": "it does not know this request"}
        try:
            return await handler(message, descriptor)
        except Exception as error:  # noqa: BLE001 - whatever it is, the harness must hear it, and the device must live
            return {"fault": f"{type(error).__name__}: {error}"}

    async def _next(self, loop: asyncio.AbstractEventLoop) -> tuple[Mapping[str, Any], int | None]:
        first, descriptor = await _first_bytes(loop, self._channel)
        head = first + await _exactly(loop, self._channel, _LENGTH.size - len(first))
        (length,) = _LENGTH.unpack(head)
        if length > _LARGEST:
            raise ValueError("a request that is too long")
        message = json.loads(await _exactly(loop, self._channel, length))
        if not isinstance(message, dict):
            raise ValueError("a request that is none")  # noqa: TRY004
        return message, descriptor


async def _first_bytes(loop: asyncio.AbstractEventLoop, channel: socket.socket) -> tuple[bytes, int | None]:
    """The beginning of a message, with the descriptor that travels on it."""
    while True:
        try:
            data, descriptors, _, _ = socket.recv_fds(channel, _LENGTH.size, 1)
        except BlockingIOError:
            await _readable(loop, channel)
            continue
        if not data:
            raise EOFError
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return data, descriptors[0] if descriptors else None


async def _readable(loop: asyncio.AbstractEventLoop, channel: socket.socket) -> None:
    ready = loop.create_future()
    loop.add_reader(channel, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(channel)


async def _exactly(loop: asyncio.AbstractEventLoop, channel: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = await loop.sock_recv(channel, count - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def _send(channel: socket.socket, framed: bytes, descriptor: int | None) -> None:
    if descriptor is None:
        channel.sendall(framed)
    else:
        sent = socket.send_fds(channel, [framed[: _LENGTH.size]], [descriptor])
        channel.sendall(framed[sent:])


def _receive(channel: socket.socket) -> bytes:
    (length,) = _LENGTH.unpack(_take(channel, _LENGTH.size))
    if length > _LARGEST:
        raise ValueError("an answer that is too long")
    return _take(channel, length)


def _take(channel: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        more = channel.recv(count - len(found))
        if not more:
            raise ConnectionResetError("hung up")
        found += more
    return bytes(found)
