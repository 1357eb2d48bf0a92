"""The seeded person: values that we planted, so that finding one needs no guess."""

from harness.persona.invented import demo_persona, new_persona
from harness.persona.person import FIELD_MASKS, FIELD_TYPES, Persona, load_persona, type_of

__all__ = ["FIELD_MASKS", "FIELD_TYPES", "Persona", "demo_persona", "load_persona", "new_persona", "type_of"]
