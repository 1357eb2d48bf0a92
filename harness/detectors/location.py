"""Precise positions: decimal degrees with four decimals or more, about eleven metres, told from other decimals; and
what is as fine in other spellings."""

import re
from collections.abc import Iterator

from harness.detectors._positions import KEYED, SEXAGESIMAL, other_forms, sexagesimal
from harness.detectors.base import WORD, Cue, Detector, Keyed, Match, Window, speaks_of_something_else

_DEGREES = rb"[+\-]?[0-9]{1,3}\.[0-9]{4,17}"
_BETWEEN = rb"(?:[,;][ \t\r\n]{0,12}|%2[Cc](?:%20|\+)?|[ /])"
_PAIR = re.compile(
    rb"(?<![0-9.])(?P<first>%b)%b(?P<second>%b)(?![0-9]|\.[0-9]|%%(?!2[Cc]|26|20|22|3[Bb]|7[CcDd]))"
    % (_DEGREES, _BETWEEN, _DEGREES)
)
_ONE = re.compile(rb"(?P<value>%b)(?![0-9]|\.[0-9]|%%)" % _DEGREES)

_LATITUDE = Keyed(
    rb"(?i:latitude)|%b(?i:lat)|[a-z]Lat" % WORD,
    _DEGREES.replace(b"{4,17}", b"{4}"),
    tail=rb"(?i:(?:[_.\-]?(?:deg|degrees|value|wgs84))?[0-9]{0,2})",
)
_LONGITUDE = Keyed(
    rb"(?i:longitude)|%b(?i:lon|lng|long)|[a-z](?:Lon|Lng|Long)" % WORD,
    _DEGREES.replace(b"{4,17}", b"{4}"),
    tail=rb"(?i:(?:[_.\-]?(?:deg|degrees|value|wgs84))?[0-9]{0,2})",
)
_ARRAY = Keyed(
    rb"(?i:coordinates?|coords|lat_?lo?ng?|geo_?point)",
    _DEGREES.replace(b"{4,17}", b"{4}"),
    tail=rb"[0-9]{0,2}",
)
_PLACE = re.compile(
    rb"(?i)(?:geo|lat/?[_ ]?lo?ng?|location|coordinates?|coords|position|point|gps|fused|network|cent(?:er|re)|origin"
    rb"|destination|addr|near|linestring|polygon|route|track|(?:^|[^a-z])(?:ll|q|loc|at)|longitude"
    rb"|latitude)[a-z0-9_.\-]{0,12}[^A-Za-z0-9+\-]{1,12}"
    rb"(?:(?:quot|value|is|string|lat/?lng)[^A-Za-z0-9+\-]{1,8}){0,3}\Z"
)
"""Words right before a pair that make it a position."""
_SIGN = re.compile(rb"[<@]\Z")
"""CLLocation's description begins with one, a map's address has the other."""
_ROW_BEFORE = re.compile(rb"[0-9][,;] ?\[?\Z")
_ROW_BEHIND = re.compile(rb"[,;] ?[+\-]?[0-9]+(?![0-9.]*[zmay])")


class Location(Detector):
    """Latitude and longitude as a pair, or one of them under its own name.

    Confidence: 0.95 a pair that a word, a `geo:` address or a map's syntax announces; 0.9 one number under
    `latitude`, `lng` and the like; 0.85 under `coordinates`; 0.65 a pair of its own, in range. Fewer than four
    decimals is no precise position; within one degree of zero, and in rows of numbers, a pair is taken for a vector.
    0.9 what a key calls a geohash (eight characters or more), a plus code or degrees times ten million; 0.95 degrees,
    minutes and seconds with their sides.
    """

    type = "LOCATION"
    title = "Precise location"
    cues = (
        Cue(
            rb"\.[0-9]{4,17}(?:[,;][ \t\r\n]{0,12}|%2C(?:%20|\+)?|[ /])[+\-]?[0-9]{1,3}\.[0-9]{4}",
            before=48,
            after=16,
            reason="a pair in a text has no letter, and the float tails of everything else are near it",
        ),
        _LATITUDE.cue(after=16),
        _LONGITUDE.cue(after=16),
        _ARRAY.cue(after=16),
        *(each.cue(after=32) for each in KEYED),
        Cue(SEXAGESIMAL, before=24, after=48),
    )
    pattern = re.compile(
        rb"(?<![0-9.])%b|(?<![0-9A-Za-z])(?:-?[0-9]{6,10}(?![0-9.])|[0-9]{1,3}/1, ?[0-9]"
        rb"|(?=[a-z]*[0-9])[0-9b-hjkmnp-z]{8}"
        rb"|[23456789CFGHJMPQRVWX]{8}\+|[0-9]{1,3}%b)" % (_DEGREES, SEXAGESIMAL)
    )
    """One number: the two of a pair may be two values in their file."""
    telling = (
        rb"latitude|longitude|\blat\b|\blng\b|\blon\b|\blong\b|coordinates?|coords|l(?:at|ng|on)_?e[67]|geo_?hash"
        rb"|plus_?code"
    )
    examples = (
        "37.774929,-122.419418",
        "geo:37.7749,-122.4194;u=35",
        '{"lat":37.7749}',
        '<float name="lon" value="-122.419418" />',
        "https://maps.example.org/?q=37.7749,-122.4194&z=3",
        "https://maps.example.org/?ll=37.7749%2C-122.4194",
        "https://maps.example.org/maps/@37.7749295,-122.4194155,15z",
        "POINT(-122.4194 37.7749)",
        "<+37.33240905,-122.03051211> +/- 65.00m (speed -1.00 mps)",
        "Location[gps 37.774929,-122.419418 hAcc=20]",
        "lat/lng: (37.774929,-122.419418)",
        'homeLatitude\\":\\"37.7749\\"',
        '"coordinates": [\n  -122.4194,\n  37.7749\n]',
        "lng=151.209900 alt=12",
        '{"latE7": 377749290}',
        "longitude_e7=-1224194180",
        "37\u00b046'29.6\"N",
        "geohash=9q8yyk8ytpxr",
        '"plus_code":"849VQHFJ+X6"',
        "GPSLatitude: 37/1,46/1,2964/100",
        "LINESTRING(-122.4194 37.7749, -122.4100 37.7700)",
    )
    counterexamples = (
        "37.77,-122.41",
        '{"lat":37.774}',
        '"price": 19.9999',
        "0.12345,0.56789",
        "[0.1234, 12.5678, 33.1111, 40.2222]",
        "0.0000,0.0000",
        "lat=95.1234",
        "latency: 12.3456",
        "137.7749,-222.4194",
        "v1.2345.6789",
        "12.3456% 45.6789%",
        "lat=0.000000",
        "37.7749,37.7749",
        "12.3456 45.6789",
        "flat=12.34567",
        "37\u00b0C",
        "37\u00b046'N",
        "geohash=9q8yy",
        "latE7=9777492900",
        "lateral7: 377749290",
        "plus_code=849VQHFJ",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Pairs first, then single numbers under their own names."""
        limit = min(window.ceiling, window.end + self.reach)
        wide = window.widened(b"0123456789.,+-; ")
        pairs: list[tuple[int, int]] = []
        for found in _PAIR.finditer(window.buffer, wide.start, limit):
            start, end = found.span()
            if start >= window.end:
                break
            judged = self.judge(found[0], window, start, end)
            if judged is not None:
                pairs.append((start, end))
                if end > window.start:
                    yield Match(start, end, *judged)
        for name, keyed, most in (("latitude", _LATITUDE, 90), ("longitude", _LONGITUDE, 180), ("", _ARRAY, 180)):
            for _, at in keyed.values(wide):
                one = _ONE.match(window.buffer, at, limit)
                if one is None or not 0 < abs(float(one["value"])) <= most:
                    continue
                if any(start < one.end() and at < end for start, end in pairs):
                    continue
                why = f"four decimals or more under a key that names a {name or 'position'}"
                if one.end() > window.start:
                    yield Match(*one.span(), 0.9 if name else 0.85, (why,))
        yield from other_forms(window)
        for dms, is_fine in sexagesimal(window):
            if is_fine:
                yield Match(*dms.span(), 0.95, ("degrees, minutes and a side of the sky", "precise to a house"))

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """By range, then by what announces a pair and what stands beside it."""
        numbers = re.findall(_DEGREES, value.replace(b"%2C", b",").replace(b"%2c", b","))
        first, second = abs(float(numbers[0])), abs(float(numbers[1]))
        if min(first, second) > 90 or max(first, second) > 180 or numbers[0] == numbers[1] or not first + second:
            return None
        before = bytes(window.buffer[max(window.floor, start - 64) : start])
        if _PLACE.search(before) or _SIGN.search(before):
            return 0.95, ("two numbers in the range of degrees, four decimals or more", "announced as a position")
        behind = bytes(window.buffer[end : min(window.ceiling, end + 24)])
        if max(first, second) <= 1 or _ROW_BEFORE.search(before) or _ROW_BEHIND.match(behind):
            return None  # a vector
        if first > 90 or b"," not in value.replace(b"%2C", b","):
            return None
        if speaks_of_something_else(window, start):
            return 0.5, ("two numbers in the range of latitude and longitude", "the key names something else")
        return 0.65, ("two numbers in the range of latitude and longitude, four decimals or more",)

    def normalise(self, value: bytes) -> bytes:
        """Numbers without trailing zeros, with one comma between; other spellings in lower case."""
        numbers = re.findall(_DEGREES, value)
        if not numbers or b"'" in value or b"\xc2" in value:
            return value.strip().lower()
        return b",".join(each.lstrip(b"+").rstrip(b"0") for each in numbers)
