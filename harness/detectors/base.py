"""The port of the detector family.

Cost is decided here. A detector names *cues*: cheap expressions with a literal of three bytes or more, which a
multi-pattern engine finds in one pass over everything, or *shapes* of the bit-parallel kernel for what starts with a
class of characters (digit runs). Only round a cue is the exact `pattern` tried, on a window of a hundred bytes or so.
"""

import re
from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from harness.model import Buffer, MaskRule

__all__ = ["KEY_END", "Cue", "Detector", "Match", "Shape", "Window", "key_cue"]


class Shape(StrEnum):
    """What the kernel finds without a literal. Each fires at the first byte of the shape."""

    DIGITS_14 = "digits_14"
    """A run of 14 or more digits that starts here."""
    GROUPED_4 = "grouped_4"
    """Digits in groups of four or more with blanks or hyphens between: cards."""
    SEPARATED = "separated"
    """`ddd-dd-dddd`, `ddd-ddd-dddd`, `(ddd) ddd-dddd`, also with blanks or dots: phones and SSNs."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cheap sign that the pattern may match nearby. Engine syntax: no look-around, no back-reference."""

    expression: bytes
    before: int = 72
    """How far before the end of the cue the value can start, in bytes."""
    after: int = 96
    """How far behind it the value can end."""
    caseless: bool = False


KEY_END = rb"""[a-z_]{0,12}[0-9]{0,3}(?:&quot;|\\?["'])?[ \t]*(?:[:=>\x1f,]|&quot;| (?:is|value=) ?|/?[ \t]*>)"""
"""From the last letter of a key to its separator, in JSON, escaped JSON, XML attributes, logs and decoded pairs."""


def key_cue(names: bytes, *, after: int = 72) -> Cue:
    """A cue that fires at a key of one of these names (alternatives of an expression), whatever the syntax."""
    return Cue(rb"(?:" + names + rb")" + KEY_END, before=48, after=after, caseless=True)


@dataclass(frozen=True, slots=True)
class Match:
    """One confirmed value, by its bounds in the window's buffer."""

    start: int
    end: int
    confidence: float
    why: tuple[str, ...]
    """In words; never with the value."""


_KEY = re.compile(
    rb"""([A-Za-z_][A-Za-z0-9_.\-]{0,63})(?:&quot;|\\?["'])?[ \t]*(?:[:=>,]|&quot;|/?>| (?:is|value=) ?|[ \t])"""
    rb"""[ \t]*(?:&quot;|\\?["'(\[{])*[ \t]*\Z"""
)


@dataclass(slots=True)
class Window:
    """Where a detector looks: part of a buffer, never past the value's own bounds."""

    buffer: Buffer = field(repr=False)
    start: int
    end: int
    floor: int
    """Where the segment begins: nothing before it belongs to the same text."""
    ceiling: int
    """Where the segment ends."""
    key: bytes = field(default=b"", repr=False)
    """The key that a decoder gave for the value; empty in raw text."""

    def key_before(self, start: int) -> bytes:
        """The key that the text itself names right before `start`, else the decoder's, lower case."""
        found = _KEY.search(bytes(self.buffer[max(self.floor, start - 96) : start]))
        return (found[1] if found else self.key).lower()

    def around(self, start: int, end: int, reach: int = 48) -> bytes:
        """The text near a match, lower case, without the match."""
        before = bytes(self.buffer[max(self.floor, start - reach) : start])
        return (before + b" \x1f " + bytes(self.buffer[end : min(self.ceiling, end + reach)])).lower()


class Detector(ABC):
    """One class of personal data."""

    name: str = ""
    type: ClassVar[str]
    """What reports call it: `EMAIL`."""
    title: ClassVar[str]
    cues: ClassVar[tuple[Cue, ...]] = ()
    shapes: ClassVar[tuple[Shape, ...]] = ()
    pattern: ClassVar[re.Pattern[bytes]]
    """The exact form, over bytes. Look-around is allowed; what it looks at ends at the value's bounds."""
    telling: ClassVar[bytes] = b""
    """Names (alternatives of an expression, lower case) under which a bare number may be of this class."""
    mask: ClassVar[MaskRule] = MaskRule.HIDDEN
    examples: ClassVar[tuple[str, ...]]
    """Texts in which it must find exactly one value; `key=value` where it needs a key."""
    counterexamples: ClassVar[tuple[str, ...]]
    """Look-alikes in which it must find none."""
    required: ClassVar[tuple[str, ...]] = ("type", "title", "examples", "counterexamples", "pattern")

    def confirm(self, window: Window) -> Iterator[Match]:
        """Every value of this class that starts in the window."""
        for found in self.pattern.finditer(window.buffer, window.start, window.end):
            start, end = found.span("value") if "value" in self.pattern.groupindex else found.span()
            judged = self.judge(bytes(window.buffer[start:end]), window, start, end)
            if judged is not None:
                yield Match(start, end, *judged)

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """How sure it is and why, or None where it is a look-alike."""
        raise NotImplementedError

    def normalise(self, value: bytes) -> bytes:
        """One form for all spellings of the same value: what the fingerprint is taken of."""
        return value.strip().lower()
