"""Names of people by their key: one that names a person, a role, or a bare `name` by what it is in."""

import re
from collections.abc import Iterator

from harness.detectors._context import CASELESS, IN_ARRAY, NAME_KEYS, PERSON_KEYS, PLACEHOLDER
from harness.detectors._found import Found
from harness.detectors._person import FULL, NEAR_PERSON, NEARBY, RUN, THINGS, has_given, is_named_in, is_person
from harness.detectors.base import Keyed, Window

__all__ = ["BARE", "LETTERHEAD", "NAMED", "ROLES", "keyed"]

NAMED = Keyed(rb"(?i:%b)" % NAME_KEYS, rb"[A-Za-z\xc3-\xed]", tail=rb"[0-9]{0,2}%b" % IN_ARRAY)
_HEAD = rb"(?:[A-Z]|[\xc3-\xed])"
_SEEN = rb"(?:[A-Z]|[\xc3-\xed]|\\u0[0-9a-f])"
"""What a cue sees of it: a letter may be escaped in a document that only its format reads."""
_TO = (
    rb"(?:(?:To|From|TO|FROM|Cc|CC|Attn|ATTN|Attention|Bill [Tt]o|Ship [Tt]o|Re|Subject): |(?:to|from)\":[ ]?\""
    rb"|(?:[Tt]o|[Ff]rom)\x1f)"
)
_SEPARATOR = (
    rb"(?:\\?[\"']|&quot;)?(?: value|</key>[ \t\r\n]{0,12}<string)?[ ]{0,2}(?:[:=|>]|[\x00-\x1f]{1,4})[ ]{0,2}"
    rb"(?:\[[ \t\r\n]{0,12})?(?:\\?[\"']|&quot;)?"
)
"""Simpler than that of other keys, for `name` is everywhere, and each that is seen costs."""
_NAME_WORDS = "name|Name|NAME|nombre|nome|naam|nama|имя|Имя|isim".encode()
LETTERHEAD = _TO + _SEEN
BARE = rb"(?:%b)[0-9]?%b%b" % (_NAME_WORDS, _SEPARATOR, _SEEN)
_ASCII = [each for each in PERSON_KEYS.split(b"|") if each.isascii()]
_FOREIGN = [each for each in PERSON_KEYS.split(b"|") if not each.isascii()]
ROLES = tuple(
    rb"(?i:%b)(?:[_ .\-]?[nN]ame)?%b%b" % (b"|".join(names), _SEPARATOR, _SEEN)
    for names in (_ASCII[::2], _ASCII[1::2], _FOREIGN)
)
"""Three small expressions, which cost the engine a twentieth of what one large does."""
_LETTERHEAD = re.compile(rb"(?<![A-Za-z])(?P<key>%b)(?=%b)" % (_TO, _HEAD))
_BARE = re.compile(rb"(?<![A-Za-z])(?:%b)[0-9]?%b(?=%b)" % (_NAME_WORDS, _SEPARATOR, _HEAD))
_ROLE = re.compile(rb"(?P<key>(?i:%b))(?:[_ .\-]?[nN]ame)?%b(?=%b)" % (PERSON_KEYS, _SEPARATOR, _HEAD))
_OPEN_KEY = re.compile(rb"display|account|contact|owner|author|holder|user")
"""Of the keys that name a person, those that firms and screens have, too."""
_SURE_ROLE = re.compile(
    rb"patient|employee|passenger|plaintiff|defendant|petitioner|respondent|attorney|counsel|witness|judge|physician"
    rb"|nurse|student|teacher|spouse|father|mother|parent|guardian|beneficiary|next.of.kin|claimant|tenant|signed"
    rb"|prepared|applicant|supervisor|assigned|cardholder|attn|attention|insured|borrower"
)
_TELLS = re.compile(rb"[^ .\-_'\x80-\xff]|\xe2\x80\x9c|\xef\xbc\x9a")
"""Between a key and its value stands more than a blank."""
_PERSONS = re.compile(
    rb"(?:my_?|the_?|new_?)?(?:%b)(?:e?s|_?info|_?details|_?data|_?profiles?|_?table)?" % PERSON_KEYS
)
_NEAR_THING = re.compile(
    rb"""["'<,{| ](?:version|package|class|url|uri|icon|price|sku|currency|artist|album|iso|capital|mime|event"""
    rb"""|product|category|href|src|path|file|latitude|lat|lng|brand|quantity|ts|priority|bundle|layout)"""
    rb"""[a-z_]{0,8}["']{0,2}[ ]{0,2}[:=>|]"""
)
_CLOSES = re.compile(rb"""[ .]{0,2}(?:\Z|[\x00-\x1f"'\\<|,;&}\])(\x7f]|  |\xe2\x80\xac)""")

_FULL = re.compile(FULL)
_LOWER = re.compile(rb"[a-z][a-z]+(?:[ \-][a-z]+){0,3}")
_CASELESS_NAME = re.compile(rb"%b{1,12}(?:(?:[ ]|\xc2\xb7|\xe3\x83\xbb)%b{1,12}){0,3}" % (CASELESS, CASELESS))
_BARE_KEY = re.compile(
    rb"(?is)(?:<(?P<element>[a-z][a-z0-9_\-]{0,31})(?=[ >])[^<>]{0,150}"
    rb"|(?P<outer>[a-z][a-z0-9_]{1,31})(?:[^a-z0-9{]|quot;){1,12}\{(?:[^a-z0-9]|quot;){1,8})?"
    rb"(?:(?P<prefix>[a-z0-9]{1,24})[_.\- ])?(?<![a-z0-9])(?:%b)[0-9]{0,2}[^A-Za-z0-9]{1,10}"
    rb"(?:(?:quot|value|is|string)[^A-Za-z0-9]{1,8}){0,3}\Z" % _NAME_WORDS
)


def keyed(window: Window) -> Iterator[Found]:
    """Values of keys that name a person, a role, or just a `name`."""
    for key, at in NAMED.values(window):
        value = _value(window, at)
        if value is not None:
            yield from _under_name(window, key, at, value)
    for key, at in _roles(window):
        value = _value(window, at)
        if value is not None and _is_separated(window, at):
            yield from _under_role(window, key, at, value)
    for found in _BARE.finditer(window.buffer, window.start, window.end):
        value = _value(window, found.end())
        if value is not None:
            yield from _under_bare(window, found.end(), value)


def _roles(window: Window) -> Iterator[tuple[bytes, int]]:
    for rule in (_ROLE, _LETTERHEAD):
        for found in rule.finditer(window.buffer, window.start, window.end):
            yield found["key"].lower(), found.end()


def _value(window: Window, at: int) -> tuple[bytes, bool] | None:
    """What may be a name there, and whether it is all of the value."""
    run = RUN.match(window.buffer, at, window.ceiling)
    if run is None:
        return None
    whole = run[0].rstrip(b" .'-")
    closes = _CLOSES.match(window.buffer, at + len(whole), window.ceiling) is not None
    if closes and len(whole.split()) <= 5:
        return whole, True
    full = _FULL.match(window.buffer, at, window.ceiling)
    return (full[0], False) if full else None


def _is_separated(window: Window, at: int) -> bool:
    """Whether more than a blank stands between a key and its value."""
    before = bytes(window.buffer[max(window.floor, at - 12) : at])
    gap = re.findall(rb"[^A-Za-z0-9]*", before[::-1])[0][::-1]
    return _TELLS.search(gap) is not None


def _under_name(window: Window, key: bytes, at: int, value: tuple[bytes, bool]) -> Iterator[Found]:
    text, is_whole = value
    end = at + len(text)
    if PLACEHOLDER.fullmatch(text) or not _is_separated(window, at):
        return
    is_full = _FULL.fullmatch(text) is not None
    if is_full and not is_person(text, bytes(window.buffer[end : min(window.ceiling, end + 24)])):
        return
    if _OPEN_KEY.match(key) and not (is_full and b" " in text and has_given(text)) and not has_given(text):
        return
    if is_full and (is_whole or b" " in text):
        yield at, end, (0.95, ("written like a name", "the key names a person"))
    elif is_whole and (_LOWER.fullmatch(text) or _CASELESS_NAME.fullmatch(text) or text.isupper()):
        yield at, end, (0.85, ("the key names a person",))


def _under_role(window: Window, key: bytes, at: int, value: tuple[bytes, bool]) -> Iterator[Found]:
    text, is_whole = value
    end = at + len(text)
    if _CASELESS_NAME.fullmatch(text) and is_whole and len(text) <= 24:
        yield at, end, (0.7, ("the key names somebody's role",))
        return
    behind = bytes(window.buffer[end : min(window.ceiling, end + 24)])
    if not _FULL.fullmatch(text) or not is_person(text, behind):
        return
    given, several = has_given(text), b" " in text
    if several and (given or is_named_in(text, window.around(at, end, NEARBY))):
        yield at, end, (0.9, ("written like a name", "the key names somebody's role"))
    elif (several and not text.isupper() and _SURE_ROLE.search(key)) or (given and is_whole):
        yield at, end, (0.7, ("written like a name", "the key names somebody's role"))


def _under_bare(window: Window, at: int, value: tuple[bytes, bool]) -> Iterator[Found]:
    text, is_whole = value
    end = at + len(text)
    told = _bearer(window, at)
    if told is False or not is_whole:
        return
    behind = bytes(window.buffer[end : min(window.ceiling, end + 24)])
    is_foreign = _CASELESS_NAME.fullmatch(text) is not None
    if not is_foreign and not (_FULL.fullmatch(text) and is_person(text, behind)):
        return
    around = window.around(at, end, NEARBY)
    several, near = b" " in text, NEAR_PERSON.search(around) is not None
    if told and (several or is_foreign or has_given(text)):
        yield at, end, (0.9, ("written like a name", "the name of a person by what it is in"))
    elif near and (several or is_foreign or has_given(text)) and not _NEAR_THING.search(around):
        yield at, end, (0.9, ("written like a name under `name`", "other personal data is near"))
    elif several and has_given(text) and not _NEAR_THING.search(around):
        yield at, end, (0.75, ("written like a name under `name`", "begins with a common given name"))


def _bearer(window: Window, at: int) -> bool | None:
    """Whether a `name` is that of a person, by the names round it; None where they do not say."""
    before = bytes(window.buffer[max(window.floor, at - 200) : at])
    own = _BARE_KEY.search(before)
    outer = [each.lower().encode() for each in window.names[:-1]]
    if own is None:
        return False  # a name within a word: `className`
    outer += [own[part].lower() for part in ("element", "outer", "prefix") if own[part]]
    for name in reversed(outer):
        if _PERSONS.fullmatch(name):
            return True
        if THINGS.fullmatch(name) or name == (own["prefix"] or b"").lower():
            return False
    return None
