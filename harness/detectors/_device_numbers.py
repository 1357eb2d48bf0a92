"""What a number or code of a device looks like, the prefixes that prove it, and whether a checksum must."""

import re
from dataclasses import dataclass, field

__all__ = ["KINDS", "Kind", "is_nobodys"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of identifier: the names it goes by, and its form."""

    title: str
    names: re.Pattern[bytes] = field(repr=False)
    """Searched for in a key, lower case."""
    form: re.Pattern[bytes] = field(repr=False)
    """Of the whole value."""
    confidence: float
    why: str
    checked: bool = False
    """Its digits satisfy the Luhn checksum."""


_END = rb"(?![0-9A-Za-z])(?!-[0-9A-Fa-f])"
_UUID = rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_IMEI = (
    rb"(?:[0-9]{15}|[0-9]{2}[ \-][0-9]{6}[ \-][0-9]{6}[ \-][0-9]|[0-9]{6}[ \-/][0-9]{2}[ \-/][0-9]{6}[ \-/][0-9])"
    + _END
)


def _kind(title: str, names: bytes, form: bytes, confidence: float, why: str, *, checked: bool = False) -> Kind:
    return Kind(title, re.compile(names), re.compile(form), confidence, why, checked)


_SETTINGS = rb"android_?-?id|\bssaid|_ssaid|secure_?id\b"
_IMEI_KEY = rb"imei|device_?-?id|phone_?id\b|equipment_?id"
_ICCID = rb"icc_?id|sim_?serial|\bccid|sim_?(?:card_?)?(?:id|number)"

KINDS: tuple[Kind, ...] = (
    _kind("IMEI", _IMEI_KEY, _IMEI, 0.95, "fifteen digits, and the checksum of an IMEI holds", checked=True),
    _kind("IMEISV", rb"imei", rb"(?!0{6})[0-9]{16}" + _END, 0.85, "an IMEI with the version of the software"),
    _kind("IMEI", rb"imei|\btac\b", rb"[0-9]{14}" + _END, 0.7, "an IMEI without its check digit"),
    _kind(
        "MEID",
        rb"meid",
        rb"[0-9A-Fa-f]{2}(?: ?[0-9A-Fa-f]{2}){6}(?: ?[0-9A-Fa-f])?" + _END,
        0.9,
        "fourteen hex digits",
    ),
    _kind("MEID", rb"meid", rb"[0-9]{5} ?[0-9]{5} ?[0-9]{4} ?[0-9]{4}(?: ?[0-9])?" + _END, 0.85, "eighteen digits"),
    _kind(
        "IMSI",
        rb"imsi|subscriber_?id",
        rb"(?:00101|[2-7][0-9]{4}"
        rb"|901[0-9]{2})[0-9]{9,10}" + _END,
        0.95,
        "digits that begin with the code of a country's network",
    ),
    _kind(
        "ICCID",
        _ICCID,
        rb"89[0-9]{16,18}" + _END,
        0.95,
        "begins as SIM cards do, and the checksum holds",
        checked=True,
    ),
    _kind("ICCID", _ICCID, rb"89[0-9]{17}[Ff]" + _END, 0.85, "begins as SIM cards do, filled up to twenty digits"),
    _kind("Android ID", _SETTINGS, rb"[0-9a-fA-F]{14,16}" + _END, 0.95, "as long as an Android ID"),
    _kind(
        "identifier for vendor",
        rb"idfv|vendor_?-?id(?:entifier)?|identifier_?for_?vendor|\bifv",
        _UUID + _END,
        0.95,
        "a UUID under a key that names the identifier for vendor",
    ),
    _kind(
        "UDID",
        rb"udid|unique_?(?:device_?)?id|device_?-?(?:uuid|id)",
        rb"[0-9a-fA-F]{40}" + _END,
        0.9,
        "as long as an iPhone's UDID",
    ),
    _kind(
        "UDID",
        rb"udid|unique_?(?:device_?)?id|device_?-?id",
        rb"0000[0-9A-F]{4}-[0-9A-F]{16}" + _END,
        0.9,
        "the UDID of a newer iPhone",
    ),
    _kind(
        "Android ID", rb"device_?-?id", rb"(?=[0-9]*[a-fA-F])[0-9a-fA-F]{16}" + _END, 0.65, "as long as an Android ID"
    ),
    _kind(
        "device id",
        rb"device_?-?u?u?id(?:entifier)?|hardware_?id|\bhwid|device_?unique_?id",
        _UUID + _END,
        0.5,
        "a UUID under a key that names a device's id: the app may have drawn it",
    ),
    _kind(
        "push token",
        rb"apns|(?:device|push)_?-?token|notification_?token",
        rb"<?(?:[0-9a-fA-F]{64}(?:[0-9a-fA-F]{96})?|[0-9a-fA-F]{8}(?: [0-9a-fA-F]{8}){7})>?" + _END,
        0.9,
        "as long as a token of Apple's push service",
    ),
    _kind(
        "serial number",
        rb"serial_?-?(?:no\b|num)|(?:device|hardware|hw|build|product|phone)[_.\-]?serial|serialno",
        rb"(?=[A-Z0-9]*[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{8,16}" + _END,
        0.75,
        "capitals and digits",
    ),
    _kind(
        "serial number",
        rb"(?:device|hardware|hw|product|phone)[_.\-]?serial|serialno",
        rb"[0-9a-f]{8}(?:[0-9a-f]{4}|[0-9a-f]{8})?" + _END,
        0.75,
        "as long as the serial number of a phone",
    ),
)
"""The most certain kinds first."""

_PLACEHOLDERS = frozenset(
    (
        b"9774d56d682e549c",  # what a batch of phones with Android 2.2 had in common, and emulators of the time
        b"000000000000000", b"004999010640000", b"012345678901237", b"358240051111110", b"310260000000000",
        b"8901410321111851072", b"89014103211118510720", b"89860318640220133897",
        b"0123456789abcdef", b"1234567890abcdef", b"deadbeefdeadbeef",
    )
)  # fmt: skip
"""What emulators and broken phones answer with: told of a million, they tell nobody."""


def is_nobodys(value: bytes) -> bool:
    """Zeros, one character alone, or what many devices share."""
    digits = re.sub(rb"[^0-9a-z]", b"", value.lower())
    return len(set(digits)) < 3 or digits in _PLACEHOLDERS
