"""The table of resources: what the numbers in a manifest stand for, in every form that a table has."""

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.axml import Axml, Compiled, Reference, Resources, Tag
from harness.formats.axml.writer import write_resources
from harness.formats.base import as_bytes
from harness.formats.zip_file import ZipFile
from harness.limits import Limits
from harness.model import Document, Share, Value

FORM = Axml()
LIMITS = Limits()
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
NAME = st.text("abcdefgh_", min_size=1, max_size=8)
TYPES = st.dictionaries(NAME, st.dictionaries(NAME, TEXT, min_size=1, max_size=4), min_size=1, max_size=3)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


@given(types=TYPES, locale=st.sampled_from(("", "de")))
def test_every_resource_is_read_under_its_number(types: dict[str, dict[str, str]], locale: str) -> None:
    """With its type and name, and its language where it has one; each place is one that is decoded."""
    document = FORM.encode(Resources(types, locale=locale))
    data = bytes(document.data)
    expected = [
        Value((f"@0x7f{number:02x}{index:04x}", title, *([locale] if locale else []), name), text)
        for number, (title, named) in enumerate(types.items(), 1)
        for index, (name, text) in enumerate(named.items())
    ]

    assert decoded(data) == expected
    assert FORM.account(document, LIMITS).totals().keys() <= {Share.DECODED, Share.STRUCTURE}
    known = {(value.steps, as_bytes(value.value)) for value in expected}
    for place in FORM.locate(document, range(len(data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


def _type_chunk(data: bytearray) -> int:
    return data.index(struct.pack("<HH", 0x0201, 84))


def test_other_forms_of_lists_are_read() -> None:
    """Places in two bytes, or with their numbers, in units of four."""
    for flags, stored in ((2, struct.pack("<HH", 0, 4)), (1, struct.pack("<HHHH", 0, 0, 7, 4))):
        data = bytearray(write_resources(Resources({"string": {"a": "jane@example.org", "b": "Zoë"}})))
        at = _type_chunk(data)
        data[at + 9] = flags
        data[at + 84 : at + 92] = stored.ljust(8, b"\x00")
        last = "@0x7f010007" if flags == 1 else "@0x7f010001"

        assert decoded(bytes(data)) == [
            Value(("@0x7f010000", "string", "a"), "jane@example.org"),
            Value((last, "string", "b"), "Zoë"),
        ]


def test_parts_and_short_entries_are_read() -> None:
    """Arrays and styles have several values; since Android 14 an entry may be of eight bytes."""
    data = bytearray(write_resources(Resources({"array": {"a": "jane@example.org", "b": "Zoë"}})))
    at = _type_chunk(data) + 92
    data[at : at + 8] = struct.pack("<HBBI", 0, 8, 3, 1)
    data[at + 16 : at + 32] = struct.pack("<HHII", 16, 1, 1, 0) + bytes(4)
    assert decoded(bytes(data))[0] == Value(("@0x7f010000", "array", "a"), "Zoë")

    packed = struct.pack("<HHIII", 16, 1, 1, 0, 1) + struct.pack("<IHBBI", 0x02000000, 8, 0, 0x10, 7)
    data[at + 16 :] = packed
    chunks = ((_type_chunk(data), 0x0201), (data.index(struct.pack("<HH", 0x0200, 288)), 0x0200), (0, 2))
    for start, _ in chunks:
        data[start + 4 : start + 8] = struct.pack("<I", len(data) - start)
    assert decoded(bytes(data))[1:2] == [Value(("@0x7f010001", "array", "b", 0), 7)]


def test_entries_that_lie_on_each_other_are_read_once() -> None:
    """However often a list leads to the same bytes."""
    data = bytearray(write_resources(Resources({"string": {f"n{n}": "jane@example.org" for n in range(50)}})))
    at = _type_chunk(data)
    data[at + 84 : at + 84 + 200] = bytes(200)

    assert len([value for value in decoded(bytes(data)) if value.value == "jane@example.org"]) == 1


@pytest.mark.parametrize("at", [4, 12 + 4, 0])
def test_lengths_that_lie_are_damage(at: int) -> None:
    """Of the table, of its strings, or of an entry's list."""
    data = bytearray(write_resources(Resources({"string": {"a": "jane@example.org"}})))
    where = at or _type_chunk(data) + 12
    data[where : where + 4] = b"\xff\xff\xff\x7f"

    with pytest.raises(FormatError):
        decoded(bytes(data))


def test_rules_of_backup_are_found_from_the_manifest() -> None:
    """In an APK the manifest names a number, the table the file, and the file says what is left out."""
    manifest = Tag("manifest", {}, (Tag("application", {"android:dataExtractionRules": Reference(0x7F010000)}),))
    rules = Tag(
        "data-extraction-rules",
        {},
        (Tag("cloud-backup", {}, (Tag("exclude", {"domain": "sharedpref", "path": "me.xml"}),)),),
    )
    members = {
        "AndroidManifest.xml": bytes(FORM.encode(Compiled(manifest)).data),
        "resources.arsc": write_resources(Resources({"xml": {"rules": "res/xA.xml"}})),
        "res/xA.xml": bytes(FORM.encode(Compiled(rules)).data),
    }
    apk = {str(v.steps[0]): v.value for v in ZipFile().decode(ZipFile().encode(members), LIMITS)}

    def value(member: str, *steps: str) -> object:
        held = apk[member]
        assert isinstance(held, bytes)
        return next(value.value for value in decoded(held) if value.steps[: len(steps)] == steps)

    number = str(value("AndroidManifest.xml", "manifest", "application", "@dataExtractionRules"))
    file = str(value("resources.arsc", number))
    assert (number, file) == ("@0x7f010000", "res/xA.xml")
    assert value(file, "data-extraction-rules", "cloud-backup", "exclude", "@path") == "me.xml"


def test_tables_of_others_are_read(shared_corpus: Path | None) -> None:
    """Those of an APK that aapt built; the rules that its manifest names are there."""
    if shared_corpus is not None:
        apk = (shared_corpus / "android-xml" / "built" / "mf6" / "app.apk").read_bytes()
        with zipfile.ZipFile(BytesIO(apk)) as archive:
            data = archive.read("resources.arsc")
            names = set(archive.namelist())
        files = [value.value for value in decoded(data) if value.steps[1] == "xml"]

        assert files
        assert set(files) <= names
        assert FORM.sniff(data[:4096], len(data)) > 0.9
