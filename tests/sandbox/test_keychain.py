"""A keychain: who gets an item, when, and what its database gives away."""

import hashlib
import sqlite3
from dataclasses import replace

import pytest

from harness.formats.keychain_dump import KeychainDump
from harness.limits import Limits
from harness.model import Access, Artifact, Document, Protection, Unread
from harness.profiles import load_profile
from harness.sandbox import Accessible, App, ItemClass, KeychainItem, Sandbox

APP = App(package="com.example.shop", uid=10123)
GROUP = "A1B2C3D4E5.com.example.shop"
SECRET = "zanzibar-token-77"


def device(profile: str = "ios-16-jailbroken") -> Sandbox:
    sandbox = Sandbox(load_profile(profile))
    sandbox.install(APP)
    return sandbox


def item(**words: object) -> KeychainItem:
    made = KeychainItem(
        owner=APP.package, group=GROUP, data=SECRET.encode(), service="com.example.auth", account="session"
    )
    return replace(made, **words)  # type: ignore[arg-type]


def test_only_code_on_a_jailbroken_phone_gets_items() -> None:
    """Files alone are not enough, and a stock phone has nobody who could ask."""
    jailbroken, stock = device(), device("ios-17-stock")
    for sandbox in (jailbroken, stock):
        sandbox.keychain.put(item())

    assert jailbroken.keychain.readable(Access.ROOT_CODE) == (item(),)
    assert jailbroken.keychain.readable(Access.ROOT_FILES) == ()
    assert stock.keychain.readable(Access.ROOT_CODE) == ()
    assert stock.keychain.readable(None) == (item(),)


@pytest.mark.parametrize("accessible", Accessible)
def test_a_lock_closes_what_its_class_says(accessible: Accessible) -> None:
    """`ak` while locked, `ck` before the first unlock, `dk` never."""
    sandbox = device()
    sandbox.keychain.put(item(accessible=accessible))

    def is_open() -> bool:
        return bool(sandbox.keychain.readable(Access.ROOT_CODE))

    unlocked = is_open()
    sandbox.lock()
    locked = is_open()
    sandbox.boot()

    assert unlocked
    assert locked is (accessible.protection is not Protection.COMPLETE)
    assert is_open() is (accessible.protection is Protection.NONE)


def test_classes_have_apples_names() -> None:
    """And say which an encrypted backup carries to another device."""
    assert Accessible("cku").constant == "kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly"
    assert [each.value for each in Accessible if each.migrates] == ["ak", "ck", "dk"]


def test_the_database_shows_whose_an_item_is_and_not_what_it_is() -> None:
    """Group, class and digests of names are in clear; the rest is sealed, and never the same for two items."""
    sandbox = device()
    sandbox.keychain.put(item(accessible=Accessible.ALWAYS, synchronizable=True))
    sandbox.keychain.put(item(account="other"))
    data = sandbox.keychain.database()
    opened = sqlite3.connect(":memory:")
    opened.deserialize(data)
    rows = opened.execute("SELECT agrp, pdmn, sync, svce, data FROM genp ORDER BY pdmn DESC").fetchall()
    opened.close()

    assert [row[:3] for row in rows] == [(GROUP, "dk", 1), (GROUP, "ak", 0)]
    assert rows[0][3] == hashlib.sha1(b"com.example.auth").digest()
    assert rows[0][4][12:] != rows[1][4][12:]
    assert SECRET.encode() not in data
    assert b"com.example.auth" not in data


def test_a_key_that_code_made_is_an_item_of_it() -> None:
    """As CryptoKit's are, which live nowhere else."""
    sandbox = device()
    sandbox.sealer(APP.package).seal("EncryptionKey", b"x", nonce=bytes(12))
    (key,) = sandbox.keychain.items()

    assert (key.kind, key.tag, key.group, len(key.data)) == (ItemClass.KEY, "EncryptionKey", GROUP, 32)
    assert device("android-14-rooted").keychain.items() == ()


def test_a_dump_is_what_the_tool_prints() -> None:
    """The format that reads the real tool's output reads it."""
    sandbox = device()
    sandbox.keychain.put(item())
    sandbox.keychain.put(item(account="blob", data=b"\x00\x01"))
    text = sandbox.keychain.dump(sandbox.keychain.items())
    read = {value.steps: value.value for value in KeychainDump().decode(Document(text.encode()), Limits())}

    assert read[0, "Keychain Data"] == "0x0001"
    assert read[1, "Keychain Data"] == SECRET
    assert read[1, "Accessible Attribute"] == "kSecAttrAccessibleWhenUnlocked"


def test_a_source_hands_out_both_and_says_what_is_closed() -> None:
    """The database to whoever has files, the items to whoever runs code."""
    sandbox = device()
    sandbox.keychain.put(item())
    sandbox.keychain.put(item(account="always", accessible=Accessible.ALWAYS))
    sandbox.lock()
    found = [each for each in sandbox.collect() if getattr(each, "path", "").startswith("keychain")]
    readers = {each.path: each.facts.readable_by for each in found if isinstance(each, Artifact)}

    assert readers == {
        "keychain-dump.txt": frozenset({Access.ROOT_CODE}),
        "keychain-2.db": frozenset({Access.ROOT_FILES, Access.ROOT_CODE}),
    }
    assert [each.reason for each in found if isinstance(each, Unread)] == [
        "an item: data protection class complete: the device is locked"
    ]


def test_nothing_of_it_shows_in_words() -> None:
    """Data and names are left out of `repr`."""
    assert SECRET not in repr(item())
    assert "session" not in repr(item())
