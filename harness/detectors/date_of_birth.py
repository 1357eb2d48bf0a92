"""Dates of birth: a date that its key or the words beside it say is one. Every other date is not."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from harness.detectors._context import BIRTH_CUES, MONTHS
from harness.detectors.base import Cue, Detector, Keyed, Match, Window

_YEARS = range(1906, 2027)
"""In which somebody who lives was born: 0 to 120 years at a fixed reference, so that no clock is asked."""
_MONTH = b"|".join(re.escape(name.encode()) for name in sorted(MONTHS, key=len, reverse=True))
_JOINT = rb"(?:[ ]?[\-/.][ ]?|[ ])"
_NUMERIC = (
    rb"(?P<y1>(?:19|20)[0-9]{2})%b(?P<m1>[0-9]{1,2})%b(?P<d1>[0-9]{1,2})(?![0-9])"
    rb"|(?P<a>[0-9]{1,2})%b(?P<b>[0-9]{1,2})%b(?P<y2>(?:(?:19|20)[0-9]{2}|'?[0-9]{2}))(?![0-9])" % ((_JOINT,) * 4)
)
_NAMED = (
    rb"(?i:(?P<d3>[0-9]{1,2})(?:st|nd|rd|th|er|\xc2\xba|\.)?(?: of)?(?:[ ]?[\-/.,][ ]?| de | )?(?P<m3>%b)(?![a-z])"
    rb"(?:\.|,)?(?:[ ]?[\-/.,][ ]?| de | del | )?(?P<y3>(?:19|20)[0-9]{2}|'?[0-9]{2}(?![0-9]))"
    rb"|(?P<m4>%b)(?![a-z])\.?[ \-/.]{1,2}(?P<d4>[0-9]{1,2})(?:st|nd|rd|th)?(?:,? |[\-/.])(?P<y4>(?:19|20)[0-9]{2})"
    rb"|(?P<y5>(?:19|20)[0-9]{2})[ \-/.](?P<m5>%b)[ \-/.](?P<d5>[0-9]{1,2}))" % (_MONTH, _MONTH, _MONTH)
)
_EAST = "(?P<y6>(?:19|20)[0-9]{2})(?:年|년) ?(?P<m6>[0-9]{1,2})(?:月|월) ?(?P<d6>[0-9]{1,2})(?:日|일|号)?".encode()
_ROW = rb"(?P<row>(?:19|20)[0-9]{6}(?![0-9.])|[0-3][0-9][01][0-9](?:19|20)[0-9]{2}(?![0-9.]))"
_EPOCH = rb"(?P<epoch>-?[0-9]{6,13}(?![0-9]))"
_DATE = re.compile(rb"(?<![0-9A-Za-z])(?<![0-9][./\-])(?:%b|%b|%b|%b|%b)" % (_NUMERIC, _NAMED, _EAST, _ROW, _EPOCH))

_KEYS = Keyed(rb"(?i:%b)" % BIRTH_CUES, rb"[A-Za-z0-9\xd8-\xe0]")
_KEY = re.compile(
    rb"(?i:(?P<word>%b)[a-z_.]{0,16}[0-9]{0,2})(?P<gap>(?:[^A-Za-z0-9]|quot|value|string|integer|long|date|key|is|was|on|the"
    rb"|el|le|am|il|op|em|en|in|a|as|at|since|y-?m-?d|mm|dd|yyyy|T|u|tarihi){0,40}?)\Z" % BIRTH_CUES
)
"""From the word to the date: what syntaxes and sentences put there."""
_SENTENCE = re.compile(
    rb"(?i:(?<![a-z])(?:born|nacid[oa]|nascid[oa]|n\xc3\xa9e?|geboren|nat[oa]|lahir|do\xc4\x9fumlu)(?:[^0-9.\n]{1,40}))\Z"
)
"""`born in Springfield on`: a place may stand between."""
_BEHIND = re.compile(
    (
        " ?(?:生まれ|出生|년생)"
        r"|[ (,]{1,3}(?i:birth|born|d\.?o\.?b|geb\.|doğumlu|tarihinde doğdu|года рождения)"
    ).encode()
)
_OTHER = re.compile(
    rb"(?i:place|city|country|town|ort\b|lieu|luogo|lugar|verified|updated|created|enabled|required|format|reborn|newborn"
    rb"|airborne|osborn|born to|released|published|founded|recorded"
    rb"|birthday_?(?:sent|seen|shown|last|campaign|offer|notif)|birth_?(?:rate|place|order|weight))"
)


class DateOfBirth(Detector):
    """A date beside a key or words for birth, in any order of day, month and year, in digits or with a month's name.

    Confidence: 0.95 under a key that names it; 0.9 behind or before words in a sentence; 0.85 with a year of two
    digits; 0.8 seconds or milliseconds since 1970, or digits in a row, under a key. The year has to be one in which
    somebody who lives was born: 1906 to 2026.
    """

    type = "DATE_OF_BIRTH"
    title = "Date of birth"
    cues = (
        _KEYS.cue(after=40),
        Cue(rb"(?i:%b)" % BIRTH_CUES, before=48, after=104),
        Cue("生まれ|년생".encode(), before=48, after=4),
    )
    pattern = re.compile(rb"(?<![0-9A-Za-z])(?:-?[0-9]{1,13}(?![0-9])|(?i:%b)(?=[ .\-/]))" % _MONTH)
    telling = rb"birth|\bdob\b|\bbday\b|nascimento|nacimiento|naissance|geburt|nascita"
    reach = 48
    examples = (
        '{"dob":"1990-03-14"}',
        "dob=14/03/1990",
        '<string name="date_of_birth">14.03.1990</string>',
        "He was born on March 14, 1990 in Springfield",
        "born in Springfield on 14 March 1990",
        "geboren am 14. März 1990",
        "née le 14 mars 1990",
        "fecha de nacimiento: 14 de marzo de 1990",
        "data di nascita: 14/03/90",
        "生年月日: 1990年3月14日",
        "birthday=638582400",
        'birthDate\\":\\"1990-03-14T00:00:00Z\\"',
        "дата рождения: 14.03.1990",
        "birth_date=19900314",
        "DOB: 14-Mar-1990",
        "tanggal lahir: 14 Maret 1990",
        '<patient name="x" dob="1969-04-08">',
        "<key>birthday</key>\n\t<date>1990-03-14T00:00:00Z</date>",
    )
    counterexamples = (
        "2024-01-15",
        "created=1990-03-14",
        "expiry: 03/14/2027",
        "dob=null",
        "dob=1800-01-01",
        "dob=2190-01-01",
        "birthplace: 1990 Street",
        "birthday_campaign_sent=2024-01-15",
        "dob=1990-13-32",
        "reborn on 1990-03-14",
        "birth_date_required=true",
        "dob=1",
        "born to run, released 25 August 1975",
        "birthday_format=dd/mm/yyyy",
        "version 1.2.1990",
        "date_of_birth_updated_at=2024-01-15",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Dates with the words for it before or behind them."""
        wide = replace(window, start=max(window.floor, window.start - self.reach))
        limit = min(window.ceiling, window.end + self.reach)
        for found in _DATE.finditer(window.buffer, wide.start, limit):
            if window.start <= found.start() < window.end:
                judged = self.judge(found[0], window, found.start(), found.end())
                if judged is not None:
                    yield Match(found.start(), found.end(), *judged)

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """By calendar and age, then by what stands beside it."""
        found = _DATE.fullmatch(value)
        born = _read(found) if found else None
        if found is None or born is None:
            return None
        before = bytes(window.buffer[max(window.floor, start - 96) : start])
        key, sentence = _KEY.search(before), _SENTENCE.search(before)
        behind = _BEHIND.match(window.buffer, end, window.ceiling)
        told = key or sentence
        if told and _OTHER.search(before[max(0, told.start() - 12) :]):
            return None
        bare = found["epoch"] is not None or found["row"] is not None
        if bare:
            return (0.8, ("a time since an epoch or digits of a date", "the key names birth")) if key else None
        if not (told or behind):
            return None
        short = len((found["y2"] or found["y3"] or b"0000").lstrip(b"'")) == 2
        why = "a date that somebody can be born on"
        if short:
            return 0.85, (why, "words for birth beside it", "a year of two digits")
        return (0.95, (why, "the key names birth")) if key else (0.9, (why, "words for birth beside it"))

    def normalise(self, value: bytes) -> bytes:
        """Year, month and day, where they can be told."""
        found = _DATE.fullmatch(value)
        born = _read(found) if found else None
        return born.isoformat().encode() if born else value.strip().lower()


def _read(found: re.Match[bytes]) -> date | None:
    """The day that it names, of somebody who may live; the day is first where both orders are possible."""
    if found["epoch"]:
        return _alive(_since_epoch(int(found["epoch"])))
    if found["row"]:
        row = found["row"].decode()
        first = _day(row[:4], row[4:6], row[6:])
        return first or _day(row[4:], row[2:4], row[:2])
    if found["a"]:
        one, two, year = found["a"].decode(), found["b"].decode(), found["y2"].decode()
        return _day(year, two, one) or _day(year, one, two)
    for n in "13456":
        if found["y" + n]:
            month = found["m" + n].decode().lower().strip(".")
            return _day(found["y" + n].decode(), str(MONTHS.get(month, month)), found["d" + n].decode())
    return None


def _day(year: str, month: str, day: str) -> date | None:
    number = int(year.lstrip("'"))
    if number < 100:
        number += 1900 if number > _YEARS[-1] - 2000 else 2000
    try:
        return _alive(date(number, int(month), int(day)))
    except ValueError:
        return None


def _alive(day: date | None) -> date | None:
    return day if day and day.year in _YEARS else None


def _since_epoch(number: int) -> date | None:
    """Seconds, or milliseconds where they are too many; fewer than a million would be a counter."""
    seconds = number / 1000 if abs(number) >= 1e10 else number
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).date()
    except OverflowError:
        return None
