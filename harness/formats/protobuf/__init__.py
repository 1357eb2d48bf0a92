"""Protocol buffers without their schema: typed DataStores, queues and caches of SDKs, blobs in other files."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

from harness.formats._message_writer import Fixed32, Node, written
from harness.formats._text import Text
from harness.formats._token_format import TokenFormat, Worth
from harness.formats._tokens import Reading, Token
from harness.formats.base import Sample
from harness.formats.protobuf.plausibility import evidence, is_text
from harness.formats.protobuf.reader import read_message
from harness.limits import Limits
from harness.model import Document, Value

__all__ = ["Fixed32", "Node", "Protobuf"]

_Sample: TypeAlias = Mapping[int, Node]
_LEAST, _PLENTY = 20.0, 26.0
"""Bits of evidence: with fewer it is not claimed, with as many it is sure. Two texts of some length are enough."""
_SURE = 0.91
_USER: _Sample = {
    1: "d4ba758c-9f6e-4be0-bb13-28a4e7578f6f",
    2: {1: "Jane Roe", 2: "jane@example.org", 3: "+44 7700 900123", 5: [40.712776, -74.005974], 6: 1700000000000},
    3: [{1: "Charged", 2: 12}, {1: "App Launched", 2: 13}],
    4: [{1: "ssn", 2: "219-09-9999"}, {1: "msisdn", 2: 15555550123}],
    6: True,
    8: Fixed32(0.5),
    9: b"\x00\x01\xff\xfe",
    16: -7,
}


class Protobuf(TokenFormat):
    """Fields by number: `/2/3`, an index behind it where a field is repeated, and its name for an entry of a map."""

    title = "Protocol buffers, without a schema"
    source = "https://protobuf.dev/programming-guides/encoding/"
    framed = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            _USER,
            (
                Value(("1",), "d4ba758c-9f6e-4be0-bb13-28a4e7578f6f"),
                Value(("2", "1"), "Jane Roe"),
                Value(("2", "2"), "jane@example.org"),
                Value(("2", "3"), "+44 7700 900123"),
                Value(("2", "5", 0), 40.712776),
                Value(("2", "5", 1), -74.005974),
                Value(("2", "6"), 1700000000000),
                Value(("3", 0, "1"), "Charged"),
                Value(("3", 0, "2"), 12),
                Value(("3", 1, "1"), "App Launched"),
                Value(("3", 1, "2"), 13),
                Value(("4", "ssn"), "219-09-9999"),
                Value(("4", "msisdn"), 15555550123),
                Value(("6",), 1),
                Value(("8",), 0.5),
                Value(("9",), b"\x00\x01\xff\xfe"),
                Value(("16",), -7),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        if not head or head[0] & 7 not in {0, 1, 2, 5} or (head[:1] != b"\n" and is_text(_whole(head, size))):
            return 0.0
        bits = evidence(head, 0, size)
        return 0.0 if bits < _LEAST else min(_SURE, 0.7 + (_SURE - 0.7) * (bits - _LEAST) / (_PLENTY - _LEAST))

    def read(self, document: Document, limits: Limits) -> Reading:
        data = bytes(document.data)
        return Reading(Text(data, data), lambda: read_message(data, limits))

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """Entries of maps with their names, and numbers under a name that is worth it."""

        def is_worth(raw: bytes, token: Token) -> bool:
            name = next((step for step in reversed(token.steps) if isinstance(step, str)), "")
            return (
                bool(raw)
                and not name.isdecimal()
                and bool(isinstance(token.value, str) or telling.search(name.encode()))
            )

        return is_worth

    def encode(self, content: Any) -> Document:
        """`content` is a message: field numbers to a value, or to a list of them."""
        return Document(written(content))


def _whole(head: bytes, size: int) -> bytes:
    """The head without a character that its end may have cut."""
    return head if size <= len(head) else head[:-3]
