"""The seeded person: values that we planted, so that finding one needs no guess."""

from harness.persona.invented import demo_persona, new_persona
from harness.persona.person import FIELD_MASKS, FIELD_TYPES, Persona, doubts, load_persona, type_of

__all__ = [
    "FIELD_MASKS",
    "FIELD_TYPES",
    "Persona",
    "demo_persona",
    "doubts",
    "load_persona",
    "new_persona",
    "type_of",
]
