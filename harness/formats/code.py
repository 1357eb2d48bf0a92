"""Programs, models and data that come with an app and not from its user: recognised, so that they count as code.

Native libraries, bytecode, compiled shaders, machine-learning models, Unicode tables and what SQLite keeps in memory
while a database is open. Their texts are told as those of unknown bytes are, since anything may stand among them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._runs import TextRuns
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Ledger, Share, Span, State, Value

__all__ = ["Code", "Program"]

_MAGIC = re.compile(
    rb"(?P<elf>\x7fELF[\x01\x02][\x01\x02]\x01[\x00-\x12])"
    rb"|(?P<dex>dex\n0[34]\d\x00|cdex00[1-9]\x00|dey\n03[0-9]\x00)"
    rb"|(?P<oat>(?:art\n|oat\n|vdex)\d\d\d\x00)"
    rb"|(?P<profile>pr[om]\x00\d\d\d\x00)"
    rb"|(?P<mach_o>[\xce\xcf]\xfa\xed\xfe[\x00-\x12]\x00\x00[\x00-\x03]|\xca\xfe\xba\xbe\x00\x00\x00[\x01-\x0f][\x00-\x01]\x00\x00[\x00-\x12])"
    rb"|(?P<java>\xca\xfe\xba\xbe\x00[\x00-\x03]\x00[\x2d-\x60])"
    rb"|(?P<pe>MZ.{58}.{2}\x00\x00)"
    rb"|(?P<wasm>\x00asm\x01\x00\x00\x00)"
    rb"|(?P<bitcode>BC\xc0\xde|\xde\xc0\x17\x0b)"
    rb"|(?P<hermes>\xc6\x1f\xbc\x03\xc1\x03\x19\x1f.\x00\x00\x00)"
    rb"|(?P<shaders>EGL\$.{4}\$bB_|MTLB[\x00-\x01][\x00\x80]..|DXBC.{16}\x01\x00\x00\x00)"
    rb"|(?P<model>.\x00\x00\x00TFL3)"
    rb"|(?P<unicode>..\xda\x27.\x00\x00\x00[\x00\x01][\x00\x01]\x02\x00)"
    rb"|(?P<wal_index>\x18\xe2\x2d\x00\x00\x00\x00\x00.{40}\x18\xe2\x2d\x00|\x00\x2d\xe2\x18\x00\x00\x00\x00.{40}\x00\x2d\xe2\x18)",
    re.DOTALL,
)
_PE_MARK = b"PE\x00\x00"
_WAL_INDEX = 48
"""Bytes of the header of a WAL index, which stands there twice."""
_SURE = 0.94


@dataclass(frozen=True, slots=True)
class Program:
    """A native library to write: a header, and texts among other bytes."""

    texts: tuple[str, ...] = field(repr=False)


_HEADER = b"\x7fELF\x02\x01\x01\x00" + bytes(8) + b"\x03\x00\xb7\x00\x01\x00\x00\x00" + bytes(40)


class Code(TextRuns):
    """Code by its first bytes; a locator is the offset of a run of text."""

    title = "Program, bytecode, model or other data of an app's own"
    source = "ELF-64; Android's dex, oat, vdex and profiles; Mach-O; PE; TFLite schema 3; ICU; sqlite.org/walformat"
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            Program(("libcrypto", "jane@example.org")),
            (Value((65,), "libcrypto", State.RAW), Value((76,), "jane@example.org", State.RAW)),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        found = _MAGIC.match(head)
        if found is None:
            return 0.0
        if found.lastgroup == "pe":
            at = int.from_bytes(head[60:64], "little")
            return _SURE if head[at : at + 4] == _PE_MARK else 0.0
        if found.lastgroup == "wal_index":
            return _SURE if head[:_WAL_INDEX] == head[_WAL_INDEX : 2 * _WAL_INDEX] else 0.0
        return _SURE

    def account(self, document: Document, limits: Limits) -> Ledger:
        size = len(document.data)
        return Ledger({"": (Span(0, size, Share.MEDIA),) if size else ()})

    def encode(self, content: Any) -> Document:
        """`content` is a `Program`."""
        texts: Sequence[str] = getattr(content, "texts", ())
        if not isinstance(content, Program):
            raise FormatError("only a Program can be written")
        return Document(_HEADER + b"".join(b"\x01" + text.encode() + b"\x00" for text in texts))
