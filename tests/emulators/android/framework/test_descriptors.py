"""Writing to callers' descriptors without ever waiting for a caller."""

import fcntl
import os
import socket
import threading

import pytest

from harness.emulators.android.framework.descriptors import written_at_once


def test_a_pipe_takes_what_it_has_room_for() -> None:
    """The rest is left to others, and nobody waits, although the caller's descriptor would."""
    read, write = os.pipe()
    room = fcntl.fcntl(write, fcntl.F_GETPIPE_SZ)
    taken = [written_at_once(write, bytes(room + 5000)), written_at_once(write, b"more")]
    os.close(write)

    with os.fdopen(read, "rb") as left:
        assert (taken, len(left.read())) == ([room, 0], room)


def test_a_descriptor_still_waits_for_its_caller() -> None:
    """What is opened for this is ours alone."""
    read, write = os.pipe()

    assert written_at_once(write, b"x") == 1
    assert os.get_blocking(write)
    for each in (read, write):
        os.close(each)


def test_a_reader_that_has_gone_is_told() -> None:
    """As any writer is."""
    read, write = os.pipe()
    os.close(read)

    with pytest.raises(BrokenPipeError):
        written_at_once(write, b"x")
    os.close(write)


def test_what_is_no_pipe_is_left_alone() -> None:
    """A socket, a file."""
    ours, theirs = socket.socketpair()
    number = os.open(os.devnull, os.O_WRONLY)
    with ours, theirs:
        assert (written_at_once(ours.fileno(), b"x"), written_at_once(number, b"x")) == (0, 0)
    os.close(number)


def test_nothing_is_lost_between_the_two_ways() -> None:
    """What a pipe took, and what is left of it, are all of it."""
    read, write = os.pipe()
    said = os.urandom(300_000)
    heard = bytearray()

    def listen() -> None:
        while piece := os.read(read, 1000):
            heard.extend(piece)

    listener = threading.Thread(target=listen)
    listener.start()
    left = memoryview(said)[written_at_once(write, said) :]
    while left:
        left = left[os.write(write, left) :]
    os.close(write)
    listener.join()
    os.close(read)

    assert bytes(heard) == said
