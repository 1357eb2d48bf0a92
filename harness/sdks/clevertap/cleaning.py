"""What the SDK does to names and values that an app pushes, before it queues them."""

import math
from collections.abc import Mapping
from typing import TypeAlias

from harness.sdks.clevertap.identity import clean_key, clean_value

__all__ = ["RESTRICTED", "Error", "Property", "clean_event_name", "clean_properties", "restricted"]

Property: TypeAlias = str | int | float | bool

LONGEST_KEY = 120
LONGEST_VALUE = 512
RESTRICTED = frozenset(
    {
        "stayed", "notification clicked", "notification viewed", "utm visited", "notification sent", "app launched",
        "wzrk_d", "app uninstalled", "notification bounced", "geocluster entered", "geocluster exited",
    }
)  # fmt: skip
"""Events that only the SDK and the server may raise."""

Error: TypeAlias = tuple[int, str]
"""A code and its text, which may hold what the app pushed: it goes out as `wzrk_error` of the event."""


def clean_event_name(name: str) -> tuple[str, Error | None]:
    """An event's name as it is queued; empty where there is nothing left."""
    text = clean_key(_characters(name)).replace(".", "").strip()
    return _shortened(text, LONGEST_VALUE, 510)


def restricted(name: str) -> Error | None:
    """Why an app may not raise an event of this name."""
    if name.lower() not in RESTRICTED:
        return None
    return 513, f"{name} is a restricted event name. Last event aborted."


def clean_properties(properties: Mapping[str, Property]) -> tuple[dict[str, Property], Error | None]:
    """Properties as they are queued, and the last complaint about them.

    What is no number of JSON's is left out, as is what has no name.
    """
    kept: dict[str, Property] = {}
    complaint: Error | None = None
    for name, value in properties.items():
        key, error = _shortened(clean_key(_characters(name)).strip(), LONGEST_KEY, 520)
        complaint = error or complaint
        if not key or (isinstance(value, float) and not math.isfinite(value)):
            continue
        if isinstance(value, str):
            value, error = _shortened(clean_value(_characters(value)).strip(), LONGEST_VALUE, 521)  # noqa: PLW2901
            complaint = error or complaint
        kept[key] = value
    return kept, complaint


def _characters(text: str) -> str:
    """Without halves of surrogate pairs, which no encoder of Java's writes."""
    return text.encode("utf-8", "replace").decode()


def _shortened(text: str, longest: int, code: int) -> tuple[str, Error | None]:
    """The SDK says in full what it shortens."""
    if len(text) <= longest:
        return text, None
    return text[:longest].strip(), (code, f"{text}... exceeds the limit of {longest} characters. Trimmed")
