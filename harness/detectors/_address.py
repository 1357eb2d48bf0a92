"""How postal addresses are written: streets with numbers, towns with postal codes, in the styles of many posts."""

import re

from harness.detectors._context import CAPITAL, LETTER

__all__ = [
    "BOX",
    "LOCALITY",
    "STREETS",
    "STREET_CUES",
    "TAIL",
    "Street",
]

_WORD = rb"(?:%b(?:%b|['.\-]|\xe2\x80\x99)*)" % (CAPITAL, LETTER)
_ANY = rb"(?:(?:%b|[0-9])(?:%b|[0-9]|['.\-/]|\xe2\x80\x99)*)" % (LETTER, LETTER)
_NAMED = rb"(?:%b(?:%b|['.\-]|\xe2\x80\x99)*)" % (LETTER, LETTER)
_BLANK = rb"(?:[ ]|\xc2\xa0)"
_GAP = rb"(?:[ ]?,[ ]?| - |[ ]{1,2}|[ ]{0,4}(?:\r?\n|\\r?\\n|\\n)[ ]{0,8},?[ ]?)"
"""Between the lines of an address, printed in one or in several."""
_NUMBER = rb"[0-9]{1,6}(?:[A-Za-z](?![A-Za-z]))?(?:[\-/][0-9]{1,4}[A-Za-z]?)?"
_BEGIN = rb"(?<![A-Za-z0-9_@#$\-/.:\x80-\xff])"

_KINDS = (
    rb"Street|St|Road|Rd|Avenue|Ave|Av|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way"
    rb"|Crescent|Cres|Close|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Trl|Row|Mews|Gardens|Gdns|Grove|Alley|Walk"
    rb"|Nagar|Marg|Turnpike|Loop|Plaza|Hill|View|Broadway|Esplanade|Parade|Quay|Rise|Vale|Green|Chase"
)
_SURE_KINDS = rb"Street|Road|Rd|Avenue|Ave|Boulevard|Blvd|Lane|Drive|Highway|Parkway|Terrace|Crescent|Nagar|Marg"
_JOINED = (
    rb"(?:stra(?:\xc3\x9f|ss)e|str\.|gasse|platz|allee|weg|damm|ufer|straat|laan|plein|gracht|kade|dijk|singel|gatan"
    rb"|v\xc3\xa4gen|vej|gade|all\xc3\xa9|katu|tie|gata|veien|vegen|stien|utca|\xc3\xbat|ulice)"
)
_LEADING = (
    rb"(?:Calle|C/|Avenida|Avda\.?|Av\.|Paseo|Plaza|Pza\.|Carrer|Camino|Carrera|Cra\.|Rua|R\.|Travessa|Alameda|Largo"
    rb"|Pra\xc3\xa7a|Estrada|Via|Viale|Piazza|Corso|Vicolo|Largo|Strada|Contrada|ul\.|al\.|ulica|Ulica|Jalan|Jl\."
    rb"|Rue|rue|Avenue|avenue|Boulevard|boulevard|Bd|Place|place|Chemin|chemin|All\xc3\xa9e|all\xc3\xa9e"
    rb"|Impasse|impasse|Quai|quai|Route|route|Cours|cours|Passage|\xd1\x83\xd0\xbb\.|\xd0\xbf\xd1\x80\.)"
)
_UNIT = (
    rb"(?:%b(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Bldg|Building|Room|Rm|Depto|Piso|Appt|B\xc3\xbcro|Top"
    rb"|Int|Wohnung)\.?[ ]?#?[A-Za-z0-9\-]{1,8}|#[ ]?[A-Za-z0-9\-]{1,6}|[0-9]{1,2}(?:st|nd|rd|th) floor))?" % _GAP
)
_POINT = rb"(?:[ ](?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\b\.?)?"

_POSTAL_CODE = (
    rb"(?:[A-Z]{1,2}[0-9][A-Z0-9]?[ ]?[0-9][A-Z]{2}|[A-Z][0-9][A-Z][ ]?[0-9][A-Z][0-9]|[0-9]{5}-[0-9]{3,4}"
    rb"|[0-9]{3}[ \-][0-9]{2,4}|[0-9]{4}[ ]?[A-Z]{2}|(?:[A-Z]{1,2}-)?[0-9]{4,6})(?![0-9A-Za-z])"
)
"""Of the United Kingdom, Canada, Brazil and the United States, Sweden, Japan, the Netherlands, and bare digits."""
_CITY = rb"%b(?:[ \-](?:%b|de|del|di|da|do|la|le|les|am|an|der|im|upon|sur|aan|den|of|on|by|y|e)){0,4}" % (
    _WORD,
    _WORD,
)
_REGION = rb"(?:[A-Z]{2,3}|%b(?:[ ]%b){0,2})" % (_WORD, _WORD)
LOCALITY = rb"(?:%b(?:%b(?:%b%b)?%b%b|%b%b%b(?:[ ]?[,(\-]{0,1}[ ]?%b\)?)?|%b(?:,[ ]?| \- )[A-Z]{2}\b|%b))" % (
    _GAP,
    _CITY,
    _GAP,
    _REGION,
    _GAP,
    _POSTAL_CODE,
    _POSTAL_CODE,
    _BLANK,
    _CITY,
    _REGION,
    _CITY,
    _POSTAL_CODE,
)
"""A town with its region and code, in either order."""
TAIL = rb"(?:%b(?:%b|%b)){0,12}" % (_GAP, _WORD, _ANY)

_BOXES = (
    rb"(?:Box|BOX|box|[Pp]ostfach|[Pp]ostbus|[Aa]partado|[Cc]asilla|[Cc]asella postale|[Cc]aixa postal"
    rb"|[Bb]o\xc3\xaete postale)[ ][0-9]"
)
BOX = (
    rb"(?:(?:(?:P\.?[ ]?O\.?|p\.?o\.?|GPO)[ ](?=[Bb])|(?=[A-Za-z]{3,24}[ ](?:postal))|(?=[PpAaC]))%b[0-9]{0,5}"
    rb"|(?:[A-Z][A-Za-z]{1,12}[ ][A-Za-z0-9]{1,12}%b)?(?:APO|FPO|DPO)[ ]A[AEP][ ][0-9]{5})" % (_BOXES, _GAP)
)


class Street:
    """One way to write a street with its number, and whether it needs a locality to be told from other words."""

    def __init__(self, form: bytes, *, sure: bool) -> None:
        self.form = re.compile(form)
        self.sure = sure


_NUMBERED = (
    rb"%b%b,?%b(?:(?:[NSEW]|North|South|East|West)\.?[ ])?(?:(?:%b|[0-9]{1,3}(?:st|nd|rd|th)|de|du|la)[ ]){1,4}"
    % (
        _BEGIN,
        _NUMBER,
        _BLANK,
        _WORD,
    )
)
_BEHIND = rb"%b%b" % (_POINT, _UNIT)

STREETS = (
    Street(rb"%b(?:%b)\b\.?%b" % (_NUMBERED, _SURE_KINDS, _BEHIND), sure=True),
    Street(rb"%b(?:%b)\b\.?%b" % (_NUMBERED, _KINDS, _BEHIND), sure=False),
    Street(
        rb"%b[0-9]{1,6},?[ ](?:[A-Za-z][a-z\-]{1,20}[ ]){1,3}(?:street|road|avenue|boulevard)\b%b"
        % (_BEGIN, _BEHIND),
        sure=False,
    ),
    Street(
        rb"%b(?:%b[ ]){0,2}%b(?:%b|-)*(?:%b|[ \-](?:Stra(?:\xc3\x9f|ss)e|Str\.|Weg|Platz|Allee))[ ]%b%b"
        % (_BEGIN, _WORD, CAPITAL, LETTER, _JOINED, _NUMBER, _UNIT),
        sure=True,
    ),
    Street(
        rb"%b%b(?: bis| ter)?,?[ ]%b[ ]%b(?:[ ]%b){0,5}%b" % (_BEGIN, _NUMBER, _LEADING, _NAMED, _NAMED, _UNIT),
        sure=False,
    ),
    Street(
        rb"%b%b[ ]%b(?:[ ]%b){0,5}?,?[ ](?:n[\xc2\xba\xb0.]{1,3} ?)?[0-9]{1,4}[A-Za-z]?(?![A-Za-z0-9])%b"
        % (_BEGIN, _LEADING, _NAMED, _NAMED, _UNIT),
        sure=False,
    ),
    Street(
        b"\xe3\x80\x92[ ]?[0-9]{3}-?[0-9]{4}[ ]?(?:[\xe3-\xe9][\x80-\xbf]{2}|[0-9\\- ]){2,40}"
        b"|(?:[\xe4-\xe9][\x80-\xbf]{2}){1,8}(?:%b)(?:[\xe3-\xe9][\x80-\xbf]{2}){0,16}[0-9]{1,4}(?:%b)"
        b"(?:[\xe4-\xe9][\x80-\xbf]{2}|[0-9\\-]){0,12}"
        % ("都|道|府|県|省|市|区|县|町".encode(), "号|番地|丁目".encode()),
        sure=True,
    ),
)
"""The street and the number; what follows is looked for apart."""

STREET_CUES = (
    (rb"[ ](?:%b)(?:[^A-Za-z0-9]|$)" % _KINDS, 80, 112),
    (rb" (?:street|road|avenue|boulevard)(?:[^A-Za-z0-9]|$)", 80, 112),
    (rb"(?:%b|[ \-](?:Stra(?:\xc3\x9f|ss)e|Str\.|Weg|Platz|Allee)) [0-9]" % _JOINED, 80, 96),
    (rb"%b (?:[A-Za-z]|[\xc3-\xe1])" % _LEADING, 40, 128),
    (rb", [A-Z]{2} [0-9]{5}", 112, 16),
    (_BOXES, 32, 96),
    (rb"[AFD]PO A[AEP] [0-9]", 64, 16),
    (b"\xe3\x80\x92[ 0-9]", 16, 128),
    ("号|番地|丁目".encode(), 96, 32),
)
"""Expression, and how far before and behind its end an address may reach."""
