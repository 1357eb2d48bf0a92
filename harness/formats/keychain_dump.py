"""What Keychain-Dumper prints: the items of an iOS keychain, field by field.

The other common tool, objection, writes JSON, which is read as that.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._latin import latin, plain_text
from harness.formats._text import BOM, Text
from harness.formats._token_format import TokenFormat
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Step, Value

__all__ = ["KeychainDump", "KeychainItem"]

_FIELD = re.compile(rb"([A-Z][A-Za-z0-9 ()]{2,39}+): ?([^\r\n]*+)(?:\r?\n|\Z)")
_LINE = re.compile(rb"([^\r\n]*+)(?:\r?\n|\Z|\r)")
_KINDS = ("Generic Password", "Internet Password", "Identity", "Certificate", "Key")
_HEADING = re.compile(rb"(?:" + "|".join(_KINDS).encode() + rb"|-{3,80}|No [A-Z][\w ]{3,60})")
_CUT = re.compile(rb"-+|[A-Z][A-Za-z0-9 ()]{0,39}:?")
"""What a heading or a name looks like where the file ends in the middle of it."""
_SIGN = re.compile(rb"\s*(?:(?:[A-Z][a-z]+ ?){1,2}\r?\n-{3,80}\r?\n)?(?:Service|Server|Account): ")
_MARKS = (b"\nEntitlement Group: ", b"\nKeychain Data")
_LAST = "Keychain Data"


@dataclass(frozen=True, slots=True)
class KeychainItem:
    """One item to print."""

    fields: Mapping[str, str] = field(repr=False)
    kind: str = "Generic Password"


_ITEMS = (
    KeychainItem(
        {
            "Service": "com.example.auth",
            "Account": "jane@example.org",
            "Entitlement Group": "ABCDE12345.com.example.app",
            "Label": "(null)",
            "Accessible Attribute": "kSecAttrAccessibleAlways, protection level 4",
            "Generic Field": "",
            "Keychain Data": '{"name": "Zoë",\n\n"phone": "+44 7700 900123"}',
        }
    ),
    KeychainItem(
        {
            "Server": "example.com",
            "Account": "jane",
            "Entitlement Group": "ABCDE12345.com.example.app",
            "Keychain Data": "219-09-9999",
        },
        "Internet Password",
    ),
)


class KeychainDump(TokenFormat):
    """A locator is the number of the item, from 0, and the name of the field."""

    title = "Keychain-Dumper output"
    source = "github.com/ptoomey3/Keychain-Dumper, main.m"
    container_only = True
    endless = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            _ITEMS,
            tuple(Value((n, name), text) for n, item in enumerate(_ITEMS) for name, text in item.fields.items()),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        if not _SIGN.match(head.removeprefix(BOM)):
            return 0.0
        return 0.92 if all(mark in head for mark in _MARKS) else 0.0

    def read(self, document: Document, limits: Limits) -> Reading:
        data = bytes(document.data)
        return Reading(Text(data, data), lambda: _tokens(data), latin)

    def encode(self, content: Any) -> Document:
        """`content` is a sequence of `KeychainItem`, whose data may be of several lines."""
        blocks: list[str] = []
        for item in content:
            if item.kind not in _KINDS or any(not _is_field(name, text) for name, text in item.fields.items()):
                raise FormatError("a field that would not be read back")
            lines = [item.kind, "-" * len(item.kind), *(f"{name}: {text}" for name, text in item.fields.items())]
            blocks.append("\n".join(lines) + "\n\n")
        try:
            return Document("".join(blocks).encode())
        except UnicodeEncodeError as error:
            raise FormatError("half a surrogate pair cannot be written") from error


def _is_field(name: str, text: str) -> bool:
    """Whether a field can be told from what is around it."""
    if not _FIELD.fullmatch(f"{name}: ".encode()) or "\r" in text or text.endswith("\n"):
        return False
    further = text.encode("utf-8", "replace").split(b"\n")[1:]
    return not further or (
        name == _LAST and not any(_FIELD.match(line) or _HEADING.fullmatch(line) for line in further)
    )


def _tokens(data: bytes) -> Iterator[Token]:
    """The fields; a line that is none goes on with the field before it."""
    at = len(BOM) if data.startswith(BOM) else 0
    item, names = 0, set[str]()
    lines, counted = 0, 0  # line ends before a place, so that none is counted twice
    open_field: Token | None = None
    while at < len(data):
        found = _FIELD.match(data, at)
        line = found or _LINE.match(data, at)
        if line is None:
            break
        if found:
            if open_field:
                yield _closed(data, open_field)
            name = plain_text(found[1])
            if name in names:
                item, names = item + 1, set()
            names.add(name)
            yield Token(*found.span(1), (item, name), Role.KEY, name)
            open_field = Token(*found.span(2), (item, name), Role.VALUE)
        elif _HEADING.fullmatch(line[1]):
            if open_field:
                yield _closed(data, open_field)
                open_field = None
            item, names = (item + 1, set()) if names else (item, names)
        elif line.end() == len(data) == line.end(1) and _CUT.fullmatch(line[1]):
            break
        elif line[1]:
            if open_field and open_field.steps[-1] != _LAST:
                yield _closed(data, open_field)
                open_field = None
            lines, counted = lines + data.count(b"\n", counted, at), at
            steps: tuple[Step, ...] = (item, "line", lines) if open_field is None else open_field.steps
            start = at if open_field is None else open_field.start
            open_field = Token(start, line.end(1), steps, Role.VALUE)
        at = line.end()
    if open_field:
        yield _closed(data, open_field)


def _closed(data: bytes, token: Token) -> Token:
    return token._replace(value=plain_text(data[token.start : token.end]))
