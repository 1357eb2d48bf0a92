"""Hardware addresses of network interfaces (EUI-48, IEEE 802), told from fingerprints, times and hex dumps."""

import re
from collections.abc import Iterator

from harness.detectors.base import WORD, Detector, Keyed, Match, Shape, Window

_PAIR = rb"[0-9A-Fa-f]{2}"
_FORM = re.compile(
    rb"(?<![0-9A-Fa-f])(?<![^0-9A-Za-z]%b[:\-])(?<![0-9][:\-])%b(?P<joint>[:\-])(?:%b(?P=joint)){4}%b"
    rb"(?![0-9A-Za-z])(?![:\-]%b)" % (_PAIR, _PAIR, _PAIR, _PAIR, _PAIR)
)
_TOLD_FORM = re.compile(rb"(?:[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12})(?![0-9A-Za-z.])")
"""As Cisco prints them, and without anything between: only under a key."""
_KEYS = Keyed(
    rb"(?i:mac_?-?addr(?:ess)?|hw_?addr(?:ess)?|hardware_?addr(?:ess)?|bssid|ethernet_?(?:addr|mac)|wi_?-?fi_?mac"
    rb"|wlan_?mac|bluetooth_?(?:mac|addr(?:ess)?))|%b(?i:mac|bd_?addr|ether)|[a-z](?:Mac|MAC)" % WORD,
    rb"[0-9A-Fa-f]{2}[:\-.]?[0-9A-Fa-f]{2}",
    tail=rb"(?i:(?:_?addr[a-z]{0,5}|[_.\-][a-z_.\-]{0,12})?[0-9]{0,3})",
)
_WORDS = re.compile(rb"mac\b|bssid|ether|hwaddr|wlan|wi-?fi|bluetooth|hardware addr|access point")
_NOBODYS = frozenset((b"000000000000", b"ffffffffffff", b"020000000000", b"ffffff000000"))
"""None, everybody's, and what Android and iOS hand out instead of the real one since 2015."""
_GROUPS = (b"01005e", b"3333", b"0180c2", b"01000c", b"011b19")
"""Multicast of IP, of bridges and of clocks: nobody's own."""


class MacAddress(Detector):
    """Six octets as pairs of hex digits.

    Confidence: 0.95 under a key that names it; 0.8 with a word for it nearby; without 0.75 with colons, 0.65 with
    hyphens. One that was assigned locally (Android and iOS draw one for each network) counts 0.15 less. Listed
    only: 0.5 of decimal digits alone, or a group's address under such a key. The addresses of none, of all, of
    well-known groups and the stand-in `02:00:00:00:00:00` belong to nobody.
    """

    type = "MAC_ADDRESS"
    title = "MAC address"
    cues = (_KEYS.cue(after=32),)
    shapes = (Shape.COLONS,)
    pattern = re.compile(
        rb"(?<![0-9A-Za-z])(?:%b[:\-]){5}%b|(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"
        rb"|(?<![0-9A-Fa-f])[0-9A-Fa-f]{12}" % (_PAIR, _PAIR)
    )
    telling = rb"\bmac\b|mac_?addr|bssid|hw_?addr|hardware_?addr|bd_?addr|wi_?fi_?mac"
    examples = (
        "mac=00:1b:63:84:45:e6",
        '{"wifi_mac":"00-1B-63-84-45-E6"}',
        "connected to 00:1b:63:84:45:e6 (rssi -52)",
        "bssid: 001b.6384.45e6",
        '<string name="bluetooth_address">001B638445E6</string>',
        "My MAC is 00:1B:63:84:45:E6.",
        "MAC:00:1b:63:84:45:e6",
        "macAddress&quot;:&quot;00:1b:63:84:45:e6&quot;",
        "ether 00-1b-63-84-45-e6",
        "fe:1b:63:84:45:e6",
    )
    counterexamples = (
        "mac=00:00:00:00:00:00",
        "02:00:00:00:00:00",
        "ff:ff:ff:ff:ff:ff",
        "group 01:00:5e:00:00:fb joined",
        "33:33:00:00:00:01",
        "00:1b:63:84:45",
        "00:1b:63:84:45:e6:9a:01",
        "SHA1: 00:1b:63:84:45:e6:00:1b:63:84:45:e6:00:1b:63:84:45:e6:aa:bb",
        "00:1b:63:84-45:e6",
        "machine=001b638445e6",
        "commit 001b638445e6",
        "38400000-8cf0-11bd-b23e-10b96e40000d",
        "4100:1b:63:84:45:e6",
        "11:11:11:11:11:11",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Six pairs anywhere, and other spellings under a telling key."""
        limit = min(window.ceiling, window.end + self.reach)
        spans = {found.start(): found.end() for found in _FORM.finditer(window.buffer, window.start, limit)}
        for _, at in _KEYS.values(window):
            found = _TOLD_FORM.match(window.buffer, at, limit)
            if found is not None:
                spans[at] = found.end()
        for start in sorted(spans):
            if window.start <= start < window.end:
                judged = self.judge(bytes(window.buffer[start : spans[start]]), window, start, spans[start])
                if judged is not None:
                    yield Match(start, spans[start], *judged)

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """By the bits that say whose it is, then by key and form."""
        digits = self.normalise(value)
        if digits in _NOBODYS or digits.startswith(_GROUPS) or len(set(value.lower()) - set(b":-.")) < 2:
            return None
        told = bool(_KEYS.before(window, start))
        first = int(digits[:2], 16)
        if first & 1:
            return (0.5, ("under a key that names it, but of a group of devices",)) if told else None
        if told:
            confidence, why = 0.95, "the key names a hardware address"
        elif _WORDS.search(window.around(start, end, 24)):
            confidence, why = 0.8, "a word beside it names one"
        elif digits.isdigit():
            return 0.5, ("six pairs, of decimal digits alone",)
        else:
            confidence, why = (0.75 if b":" in value else 0.65), "six pairs of hex digits"
        if first & 2:
            return round(confidence - 0.15, 2), (why, "drawn by the device, as for one network")
        return confidence, (why, "one device's own by its first octet")

    def normalise(self, value: bytes) -> bytes:
        """Twelve hex digits, lower case."""
        return re.sub(rb"[^0-9a-f]", b"", value.lower())
