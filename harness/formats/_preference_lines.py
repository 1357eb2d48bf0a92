"""Preferences laid out as Android's own serializer does, by one regular expression and with no object for a token.

Each byte is taken by a preference that is understood, or it is a gap, and a gap ends it: the careful reader then goes
on behind the values that were given. It reads the same values, so that nobody can tell who gave which.
"""

import contextlib
import re
from collections.abc import Callable, Generator, Iterator, Mapping

from harness.errors import FormatError
from harness.formats._markup import character_data
from harness.limits import Budget
from harness.model import Long, Scalar, State, Value

__all__ = ["preference_values"]

_BEGIN = b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n"
_END = b"</map>\n"
_CHUNK = 1 << 16
_LINE = b"\n    <"
_CLOSED = b"\n    </"
_GAP = r"|[\s\S]"
_PLAIN = (
    r'    <(?:string name="([^"<&]++)">([^<]*+)</string>'
    r'|(int|long|float|boolean|null) name="([^"<&]*+)"(?: value="([^"<&]*+)")?+ />'
)
"""Of most files: names and numbers as they are."""
_ANY = _PLAIN.replace("&]++", "]*+").replace("&", "")
_ITEM = r"        <string>([^<]*+)</string>\n"
_SET = rf'|set name="([^"<]*+)"(?: /|>\n((?:{_ITEM.replace("(", "(?:")})++)    </set)>'
_PREFERENCE = re.compile(rf"{_PLAIN})\n{_GAP}")
_PREFERENCE_OR_SET = re.compile(rf"{_ANY}{_SET})\n{_GAP}")
_TEXTS = re.compile(_ITEM)
_READERS: Mapping[str, Callable[[str], Scalar]] = {
    "int": int,
    "long": Long,
    "float": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "null": {"": None}.__getitem__,
}
_LIVE = State.LIVE


def preference_values(data: bytes, budget: Budget) -> Generator[Value, None, int]:
    """The values of a map, in order; returns how many they were where the careful reader has to go on, else -1.

    Raises:
        LimitError: it takes longer than it may.
    """
    if not data.startswith(_BEGIN) or not data.endswith(_END):
        return 0
    at, end, given = len(_BEGIN), len(data) - len(_END), 0
    while at < end:
        stop = _chunk_end(data, at, end)
        raw = data[at:stop]
        budget.spend(0)
        if b"\r" in raw:
            return given
        try:
            values = _chunk_values(raw.decode("utf-8"))
        except (ValueError, KeyError, FormatError):
            return given
        if given + len(values) > budget.left:
            return given
        yield from values
        given += len(values)
        at = stop
    return -1


def _chunk_end(data: bytes, at: int, end: int) -> int:
    """Where a preference begins, some way behind `at`, as far as that can be told at a glance."""
    if end - at <= _CHUNK:
        return end
    low, high = at, at + _CHUNK
    stop = data.rfind(_LINE, low, high)
    while stop >= 0 and data.startswith(_CLOSED, stop):
        stop = data.rfind(_LINE, low, stop)
    if stop < 0:
        stop = data.find(_LINE, max(at, high - len(_LINE)), end)
        while stop >= 0 and data.startswith(_CLOSED, stop):
            stop = data.find(_LINE, stop + 1, end)
    return stop + 1 if stop >= 0 else end


def _chunk_values(text: str) -> list[Value]:
    """All values of whole preferences.

    Raises:
        ValueError, KeyError, FormatError: something else is among them.
    """
    readers, make = _READERS, tuple.__new__  # a call of the class itself takes twice the time
    if "<set " not in text:
        with contextlib.suppress(KeyError):  # a gap, which may be a name with an entity in it
            return [
                make(Value, ((label,), _plain(string) if "&" in string else string, _LIVE))
                if label
                else make(Value, ((name,), readers[kind](value), _LIVE))
                for label, string, kind, name, value in _PREFERENCE.findall(text)
            ]
    return list(_any_values(text))


def _any_values(text: str) -> Iterator[Value]:
    for label, string, kind, name, value, title, items in _PREFERENCE_OR_SET.findall(text):
        if kind:
            yield Value((_plain(name),), _READERS[kind](_plain(value)))
        elif title:
            for number, each in enumerate(_TEXTS.findall(items)):
                yield Value((_plain(title), number), _plain(each))
        elif label or string:
            yield Value((_plain(label),), _plain(string))
        else:
            raise ValueError("a gap")


def _plain(text: str) -> str:
    """Character data without its entities.

    Raises:
        FormatError: an ampersand that begins none.
    """
    plain = text.replace("&quot;", '"')
    if "&" not in plain:
        return plain
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&apos;", "'")):
        plain = plain.replace(entity, character)
    if plain.count("&") == plain.count("&amp;"):
        return plain.replace("&amp;", "&")
    raw = text.encode("utf-8")
    return character_data(raw, 0, len(raw))
