"""Android's keystore before version 12: one file for each key, `<uid>_USRPKEY_<alias>`, of which the header is clear.

Whose key it is and its alias are in the file's name alone. The key itself is wrapped by the device's secure hardware,
or is a secret or certificate that an app imported, as it is or under the user's credential.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._text import Text
from harness.formats._token_format import TokenFormat
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Ledger, Share, Value

__all__ = ["KeystoreBlob", "StoredKey"]

_HEADER = 40
"""Version, type, flags, length of what follows the value; vector, tag or digest, length of the value."""
_VERSIONS = (2, 3)
_TYPES = {
    1: "generic",
    2: "master key",
    3: "key pair",
    4: "keymaster key",
    5: "characteristics",
    6: "characteristics cache",
    7: "master key AES-256",
}
_FLAGS = {1: "encrypted", 2: "software", 4: "under the user's credential", 8: "device encryption", 16: "StrongBox"}
_OPEN_TYPES = {1, 5, 6}
"""What is no key, and in clear unless a flag says otherwise."""
_SEALED_FLAGS = 1 | 4


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One file to write, of version 3."""

    value: bytes = field(repr=False)
    type: int = 1
    flags: int = 0


class KeystoreBlob(TokenFormat):
    """A locator is `type`, `flags` or `value`."""

    title = "Android keystore entry, before Android 12"
    source = "system/security/keystore/blob.h of Android 6 to 11"
    framed = True
    container_only = True  # two marks of a byte each
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            StoredKey(b"secret of jane@example.org"),
            (Value(("type",), "generic"), Value(("flags",), ""), Value(("value",), b"secret of jane@example.org")),
        ),
        Sample(
            StoredKey(hashlib.sha512(b"wrapped").digest(), type=4, flags=16),
            (Value(("type",), "keymaster key"), Value(("flags",), "StrongBox")),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        if len(head) < _HEADER or head[0] not in _VERSIONS or head[1] not in _TYPES or head[2] >= 32:
            return 0.0
        if int.from_bytes(head[36:40], "big") + head[3] + _HEADER != size:
            return 0.0
        return 0.92 if head[0] == 3 or not any(head[4:20]) else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        return self.read(document, limits).account(share=_share)

    def read(self, document: Document, limits: Limits) -> Reading:
        data = bytes(document.data)
        return Reading(Text(data, data), lambda: _tokens(data))

    def encode(self, content: Any) -> Document:
        """`content` is a `StoredKey`."""
        try:
            head = struct.pack(">4B32xI", 3, content.type, content.flags, 0, len(content.value))
            return Document(head + bytes(content.value))
        except (struct.error, AttributeError, TypeError) as error:
            raise FormatError("cannot be written as an entry of a keystore") from error


def _share(token: Token) -> Share:
    return Share.ENCRYPTED if token.steps == ("sealed",) else Share.DECODED


def _tokens(data: bytes) -> Iterator[Token]:
    if len(data) < _HEADER:
        raise FormatError("the header of the entry is cut off")
    end = _HEADER + int.from_bytes(data[36:40], "big")
    flags = [name for bit, name in _FLAGS.items() if data[2] & bit]
    yield Token(1, 2, ("type",), Role.VALUE, _TYPES.get(data[1], str(data[1])))
    yield Token(2, 3, ("flags",), Role.VALUE, ", ".join(flags))
    if end + data[3] != len(data):
        raise FormatError("the value of the entry is cut off, or goes on behind its end")
    if end == _HEADER:
        return
    if data[1] in _OPEN_TYPES and not data[2] & _SEALED_FLAGS:
        yield Token(_HEADER, end, ("value",), Role.VALUE, data[_HEADER:end])
    else:
        yield Token(_HEADER, end, ("sealed",), Role.KEY)
