"""Finds the seeded person: exact literals, so that a hit needs no guess and no threshold."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.model import Buffer
from harness.persona import Persona
from harness.persona.forms import Form, forms_of
from harness.scan.engine import Expression, compile_cues

__all__ = ["Traced", "Tracer"]


@dataclass(frozen=True, slots=True)
class Traced:
    """One occurrence of a form."""

    start: int
    end: int
    form: Form = field(repr=False)


class Tracer:
    """Every form of one persona, searched in one pass."""

    def __init__(self, persona: Persona) -> None:
        self._values = dict(persona.items())
        self._forms = forms_of(persona.items())
        self._engine = compile_cues(
            [Expression(_literal(form.literal), form.caseless) for form in self._forms], keep=False
        )

    def value(self, persona_field: str) -> bytes:
        """The seeded value of a field, for its mask and fingerprint."""
        return self._values[persona_field].encode()

    def ends(self, buffer: Buffer, length: int) -> list[tuple[int, Form]]:
        """End offset and form of each literal, whatever surrounds it: enough to become suspicious."""
        return [(end, self._forms[number]) for end, number in self._engine.scan(buffer, length)]

    def occurrences(self, buffer: Buffer, length: int) -> Iterator[Traced]:
        """Each occurrence that stands on its own, where its form asks for that."""
        for end, form in self.ends(buffer, length):
            start = end - len(form.literal)
            if not form.bounded or _stands_alone(buffer, start, end, length):
                yield Traced(start, end, form)


def _literal(raw: bytes) -> bytes:
    """As an expression: the pure-literal interface of the engine refuses NUL bytes."""
    return b"".join(b"\\x%02x" % byte for byte in raw)


def _stands_alone(buffer: Buffer, start: int, end: int, length: int) -> bool:
    before = buffer[start - 1] if start else 0x20
    after = buffer[end] if end < length else 0x20
    return not (_same_kind(before, buffer[start]) or _same_kind(buffer[end - 1], after))


def _same_kind(left: int, right: int) -> bool:
    """Two digits, or two letters: one word or number goes on."""
    return bytes((left, right)).isdigit() or bytes((left, right)).isalpha()
