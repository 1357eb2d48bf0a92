"""Android SharedPreferences: where most apps and SDKs keep identities, tokens and settings.

A `.bak` beside a file is one too: what the file was before it was written, and read instead where that failed.
Written as the platform's FastXmlSerializer does, so that a decoded file encodes to the same bytes.
"""

import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, TypeAlias

from harness.errors import FormatError
from harness.formats._markup import Event, Kind, character_data, escapes, events, first_tag, open_markup
from harness.formats._preference_lines import preference_values
from harness.formats._tink import KEYSET_NAMES, SealedPreferences
from harness.formats._token_format import TokenFormat, Worth, escaped_values
from harness.formats._tokens import Reading, Role, Token, value_budget
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Ledger, Long, Scalar, Share, Step, Value

__all__ = ["Long", "Preference", "SharedPrefs"]

Preference: TypeAlias = "str | bool | int | float | Sequence[str] | None"
"""One preference; a sequence of strings is a string set."""

_LARGEST_FLOAT = 3.40282356e38  # what rounds to it still does
_HEADER = "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n"
_CONTAINERS = {"map", "set", "list", "int-array", "long-array", "double-array", "string-array", "boolean-array"}
_TEXTS = {"string", "byte-array", "item"}
_ITEMS = {f"{kind}-array": kind for kind in ("int", "long", "double", "string", "boolean")}
_ESCAPED = {chr(code): f"&#{code};" for code in range(32)} | {'"': "&quot;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}


class SharedPrefs(TokenFormat):
    """`shared_prefs/*.xml`; a locator is the preference's name, then the index within a set."""

    title = "Android SharedPreferences"
    source = "AOSP, core/java/com/android/internal/util/XmlUtils.java and FastXmlSerializer.java"
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            {
                "Email": "jane@example.org",
                'a "key" <&>': "603 Main Street\nSpringfield & Co",
                "recent": ("jane@example.com", "joe <joe@example.com>"),
                "launches": 12,
                "first_seen": Long(7),
                "msisdn": 15555550123,
                "lat": 20.216178,
                "opt_in": False,
                "gone": None,
                "empty": "",
                "name": "Zoë Müller 😀",
            },
            (
                Value(("Email",), "jane@example.org"),
                Value(('a "key" <&>',), "603 Main Street\nSpringfield & Co"),
                Value(("recent", 0), "jane@example.com"),
                Value(("recent", 1), "joe <joe@example.com>"),
                Value(("launches",), 12),
                Value(("first_seen",), 7),
                Value(("msisdn",), 15555550123),
                Value(("lat",), 20.216178),
                Value(("opt_in",), False),
                Value(("gone",), None),
                Value(("empty",), ""),
                Value(("name",), "Zoë Müller 😀"),
            ),
        ),
        Sample({}, ()),
    )

    def sniff(self, head: bytes, size: int) -> float:
        doctype, tag = first_tag(head)
        return 0.97 if tag == b"map" and not doctype else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        reading = self.timed(document, limits)
        if not any(name.encode() in reading.text.data for name in KEYSET_NAMES):
            return reading.account()
        sealed = SealedPreferences(reading.tokens())
        return reading.account(share=lambda token: Share.ENCRYPTED if sealed.holds(token) else Share.DECODED)

    def read(self, document: Document, limits: Limits) -> Reading:
        text = open_markup(document.data)
        return Reading(text, lambda: _Reader(text.data).tokens(limits), escapes)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        given = yield from preference_values(bytes(document.data), value_budget(limits))
        if given >= 0:
            yield from islice(super().decode(document, limits), given, None)

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """Values that hold characters written as numbers, and all where the file is not UTF-8."""
        return escaped_values(reading)

    def encode(self, content: Any) -> Document:
        """`content` is a mapping of names to `Preference`s, written in its order."""
        return Document(_written(content).encode("utf-8"))


# -- reading -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Frame:
    """An open element that holds others, or the text of one value."""

    tag: str
    steps: tuple[Step, ...]
    count: int = 0
    text: tuple[int, int] | None = None


class _Reader:
    """Makes tokens of the elements of one file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.frames: list[_Frame] = []

    def tokens(self, limits: Limits) -> Iterator[Token]:
        for event in events(self.data, limits):
            if event.kind is Kind.LEAF:
                yield from self._leaf(event)
            elif event.kind is Kind.OPEN:
                yield from self._open(event)
            elif event.kind is Kind.TEXT:
                self._text(event)
            else:
                yield self._close(event, self.frames.pop())

    def _open(self, event: Event) -> Iterator[Token]:
        if not self.frames:
            if event.name != "map":
                raise FormatError("is not a map of preferences")
            self.frames.append(_Frame("map", ()))
            return
        steps, key = self._named(event)
        if key is not None:
            yield key
        self.frames.append(_Frame(event.name, steps))

    def _named(self, event: Event) -> tuple[tuple[Step, ...], Token | None]:
        """Where the value that begins here stands: a name within a map, else its index."""
        parent = self.frames[-1]
        if parent.tag not in _CONTAINERS:
            raise FormatError(f"an element within a text at byte {event.start}")
        parent.count += 1
        name = event.attribute("name") if parent.tag == "map" else None
        if name is None:
            return (*parent.steps, parent.count - 1), None
        key = character_data(self.data, name.start, name.end)
        steps = (*parent.steps, key)
        return steps, Token(name.start, name.end, steps, Role.KEY, key)

    def _leaf(self, event: Event) -> Iterator[Token]:
        """A preference that is one element, or an empty container."""
        if not self.frames:
            yield from self._open(event)
            self._refuse_text(*(event.text or (0, 0)))
            return
        steps, key = self._named(event)
        value = self._value(event, steps)
        if key is None:
            yield value
        elif key.start <= value.start:
            yield key
            yield value
        else:  # attributes come in any order
            yield value
            yield key

    def _value(self, event: Event, steps: tuple[Step, ...]) -> Token:
        kind = _ITEMS.get(self.frames[-1].tag, event.name) if event.name == "item" else event.name
        if kind in _CONTAINERS:
            self._refuse_text(*(event.text or (0, 0)))
            return Token(event.start, event.end, steps, Role.SYNTAX)
        value = event.attribute("value")
        if kind in _TEXTS and value is None:
            start, end = event.text or (event.end, event.end)
            return self._text_value(kind, start, end, steps)
        self._refuse_text(*(event.text or (0, 0)))
        if kind == "null":
            return Token(event.end, event.end, steps, Role.VALUE)
        if value is None:
            raise FormatError(f"an element without a value at byte {event.start}")
        text = character_data(self.data, value.start, value.end)
        return Token(value.start, value.end, steps, Role.VALUE, _typed(kind, text, value.start))

    def _text(self, event: Event) -> None:
        frame = self.frames[-1] if self.frames else _Frame("map", ())
        if frame.tag in _TEXTS:
            frame.text = (event.start, event.end)
        else:
            self._refuse_text(event.start, event.end)

    def _refuse_text(self, start: int, end: int) -> None:
        if character_data(self.data, start, end).strip():
            raise FormatError(f"text between preferences at byte {start}")

    def _close(self, event: Event, frame: _Frame) -> Token:
        if frame.tag in _CONTAINERS:
            return Token(event.start, event.end, frame.steps, Role.SYNTAX)
        if frame.tag not in _TEXTS:
            raise FormatError(f"an element that is no preference at byte {event.start}")
        start, end = frame.text or (event.start, event.start)
        return self._text_value(frame.tag, start, end, frame.steps)

    def _text_value(self, kind: str, start: int, end: int, steps: tuple[Step, ...]) -> Token:
        text = character_data(self.data, start, end)
        if kind != "byte-array":
            return Token(start, end, steps, Role.VALUE, text)
        try:
            return Token(start, end, steps, Role.VALUE, bytes.fromhex(text))
        except ValueError as error:
            raise FormatError(f"no hex digits at byte {start}") from error


def _typed(kind: str, text: str, at: int) -> Scalar:
    try:
        match kind:
            case "int":
                return int(text)
            case "long":
                return Long(text)
            case "float" | "double":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text]
    except (ValueError, KeyError) as error:
        raise FormatError(f"no {kind} at byte {at}") from error
    return text  # of other writers of maps


# -- writing -------------------------------------------------------------------------------------


def _written(content: Mapping[str, Preference]) -> str:
    if not content:
        return _HEADER + "<map />\n"
    return _HEADER + "<map>\n" + "".join(_element(name, value) for name, value in content.items()) + "</map>\n"


def _element(name: str, value: Preference) -> str:
    named = f'name="{_escaped(name)}"'
    match value:
        case None:
            return f"    <null {named} />\n"
        case str():
            return f"    <string {named}>{_escaped(value)}</string>\n"
        case bool():
            return f'    <boolean {named} value="{str(value).lower()}" />\n'
        case int():
            if not -(1 << 63) <= value < 1 << 63:
                raise FormatError("a number of more than 64 bits cannot be a preference")
            kind = "long" if isinstance(value, Long) or not -(1 << 31) <= value < 1 << 31 else "int"
            return f'    <{kind} {named} value="{value}" />\n'
        case float():
            return f'    <float {named} value="{_java_float(value)}" />\n'
    items = "".join(f"        <string>{_escaped(item)}</string>\n" for item in value)
    return f"    <set {named}>\n{items}    </set>\n" if items else f"    <set {named} />\n"


def _escaped(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError("half a surrogate pair cannot be written") from error
    return "".join(_ESCAPED.get(character, character) for character in text)


def _java_float(value: float) -> str:
    """As `Float.toString`, with Java's exponents. Up to nine digits stay as they are, so that what was decoded is
    written again; longer ones are narrowed to the shortest decimal of the same 32-bit float."""
    if math.isnan(value):
        return "NaN"
    if abs(value) > _LARGEST_FLOAT:
        return "Infinity" if value > 0 else "-Infinity"
    short = [f"{value:.{places}e}" for places in range(9)]
    same = (text for text in short if float(text) == value)
    narrowed = (text for text in short if _packed(float(text)) == _packed(value))
    digits = next(same, "") or next(narrowed)
    mantissa, exponent = digits.split("e")
    power = int(exponent)
    if value == 0 or -3 <= power < 7:
        decimals = len(mantissa.lstrip("-").replace(".", "")) - 1 - power
        return f"{float(digits):.{max(1, decimals)}f}"
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{power}"


def _packed(value: float) -> bytes:
    try:
        return struct.pack(">f", value)
    except OverflowError:
        return b""
