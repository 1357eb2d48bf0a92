"""Advertising identifiers of a device: Google's GAID/AAID, Apple's IDFA, and ids that SDKs make of them."""

import re
from collections.abc import Iterator

from harness.detectors.base import WORD, Cue, Detector, Keyed, Match, Window

_UUID = rb"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
_BEHIND = re.compile(_UUID + rb"(?![0-9A-Fa-f\-])")
_DERIVED = re.compile(rb"(?:__g|(?<![0-9A-Za-z\-])-g)(?P<value>[0-9A-Fa-f]{32})(?![0-9A-Fa-f])")
"""CleverTap's device id where the app let it use the advertising id: that id without hyphens, behind a prefix."""
_KEYS = Keyed(
    rb"(?i:advertising_?-?id|advertiser_?id|\bgaid|_gaid|idfa|aaid|oaid|google_?ad_?id|android_?ad_?id|amazon_?ad_?id"
    rb"|amzn_?ad_?id|ad_?tracking_?id)|%b(?i:ad_?id|ifa|rdid|rida|gps_?adid)|[a-z]A[dD]I[dD]" % WORD,
    rb"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-",
)


class AdvertisingId(Detector):
    """A UUID under a key that names an advertising id, or an id that an SDK derives from one.

    Confidence: 0.97 under such a key; 0.9 derived. All zeros is what a device hands out where tracking is refused:
    nobody's id. A UUID under any other key says nothing.
    """

    type = "ADVERTISING_ID"
    title = "Advertising identifier"
    cues = (
        _KEYS.cue(after=40),
        Cue(rb"(?:__|-)g[0-9A-Fa-f]{12}", before=24, after=32),
    )
    pattern = re.compile(_UUID + rb"|(?<=[_\-]g)[0-9A-Fa-f]{32}")
    telling = rb"advertis(?:ing|er)_?id|gaid|idfa|aaid|oaid|ad_?id"
    examples = (
        '"gaid":"38400000-8cf0-11bd-b23e-10b96e40000d"',
        "advertising_id=38400000-8cf0-11bd-b23e-10b96e40000d",
        '<string name="adid">38400000-8cf0-11bd-b23e-10b96e40000d</string>',
        "<key>advertisingIdentifier</key>\n\t<string>38400000-8CF0-11BD-B23E-10B96E40000D</string>",
        "IDFA: 38400000-8CF0-11BD-B23E-10B96E40000D",
        "GoogleAdID&quot;:&quot;38400000-8cf0-11bd-b23e-10b96e40000d&quot;",
        '{\\"android_advertising_id\\":\\"38400000-8cf0-11bd-b23e-10b96e40000d\\"}',
        "deviceId=__g384000008cf011bdb23e10b96e40000d",
        'ident="-g384000008CF011BDB23E10B96E40000D"',
        "mt_ifa: 38400000-8CF0-11BD-B23E-10B96E40000D",
    )
    counterexamples = (
        "gaid=00000000-0000-0000-0000-000000000000",
        "session_id=38400000-8cf0-11bd-b23e-10b96e40000d",
        "38400000-8cf0-11bd-b23e-10b96e40000d",
        "threadid: 38400000-8cf0-11bd-b23e-10b96e40000d",
        "idfv=38400000-8CF0-11BD-B23E-10B96E40000D",
        "gaid=38400000-8cf0-11bd-b23e",
        "deviceId=__g00000000000000000000000000000000",
        "deviceId=__i384000008cf011bdb23e10b96e40000d",
        "gaid_enabled=true id=38400000-8cf0-11bd-b23e-10b96e40000d",
        "payload: 38400000-8cf0-11bd-b23e-10b96e40000d",
        "long-g384000008cf011bdb23e10b96e40000d",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """UUIDs behind a telling key, and derived ids."""
        limit = min(window.ceiling, window.end + self.reach)
        for _, at in _KEYS.values(window):
            found = _BEHIND.match(window.buffer, at, limit)
            if found is not None and not _is_nobodys(found[0]):
                yield Match(*found.span(), 0.97, ("a UUID under a key that names an advertising id",))
        for found in _DERIVED.finditer(window.buffer, max(window.floor, window.start - 3), limit):
            start, end = found.span("value")
            if window.start <= start < window.end and not _is_nobodys(found["value"]):
                yield Match(start, end, 0.9, ("an SDK's device id made of the advertising id",))

    def normalise(self, value: bytes) -> bytes:
        """Lower case, without hyphens: as SDKs store it."""
        return value.strip().lower().replace(b"-", b"")


def _is_nobodys(value: bytes) -> bool:
    return not value.strip(b"0-")
