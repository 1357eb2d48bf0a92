"""A scenario file: a life in steps, as somebody tells it. A word that is not known is an error, never ignored.

    step = 60                            # seconds between two events
    [[event]]
    do = "login"
    profile = { email = "{email}" }      # of the persona

`words` knows what can happen. A file that does not begin with `install` begins with it all the same.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.persona import Persona
from harness.scenarios.clock import BEGIN, SEED, STEP, Clock
from harness.scenarios.words import WORDS, Kind, Said, Teller, Word
from harness.sdks.base import Event, Installed

__all__ = ["load_scenario"]

_LARGEST = 4 << 20
_MOST = 200_000
_OF_A_FILE = ("event", "seed", "start", "step")
_OF_EVERY_EVENT = ("do", "after", "repeat")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w-]*)\}")
_HEADER = re.compile(r"\s*\[\[\s*event\s*\]\]")


def load_scenario(path: Path, persona: Persona) -> tuple[Event, ...]:
    """The events that a file tells, with what it takes from a persona.

    Raises:
        UsageError: it cannot be read, or says what has no meaning; the message says in which line.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path.name}: larger than any scenario")
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"cannot read the scenario {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path.name}: not in order as TOML: {error}") from error
    return tuple(_Told(path.name, text, persona).events(table))


class _Told:
    """One file while it is read."""

    def __init__(self, name: str, text: str, persona: Persona) -> None:
        self._name = name
        self._lines = text.splitlines()
        self._persona = persona
        self._known = dict(persona.items())
        self._number = 0
        """Of the event that is being read; 0 before the first."""

    def events(self, table: Mapping[str, Any]) -> Iterator[Event]:
        self._refuse_unknown(table, _OF_A_FILE, "a scenario")
        clock = self._clock(table)
        told = table.get("event", [])
        if not isinstance(told, list) or not told or not all(isinstance(each, dict) for each in told):
            raise UsageError(f"{self._name}: nothing happens in it", hint="An event begins with the line [[event]].")
        count = 0
        for number, entry in enumerate(told, 1):
            self._number = number
            word = self._word(entry)
            if number == 1 and word.event is not Installed:
                yield Installed(**clock.next())
            if "after" in entry:
                clock.wait(self._whole(entry, "after", 0))
            repeated = self._whole(entry, "repeat", 1)
            count += repeated
            if count > _MOST:
                raise self._wrong("repeat", f"more than {_MOST} events")
            for _ in range(repeated):
                yield word.event(**clock.next(), **self._said(word, entry, Teller(self._persona, clock)))

    def _clock(self, table: Mapping[str, Any]) -> Clock:
        start, seed = table.get("start", BEGIN), table.get("seed", "")
        if isinstance(start, datetime) and start.tzinfo is not None:
            start = int(start.timestamp())
        if not isinstance(start, int) or isinstance(start, bool) or start < 0:
            raise self._wrong("start", "`start` is a time with a zone, or seconds since 1970")
        if not isinstance(seed, str):
            raise self._wrong("seed", "`seed` is a text")
        return Clock(SEED + seed.encode(), at=start, step=self._whole(table, "step", STEP))

    def _word(self, entry: Mapping[str, Any]) -> Word:
        do = entry.get("do")
        if do is None:
            raise self._wrong("", "an event needs `do`: what happens", hint=_known(WORDS))
        if not isinstance(do, str) or do not in WORDS:
            raise self._wrong("do", f"there is no event {do!r}", hint=_guess(do, WORDS) + _known(WORDS))
        word = WORDS[do]
        self._refuse_unknown(entry, (*_OF_EVERY_EVENT, *word.fields), f"`{do}`")
        return word

    def _said(self, word: Word, entry: Mapping[str, Any], teller: Teller) -> dict[str, Any]:
        given = {name: self._value(name, field, entry, teller) for name, field in word.fields.items()}
        removed = given.pop("remove", ())
        if "remove" in word.fields:
            given["profile"] = {**given["profile"], **dict.fromkeys(removed)}
        return given

    def _value(self, name: str, field: Said, entry: Mapping[str, Any], teller: Teller) -> Any:
        if name in entry:
            value = self._filled(name, entry[name])
            if not _fits(value, field.kind):
                raise self._wrong(name, f"`{name}` is {field.kind.value}")
            return tuple(value) if field.kind in {Kind.ITEMS, Kind.NAMES} else value
        value = None if field.default is None else field.default(teller)
        if value is None:
            why = f"`{entry['do']}` needs `{name}`"
            raise self._wrong("do", why, hint=f"It is {field.kind.value}." if field.default is None else _NO_PLACE)
        return tuple(value) if isinstance(value, list) else value

    def _filled(self, name: str, value: Any) -> Any:
        """With the person's own values where the file names their fields."""
        if isinstance(value, str):
            return _PLACEHOLDER.sub(lambda match: self._field(name, match[1]), value)
        if isinstance(value, list):
            return [self._filled(name, each) for each in value]
        if isinstance(value, dict):
            return {key: self._filled(name, each) for key, each in value.items()}
        return value

    def _field(self, name: str, wanted: str) -> str:
        if wanted not in self._known:
            raise self._wrong(
                name, f"the persona has no `{wanted}`", hint=_guess(wanted, self._known) + _known(self._known)
            )
        return self._known[wanted]

    def _whole(self, table: Mapping[str, Any], name: str, default: int) -> int:
        value = table.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(name, f"`{name}` is a whole number, and not less than 0")
        return value

    def _refuse_unknown(self, table: Mapping[str, Any], known: Iterable[str], what: str) -> None:
        for name in table:
            if name not in known:
                hint = _guess(name, known) + _known(known)
                raise self._wrong(name, f"{what} has no field `{name}`", hint=hint)

    def _wrong(self, field: str, why: str, *, hint: str = "") -> UsageError:
        return UsageError(f"{self._name}, line {self._line(field)}: {why}", hint=hint)

    def _line(self, field: str) -> int:
        """Of a field of the event that is being read, or where the event begins: TOML's reader does not tell."""
        heads = [number for number, line in enumerate(self._lines, 1) if _HEADER.match(line)]
        begin, end = 1, len(self._lines) + 1
        if 0 < self._number <= len(heads):
            begin = heads[self._number - 1]
            end = heads[self._number] if self._number < len(heads) else end
        elif heads and self._number == 0:
            end = heads[0]
        named = re.compile(rf"""\s*["']?{re.escape(field)}["']?\s*[.=]""")
        found = (number for number in range(begin, end) if field and named.match(self._lines[number - 1]))
        return next(found, begin)


_NO_PLACE = "The persona has none; say it here."


def _fits(value: Any, kind: Kind) -> bool:
    match kind:
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Kind.WHOLE:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.SWITCH:
            return isinstance(value, bool)
        case Kind.TEXTS:
            return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        case Kind.VALUES:
            return isinstance(value, dict) and all(isinstance(each, str | int | float) for each in value.values())
        case Kind.ITEMS:
            return isinstance(value, list) and all(_fits(each, Kind.VALUES) for each in value)
        case Kind.NAMES:
            return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _guess(word: Any, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(word), list(known), 1)
    return f"Did you mean `{near[0]}`? " if near else ""


def _known(words: Iterable[str]) -> str:
    return f"Known: {', '.join(words)}."
