"""The stream of `adb backup` becomes the app's files under their own paths, or says what is wrong with it."""

import io
import tarfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices._android_backup import backup_items, unpack
from harness.errors import SourceError
from harness.limits import Limits
from harness.model import Artifact, Unread

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
