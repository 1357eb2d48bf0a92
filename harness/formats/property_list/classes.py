"""Foundation's own classes in a keyed archive: which field holds what an object is, and what it says.

Read are the names that Foundation, swift-corelibs-foundation and GNUstep write. An object of any other class keeps
its fields and the name of its class.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias
from uuid import UUID

from harness.formats._apple_time import moment
from harness.model import Scalar

__all__ = ["SHAPES", "Reader", "Shape", "Simple", "decimal", "is_plain", "simple_of"]

Reader: TypeAlias = Callable[[Scalar], Scalar]
_MUTABLE = "NSMutable"


class Shape(Enum):
    """How the objects of a class are put together."""

    MAP = auto()
    """Keys and values, in two arrays or in numbered fields."""
    ROW = auto()
    """Values, in an array or in numbered fields."""
    NUMBER = auto()
    """A decimal number, in several fields."""
    NOTHING = auto()
    """There is one object of the class, and it says nothing."""


@dataclass(frozen=True, slots=True)
class Simple:
    """A class whose objects stand for one value."""

    fields: tuple[str, ...]
    """Where it is: the first of them that is there."""
    read: Reader


def _as_it_is(value: Scalar) -> Scalar:
    return value


def _uuid(value: Scalar) -> Scalar:
    return str(UUID(bytes=value)).upper() if isinstance(value, bytes) and len(value) == 16 else value


def _text(value: Scalar) -> Scalar:
    """Text that is kept as bytes of UTF-8."""
    try:
        return value.decode("utf-8") if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value


_SIMPLE: Mapping[str, Simple] = {
    "NSAttributedString": Simple(("NSString",), _text),
    "NSData": Simple(("NS.data", "NS.bytes"), _as_it_is),
    "NSDate": Simple(("NS.time",), moment),
    "NSLocale": Simple(("NS.identifier",), _as_it_is),
    "NSNumber": Simple(("NS.intval", "NS.dblval", "NS.floatval", "NS.boolval", "NS.number"), _as_it_is),
    "NSString": Simple(("NS.string", "NS.bytes"), _text),
    "NSTimeZone": Simple(("NS.name",), _as_it_is),
    "NSURL": Simple(("NS.relative",), _as_it_is),
    "NSUUID": Simple(("NS.uuidbytes", "uuid"), _uuid),
}
SHAPES: Mapping[str, Shape] = {
    "NSArray": Shape.ROW,
    "NSCountedSet": Shape.ROW,
    "NSDecimalNumber": Shape.NUMBER,
    "NSDictionary": Shape.MAP,
    "NSNull": Shape.NOTHING,
    "NSOrderedSet": Shape.ROW,
    "NSSet": Shape.ROW,
}
"""Classes whose objects are more than one field."""


def simple_of(name: str) -> Simple | None:
    """How a class stands for one value; None where it does not."""
    return _SIMPLE.get(name)


def is_plain(name: str) -> bool:
    """Whether a class says nothing that its contents do not say themselves."""
    base = "NS" + name.removeprefix(_MUTABLE) if name.startswith(_MUTABLE) else name
    return base in _SIMPLE or base in SHAPES


def decimal(fields: Mapping[str, Scalar]) -> Scalar:
    """An `NSDecimalNumber`, exactly: a whole number as one, any other as its digits; None where it cannot be told."""
    mantissa, exponent, words = (fields.get(f"NS.{name}") for name in ("mantissa", "exponent", "length"))
    if not isinstance(mantissa, bytes) or not isinstance(exponent, int) or not isinstance(words, int):
        return None
    if not (0 <= words <= 8 and len(mantissa) >= 2 * words and -128 <= exponent <= 127):
        return None
    order = "big" if fields.get("NS.mantissa.bo") == 2 else "little"
    parts = (int.from_bytes(mantissa[2 * n : 2 * n + 2], order) for n in range(words))  # type: ignore[arg-type]
    whole = sum(part << 16 * n for n, part in enumerate(parts))
    if exponent >= 0:
        return (-whole if fields.get("NS.negative") else whole) * int(10**exponent)
    digits = str(whole).rjust(1 - exponent, "0")
    return f"{'-' if fields.get('NS.negative') else ''}{digits[:exponent]}.{digits[exponent:]}"
