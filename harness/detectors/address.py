"""Postal addresses and their parts: a street with its number and town in the styles of many posts, a mail box, or
what a key or words like `lives at` announce. A word for a street alone is none."""

import re
from collections.abc import Iterator
from dataclasses import replace

from harness.detectors._address import BOX, LOCALITY, STREET_CUES, STREETS, TAIL
from harness.detectors._context import ADDRESS_CUES, ADDRESS_KEYS, CAPITAL, LETTER, PLACEHOLDER
from harness.detectors._found import Found, apart
from harness.detectors.base import WORD, Cue, Detector, Keyed, Match, Window
from harness.model import MaskRule

_WHOLE = Keyed(
    rb"%b(?i:%b|address|adr)|[a-z](?:Address|Addr|Street)" % (WORD, ADDRESS_KEYS),
    rb"[A-Za-z0-9\xc3-\xed]",
    tail=rb"(?i:_?line)?_?[0-9]{0,2}",
)
_CODE = Keyed(
    rb"(?i:zip[_ ]?code|postal[_ ]?code|post_?code|c[o\xc3][\xb3]?digo_?postal|code_?postal|postleitzahl|pin_?code)"
    rb"|%b(?i:zip|plz|cap|cep)" % WORD,
    rb"[A-Z0-9]",
    tail=rb"[0-9]{0,2}",
)
_PART = Keyed(
    rb"%b(?i:city|town|suburb|locality|ciudad|cidade|ville|wohnort|citt\xc3\xa0|plaats)" % WORD, rb"[A-Z\xc3-\xed]"
)
_OTHER = re.compile(
    rb"e_?-?mail|\bip|ip_|mac|host|server|wallet|btc|eth|contract|bluetooth|remote|local|proxy|gateway|memory|base|web"
    rb"|url|dns|node|peer|socket|bind|listen|inet|http|broadcast|multicast|device|hw|ble|api|book|id$|type|hash|verif|coun"
)
"""Addresses of machines and of mail."""
_TEXT = re.compile(rb"""[^"<>|{}\x00-\x09\x0b\x0c\x0e-\x1f\x7f\\]{3,200}""")
_NO_POST = re.compile(
    rb"[0-9A-Fa-f:.]{3,64}(?:/[0-9]{1,3}|:[0-9]+)?|0x.*|[\w.+\-]+@.*|[a-z][a-z0-9+.\-]*:.*|/.*"
    rb"|[\w\-]+(?:\.[\w\-]+)+(?:[:/].*)?|[A-Za-z0-9_\-]+|localhost.*"
)
"""Machines, files, identifiers: nothing with a blank in it, but for what begins with a scheme."""
_POSTAL = re.compile(
    rb"(?:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]|[0-9]{5}-[0-9]{3,4}"
    rb"|[0-9]{3}-[0-9]{4}|[0-9]{3} ?[0-9]{2,3}|[0-9]{2}-[0-9]{3}|[0-9]{4} ?[A-Z]{2}|[0-9]{4,6})(?![0-9A-Za-z.\-])"
)
_NEAR_PARTS = re.compile(
    rb"street|zip|postal|post_?code|address|plz|stra(?:ss|\xc3\x9f)e|\bcalle|\brue\b|province|first_?name|last_?name|phone"
)
_LOCALITY = re.compile(LOCALITY)
_ANNOUNCED = re.compile(
    rb"(?<![A-Za-z])(?:address of [^\n:]{1,40} is |(?:%b)[: ,\n]{1,4}(?:[a-z ]{1,24}[: ,\n]{1,4})?)"
    rb"(?P<value>(?:[0-9]{1,6}[A-Za-z]?,? (?:%b|[0-9])|%b(?:%b|[ .'\-]){2,48} [0-9]{1,5}\b)(?:%b|[0-9]|['.\-/])*%b)"
    % (ADDRESS_CUES, CAPITAL, CAPITAL, LETTER, LETTER, TAIL)
)
_NO_STREET = re.compile(
    rb"(?i:(?:gate|terminal|room|line|level|page|platform|floor|track|exit|version|chapter|step|port|row|section)\b"
    rb"|[0-9]+ (?:am|pm|hours?|days?|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)\b)"
)
_BOX = re.compile(BOX)


class Address(Detector):
    """Where somebody gets mail.

    Confidence: 0.95 a street with its number and a town or postal code under a key that names it, 0.9 without one;
    0.9 text with a number under such a key, 0.75 other text of several words; 0.85 a post box with its town, 0.75
    alone; 0.8 what words like `lives at` announce and begins with a number; 0.8 a postal code and 0.7 a town under
    their own key; 0.6 a street of a sure kind and its number, without a town.
    """

    type = "ADDRESS"
    title = "Postal address"
    cues = (
        _WHOLE.cue(after=200),
        _CODE.cue(after=16),
        _PART.cue(after=64),
        Cue(
            rb"(?:address of [^\n:]{1,40} is |(?:%b)[: ,\n]{1,4}(?:[a-z ]{1,24}[: ,\n]{1,4})?)"
            rb"(?:[A-Z0-9]|[\xc3-\xe1])" % ADDRESS_CUES,
            before=8,
            after=160,
        ),
        *(Cue(expression, before=before, after=after) for expression, before, after in STREET_CUES),
    )
    pattern = re.compile(
        rb"(?<![A-Za-z0-9_\x80-\xff])(?:[0-9]{1,6}[A-Za-z]?\b|%b%b*|[A-Z][0-9][A-Z0-9]*|[a-z]{2,24})"
        rb"|[\xe3-\xed][\x80-\xbf]{2}" % (CAPITAL, LETTER)
    )
    telling = rb"zip|postal|post_?code|street|address|\bcity\b|\bplz\b"
    mask = MaskRule.HIDDEN
    reach = 200
    examples = (
        "Please send it to 12 Main St, Springfield, IL 62704 by Friday",
        "1600 Example Avenue NW, Suite 200, Washington, DC 20500",
        "Hauptstraße 12a, 10115 Berlin",
        "12 rue de la Paix, 75002 Paris",
        "Calle Mayor 5, 28013 Madrid",
        "Via Roma 1, 00184 Roma",
        "Kerkstraat 12, 1017 GL Amsterdam",
        "10 Downing Street, London SW1A 2AA",
        "12 Smith St, Sydney NSW 2000",
        "123 Queen Street, Toronto ON M5H 2M9",
        "Rua das Flores, 123 - São Paulo - SP, 01000-000",
        "〒100-0001 東京都千代田区千代田1-1",
        "P.O. Box 1234, Springfield, IL 62704",
        '{"shipping_address":"7 Cherry Lane"}',
        '<string name="home_address">Flat 3, Rose Cottage</string>',
        "zip_code=62704",
        "street=Lange Gasse 4",
        "How do I change my address to 92 Quuxgata 57\nExampleby\n, LA\n 56139 please",
        "she lives at 95 Lille Vibyvej 8",
        "Unit Foo\nFPO AE 94560",
    )
    counterexamples = (
        "ip_address=192.0.2.1",
        '{"address":"00:11:22:33:44:55"}',
        "address: localhost:8080",
        "address=0x7fff5fbff8a0",
        "email_address=jane@example.org",
        "12 Way to go",
        "The Main St of the town",
        "Street",
        "version 12 Drive C: 200 MB",
        "the train arrived at Gate 12",
        "12 Monkeys, Twelve",
        "postal_code_required=true",
        "zip=backup.zip",
        "address=null",
        "a street with no name",
        '{"city":"Paris"}',
        "St. 12",
        "deliver to 5 Days",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """The best proved of what overlaps."""
        low = max(window.floor, window.start - self.reach)
        high = min(window.ceiling, window.end + self.reach)
        wide = replace(window, start=low, end=high)
        rules = _streets, _boxes, _announced, _keyed
        for start, end, judged in apart(each for rule in rules for each in rule(wide)):
            if window.start <= start < window.end:
                yield Match(start, end, *judged)

    def normalise(self, value: bytes) -> bytes:
        """Lower case, one blank between words, no commas and dots."""
        text = value.decode("utf-8", "replace").lower()
        return " ".join(re.sub(r"[,.]|\\n", " ", text).split()).encode()


def _streets(window: Window) -> Iterator[Found]:
    for street in STREETS:
        for found in street.form.finditer(window.buffer, window.start, window.end):
            start, end = found.span()
            if _NO_STREET.match(found[0]):
                continue
            place = _LOCALITY.match(window.buffer, end, window.ceiling)
            told = bool(_WHOLE.before(window, start))
            if place is not None and place.end() > end:
                why = "a street with its number and town"
                yield start, place.end(), (0.95 if told else 0.9, (why, *(("the key names it",) if told else ())))
            elif street.sure or told:
                yield start, end, (0.9 if told else 0.6, ("a street with its number",))


def _boxes(window: Window) -> Iterator[Found]:
    for found in _BOX.finditer(window.buffer, window.start, window.end):
        place = _LOCALITY.match(window.buffer, found.end(), window.ceiling)
        end = place.end() if place else found.end()
        yield found.start(), end, (0.85 if place or b"PO A" in found[0] else 0.75, ("a post box",))


def _announced(window: Window) -> Iterator[Found]:
    for found in _ANNOUNCED.finditer(window.buffer, window.start, window.end):
        start, text = found.start("value"), found["value"].rstrip(b" .,\n'-")
        if not _NO_STREET.match(text) and text.count(b" ") > 1:
            yield (
                start,
                start + len(text),
                (0.8, ("a number and names", "announced as a place to send to or live at")),
            )


def _keyed(window: Window) -> Iterator[Found]:
    for key, at in _WHOLE.values(window):
        text = _TEXT.match(window.buffer, at, window.ceiling)
        if (
            text is not None
            and _is_separated(window, at)
            and not _OTHER.search(key + b" " + _word_before(window, at, key))
        ):
            yield from _under_address(at, text[0])
    for _, at in _CODE.values(window):
        code = _POSTAL.match(window.buffer, at, window.ceiling)
        if code is not None:
            yield at, code.end(), (0.8, ("written like a postal code", "the key names it"))
    for _, at in _PART.values(window):
        yield from _under_city(window, at)


def _is_separated(window: Window, at: int) -> bool:
    """Whether more than blanks and line ends stand between a key and its value."""
    gap = re.findall(rb"[^A-Za-z0-9]*", bytes(window.buffer[max(window.floor, at - 12) : at])[::-1])[0]
    return bool(gap.strip(b" \r\n\t-_.,"))


def _word_before(window: Window, at: int, key: bytes) -> bytes:
    """What the name of the key begins with: `ip` of `ip_address`."""
    before = bytes(window.buffer[max(window.floor, at - 64) : at]).lower()
    place = before.rfind(key)
    return re.findall(rb"[a-z_]*", before[:place][::-1])[0][::-1] if place > 0 else b""


def _under_address(at: int, text: bytes) -> Iterator[Found]:
    text = re.split(rb"&quot;|'[,}\])]|;|[\r\n]{2}|\n[A-Z][A-Za-z ]{2,24}:|\r?\n[^,A-Z0-9 ]", text)[0].rstrip(
        b" .,\r\n'"
    )
    words = text.split()
    if not words or PLACEHOLDER.fullmatch(text) or _NO_POST.fullmatch(text):
        return
    letters = len(re.findall(LETTER, text))
    if letters < 3 or not _reads_as_text(text) or (len(words) < 2 and text.isascii()):
        return
    if re.search(rb"[0-9]", text):
        yield at, at + len(text), (0.9, ("text with a number", "the key names an address"))
    elif len(words) <= 12 and re.match(rb"%b|[\xe0-\xed]" % CAPITAL, text):
        yield at, at + len(text), (0.75, ("the key names an address",))


def _reads_as_text(value: bytes) -> bool:
    """UTF-8, and nearly all of it letters, digits and what stands between them: by chance no bytes are."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(each.isalnum() or each in " ,.-'/#()\n" for each in text) >= 0.9 * len(text)


def _under_city(window: Window, at: int) -> Iterator[Found]:
    found = _TOWN.match(window.buffer, at, window.ceiling)
    around = window.around(at, at, 160) + " ".join(window.names[:-1]).lower().encode()
    if found is not None and _NEAR_PARTS.search(around) and not PLACEHOLDER.fullmatch(found[0]):
        yield *found.span(), (0.7, ("the key names a town", "other parts of an address are near"))


_TOWN = re.compile(rb"%b(?:%b|[ '\-.]){1,40}(?=[\"'<\\\n\r,|;&\x1e\x00}]|\Z)" % (CAPITAL, LETTER))
