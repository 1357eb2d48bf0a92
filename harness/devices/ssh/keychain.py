"""The keychain of a phone: its database as a file, and what the phone's own tool gets out of it as root."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from harness.devices._contents import Mapped
from harness.devices.ssh.link import Link
from harness.devices.ssh.looking import Seen
from harness.errors import AccessDenied, DeviceError
from harness.model import Access, Artifact, Unread
from harness.sandbox.keychain import KEYCHAIN, KEYCHAIN_DUMP, database_file, dump_file

__all__ = ["PhoneKeychain", "keychain_items", "read_keychain"]

_BLOCK = re.compile(r"\n\s*\n")
_FIELD = re.compile(r"^([A-Z][A-Za-z ]{2,39}): ?(.*)$", re.MULTILINE)
_HEX = re.compile(r"(?:0x|<)?([0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2}| )*)>?")
_NONCE, _TAG = 12, 16
_SIZES = frozenset({16, 24, 32})
_NAMES = ("Application Tag", "Account", "Service", "Label")


@dataclass(frozen=True, slots=True)
class PhoneKeychain:
    """What the tool printed: items, among them keys that apps made. A `Holder`."""

    output: bytes = field(repr=False)
    app: str = ""
    attackers: frozenset[Access] = frozenset({Access.ROOT_CODE})

    @property
    def is_portable(self) -> bool:
        """All that there is to ask was asked."""
        return True

    def of(self, app: str) -> "PhoneKeychain":
        """As one app sees it: its own access group, whose name is that of its team and the app."""
        return replace(self, app=app)

    def open(self, alias: str, sealed: bytes) -> bytes:
        """What was sealed with AES-GCM: nonce, ciphertext, tag.

        Raises:
            AccessDenied: the keychain gave no key of that name for this app.
            DeviceError: it was sealed with another key, or is damaged.
        """
        from Crypto.Cipher import AES  # noqa: PLC0415 - the library starts a C parser

        keys = [key for key in self._keys(alias) if len(key) in _SIZES]
        if not keys:
            raise AccessDenied("the keychain has no key of this name")
        for key in keys:
            cipher = AES.new(key, AES.MODE_GCM, nonce=sealed[:_NONCE], mac_len=_TAG)
            try:
                return bytes(cipher.decrypt_and_verify(sealed[_NONCE:-_TAG], sealed[-_TAG:]))
            except ValueError:
                continue
        raise DeviceError("sealed with another key, or damaged")

    def _keys(self, alias: str) -> Iterator[bytes]:
        for fields in self._blocks():
            mine = fields.get("Entitlement Group", "").endswith(f".{self.app}")
            found = _HEX.fullmatch(fields.get("Keychain Data", "").strip())
            if mine and found and any(fields.get(name) == alias for name in _NAMES):
                yield bytes.fromhex(found[1])

    def _blocks(self) -> Iterator[dict[str, str]]:
        for block in _BLOCK.split(self.output.decode("utf-8", "replace")):
            fields = dict(_FIELD.findall(block))
            if fields:
                yield fields


def read_keychain(link: Link, seen: Seen) -> PhoneKeychain:
    """Ask the phone's tool, where it has one; an empty answer where it has none, or that refuses."""
    if not seen.dumper:
        return PhoneKeychain(b"")
    answer = link.run(seen.dumper)
    return PhoneKeychain(answer.output if answer.code == 0 else b"")


def keychain_items(found: PhoneKeychain, seen: Seen, database: Mapped) -> Iterator[Artifact | Unread]:
    """What a source hands out of it: the database is open to whoever has all files, items to whoever runs code."""
    if database:
        yield database_file(bytes(database))
    if found.output:
        yield dump_file(found.output)
    elif seen.is_root:
        why = "the phone's keychain_dumper gave nothing" if seen.dumper else "the phone has no keychain_dumper"
        reason = f"{why}: what the keychain holds is not known"
        yield Unread(path=KEYCHAIN_DUMP, container=KEYCHAIN, reason=reason)
