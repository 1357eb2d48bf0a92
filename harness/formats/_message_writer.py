"""Messages as a serializer writes them: fields in ascending order, repeated ones one after the other."""

import struct
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from harness.encodings.varint import framed, varint_bytes
from harness.errors import FormatError
from harness.formats._wire import I32, I64, LEN, VARINT, tag

__all__ = ["Fixed32", "Node", "written"]


class Fixed32(float):
    """A number that is stored in 32 bits."""

    __slots__ = ()


Node: TypeAlias = "str | bool | int | float | bytes | Sequence[Node] | Mapping[int, Node]"
"""What a field holds: a mapping is a message, a sequence a repeated field."""

_DEEPEST = 90


def written(message: Mapping[int, Node], depth: int = 0) -> bytes:
    """The bytes of a message.

    Raises:
        FormatError: a number of more than 64 bits, half a surrogate pair, or messages too deep within each other.
    """
    if depth > _DEEPEST:
        raise FormatError("more messages within each other than can be read again")
    parts = []
    for number in sorted(message):
        if not 0 < number < 1 << 29:
            raise FormatError("no number that a field can have")
        node = message[number]
        many = node if isinstance(node, Sequence) and not isinstance(node, str | bytes) else [node]
        parts += [_field(number, each, depth) for each in many]
    return b"".join(parts)


def _field(number: int, node: Node, depth: int) -> bytes:
    match node:
        case bool() | int():
            if not -(1 << 63) <= node < 1 << 64:
                raise FormatError("a number of more than 64 bits cannot be written")
            return tag(number, VARINT) + varint_bytes(node)
        case Fixed32():
            return tag(number, I32) + struct.pack("<f", node)
        case float():
            return tag(number, I64) + struct.pack("<d", node)
    payload = _payload(node, depth)
    return tag(number, LEN) + framed(payload)


def _payload(node: Node, depth: int) -> bytes:
    match node:
        case str():
            try:
                return node.encode("utf-8")
            except UnicodeEncodeError as error:
                raise FormatError("half a surrogate pair cannot be written") from error
        case bytes():
            return node
        case Mapping():
            return written(node, depth + 1)
    raise FormatError("a repeated field holds no repeated field")
