"""Driver's licences: numbers told by their key and the form of their issuer, and what their bar code says."""

import re
from collections.abc import Iterator

from harness.detectors._check_digits import INDIAN_STATES, is_date, squeezed
from harness.detectors._numbers import Announced, Kind, NumberDetector, by_stdnum
from harness.detectors.base import Cue, Match, Window

_S = "[ .\\-]?"
"""What may stand between groups."""
_AAMVA = re.compile(
    rb"ANSI [0-9]{6}[0-9]{2}(?:[0-9]{2})?(?P<files>[0-9]{2})(?P<first>(?:DL|ID|EN)[0-9]{8})", re.DOTALL
)
_LICENCE = re.compile(rb"DAQ(?P<number>[A-Z0-9*\-]{4,25})(?=[\x00-\x1f\\<&]|\Z)")
_REST = 640
"""How far behind the header the number may stand: the elements before it are a name and dates."""


def _is_british(text: str) -> bool:
    """A British driver's number (DVLA): five letters of the name filled with nines, then the day of birth, its month
    raised by 50 for women, then initials and a check that only the agency can tell."""
    number = squeezed(text)
    name, decade, month, day = number[:5], number[5], int(number[6:8]), int(number[8:10])
    year = int(decade + number[10])
    return re.fullmatch("[A-Z]{1,5}9{0,4}", name) is not None and is_date(1900 + year, month % 50, day)


def _is_korean(text: str) -> bool:
    """A Korean one: region 11 to 28, the year, a count, a check that only the police can tell."""
    return 11 <= int(squeezed(text)[:2]) <= 28


def _is_indian(text: str) -> bool:
    return squeezed(text)[:2] in INDIAN_STATES


def _is_italian(text: str) -> bool:
    return re.fullmatch(r"[A-Z]{2}[0-9]{7}[A-Z]|U1[BCDFGHLJKMNPRSTUWYXZ0-9]{7}[A-Z]", squeezed(text)) is not None


_KINDS = (
    Kind("a British driver's number", f"[A-Z9]{{5}}{_S}[0-9]{{6}}{_S}[A-Z9]{{2}}[A-Z0-9]{_S}?[A-Z0-9]{{2}}",
         _is_british,
         "gb", "driver~number", ""),
    Kind("a Korean driver's licence", f"[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{6}}{_S}[0-9]{{2}}", _is_korean, "kr",
         "운전면허", ""),
    Kind("an Italian driver's licence", "[A-Z]{2}[0-9]{7}[A-Z]|U1[A-Z0-9]{7}[A-Z]", _is_italian, "it", "patente", ""),
    Kind("an Indian driver's licence", "[A-Z]{2}[ \\-]?[0-9]{2}[ \\-]?(?:19|20)[0-9]{2}[ \\-]?[0-9]{7}", _is_indian,
         "in",
         "", "dl~n(?:o|um|umber)"),
    Kind("a German driver's licence", "[A-Z][0-9A-Z]{2}[0-9A-Z]{6}[0-9][0-9A-Z]", None, "de",
         "f(?:u|ü)hrerschein", ""),
    Kind("a Spanish driver's licence", "[0-9]{8}-?[A-Z]", by_stdnum("es.dni"), "es",
         "permiso~de~conducir|licencia~de~conducir", ""),
    Kind("a French driver's licence", "[0-9]{12}|[0-9]{2}[A-Z]{2}[0-9]{5}", None, "fr", "permis~de~conduire", ""),
    Kind("a Brazilian driver's licence", "[0-9]{11}", None, "br", "carteira~(?:nacional~)?de~habilita", "cnh"),
    Kind("a Russian driver's licence", "[0-9]{2} ?[0-9A-Z]{2} ?[0-9]{6}", None, "ru",
         "водительск", ""),
    Kind("a Japanese driver's licence", "[0-9]{12}", None, "jp", "運転免許|免許証", ""),
    Kind("a Chinese driver's licence", "[0-9]{17}[0-9X]|[0-9]{12}", None, "cn", "驾驶证|駕駛",
         ""),
    Kind("an Ontarian driver's licence", "[A-Z][0-9]{4}-?[0-9]{5}-?[0-9]{5}", None, "ca"),
    Kind("an Australian driver's licence", "[0-9A-Z]{0,2}[0-9]{6,9}", None, "au"),
    Kind("a driver's licence of some issuer",
         "(?=(?:[A-Z0-9]-?){6})(?=[A-Z\\-]{0,6}[0-9\\-]{3})[A-Z0-9]{1,12}(?:-[A-Z0-9]{2,6}){0,3}", None),
    # By state, as AAMVA lists them: a letter or two and digits, or digits alone.
    Kind("a US driver's licence", "[A-Z]{1,2}[0-9]{5,14}|[0-9]{7,14}"
         "|[A-Z][0-9]{3}-?[0-9]{3}-?[0-9]{2}-?[0-9]{3}-?[0-9]"
         "|[A-Z][0-9]{3}-?[0-9]{4}-?[0-9]{4}|[0-9]{3}[ \\-][0-9]{3}[ \\-][0-9]{3}|[0-9]{2}-[0-9]{3}-[0-9]{4}"
         "|[A-Z][0-9]{2}-[0-9]{2}-[0-9]{4}|[A-Z]{3}[A-Z*]{2}[A-Z0-9*]{7}|[0-9]{2}[A-Z]{3}[0-9]{5}"
         "|[0-9]{3}[A-Z]{2}[0-9]{4}",
         None, "us"),
)  # fmt: skip


class DriverLicence(NumberDetector):
    """A licence number under a key that names it, or the header of the bar code on North American licences.

    Confidence: 0.97 for that header (AAMVA card design standard), behind which all of the card follows; 0.85 for a
    number whose form holds a day of birth, a region or a check digit; 0.6 where the form of an issuer is all that
    speaks for it, 0.75 where the key names that issuer.
    """

    type = "DRIVER_LICENCE"
    title = "Driver's licence"
    kinds = _KINDS
    keys = Announced(
        [
            "driv(?:er|ing)(?:.?s)?~(?:licen[cs]e|license|permit|id|lic)",
            "licen[cs]e~(?:no|num|id)",
            *(kind.names for kind in _KINDS if kind.names),
        ],
        [*(kind.short for kind in _KINDS if kind.short), "dln"],
    )
    cues = (Cue(rb"ANSI [0-9]{10}", before=24, after=24), *keys.cues())
    pattern = re.compile(rb"ANSI [0-9]{10}|(?<![0-9])[0-9]+")
    telling = rb"driv(?:er|ing)|licen[cs]e_?(?:n|id)|fuehrerschein|\bdln?\b"
    examples = (
        "driver_license=H12234567",
        '{"drivingLicence":"MORGA657054SM9IJ"}',
        "driver's license number is D123-4567-8901",
        "patente: U1K711J11M",
        "@\n\x1e\rANSI 636026080102DL00410288ZA03290015DLDAQD12345678\nDCSROE\nDDEN",
        "driver_licence_kr=28 22 123456 12",
        '<string name="driverLicenseNumber">S12345678901234</string>',
        "dl_number=MH12 20110012345",
        "permis_de_conduire=911091204523",
    )
    counterexamples = (
        "license=MIT",
        "license_number=none",
        "driver_version=384.90",
        "H12234567",
        "driver_license=ABCDEFG ABCDEFGH",
        "ANSI X3.4-1986",
        "driving_license_expiry=20270101",
        "driver_license_kr=99-22-123456-12",
        "licensed under 2.0",
        "ANSI 1234567890",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Bar codes first, then numbers under a key."""
        limit = min(window.ceiling, window.end + self.reach)
        free = 0
        for found in _AAMVA.finditer(window.buffer, window.start, limit):
            if found.start() < window.end:
                number = _LICENCE.search(window.buffer, found.end(), min(window.ceiling, found.end() + _REST))
                free = number.end() if number else found.end()
                yield Match(found.start(), free, 0.97, ("begins as the bar code on a licence (AAMVA) does",))
        yield from (each for each in super().confirm(window) if each.start >= free)

    def normalise(self, value: bytes) -> bytes:
        """The number alone, in capitals, without what parts its groups."""
        number = _LICENCE.search(value)
        return super().normalise(number["number"] if number else value)
