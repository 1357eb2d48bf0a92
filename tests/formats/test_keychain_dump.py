"""Keychain-Dumper's output: every field of every item, and JSON of objection beside it, by their truth."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.json_text import JsonText
from harness.formats.keychain_dump import KeychainDump, KeychainItem
from harness.formats.text_log import TextLog
from harness.limits import Limits
from harness.model import Document, Share, Value

FORM = KeychainDump()
LIMITS = Limits()
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
NAMES = ("Service", "Account", "Entitlement Group", "Label", "Keychain Data")
ITEM = st.tuples(*[TEXT] * 5).map(lambda texts: KeychainItem(dict(zip(NAMES, texts, strict=True))))


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


@given(items=st.lists(ITEM, min_size=1, max_size=5))
def test_items_are_read_as_they_were_printed(items: list[KeychainItem]) -> None:
    """Field by field; and whatever a byte is located in was decoded."""
    document = FORM.encode(items)
    values = list(FORM.decode(document, LIMITS))

    assert {value.steps: value.value for value in values} == {
        (number, name): text for number, item in enumerate(items) for name, text in item.fields.items()
    }
    assert FORM.sniff(bytes(document.data[:4096]), len(document.data)) > 0.9
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known
    assert Share.FAILED not in FORM.account(document, LIMITS).totals()


def test_the_dumps_of_both_tools_give_all_that_is_in_them(shared_corpus: Path | None) -> None:
    """Service, account, accessibility and data of every item, item by item, and no other item."""
    if shared_corpus is None:
        return
    folder = shared_corpus / "keychain-dumps"
    for file in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
        document = Document((folder / file["file"]).read_bytes())
        is_text = file["file"].endswith(".txt")
        values = list((FORM if is_text else JsonText()).decode(document, LIMITS))
        told = {value.steps: value.value for value in values}
        names = ("Service", "Account", "Keychain Data") if is_text else ("service", "account", "data")
        assert {value.steps[0] for value in values} == set(range(len(file["items"])))
        for number, item in enumerate(file["items"]):
            assert [told[number, name] for name in names] == [item["service"], item["account"], item["data"]]
            if not is_text:
                assert told[number, "accessible_attribute"] == item["accessible"]


def test_items_are_told_apart_without_a_heading_or_a_blank_line() -> None:
    """A name that comes again begins another item."""
    data = b"Service: a\nAccount: b\r\nKeychain Data: 1\r\n\r\nService: c\nAccount: d\nKeychain Data: Zo\xeb\n2"

    assert [(value.steps, value.value) for value in decoded(data)] == [
        ((0, "Service"), "a"),
        ((0, "Account"), "b"),
        ((0, "Keychain Data"), "1"),
        ((1, "Service"), "c"),
        ((1, "Account"), "d"),
        ((1, "Keychain Data"), "Zoë\n2"),
    ]


def test_other_texts_are_left_to_others() -> None:
    """A log that speaks of a service is no dump."""
    for text in (b"Service: up\nAccount: none\n", b"Account: x\nfor the Keychain Data of\n", b"Service: a\n" * 99):
        assert FORM.sniff(text, len(text)) < TextLog().sniff(text, len(text))


@pytest.mark.parametrize(
    "item",
    [
        KeychainItem({"Service": "a\nb"}),
        KeychainItem({"service": "a"}),
        KeychainItem({"Keychain Data": "a\nService: b"}),
        KeychainItem({"Service": "a"}, "Password"),
        KeychainItem({"Service": "\ud800"}),
    ],
)
def test_what_would_not_be_read_back_is_refused(item: KeychainItem) -> None:
    """Lines are all that tells one field from another."""
    with pytest.raises(FormatError):
        FORM.encode([item])
