"""Numbers that states give to people: forms and check digits, by country."""

import importlib

from harness.detectors._check_digits import is_date, is_mrz_checked, is_nino, squeezed, weighted
from harness.detectors._numbers import Kind, by_stdnum

__all__ = ["AMERICA", "ASIA", "EUROPE"]


def _is_foreigner(text: str) -> bool:
    """A Korean registration number of a foreigner: a day, and 5 to 8 in the seventh place. Since October 2020 the
    digits behind it are drawn, without a check."""
    number = squeezed(text)
    century = 1900 if number[6] in "56" else 2000
    return number[6] in "5678" and is_date(century + int(number[:2]), int(number[2:4]), int(number[4:6]))


def _is_resident(text: str) -> bool:
    """A Korean resident's. Since October 2020 what stands behind the sex is drawn, also where a number is changed: so
    a check digit that does not hold is no proof against one of the last two centuries."""
    number = squeezed(text)
    if number[6] not in "1234":
        return number[6] in "90" and number[0] == "9" and by_stdnum("kr.rrn")(number)  # nobody lives who is older
    century = 1900 if number[6] in "12" else 2000
    return is_date(century + int(number[:2]), int(number[2:4]), int(number[4:6])) and int(number[7:9]) <= 96


def _is_pension(text: str) -> bool:
    """A German pension insurance number (VKVV, section 4): office, day of birth, letter, two digits and a check."""
    number = squeezed(text)
    day, month = int(number[2:4]), int(number[4:6])
    if not (1 <= day <= 31 or 51 <= day <= 81) or not 0 <= month <= 12:
        return False
    digits = number[:8] + f"{ord(number[8]) - 64:02d}" + number[9:11]
    products = (int(each) * weight for each, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return sum(each // 10 + each % 10 for each in products) % 10 == int(number[11])


def _is_singapore(text: str) -> bool:
    """A Singaporean NRIC or FIN: seven digits by weight, and a letter out of the row of its series."""
    number = squeezed(text)
    rows = {"S": "JZIHGFEDCBA", "T": "GFEDCBAJZIH", "F": "XWUTRQPNMLK", "G": "RQPNMLKXWUT", "M": "KLJNPQRTUWX"}
    if number[0] not in rows:
        return False
    total = weighted(number[1:8], (2, 7, 6, 5, 4, 3, 2)) + (3 if number[0] == "M" else 0)
    if number[0] in "ST":
        total += 4 if number[0] == "T" else 0
        return "JZIHGFEDCBA"[total % 11] == number[8]
    if number[0] in "FG":
        total += 4 if number[0] == "G" else 0
        return "XWUTRQPNMLK"[total % 11] == number[8]
    return "XWUTRQPNJLK"[10 - total % 11] == number[8]


def _is_taiwan(text: str) -> bool:
    """A Taiwanese identity card: the letter is two digits, then weights."""
    number = squeezed(text)
    place = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0]) + 10
    return (place // 10 + place % 10 * 9 + weighted(number[1:9], (8, 7, 6, 5, 4, 3, 2, 1)) + int(number[9])) % 10 == 0


def _is_hongkong(text: str) -> bool:
    """A Hong Kong identity card: weights from nine down, a blank counts 36, the check is modulo 11."""
    number = squeezed(text)
    letters, digits, check = number[:-7], number[-7:-1], number[-1]
    values = [36] * (2 - len(letters)) + [ord(each) - 55 for each in letters] + [int(each) for each in digits]
    total = sum(each * weight for each, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + (10 if check == "A" else int(check))) % 11 == 0


def _is_egypt(text: str) -> bool:
    """An Egyptian identity number: century, day, governorate."""
    century = {"2": 1900, "3": 2000}.get(text[0], 0)
    governorate = int(text[7:9])
    day = century and is_date(century + int(text[1:3]), int(text[3:5]), int(text[5:7]))
    return bool(day) and (1 <= governorate <= 35 or governorate == 88)


def _is_vietnam(text: str) -> bool:
    """A Vietnamese citizen's: province, and century with sex."""
    return 1 <= int(text[:3]) <= 96 and text[3] in "0123"


def _is_finnish(text: str) -> bool:
    """A Finnish identity code, also one of those from 900 on that hospitals and test systems give out."""
    hetu = importlib.import_module("stdnum.fi.hetu")
    return bool(hetu.is_valid(text, allow_temporary=True))


def _is_iran(text: str) -> bool:
    rest = weighted(text[:9], (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return int(text[9]) == (rest if rest < 2 else 11 - rest)


def _is_kazakh(text: str) -> bool:
    """A Kazakh IIN: a day of birth, century with sex, and a check by one of two rows of weights."""
    day = is_date(int(text[:2]), int(text[2:4]), int(text[4:6]))
    rest = weighted(text[:11], tuple(range(1, 12))) % 11
    if rest == 10:
        rest = weighted(text[:11], (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return day and text[6] in "123456" and rest == int(text[11])


_THAI_PROVINCES = ((10, 27), (30, 49), (50, 58), (60, 67), (70, 77), (80, 86), (90, 96))


def _is_thai(text: str) -> bool:
    number = squeezed(text)
    place = int(number[1:3])
    known = any(low <= place <= high for low, high in _THAI_PROVINCES)
    return number[0] in "12345678" and known and by_stdnum("th.pin")(number)


def _is_turkey(text: str) -> bool:
    return by_stdnum("tr.tckimlik")(text)


def _is_social_insurance(text: str) -> bool:
    """A Canadian one: by checksum; 0 and 8 do not begin one."""
    return by_stdnum("ca.sin")(text)


_S = "[ .\\-]?"
"""What may stand between groups."""

_GERMAN = "[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8}"
_AUSWEIS = "personalausweis|ausweis|de~id~card|id~card~de"

EUROPE = (
    Kind("a Belgian national number", f"[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{3}}{_S}[0-9]{{2}}",
         by_stdnum("be.ssn"), "be", "rijksregister|registre~national|numero~national",
         "niss|insz|rrn|be~nn|be~ssn|be~bis"),
    Kind("a Belgian identity card", "[0-9]{3}-?[0-9]{7}-?[0-9]{2}", by_stdnum("be.eid"), "be", "", "be~eid|eid",
         weak=True),
    Kind("a Bulgarian personal number", "[0-9]{10}", by_stdnum("bg.egn"), "bg", "", "egn"),
    Kind("a Swiss insurance number", f"756{_S}[0-9]{{4}}{_S}[0-9]{{4}}{_S}[0-9]{{2}}", by_stdnum("ch.ssn"), "ch",
         "sozialversicherung|ahv~n|avs~n", "ahv|avs|ch~ssn"),
    Kind("a Czech or Slovak birth number", "[0-9]{6}/?[0-9]{3,4}", by_stdnum("cz.rc"), "cz",
         "rodn(?:e|é)~(?:c|č)|birth~number", "cz~rc|sk~rc"),
    Kind("a German identity card", _GERMAN, None, "de", _AUSWEIS),
    Kind("a German identity card", f"{_GERMAN}[0-9]", lambda text: is_mrz_checked(squeezed(text)), "de", _AUSWEIS),
    Kind("a German pension insurance number", f"[0-9]{{2}}{_S}[0-9]{{6}}{_S}[A-Z]{_S}[0-9]{{3}}", _is_pension, "de",
         "rentenversicherung|sozialversicherung|de~social", "rvnr|svnr|sv~nummer"),
    Kind("a Danish person number", "[0-9]{6}-?[0-9]{4}", by_stdnum("dk.cpr"), "dk", "cpr~n", "cpr"),
    Kind("an Estonian personal code", "[0-9]{11}", by_stdnum("ee.ik"), "ee", "isikukood", "ee~ik"),
    Kind("a Spanish identity document", f"[0-9]{{2}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_S}[A-Z]|[0-9]{{7}}{_S}[A-Z]",
         lambda text: by_stdnum("es.dni")(squeezed(text).zfill(9)), "es", "documento~nacional", "dni|nif"),
    Kind("a Spanish foreigner's number", f"[XYZ]{_S}[0-9]{{7}}{_S}[A-Z]", by_stdnum("es.nie"), "es", "extranjero",
         "nie|nif|dni"),
    Kind("a Finnish identity code", "[0-9]{6}[\\-+A-FU-Y][0-9]{3}[0-9A-Y]", _is_finnish, "fi",
         "henkil(?:o|ö)tunnus|finnish~id", "hetu|fi~personal~identity"),
    Kind("a French social security number",
         "[1-478][ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?(?:[0-9]{2}|2[AB])[ .]?[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{2}",
         by_stdnum("fr.nir"), "fr", "s(?:e|é)curit(?:e|é)~sociale|num~secu|insee~n", "nir|insee"),
    Kind("a British national insurance number", f"[A-Z]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[A-D]",
         is_nino, "gb", "national~insurance|nat~ins", "nino|ni~n(?:o|umber)"),
    Kind("a Greek social security number", "[0-9]{11}", by_stdnum("gr.amka"), "gr", "αμκα",
         "amka"),
    Kind("a Croatian personal number", "[0-9]{11}", by_stdnum("hr.oib"), "hr", "", "oib"),
    Kind("an Irish public service number", "[0-9]{7}[A-W][A-IW]?", by_stdnum("ie.pps"), "ie", "", "pps|ppsn"),
    Kind("an Icelandic identity code", "[0-9]{6}-?[0-9]{4}", by_stdnum("is_.kennitala"), "is", "kennitala"),
    Kind("an Italian fiscal code", f"[A-Z]{{3}}{_S}[A-Z]{{3}}{_S}[0-9L-V]{{2}}[A-EHLMPRST][0-9L-V]{{2}}{_S}[A-Z]"
         f"[0-9L-V]{{3}}{_S}[A-Z]", by_stdnum("it.codicefiscale"), "it", "codice~fiscale|fiscal~code|cod~fisc",
         "it~fiscal"),
    Kind("an Italian identity card",
         f"[A-Z]{{2}}{_S}[0-9]{{7}}|[A-Z]{{2}}[0-9]{{5}}[A-Z]{{2}}|[0-9]{{7}}{_S}[A-Z]{{2}}", None, "it",
         "carta~d.?~?identit|it~identity~card", "", weak=True),
    Kind("a Lithuanian personal code", "[0-9]{11}", by_stdnum("lt.asmens"), "lt", "asmens~kodas"),
    Kind("a Latvian personal code", "[0-9]{6}-?[0-9]{5}", by_stdnum("lv.pvn"), "lv", "personas~kods", "lv~pvn|lv~pk"),
    Kind("a Dutch citizen number", f"[0-9]{{3,4}}{_S}[0-9]{{2}}{_S}[0-9]{{3}}|[0-9]{{8,9}}", by_stdnum("nl.bsn"),
         "nl",
         "burgerservice|sofi~n", "bsn"),
    Kind("a Dutch student number", "[0-9]{9}", by_stdnum("nl.onderwijsnummer"), "nl", "onderwijsnummer", weak=True),
    Kind("a Dutch identity card", "[A-NP-Z]{2}[A-NP-Z0-9]{6}[0-9]", by_stdnum("nl.identiteitskaartnummer"), "nl",
         "identiteitskaart"),
    Kind("a Norwegian birth number", "[0-9]{6} ?[0-9]{5}", by_stdnum("no.fodselsnummer"), "no",
         "f(?:o|ø)dselsn|personn(?:umme)?r~no", "fnr"),
    Kind("a Polish PESEL", "[0-9]{11}", by_stdnum("pl.pesel"), "pl", "pesel"),
    Kind("a Portuguese identity number", f"[0-9]{{8}}{_S}[0-9]{_S}[A-Z0-9]{{2}}[0-9]", by_stdnum("pt.cc"), "pt",
         "cart(?:a|ã)o~de~cidad(?:a|ã)o|citizen~card", "pt~cc"),
    Kind("a Romanian personal code", "[0-9]{13}", by_stdnum("ro.cnp"), "ro", "cod~numeric", "cnp"),
    Kind("a Swedish personal number", "(?:19|20|18)?[0-9]{6}[\\-+]?[0-9]{4}", by_stdnum("se.personnummer"), "se",
         "personnummer|samordningsnummer", "pnr|se~pnr"),
    Kind("a Slovenian or Serbian personal number", "[0-9]{13}", by_stdnum("si.emso"), "si",
         "mati(?:c|č)n[ai]", "emso|emšo|jmbg"),
    Kind("a Russian pension number", f"[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{2}}",
         lambda text: _is_snils(squeezed(text)), "ru", "snils|снилс"),
    Kind("an Austrian insurance number", "[0-9]{4} ?[0-9]{6}", by_stdnum("at.vnr"), "at", "versicherungsnummer~at",
         "at~vnr|svnr"),
)  # fmt: skip


def _is_snils(number: str) -> bool:
    total = weighted(number[:9], (9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101
    return total % 100 == int(number[9:])


ASIA = (
    Kind("a Chinese resident's number", "[0-9]{17}[0-9X]", by_stdnum("cn.ric"), "cn",
         "身份证|身分證|resident~identity|id~card~cn|shenfen", "cn~ric|sfz"),
    Kind("a Hong Kong identity card", "[A-Z]{1,2}[0-9]{6} ?\\(?[0-9A]\\)?", _is_hongkong, "hk", "hkid"),
    Kind("an Indonesian identity number", "[0-9]{16}", by_stdnum("id.nik"), "id", "induk~kependudukan|ktp~n",
         "nik|ktp"),
    Kind("an Israeli identity number", "[0-9]{9}", by_stdnum("il.idnr"), "il",
         "teudat~zehut|תעודת", "il~id(?:nr)?"),
    Kind("an Aadhaar number", "[2-9][0-9]{3}[ \\-:]?[0-9]{4}[ \\-:]?[0-9]{4}",
         lambda text: by_stdnum("in_.aadhaar")(squeezed(text)), "in",
         "aadh?aar|uidai|आधार"),
    Kind("an Indian virtual identity", "[2-9][0-9]{3}[ \\-]?[0-9]{4}[ \\-]?[0-9]{4}[ \\-]?[0-9]{4}",
         by_stdnum("in_.vid"),
         "in", "aadh?aar~v|in~vid", "", weak=True),
    Kind("an Indian voter's card", "[A-Z]{3}/?[0-9]{7}", None, "in", "voter|elector", "epic", weak=True),
    Kind("an Iranian national code", "[0-9]{10}", _is_iran, "ir",
         "kode~melli|code~melli|کد.?ملی"),
    Kind("a Japanese individual number", "[0-9]{4}[ \\-]?[0-9]{4}[ \\-]?[0-9]{4}", by_stdnum("jp.in_"), "jp",
         "my~number|kojin~bango|マイナンバー|個人番号", "jp~in"),
    Kind("a Korean resident's number", "[0-9]{6}[ \\-]?[0-9]{7}", _is_resident, "kr",
         "jumin|주민|resident~registration", "rrn"),
    Kind("a Korean foreigner's number", "[0-9]{6}[ \\-]?[5-8][0-9]{6}", _is_foreigner, "kr",
         "외국인|foreigner~registration|alien~registration", "frn"),
    Kind("a Kazakh individual number", "[0-9]{12}", _is_kazakh, "kz", "иин|жсн", "iin"),
    Kind("a Malaysian identity card", "[0-9]{6}[ \\-]?[0-9]{2}[ \\-]?[0-9]{4}", by_stdnum("my.nric"), "my",
         "mykad|kad~pengenalan",
         "nric"),
    Kind("a Pakistani identity card", "[0-9]{5}-?[0-9]{7}-?[0-9]", by_stdnum("pk.cnic"), "pk", "", "cnic|nicop"),
    Kind("a Singaporean identity number", "[STFGM][0-9]{7}[A-Z]", _is_singapore, "sg", "", "nric|sg~fin"),
    Kind("a Thai identity number", f"[0-9]{_S}[0-9]{{4}}{_S}[0-9]{{5}}{_S}[0-9]{{2}}{_S}[0-9]", _is_thai, "th",
         "บัตรประชาชน|thai~(?:national~)?id", "tnin|th~pin"),
    Kind("a Turkish identity number", "[1-9][0-9]{10}", _is_turkey, "tr", "kimlik", "tckn|tc~?no"),
    Kind("a Taiwanese identity card", "[A-Z][1289A-D][0-9]{8}",
         lambda text: text[1].isdigit() and _is_taiwan(text), "tw", "身分證|taiwan~id"),
    Kind("a Vietnamese citizen's number", "[0-9]{12}", _is_vietnam, "vn", "can~cuoc|c(?:a|ă)n~c(?:u|ư)(?:o|ớ)c",
         "cccd", weak=True),
)  # fmt: skip

AMERICA = (
    Kind("an identity number that says so itself", "(?:NID|NIN|NIK)[ \\-]?[0-9]{6,14}", None),
    Kind("an Argentine identity document", f"[0-9]{{1,2}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}", None, "ar", "",
         "dni", weak=True),
    Kind("a Brazilian CPF", f"[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{2}}", by_stdnum("br.cpf"), "br",
         "cadastro~de~pessoa", "cpf"),
    Kind("a Canadian social insurance number", f"[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}", _is_social_insurance, "ca",
         "social~insurance|assurance~sociale", "sin"),
    Kind("a Chilean RUN", f"[0-9]{{1,2}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}-?[0-9K]", by_stdnum("cl.rut"), "cl", "", "rut"),
    Kind("a Colombian identity number", f"[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}-?[0-9]", by_stdnum("co.nit"), "co",
         "cedula~de~ciudadania", "nit", weak=True),
    Kind("a Costa Rican identity card", "[0-9]{1,2}-?[0-9]{3,4}-?[0-9]{4}", by_stdnum("cr.cpf"), "cr", "",
         "cr~cpf|cedula"),
    Kind("a Costa Rican residence card", "1[0-9]{10,11}", None, "cr", "cedula~de~residencia|dimex",
         "cr~cr", weak=True),
    Kind("a Cuban identity number", "[0-9]{11}", by_stdnum("cu.ni"), "cu", "carn(?:e|é)~de~identidad", "cu~ni"),
    Kind("a Dominican identity card", "[0-9]{3}-?[0-9]{7}-?[0-9]", by_stdnum("do.cedula"), "do", "c(?:e|é)dula"),
    Kind("an Ecuadorian identity code", "[0-9]{9}-?[0-9]", by_stdnum("ec.ci"), "ec", "c(?:e|é)dula", "ec~ci"),
    Kind("a Mexican CURP", "[A-Z]{4}[0-9]{6}[HM][A-Z]{5}[0-9A-Z][0-9]", by_stdnum("mx.curp"), "mx", "", "curp"),
    Kind("a Peruvian identity code", "[0-9]{8}-?[0-9A-K]?", by_stdnum("pe.cui"), "pe", "", "cui|pe~dni", weak=True),
    Kind("an Egyptian identity number", "[23][0-9]{13}", _is_egypt, "eg",
         "الرقم.القومي"),
    Kind("a Mauritian identity number", "[A-Z][0-9]{12}[0-9A-Z]", by_stdnum("mu.nid"), "mu", "", "mu~nid"),
    Kind("a Nigerian identity number", "[0-9]{11}", None, "ng", "ng~nin", "nin", weak=True),
    Kind("a South African identity number", f"[0-9]{{6}}{_S}[0-9]{{4}}{_S}[0-9]{{3}}", by_stdnum("za.idnr"), "za",
         "rsa~id|sa~id~n", "za~id(?:nr|~number)?|idnr"),
)  # fmt: skip
