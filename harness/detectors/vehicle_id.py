"""Vehicles: identification numbers (ISO 3779) and plates, told by their key."""

import re

from harness.detectors._check_digits import INDIAN_STATES, squeezed
from harness.detectors._numbers import Announced, Kind, NumberDetector

_S = "[ \\-]?"
"""What may stand between groups."""
_VALUES = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "012345678912345678123457923456789"), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _is_vin(text: str) -> bool:
    """The ninth character is a check digit where a vehicle is made for North America (49 CFR 565, 1 to 5 first)
    or China (GB 16735, L); elsewhere it may be anything."""
    total = sum(_VALUES[each] * weight for each, weight in zip(text, _WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == text[8] or text[0] not in "12345L"


def _is_british(text: str) -> bool:
    """A British mark since 2001 (region, age, three letters), or one of the series before it."""
    mark = squeezed(text)
    current = re.fullmatch(r"([A-HJ-PR-Y][A-PR-Y])([0-9]{2})[A-PR-Z]{3}", mark)
    if current:
        age = int(current[2])
        return current[1][1] != "I" and (2 <= age <= 30 or 51 <= age <= 80)
    return (
        re.fullmatch(
            r"[A-HJ-NPR-TV-Y][0-9]{1,3}[A-HJ-PR-Y][A-HJ-PR-Y]{2}|[A-HJ-PR-Y]{3}[0-9]{1,3}[A-HJ-NPR-TV-Y]", mark
        )
        is not None
    )


def _is_turkish(text: str) -> bool:
    return 1 <= int(text[:2]) <= 81


def _is_indian(text: str) -> bool:
    return (
        squeezed(text)[:2] in INDIAN_STATES
        or re.fullmatch(r"[0-9]{2}BH[0-9]{4}[A-Z]{1,2}", squeezed(text)) is not None
    )


_PLATE = "registration~(?:plate|mark)|licen[cs]e~plate|vehicle~reg|car~reg|kennzeichen"
_KINDS = (
    Kind("a vehicle identification number", "[A-HJ-NPR-Z0-9]{17}", _is_vin, "",
         "vehicle~id|chassis~n|fahrgestell|fahrzeugident|num(?:e|é)ro~de~ch(?:a|â)ssis|bastidor"
         "|车架号|車台番号",
         "vin"),
    Kind("a British plate", f"[A-Z]{{2}}[0-9]{{2}}{_S}[A-Z]{{3}}|[A-Z][0-9]{{1,3}}{_S}[A-Z]{{3}}"
         f"|[A-Z]{{3}}{_S}[0-9]{{1,3}}[A-Z]", _is_british,
         "gb", "uk~vehicle", "vrm|vrn"),
    Kind("a Turkish plate", f"[0-9]{{2}}{_S}[A-Z]{{1,3}}{_S}[0-9]{{2,5}}", _is_turkish, "tr", "plaka", ""),
    Kind("an Indian plate", f"[A-Z]{{2}}{_S}[0-9]{{1,2}}{_S}[A-Z]{{0,3}}{_S}[0-9]{{1,4}}"
         f"|[0-9]{{2}}{_S}BH{_S}[0-9]{{4}}{_S}[A-Z]{{1,2}}", _is_indian, "in",
         "in~vehicle", ""),
    Kind("a Nigerian plate", f"[A-Z]{{3}}{_S}[0-9]{{3}}{_S}[A-Z]{{2}}", None, "ng", "ng~vehicle", ""),
    Kind("a German plate", "[A-ZÄÖÜ]{1,3}[ \\-:][A-Z]{1,2}[ \\-]?[0-9]{1,4}[EH]?", None, "de",
         "kennzeichen|de~kfz", "kfz~kz"),
    Kind("a French or Italian plate", f"[A-HJ-NP-TV-Z]{{2}}{_S}[0-9]{{3}}{_S}[A-HJ-NP-TV-Z]{{2}}", None, "fr",
         "immatriculation|targa", ""),
    Kind("a Spanish plate", f"[0-9]{{4}}{_S}[BCDFGHJ-NPR-TV-Z]{{3}}", None, "es", "matr(?:i|í)cula", ""),
    Kind("a Brazilian plate", f"[A-Z]{{3}}{_S}[0-9][A-J0-9][0-9]{{2}}", None, "br", "placa", ""),
    Kind("a Russian plate", "[ABEKMHOPCTYX][0-9]{3}[ABEKMHOPCTYX]{2}[0-9]{2,3}", None, "ru",
         "госномер", ""),
    Kind("a plate", f"(?=[A-Z0-9 \\-]*[0-9])(?=[A-Z0-9 \\-]*[A-Z])[A-Z0-9]{{1,4}}{_S}[A-Z0-9]{{2,4}}", None, "us"),
)  # fmt: skip


class VehicleId(NumberDetector):
    """An identification number, or a plate, under a key that names one.

    Confidence: 0.95 for an identification number: its check digit holds where its country has one; plates 0.85 where
    their form holds a region or an age, else 0.75 or 0.6. Without a key neither is told from a product code.
    """

    type = "VEHICLE_ID"
    title = "Vehicle identification number or plate"
    kinds = _KINDS
    keys = Announced(
        [_PLATE, "vehicle~registration", *(kind.names for kind in _KINDS if kind.names)],
        [*(kind.short for kind in _KINDS if kind.short), "number~plate", "plate"],
        head=rb"(?:[A-Za-z\xc3\x84\x96\x9c]{1,8}[ \-./:]?(?:[A-Za-z]{1,3}[ \-]?)?)?[0-9]",
    )
    cues = keys.cues()
    telling = rb"\bvin\b|vehicle|chassis|plate|kennzeichen|plaka|immatriculation|matricula"
    examples = (
        "vin=1M8GDM9AXKP042788",
        '{"vehicle_id":"WVWZZZ1JZXW000001"}',
        "My car reg is AB51 ABC and it expires",
        "license_plate=7ABC123",
        "Araç plakası 34 ABC 1234 olarak",
        '<string name="plateNumber">KA53ME3456</string>',
        "kennzeichen: B-MW 1234",
        "The plate number is ABJ-123XY for this vehicle",
        "matricula=1234 BCD",
    )
    counterexamples = (
        "vin=1M8GDM9AYKP042788",
        "vin=1M8GDM9AXKPO42788",
        "1M8GDM9AXKP042788",
        "plate=blue",
        "template_number=7ABC123",
        "vehicle_id=42",
        "uk_vehicle_registration=IB51 ABC",
        "plaka: 00 ABC 123",
        "plate_count=12345",
        "vintage=1M8GDM9AXKP042788",
    )
