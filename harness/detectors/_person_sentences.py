"""Names of people in running text: what announces them, and what is said of them."""

import re
from collections.abc import Iterator

from harness.detectors._context import NAME_CUES, TITLES
from harness.detectors._found import Found, Judged
from harness.detectors._person import (
    ACTS,
    BEGIN,
    CELL_BEFORE,
    CELL_BEHIND,
    END,
    FULL,
    NEAR_PERSON,
    NEARBY,
    PAIR,
    PART,
    PARTIES,
    PREPOSITION,
    SENTENCE_BEFORE,
    SENTENCE_BEHIND,
    THINGS,
    has_given,
    is_named_in,
    is_person,
    stripped,
)
from harness.detectors.base import Window, speaks_of_something_else

__all__ = ["IN_ROW", "SPEAKS", "WITH_INITIAL", "WITH_PARTICLE", "addressed", "announced", "listed", "paired"]

_TITLED = re.compile(
    rb"(?<![A-Za-z])(?P<value>(?:%b)(?:\. ?| )(?P<name>%b)|(?:mr|mrs|ms|dr|prof)\. (?P<lower>[a-z][a-z'\-]{2,24}))"
    % (TITLES, FULL)
)
_INTRODUCED = re.compile(
    rb"(?<![A-Za-z])(?P<how>named?(?: him| her| it)|%b)[: ,]{1,3}"
    rb"(?P<value>%b|[a-z]{3,16}(?: [a-z]{3,20})?(?![A-Za-z]))" % (NAME_CUES["introduction"], FULL)
)
_GREETED = re.compile(
    rb"(?<![A-Za-z])(?:%b) (?P<value>%b)(?=[ ]?(?:[,!:\n\r.;<\\]|-|\Z))" % (NAME_CUES["greeting"], FULL)
)
_SIGNED = re.compile(
    rb"(?<![A-Za-z])(?:%b)[,.!]?(?P<gap>(?:[ \t\r\n]|\\r|\\n){1,6})-{0,2}[ ]?(?P<value>%b)"
    rb"(?=[ ]?(?:[\n\r,|<(]|\\|\Z))" % (NAME_CUES["sign-off"], FULL)
)
_HONOURED = re.compile(
    b"(?P<value>(?:[\xe4-\xe9][\x80-\xbf]{2}){1,4})(?:%b)" % "様|さん|先生|女士|小姐|殿".encode()
    + b"|(?P<korean>(?:[\xea-\xed][\x80-\xbf]{2}){2,4}) ?(?:%b)" % "님|씨".encode()
)
_ROW = re.compile(
    rb"%b%b(?:, %b){1,30}(?:,? (?:and|or|y|und|et|e|ed|en|och|og|&) %b)%b" % (BEGIN, PART, PART, PART, END)
)
_MEMBER = re.compile(rb"%b%b" % (BEGIN, PART))
SPEAKS = (
    rb"said|says|told|asked|replied|answered|shouted|wrote|explained|whispered|lives|lived|listed|spent|works|worked|loves"
    rb"|married|thinks|thought|wants|wanted|knows|knew|called|texted|emailed"
)
_ALONE = re.compile(
    rb"%b(?P<value>%b)(?: (?:%b) |, (?:can|could|would|will|please|do|are) (?:I|you|we|the) )" % (BEGIN, PART, SPEAKS)
)
_WORD_BEFORE = re.compile(rb"%b \Z" % PART)
IN_ROW = rb", [A-Z][a-z]{1,14}(?:, | and | or | y | und | et )[A-Z]"
WITH_PARTICLE = (
    rb"(?:[a-z]|[\x80-\xbf]) (?:van|von|de|del|della|di|da|dos|bin|ibn|al|el|la|le|du|ter|zu|af|av)"
    rb"(?: (?:la|los|der|den|de))? (?:[A-Z]|[\xc3-\xd3])"
)
WITH_INITIAL = rb"(?:[a-z]|[\x80-\xbf]) [A-Z]\. (?:[A-Z]|[\xc3-\xd3])"
_SEEN = re.compile(
    rb"(?:[A-Z]|[\x80-\xff])[a-z\x80-\xff]{1,15} (?:[A-Z][a-z\x80-\xff]|[\x80-\xff]{2})|%b|%b"
    % (WITH_PARTICLE, WITH_INITIAL)
)
"""Which pairs a cue or the shape of two words points at: what none does must not be found by chance."""
_PARTY = re.compile(rb",?[ \t\r\n]{1,4}\(?(?:%b)" % PARTIES)
_IN_ROW = re.compile(IN_ROW)
_PAIR = re.compile(PAIR)


def announced(window: Window) -> Iterator[Found]:
    """Names behind a title, an introduction, a greeting or a closing formula."""
    for rule, why in _ANNOUNCED:
        for found in rule.finditer(window.buffer, window.start, window.end):
            if rule is not _HONOURED and not _is_announced(window, rule, found):
                continue
            start, end = found.span("value" if found["value"] else "korean")
            yield start, end, (0.9, (why,))


def _is_announced(window: Window, rule: re.Pattern[bytes], found: re.Match[bytes]) -> bool:
    text, behind = found["value"], bytes(window.buffer[found.end("value") : min(window.ceiling, found.end() + 24)])
    if rule is _TITLED:
        return bool(found["lower"]) or is_person(found["name"], behind)
    if not is_person(text, behind):
        return False
    if rule is _SIGNED:
        return b"\n" in found["gap"] or b"\\n" in found["gap"] or has_given(text)
    return rule is not _INTRODUCED or _introduces(found["how"].lower(), text)


def _introduces(how: bytes, text: bytes) -> bool:
    """`I am` may be followed by anything, `my name is` by a name only; one without capitals has to be common."""
    if text.islower() and not re.match(rb"name", how):
        return False
    if not text.islower() and re.search(rb"name|\bnom\b|nome|nombre|naam|nama", how) and how != b"named":
        return True
    return has_given(text.split(b" ")[0] if text.islower() else text)


def listed(window: Window) -> Iterator[Found]:
    """Single names in a row with commas, most of them common."""
    for found in _ROW.finditer(window.buffer, window.start, window.end):
        if not _IN_ROW.search(found[0]):
            continue
        members = [*_MEMBER.finditer(window.buffer, *found.span())]
        if sum(has_given(each[0]) for each in members) * 3 >= len(members) * 2:
            for each in members:
                yield *each.span(), (0.7, ("one of a row, most of which are common given names",))


def addressed(window: Window) -> Iterator[Found]:
    """A common given name alone that speaks, or is spoken to."""
    for found in _ALONE.finditer(window.buffer, window.start, window.end):
        if has_given(found["value"]) and is_person(found["value"], b""):
            yield *found.span("value"), (0.6, ("a common given name", "the sentence treats it as somebody"))


def paired(window: Window) -> Iterator[Found]:
    """Two words or more with capitals, by what stands round them."""
    for found in _PAIR.finditer(window.buffer, window.start, window.end):
        end, text = found.end(), stripped(found[0])
        start = end - len(text)
        behind = bytes(window.buffer[end : min(window.ceiling, end + 32)])
        if b" " not in text or not (_SEEN.search(text) or _PARTY.match(behind)) or not is_person(text, behind):
            continue
        judged = _in_sentence(window, start, end, text, behind)
        if judged is not None:
            yield start, end, judged


def _in_sentence(window: Window, start: int, end: int, text: bytes, behind: bytes) -> Judged | None:
    around = window.around(start, end, NEARBY)
    given = has_given(text)
    if is_named_in(text, around):
        return (0.9 if given else 0.85), ("two words with capitals", "an email address nearby is made of them")
    before = bytes(window.buffer[max(window.floor, start - 32) : start])
    if (row := _WORD_BEFORE.search(before)) and stripped(row[0]) == row[0]:
        return None  # the end of a longer row of words with capitals
    acts, after = ACTS.match(behind) is not None, PREPOSITION.search(before) is not None
    is_alone = CELL_BEFORE.search(before) is not None and CELL_BEHIND.match(behind) is not None
    near = NEAR_PERSON.search(around) is not None
    evidence = acts + after + is_alone + near
    if given and evidence:
        if speaks_of_something_else(window, start) and not (acts or after or near):
            if THINGS.fullmatch(window.key_before(start).rpartition(b".")[2]):
                return None
            return 0.5, ("begins with a common given name", "the key names something else")
        why = "the sentence treats it as somebody" if acts or after else "it stands alone"
        return (0.85 if evidence > 1 else 0.75), ("begins with a common given name", why)
    if given and SENTENCE_BEFORE.search(before) and SENTENCE_BEHIND.match(behind):
        return 0.6, ("begins with a common given name", "it stands in a sentence")
    if evidence > 1 and (acts or after) and not text.isupper():
        return 0.6, ("two words with capitals", "the sentence treats them as somebody")
    return None


_ANNOUNCED = (
    (_TITLED, "behind a form of address"),
    (_INTRODUCED, "behind words that introduce somebody"),
    (_GREETED, "behind a greeting"),
    (_SIGNED, "behind a closing formula"),
    (_HONOURED, "before an honorific"),
)
