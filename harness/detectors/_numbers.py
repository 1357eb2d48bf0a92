"""Numbers that a key or a word before them tells: what the detectors of documents share.

The issuers of most documents give their numbers no form that no other number has. So a number counts where its key,
or
the words before it, name the document, and where its form and check digits are those of that document.
"""

import importlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from harness.detectors.base import Cue, Detector, Match, Window

__all__ = ["Announced", "Kind", "NumberDetector", "by_stdnum"]

_WORDS = (
    "quot|value|is|key|string|integer|real|number|no|id|card|code|was|num|of|for|the|es|el|de|del|ist|der|die"
    "|lautet|est|le"
    "|nummer|nr|numero|num\xe9ro|n\xfamero|\xe8|\xe9|\xe4r|numarası|kodu|номер"
    "|no\\.|n\xb0|n\xba"
)
"""What sentences and syntaxes put between a name and its number."""
_APART = "[_. \\-]?"
_TAIL = rb"(?i:[a-z_.\-]{0,16}[0-9]{0,3})"
_SHORT_TAIL = rb"(?i:(?:[_.\- ]?(?:no|nr|num|number|nummer|numero|id|code|value|card|raw|text)){0,2})"
_INNER = rb"(?:(?:[^A-Za-z0-9]|quot;){0,6}\{(?:[^A-Za-z0-9]|quot;){1,6}[A-Za-z_]{1,16}){0,2}"
_PREFIX = re.compile(rb"[A-Za-z0-9_.\-]{0,32}\Z")
_HEAD = rb"(?:[A-Za-z]{1,6}[ \-./]?)?[0-9]"
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{1,16}[ :.#]{1,3}(?=[A-Za-z0-9])")
_OTHER_KEY = re.compile(
    rb"time|date|_at$|_on$|expir|count|verif|status|enabled|required|valid|token|hash|digest|session|user_?(?:id"
    rb"|name)$|user$"
    rb"|created|updated|length|size|version|visible|hint|label|error|title|screen|index|position|uuid|url|path|image"
    rb"|photo|front|back|upload|method|strategy|issu|last_?(?:4|four)"
)
"""What else of a document is dated, counted, shown or pictured."""
_NATIONS = (
    "us usa american|gb uk british england|de german deutsch|fr french france|it italian italy|es spanish spain"
    "|in indian"
    " india|ca canadian canada|au australian australia|br brazilian brazil|mx mexican mexico|jp japanese japan"
    "|kr korean"
    " korea|cn chinese china|nl dutch netherlands|be belgian belgium|ch swiss|at austrian austria"
    "|se swedish sweden|dk"
    " danish denmark|fi finnish finland|pl polish poland|pt portuguese portugal|ie irish ireland|cz czech"
    "|sk slovak|ro"
    " romanian|bg bulgarian|gr greek greece|hr croatian|si slovenian|ee estonian|lv latvian|lt lithuanian"
    "|tr turkish turkey"
    "|ru russian russia|ua ukrainian|za southafrican|sg singapore|my malaysian|th thai thailand"
    "|ph filipino philippines|pk"
    " pakistani|eg egyptian|ng nigerian nigeria|il israeli israel|ar argentine argentina|cl chilean chile"
    "|pe peruvian peru"
    "|ve venezuelan|ec ecuadorian|co colombian colombia|nz newzealand|hu hungarian|is icelandic"
    "|no norwegian norway|id"
    " indonesian indonesia|tw taiwan|vn vietnam vietnamese|hk hongkong"
)
_ENGLISH = {"no", "is", "id", "my", "at", "it", "be", "in", "co", "ph"}
"""Words, or parts of names that are not about a country, unless they begin a name in capitals."""
_HINTS = {word: row.split()[0] for row in _NATIONS.split("|") for word in row.split()}


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of number, of one issuer."""

    what: str
    """In words: `an Aadhaar number`."""
    form: str
    """How it may be written: an expression, small and capital letters alike."""
    proof: Callable[[str], bool] | None = None
    """Whether its check digits, or the tables that it is made by, hold; None where it has neither."""
    country: str = ""
    names: str = ""
    """How keys and texts call it: alternatives, found anywhere in a name; `~` stands for what may join words."""
    short: str = ""
    """Names that only count as whole words."""
    weak: bool = False
    """Its form says next to nothing, so a general name (`national_id`) is not enough."""
    pattern: re.Pattern[bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compiles the form; nothing may go on behind it."""
        form = rb"(?:%b)(?![A-Za-z0-9]|-[A-Za-z0-9])" % self.form.encode()
        object.__setattr__(self, "pattern", re.compile(form, re.IGNORECASE))

    def is_named(self, key: bytes) -> bool:
        """Whether a key, in small letters, says that it is this one."""
        return bool(self.names and re.search(_expression(self.names), key)) or bool(
            self.short and re.search(rb"(?<![a-z])(?:%b)(?![a-z])" % _expression(self.short), key)
        )


def by_stdnum(name: str) -> Callable[[str], bool]:
    """The proof that a module of python-stdnum gives, loaded when it is first asked for: `in_.aadhaar`."""

    def is_valid(text: str) -> bool:
        return bool(importlib.import_module(f"stdnum.{name}").is_valid(text))

    return is_valid


def _expression(names: str) -> bytes:
    return names.replace("~", _APART).encode()


def _alternatives(names: Sequence[str]) -> list[bytes]:
    """Each name by itself: a bar within brackets parts none."""
    out, depth = [""], 0
    for character in "|".join(names):
        depth += (character in "([") - (character in ")]")
        if character == "|" and not depth:
            out.append("")
        else:
            out[-1] += character
    return [_expression(each) for each in dict.fromkeys(out) if each]


def _parts(names: Sequence[bytes]) -> Iterator[bytes]:
    """Alternatives, a few at a time: the engine takes no expression of hundreds."""
    for start in range(0, len(names), _FEW):
        yield b"|".join(names[start : start + _FEW])


_FEW = 24
_FIRST_DIGIT = rb"[^0-9]{1,64}[0-9]"
_JOINT = re.compile(rb"(?<=[a-z])(?=[A-Z])")


class Announced:
    """Numbers behind a name, as keys and as sentences have it; its cue fires inside the number.

    The form is that of `Keyed`, with more words in between and names of two sorts: long ones that count anywhere in a
    key, and short ones that must stand alone.
    """

    def __init__(self, names: Sequence[str], short: Sequence[str] = (), *, head: bytes = _HEAD) -> None:
        """Takes alternatives of names, and the first bytes of a number."""
        told, lone = _alternatives(names), _alternatives(short)
        humps = sorted({form for each in lone if each.isalpha() for form in (each.capitalize(), each.upper())})
        rule = rb"(?i:%b)%b" % (b"|".join(told), _TAIL)
        self._cues = [rb"(?i:%b)[^0-9]{0,16}[0-9]{0,3}%b" % (part, _FIRST_DIGIT) for part in _parts(told)]
        if lone:
            alone, hump = b"|".join(lone), b"|".join(humps)
            rule += rb"|(?:(?<![A-Za-z])(?i:%b)|[a-z](?:%b))%b(?![A-Za-z0-9])" % (alone, hump, _SHORT_TAIL)
            ending = rb"%b[^A-Za-z0-9][^0-9]{0,64}[0-9]" % _SHORT_TAIL
            self._cues += [rb"(?:^|[^A-Za-z])(?i:%b)%b" % (part, ending) for part in _parts(lone)]
            self._cues += [rb"[a-z](?:%b)%b" % (part, ending) for part in _parts(humps)]
        words = rb"(?:(?i:%b)[^A-Za-z0-9]{1,8}?){0,4}" % _WORDS.encode()
        self._rule = re.compile(rb"(?P<key>(?:%b)%b)[^A-Za-z0-9]{1,10}?%b(?=%b)" % (rule, _INNER, words, head))

    def cues(self, *, after: int = 64) -> tuple[Cue, ...]:
        """They fire at the first digit behind a name, which is in the number."""
        return tuple(Cue(each, before=32, after=after) for each in self._cues)

    def values(self, window: Window) -> Iterator[tuple[bytes, int]]:
        """The whole key as it is written, and where its number starts, for those that start in the window."""
        low, high = max(window.floor, window.start - _REACH), min(window.ceiling, window.end + 32)
        for found in self._rule.finditer(window.buffer, low, high):
            if window.start <= found.end() < window.end:
                before = bytes(window.buffer[max(window.floor, found.start() - 32) : found.start()])
                prefix = _PREFIX.search(before)
                yield (prefix[0] if prefix else b"") + found["key"], found.end()


_REACH = 192
"""Longer than the longest key, and what stands between it and its number."""


_BACK = 64
"""A number may begin with a name (`mrn: MRN-123…`): those that begin before a window are read too, to tell."""


class NumberDetector(Detector):
    """The numbers of some kinds, under the names of their kinds or under a general name."""

    kinds: ClassVar[tuple[Kind, ...]]
    keys: ClassVar[Announced]
    pattern = re.compile(rb"(?<![0-9])[0-9]+")
    """Some digits of it; where it begins is for `confirm` to say."""

    def confirm(self, window: Window) -> Iterator[Match]:
        """The first kind that a number fits, the surest first."""
        free = 0
        wide = replace(window, start=max(window.floor, window.start - _BACK))
        for key, at in self.keys.values(wide):
            judged = None if self.is_other(key) else self.announced(key, window, at)
            if judged is not None and judged.start >= free:
                free = judged.end
                if free > window.start:
                    yield judged

    def is_other(self, key: bytes) -> bool:
        """Whether a key speaks of something else about the document."""
        return _OTHER_KEY.search(_JOINT.sub(b"_", key).lower()) is not None

    def announced(self, key: bytes, window: Window, at: int) -> Match | None:
        """The number that begins there, or behind the next words."""
        named, kinds = self.wanted(_JOINT.sub(b"_", key))
        for start in _starts(window, at):
            for kind in kinds:
                found = kind.pattern.match(window.buffer, start, window.ceiling)
                if found is None or not _holds(kind, found[0]):
                    continue
                confidence = (0.85, 0.95)[named] if kind.proof else (0.6, 0.75)[named]
                why = f"has the form of {kind.what}", "its key or the words before it name it"
                return Match(
                    start, found.end(), confidence, (*why, "what must hold in it does") if kind.proof else why
                )
        return None

    def wanted(self, key: bytes) -> tuple[bool, list[Kind]]:
        """Whether a key names kinds, and those; else all kinds of the country that it names, or of any."""
        small = key.lower()
        named = [kind for kind in self.kinds if kind.is_named(small)]
        hint = _country(key)
        if named:
            return True, [kind for kind in named if kind.country == hint] or named
        general = [kind for kind in self.kinds if not kind.weak and hint in {"", kind.country}]
        return bool(hint), sorted(general, key=lambda kind: kind.proof is None)

    def normalise(self, value: bytes) -> bytes:
        """Letters and digits only, in capitals."""
        return re.sub(rb"[^A-Za-z0-9\x80-\xff]", b"", value).upper()


def _starts(window: Window, at: int) -> Iterator[int]:
    yield at
    for _ in range(4):
        found = _WORD.match(window.buffer, at, window.ceiling)
        if found is None:
            return
        at = found.end()
        yield at


def _holds(kind: Kind, value: bytes) -> bool:
    text = value.decode("ascii", "replace")
    marks = {each for each in text if each.isalnum()}
    if len(marks) == 1 or (kind.proof is None and text in "01234567890123456789"):
        return False  # nobody's
    return kind.proof is None or kind.proof(text.upper())


def _country(key: bytes) -> str:
    """The country that a key names; empty where it names none."""
    for number, word in enumerate(re.findall(r"[A-Za-z]+", key.decode("ascii", "replace"))):
        hint = _HINTS.get(word.lower(), "")
        if hint and (word.lower() not in _ENGLISH or (number == 0 and word.isupper())):
            return hint
    return ""
