"""Identifiers of a device: Android ID, identifier for vendor, IMEI, IMSI, ICCID, serial numbers, push tokens."""

import re
from collections.abc import Iterator

from harness.detectors._check_digits import is_luhn
from harness.detectors._device_numbers import KINDS, is_nobodys
from harness.detectors.base import WORD, Cue, Detector, Keyed, Match, Window

_KEYS = Keyed(
    rb"(?i:android_?-?id|ssaid|secure_?id|imei|meid|imsi|subscriber_?id|icc_?id|sim_?(?:card_?)?(?:serial|id|number)"
    rb"|idfv|vendor_?-?id|for_?vendor|udid|unique_?(?:device_?)?id|device_?-?(?:uu)?id|hardware_?id|phone_?id"
    rb"|equipment_?id|apns|(?:device|push|notification)_?-?token|device_?unique_?id)|%b(?i:ifv|hwid|ccid|tac)" % WORD,
    rb"[0-9A-Fa-f]{2}[0-9A-Fa-f \-/]{6}",
    tail=rb"(?i:[a-z_.\-]{0,12}[0-9]{0,2})",
)
_SERIAL = Keyed(
    rb"(?i:serial_?-?no|serial_?-?num(?:ber)?|(?:device|hardware|hw|build|product|phone)[_.\-]?serial)",
    rb"[0-9A-Za-z]{8}",
    tail=rb"(?i:[a-z_.\-]{0,8}[0-9]{0,2})",
)
_FIREBASE = re.compile(
    rb"(?<![A-Za-z0-9_\-])(?:[A-Za-z0-9_\-]{11,24}(?::|%3[Aa]"
    rb"|\\u003[aA]))?APA91b[A-Za-z0-9_\-]{80,200}(?![A-Za-z0-9_\-])"
)
_NOT_AN_ID = re.compile(
    rb"hash|enabled|type|time|date|count|name|model|version|status|consent|level|allowed|permission"
)
_LONGEST = 240


class DeviceId(Detector):
    """A number or code that a device has and no other, under a key that says which, and of the form that it must
    have.

    Confidence: 0.95 an IMEI or ICCID whose checksum holds, an IMSI of an assigned network, an Android ID, an
    identifier for vendor, a Firebase push token (by its form alone); 0.9 a UDID, MEID, push token of Apple's; 0.75
    a serial number; 0.65 sixteen hex digits as a device's id; 0.5 (listed only) a UUID as one, for apps and SDKs
    draw random ones. What many devices have in common is nobody's.
    """

    type = "DEVICE_ID"
    title = "Device identifier"
    cues = (
        _KEYS.cue(after=64),
        _SERIAL.cue(after=32),
        Cue(rb"APA91b[A-Za-z0-9_\-]{12}", before=48, after=16),
    )
    pattern = re.compile(rb"APA91b[A-Za-z0-9_\-]{80}|(?<=[=:>\"'\x1f\s;,(<])[0-9A-Za-z]{2}[0-9A-Za-z \-/]{6}")
    telling = (
        rb"android_?id|ssaid|imei|meid|imsi|icc_?id|sim_?serial|subscriber_?id|idfv|vendor_?id|udid|device_?u?u?id"
        rb"|(?:device|push|apns)_?token|serial_?n"
    )
    reach = _LONGEST
    examples = (
        "android_id=3f5b8c9d01e2a764",
        '{"imei":"490154203237518"}',
        "IMEI 49-015420-323751-8",
        "imsi: 310150123456789",
        "iccid=8944500102198304826",
        '<string name="idfv">6F9619FF-8B86-D011-B42D-00CF4FC964FF</string>',
        "simSerialNumber&quot;:&quot;8944500102198304826&quot;",
        "ro.serialno: R58M12ABCDE",
        '{"deviceToken":"740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad"}',
        "token: dQw4w9WgXcQabcdefghijk:APA91b" + "Hx3kQ7" * 22,
        "udid=00008030-001C2D3E4F50802E",
        "meid: A00000049B7C5E",
        "deviceId=3f5b8c9d01e2a764",
        '"device_id": "490154203237518"',
    )
    counterexamples = (
        "android_id=9774d56d682e549c",
        "imei=000000000000000",
        "imei=490154203237517",
        "imsi=910150123456789",
        "iccid=8944500102198304827",
        "idfv=00000000-0000-0000-0000-000000000000",
        "3f5b8c9d01e2a764",
        "490154203237518",
        "session_id=3f5b8c9d01e2a764",
        "deviceId=__i3f5b8c9d01e2a7643f5b8c9d01e2a764",
        "serialVersionUID=8944500102198304826",
        "device_model: 490154203237518",
        "device_token_enabled=1",
        "serial: 3f5b8c9d",
        "android_id_hash=3f5b8c9d01e2a764",
        "device_id_time: 490154203237518",
        "APA91b",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Values under telling keys, of the form that the key asks for, and push tokens of Firebase."""
        limit = min(window.ceiling, window.end + self.reach)
        found: dict[int, Match] = {}
        for keyed in (_KEYS, _SERIAL):
            for key, at in keyed.values(window):
                match = _of_some_kind(window, key, at, limit)
                if match is not None:
                    found[match.start] = match
        low = max(window.floor, window.start - 40)
        for token in _FIREBASE.finditer(window.buffer, low, limit):
            start, end = token.span()
            if window.start <= start < window.end:
                found[start] = Match(start, end, 0.95, ("has the form of a push token of Firebase",))
        for start in sorted(found):
            yield found[start]

    def normalise(self, value: bytes) -> bytes:
        """Lower case without what groups it; a push token as it is."""
        if b"APA91b" in value:
            return value.strip()
        return re.sub(rb"[^0-9a-z]", b"", value.lower())


def _of_some_kind(window: Window, key: bytes, at: int, limit: int) -> Match | None:
    if _NOT_AN_ID.search(key):
        return None
    for kind in KINDS:
        if kind.names.search(key) is None:
            continue
        found = kind.form.match(window.buffer, at, limit)
        if found is None or is_nobodys(found[0]) or (kind.checked and not is_luhn(found[0])):
            continue
        return Match(*found.span(), kind.confidence, (f"the key names it ({kind.title})", kind.why))
    return None
