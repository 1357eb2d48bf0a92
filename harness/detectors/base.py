"""The port of the detector family.

Cost is decided here. A detector names *cues*: cheap expressions with a literal of three bytes or more, which a
multi-pattern engine finds in one pass over everything, or *shapes* of the bit-parallel kernel for what starts with a
class of characters (digit runs). Only round a cue is the exact `pattern` tried, on a window of a hundred bytes or so.
"""

import re
from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar

from harness.model import Buffer, MaskRule

__all__ = ["KEY_END", "WORD", "Cue", "Detector", "Keyed", "Match", "Shape", "Window", "key_cue"]


class Shape(StrEnum):
    """What the kernel finds without a literal. Each fires at the first byte of the shape, if nothing else is said; no
    border is asked for unless it is named, since values may touch. A shape that no detector names costs nothing."""

    DIGITS_14 = "digits_14"
    """A run of 14 or more digits that starts here, of which the first 19 or fewer satisfy the Luhn checksum."""
    GROUPED_4 = "grouped_4"
    """Digits in groups of four or more with blanks or hyphens between: cards."""
    SEPARATED = "separated"
    """`ddd-dd-dddd`, `ddd-ddd-dddd`, `(ddd) ddd-dddd`, also with blanks or dots: phones and SSNs."""
    IPV4 = "ipv4"
    """Four groups of one to three digits with dots between, and no digit before."""
    COLONS = "colons"
    """Four or more groups of one to four hex digits with colons between, or one of four or two of any length before
    `::`, at the last digit of the first; or six pairs with hyphens: MAC and IPv6, no times of day."""
    DATE = "date"
    """`dddd-dd-dd`, or one or two digits twice and then four, with the same one of `-/.` between, from 1900 to 2099;
    the latter at the last digit of its first number. No time of day follows, or midnight: no entry of a log."""
    IBAN = "iban"
    """Two capitals, two digits, and eleven capitals or digits, or two fours of them, each behind a blank."""
    TITLE_PAIR = "title_pair"
    """Two words with a capital and then small letters, the first of 2 to 16 bytes, and one blank between, at which it
    fires. Bytes that are no ASCII pass for either kind of letter."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cheap sign that the pattern may match nearby. Engine syntax: no look-around, no back-reference."""

    expression: bytes
    before: int = 72
    """How far before the end of the cue the value can start, in bytes."""
    after: int = 96
    """How far behind it the value can end."""
    caseless: bool = False
    reason: str = ""
    """Why it costs more than 0.05 ns a byte, or has no literal of two bytes; a test and a benchmark ask for it."""


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
    names: tuple[str, ...] = field(default=(), repr=False)
    """All names on the way to the value, outermost first: table, object, column. Empty in raw text."""

    def key_before(self, start: int) -> bytes:
        """The key that the text itself names right before `start`, else the decoder's, lower case."""
        found = _KEY.search(bytes(self.buffer[max(self.floor, start - 96) : start]))
        return (found[1] if found else self.key).lower()

    def widened(self, characters: bytes, reach: int = 48) -> "Window":
        """From the beginning of the row of such characters that it may cut: what is found must not depend on where
        a window happens to begin."""
        start, low = self.start, max(self.floor, self.start - reach)
        while start > low and self.buffer[start - 1] in characters:
            start -= 1
        return replace(self, start=start)

    def around(self, start: int, end: int, reach: int = 48) -> bytes:
        """The text near a match, lower case, without the match."""
        before = bytes(self.buffer[max(self.floor, start - reach) : start])
        return (before + b" \x1f " + bytes(self.buffer[end : min(self.ceiling, end + reach)])).lower()


_NEUTRAL = re.compile(
    rb"(?:v|val|values?|data|text|txt|content|body|payload|notes?|messages?|msg|json|str|string|raw|info|details?|extras?"
    rb"|blob|c\d*|col\d*|column\d*|field\d*|item\d*|entry|line|log|comment|description|html|xml|url|uri|link|query|q)"
)


def speaks_of_something_else(window: "Window", start: int) -> bool:
    """Whether the key right before a value names something that no detector knows: a range, a frame, a counter.
    Shape alone is then a guess. Names that say nothing (`value`, `data`, `text`) leave the shape its worth."""
    name = window.key_before(start).rpartition(b".")[2]
    return bool(name) and _NEUTRAL.fullmatch(name) is None


WORD = rb"(?:^|[^A-Za-z])"
"""Before a name that is too short to stand within a word: `tel`, `ssn`. In the names of a `Keyed`."""

_TAIL = rb"(?i:[a-z_.\-]{0,16}[0-9]{0,3})"
_GAP = rb"[^A-Za-z0-9]{1,10}"
_INNER = rb"(?:(?:[^A-Za-z0-9]|quot;){0,6}\{(?:[^A-Za-z0-9]|quot;){1,6}[A-Za-z_]{1,16}){0,2}"
"""Names within an object under the key: what they hold is still of that kind (`"phone":{"value":…`)."""
_TOKENS = rb"(?:quot|value|is|key|string|integer|real|number|no)"


class Keyed:
    """Values that only their key tells: its cue fires inside the value, and the rule asks for the very same form.

    Between key and value stand up to ten bytes that are no letter or digit, or such and the words that syntaxes put
    there, so that JSON, escaped JSON, XML attributes and elements, property lists, logs, decoded pairs and the length
    bytes of binary maps are all one form.
    """

    def __init__(self, names: bytes, head: bytes, *, tail: bytes = _TAIL, gap: bytes = _GAP) -> None:
        """Takes the names and the first bytes of a value (engine syntax), what may follow a name in its key, and what
        may stand between: less of it where a name is also a part of a domain."""
        key = rb"(?:%b)%b%b" % (names, tail, _INNER)
        self._cue = rb"%b%b(?i:%b[^a-z0-9]{1,8}){0,4}%b" % (key, gap, _TOKENS, head)
        key = key.replace(WORD, rb"(?<![A-Za-z])")  # where a segment begins, `^` would not match
        words = rb"(?:(?i:%b)[^A-Za-z0-9]{1,8}){0,4}" % _TOKENS
        self._backward = re.compile(rb"(?P<key>%b)%b%b\Z" % (key, gap, words))
        gap, words = gap + b"?", words.replace(b"{1,8}", b"{1,8}?")
        self._forward = re.compile(rb"(?P<key>%b)%b%b(?=%b)" % (key, gap, words, head))

    def cue(self, *, after: int = 64, reason: str = "") -> "Cue":
        """Fires where the value's head ends."""
        return Cue(self._cue, before=32, after=after, reason=reason)

    def values(self, window: "Window") -> Iterator[tuple[bytes, int]]:
        """Key, and where its value starts, for those that start in the window."""
        low, high = max(window.floor, window.start - _KEY_REACH), min(window.ceiling, window.end + 32)
        for found in self._forward.finditer(window.buffer, low, high):
            if window.start <= found.end() < window.end:
                yield found["key"].lower(), found.end()

    def before(self, window: "Window", start: int) -> bytes:
        """The key of the value that starts there, lower case; empty where it has none of these names."""
        found = self._backward.search(bytes(window.buffer[max(window.floor, start - _KEY_REACH) : start]))
        return found["key"].lower() if found else b""


_KEY_REACH = 160
"""Longer than the longest key, and what stands between it and its value."""


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
    reach: ClassVar[int] = 64
    """How far behind the window a value that starts in it may end."""
    least_in_noise: ClassVar[int] = 0
    """Among bytes that look random, only what is in a row of so many printable ASCII characters is believed; 0 where
    the form is too rare to come about by chance. To be chosen so that 10 GB of noise give less than one."""
    required: ClassVar[tuple[str, ...]] = ("type", "title", "examples", "counterexamples", "pattern")

    def confirm(self, window: Window) -> Iterator[Match]:
        """Every value of this class that starts in the window."""
        limit = min(window.ceiling, window.end + self.reach)
        for found in self.pattern.finditer(window.buffer, window.start, limit):
            start, end = found.span("value") if "value" in self.pattern.groupindex else found.span()
            if start >= window.end:
                return
            judged = self.judge(bytes(window.buffer[start:end]), window, start, end)
            if judged is not None:
                yield Match(start, end, *judged)

    def is_possible(self, buffer: Buffer, at: int, low: int, high: int) -> bool:
        """Whether a value may lie round a shape at `at`, whatever its key is and whatever touches it; asked of raw
        bytes, before anything is decoded. To say no costs a miss, to say yes only time.

        Args:
            buffer: holds the shape.
            at: where it fires.
            low: nothing before belongs to the same text.
            high: nothing from here on is near enough.
        """
        return True

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """How sure it is and why, or None where it is a look-alike."""
        raise NotImplementedError

    def normalise(self, value: bytes) -> bytes:
        """One form for all spellings of the same value: what the fingerprint is taken of."""
        return value.strip().lower()
