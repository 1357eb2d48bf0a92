"""What `adb backup` writes becomes the app's files under their own paths, or says what is wrong with it."""

import hashlib
import io
import json
import tarfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.devices._android_backup import backup_items, unpack
from harness.devices._android_cipher import Key, Lock, decrypted, encrypted, locked
from harness.devices.android_backup import AndroidBackup
from harness.devices.base import Options, Passwords
from harness.devices.folder import Folder
from harness.errors import SourceError
from harness.limits import Limits
from harness.model import Access, Artifact, Bytes, Unread
from harness.profiles import load_profile

FILES = {
    "apps/com.example.shop/_manifest": b"1\ncom.example.shop\n",
    "apps/com.example.shop/f/notes/a.txt": b"a",
    "apps/com.example.shop/db/app.db": bytes(5000),
    "apps/com.example.shop/sp/p.xml": b"<map/>",
    "apps/com.example.shop/r/app_web/x": b"root",
    "apps/com.example.shop/d_db/de.db": b"de",
    "apps/com.example.shop/ef/e.txt": b"external",
    "apps/com.example.shop/k/_manifest": b"1\n",
    "apps/com.example.shop/k/com.example.shop.data": b"a record",
    "shared/0/Download/s.txt": b"shared",
}


def backup(files: dict[str, bytes], *, head: bytes = b"ANDROID BACKUP\n5\n1\nnone\n", packed: bool = True) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode, member.uid = len(data), 0o600, 10123
            tar.addfile(member, io.BytesIO(data))
    return head + (zlib.compress(target.getvalue()) if packed else target.getvalue())


def items(data: bytes, size: int = 4096) -> list[Artifact | Unread]:
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return list(backup_items(unpack(chunks, Limits()), Limits()))


@pytest.mark.parametrize("size", [1, 13, 1 << 20])
@pytest.mark.parametrize("packed", [True, False])
def test_files_have_the_paths_that_they_have_on_the_device(size: int, packed: bool) -> None:
    """However the stream is cut; what the backup says of itself is no file."""
    head = b"ANDROID BACKUP\n5\n1\nnone\n" if packed else b"ANDROID BACKUP\n5\n0\nnone\n"
    found = items(backup(FILES, head=head, packed=packed), size)

    assert {(item.facts.container, item.path) for item in found if isinstance(item, Artifact)} == {
        ("com.example.shop", "files/notes/a.txt"),
        ("com.example.shop", "databases/app.db"),
        ("com.example.shop", "shared_prefs/p.xml"),
        ("com.example.shop", "app_web/x"),
        ("com.example.shop/device_protected", "databases/de.db"),
        ("com.example.shop/external", "files/e.txt"),
        ("com.example.shop", "k/com.example.shop.data"),
        ("shared", "0/Download/s.txt"),
    }
    assert [item for item in found if isinstance(item, Unread)] == []


@given(st.integers(26, 200))
def test_a_backup_that_is_cut_off_says_so(kept: int) -> None:
    """What had come is there; it never looks whole."""
    found = items(backup(FILES)[:kept])

    assert [item for item in found if isinstance(item, Unread) and not item.expected]


@given(st.binary(max_size=300))
def test_noise_is_no_backup(noise: bytes) -> None:
    """An expected error, or a damaged backup; nothing else."""
    with pytest.raises(SourceError):
        unpack([noise], Limits())
    assert [item for item in items(b"ANDROID BACKUP\n5\n1\nnone\n" + noise) if isinstance(item, Unread)]


def test_an_encrypted_backup_is_told() -> None:
    """Not as damage."""
    with pytest.raises(SourceError, match="encrypted"):
        unpack([backup(FILES, head=b"ANDROID BACKUP\n5\n1\nAES-256\n")], Limits())


def test_a_bomb_is_stopped() -> None:
    """At the limit, with a line."""
    data = backup({"apps/com.example.shop/f/large": bytes(30 << 20)})
    unpacked = unpack([data], Limits(archive_bytes=5 << 20))

    assert "limit" in unpacked.fault
    assert len(unpacked.data) <= 6 << 20


# -- encrypted -------------------------------------------------------------------------------------

KEY = Key(bytes(range(0x70, 0x90)), b"v" * 16)
SALTS = (b"s" * 64, b"c" * 64)


def sealed(password: str, content: bytes, *, old: bool = False, key: Key = KEY) -> bytes:
    """As Android 4.4 and later write it; `old` as those before did."""
    lines = [b"ANDROID BACKUP", b"1" if old else b"5", b"1", b"AES-256", *locked(password, key, SALTS, old=old), b""]
    return b"\n".join(lines) + encrypted(zlib.compress(content), key)


def tarred() -> bytes:
    return zlib.decompress(backup(FILES).split(b"\n", 4)[4])


def opened(folder: Path, data: bytes, password: str | None = None, **options: Any) -> list[Artifact | Unread]:
    file = folder / "backup.ab"
    file.write_bytes(data)
    given_options = Options(passwords=Passwords(lambda _source: password), **options)
    with AndroidBackup().open(str(file), given_options) as source:
        return [
            item
            if isinstance(item, Unread)
            else Artifact(facts=item.facts, content=Bytes(bytes(item.content.read())))
            for item in source.collect()
        ]


def contents(found: list[Artifact | Unread]) -> set[bytes]:
    return {bytes(item.content.read()) for item in found if isinstance(item, Artifact)}


STORED = {data for path, data in FILES.items() if "_manifest" not in path}


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("password", ["secret", "pässwörd", "パス🔑", " "])
def test_an_encrypted_backup_opens_with_its_password(tmp_path: Path, password: str, old: bool) -> None:
    """Of all versions: before Android 4.4 characters were cut to eight bits. The key has bytes above 0x7F."""
    assert contents(opened(tmp_path, sealed(password, tarred(), old=old), password)) == STORED


@settings(max_examples=10)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_any_key_is_checked_as_android_does(key: bytes, vector: bytes) -> None:
    """The checksum takes the key's bytes for signed characters."""
    passwords = Passwords(lambda _source: "secret")
    content = Key(key, vector)

    assert Lock.of(locked("secret", content, SALTS)).opened("backup", passwords) == content


def test_a_wrong_password_and_none_are_one_line_each(tmp_path: Path) -> None:
    """With what to do."""
    data = sealed("right", tarred())

    with pytest.raises(SourceError, match="not the password") as wrong:
        opened(tmp_path, data, "left")
    with pytest.raises(SourceError, match="is encrypted") as none:
        opened(tmp_path, data)
    assert wrong.value.hint
    assert "--backup-password-file" in none.value.hint


@given(st.integers(100, len(sealed("x", tarred())) - 1))
@settings(max_examples=30)
def test_an_encrypted_backup_that_is_cut_off_says_so(tmp_path_factory: pytest.TempPathFactory, end: int) -> None:
    """What had come is there; it never looks whole."""
    try:
        found = opened(tmp_path_factory.mktemp("cut"), sealed("x", tarred())[:end], "x")
    except SourceError:
        return
    assert [item for item in found if isinstance(item, Unread) and not item.expected]
    assert contents(found) <= STORED | {data[:cut] for data in STORED for cut in range(len(data))}


@pytest.mark.parametrize("line", range(4, 9))
@pytest.mark.parametrize("noise", [b"", b"zz", b"00", b"-1", b"99999999999", b"\xff"])
def test_a_damaged_head_is_one_line(tmp_path: Path, line: int, noise: bytes) -> None:
    """Also one that asks for more rounds than anybody waits for."""
    lines = sealed("x", tarred()).split(b"\n", 9)
    lines[line] = noise

    with pytest.raises(SourceError):
        opened(tmp_path, b"\n".join(lines), "x")


@given(st.binary(max_size=300), st.sampled_from([1, 7, 1 << 20]))
def test_what_is_decrypted_is_what_was_encrypted(plain: bytes, size: int) -> None:
    """However it is cut on its way."""
    data = encrypted(plain, KEY)

    assert b"".join(decrypted((data[at : at + size] for at in range(0, len(data), size)), KEY)) == plain


# -- on disk ---------------------------------------------------------------------------------------


def test_whoever_has_the_backup_reads_it(tmp_path: Path) -> None:
    """Mode and owner are the device's; the profile may say what it likes."""
    for options in ({}, {"profile": load_profile("android-14-stock")}):
        for item in opened(tmp_path, backup(FILES), **options):
            assert isinstance(item, Artifact)
            assert item.facts.in_backup
            assert Access.BACKUP in item.facts.readable_by
            assert (item.facts.mode, item.facts.owner) == (0o600, 10123)


def test_one_app_has_all_of_its_containers(tmp_path: Path) -> None:
    """And nothing of others."""
    files = FILES | {"apps/com.example.other/f/o.txt": b"other"}

    found = opened(tmp_path, backup(files), app="com.example.shop")

    assert contents(found) == STORED - {b"shared"}
    with pytest.raises(SourceError, match=r"no container of org\.example\.none"):
        opened(tmp_path, backup(files), app="org.example.none")


@pytest.mark.parametrize("name", ["apps/com.example.shop/f/../../../evil", "/etc/evil", "apps/../../evil", "../evil"])
def test_a_path_that_escapes_is_refused(tmp_path: Path, name: str) -> None:
    """And told."""
    found = opened(tmp_path, backup({name: b"evil", **FILES}))

    assert contents(found) == STORED
    assert [item.reason for item in found if isinstance(item, Unread)] == ["path escapes the archive"]


def test_the_package_is_named_and_not_searched(tmp_path: Path) -> None:
    """It is what the app is, not what it stored."""
    found = opened(tmp_path, backup(FILES | {"apps/com.example.shop/a/base.apk": b"PK"}))

    assert [item.path for item in found if isinstance(item, Unread) and item.expected] == ["a/base.apk"]
    assert b"PK" not in contents(found)


def test_it_is_known_by_its_first_line(tmp_path: Path) -> None:
    """Whatever it is called; and a file that only is called so is none."""
    (tmp_path / "a.txt").write_bytes(backup(FILES))
    (tmp_path / "b.ab").write_bytes(b"ANDROID BACK")

    assert AndroidBackup().claims(str(tmp_path / "a.txt")) > Folder().claims(str(tmp_path / "a.txt"))
    assert AndroidBackup().claims(str(tmp_path / "b.ab")) == 0
    assert AndroidBackup().claims(str(tmp_path)) == 0


def test_backups_of_others_are_read(shared_corpus: Path | None, tmp_path: Path) -> None:
    """Member by member as an independent reader has them; our own where the corpora are not there."""
    if shared_corpus is None:
        assert contents(opened(tmp_path, backup(FILES))) == STORED
        return
    folder = shared_corpus / "android-backup"
    built = json.loads((folder / "truth" / "built.json").read_text(encoding="utf-8"))
    public = json.loads((folder / "truth" / "public-files.json").read_text(encoding="utf-8"))
    wanted = {each["file"]: (each["password"], each["entries"]) for each in built}
    wanted |= {
        name: (each["password"], each["entries_read_by_abe"]) for name, each in public.items() if "header" in each
    }
    for name, (password, entries) in wanted.items():
        found = opened(tmp_path, (folder / name).read_bytes(), password)
        assert not [item for item in found if isinstance(item, Unread)]
        digests = {hashlib.sha256(data).hexdigest() for data in contents(found)}
        assert digests == {e["sha256"] for e in entries if e["sha256"] and not e["name"].endswith("_manifest")}
    assert len(wanted) == 6
