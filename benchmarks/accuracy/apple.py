"""Property lists, archives, cookies, keychain dumps and plain files of iOS, against the truth beside them."""

import contextlib
import json
import plistlib
import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.parsers.expat import ExpatError

from benchmarks.accuracy.score import Score
from harness import registry
from harness.errors import FormatError
from harness.formats.base import Format, as_bytes
from harness.limits import Limits
from harness.model import Document, Value
from harness.scan.unfold import Leaf, Unfolder, choose_format

__all__ = ["measure"]

_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
_FRAME = frozenset(("$class", "$classes", "$classname", "$archiver", "$version", "CF$UID"))


def measure(corpus: Path) -> list[Score]:
    """One line for each of the families."""
    reader = _Reader(registry.load("formats", Format))
    return [
        _archives(reader, corpus / "keyed-archives"),
        _lists(reader, corpus / "apple-plist", "apple-plist"),
        _lists(reader, corpus / "ios-sandbox", "ios-sandbox lists"),
        _cookies(reader, corpus / "apple-cookies"),
        _keychains(reader, corpus / "keychain-dumps"),
        _backup(reader, corpus / "ios-backup"),
    ]


class _Reader:
    """Decodes any file, as the decoded lane does."""

    def __init__(self, formats: Mapping[str, Format]) -> None:
        self.formats = formats
        self.unfolder = Unfolder(formats, Limits())

    def values(self, path: Path) -> list[Value]:
        """What can be read of a file."""
        data = path.read_bytes()
        found: list[Value] = []
        with contextlib.suppress(FormatError):
            found.extend(choose_format(self.formats, data[:4096], len(data)).decode(Document(data), Limits()))
        return found

    def leaves(self, path: Path) -> list[Leaf]:
        """The same, with what values hold."""
        values = self.values(path)
        return [leaf for each in values for leaf in self.unfolder.leaves(each.value, each.steps, state=each.state)]


def _archives(reader: _Reader, folder: Path) -> Score:
    planted = found = invented = 0
    for entry in json.loads((folder / "truth" / "truth.json").read_text(encoding="utf-8")):
        leaves = reader.leaves(folder / entry["file"])
        texts = [as_bytes(leaf.value).decode("utf-8", "replace").lower() for leaf in leaves]
        for value in entry["values"]:
            text = str(value["value"]).lower()
            planted += 1
            found += any(text == each or text in each or f"{text}.0" == each for each in texts)
        invented += sum(not isinstance(step, int) and step in _FRAME - {"$class"} for x in leaves for step in x.steps)
    return Score(family="keyed-archives", planted=planted, found=found, invented=invented, note="at readable places")


def _lists(reader: _Reader, folder: Path, family: str) -> Score:
    """Every scalar that libplist prints, and none that it does not."""
    planted = found = invented = 0
    for rendered in sorted((folder / "truth").glob("*.xml")):
        path = folder / rendered.name.removesuffix(".xml").replace("__", "/")
        try:
            tree = plistlib.loads(rendered.read_bytes())
        except (plistlib.InvalidFileException, ExpatError, ValueError):
            continue
        if not path.is_file() or tree is None:
            continue
        decoded = reader.values(path)
        values = [value.value for value in decoded]
        held = {form for value in values for form in (repr(value), *_whole(value))}
        held |= {repr(step) for value in decoded for step in value.steps}  # the keys of an archive are texts of it
        wanted = [_forms(scalar) for scalar in _scalars(tree)]
        planted += len(wanted)
        found += sum(bool(forms & held) for forms in wanted)
        known = {form for forms in wanted for form in forms} | _classes(tree) | {"None"}
        invented += sum(not _forms(value) & known for value in values)
    return Score(family=family, planted=planted, found=found, invented=invented, note="as libplist prints them")


def _whole(value: object) -> Iterator[str]:
    """As libplist prints it: numbers alike, dates to the second."""
    if isinstance(value, int):
        yield repr(float(value))
    if isinstance(value, datetime):
        yield repr(value.replace(microsecond=0))


def _scalars(node: Any) -> Iterator[object]:
    if isinstance(node, dict):
        is_archive = "$objects" in node and str(node.get("$archiver")).endswith("KeyedArchiver")
        for key, value in node.items():
            if key not in _FRAME or not (is_archive or "$class" in node or "$classname" in node or key == "CF$UID"):
                yield from _scalars(value)
    elif isinstance(node, list):
        for value in node:
            yield from _scalars(value)
    elif node != "$null" and not isinstance(node, plistlib.UID):
        yield node


def _classes(tree: Any) -> set[str]:
    """What is given beside the scalars: names of classes, numbers of references of a list that is no archive."""
    if isinstance(tree, dict):
        own = {repr(tree[key]) for key in ("$classname", "CF$UID", "$archiver", "$version") if key in tree}
        return own.union(*(_classes(value) for value in tree.values()), {"'$null'"})
    if isinstance(tree, list):
        return {name for value in tree for name in _classes(value)}
    return {repr(tree.data)} if isinstance(tree, plistlib.UID) else set()


def _forms(value: object) -> set[str]:
    """What a stored scalar may be given as."""
    forms = {repr(value)}
    if isinstance(value, bytes) and len(value) == 16:
        forms.add(repr(str(UUID(bytes=value)).upper()))
    if isinstance(value, datetime):
        when = value if value.tzinfo else value.replace(tzinfo=UTC)
        forms |= {repr(when), repr(when.replace(microsecond=0))}
    if isinstance(value, int | float) and not isinstance(value, bool):
        forms |= {
            repr(float(value)),
            repr(float(f"{value:.6f}")),
            repr(struct.unpack("f", struct.pack("f", value))[0]),
        }
        forms.add(repr(_EPOCH + timedelta(seconds=max(-6e10, min(2e11, value)))))
    return forms


def _cookies(reader: _Reader, folder: Path) -> Score:
    planted = found = invented = 0
    for path in sorted(folder.rglob("*.binarycookies")):
        values = reader.values(path)
        data = path.read_bytes()
        for each in values:
            if len(each.steps) == 3:
                invented += as_bytes(each.value) not in data
        planted += _count(data)
        found += sum(each.steps[3:] == ("creation date",) for each in values)
    (case,) = json.loads((folder / "truth" / "plaso-expected.json").read_text(encoding="utf-8"))
    told = {each.steps: each.value for each in reader.values(folder / "plaso" / "Cookies.binarycookies")}
    for event in case["expected_event_values"]:
        steps = (event["url"], event["path"], event["cookie_name"])
        dates = [datetime.fromisoformat(event[name]) for name in ("creation_time", "expiration_time")]
        planted += 3
        found += (told.get(steps) == event["cookie_value"]) + sum(
            told.get((*steps, name)) == when
            for name, when in zip(("creation date", "expiry date"), dates, strict=True)
        )
    return Score(
        family="apple-cookies", planted=planted, found=found, invented=invented, note="cookies by page counts"
    )


def _count(data: bytes) -> int:
    """How many cookies the pages of a file say that they hold."""
    (pages,) = struct.unpack_from(">I", data, 4)
    at, count = 8 + 4 * pages, 0
    for size in struct.unpack_from(f">{pages}I", data, 8):
        count += struct.unpack_from("<I", data, at + 4)[0]
        at += size
    return count


def _keychains(reader: _Reader, folder: Path) -> Score:
    planted = found = invented = 0
    for file in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
        told = {value.steps: value.value for value in reader.values(folder / file["file"])}
        is_text = file["file"].endswith(".txt")
        names = ("Service", "Account", "Keychain Data") if is_text else ("service", "account", "data")
        for number, item in enumerate(file["items"]):
            pairs = list(zip(names, (item["service"], item["account"], item["data"]), strict=True))
            pairs += [] if is_text else [("accessible_attribute", item["accessible"])]
            planted += len(pairs)
            found += sum(told.get((number, name)) == value for name, value in pairs)
        invented += len({steps[0] for steps in told} - set(range(len(file["items"]))))
    return Score(family="keychain-dumps", planted=planted, found=found, invented=invented, note="item by item")


def _backup(reader: _Reader, folder: Path) -> Score:
    planted = found = 0
    for truth in sorted((folder / "truth").glob("*.json")):
        told = json.loads(truth.read_text(encoding="utf-8"))
        if told["encrypted"]:
            continue
        base = folder / truth.stem
        texts = {
            each["path"]: [
                as_bytes(leaf.value).decode("utf-8", "replace").lower()
                for leaf in reader.leaves(base / each["fileID"][:2] / each["fileID"])
            ]
            for each in told["files"]
            if each["bytes"]
        }
        for value in told["values"]:
            text = str(value["value"]).lower()
            planted += 1
            found += any(text in each for lines in texts.values() for each in lines)
    return Score(family="ios-backup, plain files", planted=planted, found=found, invented=0, note="contents of files")
