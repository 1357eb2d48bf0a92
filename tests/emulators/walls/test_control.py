"""The channel between the harness and pid 1."""

import asyncio
import os
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.emulators.walls.control import Control, Desk
from harness.errors import DeviceError


async def _echo(request, descriptor):
    if descriptor is None:
        return {"said": request}
    return {"said": os.read(descriptor, 100).decode()}


async def _fail(_request, _descriptor):
    raise ValueError("worn out")


@contextmanager
def _served():
    """A desk that runs elsewhere, as pid 1 does."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs:
            asyncio.run(Desk(theirs, {"echo": _echo, "fail": _fail}).serve())

    there = threading.Thread(target=serve)
    there.start()
    try:
        yield ours
    finally:
        ours.close()
        there.join(10)
        assert not there.is_alive()


def test_requests_are_answered_one_after_the_other() -> None:
    """Large ones too, and a refusal does not end the channel."""
    with _served() as ours:
        control = Control(ours)

        assert control.ask("echo", text="ä" * 300_000)["said"]["text"] == "ä" * 300_000
        with pytest.raises(DeviceError, match="refuses 'fail': ValueError: worn out"):
            control.ask("fail")
        with pytest.raises(DeviceError, match="does not know"):
            control.ask("dance")
        assert control.ask("echo", text=1)["said"]["text"] == 1


def test_a_descriptor_travels_with_its_request_and_is_closed_there() -> None:
    """Many requests must not use up what a process may have open."""
    with _served() as ours:
        control = Control(ours)
        control.ask("echo")
        before = len(list(Path("/proc/self/fd").iterdir()))
        for number in range(50):
            read, write = os.pipe()
            os.write(write, str(number).encode())
            os.close(write)
            assert control.ask("echo", descriptor=read)["said"] == str(number)
            os.close(read)

        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_device_that_is_gone_is_said_to_be_gone() -> None:
    """Not a traceback of a socket."""
    ours, theirs = socket.socketpair()
    theirs.close()

    with pytest.raises(DeviceError, match="is gone"):
        Control(ours).ask("echo")
    ours.close()


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=64) | st.binary(max_size=20).map(lambda data: struct.pack("<I", len(data)) + data))
def test_nonsense_ends_the_channel_and_nothing_else(nonsense: bytes) -> None:
    """The desk returns; it neither hangs nor raises."""
    with _served() as ours:
        ours.sendall(nonsense)
        ours.shutdown(socket.SHUT_WR)
        ours.settimeout(10)
        with suppress(ConnectionResetError):  # it did not care for the rest
            while ours.recv(1000):
                pass
