"""Numbers that tax offices give to people, and to what people trade under: forms and check digits, by country."""

from harness.detectors._check_digits import squeezed
from harness.detectors._numbers import Kind, by_stdnum

__all__ = ["TAXPAYERS"]

_S = "[ .\\-]?"
"""What may stand between groups."""


def _is_itin(text: str) -> bool:
    """A US individual taxpayer's number: from 900, with the middle digits that the IRS gives out."""
    number = squeezed(text)
    middle = int(number[3:5])
    return number[0] == "9" and (50 <= middle <= 65 or 70 <= middle <= 88 or 90 <= middle <= 92 or 94 <= middle <= 99)


def _is_gstin(text: str) -> bool:
    """An Indian trader's: a state, the PAN of who trades, a count, Z, and a check character."""
    return 1 <= int(text[:2]) <= 38 and (text[2:12] == _SPECIMEN or by_stdnum("in_.gstin")(text))


_SPECIMEN = "ABCDE1234F"
"""The PAN that Indian forms show as an example; no check would let it pass."""


def _is_pan(text: str) -> bool:
    """An Indian PAN: the fourth letter is the sort of holder, P a person."""
    return text == _SPECIMEN or (text[3] in "ABCFGHJLPTKE" and text[5:9] != "0000")


def _is_spanish(text: str) -> bool:
    number = squeezed(text).removeprefix("ES")
    return by_stdnum("es.nif")(number.zfill(9) if number[0].isdigit() else number)


def _is_philippine(text: str) -> bool:
    number = squeezed(text)
    return number[:3] != "000" and number[:9] != "123456789"


TAXPAYERS = (
    Kind("a US taxpayer number (ITIN)", "9[0-9]{2}[ \\-]?[0-9]{2}[ \\-]?[0-9]{4}", _is_itin, "us",
         "individual~taxpayer", "itin"),
    Kind("a US adoption taxpayer number", "9[0-9]{2}-?93-?[0-9]{4}", by_stdnum("us.atin"), "us", "", "atin"),
    Kind("a US tax preparer's number", "P-?[0-9]{8}", by_stdnum("us.ptin"), "us", "", "ptin"),
    Kind("an Australian tax file number", f"[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{2,3}}", by_stdnum("au.tfn"), "au",
         "tax~file", "tfn"),
    Kind("a New Zealand IRD number", f"(?:NZ ?)?[0-9]{{2,3}}{_S}[0-9]{{3}}{_S}[0-9]{{2}}-?[0-9]|[0-9]{{7}}-[0-9]",
         by_stdnum("nz.ird"), "nz",
         "inland~revenue", "ird"),
    Kind("an Indian PAN", "[A-Z]{5}[0-9]{4}[A-Z]", _is_pan, "in", "permanent~account|pan~(?:card|no|num)",
         "pan"),
    Kind("an Indian trader's number", "[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]", _is_gstin, "in",
         "gstin|gst~n",
         "gst"),
    Kind("a Philippine taxpayer number", f"[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}(?:{_S}[0-9]{{3,5}})?",
         _is_philippine, "ph", "",
         "ph~tin", weak=True),
    Kind("a Thai taxpayer number", f"[0-9]{_S}[0-9]{{4}}{_S}[0-9]{{5}}{_S}[0-9]{{2}}{_S}[0-9]", by_stdnum("th.tin"),
         "th"),
    Kind("an Indonesian taxpayer number",
         f"[0-9]{{2}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{_S}[0-9]{{3}}{_S}[0-9]{{3}}",
         by_stdnum("id.npwp"), "id", "", "npwp"),
    Kind("a Vietnamese tax code", "[0-9]{10}(?:-?[0-9]{3})?", by_stdnum("vn.mst"), "vn",
         "mã~số~thuế|ma~so~thue", "mst"),
    Kind("a Turkish tax number", "[0-9]{10}", by_stdnum("tr.vkn"), "tr", "vergi~(?:kimlik~)?n", "vkn"),
    Kind("a German tax identity", f"[0-9]{{2}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}",
         lambda text: by_stdnum("iso7064.mod_11_10")(squeezed(text)) and text[0] != "0", "de",
         "steuer~?id|identifikationsnummer|steuerliche", "tin|idnr"),
    Kind("a German tax number", "[0-9]{2,4}[ /]?[0-9]{3,4}[ /]?[0-9]{4,5}|[0-9]{13}", by_stdnum("de.stnr"), "de",
         "steuernummer",
         "stnr|st~nr", weak=True),
    Kind("an Austrian tax number", "[0-9]{2}[ \\-]?[0-9]{3}[ /]?[0-9]{4}", by_stdnum("at.tin"), "at", "abgabenkonto",
         "at~tin"),
    Kind("a British taxpayer reference", "[0-9]{5} ?[0-9]{5}", by_stdnum("gb.utr"), "gb", "unique~taxpayer", "utr"),
    Kind("a French tax number", "[0-3][0-9](?: ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}|[0-9]{11})",
         by_stdnum("fr.nif"),
         "fr", "num(?:e|é)ro~fiscal|spi~n", "fr~nif|spi|nif"),
    Kind("a Spanish tax number", f"(?:ES ?)?[0-9A-Z]{_S}[0-9]{{7}}{_S}[0-9A-Z]|[0-9]{{7}}{_S}[A-Z]", _is_spanish,
         "es",
         "identificaci(?:o|ó)n~fiscal", "nif|cif"),
    Kind("a Portuguese tax number", f"(?:PT ?)?[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}", by_stdnum("pt.nif"), "pt",
         "n(?:u|ú)mero~(?:de~)?contribuinte|contribuinte", "nif"),
    Kind("a Polish tax number", "(?:PL ?)?[0-9]{3}[ \\-]?[0-9]{2,3}[ \\-]?[0-9]{2}[ \\-]?[0-9]{2,3}",
         by_stdnum("pl.nip"), "pl", "", "nip"),
    Kind("a Russian taxpayer number", "[0-9]{10}(?:[0-9]{2})?", by_stdnum("ru.inn"), "ru", "инн",
         "inn"),
    Kind("a Ukrainian taxpayer number", "[0-9]{10}", by_stdnum("ua.rntrc"), "ua",
         "рнокпп", "rntrc|ua~inn"),
    Kind("a Belarusian payer's number", "[0-9A-Z]{2}[0-9]{7}", by_stdnum("by.unp"), "by", "унп",
         "unp"),
    Kind("an Azerbaijani tax number", f"[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3,4}}", by_stdnum("az.voen"), "az",
         "v(?:o|ö)en"),
    Kind("a Czech or Slovak tax number", "(?:CZ|SK)? ?[0-9]{3} ?[0-9]{3} ?[0-9]{2} ?[0-9]{0,2}",
         by_stdnum("cz.dic"), "cz", "", "cz~dic|di(?:c|č)",
         weak=True),
    Kind("a Finnish tax number", "[0-9]{12}", by_stdnum("fi.veronumero"), "fi", "veronumero", weak=True),
    Kind("a Greek tax number", "(?:EL|GR)? ?[0-9]{9}", by_stdnum("gr.vat"), "gr", "αφμ", "afm|gr~vat"),
    Kind("an Irish tax number", "[0-9][0-9A-Z+*][0-9]{5}[A-W][A-I]?", by_stdnum("ie.vat"), "ie", "", "ie~vat",
         weak=True),
    Kind("a Romanian tax code", "(?:RO ?)?[0-9]{1,3}(?: ?[0-9]{3}){1,2} ?[0-9]{1,2}", by_stdnum("ro.cf"), "ro", "",
         "ro~c(?:f|ui)", weak=True),
    Kind("an Albanian tax number", "(?:AL ?)?[JKLM] ?[0-9]{8} ?[A-Z]", by_stdnum("al.nipt"), "al", "", "nipt|nuis"),
    Kind("an Argentine tax number", "[0-9]{2}-?[0-9]{8}-?[0-9]", by_stdnum("ar.cuit"), "ar", "", "cuit|cuil"),
    Kind("a Chilean RUT", f"(?:CL ?)?[0-9]{{1,2}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}-?[0-9K]", by_stdnum("cl.rut"), "cl",
         "", "cl~rut"),
    Kind("a Colombian tax number", f"[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}-?[0-9]", by_stdnum("co.nit"), "co", "",
         "co~nit"),
    Kind("a Mexican RFC", "[A-Z&]{3,4}[ \\-]?[0-9]{6}[ \\-]?[0-9A-Z]{3}", by_stdnum("mx.rfc"), "mx",
         "registro~federal", "rfc"),
    Kind("a Peruvian RUC", "[12][0-9]{10}", by_stdnum("pe.ruc"), "pe", "", "ruc"),
    Kind("an Ecuadorian RUC", "[0-9]{10}-?[0-9]{3}", by_stdnum("ec.ruc"), "ec", "", "ruc"),
    Kind("a Paraguayan RUC", "[0-9]{5,9}-?[0-9]", by_stdnum("py.ruc"), "py", "", "py~ruc", weak=True),
    Kind("a Venezuelan RIF", "[VEJPG]-?[0-9]{8}-?[0-9]", by_stdnum("ve.rif"), "ve", "", "rif"),
    Kind("a Guatemalan NIT", "[0-9]{1,8}-?[0-9K]", by_stdnum("gt.nit"), "gt", "", "gt~nit", weak=True),
    Kind("a Salvadoran NIT", "(?:SV ?)?[0-9]{4}-?[0-9]{6}-?[0-9]{3}-?[0-9]", by_stdnum("sv.nit"), "sv", "", "sv~nit"),
    Kind("a Kenyan tax number", "[AP][0-9]{9}[A-Z]", by_stdnum("ke.pin"), "ke", "kra~pin", "ke~pin"),
    Kind("an Egyptian tax number", "[0-9]{3}-?[0-9]{3}-?[0-9]{3}", by_stdnum("eg.tn"), "eg", "", "eg~tn", weak=True),
    Kind("an Algerian tax number", "[0-9]{3}(?: ?[0-9]){12}(?:(?: ?[0-9]){5})?", by_stdnum("dz.nif"), "dz", "",
         "dz~nif", weak=True),
    Kind("a Ghanaian tax number", "[PCGQV]00[A-Z0-9]{8}", by_stdnum("gh.tin"), "gh", "", "gh~tin"),
    Kind("a Tunisian tax number", "[0-9]{1,7} ?[A-Z](?:/?[A-Z]/?[A-Z]/?[0-9]{3})?", by_stdnum("tn.mf"), "tn",
         "matricule~fiscal", "tn~mf", weak=True),
    Kind("a South African tax number", "[01239][0-9]{9}", by_stdnum("za.tin"), "za", "", "za~tin"),
)  # fmt: skip
