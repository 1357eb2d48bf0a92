"""Check digits and tables of issue that python-stdnum does not have, or not for bytes."""

import re
from datetime import date
from itertools import cycle

__all__ = [
    "INDIAN_STATES",
    "is_date",
    "is_luhn",
    "is_mrz_checked",
    "is_nino",
    "mrz_digit",
    "squeezed",
    "weighted",
]

INDIAN_STATES = frozenset(
    re.findall(
        "[A-Z]{2}",
        "AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TN TR TS"
        " UK UP UA WB",
    )
)
"""As their transport offices write them, those of before included."""

_ORDER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def squeezed(text: str) -> str:
    """Letters and digits only, in capitals."""
    return re.sub(r"[^A-Za-z0-9]", "", text).upper()


def weighted(text: str, weights: tuple[int, ...]) -> int:
    """The sum of digits, each times its weight, over and over; letters count from ten."""
    return sum(_ORDER.index(each) * weight for each, weight in zip(text, cycle(weights), strict=False))


def is_luhn(value: bytes) -> bool:
    """The check of ISO/IEC 7812, over the digits of a value."""
    numbers = [each - 48 for each in value if 48 <= each <= 57]
    doubled = sum(each * 2 - 9 if each > 4 else each * 2 for each in numbers[-2::-2])
    return (sum(numbers[-1::-2]) + doubled) % 10 == 0


def mrz_digit(text: str) -> int:
    """The check digit of ICAO 9303, part 3: weights 7, 3, 1; letters count from ten, a filler nothing."""
    return weighted(text.replace("<", "0"), (7, 3, 1)) % 10


def is_mrz_checked(text: str) -> bool:
    """Whether the last character is the check digit of those before."""
    return text[-1:].isdigit() and mrz_digit(text[:-1]) == int(text[-1])


def is_date(year: int, month: int, day: int) -> bool:
    """Whether that day was or will be; a year of two digits is one of this century or the last."""
    try:
        date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return False
    return True


def is_nino(text: str) -> bool:
    """A British national insurance number: letters that are given out (HMRC, NIM39110)."""
    number = squeezed(text)
    found = re.fullmatch(r"([A-CEGHJ-PR-TW-Z])([A-CEGHJ-NPR-TW-Z])[0-9]{6}[A-D]?", number)
    return found is not None and number[:2] not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}
