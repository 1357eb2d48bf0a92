"""Numbers of patients, the insured and prescribers, told by their key and their check digits."""

import re

from harness.detectors._check_digits import is_date, is_luhn, squeezed, weighted
from harness.detectors._numbers import Announced, Kind, NumberDetector, by_stdnum

_S = "[ .\\-]?"
"""What may stand between groups."""


def _is_medicare(text: str) -> bool:
    """An Australian Medicare card: 2 to 6 first, weights 1, 3, 7, 9, the ninth digit is the check."""
    number = squeezed(text)
    return weighted(number[:8], (1, 3, 7, 9)) % 10 == int(number[8]) and number[9] != "0"


def _is_provider(text: str) -> bool:
    """A US provider's identifier (45 CFR 162): the Luhn check with 80840 before it."""
    number = squeezed(text)
    return is_luhn(f"80840{number}".encode()) and len(set(number)) > 2


def _is_insured(text: str) -> bool:
    """A German insured person's: the letter is two digits, then Luhn's weights from the other side."""
    number = squeezed(text)
    digits = f"{ord(number[0]) - 64:02d}{number[1:9]}"
    products = (int(each) * weight for each, weight in zip(digits, (1, 2) * 5, strict=True))
    return sum(each // 10 + each % 10 for each in products) % 10 == int(number[9])


def _is_physician(text: str) -> bool:
    """A German physician's: the seventh digit is the check of the six before, by 4 and 9."""
    total = sum(int(each) * weight for each, weight in zip(text[:6], (4, 9) * 3, strict=True))
    return (10 - total % 10) % 10 == int(text[6]) or len(set(text[:7])) == 1


def _is_practice(text: str) -> bool:
    """A German practice's: two digits of the association of physicians."""
    return text[:2] in _ASSOCIATIONS


_ASSOCIATIONS = frozenset(
    re.findall(
        "[0-9]{2}",
        "01 02 03 05 06 07 08 09 11 17 18 19 20 21 24 25 27 28 31 35 37 38 39 40 41 42 43 44 45 46 47 48 49 "
        "50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 78 79 80 81 83 85 86 87 "
        "88 93 94 95 96 98 99 ",
    )
)
"""Of physicians, by the first two digits that their members have."""


def _is_prescriber(text: str) -> bool:
    """A US prescriber's (DEA): odd digits and twice the even ones."""
    digits = [int(each) for each in squeezed(text)[-7:]]
    return (digits[0] + digits[2] + digits[4] + 2 * (digits[1] + digits[3] + digits[5])) % 10 == digits[6]


def _is_quebec(text: str) -> bool:
    """A Québec one (RAMQ): four letters of the name, a day of birth, 50 added to the month of women."""
    number = squeezed(text)
    year, month, day = int(number[4:6]), int(number[6:8]), int(number[8:10])
    return is_date(1900 + year, month - 50 if month > 50 else month, day)


def _is_ontario(text: str) -> bool:
    return is_luhn(squeezed(text)[:10].encode())


_MBI = (
    f"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]{_S}[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]{_S}"
    "[AC-HJKMNP-RT-Y]{2}[0-9]{2}"
)
"""A Medicare beneficiary (CMS): without S, L, O, I, B and Z."""
_MARK = "(?=[A-Z0-9\\-]*[0-9])"

_KINDS = (
    Kind("a British NHS number", "[0-9]{3}[ \\-]?[0-9]{3}[ \\-]?[0-9]{4}", by_stdnum("gb.nhs"), "gb",
         "nhs|national~health", ""),
    Kind("an Australian Medicare card", f"[2-6][0-9]{{3}}{_S}[0-9]{{5}}{_S}[0-9](?:[ /\\-]?[0-9])?", _is_medicare,
         "au",
         "medicare", ""),
    Kind("a US Medicare beneficiary", _MBI, None, "us", "medicare|beneficiary", "mbi"),
    Kind("a US provider's identifier", "[12][0-9]{3}[ \\-]?[0-9]{3}[ \\-]?[0-9]{3}", _is_provider, "us",
         "national~provider", "npi", weak=True),
    Kind("a US prescriber's number (DEA)", "[A-Z][A-Z9]-?[0-9]{7}", _is_prescriber, "us",
         "medical~licen|dea~(?:no|num)|prescriber|certificate~(?:no|num)",
         "dea", weak=True),
    Kind("a German insured person's number", "[A-Z][0-9]{9}", _is_insured, "de",
         "krankenversicher|versicherten|egk|gesundheitskarte|de~health", "kvnr"),
    Kind("a German physician's number", "[0-9]{9}", _is_physician, "de", "arztnummer", "lanr", weak=True),
    Kind("a German practice's number", "[0-9]{9}", _is_practice, "de", "betriebsst", "bsnr", weak=True),
    Kind("a British Columbian health number", f"9[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}", by_stdnum("ca.bc_phn"),
         "ca",
         "personal~health|bc~phn", "phn"),
    Kind("an Ontarian health card", f"[0-9]{{4}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_S}[A-Z]{{2}}", _is_ontario, "ca",
         "health~card", "ohip"),
    Kind("a Quebec health insurance number", f"[A-Z]{{4}}{_S}[0-9]{{4}}{_S}[0-9]{{4}}", _is_quebec, "ca",
         "assurance~maladie", "ramq|nam"),
    Kind("a New Zealand health index", "[A-HJ-NP-Z]{3}[0-9]{2}(?:[0-9]{2}|[A-HJ-NP-Z]{2})", None, "nz", "", "nhi",
         weak=True),
    Kind("a European health insurance card", "80[0-9]{18}", None, "", "", "ehic"),
    Kind("a patient's record number", f"{_MARK}(?:MRN?|PT"
         f"|P)?[#:\\- ]{{0,2}}[A-Z0-9]{{0,4}}-?[0-9]{{4,12}}(?:-[0-9]{{1,6}})?", None, "",
         "medical~record|health~record|patient~(?:id|no|num|ref)|patienten~?n|hospital~(?:no|num|id)"
         "|num(?:e|é)ro~(?:de~)?patient|病历号|historia~cl(?:i|í)nica", "mrn"),
    Kind("an insured person's number", f"{_MARK}[A-Z]{{0,4}}[ \\-]?[0-9][A-Z0-9\\-]{{4,16}}", None, "",
         "insurance~(?:id|no|num|policy|member)|health~(?:insurance|plan)~?(?:id|no|num)?|policy~holder~(?:id|no)"
         "|member~insurance|subscriber~(?:no|num)~health",
         "", weak=True),
)  # fmt: skip


class HealthNumber(NumberDetector):
    """A number under which a patient or an insured person is known, or one who treats them.

    Confidence: 0.95 under its own name where the check holds, 0.75 where its issuer has none; a prescriber's or a
    physician's number is of a person too, though of one that directories list.
    """

    type = "HEALTH_NUMBER"
    title = "Health or health insurance number"
    kinds = _KINDS
    keys = Announced(
        ["health~(?:id|no|num|card)", *(kind.names for kind in _KINDS if kind.names)],
        [kind.short for kind in _KINDS if kind.short],
    )
    cues = keys.cues()
    telling = rb"nhs|medicare|patient|medical_?rec|health_?(?:id|n|card|ins)|insurance|\bmrn\b|\bnpi\b|\bmbi\b"
    examples = (
        "nhs_number=943 476 5919",
        '{"medicare":"2123 45670 1"}',
        "NPI: 1234567893",
        "eGK-Nummer M123456785 bitte angeben.",
        '<string name="mbi">1EG4-TE5-MK73</string>',
        "mrn=MRN-00482913",
        "phn: 9698 658 215",
        "ramq=ABCD 9051 1234",
        "health_insurance_id&quot;:&quot;XYZ123456789",
        "patient_id=48213377",
    )
    counterexamples = (
        "nhs_number=943 476 5918",
        "943 476 5919",
        "npi=1234567890",
        "mbi=1SG4-TE5-MK73",
        "medicare_enabled=1",
        "patient_id=null",
        "input=1234567893",
        "patient_id_created_at=1700000000000",
        "ramq=ABCD 9099 9912",
        "phn: 9698 648 215",
    )
