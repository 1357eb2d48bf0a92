"""An iPhone's keychain: items with their accessibility classes, and the database in which they are stored.

Rows tell whose an item is, of which class, and the SHA-1 of its names; names and data are under a key of the item's
own, wrapped by a class key that no file has. So files alone give away that an item is there, and not what it is.

Sources: Apple Platform Security, "Keychain data protection"; SecItemSchema of Apple's open Security framework;
iphone-dataprotection, `keychain3.py`, for the layout of `data`.
"""

import hashlib
import plistlib
import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from harness.model import Access, Artifact, Bytes, DeviceProfile, Facts, Protection
from harness.sandbox.keys import KeyVault, may_use
from harness.sandbox.rules import Setting, protected

__all__ = [
    "KEYCHAIN",
    "KEYCHAIN_DUMP",
    "KEYCHAIN_PATH",
    "KEY_CLASSES",
    "Accessible",
    "ItemClass",
    "Keychain",
    "KeychainItem",
    "content_of",
    "database_file",
    "dump_file",
]

KEYCHAIN = "keychain"
"""What sources of iPhones call what they have of the keychain, beside containers of apps."""
KEYCHAIN_DUMP = "keychain-dump.txt"
KEYCHAIN_PATH = "/private/var/Keychains/keychain-2.db"


class ItemClass(StrEnum):
    """What an item is; also the name of its table."""

    GENERIC_PASSWORD = "genp"  # noqa: S105 - a table, not a password
    INTERNET_PASSWORD = "inet"  # noqa: S105 - as above
    CERTIFICATE = "cert"
    KEY = "keys"


class Accessible(StrEnum):
    """When an item can be read; the value is its `pdmn`."""

    WHEN_UNLOCKED = "ak"
    AFTER_FIRST_UNLOCK = "ck"
    ALWAYS = "dk"
    WHEN_UNLOCKED_THIS_DEVICE_ONLY = "aku"
    AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY = "cku"
    ALWAYS_THIS_DEVICE_ONLY = "dku"
    WHEN_PASSCODE_SET_THIS_DEVICE_ONLY = "akpu"

    @property
    def protection(self) -> Protection:
        """The class of a file that can be read just as long."""
        return {"a": Protection.COMPLETE, "c": Protection.UNTIL_FIRST_AUTH, "d": Protection.NONE}[self.value[0]]

    @property
    def migrates(self) -> bool:
        """Whether an encrypted backup carries it to another device."""
        return not self.value.endswith("u")

    @property
    def constant(self) -> str:
        """Apple's name: `kSecAttrAccessibleAfterFirstUnlock`."""
        words = (word.capitalize() for word in self.name.split("_"))
        return "kSecAttrAccessible" + "".join(words)


KEY_CLASSES = {"ak": 6, "ck": 7, "dk": 8, "aku": 9, "cku": 10, "dku": 11, "akpu": 12}
"""Of a keybag: the number of each accessibility class."""
_VERSION = 3
_WRAPPED = 40
_COLUMNS = {
    ItemClass.GENERIC_PASSWORD: ("acct", "svce", "gena"),
    ItemClass.INTERNET_PASSWORD: ("acct", "sdmn", "srvr", "ptcl", "atyp", "port", "path"),
    ItemClass.CERTIFICATE: ("ctyp", "issr", "slnr", "skid", "pkhh"),
    ItemClass.KEY: ("kcls", "klbl", "atag", "bsiz", "esiz"),
}
"""Of each table, what makes an item unique beside its group; names as in the schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeychainItem:
    """One item."""

    owner: str
    """The app that keeps it: a bundle id."""
    group: str
    """Access group: `A1B2C3D4E5.com.example.shop`."""
    data: bytes = field(repr=False)
    kind: ItemClass = ItemClass.GENERIC_PASSWORD
    service: str = field(default="", repr=False)
    """Of a password; the server of one of the internet."""
    account: str = field(default="", repr=False)
    tag: str = field(default="", repr=False)
    """Application tag of a key."""
    accessible: Accessible = Accessible.WHEN_UNLOCKED
    synchronizable: bool = False
    """It is in iCloud Keychain, and on the person's other devices."""

    @property
    def names(self) -> tuple[str, ...]:
        """What makes it unique among those of its class and group."""
        return (self.tag,) if self.kind is ItemClass.KEY else (self.account, self.service)


class Keychain:
    """All items of a device."""

    def __init__(self, profile: DeviceProfile, vault: KeyVault, setting: Callable[[], Setting]) -> None:
        self._profile = profile
        self._vault = vault
        self._setting = setting
        self._items: dict[tuple[str, ...], KeychainItem] = {}

    def put(self, item: KeychainItem) -> None:
        """Add an item; one of the same names is replaced."""
        self._items[(item.kind.value, item.group, *item.names)] = item

    def items(self, owner: str | None = None) -> tuple[KeychainItem, ...]:
        """All items, or those of one app, keys that its code made among them; in a stable order."""
        made = (
            KeychainItem(
                owner=key.owner,
                group=f"{key.team}.{key.owner}",
                data=key.secret,
                kind=ItemClass.KEY,
                tag=key.alias,
                accessible=_accessible(key.accessible),
            )
            for key in self._vault.exported()
        )
        found = [*self._items.values(), *made]
        chosen = [each for each in found if owner is None or each.owner == owner]
        return tuple(sorted(chosen, key=lambda each: (each.kind, each.group, each.names)))

    def refusal(self, item: KeychainItem, access: Access | None) -> str:
        """Why an attacker who runs code does not get an item; empty where they do. `None` is the app itself."""
        if not may_use(access, self._profile):
            return "only code with the app's entitlements may ask for it"
        if self._profile.simulator:
            return ""
        return protected(item.accessible.protection, self._setting().lock)

    def readable(self, access: Access | None, owner: str | None = None) -> tuple[KeychainItem, ...]:
        """What an attacker gets as the device is now."""
        return tuple(each for each in self.items(owner) if not self.refusal(each, access))

    def dump(self, items: Iterable[KeychainItem]) -> str:
        """Items as Keychain-Dumper prints them."""
        return "".join(_printed(each) for each in items)

    def database(self) -> bytes:
        """`keychain-2.db` with every item; empty where there is none."""
        items = self.items()
        if not items:
            return b""
        opened = sqlite3.connect(":memory:")
        try:
            opened.execute("PRAGMA page_size=4096")
            for kind, columns in _COLUMNS.items():
                own = ", ".join(f"{name} BLOB" for name in columns)
                opened.execute(
                    f"CREATE TABLE {kind.value}(rowid INTEGER PRIMARY KEY AUTOINCREMENT, cdat REAL, mdat REAL, "
                    f"labl BLOB, {own}, data BLOB, agrp TEXT, pdmn TEXT, sync INTEGER DEFAULT 0, "
                    "tomb INTEGER DEFAULT 0, sha1 BLOB, vwht TEXT, tkid TEXT, musr BLOB, UUID TEXT)"
                )
            for item in items:
                digest = hashlib.sha1(item.data, usedforsecurity=False).digest()
                row: dict[str, bytes | str | int | float] = {
                    **dict(_stored_names(item)),
                    "data": self._sealed(item),
                    "agrp": item.group,
                    "pdmn": item.accessible.value,
                    "sync": int(item.synchronizable),
                    "sha1": digest,
                    "cdat": 0.0,
                    "mdat": 0.0,
                }
                marks = ", ".join("?" * len(row))
                opened.execute(
                    f"INSERT INTO {item.kind.value}({', '.join(row)}) VALUES ({marks})",  # noqa: S608 - our own names
                    list(row.values()),
                )
            opened.commit()
            return opened.serialize()
        finally:
            opened.close()

    def _sealed(self, item: KeychainItem) -> bytes:
        """Version, key class, wrapped key, ciphertext, tag; the class key is the vault's."""
        plain = content_of(item)
        alias = f"keychain class {item.accessible.value}"
        wrapped, ciphertext = self._vault.wrapped(alias, "|".join((item.group, *item.names)).encode(), plain)
        head = struct.pack("<III", _VERSION, KEY_CLASSES[item.accessible.value], _WRAPPED)
        return head + wrapped + ciphertext


def content_of(item: KeychainItem) -> bytes:
    """What is sealed of an item: a binary property list of its names and its data."""
    names = {"acct": item.account, "svce": item.service, "atag": item.tag, "agrp": item.group}
    told = {name: text for name, text in names.items() if text} | {"pdmn": item.accessible.value}
    return plistlib.dumps({**told, "v_Data": item.data}, fmt=plistlib.FMT_BINARY)


def database_file(data: bytes) -> Artifact:
    """The database, as a source hands it out: to whoever has all files."""
    name = KEYCHAIN_PATH.rpartition("/")[2]
    return _handed_out(name, data, frozenset({Access.ROOT_FILES, Access.ROOT_CODE}))


def dump_file(data: bytes) -> Artifact:
    """What a dumper printed, as a source hands it out: to whoever runs code."""
    return _handed_out(KEYCHAIN_DUMP, data, frozenset({Access.ROOT_CODE}))


def _handed_out(name: str, data: bytes, readers: frozenset[Access]) -> Artifact:
    denied = frozenset(Access) - readers
    facts = Facts(path=name, container=KEYCHAIN, size=len(data), readable_by=readers, denied_to=denied)
    return Artifact(facts=facts, content=Bytes(data))


def _accessible(protection: Protection) -> Accessible:
    return {
        Protection.COMPLETE: Accessible.WHEN_UNLOCKED,
        Protection.UNLESS_OPEN: Accessible.WHEN_UNLOCKED,
        Protection.UNTIL_FIRST_AUTH: Accessible.AFTER_FIRST_UNLOCK,
        Protection.NONE: Accessible.ALWAYS,
    }[protection]


def _stored_names(item: KeychainItem) -> Iterator[tuple[str, bytes]]:
    """What is stored of an item's names: their digests."""
    columns = {
        ItemClass.GENERIC_PASSWORD: (("acct", item.account), ("svce", item.service)),
        ItemClass.INTERNET_PASSWORD: (("acct", item.account), ("srvr", item.service)),
        ItemClass.CERTIFICATE: (("pkhh", item.tag or item.account),),
        ItemClass.KEY: (("atag", item.tag),),
    }[item.kind]
    for name, text in columns:
        yield name, hashlib.sha1(text.encode(), usedforsecurity=False).digest()


_HEADINGS = {
    ItemClass.GENERIC_PASSWORD: "Generic Password",
    ItemClass.INTERNET_PASSWORD: "Internet Password",
    ItemClass.CERTIFICATE: "Certificate",
    ItemClass.KEY: "Key",
}


def _printed(item: KeychainItem) -> str:
    heading = _HEADINGS[item.kind]
    text = _shown(item.data)
    named = {
        ItemClass.GENERIC_PASSWORD: (("Service", item.service), ("Account", item.account)),
        ItemClass.INTERNET_PASSWORD: (("Server", item.service), ("Account", item.account)),
        ItemClass.CERTIFICATE: (("Label", item.tag or item.account),),
        ItemClass.KEY: (("Application Tag", item.tag),),
    }[item.kind]
    lines = [heading, "-" * len(heading), *(f"{name}: {value}" for name, value in named)]
    lines += [
        f"Entitlement Group: {item.group}",
        f"Accessible Attribute: {item.accessible.constant}",
        f"Synchronizable: {'Yes' if item.synchronizable else 'No'}",
        f"Keychain Data: {text}",
    ]
    return "\n".join(lines) + "\n\n"


def _shown(data: bytes) -> str:
    """Text as it is; anything else in hex, as NSData describes itself."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    return text if text.isprintable() and (text or not data) else f"0x{data.hex()}"
