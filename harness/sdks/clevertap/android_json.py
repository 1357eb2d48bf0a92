"""JSON to the byte as Android writes it, and the order in which Java's hash tables hand out their names.

Sources: AOSP, libcore/json `JSONStringer` and `JSONObject` (Android 10), and `java.util.HashMap` of OpenJDK 8 (since
Android 7) and of Harmony (until Android 6).
"""

import math
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any

from harness.errors import FormatError

__all__ = ["dumps", "hash_order", "java_double", "string_hash"]

_DEEPEST = 100
"""Nothing that an SDK stores is nested deeper."""

_INT = 0xFFFFFFFF
_LONGEST = (1 << 63) - 1
_OPENJDK = 24
"""The first API level whose `HashMap` is that of OpenJDK."""


# -- text ----------------------------------------------------------------------------------------


def dumps(value: Any) -> str:
    """A value as `JSONObject.toString` writes it: members in their order, those that are None left out.

    Raises:
        FormatError: there is no JSON for it on Android: a number that is none, or a value of no JSON type.
    """
    out: list[str] = []
    _write(value, out, 0)
    return "".join(out)


def _write(value: Any, out: list[str], depth: int) -> None:
    if depth > _DEEPEST:
        raise FormatError(f"JSON of more than {_DEEPEST} levels")
    match value:
        case str():
            out.append(_quoted(value))
        case bool():
            out.append("true" if value else "false")
        case int():
            out.append(int.__repr__(value))
        case float():
            out.append(_number(value))
        case None:
            out.append("null")
        case dict() | Mapping():
            _write_members(value, out, depth)
        case list() | tuple():
            for index, item in enumerate(value):
                out.append("," if index else "[")
                _write(item, out, depth + 1)
            out.append("]" if value else "[]")
        case _:
            raise FormatError("a value that JSON has no type for")


def _write_members(value: Mapping[Any, Any], out: list[str], depth: int) -> None:
    lead = "{"
    for name, member in value.items():
        if member is None:  # `put` of null removes the name
            continue
        out.append(f"{lead}{_quoted(str(name))}:")
        _write(member, out, depth + 1)
        lead = ","
    out.append("}" if lead == "," else "{}")


def _quoted(text: str) -> str:
    """`JSONStringer` escapes what every writer must, in the same forms, and slashes; nothing else."""
    return encode_basestring(text).replace("/", "\\/")


def _number(value: float) -> str:
    """As `JSONObject.numberToString`: without a fraction where there is none."""
    if not math.isfinite(value):
        raise FormatError("a number that JSON cannot say")
    if value == 0 and math.copysign(1, value) < 0:
        return "-0"
    whole = max(-_LONGEST - 1, min(_LONGEST, int(value)))  # as Java's cast to long, which stops at its ends
    return str(whole) if float(whole) == value else java_double(value)


def java_double(value: float) -> str:
    """As `Double.toString`, in the fewest digits that tell the number.

    Releases before Android 7 and JDKs before 19 write one digit more for a few numbers; those are not modelled.
    """
    if not math.isfinite(value):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    sign = "-" if math.copysign(1, value) < 0 else ""
    digits, exponent = _digits(abs(value))
    if -3 <= exponent < 7:
        whole = digits[: exponent + 1].ljust(exponent + 1, "0") if exponent >= 0 else "0"
        fraction = digits[exponent + 1 :] if exponent >= 0 else "0" * (-exponent - 1) + digits
        return f"{sign}{whole}.{fraction or '0'}"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _digits(value: float) -> tuple[str, int]:
    """The digits of a number, and the power of ten of the first of them."""
    mantissa, _, power = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return "0", 0
    leading = len(whole + fraction) - len(digits)
    return digits.rstrip("0"), int(power or 0) + len(whole) - 1 - leading


# -- order ---------------------------------------------------------------------------------------


def string_hash(text: str) -> int:
    """`String.hashCode`, over UTF-16 code units, as 32 bits without sign."""
    data = text.encode("utf-16-be", "surrogatepass")
    result = 0
    for at in range(0, len(data), 2):
        result = (31 * result + (data[at] << 8 | data[at + 1])) & _INT
    return result


def hash_order(names: Iterable[str], *, copied: bool = False, api: int = 34) -> list[str]:
    """The order in which a `HashMap` hands out names that were put into it in the order given.

    Args:
        names: in the order of insertion; a name that comes again keeps its place.
        copied: the map was made from another one, so that its table is sized for them at once: 8 places for 5 names,
            where a map that grew has 16, and 32 for 12.
        api: Android 6 (API level 23) and older have another table: other hashes, and what collides comes last first.

    A bin of more than eight names becomes a tree with an order of its own, which is left out: one in 4,000 maps of
    up to 150 random names has one.
    """
    held = list(dict.fromkeys(names))
    spread, size = (_spread, _table_size) if api >= _OPENJDK else (_harmony_spread, _harmony_table_size)
    mask = size(len(held), copied) - 1
    if api < _OPENJDK:
        held.reverse()
    return sorted(held, key=lambda name: spread(string_hash(name)) & mask)


def _spread(code: int) -> int:
    return code ^ code >> 16


def _table_size(count: int, copied: bool) -> int:
    """It doubles when more than three quarters are full; a copy is asked for 4/3 of its count, and one more."""
    return _first(lambda size: size > count * 4 // 3 if copied else count * 4 <= size * 3, 1 if copied else 16)


def _harmony_spread(code: int) -> int:
    code = (code + ((code << 15 & _INT) ^ 0xFFFFCD7D)) & _INT
    code ^= code >> 10
    code = (code + (code << 3)) & _INT
    code ^= code >> 6
    code = (code + (code << 2) + (code << 14)) & _INT
    return code ^ code >> 16


def _harmony_table_size(count: int, copied: bool) -> int:
    """It begins with 4 and doubles when one more than three quarters are full; a copy gets room for 3/2 of it."""
    return _first(lambda size: size >= count * 3 // 2 if copied else count <= size * 3 // 4 + 1, 4)


def _first(fits: Callable[[int], bool], size: int) -> int:
    while not fits(size):
        size *= 2
    return size
