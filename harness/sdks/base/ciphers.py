"""How what an SDK sealed is opened: keys that lie about, and keystores that are asked."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from harness.model import Record

__all__ = [
    "Cipher",
    "FoundKey",
    "KeyHolder",
    "Sealer",
]


class Sealer(Protocol):
    """The device's keystore as an app sees it: it seals and opens, and never shows a key."""

    def seal(self, alias: str, plain: bytes, *, nonce: bytes) -> bytes:
        """AES-256-GCM: 12 bytes of nonce, then ciphertext, then 16 bytes of tag."""
        ...


class KeyHolder(Protocol):
    """A keystore or keychain that answers whoever runs code as the app."""

    def open(self, alias: str, sealed: bytes) -> bytes:
        """What was sealed: 12 bytes of nonce, then ciphertext, then 16 bytes of tag.

        Raises:
            AccessDenied: it does not let this caller use the key, or there is none of that name.
            DeviceError: it was sealed with another key, or is damaged.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKey:
    """A key that an attacker finds, derives, or may use without having it."""

    layer: str
    """What `layers` calls what it opens: `aes-cbc:clevertap-android-legacy`."""
    source: str
    """Where it is from, in words that show nothing of it: `derived from the account id`."""
    secret: bytes = field(default=b"", repr=False)
    """Empty where a keystore has it."""
    alias: str = ""
    """Its name in the keystore; empty where it is no keystore's."""
    paths: tuple[str, ...] = ()
    """Files that must be read to have it. Empty: whoever has the app's own package has it."""


class Cipher(ABC):
    """One way in which an SDK seals values, as an attacker sees it. Never raises on what it is given."""

    layer: ClassVar[str]
    """What `layers` calls it: `aes-gcm:keystore`."""
    sign: ClassVar[bytes]
    """A literal without which no value holds anything sealed: `<ct<`."""
    marked: ClassVar[bool] = True
    """Whether what the pattern matches claims to be sealed. False where a ciphertext looks like any other value: what
    does not open is one then, and nothing is said of it."""
    pattern: ClassVar[re.Pattern[bytes]]
    """Matches sealed text in a decoded value: just what `open` takes."""
    cues: ClassVar[tuple[bytes, ...]]
    """Expressions for the raw lane that match the begin of it in a file, however its format escapes it."""
    lacking: ClassVar[str] = "no key was found to try"
    """Why there may be no key to try, where the storage that was scanned gives none away."""

    @abstractmethod
    def keys(self, records: Sequence[Record]) -> Iterator[FoundKey]:
        """The keys that the claimed values of one app give away, or name."""

    @abstractmethod
    def open(self, sealed: bytes, key: FoundKey, holder: KeyHolder | None) -> bytes | None:
        """The plain text; None where this key does not open it. `holder` is asked where the key has an alias.

        Raises:
            AccessDenied: the holder refuses its key.
        """

    @abstractmethod
    def fault(self, sealed: bytes) -> str:
        """Why what the pattern matched cannot be ciphertext, as a short phrase; empty where it can."""
