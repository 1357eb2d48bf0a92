"""Telephone numbers (ITU-T E.164 and national spellings), told from dates, versions, coordinates and plain counts."""

import re
from collections.abc import Iterator

from harness.detectors.base import WORD, Cue, Detector, Keyed, Match, Shape, Window

_BLANK = rb"\xc2\xa0|\xe2\x80[\x90-\x93\xaf]"
"""What phones print between groups so that a line does not break there: no-break blank and hyphen."""
_JOINT = rb"\)?(?:[ .\-/]|%b)?\(?" % _BLANK
_INTERNATIONAL = re.compile(rb"\+[1-9](?:%b[0-9]){6,15}(?![0-9])" % _JOINT)
_NATIONAL = re.compile(
    rb"(?:1[ .\-])?(?:\([2-9][0-9]{2}\)(?:[ .\-]|%b)?[2-9][0-9]{2}(?:[ .\-]|%b)[0-9]{4}"
    rb"|[02-9][0-9]{2}(?P<joint>[ .\-])[0-9]{3}(?P=joint)[0-9]{4})(?![0-9])(?![\-_/][0-9A-Za-z])(?!\.[0-9])"
    % (_BLANK, _BLANK)
)
_LOOSE = re.compile(rb"\(?[0-9](?:%b[0-9]){5,15}(?![0-9])" % _JOINT)
_STARTS = re.compile(
    rb"(?=\+[1-9])|(?<![0-9])(?<![0-9A-Za-z][\-._/])(?=[0-9]{3}[ .\-][0-9]|\([0-9]{3}\)|1[ .\-][0-9(])"
)
_GROUP = re.compile(rb"[0-9](?=[^0-9])")

_KEYS = Keyed(
    rb"(?i:phone|mobile|msisdn|whats_?app|contact_?n(?:o|um)|line1|wa\.me|smsto|callto|celular|telefon)"
    rb"|%b(?i:tel|cell|sms|fax|gsm|handy)|[a-z](?:Tel|Cell|Sms|Fax)" % WORD,
    rb"[+(]{0,2}[0-9][0-9 .()/\-\xc2\xa0\xe2\x80\x90-\x93\xaf]{3}",
)
_OTHER_KEY = re.compile(
    rb"model|type|brand|os_?ver|version|name|verif|valid|_at$|time|date|count|ids?$|hash|token|status|enabled"
    rb"|len|size"
    rb"|region|country|code|cell_?(?:h|w)"
)
"""What else of a phone is counted or dated."""
_DATE = re.compile(
    rb"(?:19|20)[0-9]{2}([\-./ ])(?:0[1-9]|1[0-2])\1[0-3][0-9]|[0-3][0-9]([\-./ ])[0-3][0-9]\2(?:19|20)[0-9]{2}"
    rb"|[0-9]{1,2}/[0-9]{1,2}/(?:19|20)?[0-9]{2}(?![0-9/])"
)
_DECIMAL = re.compile(rb"\+?[0-9]+\.[0-9]+")
_ADDRESS = re.compile(rb"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])")
_VERSION = re.compile(rb"[0-9]\.[0-9]{1,4}(?:-[A-Za-z0-9.]{1,16})?\Z")
_NEARBY = b"0123456789 +-.()/\xc2\xa0\xe2\x80\x90\x91\x92\x93\xaf"

_NATIONAL_LENGTHS = {
    (4, 5): "290",
    (4, 7): "683 690",
    (4, 10): "98",
    (4, 11): "352",
    (4, 12): "598",
    (4, 13): "43 49",
    (5, 6): "247 500 682",
    (5, 8): "47 386 676 677 678 686 688",
    (5, 10): "27 64 685",
    (5, 11): "31 852",
    (5, 12): "61 358 971",
    (5, 13): "82",
    (6, 7): "298 299 597 672 687",
    (6, 9): "40 252 355 376 421 508 681 689",
    (6, 10): "48 53 95 880",
    (6, 11): "375 595",
    (6, 13): "39 46 63 359 381",
    (7, 8): "238 239 241 246 248 269 291 297 592 599 670 673 674 675 680 691 692 853 961 965 975",
    (7, 9): "220 231 245 265 354 385 423 967 968",
    (7, 10): "44 84 230 243 254 263 267 353 372 960",
    (7, 13): "62 86 90 501 503 507 679 882 886 972 974",
    (
        8,
        8,
    ): "45 216 222 223 226 227 228 232 235 236 253 257 266 350 356 357 370 371 373 374 389 505 509 800 808 973 993",
    (8, 9): "32 36 51 213 224 233 237 250 258 264 268 377 382 387 591 962 963",
    (8, 10): "20 60 229 378 506 850 855 856 964 970 976",
    (8, 13): "55 57 65 66 81 91 92 383 502 504 593 883 977",
    (9, 9): "33 34 93 94 211 212 218 221 240 242 244 249 251 255 256 260 261 262 351 590 594 596 979 992 994 995 998",
    (9, 12): "41 56 380 420 870 881 966 996",
    (10, 10): "1 7 52 58 225",
    (10, 12): "30 54 234 878 888",
}
"""Digits behind the country code, fewest and most, by assigned code (ITU-T E.164 annex; lengths as numbering plans
publish them). Whether a number is in use is not asked: the ranges for documentation are not."""
_CODES = {code: lengths for lengths, codes in _NATIONAL_LENGTHS.items() for code in codes.split()}


class Phone(Detector):
    """A subscriber's number: international with a plus, North American in groups, any other under a key that says so.

    Confidence: 0.97 international under a telling key; 0.95 grouped under one; 0.9 international, assigned country
    code and fitting length; 0.8 bare digits under a key; without a key 0.85 for brackets, 0.8 hyphens, 0.7 dots, 0.6
    blanks, 0.5 with a trunk zero, for such groups mean other things too; 0.7 a plus that no plan knows, under a key;
    0.6 where digits of another value touch the plus.
    """

    type = "PHONE"
    title = "Telephone number"
    cues = (
        Cue(
            rb"\+[1-9][0-9 .()/\-\xc2\xa0\xe2\x80\x90-\x93\xaf]{4}",
            before=8,
            after=40,
            reason="one sign and digits are all",
        ),
        Cue(rb"\)\xc2\xa0[0-9]{3}", before=16, after=24),
        _KEYS.cue(after=40, reason="many names, of which digits must follow"),
    )
    shapes = (Shape.SEPARATED,)
    pattern = re.compile(rb"(?<![0-9])(?:\+[1-9]|\(?[0-9])(?:%b[0-9]){5,15}" % _JOINT)
    """Any group of digits that may be one; `confirm` reads it with the rules that its form asks for."""
    telling = rb"phone|mobile|msisdn|whats_?app|contact_?n(?:o|um)|celular|telefon|\btel\b|\bcell\b|\bfax\b"
    examples = (
        "+14155550132",
        "+44 (0)7700 900123",
        "Call (415) 555-0132 now",
        '{"n":"415-555-0132"}',
        "415.555.0132",
        "phone=4155550132",
        '<long name="msisdn" value="14155550132" />',
        "tel:+1-415-555-0199;ext=2",
        "\u202a+1 (415) 555\u20110132\u202c",
        "(415)\u00a0555\u20110132",
        "jane@example.org+14155550132Jane",
        '"homeTel":"020 7946 0018"',
        "mobile_number&quot;:&quot;07700 900123&quot;",
        "1-415-555-0132",
        "https://wa.me/14155550132?text=hi",
        "+49 30 901820 and more",
    )
    counterexamples = (
        "2024-01-15 10:22:33",
        "10:22:33.123456789",
        "192.168.100.2001",
        "1.2.3+20130313",
        "1700000000000",
        "1234567890",
        "38400000-8cf0-11bd-b23e-10b96e40000d",
        "<+37.33240905,-122.03051211> +/- 65.00m",
        "078-05-1120",
        "4111 1111 1111 1111",
        "phone_model=1234567890",
        "phone_verified_at: 2024-01-15 10:22",
        "415-555-01321",
        "sku-415-555-0132-a",
        "GMT+0530, 1.5E+10, +1500000",
        "200 300 4000 500 600 7000",
        "hotel: 4155550132",
        "fax_ip: 192.168.100.201",
        "[PhoneNumber]\n10/13/21 07:22:33",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Every number that starts in the window, wherever in a row of digits the window cuts."""
        wide = window.widened(_NEARBY)
        limit = min(window.ceiling, window.end + self.reach)
        starts = {found.start() for found in _STARTS.finditer(window.buffer, wide.start, limit)}
        keyed = {at for _, at in _KEYS.values(wide)}
        free = wide.start
        for start in sorted(starts | keyed):
            if start < free or start >= window.end:
                continue
            for end in _ends(window, start, limit, start in keyed):
                judged = self.judge(bytes(window.buffer[start:end]), window, start, end)
                if judged is not None:
                    free = end
                    if end > window.start:
                        yield Match(start, end, *judged)
                    break

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """By the form: what a plus, the groups, or only the key tell."""
        digits = re.sub(rb"[^0-9]", b"", value)
        if len(set(digits)) == 1 or value.count(b"(") != value.count(b")"):
            return None
        key = _KEYS.before(window, start)
        told = bool(key) and not _OTHER_KEY.search(key)
        if value[:1] == b"+":
            return _international(value, told, bytes(window.buffer[max(window.floor, start - 24) : start]))
        if _NATIONAL.fullmatch(value):
            return _grouped(value, told, window, (start, end))
        return _bare(value, told, window, start)

    def normalise(self, value: bytes) -> bytes:
        """Digits only, without the sign or zeros of an international prefix."""
        digits = re.sub(rb"[^0-9]", b"", value.replace(b"(0)", b""))
        return digits.removeprefix(b"00") if value[:1] != b"+" else digits


def _ends(window: Window, start: int, limit: int, told: bool) -> Iterator[int]:
    """Where a number that begins there may end: as far as groups go, then one group less each time."""
    buffer = window.buffer
    if buffer[start] == 0x2B:
        found = _INTERNATIONAL.match(buffer, start, limit)
    else:
        found = _NATIONAL.match(buffer, start, limit)
        if found is not None:
            yield found.end()
            return
        found = _LOOSE.match(buffer, start, limit) if told else None
    if found is not None:
        yield found.end()
        text = found[0]
        for end in reversed([each.end() for each in _GROUP.finditer(text)]):
            yield start + end


def _fits(digits: bytes) -> bool:
    """Whether they are an assigned country code and as many more as its plan has."""
    text = digits.decode("ascii")
    for size in (1, 2, 3):
        lengths = _CODES.get(text[:size])
        if lengths is not None:
            return lengths[0] <= len(text) - size <= lengths[1] and len(text) >= 7
    return False


def _international(value: bytes, told: bool, before: bytes) -> tuple[float, tuple[str, ...]] | None:
    digits = re.sub(rb"[^0-9]", b"", value.replace(b"(0)", b""))
    if not _fits(digits):
        whole = told and 7 <= len(digits) <= 15
        return (0.7, ("a plus and digits under a key that names a phone",)) if whole else None
    why = "an assigned country code and a fitting length"
    if told:
        return 0.97, (why, "the key names a phone")
    if _DECIMAL.fullmatch(value) or _VERSION.search(before):
        return None
    return (0.6, (why, "digits touch it")) if before[-1:].isdigit() else (0.9, (why,))


def _grouped(
    value: bytes, told: bool, window: Window, bounds: tuple[int, int]
) -> tuple[float, tuple[str, ...]] | None:
    if told:
        return 0.95, ("grouped as a phone number", "the key names a phone")
    if b"(" in value:
        return 0.85, ("grouped as a phone number, area code in brackets",)
    groups = re.split(rb"[ .\-]", value)
    trunk, joint = groups[-3][:1] == b"0", value[-5:-4]
    if not trunk and groups[-2][:1] in b"01":
        return None  # no exchange begins so
    if joint == b"." and trunk:
        return None
    if joint == b" ":
        start, end = bounds
        before = bytes(window.buffer[max(window.floor, start - 2) : start])
        after = bytes(window.buffer[end : min(window.ceiling, end + 2)])
        if before[:1].isdigit() or after[1:].isdigit():
            return None  # one of a row of numbers
    confidence = 0.5 if trunk else {b"-": 0.8, b".": 0.7}.get(joint, 0.6)
    return confidence, ("grouped as a phone number",)


def _bare(value: bytes, told: bool, window: Window, start: int) -> tuple[float, tuple[str, ...]] | None:
    """Digits that only their key tells."""
    digits = re.sub(rb"[^0-9]", b"", value)
    if not told or _DATE.match(value) or _DECIMAL.fullmatch(value):
        return None
    if _ADDRESS.match(window.buffer, start, window.ceiling):
        return None
    fewest = 7 if len(value) == len(digits) else 6
    if not fewest <= len(digits) <= 15 or (len(digits) > 12 and not _fits(digits.removeprefix(b"00"))):
        return None
    return 0.8, ("digits under a key that names a phone",)
