"""Numbers that tax offices give to people: of the United States beside the social security number, and of others."""

from harness.detectors._numbers import Announced, NumberDetector
from harness.detectors._taxpayers import TAXPAYERS

_GENERAL = (
    "tax~(?:id|ident|payer|no|num|code|ref)|taxpayer|fiscal~(?:id|number)|steuernummer|steuer~id|codigo~fiscal"
    "|num(?:e|é)ro~fiscal|identificaci(?:o|ó)n~(?:fiscal|tributaria)|税号|納税"
)


class TaxId(NumberDetector):
    """A taxpayer's number of one of the offices that are known, under its name or under one like `tax_id`.

    Confidence: as for national identity numbers. An ITIN begins with 9 as no social security number does, and is told
    apart by that. Numbers of firms count where a person may trade under them.
    """

    type = "TAX_ID"
    title = "Taxpayer number"
    kinds = TAXPAYERS
    keys = Announced(
        [_GENERAL, *(kind.names for kind in TAXPAYERS if kind.names)],
        ["tin", *(kind.short for kind in TAXPAYERS if kind.short)],
    )
    cues = keys.cues()
    telling = rb"tax_?(?:id|payer|n|code)|steuer|\bitin\b|\btin\b|\bpan\b|\bnif\b|\brfc\b|\bcuit\b|\bcuil\b|\bnip\b"
    examples = (
        "itin=911-70-1234",
        '{"tax_id":"12345678903"}',
        "my tax id 911-64-1234",
        '<string name="panNumber">ABBPM4567S</string>',
        "Meine Steuer-ID: 12345678903.",
        "rfc=GODE561231GR8",
        "tfn: 876 543 210",
        "cuit&quot;:&quot;20-05536168-2",
        "My GSTIN number is 27ABCDE1234F1Z5 for business registration",
        "userNif=B64717838",
    )
    counterexamples = (
        "itin=911-89-1234",
        "itin=811-70-1234",
        "911-70-1234",
        "tax_id=none",
        "rfc=2616",
        "RFC 2616, section 14",
        "pan=left",
        "panel=ABBPM4567S",
        "tax_id_updated_at=12345678903",
        "steuer_id=12345678901",
        "pan_number=ABCDP0000Z",
        "taxonomy_id=12345678903",
    )
