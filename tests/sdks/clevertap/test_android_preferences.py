"""Preferences files of the SDK: what the platform would have written, in its order and its mode."""

from hypothesis import given
from hypothesis import strategies as st

from harness.formats.shared_prefs import SharedPrefs
from harness.limits import Limits
from harness.model import Document, Value
from harness.sdks.base import Delete, Write
from harness.sdks.clevertap.android_preferences import (
    BASE_NAME,
    Long,
    Plain,
    bare_file_name,
    document_order,
    file_name,
    interrupted,
    preferences_document,
    recovered,
    written,
)
from harness.simulation import FormatWriter

ACCOUNT = "TEST-000-0000"
GUID = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"
WRITER = FormatWriter()
HEADER = b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n"
VALUES: st.SearchStrategy[dict[str, Plain]] = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.booleans()
    | st.integers(-(1 << 31), (1 << 31) - 1)
    | st.integers(-(1 << 63), (1 << 63) - 1).map(Long),
    max_size=20,
)


def read(data: bytes) -> list[Value]:
    return list(SharedPrefs().decode(Document(data), Limits()))


def test_files_have_the_names_of_their_namespaces() -> None:
    """Colons are literal; a second family has no prefix."""
    assert file_name() == f"shared_prefs/{BASE_NAME}.xml"
    assert file_name(f"ARP:{ACCOUNT}:{GUID}") == f"shared_prefs/WizRocket_ARP:{ACCOUNT}:{GUID}.xml"
    assert bare_file_name(f"inApp:{GUID}:{ACCOUNT}") == f"shared_prefs/inApp:{GUID}:{ACCOUNT}.xml"


def test_a_document_is_the_platforms_to_the_byte() -> None:
    """Entities for quotes, angle brackets and ampersands, numbers for control characters, apostrophes as they are."""
    values: dict[str, Plain] = {
        f"variablesKey:{ACCOUNT}": "{}",
        f"cachedGUIDsKey:{ACCOUNT}": '{"Email_jane@example.org":"__1"}',
        f"ssInAppMigrated:{ACCOUNT}": True,
        f"encryptionLevel:{ACCOUNT}": 1,
        "last_assets_cleanup": Long(7),
        "it's": "<ct<A/B+C=:D>ct> & a\tb",
    }

    document = preferences_document(WRITER, values)

    assert document.startswith(HEADER + b"<map>\n")
    lines = set(document.splitlines())
    identities = b"{&quot;Email_jane@example.org&quot;:&quot;__1&quot;}"
    assert b'    <string name="cachedGUIDsKey:TEST-000-0000">%s</string>' % identities in lines
    assert b'    <string name="it\'s">&lt;ct&lt;A/B+C=:D&gt;ct&gt; &amp; a&#9;b</string>' in lines
    assert b'    <boolean name="ssInAppMigrated:TEST-000-0000" value="true" />' in lines
    assert b'    <int name="encryptionLevel:TEST-000-0000" value="1" />' in lines
    assert b'    <long name="last_assets_cleanup" value="7" />' in lines
    assert [value.steps[0] for value in read(document)] == document_order(values)


def test_no_preferences_are_an_empty_map() -> None:
    assert preferences_document(WRITER, {}) == HEADER + b"<map />\n"


@given(VALUES, st.booleans(), st.sampled_from((22, 34)))
def test_what_is_written_is_read_again(values: dict[str, Plain], copied: bool, api: int) -> None:
    """Each name with its value and its type, in the order of the hash table; a line break at the end of a text is the
    one thing that does not survive."""
    document = preferences_document(WRITER, values, copied=copied, api=api)

    decoded = {str(value.steps[0]): value.value for value in read(document)}
    assert list(decoded) == document_order(values, copied=copied, api=api)
    for name, value in values.items():
        kept = f"{value}    " if isinstance(value, str) and value.endswith("\n") else value
        assert decoded[name] == kept
        assert isinstance(decoded[name], bool) == isinstance(value, bool)


def test_a_line_break_at_the_end_grows() -> None:
    """The serializer indents the closing tag, and the platform reads the spaces as part of the value."""
    assert b">a&#10;    </string>" in preferences_document(WRITER, {"k": "a\n"})


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert b">a?</string>" in preferences_document(WRITER, {"k": "a\ud83d"})


def test_a_copied_map_may_have_another_order() -> None:
    """Its table is smaller: 8 places for 5 names."""
    names: dict[str, Plain] = dict.fromkeys(("Name", "Email", "Phone", "Identity", "Gender"), 1)

    assert document_order(names) == ["Email", "Phone", "Gender", "Identity", "Name"]
    assert document_order(names, copied=True) == ["Email", "Gender", "Identity", "Phone", "Name"]


def test_a_write_is_for_the_app_and_its_group() -> None:
    effect = written(WRITER, file_name(), {"deviceId": GUID})

    assert (effect.path, effect.mode) == ("shared_prefs/WizRocket.xml", 0o660)


def test_a_broken_write_leaves_the_old_file_beside_a_part_of_the_new_one() -> None:
    """The platform renames the old one first, and puts it back at the next start."""
    before = preferences_document(WRITER, {"a": 1})
    after = preferences_document(WRITER, {"a": 2, "b": "jane@example.org"})

    left = list(interrupted(file_name(), before, after, 90))

    assert left == [
        Write(path="shared_prefs/WizRocket.xml.bak", data=before, mode=0o660),
        Write(path="shared_prefs/WizRocket.xml", data=after[:90], mode=0o600),
    ]
    assert list(recovered(file_name(), before)) == [
        Delete(path="shared_prefs/WizRocket.xml.bak"),
        Write(path="shared_prefs/WizRocket.xml", data=before, mode=0o660),
    ]
    assert len(list(interrupted(file_name(), None, after, 90))) == 1
    assert list(recovered(file_name(), None)) == []
