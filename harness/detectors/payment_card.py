"""Payment card numbers (ISO/IEC 7812), told from other long numbers by issuer, length, checksum and grouping."""

import re
from collections.abc import Iterator

from harness.detectors._check_digits import is_luhn
from harness.detectors.base import WORD, Detector, Keyed, Match, Shape, Window, speaks_of_something_else
from harness.model import Buffer, MaskRule

_FORM = re.compile(
    rb"(?<![0-9])(?<![0-9]\.)(?=(?P<value>(?P<four>[0-9]{4}(?P<gap>[ \-])[0-9]{4}(?P=gap)[0-9]{4})(?P=gap)"
    rb"(?P<last>[0-9]{1,4})(?P<more>(?P=gap)[0-9]{1,3})?(?![0-9])"
    rb"|[0-9]{4}(?P<bar>[ \-])[0-9]{6}(?P=bar)[0-9]{4,5}(?![0-9])"
    rb"|[0-9]{12,19}(?![0-9])(?!\.[0-9])))"
)
"""Looked for ahead only, so that a number that is none does not hide the one that begins in it."""
_ODD = re.compile(rb"[0-9](?:[ \-]?[0-9]){11,18}(?![0-9])")

_KEYS = Keyed(
    rb"(?i:card|credit|debit|payment|primary_?account|visa|master_?card|amex|maestro|kreditkarte|tarjeta|carte)"
    rb"|%b(?i:pan|cc(?:_?n(?:o|um))?)|[a-z](?:Pan|PAN|CC)" % WORD,
    rb"[0-9]{4}",
)
_OTHER_KEY = re.compile(
    rb"(?i)(?:(?:^|[^a-z])(?:id|uid|uuid|guid|ts|ean|upc|isbn|gtin|ref|nonce|rowid|mid)|[a-z](?:Id|ID)|session"
    rb"|timestamp|time"
    rb"|date|imei|meid|iccid|serial|hash|token|tracking|order|transaction|barcode|device|build|version|size"
    rb"|bytes|count"
    rb"|offset|sequence|created|updated|expir|millis|micros|nanos|user_?id|fb_?id|account_?id)"
    rb"[A-Za-z_.\-]{0,12}[0-9]{0,3}[^A-Za-z0-9]{1,10}(?:(?:quot|value|is|key|string|integer|real|number|no)"
    rb"[^A-Za-z0-9]{1,8}){0,4}\Z"
)
"""Long numbers that are counted, timed or drawn, one in ten of which passes the checksum by chance."""

_PREFIXES = {
    "Visa": ("4", (13, 16, 19)),
    "Mastercard": ("51-55 2221-2720", (16,)),
    "American Express": ("34 37", (15,)),
    "Diners Club": ("300-305 3095 36 38-39", (14, 16, 19)),
    "Discover": ("6011 644-649 65", (16, 19)),
    "JCB": ("3528-3589", (16, 17, 18, 19)),
    "JCB of the first series": ("1800 2131", (15,)),
    "UnionPay": ("62 81", (16, 17, 18, 19)),
    "Mir": ("2200-2204", (16, 19)),
    "RuPay": ("508 60 82 353 356", (16,)),
    "Elo": ("504175 506699-506778 509000-509999 627780 636297 636368", (16,)),
    "Verve": ("506099-506198 507865-507964", (16, 18, 19)),
    "Troy": ("9792", (16,)),
    "Dankort": ("5019", (16,)),
    "Hipercard": ("606282", (16,)),
    "InstaPayment": ("637-639", (16,)),
}
"""First digits and lengths by issuer, as the networks publish them."""
_MAESTRO = ("50 56-58 6", tuple(range(12, 20)))
"""So many prefixes and lengths that only a key makes them mean a card."""


def _heads() -> frozenset[bytes]:
    """All that the first four digits of a card can be."""
    known = [*(prefixes for prefixes, _ in _PREFIXES.values()), _MAESTRO[0]]
    bounds = [bound for prefixes in known for bound in (each.partition("-") for each in prefixes.split())]
    return frozenset(
        b"%04d" % head
        for low, _, high in bounds
        for head in range(int(low[:4].ljust(4, "0")), int((high or low)[:4].ljust(4, "9")) + 1)
    )


_HEADS = _heads()

_WORDS = re.compile(
    rb"(?<![a-z])(?:card|cards|visa|master ?card|amex|american express|discover|maestro|credit|debit|payment"
    rb"|pay|paid|cv[vc]2?"
    rb"|exp(?:iry|ires|iration)?|karten?|kreditkarte|carte|tarjeta|cart\xc3\xa3o|carta|kaart|kart\xc4\xb1?"
    rb"|kartu)(?![a-z])"
    rb"|\xd0\xba\xd0\xb0\xd1\x80\xd1\x82|\xe4\xbf\xa1\xe7\x94\xa8\xe5\x8d\xa1|\xe9\x93\xb6\xe8\xa1\x8c\xe5\x8d\xa1"
    rb"|\xe3\x82\xab\xe3\x83\xbc\xe3\x83\x89|\xd8\xa8\xd8\xb7\xd8\xa7\xd9\x82\xd8\xa9"
    rb"|\xe0\xa4\x95\xe0\xa4\xbe\xe0\xa4\xb0\xe0\xa5\x8d\xe0\xa4\xa1"
    rb"|(?<![0-9])(?:0[1-9]|1[0-2])/(?:20)?[0-9]{2}(?![0-9/])"
)
"""About cards, in the languages of most users, and a month and year as they expire."""
_MORE_HEX = re.compile(rb"-[0-9A-Fa-f]{4}")


class PaymentCard(Detector):
    """A primary account number: issuer, length and Luhn checksum fit, in the groups that cards print or none.

    Confidence: 0.99 under a key that names a card; 0.95 in groups; 0.8 sixteen digits in a row with a word about
    cards nearby, 0.7 fourteen or fifteen. Without one they are 0.5, and listed only: one number in ten passes the
    checksum, one in four or so has an issuer's first digits, and apps are full of numbers. Nineteen digits in a
    row, or a card in groups of other sizes, only count under such a key.
    """

    type = "CARD"
    title = "Payment card number"
    cues = (_KEYS.cue(after=40, reason="`card` and `payment` are in many names that no number follows"),)
    shapes = (Shape.DIGITS_14, Shape.GROUPED_4)
    pattern = re.compile(rb"[0-9](?:[ \-]?[0-9]){11,18}")
    """Twelve to nineteen digits, in groups or not; `confirm` reads them by form."""
    telling = rb"card_?n|\bpan\b|credit_?card|debit_?card|primary_?account|cc_?num"
    mask = MaskRule.LAST_FOUR
    examples = (
        "4111 1111 1111 1111",
        "5500-0000-0000-0004",
        "3400 000000 00009",
        '{"number":"4111111111111111"}',
        "pan=6304000000000000",
        "card_number&quot;:&quot;4222222222222&quot;",
        "3056 930902 5904",
        "2223003122003222",
        "Visa 4111-1111-1111-1111 12/27",
        "jane4111 1111 1111 1111 12/27",
        '"cardNumber" : 4000000000000000006',
        "6212345678901232",
        "creditCard: 6212 3456 7890 1232 003",
    )
    counterexamples = (
        "4111 1111 1111 1112",
        "1700000000000",
        "+1 415 555 0132",
        "41111111-1111-1111-1111-111111111111",
        "session_id=4111111111111111",
        "imei: 490154203237518",
        "0.4111111111111111",
        "4111111111111111.5",
        "41111111111111111111",
        "0000 0000 0000 0000",
        "411111******1111",
        "4111 1111-1111 1111",
        "1111111111111111",
        "5f4111111111111111a9c3d2e7",
        "4000000000000000006",
        "createdAt: 4111111111111111",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Every number that starts in the window, in print's groups, or in any under a telling key."""
        limit = min(window.ceiling, window.end + self.reach)
        wide = window.widened(b"0123456789 -")
        spans: dict[int, list[int]] = {}
        for found in _FORM.finditer(window.buffer, wide.start, limit):
            spans.setdefault(found.start(), []).append(found.end("value"))
            if found["more"]:
                spans[found.start()].append(found.end("last"))
        for _, at in _KEYS.values(wide):
            odd = _ODD.match(window.buffer, at, limit)
            if odd is not None:
                spans.setdefault(at, []).append(odd.end())
        free = wide.start
        for start in sorted(spans):
            for end in spans[start]:
                if not free <= start < window.end:
                    break
                judged = self.judge(bytes(window.buffer[start:end]), window, start, end)
                if judged is not None:
                    free = end
                    if end > window.start:
                        yield Match(start, end, *judged)
                    break

    def is_possible(self, buffer: Buffer, at: int, low: int, high: int) -> bool:
        """Whatever else is asked, somebody issues cards whose numbers begin so."""
        return bytes(buffer[at : at + 4]) in _HEADS

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """By checksum and issuer first, then by what the form and the key are worth."""
        digits = re.sub(rb"[^0-9]", b"", value)
        if not is_luhn(digits) or len(set(digits)) == 1:
            return None
        issuer = _issuer(digits)
        told = bool(_KEYS.before(window, start))
        before = bytes(window.buffer[max(window.floor, start - 96) : start])
        other = _OTHER_KEY.search(before) is not None
        if told and not other:
            if b"-" in value and _MORE_HEX.match(window.buffer, end, window.ceiling):
                return None  # the middle of a UUID
            name = issuer or ("Maestro" if _begins(digits, _MAESTRO[0]) else "")
            return (0.99, (_why(name), "the key names a card")) if name else None
        if not issuer or _is_within_word(before, window, end):
            return None
        if len(digits) != len(value) and len(digits) != 13 and not _continues(before, window, end):
            return (0.6 if other else 0.95), (_why(issuer), "grouped as printed on cards")
        if other or len(digits) != len(value) or not 14 <= len(digits) <= 16:
            return None
        return _bare(issuer, len(digits), window, (start, end))

    def normalise(self, value: bytes) -> bytes:
        """Digits only."""
        return re.sub(rb"[^0-9]", b"", value)


def _bare(issuer: str, size: int, window: Window, bounds: tuple[int, int]) -> tuple[float, tuple[str, ...]]:
    """In a row, without a key that names a card."""
    if speaks_of_something_else(window, bounds[0]):
        return 0.5, (_why(issuer), "the key names something else")
    if _WORDS.search(window.around(*bounds)):
        return (0.8 if size == 16 else 0.7), (_why(issuer), "a word beside it is about cards")
    return 0.5, (_why(issuer), "nothing says that it is a card")


def _why(issuer: str) -> str:
    return f"first digits and length of {issuer}, and the checksum holds"


def _begins(digits: bytes, prefixes: str) -> bool:
    for prefix in prefixes.split():
        low, _, high = prefix.partition("-")
        if low <= digits[: len(low)].decode("ascii") <= (high or low):
            return True
    return False


def _issuer(digits: bytes) -> str:
    """The network whose first digits and lengths these are; empty where there is none."""
    for name, (prefixes, lengths) in _PREFIXES.items():
        if len(digits) in lengths and _begins(digits, prefixes):
            return name
    return ""


def _is_within_word(before: bytes, window: Window, end: int) -> bool:
    """Part of a hexadecimal or other code: letters on the left that are none of a word, or on both sides."""
    after = bytes(window.buffer[end : min(window.ceiling, end + 1)])
    left, right = before[-1:].isalpha() or before[-1:] == b"_", after.isalpha() or after == b"_"
    return left and right


def _continues(before: bytes, window: Window, end: int) -> bool:
    """More groups before or behind: a UUID, or a row of numbers."""
    after = bytes(window.buffer[end : min(window.ceiling, end + 2)])
    return bool(re.search(rb"[0-9A-Fa-f]-\Z", before)) or bool(re.match(rb"-[0-9A-Fa-f]", after))
