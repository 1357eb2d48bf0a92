"""Masked values: whether what a mask lets show fits the seeded person, and which characters that is.

A mask is told by its stars (or dots, crosses, hashes). What stands to either side is held against each value: the
parts must be there, in that order, at its begin and end where the mask has them. Enough must show for chance to be
small, or a key near must say what it is.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from harness.model import Buffer
from harness.persona.context import TELLING

__all__ = ["CUES", "Masked", "Masks", "surviving"]

_DOTS = ("•", "●", "∙", "＊", "█", "⁎", "∗", "·", "\\u2022", "\\u25cf", "&bull;", "&#8226;")
"""What is written for a star; all of them are looked for twice in a row."""

CUES: tuple[tuple[bytes, bool], ...] = (
    (rb"(?:\A|[^*])\*\*", False),
    (rb"[^*]\*@", False),
    *((re.escape(each.encode() * 2), False) for each in _DOTS),
    (rb"##[# -]{0,8}\d{3}", False),
    (rb"XX[X -]{0,8}\d{4}", True),
)
"""Expressions that match where a mask may be, and whether case does not count."""

_REACH = 64
"""Bytes to either side of a cue that a masked value has at most."""
_WORDS = 4
"""Words beyond the stars that may belong to it."""


class Masked(NamedTuple):
    """What shows of one value."""

    persona_field: str
    start: int
    end: int
    """Of the masked text, in the buffer."""
    shown: tuple[int, ...]
    """Places of the value's characters that show, from 0 on."""

    def __repr__(self) -> str:
        return f"Masked({self.persona_field}, {len(self.shown)})"


class _Known(NamedTuple):
    """One value, as masks are held against it."""

    name: str
    text: str
    places: tuple[int, ...]
    """Where each character of it is in the value as it was given."""
    is_number: bool

    def __repr__(self) -> str:
        return f"_Known({self.name})"


class Masks:
    """The values of one person."""

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        self._known = [known for name, value in items if name != "location" for known in _known(name, value)]
        texts = {each.text for each in self._known}
        self._triples = frozenset(
            text[n : n + size] for text in texts for size in (1, 2, 3) for n in range(len(text))
        )

    def at(self, buffer: Buffer, at: int, floor: int, ceiling: int, *, before: bytes = b"") -> Masked | None:
        """The masked value round a cue that ends at `at`; None where none of the person's fits.

        Args:
            buffer: the bytes.
            at: a place in or right behind the stars.
            floor: the text that the value may be in begins here.
            ceiling: and ends here.
            before: what the text is called.
        """
        low = max(floor, at - _REACH)
        raw = bytes(buffer[low : min(ceiling, at + _REACH)])
        if not self._may_fit(raw, at - low):
            return None
        text, offsets = _starred(raw)
        told = before + raw[: at - low]
        best: tuple[float, Masked] | None = None
        for start, end in _candidates(text, offsets, at - low):
            piece = text[start:end]
            for known in self._known:
                shown = _fits(piece, known)
                if not shown:
                    continue
                bits = _bits(known, shown)
                key = TELLING.get(known.name)
                needed = _WITH_KEY if key is not None and key.search(told) else _ALONE
                if bits >= needed and (best is None or bits > best[0]):
                    best = bits, Masked(known.name, low + offsets[start], low + offsets[end], shown)
        return best[1] if best else None

    def _may_fit(self, raw: bytes, at: int) -> bool:
        """Whether the letters and digits next to the stars are in any value: stars are common, and this is cheap."""
        if raw[at - 1 : at] == b";" or raw[at - 6 : at - 4] == b"\\u":
            return True  # dots that are escaped, which are rare
        if raw[at - 1 : at].isdigit():  # a row of crosses is told by the digits behind it
            return raw[at - 3 : at].decode("latin-1") in self._triples
        left, right = _LEFT.search(raw[max(0, at - _NEAR) : at]), _RIGHT.search(raw, at)
        near = [each[1].decode("latin-1").lower() for each in (left, right) if each]
        return any(near) and all(not each or each in self._triples for each in near)


_NEAR = 16
"""Bytes before a cue's end in which the first star is, mostly."""
_LEFT = re.compile(rb"([A-Za-z0-9]{0,3})[*# \-./()@+\x80-\xff]*\Z")
_RIGHT = re.compile(rb"[*# \-./()@+\x80-\xff]*([A-Za-z0-9]{0,3})")
_ALONE, _WITH_KEY = 12.0, 8.0
"""Bits that must show: one in four thousand others has them too; one in 250, where a key says what it is."""
_STAR = re.compile("|".join(re.escape(each) for each in sorted(_DOTS, key=len, reverse=True)))


def _starred(raw: bytes) -> tuple[str, list[int]]:
    """The text with a star for whatever stands for one; and for each of its characters, and its end, the offset."""
    text = raw.decode("utf-8", "replace")
    if "\ufffd" in text:
        text = raw.decode("latin-1")
        return text, list(range(len(text) + 1))
    out, offsets, at = [], [], 0
    while at < len(text):
        dot = _STAR.match(text, at)
        out.append("*" if dot else text[at])
        offsets.append(len(text[:at].encode()))
        at = dot.end() if dot else at + 1
    return "".join(out), [*offsets, len(raw)]


_BREAKS = re.compile(r"[\x00-\x1f\"'<>=,;|{}\[\]\\:]|://|\s{2,}")
_LIKE_STAR = re.compile(r"[*#]+|(?<![A-Za-z])[Xx]{2,}(?![A-Za-z])")


def _candidates(text: str, offsets: list[int], at: int) -> Iterator[tuple[int, int]]:
    """Stretches of whole words round the stars, the longest first."""
    here = next((n for n, offset in enumerate(offsets) if offset >= at), len(text))
    low = max((each.end() for each in _BREAKS.finditer(text, 0, max(0, here - 1))), default=0)
    behind = _BREAKS.search(text, here)
    high = behind.start() if behind else len(text)
    stars = list(_LIKE_STAR.finditer(text, low, high))
    if not stars:
        return
    words = list(re.finditer(r"\S+", text[low:high]))
    first = next((n for n, each in enumerate(words) if low + each.end() > stars[0].start()), 0)
    last = next((n for n in range(len(words) - 1, -1, -1) if low + words[n].start() < stars[-1].end()), 0)
    for left in range(max(0, first - _WORDS), first + 1):
        for right in range(min(len(words), last + 1 + _WORDS), last, -1):
            start, end = low + words[left].start(), low + words[right - 1].end()
            while end > start and text[end - 1] in ".!?)" and text[end - 2 : end - 1] != "*":
                end -= 1
            yield start, end


def _fits(piece: str, known: _Known) -> tuple[int, ...]:
    """Places of the value that show; empty where the piece is no mask of it."""
    text = _LIKE_STAR.sub(lambda stars: "*" * len(stars[0]), piece)
    if known.is_number:
        if re.search(r"[^\d*+().\- /]", text):
            return ()
        text = re.sub(r"[^\d*]", "", text)
    else:
        text = " ".join(text.lower().split())
    if "*" not in text:
        return ()
    return _aligned(re.split(r"\*+", text), known)


def _aligned(parts: list[str], known: _Known) -> tuple[int, ...]:
    """Begin at the begin, end at the end, the others in their order between."""
    text = known.text
    first, *middle, last = parts
    if not first and not last:
        return ()
    if len(first) + len(last) >= len(text) or not (text.startswith(first) and text.endswith(last)):
        return ()
    spans = [(0, len(first))]
    for part in middle:
        at = text.find(part, spans[-1][1], len(text) - len(last)) if part else spans[-1][1]
        if at < 0:
            return ()
        spans.append((at, at + len(part)))
    spans.append((len(text) - len(last), len(text)))
    return tuple(known.places[n] for start, end in spans for n in range(start, end) if text[n].isalnum())


def _bits(known: _Known, shown: tuple[int, ...]) -> float:
    """How few others would show the same: a domain is shared by many, a digit of a number by one in ten."""
    if known.is_number:
        return (2.5 if known.name == "date_of_birth" else 3.32) * len(shown)
    at = known.text.find("@")
    local = sum(1 for place in shown if at < 0 or place < at)
    return 4.0 * local + (8.0 if at >= 0 and len(shown) - local >= _DOMAIN else 0.0) * bool(local)


_DOMAIN = 4
"""Characters that show of a domain, for it to count."""


def _known(name: str, value: str) -> Iterator[_Known]:
    if name in {"phone", "card", "ssn", "date_of_birth"} or re.fullmatch(r"[\d +().\-]+", value):
        places = tuple(n for n, char in enumerate(value) if char.isdigit())
        digits = "".join(value[n] for n in places)
        yield _Known(name, digits, places, True)
        if name == "date_of_birth" and len(digits) == 8:
            for order in ((6, 7, 4, 5, 0, 1, 2, 3), (4, 5, 6, 7, 0, 1, 2, 3)):
                yield _Known(name, "".join(digits[n] for n in order), tuple(places[n] for n in order), True)
        if name == "phone" and value.startswith("+") and len(digits) > 10:
            yield _Known(name, digits[-10:], places[-10:], True)
        return
    yield _Known(name, value.lower(), tuple(range(len(value.lower()))), False)


def surviving(value: str, part: str) -> tuple[int, ...]:
    """Places of a value's letters and digits that a part of it shows, in their order."""
    shown, at = [], 0
    low = value.lower()
    for char in part.lower():
        found = low.find(char, at) if char.isalnum() else -1
        if found >= 0:
            shown.append(found)
            at = found + 1
    return tuple(shown)
