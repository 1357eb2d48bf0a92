"""The packets inside a `shell,v2` stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.shell_packets import ShellKind, ShellParser, encode, window_size
from harness.emulators.android.wire import WireError

PACKETS = st.lists(st.tuples(st.sampled_from(list(ShellKind)), st.binary(max_size=300)), max_size=10)


@given(PACKETS, st.integers(1, 400))
def test_packets_that_straddle_pieces_are_put_together(packets: list[tuple[ShellKind, bytes]], size: int) -> None:
    """However the stream was cut."""
    stream, parser = b"".join(encode(*packet) for packet in packets), ShellParser()
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]

    assert [packet for piece in pieces for packet in parser.feed(piece)] == packets


def test_a_packet_of_unheard_of_length_is_refused() -> None:
    """At its header."""
    with pytest.raises(WireError):
        list(ShellParser().feed(b"\x00\xff\xff\xff\xff"))


def test_exit_is_3_and_the_end_of_input_is_4() -> None:
    """Swapped, every exit code would be 0."""
    assert (ShellKind.EXIT, ShellKind.CLOSE_STDIN) == (3, 4)


@given(st.binary(max_size=50))
def test_a_window_is_four_numbers_or_nothing(body: bytes) -> None:
    """Numbers that fit into the kernel's words."""
    size = window_size(body)

    assert size is None or all(0 <= number < 1 << 16 for number in size)
    assert window_size(b"24x80,640x99999\0") == (24, 80, 640, 65535)
