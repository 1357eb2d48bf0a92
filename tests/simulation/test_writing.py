"""The formats, in the words of the SDK port."""

import pytest

from harness.errors import PluginError
from harness.sdks.base import Database, Preferences, Table
from harness.simulation import FormatWriter


def test_the_writer_speaks_each_formats_words() -> None:
    """Plain content of the SDK port becomes real files."""
    writer = FormatWriter()
    table = Table("queue", ("at", "who"), ((1, "jane@example.org"),))

    assert b"<map>" in writer.encode("shared_prefs", Preferences({"id": "x", "on": True, "n": 1}))
    assert writer.encode("sqlite", Database((table,))).startswith(b"SQLite format 3\0")
    assert writer.encode("property_list", Preferences({"id": "x"})).startswith(b"bplist00")
    assert writer.encode("json_text", {"a": 1}) == b'{"a":1}'


def test_deleted_rows_stay_in_free_pages_unless_overwritten() -> None:
    """As SQLite leaves them."""
    table = Table("queue", ("who",), (("jane@example.org",),))
    writer = FormatWriter()

    kept = writer.encode("sqlite", Database((table,), script=("DELETE FROM queue",)))
    gone = writer.encode("sqlite", Database((table,), script=("DELETE FROM queue",), secure_delete=True))
    assert b"jane@example.org" in kept
    assert b"jane@example.org" not in gone


def test_a_format_that_is_not_there_is_the_models_fault() -> None:
    """And is named."""
    with pytest.raises(PluginError, match="papyrus"):
        FormatWriter().encode("papyrus", {})
