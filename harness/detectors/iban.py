"""International bank account numbers (ISO 13616), told by the form of their country and two check digits."""

import re
from collections.abc import Iterator

from harness.detectors.base import Detector, Keyed, Match, Shape, Window
from harness.model import MaskRule

_FORMS = dict(
    re.findall(
        r"([A-Z]{2})(\S+)",
        """AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c CH5n12c CR18n
        CY8n16c CZ20n DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n GB4a14n GE2a16n
        GI4a15c GL14n GR7n16c GT24c HN4a20n HR17n HU24n IE4a14n IL19n IQ4a15n IS22n IT1a10n12c JO4a4n18c KW4a22c
        KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c LV4a13c LY21n MC10n11c2n MD20c ME18n MK3n10c2n MN16n MR23n
        MT4a5n18c MU4a19n3a NI4a20n NL4a10n NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c
        SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c SO19n ST21n SV4a20n TL19n TN20n TR6n16c UA6n19c VA18n
        VG4a16n XK16n YE4a4n18c""",
    )
)
"""What stands behind the check digits, by country, as the registry of SWIFT (release 101) has it: n digits,
a capitals, c either."""
_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}
_ACCOUNTS = {
    country.encode("ascii"): re.compile(
        "".join(f"{_CLASSES[kind]}{{{size}}}" for size, kind in re.findall(r"([0-9]+)([nac])", form)).encode("ascii")
    )
    for country, form in _FORMS.items()
}
_LENGTHS = {
    country.encode("ascii"): 4 + sum(int(size) for size in re.findall(r"[0-9]+", form))
    for country, form in _FORMS.items()
}
_GAP = rb"(?:[ .\-]|\xc2\xa0|\xe2\x80\xaf)?"
_STARTS = re.compile(rb"(?<![0-9A-Za-z])(?=[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4})")
_KEYS = Keyed(
    rb"(?i:iban|account|acct|konto_?n(?:r|um)|beneficiary)",
    rb"[A-Za-z]{2}[ \-]?[0-9]{2}",
)
_JOINED = re.compile(rb"[A-Za-z0-9](?:%b[A-Za-z0-9]){14,33}" % _GAP)
_CHARACTER = re.compile(rb"[A-Za-z0-9]")
_BLANK = re.compile(rb"[^A-Za-z0-9]")
_CLAIMED = re.compile(rb"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}(?![A-Za-z0-9])")
_BANK = re.compile(
    rb"(?:swift|bic)[^a-z0-9]{1,6}(?:(?:code|value|is)[^a-z0-9]{1,6})?[a-z]{6}[a-z0-9]{2}(?:[a-z0-9]{3})?(?![a-z0-9])"
)
"""A bank's code (ISO 9362) under its name."""


class Iban(Detector):
    """A country, two check digits, and as many letters and digits as banks of that country have, in groups or not.

    Confidence: 0.99 under a key that names an account, 0.97 without one: chance gives the check digits once in 97,
    and the length and form of the country seldom; 0.6 where they do not hold, but the key names an account and the
    code of its bank stands beside it. Small letters count under a key only. A bank's own code (BIC) is of nobody.
    """

    type = "IBAN"
    title = "Bank account number (IBAN)"
    cues = (_KEYS.cue(after=24),)
    shapes = (Shape.IBAN,)
    pattern = re.compile(rb"[A-Za-z]{2}%b[0-9]{2}(?:%b[A-Za-z0-9]){11,30}" % (_GAP, _GAP))
    telling = rb"iban|bank_?acc|account_?n(?:o|um)|acct_?n(?:o|um)|kontonummer"
    mask = MaskRule.HIDDEN
    examples = (
        "DE89 3704 0044 0532 0130 00",
        "GB33BUKB20201555555555",
        '{"iban":"FR7630006000011234567890189"}',
        "Please pay to NL91 ABNA 0417 1643 00 today",
        "iban=gb33bukb20201555555555",
        "NO93 8601 1117 947.",
        "LC14BOSL123456789012345678901234",
        '<string name="account">ES91-2100-0418-4502-0005-1332</string>',
        "BE68539007547034;KREDBEBB",
        "MT31MALT01100000000000000000123",
        "Account MU43BOMM0101123456789101000MUR",
        "Bank: IBAN GB33326516468293985937\nSWIFT: BUKBGB22",
    )
    counterexamples = (
        "DE89 3704 0044 0532 0130 01",
        "GB33BUKB2020155555555",
        "GB33BUKB202015555555555",
        "XX89370400440532013000",
        "DE89 370A 0044 0532 0130 00",
        "gb33bukb20201555555555",
        "AB12CD34EF56AB12CD34",
        "KREDBEBBXXX",
        "iban=DE00000000000000000000",
        "FADE89370400440532013000",
        "AL47 2121 1009 0000 0002 3569 8740",
        "SE3550000000054910000003a",
        "iban=GB33326516468293985937",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Numbers in capitals, and under a key that names an account also in small letters."""
        limit = min(window.ceiling, window.end + self.reach)
        keyed = {at for _, at in _KEYS.values(window)}
        starts = {found.start() for found in _STARTS.finditer(window.buffer, window.start, limit)}
        for start in sorted(starts | keyed):
            if start >= window.end:
                return
            end = _end(window, start)
            judged = self.judge(bytes(window.buffer[start:end]), window, start, end) if end else None
            if judged is not None:
                yield Match(start, end, *judged)
            elif start in keyed and (end := _claimed(window, start)):
                yield Match(start, end, 0.6, ("the key names an account, and the code of a bank is beside it",))

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """By form and check digits."""
        number = self.normalise(value)
        account = _ACCOUNTS[number[:2]]
        told = bool(_KEYS.before(window, start))
        if (
            not account.fullmatch(number, 4)
            or not _is_checked(number)
            or not (value == value.upper() or (told and value == value.lower()))
        ):
            return None
        if set(number[4:]) <= set(b"0"):
            return None
        why = "length and form of its country, and the check digits hold"
        return (0.99, (why, "the key names an account")) if told else (0.97, (why,))

    def normalise(self, value: bytes) -> bytes:
        """Capitals and digits only."""
        return _BLANK.sub(b"", value).upper()


def _end(window: Window, start: int) -> int:
    """Where as many letters and digits as its country asks for end, and nothing goes on; 0 where they do not."""
    buffer = window.buffer
    wanted = _LENGTHS.get(bytes(buffer[start : start + 2]).upper())
    if wanted is None:
        return 0
    found = _JOINED.match(buffer, start, min(window.ceiling, start + 3 * wanted))
    if found is None:
        return 0
    left, end = wanted, start
    for piece in _CHARACTER.finditer(found[0]):
        left -= 1
        if not left:
            end = start + piece.end()
            break
    behind = bytes(buffer[end : min(window.ceiling, end + 1)])
    return 0 if left or behind.isalnum() else end


def _claimed(window: Window, start: int) -> int:
    """Where a number ends that is none by its check digits, and that the code of a bank beside it speaks for."""
    found = _CLAIMED.match(window.buffer, start, window.ceiling)
    if found is None or found[0][:2] not in _ACCOUNTS or not _BANK.search(window.around(start, found.end())):
        return 0
    return found.end()


def _is_checked(number: bytes) -> bool:
    """The check of ISO 7064, MOD 97-10, and two digits that it can give."""
    moved = number[4:] + number[:4]
    return 2 <= int(number[2:4]) <= 98 and int("".join(str(int(chr(each), 36)) for each in moved)) % 97 == 1
