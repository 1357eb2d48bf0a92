"""What the harness makes outside of a device and hands in: sockets that it answers on, files that are nowhere."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from harness.errors import DeviceError

__all__ = ["HOST", "channel", "in_memory", "listener_on"]

HOST = "127.0.0.1"
"""Devices are for this machine alone."""


def in_memory(data: bytes) -> BinaryIO:
    """A file that is in no file system, for what is too large for a message."""
    opened = os.fdopen(os.memfd_create("device-files", os.MFD_CLOEXEC), "w+b")
    opened.write(data)
    opened.flush()
    return opened


def listener_on(port: int) -> socket.socket:
    """A socket that listens on a port of this machine; any that is free where 0.

    Raises:
        DeviceError: the port is not to be had.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise DeviceError(f"port {port} of {HOST} is not to be had: {error.strerror}") from error
    return listener


@contextmanager
def channel() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a channel: ours, which stays open unless starting the device fails, and the device's."""
    ours, theirs = socket.socketpair()
    try:
        yield ours, theirs
    except BaseException:  # Ctrl-C too
        ours.close()
        raise
    finally:
        theirs.close()
