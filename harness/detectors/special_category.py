"""Gender, age, and the special categories of the GDPR (article 9), told by the key and a value that says some."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.detectors._context import words
from harness.detectors.base import WORD, Detector, Keyed, Match, Window

_TAIL = rb"(?i:[_.\-]?(?:value|name|text|label|desc|description|type|status|identity|preference|s|es|1|2)?)"
_HEAD = rb"(?:[A-Za-z\xc3-\xed][A-Za-z0-9\x80-\xff+\-]{0,2}|[ABO]{1,2}[+\-])"
_PHRASE = re.compile(
    rb"(?:[A-Za-z]|[\xc3-\xf4][\x80-\xbf]{1,3})(?:[A-Za-z0-9 '(),/+.\-]"
    rb"|[\xc2-\xf4][\x80-\xbf]{1,3}){0,79}"
)
_AGE = re.compile(rb"(?:1[01][0-9]|[1-9]?[0-9])(?![0-9A-Za-z.,:%\-]|\.[0-9])")
_EMPTY = re.compile(
    rb"(?i)(?:null|none|nil|undefined|unknown|not[ _]?(?:set|specified|known|available|provided|applicable|disclosed)"
    rb"|n/?a|true|false|yes|no|any|all|other|others|unspecified|prefer[ _]not.*|default|empty|select.*|choose.*|test"
    rb"|string|enabled|disabled|object|array|optional|required|hidden|visible|click|open|close|ok|error|success"
    rb"|failed"
    rb"|pending|active|inactive|never|gone|title|label|hint|field|input|screen|dialog|fragment|activity|type|enum)"
)
"""Words of programs and forms, which say nothing of a person."""


@dataclass(frozen=True, slots=True)
class _Category:
    """One sort of thing that is said of a person."""

    what: str
    keys: Keyed
    known: re.Pattern[bytes] | None
    """Values that are of this sort whatever their key; None where any words say some."""
    open: bool
    """Whether other words than those count, surely less."""


def _category(what: str, keys: str, known: str = "", *, lone: str = "", open_: bool = True) -> _Category:
    names = rb"(?i:%b)" % words(keys) + (rb"|%b(?i:%b)" % (WORD, words(lone)) if lone else b"")
    pattern = re.compile(rb"(?i:%b)(?![A-Za-z])" % words(known)) if known else None
    return _Category(what, Keyed(names, _HEAD, tail=_TAIL), pattern, open_)


_SEXES = """
    male female man woman men women boy girl non_binary nonbinary genderqueer genderfluid agender intersex
    transgender trans_man trans_woman transmale transfemale cis_man cis_woman cisgender m f masculino femenino
    feminino hombre mujer homem mulher homme femme masculin féminin männlich weiblich divers maschio femmina
    maschile femminile man vrouw mannelijk vrouwelijk мужской женский мужчина женщина 男 女 男性 女性 ذكر أنثى पुरुष
    महिला erkek kadın laki_laki perempuan
"""
_CATEGORIES = (
    _category(
        "a gender",
        """
            gender_identity gender geschlecht genero género sexo sexe sesso geslacht cinsiyet jenis_kelamin 性别 性別
            الجنس लिंग пол
        """,
        _SEXES,
        lone="sex",
        open_=False,
    ),
    _category(
        "a religion",
        """
            religion religious_affiliation religious_belief faith_group konfession denomination religión religião
            религия 宗教 الدين धर्म agama
        """,
        """
            christian christianity catholic roman_catholic protestant orthodox evangelical baptist lutheran
            anglican methodist mormon islam muslim moslem sunni shia jewish judaism hindu hinduism buddhist
            buddhism sikh sikhism jain jainism atheist atheism agnostic zoroastrian bahai shinto taoist quaker
            jehovahs_witness katholisch evangelisch católico católica musulmán musulman juif
        """,
    ),
    _category(
        "an ethnic origin",
        """
            ethnicity ethnic_origin ethnic_group ethnic_background racial_origin race_ethnicity herkunft etnia 民族
            caste tribe
        """,
        """
            asian black white caucasian hispanic latino latina latinx african_american native_american arab jewish
            roma pacific_islander south_asian east_asian black_african mixed_race kurdish han
        """,
    ),
    _category(
        "a race",
        """
            race_ethnicity
        """,
        """
            asian black white caucasian hispanic latino latina african_american native_american
            black_or_african_american pacific_islander american_indian two_or_more_races
        """,
        lone="race",
        open_=False,
    ),
    _category(
        "a sexual orientation",
        """
            sexual_orientation sexual_preference orientation_sexual orientación_sexual orientação_sexual sexuality
            sexuelle_orientierung
        """,
        """
            heterosexual homosexual straight gay lesbian bisexual bi pansexual asexual queer demisexual
            questioning
        """,
    ),
    _category(
        "a political opinion",
        """
            political_affiliation political_opinion political_party political_view party_affiliation
            voter_registration_party voting_intention partido_político
        """,
        """
            democrat republican independent conservative liberal labour labor green libertarian socialist
            communist social_democrat
        """,
    ),
    _category(
        "a union membership",
        """
            union_membership trade_union labor_union labour_union union_member_of gewerkschaft sindicato syndicat
        """,
    ),
    _category(
        "a state of health",
        """
            diagnosis diagnoses medical_condition health_condition medical_history chronic_condition
            chronic_disease allergies allergy medication medications prescription_drug disability disabilities
            symptom symptoms blood_type blood_group pregnancy_status pregnancy_week hiv_status mental_health
            vaccination_status std_status covid_status diagnóstico alergias allergien groupe_sanguin
            grupo_sanguineo blutgruppe 血型 诊断
        """,
    ),
)
_YEARS = Keyed(
    rb"(?i:(?:user|customer|member|patient|person)_?age|age_?(?:in_?)?years)|%b(?i:age)" % WORD,
    rb"[0-9]{1,3}",
    tail=rb"",
)
_BLOOD = re.compile(rb"(?:A|B|AB|O|0)[ ]?(?:[+\-]|pos|neg|Rh)", re.IGNORECASE)
_OTHER_KEY = re.compile(rb"\.(?:id|uuid|url|icon|image|enabled|visible|required|hint|error)\Z")


class SpecialCategory(Detector):
    """What is said of somebody's gender, age, belief, origin, orientation, opinion, union or health.

    Confidence: 0.85 where the key names the category and the value is one of its words; 0.65 where the value is words
    that no list has; 0.6 for an age. A word of a program or a form (`null`, `other`,
    `select`) says nothing; in running
    text, without a key, nothing is told.
    """

    type = "SPECIAL_CATEGORY"
    title = "Gender, age, belief, origin, orientation or health"
    cues = (*(each.keys.cue(after=24) for each in _CATEGORIES), _YEARS.cue(after=8))
    pattern = re.compile(rb"(?:[A-Za-z]|[\xc3-\xf4][\x80-\xbf]{1,3})[A-Za-z0-9 '+\x80-\xff\-]{0,79}|[0-9]{1,3}")
    telling = (
        rb"gender|\bsex\b|religio|ethnic|\brace\b|orientation|sexuality|politic|union|diagnos|medical|allerg"
        rb"|medication"
        rb"|disab|blood|pregnan|\bage\b|hiv"
    )
    examples = (
        "gender=female",
        '{"religion":"Buddhist"}',
        '<string name="ethnicity">South Asian</string>',
        "sexual_orientation=bisexual",
        "politicalAffiliation&quot;:&quot;Green",
        "trade_union=Example Workers United",
        '"diagnosis": "Type 2 diabetes"',
        "blood_type=AB+",
        "age=43",
        '"allergies":"peanuts, penicillin"',
        "sexe: femme",
        '"userAge":31',
    )
    counterexamples = (
        "gender=null",
        "gender=unknown",
        "female",
        "religion=",
        "page=43",
        "max-age=43",
        "age=843",
        "race_condition=detected in worker",
        "diagnosis_enabled=true",
        "sex=0",
        "image=43",
        "gender=other",
        "orientation=landscape",
        "allergies=none",
        "symptoms=unknown",
        "the religion of peace",
        "in age 43 of the world",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """What the first key that fits names."""
        taken: set[int] = set()
        for category in _CATEGORIES:
            for key, at in category.keys.values(window):
                if at not in taken and (match := _said(category, key, window, at)):
                    taken.add(at)
                    yield match
        for _, at in _YEARS.values(window):
            found = _AGE.match(window.buffer, at, window.ceiling)
            if (
                found
                and int(found[0]) >= 5
                and _is_field(window, at)
                and not _COMPOUND_AGE.search(_before(window, at))
            ):
                yield Match(at, found.end(), 0.6, ("the key names an age, and the number may be one",))


def _before(window: Window, at: int) -> bytes:
    return bytes(window.buffer[max(window.floor, at - 24) : at])


def _is_field(window: Window, at: int) -> bool:
    """Whether a sign of a field stands before the value: in a sentence, `religion of peace` is nobody's."""
    found = _BETWEEN.search(_before(window, at))
    return found is not None and _SIGN.search(found[0]) is not None


_BETWEEN = re.compile(rb"(?:[^A-Za-z0-9]|quot|value|string|integer|is)+\Z")
_SIGN = re.compile(rb"[:=>\"'\x00-\x08\x0b\x0c\x0e-\x1f\x80-\xff]|quot")
_COMPOUND_AGE = re.compile(rb"[\-_/](?i:age)[^A-Za-z]*\Z")


def _said(category: _Category, key: bytes, window: Window, at: int) -> Match | None:
    buffer, ceiling = window.buffer, window.ceiling
    if _OTHER_KEY.search(key) or not _is_field(window, at):
        return None
    why = f"the key names {category.what}"
    if category.known is not None and (known := category.known.match(buffer, at, ceiling)):
        return Match(at, known.end(), 0.85, (why, "and the value is one"))
    if not category.open:
        return None
    found = _PHRASE.match(buffer, at, ceiling)
    text = found[0].rstrip(b" ,.(/-'") if found else b""
    if blood := _BLOOD.fullmatch(text):
        return Match(at, at + len(blood[0]), 0.85, (why, "and the value is one"))
    if len(text) < 3 or _EMPTY.fullmatch(text) or re.search(rb"[a-z][A-Z]|[a-z]\.[a-z]|\(\)|//", text):
        return None
    return Match(at, at + len(text), 0.65, (why, "and the value is words"))
