"""The format plug-ins as an SDK model sees them: plain content in, the bytes of a real file out."""

from dataclasses import dataclass, field
from typing import Any

from harness import registry
from harness.errors import FormatError, PluginError
from harness.formats.base import Format
from harness.formats.property_list import Plist
from harness.formats.sqlite import content as sqlite
from harness.sdks.base import Database, Preferences

__all__ = ["FormatWriter"]


@dataclass(frozen=True, slots=True)
class FormatWriter:
    """The format plug-ins as an SDK model sees them."""

    formats: dict[str, Format] = field(default_factory=lambda: registry.load("formats", Format), repr=False)

    def encode(self, format_name: str, content: Any) -> bytes:
        """Write a document; plain content of `sdks.base` is put into the format's own words.

        Raises:
            FormatError: the content cannot be written in this format.
            PluginError: there is no such format.
        """
        chosen = self.formats.get(format_name)
        if chosen is None:
            raise PluginError(f"an SDK model asks for the format {format_name!r}, which is not there")
        document = chosen.encode(_in_its_words(format_name, content))
        if document.sidecars:
            raise FormatError(f"{format_name}: content that needs a second file")
        return bytes(document.data)


def _in_its_words(format_name: str, content: Any) -> Any:
    """What the format's own `encode` takes."""
    if isinstance(content, Database):
        return _database(content)
    plain = dict(content.values) if isinstance(content, Preferences) else content
    if format_name == "property_list" and isinstance(plain, dict | list):
        return Plist(plain)
    return plain


def _database(content: Database) -> sqlite.Database:
    tables = tuple(
        sqlite.Table(name=table.name, columns=tuple((column, "") for column in table.columns), rows=table.rows)
        for table in content.tables
    )
    return sqlite.Database(tables=tables, script=content.script, secure_delete=content.secure_delete)
