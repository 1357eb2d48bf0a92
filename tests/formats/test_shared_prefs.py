"""SharedPreferences: what the platform writes is read, and written again to the same bytes."""

import base64
import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.encodings.varint import varint_bytes
from harness.errors import FormatError, LimitError
from harness.formats._tink import KEYSET_NAMES
from harness.formats._wire import LEN, VARINT, tag
from harness.formats.base import as_bytes
from harness.formats.shared_prefs import Long, Preference, SharedPrefs
from harness.limits import Limits
from harness.model import Document, Scalar, Share, State, Value

FORM = SharedPrefs()
LIMITS = Limits()
HEADER = b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PREFERENCE: st.SearchStrategy[Preference] = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(-(1 << 31), (1 << 31) - 1),
    st.integers(-(1 << 63), (1 << 63) - 1).map(Long),
    st.floats(width=32, allow_nan=False),
    st.lists(TEXT, min_size=1, max_size=3).map(tuple),
    st.none(),
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def content_of(values: list[Value]) -> dict[str, Preference]:
    """Decoded values as what `encode` takes."""
    content: dict[str, Preference] = {}
    sets: dict[str, list[str]] = {}
    for value in values:
        name = str(value.steps[0])
        if len(value.steps) == 2:
            assert isinstance(value.value, str)
            sets.setdefault(name, []).append(value.value)
            content[name] = sets[name]
        else:
            assert not isinstance(value.value, bytes)
            content[name] = value.value  # type: ignore[assignment]
    return content


def test_the_platforms_own_files_are_read_and_written_again(own_corpus: Path) -> None:
    """Every value of the truth is decoded, and encoding what was decoded gives the same bytes."""
    folder = own_corpus / "android-prefs"
    for file in json.loads((folder / "truth.json").read_text()):
        data = next(folder.rglob(file["file"])).read_bytes()
        values = decoded(data)
        found = {(str(value.steps[0]), str(value.value)) for value in values}

        for planted in file["values"]:
            raw = planted.get("raw", planted["value"])
            for text in raw if isinstance(raw, list) else [raw]:
                assert (planted["key"], str(text)) in found
        assert FORM.encode(content_of(values)).data == data


@given(content=st.dictionaries(TEXT, PREFERENCE, max_size=6))
def test_any_preferences_survive_a_round_trip(content: dict[str, Preference]) -> None:
    """What is written is read back with its type, in its order."""
    values = decoded(bytes(FORM.encode(content).data))

    assert FORM.encode(content_of(values)) == FORM.encode(content)
    for value in values:
        stored: Scalar | tuple[str, ...] = content[str(value.steps[0])]  # type: ignore[assignment]
        if isinstance(stored, tuple):
            stored = stored[int(value.steps[1])]
        assert value.value == stored or isinstance(stored, float)


@given(content=st.dictionaries(TEXT, st.one_of(TEXT, st.lists(TEXT, min_size=1).map(tuple)), max_size=4))
def test_every_byte_of_a_text_leads_to_its_place(content: dict[str, Preference]) -> None:
    """Located values are decoded ones, and offsets ascend through entities to the very character."""
    document = FORM.encode(content)
    decoded_values = {(value.steps, as_bytes(value.value)) for value in FORM.decode(document, LIMITS)}
    places = FORM.locate(document, range(len(document.data)), LIMITS)
    entities = {at for found in re.finditer(rb"&[^;]*;", document.data) for at in range(*found.span())}

    for offset, place in enumerate(places):
        if place.value and not place.in_key:
            assert (place.steps, place.value) in decoded_values
        if place.value and offset not in entities:
            assert place.value[place.offset] == document.data[offset]


def test_an_offset_behind_entities_is_that_of_the_decoded_byte() -> None:
    """`&quot;` is one byte, `&#10;` too."""
    document = FORM.encode({"profile": '{"Email":"jane@example.org"}\n555-0123'})
    data = bytes(document.data)

    email, phone, inside = FORM.locate(
        document, [data.index(b"jane@"), data.index(b"555-"), data.index(b"&#10;") + 3], LIMITS
    )

    assert email.value[email.offset :].startswith(b"jane@example.org")
    assert phone.value[phone.offset :] == b"555-0123"
    assert inside.value[inside.offset :].startswith(b"\n")


def test_a_name_is_told_from_a_value() -> None:
    """Names hold identities too, and their bytes say that they are names."""
    document = FORM.encode({"user:jane@example.org": 5})
    data = bytes(document.data)

    name, number = FORM.locate(document, [data.index(b"jane"), data.index(b'"5"') + 1], LIMITS)

    assert (name.in_key, name.steps, name.value) == (True, ("user:jane@example.org",), b"user:jane@example.org")
    assert name.offset == len("user:")
    assert (number.in_key, number.value) == (False, b"5")


def test_what_comes_before_the_damage_is_kept() -> None:
    """Of a file that was cut off, whole preferences are read, and the rest counts as failed."""
    data = bytes(FORM.encode({"a": "jane@example.org", "b": "+44 7700 900123"}).data)
    cut = Document(data[: data.index(b"900123")])
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(cut, LIMITS))

    assert values == [Value(("a",), "jane@example.org")]
    assert FORM.account(cut, LIMITS).totals()[Share.FAILED] > 0
    assert FORM.locate(cut, [len(cut.data) - 1], LIMITS)[0].state is State.RAW


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b'<map><int value="7" name="n"/></map>', [Value(("n",), 7)]),
        (b"<map><string name='q'>a<!-- b -->c<![CDATA[<&>]]></string></map>", [Value(("q",), "ac<&>")]),
        (b'<map><set name="s" /><string name="e" /></map>', [Value(("e",), "")]),
        (b'<map><map name="m"><string name="k">v</string></map></map>', [Value(("m", "k"), "v")]),
        (b'<map><int-array name="i" num="2"><item value="1"/><item value="2"/></int-array></map>',
         [Value(("i", 0), 1), Value(("i", 1), 2)]),
        (b'<map><byte-array name="b" num="2">00ff</byte-array></map>', [Value(("b",), b"\x00\xff")]),
        (b'<map><list name="l"><null /><double value="1.5" /></list></map>',
         [Value(("l", 0), None), Value(("l", 1), 1.5)]),
        (b'<map><blob name="o" value="YQ==" /></map>', [Value(("o",), "YQ==")]),
        (b'<map><string name="r">a\r\nb</string></map>', [Value(("r",), "a\nb")]),
        (b'<map><float name="f" value="NaN" /></map>', []),
    ],
)  # fmt: skip
def test_rare_elements_are_read(body: bytes, values: list[Value]) -> None:
    """Attributes in any order, comments, CDATA, nested maps, lists and arrays, as XmlUtils knows them."""
    assert [value for value in decoded(HEADER + body) if value.value == value.value] == values


@pytest.mark.parametrize(
    "body",
    [
        b"<map>",
        b'<map><int name="n" value="x"/></map>',
        b'<map><int name="n"/></map>',
        b'<map><thing name="n"/></map>',
        b"<map>stray</map>",
        b"<map></set>",
        b'<map><string name="n">&nope;</string></map>',
        b'<map><string name="n">a & b</string></map>',
        b'<map><string name="n">\xff\xfe</string></map>',
        b"<map /><map />",
        b'<!DOCTYPE map [<!ENTITY a "b">]><map />',
        b"<plist />",
        b'<map><byte-array name="b">0x</byte-array></map>',
    ],
)
def test_what_is_not_preferences_is_refused(body: bytes) -> None:
    """Each is a format error, whatever the parser met inside."""
    with pytest.raises(FormatError):
        decoded(HEADER + body)


def test_nesting_has_a_limit() -> None:
    """A tower of maps costs an error, not the stack."""
    with pytest.raises(LimitError):
        decoded(b"<map>" + b'<map name="a">' * 5000)


def test_texts_with_numbered_characters_are_given_to_the_raw_lane() -> None:
    """An at sign written as a number is not in the file; it is in a piece, with the way back."""
    data = HEADER + b'<map><string name="mail">jane&#64;example.org</string></map>'
    (piece,) = FORM.expand(Document(data), re.compile(b"x"), LIMITS)

    assert piece.data == b"mail\x1fjane@example.org"
    assert FORM.locate(Document(data), [piece.anchors[0][1]], LIMITS)[0].value == b"jane@example.org"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1.0"), (20.216178, "20.216178"), (1e10, "1.0E10"), (0.0001, "1.0E-4"), (40.71277618408203, "40.712776"),
     (-0.5, "-0.5"), (3.4028234663852886e38, "3.4028235E38"), (1e300, "Infinity"), (123456.79, "123456.79")],
)  # fmt: skip
def test_floats_are_written_as_java_does(value: float, text: str) -> None:
    """Java's exponents, and the shortest decimal of the same 32-bit float."""
    assert f'value="{text}"'.encode() in FORM.encode({"f": value}).data


@pytest.mark.parametrize("value", ["\ud800", 1 << 63])
def test_what_the_platform_cannot_write_is_refused(value: Preference) -> None:
    """Half a surrogate pair and a number of more than 64 bits are errors of the caller."""
    with pytest.raises(FormatError):
        FORM.encode({"a": value})


# -- EncryptedSharedPreferences ------------------------------------------------------------------

NAMES, VALUES = KEYSET_NAMES
DICE = random.Random(7)


def length(number: int, payload: bytes) -> bytes:
    return tag(number, LEN) + varint_bytes(len(payload)) + payload


def keyset(number: int, kind: str, *, is_sealed: bool = True) -> str:
    """As Tink's AndroidKeysetManager writes one: hex, sealed by the keystore or in clear."""
    url = length(1, f"type.googleapis.com/google.crypto.tink.{kind}".encode())
    rest = tag(2, VARINT) + b"\x01" + tag(3, VARINT) + varint_bytes(number) + tag(4, VARINT) + b"\x01"
    primary = tag(1, VARINT) + varint_bytes(number)
    if is_sealed:
        return (length(2, DICE.randbytes(120)) + length(3, primary + length(2, url + rest))).hex()
    return (primary + length(2, length(1, url + length(2, DICE.randbytes(64))) + rest)).hex()


def sealed(number: int, size: int) -> str:
    return base64.b64encode(b"\x01" + number.to_bytes(4, "big") + DICE.randbytes(size)).decode()


def test_encrypted_preferences_are_recognised() -> None:
    """Names, values and keysets are ciphertext in the ledger; each keyset is under its name; the rest is read."""
    name, value = sealed(0x1A2B3C4D, 40), sealed(0x7E6F5A4B, 60)
    content = {NAMES: keyset(0x1A2B3C4D, "AesSivKey"), name: value, VALUES: keyset(0x7E6F5A4B, "AesGcmKey"), "n": 5}
    document = FORM.encode(content)
    totals = FORM.account(document, LIMITS).totals()

    assert totals[Share.ENCRYPTED] == sum(map(len, (name, value, content[NAMES], content[VALUES])))  # type: ignore[arg-type]
    assert sum(totals.values()) == len(document.data)
    assert {v.steps[0] for v in decoded(bytes(document.data))} == {NAMES, VALUES, name, "n"}


def test_a_keyset_in_clear_hides_nothing() -> None:
    """Whoever reads the file has the key: that is no ciphertext for the ledger."""
    number = 0x1A2B3C4D
    content = {NAMES: keyset(number, "AesSivKey", is_sealed=False), sealed(number, 40): sealed(number, 60)}

    assert Share.ENCRYPTED not in FORM.account(FORM.encode(content), LIMITS).totals()


def test_what_is_not_sealed_is_not_called_so() -> None:
    """Base64 of other things, ciphertext of another key, plain values, and keysets that are none."""
    plain = {
        "a": base64.b64encode(b"jane@example.org, and more of it").decode(),
        "b": sealed(5, 40),
        "c": "x",
        "d": "AQ==",
    }
    alone = FORM.encode({NAMES: "no hex", VALUES: "0a", **plain})
    beside = FORM.encode({NAMES: keyset(6, "AesSivKey"), **plain})

    assert Share.ENCRYPTED not in FORM.account(alone, LIMITS).totals()
    assert FORM.account(beside, LIMITS).totals()[Share.ENCRYPTED] == len(keyset(6, "AesSivKey"))


def test_a_backup_beside_a_file_is_one_too() -> None:
    """The platform renames the file to `.bak` before it writes; its bytes are preferences like any."""
    data = bytes(FORM.encode({"Email": "jane@example.org"}).data)

    assert FORM.sniff(data[:4096], len(data)) > 0.9
    assert decoded(data) == [Value(("Email",), "jane@example.org")]
