"""What an attribute of compiled XML says: its name by the number that the platform goes by, and its typed value."""

import re
import struct
from typing import NamedTuple

from harness.formats._single import shortest_single
from harness.model import Scalar

__all__ = ["ATTRIBUTE_IDS", "BOOLEAN", "INTEGER", "REFERENCE", "STRING", "Typed", "attribute_name", "typed_value"]

ATTRIBUTE_IDS = {
    "theme": 0x01010000, "label": 0x01010001, "icon": 0x01010002, "name": 0x01010003, "permission": 0x01010006,
    "readPermission": 0x01010007, "writePermission": 0x01010008, "protectionLevel": 0x01010009,
    "sharedUserId": 0x0101000B, "enabled": 0x0101000E, "debuggable": 0x0101000F, "exported": 0x01010010,
    "process": 0x01010011, "excludeFromRecents": 0x01010017, "authorities": 0x01010018,
    "grantUriPermissions": 0x0101001B, "value": 0x01010024, "resource": 0x01010025, "mimeType": 0x01010026,
    "scheme": 0x01010027, "host": 0x01010028, "pathPrefix": 0x0101002B, "minSdkVersion": 0x0101020C,
    "versionCode": 0x0101021B, "versionName": 0x0101021C, "targetSdkVersion": 0x01010270, "testOnly": 0x01010272,
    "backupAgent": 0x0101027F, "allowBackup": 0x01010280, "required": 0x0101028E, "killAfterRestore": 0x0101029C,
    "installLocation": 0x010102B7, "restoreAnyVersion": 0x010102BA, "fullBackupOnly": 0x01010473,
    "fullBackupContent": 0x010104EB, "usesCleartextTraffic": 0x010104EC, "networkSecurityConfig": 0x01010527,
    "compileSdkVersion": 0x01010572, "dataExtractionRules": 0x0101063E,
}  # fmt: skip
"""Those that say who gets at an app's data. The platform goes by the number; an obfuscated name says nothing."""

_NAMES = {number: name for name, number in ATTRIBUTE_IDS.items()}
_NAME = re.compile(r"[A-Za-z_][\w.\-]*")
_NULL, REFERENCE, _ATTRIBUTE, STRING, _FLOAT, _DIMENSION, _FRACTION, _DYNAMIC, _DYNAMIC_ATTRIBUTE = range(9)
INTEGER, _HEX, BOOLEAN = 0x10, 0x11, 0x12
"""Types of `Res_value`."""
_COLOURS = range(0x1C, 0x20)
_RADIX = (1.0, 2.0**-7, 2.0**-15, 2.0**-23)
_UNITS = ("px", "dp", "sp", "pt", "in", "mm")
_FRACTIONS = ("%", "%p")


class Typed(NamedTuple):
    """A value as it is stored: a type, and 32 bits or the number of a text."""

    kind: int
    data: int


def attribute_name(text: str, number: int) -> str:
    """The name of an attribute: of those that matter by its number, else as it is written, else the number."""
    known = _NAMES.get(number)
    if known is not None:
        return known
    return text if _NAME.fullmatch(text) or not number else f"0x{number:08x}"


def typed_value(typed: Typed) -> Scalar:
    """The value, where it is no text; what refers to a resource is written as tools do."""
    kind, data = typed
    if kind in {REFERENCE, _DYNAMIC}:
        return f"@0x{data:08x}"
    if kind in {_ATTRIBUTE, _DYNAMIC_ATTRIBUTE}:
        return f"?0x{data:08x}"
    if kind in {_DIMENSION, _FRACTION}:
        return _measure(data, is_fraction=kind == _FRACTION)
    if kind == _FLOAT:
        return shortest_single(struct.unpack("<f", struct.pack("<I", data))[0])
    if kind in _COLOURS:
        return f"#{data:08x}"
    if kind in {_NULL, STRING}:
        return None
    if kind == BOOLEAN:
        return data != 0
    return data if kind == _HEX else data - (data >> 31 << 32)


def _measure(data: int, *, is_fraction: bool) -> str:
    mantissa = (data >> 8) - (data >> 31 << 24)
    number = mantissa * _RADIX[data >> 4 & 3] * (100 if is_fraction else 1)
    units = _FRACTIONS if is_fraction else _UNITS
    unit = data & 15
    return f"{number:g}{units[unit] if unit < len(units) else ''}"
