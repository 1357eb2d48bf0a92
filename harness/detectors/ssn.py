"""United States social security numbers, told from other nine digits by the rules of their areas and groups."""

import re
from collections.abc import Iterator

from harness.detectors.base import WORD, Detector, Keyed, Match, Shape, Window, speaks_of_something_else

_GROUPED = re.compile(
    rb"(?<![0-9])(?<![0-9A-Za-z][\-._/])[0-9]{3}(?P<joint>[ .\-])[0-9]{2}(?P=joint)[0-9]{4}"
    rb"(?![0-9])(?![\-_/][0-9A-Za-z])(?!\.[0-9])"
)
_BARE = re.compile(rb"[0-9]{9}(?![0-9])(?!\.[0-9])")
_KEYS = Keyed(
    rb"(?i:social_?-?sec(?:urity)?|soc_?sec)|%b(?i:ssn)|[a-z]S(?:sn|SN)" % WORD,
    rb"[0-9]{3}",
)
_OTHER_KEY = re.compile(rb"last_?(?:4|four)|hash|token|count|time|date|verif|ids?$")


class SocialSecurityNumber(Detector):
    """Three, two and four digits that the Social Security Administration could have issued.

    Confidence: 0.98 in groups under a key that names it; 0.9 nine digits in a row under one; without a key 0.75 with
    hyphens, 0.5 with blanks or dots. Numbers from 900 are those of taxpayers without one (ITIN), 000 and 666 no area.
    Numbers that were printed in advertisements count: test people have them.
    """

    type = "SSN"
    title = "US social security number"
    cues = (_KEYS.cue(after=24),)
    shapes = (Shape.SEPARATED,)
    pattern = re.compile(rb"[0-9]{3}(?P<joint>[ .\-]?)[0-9]{2}(?P=joint)[0-9]{4}")
    telling = rb"\bssn\b|social_?security|social_?sec\b|soc_?sec"
    examples = (
        "219-09-9999",
        "078-05-1120",
        "ssn=219099999",
        '{"social_security_number":"078051120"}',
        "SSN: 219 09 9999",
        '<string name="userSsn">219-09-9999</string>',
        "ssn&quot;:&quot;219099999&quot;",
        "his number is 219 09 9999.",
        "Jane Doe219-09-9999Berlin",
        '"SSN" : 219099999,',
        "219.09.9999",
    )
    counterexamples = (
        "000-12-3456",
        "666-12-3456",
        "912-71-1234",
        "219-00-9999",
        "219-09-0000",
        "219099999",
        "2024-01-1520",
        "415-555-0132",
        "219-09-99991",
        "a1-219-09-9999",
        "ssn_last4: 9999",
        "className=219099999",
        "219-09 9999",
        "219-09-9999-1",
        "v1.219.09.9999",
        "10 219 09 9999 12",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Numbers in groups, and under a telling key also those in a row."""
        limit = min(window.ceiling, window.end + self.reach)
        ends = {found.start(): found.end() for found in _GROUPED.finditer(window.buffer, window.start, limit)}
        for _, at in _KEYS.values(window):
            bare = _BARE.match(window.buffer, at, limit)
            if bare is not None:
                ends[at] = bare.end()
        for start in sorted(ends):
            if start < window.end:
                end = ends[start]
                judged = self.judge(bytes(window.buffer[start:end]), window, start, end)
                if judged is not None:
                    yield Match(start, end, *judged)

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """By the rules of issue, then by form and key."""
        digits = self.normalise(value)
        area, group, serial = digits[:3], digits[3:5], digits[5:]
        if area in (b"000", b"666") or area[:1] == b"9" or group == b"00" or serial == b"0000":
            return None
        key = _KEYS.before(window, start)
        told = bool(key) and not _OTHER_KEY.search(key)
        why = "area, group and serial number could have been issued"
        if told:
            return (0.98 if len(value) > 9 else 0.9), (why, "the key names it")
        if len(value) == 9:
            return None
        if value[3:4] == b"-":
            if speaks_of_something_else(window, start):
                return 0.5, (why, "grouped by hyphens", "the key names something else")
            return 0.75, (why, "grouped by hyphens")
        before = bytes(window.buffer[max(window.floor, start - 2) : start])
        after = bytes(window.buffer[end : min(window.ceiling, end + 2)])
        if before[:1].isdigit() or after[1:].isdigit():
            return None  # one of a row of numbers
        return 0.5, (why, "grouped by blanks or dots")

    def normalise(self, value: bytes) -> bytes:
        """Digits only."""
        return re.sub(rb"[^0-9]", b"", value)
