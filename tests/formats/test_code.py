"""Code is known by its first bytes, counts as such, and its texts are told all the same."""

import struct
import sys
from pathlib import Path

import pytest

from harness import registry
from harness.formats.base import Format
from harness.formats.code import Code, Program
from harness.limits import Limits
from harness.model import Document, Share, State
from harness.scan.unfold import choose_format

FORM = Code()
LIMITS = Limits()
HEADS = {
    "elf": b"\x7fELF\x02\x01\x01\x00",
    "dex": b"dex\n035\x00",
    "compact dex": b"cdex001\x00",
    "vdex": b"vdex027\x00",
    "art image": b"art\n103\x00",
    "profile": b"pro\x00015\x00",
    "mach-o": b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01",
    "fat mach-o": b"\xca\xfe\xba\xbe\x00\x00\x00\x02\x01\x00\x00\x07",
    "java": b"\xca\xfe\xba\xbe\x00\x00\x00\x34",
    "pe": b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\x00\x00",
    "wasm": b"\x00asm\x01\x00\x00\x00",
    "hermes": b"\xc6\x1f\xbc\x03\xc1\x03\x19\x1f\x60\x00\x00\x00",
    "shaders": b"EGL$\x01\x02\x03\x04$bB_",
    "metal": b"MTLB\x01\x80\x02\x00",
    "tflite": b"\x1c\x00\x00\x00TFL3",
    "icu": b"\x20\x00\xda\x27\x14\x00\x00\x00\x00\x00\x02\x00CmnD",
    "wal index": (struct.pack("<II", 3007000, 0) + bytes(range(40))) * 2,
}


@pytest.mark.parametrize("kind", HEADS)
def test_each_kind_is_known(kind: str) -> None:
    """And by nobody else."""
    data = HEADS[kind] + bytes(200)

    assert choose_format(registry.load("formats", Format), data, len(data)).name == "code"
    assert FORM.account(Document(data), LIMITS).totals() == {Share.MEDIA: len(data)}


@pytest.mark.parametrize(
    "data", [b"MZ" + bytes(300), b"\x7fELF", b"dex\n", b"BC", b"pro\x00abc\x00", b"EGL$" + bytes(20)]
)
def test_a_likeness_is_not_enough(data: bytes) -> None:
    """Half a mark is none."""
    assert FORM.sniff(data, len(data)) == 0.0


def test_the_interpreter_itself_is_code() -> None:
    """A real program of this machine."""
    data = Path(sys.executable).resolve().read_bytes()[:4096]

    assert FORM.sniff(data, len(data)) > 0.9


def test_texts_in_code_are_told() -> None:
    """What somebody hid in a library is found."""
    document = FORM.encode(Program(("jane.roe@example.org",)))
    (value,) = FORM.decode(document, LIMITS)
    (place,) = FORM.locate(document, [bytes(document.data).find(b"roe@")], LIMITS)

    assert (value.value, value.state) == ("jane.roe@example.org", State.RAW)
    assert (place.steps, place.value) == (value.steps, b"jane.roe@example.org")
