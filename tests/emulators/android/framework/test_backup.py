"""`bu`: what `adb backup` gets, and what `adb restore` puts back."""

import io
import os
import tarfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.framework.backup_stream import is_backed_up
from harness.emulators.android.machine import package_of
from harness.emulators.android.ports import Package
from harness.model import DeviceProfile, Platform
from harness.profiles import api_level, load_profiles
from harness.sandbox import App, enters_backup
from tests.emulators.android.framework.conftest import BANK, NOTES, SHOP, Maker, Phone


def _members(stream: bytes) -> dict[str, bytes]:
    """What any reader of the format gets, with nothing but `zlib` and `tarfile`."""
    header = b"ANDROID BACKUP\n5\n1\nnone\n"
    assert stream.startswith(header)
    unpacker = zlib.decompressobj()
    unpacked = unpacker.decompress(stream[len(header) :])
    assert unpacker.eof
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
        return {member.name: opened.read() if (opened := archive.extractfile(member)) else b"" for member in archive}


def test_a_backup_holds_what_a_phone_puts_in(phone: Maker) -> None:
    """Files, databases, preferences and the rest, by their short names; no caches, nothing of `no_backup`."""

    async def scene(phone: Phone) -> None:
        said = await phone.call("bu", "backup", "com.example.shop", "com.example.bank", "no.such.app")
        members = _members(said.out)

        assert said.code == 0
        assert list(members) == [
            "apps/com.example.shop/_manifest",
            "apps/com.example.shop/r/app_webview",
            "apps/com.example.shop/r/app_webview/Cookies",
            "apps/com.example.shop/f/note.txt",
            "apps/com.example.shop/db/app.db",
            "apps/com.example.shop/sp/x.xml",
        ]
        assert members["apps/com.example.shop/sp/x.xml"] == b"shared_prefs/x.xml of com.example.shop"
        assert members["apps/com.example.shop/_manifest"].startswith(b"1\ncom.example.shop\n12\n34\n\n0\n1\n")

    phone(scene)


def test_all_takes_all_that_allow_it(phone: Maker) -> None:
    """An app that opted out is left out without a word."""

    async def scene(phone: Phone) -> None:
        members = _members((await phone.call("bu", "backup", "-all")).out)

        assert {name.split("/")[1] for name in members} == {"com.example.shop", "com.example.notes"}

    phone(scene)


@pytest.mark.parametrize(
    ("package", "api", "taken"),
    [
        (SHOP, 34, True),  # debuggable
        (NOTES, 34, True),  # targets Android 11
        (BANK, 34, False),  # opted out
        (Package(name="a.b", uid=10200, target_sdk=34), 34, False),  # targets Android 12 and is a release build
        (Package(name="a.b", uid=10200, target_sdk=34), 30, True),  # on a phone that does not ask for that yet
    ],
)
def test_who_is_backed_up(package: Package, api: int, taken: bool) -> None:
    """`allowBackup`, and since Android 12 whether the build is debuggable."""
    assert is_backed_up(package, api) is taken


@given(
    st.builds(
        App,
        package=st.just("a.b"),
        uid=st.just(10_123),
        debuggable=st.booleans(),
        allow_backup=st.booleans(),
        target_sdk=st.integers(19, 36),
    ),
    st.sampled_from([each for each in load_profiles().values() if each.platform is Platform.ANDROID]),
    st.sampled_from(["files/a", "cache/a", "no_backup/a", "databases/b"]),
)
def test_the_sandbox_agrees_on_who_is_backed_up(app: App, profile: DeviceProfile, path: str) -> None:
    """What `adb backup` carries enters backups; what enters them and it leaves out is a release build for Android 12,
    which a backup to the cloud takes all the same."""
    package, api = package_of(app, profile), api_level(profile.os_version)
    enters = not enters_backup(path, True, app, profile)
    carried = is_backed_up(package, api) and path.partition("/")[0] not in {"cache", "no_backup"}

    assert enters or not carried
    if enters and not carried:
        assert api >= 31
        assert app.target_sdk >= 31
        assert not package.debuggable


def test_a_link_leads_nobody_to_another_app(phone: Maker) -> None:
    """Links are left out, and a folder that is another's is read with the app's own rights."""

    async def scene(phone: Phone) -> None:
        shop = phone.root / "data/data/com.example.shop"
        (shop / "files/stolen").symlink_to(phone.root / "data/data/com.example.bank/files/note.txt")
        (shop / "databases").rename(shop / "files/moved")
        (shop / "databases").symlink_to(phone.root / "data/data/com.example.bank/databases")

        members = _members((await phone.call("bu", "backup", "com.example.shop")).out)
        assert not any("bank" in data.decode() for data in members.values())
        assert "apps/com.example.shop/f/stolen" not in members

    phone(scene)


def test_nobody_confirms(phone: Maker) -> None:
    """Then the stream is empty, and the exit code says nothing."""

    async def scene(phone: Phone) -> None:
        phone.system.backup_is_confirmed = False
        said = await phone.call("bu", "backup", "-all")

        assert (said.out, said.code) == (b"", 0)

    phone(scene)


def test_an_app_makes_no_backup(phone: Maker) -> None:
    """Only the shell can."""

    async def scene(phone: Phone) -> None:
        said = await phone.call("bu", "backup", "-all", uid=10124)

        assert (said.out, said.code) == (b"", 1)

    phone(scene)


def _hostile(name: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo(name)
        member.type, member.size, member.linkname = kind, 4 if kind == tarfile.REGTYPE else 0, "/etc"
        archive.addfile(member, io.BytesIO(b"evil"))
    return b"ANDROID BACKUP\n5\n1\nnone\n" + zlib.compress(packed.getvalue())


@pytest.mark.parametrize("procfs", [True, False], ids=["descriptors", "arguments"])
def test_what_was_backed_up_is_restored(phone: Maker, procfs: bool) -> None:
    """As the app's own files."""

    async def scene(phone: Phone) -> None:
        stream = (await phone.call("bu", "backup", "com.example.shop")).out
        await phone.call("pm", "clear", "com.example.shop")
        assert (await phone.call("bu", "restore", stdin=stream)).code == 0

        note = phone.root / "data/data/com.example.shop/files/note.txt"
        assert note.read_text() == "files/note.txt of com.example.shop"
        assert note.stat().st_uid == SHOP.uid

    phone(scene, procfs=procfs)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"nonsense",
        b"ANDROID BACKUP\n5\n1\nAES-256\n",
        b"ANDROID BACKUP\n5\n1\nnone\nno zlib",
        _hostile("apps/com.example.shop/f/../../../com.example.bank/files/note.txt"),
        _hostile("/etc/evil"),
        _hostile("apps/com.example.bank/f/note.txt"),  # opted out
        _hostile("apps/com.example.shop/f/link", tarfile.SYMTYPE),
        _hostile("apps/com.example.shop/unknown/note.txt"),
        _hostile("apps/com.example.shop/f/note.txt")[:60],
    ],
)
def test_a_hostile_backup_restores_nothing(phone: Maker, stream: bytes) -> None:
    """What is damaged, encrypted, or leads elsewhere."""

    async def scene(phone: Phone) -> None:
        before = _tree(phone.root)
        said = await phone.call("bu", "restore", stdin=stream)

        assert said.code == 0
        assert _tree(phone.root) == before

    phone(scene)


def _tree(root: Path) -> dict[str, bytes]:
    found = {}
    for folder, _, names in os.walk(root / "data"):
        found |= {f"{folder}/{name}": (Path(folder) / name).read_bytes() for name in names}
    return found
