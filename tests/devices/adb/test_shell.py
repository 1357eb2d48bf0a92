"""Output, errors and exit code arrive whole and apart, however the bytes are cut up on the way."""

import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices.adb.shell import MarkedStream, PacketStream, marked
from harness.devices.adb.transport import Lost


class Pieces:
    """A service that says these bytes in pieces of this size."""

    def __init__(self, data: bytes, size: int) -> None:
        self._pieces = [data[at : at + size] for at in range(0, len(data), size)]

    def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def close(self) -> None:
        self._pieces = []


def packet(kind: int, data: bytes) -> bytes:
    return struct.pack("<BI", kind, len(data)) + data


@given(
    st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=8),
    st.integers(0, 255),
    st.integers(1, 17),
)
def test_packets_are_told_apart_however_they_are_cut(said: list[tuple[int, bytes]], code: int, size: int) -> None:
    """Any sequence of output and errors, any exit code, any size of read."""
    whole = b"".join(packet(kind, data) for kind, data in said) + packet(3, bytes([code]))
    stream = PacketStream(Pieces(whole, size))

    output = b"".join(stream.chunks())

    assert output == b"".join(data for kind, data in said if kind == 1)
    assert stream.error == b"".join(data for kind, data in said if kind == 2)
    assert stream.code == code


@given(st.binary(max_size=60), st.integers(1, 9), st.integers(0, 70))
def test_a_command_that_did_not_end_is_no_success(output: bytes, size: int, kept: int) -> None:
    """Without the packet that says how it ended, the connection was lost."""
    stream = PacketStream(Pieces(packet(1, output)[:kept], size))

    with pytest.raises(Lost):
        list(stream.chunks())


@pytest.mark.parametrize(
    ("command", "output", "error", "code"),
    [
        ("printf abc", b"abc", b"", 0),
        ("printf out; printf err >&2; exit 7", b"out", b"err", 7),
        ("true", b"", b"", 0),
        ("nosuchprogram 2>/dev/null", b"", b"", 127),
        ("head -c 100000 /dev/zero; echo x1 >&2; false", bytes(100_000), b"x1\n", 1),
        ("printf '\\000\\377\\n<'", b"\x00\xff\n<", b"", 0),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_an_old_device_gives_errors_and_exit_codes_too(
    command: str, output: bytes, error: bytes, code: int, size: int
) -> None:
    """The mark is put by a real shell, the one that Android has."""
    if size == 1 and len(output) > 1000:
        size = 1000
    script, mark = marked(command)
    said = subprocess.run(["mksh", "-c", script], capture_output=True, check=False)
    stream = MarkedStream(Pieces(said.stdout, size), mark)

    assert b"".join(stream.chunks()) == output
    assert (stream.error, stream.code) == (error, code)


def _drain(stream: MarkedStream, into: list[bytes]) -> None:
    for chunk in stream.chunks():
        into.append(bytes(chunk))  # noqa: PERF401 - what came before a failure is kept


@given(st.binary(max_size=200), st.integers(1, 50))
def test_a_mark_that_never_comes_is_a_lost_connection(output: bytes, size: int) -> None:
    """What had come is handed out before that is told, but for what might be the mark."""
    stream = MarkedStream(Pieces(output, size), b"<mark>")
    pieces: list[bytes] = []

    with pytest.raises(Lost):
        _drain(stream, pieces)

    got = b"".join(pieces)
    assert output.startswith(got)
    assert len(output) - len(got) < len(b"<mark>")
