"""How one value is written: numbers grouped in other ways, dates in other orders, names joined and turned round."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

__all__ = ["spellings_of"]


def spellings_of(name: str, value: str) -> Iterator[tuple[str, str]]:
    """What a spelling is called, and the text; the value itself is `plain`.

    Args:
        name: of the persona field.
        value: as `Persona.items` gives it.
    """
    if name != "location":
        yield "plain", value
    match name:
        case "phone":
            yield from _phone(value)
        case "card" | "ssn":
            yield from _grouped(name, value)
        case "date_of_birth":
            yield from _dates(value)
        case "address":
            yield from _address(value)
        case "name":
            yield from _names(value)
        case "location":
            yield from _degrees(value)
        case "advertising_id":
            yield "joined", value.replace("-", "")
    if not value.isascii():
        yield from _other_letters(value)


def _other_letters(value: str) -> Iterator[tuple[str, str]]:
    """An engine folds the case of ASCII only, and marks may stand apart from their letters."""
    for called, text in (
        ("upper case", value.upper()),
        ("lower case", value.lower()),
        ("composed", unicodedata.normalize("NFC", value)),
        ("decomposed", unicodedata.normalize("NFD", value)),
        ("without marks", _without_marks(value)),
    ):
        if text != value:
            yield called, text


def _without_marks(value: str) -> str:
    apart = unicodedata.normalize("NFD", value)
    return "".join(character for character in apart if not unicodedata.combining(character))


def _names(value: str) -> Iterator[tuple[str, str]]:
    words = value.split()
    if len(words) > 1:
        yield "reversed", f"{words[-1]}, {' '.join(words[:-1])}"
        yield "turned", f"{words[-1]} {' '.join(words[:-1])}"
        yield "joined", "".join(words)
        yield "underscore", "_".join(words)


def _address(value: str) -> Iterator[tuple[str, str]]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    street = parts[0] if parts else ""
    if re.search(r"\d", street) and " " in street:
        yield "street", street
    if len(parts) > 1:
        yield "lines", "\n".join(parts)
        yield "blanks", " ".join(parts)


def _phone(value: str) -> Iterator[tuple[str, str]]:
    digits = re.sub(r"\D", "", value)
    yield "digits", digits
    if not value.lstrip().startswith("+"):
        return
    yield "e164", f"+{digits}"
    yield "double zero", f"00{digits}"
    if digits.startswith("1") and len(digits) == 11:
        area, office, line = digits[1:4], digits[4:7], digits[7:]
        yield "national", area + office + line
        yield "national hyphens", f"{area}-{office}-{line}"
        yield "national brackets", f"({area}) {office}-{line}"
        yield "national dots", f"{area}.{office}.{line}"
        yield "national blanks", f"{area} {office} {line}"
        yield "country and hyphens", f"+1-{area}-{office}-{line}"
        return
    code = re.match(r"\s*\+(\d{1,3})\D", value)
    if code is None:
        yield "national", digits[-9:]
        return
    # A blank behind the country code says how long it is; in most countries a zero then leads at home.
    rest = value[code.end() - 1 :].strip(" -./")
    yield "national", re.sub(r"\D", "", rest)
    yield "national zero", "0" + re.sub(r"\D", "", rest)
    yield "national zero blanks", f"0{rest}"
    yield "zero in brackets", f"+{code[1]} (0){rest}"
    yield "country and hyphens", f"+{code[1]}-{rest.replace(' ', '-')}"


def _grouped(name: str, value: str) -> Iterator[tuple[str, str]]:
    digits = re.sub(r"\D", "", value)
    yield "digits", digits
    sizes = (3, 2, 4) if name == "ssn" else (4, 6, 5) if len(digits) == 15 else (4,) * (len(digits) // 4)
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at : at + size])
        at += size
    yield "hyphens", "-".join(groups)
    yield "blanks", " ".join(groups)


def _dates(value: str) -> Iterator[tuple[str, str]]:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return
    for order in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%Y%m%d", "%Y.%m.%d"):
        yield order.replace("%", ""), day.strftime(order)
    short = (day.day, day.month, day.year)
    yield "d.m.Y short", "{}.{}.{}".format(*short)
    yield "d/m/Y short", "{}/{}/{}".format(*short)
    yield "m/d/Y short", "{1}/{0}/{2}".format(*short)
    for called, month in (("month", _MONTHS[day.month - 1]), ("month short", _MONTHS[day.month - 1][:3])):
        yield f"{called} d M Y", f"{day.day} {month} {day.year}"
        yield f"{called} M d Y", f"{month} {day.day}, {day.year}"
    # Midnight UTC in seconds and milliseconds; the first is what CleverTap writes behind `$D_`.
    epoch = int(datetime.combine(day, time(), UTC).timestamp())
    if abs(epoch) >= 10_000_000:
        yield "epoch", str(epoch)
        yield "epoch milliseconds", str(epoch * 1000)


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _degrees(value: str) -> Iterator[tuple[str, str]]:
    for axis, text in zip(("lat", "lon"), value.split(","), strict=True):
        # Precise location starts at four decimal places; what has fewer is found by chance.
        if re.search(r"\.\d{4}", text):
            yield axis, text
            yield f"{axis} E7", str(round(float(text) * 1e7))
            yield f"{axis} E6", str(round(float(text) * 1e6))
        for places in range(4, 8):
            cut = re.match(rf"-?\d+\.\d{{{places}}}", text)
            if cut:
                yield f"{axis} cut to {places}", cut[0]
            rounded = f"{float(text):.{places}f}"
            if rounded.strip("-0."):
                yield f"{axis} rounded to {places}", rounded
