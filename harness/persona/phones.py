"""How one telephone number is written: with its country code and without, grouped as its country groups it."""

import re
from collections.abc import Iterator

__all__ = ["phone_spellings"]

_CODES = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d")
"""Country codes of one, two or three digits (ITU-T E.164)."""

_TRUNK = {"7": "8", "36": "06", "1": ""}
"""What is dialled at home before the national number, where that is not a zero; most of Latin America has none."""
_NO_TRUNK = frozenset({"30", "34", "39", "45", "47", "48", "351", "352", "420", "65", "852"})
"""Countries whose national numbers stand as they are."""

_GROUPS: dict[str, tuple[tuple[int, ...], ...]] = {
    "33": ((1, 2, 2, 2, 2),),
    "34": ((3, 3, 3), (3, 2, 2, 2)),
    "39": ((3, 3, 4), (3, 7)),
    "44": ((4, 6), (4, 3, 3), (2, 4, 4), (3, 3, 4)),
    "49": ((3, 7), (3, 8), (2, 8), (4, 6)),
    "55": ((2, 5, 4), (2, 4, 4)),
    "61": ((3, 3, 3), (1, 4, 4)),
    "7": ((3, 3, 2, 2),),
    "81": ((2, 4, 4), (1, 4, 4)),
    "86": ((3, 4, 4),),
    "91": ((5, 5),),
}
"""By country code: usual groups of the national number without what is dialled before it."""


def phone_spellings(value: str) -> Iterator[tuple[str, str]]:
    """What each spelling is called, and the text; the value itself is none of them.

    Args:
        value: E.164 with a plus, blanks allowed: `+1 415 555 0132`. Without a plus only its digits are known.
    """
    digits = re.sub(r"\D", "", value)
    yield "digits", digits
    code = _CODES.match(digits)
    if not value.lstrip().startswith("+") or code is None:
        return
    yield "e164", f"+{digits}"
    yield "double zero", f"00{digits}"
    yield "011", f"011{digits}"
    national = digits[code.end() :]
    yield "national", national
    if code[0] == "1" and len(national) == 10:
        yield from _american(national)
        return
    yield from _abroad(code[0], national, value)


def _american(national: str) -> Iterator[tuple[str, str]]:
    area, office, line = national[:3], national[3:6], national[6:]
    for called, gap in (("hyphens", "-"), ("dots", "."), ("blanks", " ")):
        yield f"national {called}", gap.join((area, office, line))
    yield "national brackets", f"({area}) {office}-{line}"
    yield "national brackets blanks", f"({area}) {office} {line}"
    yield "national brackets joined", f"({area}){office}-{line}"
    yield "country and hyphens", f"+1-{area}-{office}-{line}"
    yield "country and brackets", f"+1 ({area}) {office}-{line}"


def _abroad(code: str, national: str, value: str) -> Iterator[tuple[str, str]]:
    trunk = "" if code in _NO_TRUNK else _TRUNK.get(code, "0")
    if trunk:
        yield "national zero", trunk + national
    grouped = {" ".join(_cut(national, sizes)) for sizes in _GROUPS.get(code, ()) if sum(sizes) == len(national)}
    # As the person wrote it: the blanks behind the country code are its groups.
    own = re.match(rf"\s*\+{code}\D", value)
    if own is not None:
        grouped.add(value[own.end() :].strip(" -./"))
    for blanks in sorted(grouped):
        yield "country and blanks", f"+{code} {blanks}"
        yield "zero in brackets", f"+{code} (0){blanks}"
        for called, gap in (("blanks", " "), ("hyphens", "-"), ("dots", "."), ("slash", "/")):
            text = (
                re.sub(r"[ \-./]+", gap, blanks) if called != "slash" else re.sub(r"[ \-./]+", "/", blanks, count=1)
            )
            yield f"national zero {called}", trunk + text
            if called == "hyphens":
                yield "country and hyphens", f"+{code}-{text}"


def _cut(digits: str, sizes: tuple[int, ...]) -> Iterator[str]:
    at = 0
    for size in sizes:
        yield digits[at : at + size]
        at += size
