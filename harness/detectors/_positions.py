"""Positions that are written in another way than in decimal degrees, and how precise each of them is."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from harness.detectors.base import WORD, Keyed, Match, Window

__all__ = ["KEYED", "SEXAGESIMAL", "other_forms", "sexagesimal"]


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a position, under keys that say so."""

    keyed: Keyed
    form: re.Pattern[bytes] = field(repr=False)
    judge: Callable[[bytes, bytes], bool]
    """Takes key and value: whether it is a position."""
    confidence: float
    why: str


def _is_scaled(key: bytes, value: bytes) -> bool:
    """Degrees as an integer, in ten-millionths or millionths: `latE7`."""
    scale = 1e6 if re.search(rb"e_?6|micro", key) else 1e7
    most = 90 if b"lat" in key else 180
    return 0.5 < abs(int(value)) / scale <= most


def _is_geohash(_key: bytes, value: bytes) -> bool:
    """Letters and digits, as a word has not; and not one character alone."""
    return any(each in b"0123456789" for each in value) and len(set(value)) > 2


def _is_plus_code(_key: bytes, value: bytes) -> bool:
    """Latitudes end at 90, which is the ninth step of twenty degrees."""
    return value[:1].upper() in b"23456789C"


def _is_rational(key: bytes, value: bytes) -> bool:
    """Degrees, minutes and seconds as EXIF has them: `37/1,46/1,2964/100`."""
    parts = [part.split(b"/") for part in value.replace(b" ", b"").split(b",")]
    degrees, minutes, seconds = (int(top) / (int(bottom) or 1) for top, bottom in parts)
    return degrees + minutes + seconds > 0 and degrees <= (90 if b"lat" in key else 180) and minutes < 60 > seconds


_FORMS = (
    _Form(
        Keyed(
            rb"(?i:(?:latitude|longitude|lat|lng|lon)_?-?(?:e_?7|e_?6|micro))", rb"-?[0-9]{6}", tail=rb"[A-Za-z]{0,8}"
        ),
        re.compile(rb"-?[0-9]{6,10}(?![0-9.])"),
        _is_scaled,
        0.9,
        "an integer of ten-millionths, or millionths, of a degree",
    ),
    _Form(
        Keyed(rb"(?i:geo_?-?hash)", rb"[0-9b-hjkmnp-zB-HJKMNP-Z]{8}", tail=rb"(?i:[a-z_]{0,8}[0-9]{0,2})"),
        re.compile(rb"[0-9b-hjkmnp-zB-HJKMNP-Z]{8,12}(?![0-9A-Za-z])"),
        _is_geohash,
        0.9,
        "a geohash of eight characters or more, which is a house",
    ),
    _Form(
        Keyed(
            rb"(?i:plus_?-?code|open_?location_?code|global_?code)|%b(?i:olc)" % WORD, rb"[23456789CFGHJMPQRVWX]{8}"
        ),
        re.compile(rb"(?i)[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,7}(?![0-9A-Za-z])"),
        _is_plus_code,
        0.9,
        "a plus code of ten characters or more, which is a house",
    ),
    _Form(
        Keyed(rb"(?i:gps_?(?:latitude|longitude))", rb"[0-9]{1,3}/[0-9]"),
        re.compile(rb"[0-9]{1,3}/1, ?[0-9]{1,2}/1, ?[0-9]{1,12}/[0-9]{1,10}(?![0-9/])"),
        _is_rational,
        0.95,
        "degrees, minutes and seconds, as a camera writes them",
    ),
)
KEYED = tuple(each.keyed for each in _FORMS)
"""Whose cues find them."""

_DEGREE = rb"(?:\xc2[\xb0\xba]|&deg;|%C2%B0|\\u00b0)"
_MINUTE = rb"(?:'|\xe2\x80\xb2|\xe2\x80\x99|&#39;|&prime;|%27|\\u2032)"
_SECOND = rb"(?:\"|\\\"|\xe2\x80\xb3|\xe2\x80\x9d|''|&quot;|&Prime;|%22|\\u2033)"
SEXAGESIMAL = _DEGREE + rb"[ +]?[0-5]?[0-9]"
"""A degree sign and a minute: where a position in the sixties may be."""
_DMS = re.compile(
    rb"(?<![0-9.])(?P<degrees>[0-9]{1,3})%b[ +]?(?P<minutes>[0-5]?[0-9](?:\.[0-9]{1,8})?)%b"
    rb"(?:[ +]?(?P<seconds>[0-5]?[0-9](?:\.[0-9]{1,8})?)%b)?[ ,+]{0,2}(?P<side>[NSEWO])(?![A-Za-z])"
    % (_DEGREE, _MINUTE, _SECOND)
)


def other_forms(window: Window) -> Iterator[Match]:
    """Those that stand under keys of their own."""
    for each in _FORMS:
        for key, at in each.keyed.values(window):
            found = each.form.match(window.buffer, at, min(window.ceiling, at + 64))
            if found is not None and each.judge(key, found[0]):
                yield Match(*found.span(), each.confidence, (each.why, "the key names a position"))


def sexagesimal(window: Window) -> Iterator[tuple[re.Match[bytes], bool]]:
    """Degrees, minutes and perhaps seconds with a side of the sky, and whether they are precise: to a second, or a
    thousandth of a minute, or finer, as four decimals of a degree are."""
    for found in _DMS.finditer(window.buffer, window.start, min(window.ceiling, window.end + 64)):
        if window.start <= found.start() < window.end:
            most = 90 if found["side"] in b"NS" else 180
            if float(found["degrees"]) + float(found["minutes"]) > 0 and float(found["degrees"]) <= most:
                yield found, _is_fine(found)


def _is_fine(found: re.Match[bytes]) -> bool:
    """Whether it says where a house is."""
    return found["seconds"] is not None or len(found["minutes"].partition(b".")[2]) >= 3
