"""Jailbroken iPhones over SSH: what comes, what is refused, and what is said where nothing can be had."""

import socket
from pathlib import Path

import pytest

from harness.devices.base import Login, Options, choose
from harness.devices.ssh import Ssh
from harness.emulators.iphone.device import JailbrokenIphone
from harness.errors import AccessDenied, DeviceError, SourceError
from harness.model import Access, Artifact, Unread
from harness.registry import load
from tests.devices.ssh.conftest import NOTES, SHOP, reached, stored


def files(items: list[Artifact | Unread]) -> dict[tuple[str, str], bytes]:
    return {
        (each.facts.container, each.path): bytes(each.content.read()) for each in items if isinstance(each, Artifact)
    }


def test_an_app_comes_with_its_group_and_the_keychain(phone: JailbrokenIphone) -> None:
    """Every file, byte for byte, by its place in its container; nothing of another app."""
    before = phone.export()
    with reached(phone, app=SHOP.package) as source:
        found = files([*source.collect()])

    assert found[SHOP.package, "Documents/open.txt"] == b"class C"
    assert found[SHOP.package, "Documents/with 'quotes' \"and\" blanks\u00e9.txt"] == b"named"
    assert found[f"{SHOP.package}/{SHOP.groups[0]}", "shared.txt"] == b"shared"
    assert found["keychain", "keychain-2.db"].startswith(b"SQLite format 3")
    assert b"token-7" in found["keychain", "keychain-dump.txt"]
    assert not any(container == NOTES.package for container, _ in found)
    assert phone.export() == before


def test_without_an_app_all_of_them_come(phone: JailbrokenIphone) -> None:
    """But not the system's own."""
    with reached(phone) as source:
        containers = {container for container, _ in files([*source.collect()])}

    assert containers == {SHOP.package, NOTES.package, f"{SHOP.package}/{SHOP.groups[0]}", "keychain"}


def test_facts_say_who_reads(phone: JailbrokenIphone) -> None:
    """The app sandbox closes files to other apps, and caches enter no backup."""
    with reached(phone, app=SHOP.package) as source:
        facts = {each.path: each.facts for each in source.collect() if isinstance(each, Artifact)}
        profile = source.profile

    assert profile is not None
    assert (profile.name, profile.privileged, profile.os_version) == ("ios-16-jailbroken", True, "16")
    assert facts["Documents/open.txt"].mode == 0o600
    assert facts["Documents/open.txt"].owner == 501
    assert facts["Documents/open.txt"].modified == 1_700_000_000.0
    assert facts["Documents/open.txt"].readable_by >= {Access.ROOT_FILES, Access.ROOT_CODE}
    assert Access.OTHER_APP in facts["Documents/open.txt"].denied_to
    assert Access.BACKUP in facts["Library/Caches/cached"].denied_to
    assert facts["keychain-dump.txt"].readable_by == {Access.ROOT_CODE}
    assert facts["keychain-2.db"].readable_by == {Access.ROOT_FILES, Access.ROOT_CODE}


def test_mobile_gets_apps_and_not_the_keychain(phone: JailbrokenIphone) -> None:
    """It is who apps run as."""
    with reached(phone, source=phone.source.replace("root@", "mobile@"), app=SHOP.package) as source:
        found = files([*source.collect()])

    assert found[SHOP.package, "Documents/open.txt"] == b"class C"
    assert not any(container == "keychain" for container, _ in found)


def test_what_the_lock_closes_is_told_and_the_rest_comes() -> None:
    """A file of class A cannot be had while the screen is locked, by root neither."""
    with JailbrokenIphone(stored()) as phone:
        phone.lock()
        with reached(phone, app=SHOP.package) as source:
            items = [*source.collect()]
            found = files(items)

    assert found[SHOP.package, "Documents/open.txt"] == b"class C"
    assert [(each.path, each.expected) for each in items if isinstance(each, Unread)] == [
        ("Documents/closed.txt", False)
    ]


def test_the_apps_keychain_opens_what_its_keys_sealed() -> None:
    """As code that runs as the app would; another app's keys do not count."""
    sandbox = stored()
    sealed = sandbox.sealer(SHOP.package).seal("EncryptionKey", b"Zanzibar", nonce=bytes(12))
    other = sandbox.sealer(NOTES.package).seal("EncryptionKey", b"Zanzibar", nonce=bytes(12))
    with JailbrokenIphone(sandbox) as phone, reached(phone, app=SHOP.package) as source:
        holder = source.holder(SHOP.package)

        assert holder is not None
        assert holder.attackers == {Access.ROOT_CODE}
        assert holder.open("EncryptionKey", sealed) == b"Zanzibar"
        with pytest.raises(DeviceError, match="another key"):
            holder.open("EncryptionKey", other)
        with pytest.raises(AccessDenied, match="no key"):
            holder.open("AnotherKey", sealed)


def test_a_password_opens_it_too() -> None:
    """Asked for once, and never the command line's."""
    asked: list[str] = []

    def ask(source: str) -> str:
        asked.append(source)
        return "alpine"

    with JailbrokenIphone(stored(), password="alpine") as phone:
        login = Login(known_hosts=phone.known_hosts, password=ask)
        with reached(phone, app=SHOP.package, login=login) as source:
            assert files([*source.collect()])
        wrong = Login(known_hosts=phone.known_hosts, password=lambda _source: "wrong")
        with pytest.raises(AccessDenied, match="does not let root in") as refused, reached(phone, login=wrong):
            pass

    assert asked == [phone.source]
    assert "wrong" not in str(refused.value)


def test_an_unknown_host_key_is_refused_and_how_to_accept_it_is_said(phone: JailbrokenIphone, tmp_path: Path) -> None:
    """Nobody is trusted at first sight."""
    login = Login(key_file=phone.key_file, known_hosts=tmp_path / "none")

    with pytest.raises(DeviceError, match="is not known") as refused, reached(phone, login=login):
        pass
    assert f"ssh-keyscan -p {phone.port} 127.0.0.1" in str(refused.value.hint)


def test_a_host_key_that_changed_is_another_matter(phone: JailbrokenIphone, tmp_path: Path) -> None:
    """It may be somebody in between."""
    with JailbrokenIphone(stored()) as other:
        key = other.known_hosts.read_text("ascii").split(" ", 1)[1]
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{phone.port} {key}", "ascii")
    login = Login(key_file=phone.key_file, known_hosts=known)

    with pytest.raises(DeviceError, match="has changed") as refused, reached(phone, login=login):
        pass
    assert f"ssh-keygen -R '[127.0.0.1]:{phone.port}'" in str(refused.value.hint)


def test_an_app_that_is_not_there_is_named_with_those_that_are(phone: JailbrokenIphone) -> None:
    """So that a slip of the pen is seen."""
    with pytest.raises(SourceError, match="no app called") as refused, reached(phone, app="com.example.absent"):
        pass
    assert SHOP.package in str(refused.value.hint)


def test_nobody_there_is_said_in_one_line(tmp_path: Path) -> None:
    """A closed port, and one that does not speak SSH."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with pytest.raises(DeviceError, match="does not answer"):
            Ssh().open(f"ssh://root@127.0.0.1:{port}", Options(login=Login(known_hosts=tmp_path / "none")))


def test_a_connection_that_breaks_leaves_what_came_and_a_fault() -> None:
    """Half a copy is no copy, and is said to be none."""
    sandbox = stored()
    sandbox.write(sandbox.container(SHOP.package) + "/Documents/large", bytes(64 << 20))
    phone = JailbrokenIphone(sandbox)
    try:
        stopped: list[int] = []

        def progress(_stage: str, done: int, _total: int) -> None:
            if done > 8 and not stopped:
                stopped.append(done)
                phone.stop()

        with reached(phone, app=SHOP.package, progress=progress) as source:
            items = [*source.collect()]

            assert source.fault is not None
            assert "lost" in str(source.fault)
            assert all(each.path != "Documents/large" for each in items if isinstance(each, Artifact))
    finally:
        phone.stop()


@pytest.mark.parametrize(
    "source", ["ssh://", "ssh://root@", "ssh://root@host:0", "ssh://root@host:99999", "ssh://a b"]
)
def test_an_address_that_is_none_is_refused(source: str) -> None:
    """Before anything is reached."""
    with pytest.raises(SourceError, match="no address"):
        Ssh().open(source, Options())


def test_ssh_addresses_are_its_own() -> None:
    """And nobody else's."""
    from harness.devices.base import Connector

    assert choose("ssh://root@127.0.0.1:2222", load("devices", Connector)).name == "ssh"
