"""Finds the seeded person: exact literals, so that a hit needs no guess and no threshold.

Three searches make one: literals in the multi-pattern engine, digests in a table, and cues of masks and of keys
behind which a short piece of a value counts. Of literals that contain each other the engine gets the shortest alone;
the others are compared where it is found.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.model import Buffer
from harness.persona import Persona
from harness.persona.context import TELLING, Part, parts_of
from harness.persona.forms import Form, forms_of
from harness.persona.masks import CUES, Masks, surviving
from harness.scan.digest_runs import DigestRuns, is_chance
from harness.scan.engine import Expression, compile_cues

__all__ = ["Traced", "Tracer", "tells"]


@dataclass(frozen=True, slots=True)
class Traced:
    """One occurrence of a form."""

    start: int
    end: int
    form: Form = field(repr=False)
    sure: bool = True
    """False where chance may have given it, and nothing near says otherwise."""
    shown: tuple[int, ...] = ()
    """Of a masked value: places of its characters that show."""


@dataclass(frozen=True, slots=True)
class _Key:
    """One literal of the engine, and the forms that hold it, each with where it is in them."""

    literal: bytes = field(repr=False)
    caseless: bool
    forms: list[tuple[int, Form]] = field(repr=False)


class Tracer:
    """Every form of one persona, searched in one pass."""

    def __init__(self, persona: Persona, salts: Sequence[bytes] = ()) -> None:
        """`salts` are constants of SDKs that a digest may be salted with."""
        self._values = dict(persona.items())
        forms = forms_of(persona.items(), salts)
        self._keys = _keys([form for form in forms if not form.is_printed_digest])
        self._runs = DigestRuns(form for form in forms if form.is_printed_digest)
        self._masks = Masks(persona.items())
        self._parts: dict[bytes, list[Part]] = {}
        for part in (part for name, value in persona.items() for part in parts_of(name, value)):
            for key in part.keys:
                self._parts.setdefault(key, []).append(part)
        self._told = list(self._parts)
        self._engine = compile_cues(
            [
                *(Expression(_literal(key.literal), key.caseless) for key in self._keys),
                *(Expression(_literal(key), caseless=True) for key in self._told),
                *(Expression(cue, caseless) for cue, caseless in (CUES if self._values else ())),
            ],
            keep=False,
        )

    def value(self, persona_field: str) -> bytes:
        """The seeded value of a field, for its mask and fingerprint."""
        return self._values[persona_field].encode()

    def ends(self, buffer: Buffer, length: int) -> list[tuple[int, Form]]:
        """End offset and form of each literal, whatever surrounds it: enough to become suspicious."""
        return [(each.end, each.form) for each in self._found(buffer, length)]

    def occurrences(self, buffer: Buffer, length: int) -> Iterator[Traced]:
        """Each occurrence that stands on its own, where its form asks for that."""
        found = [
            each for each in self._found(buffer, length) if not each.form.bounded or _is_whole(each, buffer, length)
        ]
        firm = sorted((each.start, each.end, each.form.persona_field) for each in found if not each.form.thin)
        axes = sorted((each.start, each.form.spelling[:3]) for each in found if each.form.persona_field == "location")
        for each in found:
            if each.form.thin and not self._is_backed(each, buffer, length, firm, axes):
                yield replace(each, sure=False)
            else:
                yield each

    # -- what the engine gives ---------------------------------------------------------------------

    def _found(self, buffer: Buffer, length: int) -> Iterator[Traced]:
        masked = 0
        for end, number in self._engine.scan(buffer, length):
            if number < len(self._keys):
                yield from self._spelled(self._keys[number], buffer, end, length)
            elif number < len(self._keys) + len(self._told):
                yield from self._behind(self._told[number - len(self._keys)], buffer, end, length)
            elif end > masked:
                mask = self._masked(buffer, end, length)
                if mask is not None:
                    masked = mask.end
                    yield mask
        for start, end, form in self._runs.find(buffer, length):
            yield Traced(start, end, _cut(form, end - start))

    def _spelled(self, key: _Key, buffer: Buffer, end: int, length: int) -> Iterator[Traced]:
        for within, form in key.forms:
            start = end - len(key.literal) - within
            stop = start + len(form.literal)
            if start < 0 or stop > length:
                continue
            if len(form.literal) > len(key.literal):
                text = bytes(buffer[start:stop])
                if (text.lower() if form.caseless else text) != (
                    form.literal.lower() if form.caseless else form.literal
                ):
                    continue
            yield Traced(start, stop, form)

    def _behind(self, key: bytes, buffer: Buffer, end: int, length: int) -> Iterator[Traced]:
        """Pieces of a value that stand alone behind their key, with nothing but a few marks between."""
        ceiling = min(length, end + _BEHIND)
        text = bytes(buffer[end:ceiling])
        stop = text.find(_LEAF_END)
        low = (text[:stop] if stop >= 0 else text).lower()
        for part in self._parts[key]:
            wanted = part.text.lower()
            at = low.find(wanted)
            if at < 0 or not _stands_alone(buffer, end + at, end + at + len(wanted), length):
                continue
            shown = surviving(self._values[part.persona_field], part.text.decode())
            form = Form(part.persona_field, part.spelling, (), part.text, caseless=True, bounded=True)
            is_masked = part.spelling.startswith("masked")
            yield Traced(end + at, end + at + len(wanted), form, shown=shown if is_masked else ())

    def _masked(self, buffer: Buffer, end: int, length: int) -> Traced | None:
        low = max(0, end - _BEFORE)
        before = bytes(buffer[low:end])
        floor = low + 1 + max(before.rfind(_KEY_END), before.rfind(_LEAF_END))
        behind = bytes(buffer[end : min(length, end + _BEHIND)])
        stops = [at for at in (behind.find(_LEAF_END), behind.find(_KEY_END)) if at >= 0]
        ceiling = end + min([len(behind), *stops])
        named = before[before.rfind(_LEAF_END) + 1 : max(0, floor - low - 1)]
        found = self._masks.at(buffer, end, max(floor, 0), ceiling, before=named)
        if found is None:
            return None
        form = Form(found.persona_field, "masked", (), bytes(buffer[found.start : found.end]), bounded=True)
        return Traced(found.start, found.end, form, shown=found.shown)

    # -- whether what is thin counts -----------------------------------------------------------------

    def _is_backed(
        self,
        each: Traced,
        buffer: Buffer,
        length: int,
        firm: Sequence[tuple[int, int, str]],
        axes: Sequence[tuple[int, str]],
    ) -> bool:
        """Whether a key that tells of its field stands before it, or another value of the person near it."""
        low = max(0, each.start - _BEFORE)
        before = bytes(buffer[low : each.start])
        before = before[before.rfind(_LEAF_END) + 1 :]
        if tells(each.form, before):
            return True
        after = bytes(buffer[each.end : min(length, each.end + _BEFORE)])
        stop = after.find(_LEAF_END)
        low, high = each.start - len(before), each.end + (stop if stop >= 0 else len(after))
        at = bisect_left(firm, (low,))
        if any(start <= high for start, _, _ in firm[at : at + 1]):
            return True
        at = bisect_left(axes, (low,))
        kinds = {axis for start, axis in axes[at : at + _FEW] if start <= high}
        return each.form.persona_field == "location" and {"lat", "lon"} <= kinds


def tells(form: Form, names: bytes) -> bool:
    """Whether names of keys make it a value of its field: pieces of a name are pieces of other people's, too."""
    if form.spelling in _PIECES:
        return False
    telling = TELLING.get(form.persona_field)
    return bool(telling.search(names)) if telling else form.persona_field.lower().encode() in names.lower()


_PIECES = frozenset({"first name", "last name", "local part", "local part without plus tag"})
_BEHIND = 48
_BEFORE = 160
"""Bytes."""
_FEW = 16
_SELECTIVE = 24
"""Bytes of a literal that are enough for the engine; the rest is compared."""
_KEY_END, _LEAF_END = b"\x1f", b"\x1e"
"""What ends a name and a value where values are joined to be searched."""


def _keys(forms: Iterable[Form]) -> list[_Key]:
    """The shortest literals: what holds one of the same field and layers is found with it."""
    groups: dict[tuple[str, tuple[str, ...], bool, bool], list[Form]] = {}
    for form in forms:
        groups.setdefault((form.persona_field, form.layers, form.caseless, form.is_digest), []).append(form)
    keys: list[_Key] = []
    for (_, _, caseless, is_digest), group in groups.items():
        shortest: list[_Key] = []
        for form in sorted(group, key=lambda each: len(each.literal)):
            literal = form.literal.lower() if caseless else form.literal
            for key in () if is_digest else shortest:
                at = literal.find(key.literal)
                if at >= 0:
                    key.forms.append((at, form))
                    break
            else:
                shortest.append(_Key(literal[:_SELECTIVE], caseless, [(0, form)]))
        keys += shortest
    return keys


def _cut(form: Form, digits: int) -> Form:
    """As it was found: all of the digest, or so many digits of it."""
    if digits == len(form.literal):
        return form
    name, _, rest = form.spelling.partition(":")
    return replace(
        form,
        spelling=":".join(filter(None, (name, rest, f"cut to {digits}"))),
        literal=form.literal[:digits],
        bounded=True,
    )


def _literal(raw: bytes) -> bytes:
    """As an expression: the pure-literal interface of the engine refuses NUL bytes."""
    return ("\\x" + raw.hex("x").replace("x", "\\x")).encode()


_BEFORE_A_DOMAIN = frozenset({"local part", "local part without plus tag", "dots", "underscore", "hyphens", "joined"})
"""Spellings that are another address where a domain follows: the person's own is a form of its own."""


def _is_whole(each: Traced, buffer: Buffer, length: int) -> bool:
    """No longer word or number, no address at another domain, and no few digits of a longer row."""
    if each.form.spelling in _BEFORE_A_DOMAIN and bytes(buffer[each.end : min(length, each.end + 1)]) == b"@":
        return False
    if each.form.is_printed_digest:
        return not is_chance(buffer, each.start, each.end, length)
    return _stands_alone(buffer, each.start, each.end, length)


def _stands_alone(buffer: Buffer, start: int, end: int, length: int) -> bool:
    before = buffer[start - 1] if start else 0x20
    after = buffer[end] if end < length else 0x20
    return not (_same_kind(before, buffer[start]) or _same_kind(buffer[end - 1], after))


def _same_kind(left: int, right: int) -> bool:
    """Two digits, or two letters: one word or number goes on."""
    return bytes((left, right)).isdigit() or bytes((left, right)).isalpha()
