"""Passports: machine readable zones (ICAO 9303) by their check digits, numbers by key and form."""

import re
from collections.abc import Callable, Iterator

from harness.detectors._check_digits import is_mrz_checked, mrz_digit, squeezed
from harness.detectors._numbers import Announced, Kind, NumberDetector
from harness.detectors.base import Cue, Match, Window

_FILL = rb"(?:<|\\u003[cC]|&lt;)"
"""The filler, as it is and as documents of JSON and XML write it."""
_ANY = rb"(?:[A-Z0-9]|%b)" % _FILL
_BREAK = rb"(?:\\r\\n|\\n|\\r|&#1[03];|\r?\n|[ \t]){0,3}"
_ZONE = re.compile(
    rb"(?<![A-Z0-9<])(?:(?P<td3>[PV]%b{43}%b%b{44})|(?P<td1>[ACI]%b{29}%b%b{30}%b%b{30})"
    rb"|(?P<td2>[ACIPV]%b{35}%b%b{36})"
    rb"|(?P<line3>%b{9}[0-9](?:[A-Z]|%b){3}[0-9]{6}[0-9](?:[MFX]|%b)[0-9]{6}[0-9]%b{14}(?:[0-9]|%b)[0-9])"
    rb"|(?P<name>P(?:[A-Z]|%b){43}))(?![A-Z0-9]|<[A-Z0-9<]|\\u003[cC]|&lt;)"
    % (
        _ANY,
        _BREAK,
        _ANY,
        _ANY,
        _BREAK,
        _ANY,
        _BREAK,
        _ANY,
        _ANY,
        _BREAK,
        _ANY,
        _ANY,
        _FILL,
        _FILL,
        _ANY,
        _FILL,
        _FILL,
    )
)
"""Three lines of 30, two of 36, two of 44; and either line of the last alone, where each is a value of its own."""
_FILLER = re.compile(_FILL)
_BREAKS = re.compile(rb"\\[nr]|&#1[03];|[^A-Z0-9<]")
_NAME = re.compile(r"P[A-Z<](?P<state>[A-Z]{3}|D<<)(?P<name>[A-Z]+(?:<[A-Z]+)*<<(?:[A-Z]+(?:<[A-Z]+)*)?<*)")

_STATES = frozenset(
    re.findall(
        "[A-Z<]{3}",
        "AFG ALB DZA AND AGO ATG ARG ARM AUS AUT AZE BHS BHR BGD BRB BLR BEL BLZ BEN BTN BOL BIH BWA BRA BRN BGR BFA "
        "BDI CPV KHM CMR CAN CAF TCD CHL CHN COL COM COG COD CRI CIV HRV CUB CYP CZE DNK DJI DMA DOM ECU EGY SLV GNQ "
        "ERI EST SWZ ETH FJI FIN FRA GAB GMB GEO D<< GHA GRC GRD GTM GIN GNB GUY HTI HND HUN ISL IND IDN IRN IRQ IRL "
        "ISR ITA JAM JPN JOR KAZ KEN KIR PRK KOR KWT KGZ LAO LVA LBN LSO LBR LBY LIE LTU LUX MDG MWI MYS MDV MLI MLT "
        "MHL MRT MUS MEX FSM MDA MCO MNG MNE MAR MOZ MMR NAM NRU NPL NLD NZL NIC NER NGA MKD NOR OMN PAK PLW PSE PAN "
        "PNG PRY PER PHL POL PRT QAT ROU RUS RWA KNA LCA VCT WSM SMR STP SAU SEN SRB SYC SLE SGP SVK SVN SLB SOM ZAF "
        "SSD ESP LKA SDN SUR SWE CHE SYR TWN TJK TZA THA TLS TGO TON TTO TUN TUR TKM TUV UGA UKR ARE GBR GBD GBN GBO "
        "GBP GBS USA URY UZB VUT VAT VEN VNM YEM ZMB ZWE HKG MAC RKS EUE UNO UNA UNK XOM XPO XXA XXB XXC XXX UTO ",
    )
)
"""ISO 3166-1 in three letters, and the codes that ICAO 9303-3 adds; UTO is that of specimens."""


def _is_passport(zone: str) -> bool:
    """Two lines of 44: number, birth, expiry, personal number, and all of them together; a visa has no last one."""
    line = zone[44:]
    return _is_second_line(line) if zone[0] == "P" else _are_checked(line[:10], line[13:20], line[21:28])


def _is_second_line(line: str) -> bool:
    own = line[28:43]
    fits = is_mrz_checked(own) or (own[-1] == "<" and not own.strip("<"))
    whole = line[0:10] + line[13:20] + line[21:43]
    return fits and _are_checked(line[:10], line[13:20], line[21:28], whole + line[43])


def _is_card(zone: str) -> bool:
    """Three lines of 30; a number of more than nine characters goes on behind its filler."""
    first, second = zone[:30], zone[30:60]
    number = first[5:15]
    if number[9] == "<":
        number = first[5:14] + first[15:].split("<")[0]
    whole = first[5:30] + second[0:7] + second[8:15] + second[18:29] + second[29]
    return _are_checked(number, second[0:7], second[8:15], whole) and zone[60:63].isalpha()


def _is_small(zone: str) -> bool:
    """Two lines of 36."""
    line = zone[36:]
    fields = (line[:10], line[13:20], line[21:28])
    return _are_checked(*fields) if zone[0] == "V" else _are_checked(*fields, line[:10] + line[13:20] + line[21:36])


def _are_checked(*fields: str) -> bool:
    return all(is_mrz_checked(each) for each in fields)


def _is_name_line(line: str) -> bool:
    found = _NAME.fullmatch(line)
    return found is not None and found["state"] in _STATES


_ZONES: dict[str, tuple[Callable[[str], bool], float, str]] = {
    "td3": (_is_passport, 0.99, "two lines of a passport's readable zone"),
    "td1": (_is_card, 0.99, "three lines of an identity card's readable zone"),
    "td2": (_is_small, 0.99, "two lines of a small readable zone"),
    "line3": (_is_second_line, 0.98, "the second line of a passport's readable zone"),
    "name": (_is_name_line, 0.85, "the first line of a passport's readable zone"),
}


def _is_german(text: str) -> bool:
    """Nine characters and the check digit of the readable zone, as some forms ask for them."""
    number = squeezed(text)
    return mrz_digit(number[:9]) == int(number[9])


def _is_indian(text: str) -> bool:
    return text[1] != "0"


_GERMAN = "[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8}"
"""Nine characters out of those that look like no other; the check digit stands in the readable zone alone."""
_KINDS = (
    Kind("a US passport", "[0-9]{9}|[A-Z][0-9]{8}", None, "us"),
    Kind("a British passport", "[A-Z]{2}[0-9]{7}|[0-9]{9}", None, "gb"),
    Kind("a German passport", _GERMAN, None, "de", "reisepass|pass~nr"),
    Kind("a German passport", f"{_GERMAN}[0-9]", _is_german, "de", "reisepass|pass~nr"),
    Kind("a French passport", "[0-9]{2}[A-Z]{2}[0-9]{5}", None, "fr"),
    Kind("an Italian passport", "[A-Z]{2}[0-9]{7}", None, "it"),
    Kind("a Spanish passport", "[A-Z]{3}[0-9]{6}", None, "es"),
    Kind("a Dutch passport", "[A-NP-Z]{2}[A-NP-Z0-9]{6}[0-9]", None, "nl"),
    Kind("an Indian passport", "[A-PR-WY][1-9][0-9] ?[0-9]{4}[1-9]", _is_indian, "in"),
    Kind("a Korean passport", "[MSRODG][0-9]{8}|[MSRODG][0-9]{3}[A-Z][0-9]{4}", None, "kr"),
    Kind("a Canadian passport", "[A-Z]{2}[0-9]{6}|[A-Z][0-9]{6}[A-Z]{2}", None, "ca"),
    Kind("an Australian passport", "[A-Z]{1,2}[0-9]{7}", None, "au"),
    Kind("a Chinese passport", "[EGDSPH][0-9A-Z]?[0-9]{7,8}", None, "cn"),
    Kind("a Japanese passport", "[A-Z]{2}[0-9]{7}", None, "jp"),
    Kind("a Brazilian passport", "[A-Z]{2}[0-9]{6}", None, "br"),
    Kind("a Mexican passport", "[A-Z][0-9]{8}|[0-9]{10,11}", None, "mx"),
    Kind("a Russian passport", "[0-9]{2} ?[0-9]{2} ?[0-9]{6}|[0-9]{2} ?[0-9]{7}", None, "ru"),
    Kind("a Polish passport", "[A-Z]{2}[0-9]{7}", None, "pl"),
    Kind("a Turkish passport", "[A-Z][0-9]{8}", None, "tr"),
    Kind("a Swiss passport", "[A-Z][0-9A-Z][0-9]{6}", None, "ch"),
    Kind("a Swedish or Danish passport", "[0-9]{8,9}|[A-Z]{2}[0-9]{6}", None, "se"),
    Kind("a Belgian passport", "[A-Z]{2}[0-9]{6}", None, "be"),
    Kind("an Austrian passport", "[A-Z] ?[0-9]{7}", None, "at"),
    Kind("a Singaporean or Malaysian passport", "[A-Z][0-9]{7,8}[A-Z]?", None, "sg"),
    Kind("a Philippine passport", "[A-Z]{1,2}[0-9]{6,7}[A-Z]?", None, "ph"),
    Kind("an Indonesian passport", "[A-Z][0-9]{7}|[A-Z]{2}[0-9]{6}", None, "id"),
    Kind("a Pakistani passport", "[A-Z]{2}[0-9]{7}", None, "pk"),
)  # fmt: skip


class Passport(NumberDetector):
    """The zone that machines read on a travel document, or a passport's number under a key.

    Confidence: 0.99 for a whole zone, whose four or five check digits pass by chance once in ten thousand; 0.98 for
    the line with the number, 0.85 for the line with the name and a state's code. A number has no check digit that
    shows, so only a key, or the word before it, makes one: 0.6 where the form of an issuer fits, 0.75 where the key
    names that country.
    """

    type = "PASSPORT"
    title = "Passport"
    kinds = _KINDS
    keys = Announced(
        [
            "passport",
            "pas[sz]e?port[eo]?",
            "travel~(?:doc|passport)",
            "reisepass",
            "pass~?(?:nr|nummer|no|num)",
            "paspoort",
            "pasaporte",
            "passaport",
            "паспорт",
            "Паспорт",
            "护照",
            "護照",
            "パスポート",
            "旅券",
            "여권",
            "جواز.{0,3}سفر",
            "पासपोर्ट",
            "pasaport",
        ],
        head=rb"(?:[A-Za-z]{1,3}[ \-]?)?[0-9]|[A-Za-z]{2}[0-9A-Za-z]{0,3}[0-9]",
    )
    cues = (
        Cue(rb"<<[A-Z0-9<]{3}", before=224, after=224),
        Cue(rb"(?:\\u003c|&lt;){2}(?:[A-Z0-9]|\\u003c|&lt;){3}", before=224, after=224),
        *keys.cues(),
    )
    pattern = re.compile(rb"(?:[A-Z0-9]|%b){6,44}%b(?:[A-Z0-9]|%b){2,44}|(?<![0-9])[0-9]+" % (_FILL, _FILL, _FILL))
    telling = rb"passport|pasaporte|passeport|reisepass|paspoort|passaporto|travel_?doc|\bmrz\b"
    reach = 512
    examples = (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\\nD231458907UTO7408122F1204159<<<<<<<6",
        '{"line2":"L898902C36UTO7408122F1204159ZE184226B<<<<<10"}',
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "P\\u003cUTOERIKSSON\\u003c\\u003cANNA\\u003cMARIA" + 19 * "\\u003c",
        "passport=X00001234",
        '{"passport_number":"C01X00T47"}',
        "My passport number is CD7654321 and it expires soon",
        '<string name="usPassport">912803456</string>',
        "Reisepass C01234565 ausgestellt",
        "Паспорт: 45 08 123456",
        "passeport n° 12AB34567",
    )
    counterexamples = (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C37UTO7408122F1204159ZE184226B<<<<<1A",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<11",
        "cout << a << b << c << d << e << f << g << h << i",
        "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        "PQQQERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<<",
        "passport=null",
        "912803456",
        "passport_expiry=20301231",
        '"passport":{"user":123456789}',
        "uk_passport=A12345678",
        "passport_country=US12",
        "passport-jwt 4.0.1",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Zones first, then numbers under a key."""
        wide = window.widened(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<&;ltu\\c \r\n", 512)
        limit = min(window.ceiling, window.end + self.reach)
        taken: list[tuple[int, int]] = []
        for found in _ZONE.finditer(window.buffer, wide.start, limit):
            judged = _zone(found)
            if judged is not None and found.start() < window.end:
                taken.append(found.span())
                if found.end() > window.start:
                    yield Match(found.start(), found.end(), *judged)
        for each in super().confirm(window):
            if not any(start < each.end and each.start < end for start, end in taken):
                yield each

    def normalise(self, value: bytes) -> bytes:
        """A zone's characters with plain fillers; else the number alone."""
        zone = _plain(value)
        return zone if b"<" in zone else super().normalise(value)


def _plain(zone: bytes) -> bytes:
    """Its characters alone, without what parts its lines."""
    return _BREAKS.sub(b"", _FILLER.sub(b"<", zone))


def _zone(found: re.Match[bytes]) -> tuple[float, tuple[str, ...]] | None:
    assert found.lastgroup is not None
    proof, confidence, what = _ZONES[found.lastgroup]
    text = _plain(found[0]).decode("ascii")
    if not proof(text):
        return None
    return confidence, (what, "a state's code" if found.lastgroup == "name" else "all its check digits hold")
