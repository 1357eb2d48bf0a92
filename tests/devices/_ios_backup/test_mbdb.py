"""The manifest of old backups."""

import contextlib
import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices._ios_backup.mbdb import MAGIC, entries
from harness.errors import FormatError
from harness.limits import Limits
from harness.model import Protection


def text(value: bytes | None) -> bytes:
    return b"\xff\xff" if value is None else struct.pack(">H", len(value)) + value


def record(domain: str, path: str, *, mode: int = 0o100644, size: int = 0, key: bytes | None = None) -> bytes:
    """As iOS 4 to 9 wrote it, with one extended attribute."""
    head = text(domain.encode()) + text(path.encode()) + text(None) + text(bytes(20)) + text(key)
    numbers = struct.pack(">HQIIIIIQBB", mode, 77, 501, 501, 1_400_000_000, 1, 2, size, 3, 1)
    return head + numbers + text(b"com.apple.x") + text(b"attribute")


DATA = MAGIC + b"".join(
    [
        record("AppDomain-com.example.shop", "Documents", mode=0o040755),
        record("AppDomain-com.example.shop", "Documents/a.txt", size=5, key=b"\x03\0\0\0" + bytes(40)),
        record("HomeDomain", "Library/link", mode=0o120777),
    ]
)


def test_records_are_entries() -> None:
    """Stored under the digest of domain and path."""
    folder, file, link = entries(DATA, Limits())

    assert [entry.kind for entry in (folder, file, link)] == ["folder", "file", "link"]
    assert file.stored == hashlib.sha1(b"AppDomain-com.example.shop-Documents/a.txt").hexdigest()
    assert file.known is not None
    assert (file.known.size, file.known.owner, file.known.modified) == (5, 501, 1_400_000_000.0)
    assert file.known.protection is Protection.UNTIL_FIRST_AUTH
    assert file.known.sealed == b"\x03\0\0\0" + bytes(40)


@given(st.integers(len(MAGIC) + 1, len(DATA) - 1))
def test_a_lost_end_is_told(end: int) -> None:
    """Unless it is lost between two records, where it cannot be seen."""
    if end in _ends():
        return
    with pytest.raises(FormatError):
        list(entries(DATA[:end], Limits()))


def _ends() -> list[int]:
    first = record("AppDomain-com.example.shop", "Documents", mode=0o040755)
    second = record("AppDomain-com.example.shop", "Documents/a.txt", size=5, key=b"\x03\0\0\0" + bytes(40))
    return [len(MAGIC) + len(first), len(MAGIC) + len(first) + len(second)]


@given(st.binary(max_size=400))
def test_noise_is_entries_or_an_expected_error(noise: bytes) -> None:
    """And never more than allowed."""
    with contextlib.suppress(FormatError):
        assert len(list(entries(MAGIC + noise, Limits(entries=5)))) <= 5
