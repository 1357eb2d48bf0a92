"""Reports of iOS 15 and later, `.ips`: a header of one line in JSON, and a body in JSON behind it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._json_scanner import Scanner, unescaped
from harness.formats._text import Text
from harness.formats._token_format import TokenFormat, Worth
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Sample, fill
from harness.limits import Limits
from harness.model import Document, Ledger, Share, Span, Value

__all__ = ["AppleReport", "Report"]

_SIGN = re.compile(rb'\{(?=[^\n]{0,3000}"(?:bug_type|incident_id)")[^\n]{1,3500}\}[ \t]{0,8}\r?\n\{[ \t]{0,8}\r?\n')
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^u])")


@dataclass(frozen=True, slots=True)
class Report:
    """A report to write."""

    header: dict[str, Any] = field(repr=False)
    body: dict[str, Any] = field(repr=False)


class AppleReport(TokenFormat):
    """A locator begins with `header` or `report`; the path of names and indices follows."""

    title = "Report of iOS (.ips)"
    source = "Apple, Interpreting the JSON format of a crash report"
    layer = "ips"
    container_only = True
    quoted = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            Report(
                {"app_name": "MyApp", "bug_type": "309", "os_version": "iPhone OS 17.2 (21C62)", "slice": 1},
                {
                    "crashReporterKey": "76f2fb60060d6a7f814973377cbdc866fffd521f",
                    "asi": {"MyApp": ["no account of jane@example.org", "Zoë \\ +44 7700 900123"]},
                    "threads": [{"id": 4321, "triggered": True, "frames": [{"imageOffset": 1720}]}],
                },
            ),
            (
                Value(("header", "app_name"), "MyApp"),
                Value(("header", "bug_type"), "309"),
                Value(("header", "os_version"), "iPhone OS 17.2 (21C62)"),
                Value(("header", "slice"), 1),
                Value(("report", "crashReporterKey"), "76f2fb60060d6a7f814973377cbdc866fffd521f"),
                Value(("report", "asi", "MyApp", 0), "no account of jane@example.org"),
                Value(("report", "asi", "MyApp", 1), "Zoë \\ +44 7700 900123"),
                Value(("report", "threads", 0, "id"), 4321),
                Value(("report", "threads", 0, "triggered"), True),
                Value(("report", "threads", 0, "frames", 0, "imageOffset"), 1720),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        return 0.97 if _SIGN.match(head) else 0.0

    def read(self, document: Document, limits: Limits) -> Reading:
        data = bytes(document.data)
        return Reading(Text(data, data), lambda: _tokens(data, limits), _escapes)

    def account(self, document: Document, limits: Limits) -> Ledger:
        """All of it is values and the syntax between them; telling those apart costs more than it says."""
        size, read, fault = len(document.data), 0, ""
        try:
            for token in _tokens(bytes(document.data), limits):
                read = token.end
        except FormatError as error:
            fault = str(error)
        spans = [Span(0, read if fault else size, Share.DECODED)]
        return Ledger({"": fill(spans, size, Share.FAILED)}, fault)

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """Strings with characters that are written as numbers."""
        return (lambda raw, token: b"\\u" in raw) if b"\\u" in reading.text.data else None

    def encode(self, content: Any) -> Document:
        """`content` is a `Report`."""
        if not isinstance(content, Report):
            raise FormatError("only a Report can be written")
        try:
            header, body = (
                json.dumps(content.header, ensure_ascii=False),
                json.dumps(content.body, ensure_ascii=False, indent=2),
            )
            return Document(f"{header}\n{body}\n".encode())
        except (TypeError, ValueError, RecursionError) as error:
            raise FormatError("what JSON cannot hold") from error


def _tokens(data: bytes, limits: Limits) -> Iterator[Token]:
    end = yield from Scanner(data, 0, len(data), limits.structure_depth).scan(("header",))
    end = yield from Scanner(data, end, len(data), limits.structure_depth).scan(("report",))
    if data[end:].strip(b" \t\r\n\x00"):
        yield Token(end, end, (), Role.SYNTAX)
        raise FormatError(f"goes on after its end at byte {end}")


def _escapes(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    for escape in _ESCAPE.finditer(raw):
        yield escape.start(), escape.end(), unescaped(escape[0], 0).encode("utf-8", "surrogatepass")
