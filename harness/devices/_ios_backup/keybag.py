"""The keybag of an encrypted backup: one key for each protection class, all wrapped with a key of the password.

Sources: "iPhone data protection in depth" (Bédrune, Sigwald, 2011); Apple Platform Security, "Keybags". Since iOS
10.2 the password is stretched twice, the first time with millions of rounds.
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from harness.devices._ios_backup.key_wrap import unwrapped
from harness.devices._passwords import Passwords
from harness.errors import SourceError

__all__ = ["Keybag", "Keys"]

_PASSWORD = 2
"""Bit of `WRAP`: wrapped with the key of the password."""
_MOST_ROUNDS = 50_000_000
"""iOS uses 10,000,000; a backup that asks for more is there to keep us busy."""
_MOST_CLASSES = 64


@dataclass(frozen=True, slots=True)
class Keys:
    """The opened keybag: the keys of the protection classes."""

    by_class: Mapping[int, bytes] = field(repr=False)

    def opened(self, sealed: bytes) -> bytes | None:
        """The key of a file: the number of its class, and the key wrapped with that of the class."""
        if len(sealed) <= 4:
            return None
        (number,) = struct.unpack_from("<I", sealed)
        key = self.by_class.get(number)
        plain = unwrapped(key, sealed[4:]) if key is not None else None
        return plain if plain is not None and len(plain) in {16, 24, 32} else None


@dataclass(frozen=True, slots=True)
class Keybag:
    """A keybag as it is stored."""

    head: Mapping[bytes, bytes] = field(repr=False)
    classes: tuple[Mapping[bytes, bytes], ...] = field(repr=False)

    @classmethod
    def of(cls, data: bytes) -> "Keybag":
        """Tag, length, value: what concerns the whole bag, and behind each further `UUID` one class.

        Raises:
            SourceError: it is damaged, or asks for too much.
        """
        head: dict[bytes, bytes] = {}
        classes: list[dict[bytes, bytes]] = []
        at = 0
        while at + 8 <= len(data):
            tag, (size,) = data[at : at + 4], struct.unpack_from(">I", data, at + 4)
            at += 8 + size
            if at > len(data) or len(classes) > _MOST_CLASSES:
                break
            if tag == b"UUID" and b"UUID" in head:
                classes.append({})
            (classes[-1] if classes else head)[tag] = data[at - size : at]
        if at != len(data) or not {b"SALT", b"ITER"} <= head.keys() or not classes:
            raise SourceError("the keybag of the backup is damaged")
        bag = cls(head, tuple(classes))
        if not all(0 < each <= _MOST_ROUNDS for each in bag._rounds):
            raise SourceError("the backup asks for a number of rounds of key derivation that no backup has")
        return bag

    def opened(self, source: str, passwords: Passwords) -> Keys:
        """The keys of its classes.

        Raises:
            SourceError: there is no password, or it is another one.
        """
        password = passwords.of(source).encode("utf-8", "surrogatepass")
        key = passwords.derived(password, *sorted(self.head.items()), by=partial(self._stretched, password))
        found: dict[int, bytes] = {}
        for each in self.classes:
            if self._number(b"WRAP", each) & _PASSWORD:
                plain = unwrapped(key, each.get(b"WPKY", b""))
                if plain is not None and len(plain) in {16, 24, 32}:
                    found[self._number(b"CLAS", each)] = plain
        if not found:
            raise passwords.wrong(source)
        return Keys(found)

    @property
    def _rounds(self) -> list[int]:
        return [self._number(tag) for tag in (b"ITER", b"DPIC") if tag in self.head]

    def _stretched(self, password: bytes) -> bytes:
        rounds = self._rounds
        if len(rounds) == 2:
            password = hashlib.pbkdf2_hmac("sha256", password, self.head.get(b"DPSL", b""), rounds[1], 32)
        return hashlib.pbkdf2_hmac("sha1", password, self.head[b"SALT"], rounds[0], 32)

    def _number(self, tag: bytes, fields: Mapping[bytes, bytes] | None = None) -> int:
        return int.from_bytes((self.head if fields is None else fields).get(tag, b"")[:8], "big")
