"""Numbers that states give to people: identity cards, personal and social security numbers of some sixty issuers."""

from harness.detectors._identities import AMERICA, ASIA, EUROPE
from harness.detectors._numbers import Announced, NumberDetector

_GENERAL = (
    "national~id|national~ident|nationalid|identity~(?:no|num|card|doc|code)|id~card|identity~number"
    "|personal~(?:id|code"
    "|number)|civil~(?:id|number)|citizen~(?:id|card|number)|government~id|gov~id|resident~(?:id|number)"
    "|social~insurance"
    "|documento~(?:de~)?identidad|carte~d.?~?identit|carta~d.?~?identit|identificacion|identifica(?:c|ç)(?:a|ã)o"
    "|kimlik|удостоверени|身份|身分"
    "|الهوية|पहचान"
)
_KINDS = EUROPE + ASIA + AMERICA


class NationalId(NumberDetector):
    """An identity number of one of the issuers that are known, under its name or under one like `national_id`.

    Confidence: 0.95 under its own name where check digits or tables of issue hold, 0.85 under a general name; 0.75
    under its own name where the issuer has neither, and 0.6 under a general one. Without a name there is no
    telling: of ten numbers drawn by chance one passes the check of most issuers, and of many nearly all.
    """

    type = "NATIONAL_ID"
    title = "National identity number"
    kinds = _KINDS
    keys = Announced(
        [_GENERAL, *(kind.names.strip("|") for kind in _KINDS if kind.names)],
        [kind.short for kind in _KINDS if kind.short],
    )
    cues = keys.cues()
    telling = (
        rb"national_?id|identity_?(?:n|c)|id_?card|aadh?aar|pesel|personnummer|kimlik|codice_?fiscale|\bdni\b|\bcpf\b"
    )
    examples = (
        "aadhaar=2341 2341 2346",
        '{"national_id":"17291716060"}',
        "Mi NIE es X2482300W",
        '<string name="pesel">44051401359</string>',
        "My Aadhaar number is 234123412346 with a lot of text beyond it",
        "Personalausweis: L01X00T47.",
        "nino=AB123456C",
        "userCpf&quot;:&quot;390.533.447-05",
        "rrn: 971013-9019902",
        "身份证: 360426199101010071",
        "Here is my National Insurance Number YZ 61 48 68 B",
        "codice_fiscale=RCCMNL83S18D969H",
    )
    counterexamples = (
        "aadhaar=2341 2341 2347",
        "national_id=17291716061A",
        "234123412346",
        "pesel_verified_at=44051401359",
        "nino=GB123456C",
        "rutine=12531909-2",
        "national_id=null",
        "cpf=111.111.111-11",
        "national_id_session=17291716060",
        "dni: 54362315Z",
        "national_identity_provider=https://id.example.org",
        "nin=12345678901",
    )
