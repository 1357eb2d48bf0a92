"""Positions that are too coarse to be precise: told apart, listed, and held against nobody."""

import re
from collections.abc import Iterator

from harness.detectors._positions import SEXAGESIMAL, sexagesimal
from harness.detectors.base import WORD, Cue, Detector, Keyed, Match, Window

_DEGREES = rb"[+\-]?[0-9]{1,3}\.[0-9]{1,3}"
_HEAD = rb"[+\-]?[0-9]{1,3}\.[0-9]"
_ONE = re.compile(_DEGREES + rb"(?![0-9%]|\.[0-9])")
_PAIR = re.compile(rb"(?P<first>%b)(?:[,;] ?|%%2[Cc]|[ ])(?P<second>%b)(?![0-9]|\.[0-9])" % (_DEGREES, _DEGREES))
_TAIL = rb"(?i:(?:[_.\-]?(?:deg|degrees|value|wgs84))?[0-9]{0,2})"
_LATITUDE = Keyed(rb"(?i:latitude)|%b(?i:lat)|[a-z]Lat" % WORD, _HEAD, tail=_TAIL)
_LONGITUDE = Keyed(rb"(?i:longitude)|%b(?i:lon|lng|long)|[a-z](?:Lon|Lng|Long)" % WORD, _HEAD, tail=_TAIL)
_PLACE = Keyed(
    rb"(?i:coordinates?|coords|lat_?lo?ng?|lat/lo?ng|geo_?(?:point|location)?|location|gps)",
    _HEAD,
    tail=rb"[0-9]{0,2}",
)
_HASH = Keyed(rb"(?i:geo_?-?hash)", rb"[0-9b-hjkmnp-zB-HJKMNP-Z]{4}", tail=rb"(?i:[a-z_]{0,8}[0-9]{0,2})")
_SHORT_HASH = re.compile(rb"(?=[a-zA-Z]*[0-9])[0-9b-hjkmnp-zB-HJKMNP-Z]{4,7}(?![0-9A-Za-z])")
_CONFIDENCE = 0.5


class LocationCoarse(Detector):
    """A town, not a house: degrees of one to three decimals, a geohash of four to seven characters, minutes of arc.

    Confidence: 0.5 always, so that it is listed and no check fails for it: precise location begins at four decimals,
    about eleven metres. Whole degrees say nothing and are not listed.
    """

    type = "LOCATION_COARSE"
    title = "Coarse location"
    cues = (
        _LATITUDE.cue(after=16),
        _LONGITUDE.cue(after=16),
        _PLACE.cue(after=24),
        _HASH.cue(after=16),
        Cue(SEXAGESIMAL, before=24, after=48),
    )
    pattern = re.compile(
        rb"(?<![0-9.])%b(?![0-9])|(?<![0-9A-Za-z])(?:(?=[a-zA-Z]*[0-9])[0-9b-hjkmnp-zA-Z]{4,7}(?![0-9A-Za-z])"
        rb"|[0-9]{1,3}%b)" % (_DEGREES, SEXAGESIMAL)
    )
    telling = rb"latitude|longitude|\blat\b|\blng\b|\blon\b|coordinates?|coords|geo_?hash"
    examples = (
        "lat=37.77",
        '{"longitude":-122.419}',
        "geo:37.77,-122.41",
        "location=37.775,-122.419",
        "geohash=9q8yy",
        "37\u00b046'N",
        '<float name="lng" value="151.2" />',
        '"coordinates": 151.21, -33.87',
    )
    counterexamples = (
        "37.77,-122.41",
        "lat=37.7749",
        "lat=37",
        "latency: 12.3",
        "lat=95.12",
        "lat=0.0",
        "geohash=9q8yyk8ytpxr",
        "price 19.99, 25.00",
        "version=1.2.3",
        "37\u00b046'29\"N",
        "flat=12.3",
        "geohash=alpha",
        "geo:37.7749,-122.4194",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """What stands under telling keys, in the order of its kinds."""
        limit = min(window.ceiling, window.end + self.reach)
        pairs: list[tuple[int, int]] = []
        for _, at in _PLACE.values(window):
            pair = _PAIR.match(window.buffer, at, limit)
            if pair is not None and _is_on_earth(float(pair["first"]), float(pair["second"])):
                pairs.append(pair.span())
                yield Match(*pair.span(), _CONFIDENCE, ("two numbers in range, fewer than four decimals",))
        for name, keyed, most in (("latitude", _LATITUDE, 90), ("longitude", _LONGITUDE, 180)):
            for _, at in keyed.values(window):
                one = _ONE.match(window.buffer, at, limit)
                if one is None or not 0 < abs(float(one[0])) <= most:
                    continue
                if not any(start < one.end() and at < end for start, end in pairs):
                    yield Match(*one.span(), _CONFIDENCE, (f"a {name} with fewer than four decimals",))
        for _, at in _HASH.values(window):
            code = _SHORT_HASH.match(window.buffer, at, limit)
            if code is not None:
                yield Match(*code.span(), _CONFIDENCE, ("a geohash of fewer than eight characters",))
        for found, is_fine in sexagesimal(window):
            if not is_fine:
                yield Match(*found.span(), _CONFIDENCE, ("degrees and minutes, without seconds",))


def _is_on_earth(first: float, second: float) -> bool:
    return min(abs(first), abs(second)) <= 90 and max(abs(first), abs(second)) <= 180 and first != second
