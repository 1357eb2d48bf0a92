"""Preferences, binary XML and compiled XML of Android, against the truth and against readers of others."""

import json
import re
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.accuracy.score import Score
from harness.formats.abx import Abx
from harness.formats.axml import Axml
from harness.formats.axml.attributes import Typed, typed_value
from harness.formats.base import Format, as_bytes
from harness.formats.shared_prefs import SharedPrefs
from harness.limits import Limits
from harness.model import Document, Scalar, State, Value

__all__ = ["measure"]

_LINE = re.compile(
    r"A: .*?="
    r'(?:"(?P<text>.*?)" \(Raw|(?P<sign>[@?])0x(?P<number>[0-9a-f]+)'
    r"|\(type 0x(?P<kind>[0-9a-f]+)\)0x(?P<data>[0-9a-f]+))"
)


def measure(corpus: Path) -> list[Score]:
    """One line for each of the three."""
    return [
        _preferences(corpus / "android-prefs"),
        _binary(corpus / "android-abx"),
        _compiled(corpus / "android-xml"),
    ]


def _values(form: Format, data: bytes) -> list[Value]:
    return list(form.decode(Document(data), Limits()))


def _preferences(folder: Path) -> Score:
    planted = found = invented = 0
    for file in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
        path = folder / file["file"]
        values = _values(SharedPrefs(), path.read_bytes())
        held = {(value.key, str(value.value)) for value in values}
        for value in file["values"]:
            raw = value.get("raw", value["value"])
            for each in raw if isinstance(raw, list) else [raw]:
                planted += 1
                found += (value["key"], str(each)) in held
        seen = [text for element in ElementTree.parse(path).iter() for text in (element.text, element.get("value"))]
        invented += sum(as_bytes(value.value).decode() not in {text or "" for text in seen} for value in values)
    return Score(family="android-prefs", planted=planted, found=found, invented=invented, note="name and value")


def _binary(folder: Path) -> Score:
    planted = found = invented = 0
    for file in json.loads((folder / "truth" / "built.json").read_text(encoding="utf-8")):
        values = _values(Abx(), (folder / file["file"]).read_bytes())
        for value in file["values"]:
            held = [as_bytes(each.value) for each in values if each.key == value["key"]]
            for wanted in value["value"] if isinstance(value["value"], list) else [value["value"]]:
                text = str(wanted).encode()
                planted += 1
                found += any(text == each or ("JSON" in value["stored"] and text in each) for each in held)
        plain = folder / "truth" / Path(file["file"]).name.replace(".abx", "")
        seen = {
            text for element in ElementTree.parse(plain).iter() for text in (element.text, *element.attrib.values())
        }
        texts = [value.value for value in values if isinstance(value.value, str)]
        invented += sum(text not in seen for text in texts)
    return Score(family="android-abx", planted=planted, found=found, invented=invented, note="key and value")


def _compiled(folder: Path) -> Score:
    planted = found = invented = 0
    for dump in sorted((folder / "truth").glob("*.xmltree.txt")):
        name = dump.name.removesuffix(".xmltree.txt")
        family, _, rest = name.partition("__")
        path = folder / family / rest if rest else folder / "built" / name / "AndroidManifest.xml"
        data = path.read_bytes()
        if path.suffix == ".apk":
            with zipfile.ZipFile(path) as archive:
                data = archive.read("AndroidManifest.xml")
        wanted = Counter(as_bytes(_dumped(line)) for line in _LINE.finditer(dump.read_text(encoding="utf-8")))
        live = [value for value in _values(Axml(), data) if value.state is State.LIVE]
        # A name that stands in the place of an index is no value; aapt prints a text up to the first NUL.
        names = Counter(str(value.steps[-1]).encode() for value in live)
        held = Counter(as_bytes(value.value).partition(b"\x00")[0] for value in live)
        planted += wanted.total()
        found += (wanted & (held + names)).total()
        invented += (held - wanted).total()
    return Score(family="android-xml", planted=planted, found=found, invented=invented, note="as aapt dumps them")


def _dumped(line: re.Match[str]) -> Scalar:
    """The value of an attribute in a dump of aapt's."""
    if line["text"] is not None:
        return line["text"]
    if line["sign"]:
        return f"{line['sign']}0x{int(line['number'], 16):08x}"
    return typed_value(Typed(int(line["kind"], 16), int(line["data"], 16)))
