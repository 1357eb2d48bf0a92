"""Tar and zip archives."""

import bz2
import gzip
import io
import json
import lzma
import random
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.devices._unpacked import FREE, RATIO, allowance
from harness.devices.archive import Archive
from harness.devices.base import Options, Staged
from harness.errors import FormatError, SourceError
from harness.limits import Limits
from harness.model import Artifact, Bytes, Unread

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zstd": zstandard.compress,
}
RAW = random.Random(7).randbytes(300_000)


def tarred(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", errors="surrogateescape") as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def listed(file: Path, data: bytes | None = None, options: Options | None = None) -> list[Artifact | Unread]:
    if data is not None:
        file.write_bytes(data)
    with Archive().open(str(file), options or Options()) as source:
        return [
            replace(item, content=Bytes(bytes(item.content.read()))) if isinstance(item, Artifact) else item
            for item in source.collect()
        ]


def contents(items: list[Artifact | Unread]) -> dict[str, bytes]:
    return {item.path: bytes(item.content.read()) for item in items if isinstance(item, Artifact)}


def faults(items: list[Artifact | Unread]) -> list[tuple[str, str]]:
    return [(item.path, item.reason) for item in items if isinstance(item, Unread) and not item.expected]


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_archive_is_known_by_its_content(tmp_path: Path, packing: str) -> None:
    """Its name says nothing."""
    file = tmp_path / "pulled.bin"
    file.write_bytes(PACKINGS[packing](tarred(("files/a", b"1"), ("files/b", RAW))))

    assert Archive().claims(str(file)) == 0.9
    assert contents(listed(file)) == {"files/a": b"1", "files/b": RAW}


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_empty_archive_is_one(tmp_path: Path, packing: str) -> None:
    """A tar of nothing but its end mark."""
    file = tmp_path / "empty"
    file.write_bytes(PACKINGS[packing](tarred()))

    assert Archive().claims(str(file)) > 0
    assert listed(file) == []


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_archive_gives_what_is_readable_and_says_so(tmp_path: Path, packing: str, share: float) -> None:
    """The members before the cut are whole, the one at the cut is told."""
    files = [(f"files/{number:02}", RAW[number * 10_000 : (number + 1) * 10_000]) for number in range(30)]
    whole = PACKINGS[packing](tarred(*files))
    file = tmp_path / "cut"

    file.write_bytes(whole[: int(len(whole) * share)])
    try:
        items = listed(file)
    except SourceError:
        assert packing in {"bzip2", "zstd"}  # one block holds it all: without its end there is nothing
        return

    assert faults(items)
    found = contents(items)
    assert all(dict(files)[path].startswith(data) for path, data in found.items())
    assert packing in {"bzip2", "zstd"} or len(found) >= int(30 * share) - 8


@pytest.mark.parametrize("packing", ["gzip", "xz", "bzip2"])
def test_a_flipped_byte_is_told(tmp_path: Path, packing: str) -> None:
    """The checksum of the packing counts, even where the tar inside still reads."""
    data = bytearray(PACKINGS[packing](tarred(("a", RAW[:5000]))))
    data[-3 if packing == "gzip" else len(data) // 2] ^= 0x10
    file = tmp_path / "damaged"
    file.write_bytes(bytes(data))

    try:
        assert faults(listed(file))
    except SourceError as error:
        assert "cannot be read" in str(error)  # noqa: PT017 - either way will do


def test_what_is_no_archive_is_an_error(tmp_path: Path) -> None:
    """Not claimed, not opened; a packed file that is no tar neither."""
    for number, data in enumerate(
        [b"", b"text", bytes(512), RAW, gzip.compress(b"log line\n" * 99), b"PK\x03\x04xx"]
    ):
        file = tmp_path / str(number)
        file.write_bytes(data)
        assert Archive().claims(str(file)) < 0.3 or data.startswith(b"PK")
        with pytest.raises(SourceError):
            Archive().open(str(file), Options())


def test_nothing_has_a_name_while_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even while it is open: whatever kills the process, no personal data is left."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    file = tmp_path / "x"

    for data in (gzip.compress(tarred(("a", RAW * 8))), zipped(("a", RAW * 8))):
        file.write_bytes(data)
        with Archive().open(str(file), Options()) as source:
            (item,) = source.collect()
            assert isinstance(item, Artifact)
            assert bytes(item.content.read()) == RAW * 8
            assert list(scratch.iterdir()) == []


HOSTILE = ["../evil", "a/../../evil", "/etc/evil", "C:\\evil", "c:evil", "..\\evil", "\\evil", "n" * 5000, "a/.."]


@pytest.mark.parametrize("pack", [tarred, zipped], ids=["tar", "zip"])
def test_hostile_names_are_refused(tmp_path: Path, pack: Callable[..., bytes]) -> None:
    """Each costs a line that is not expected, and nothing has such a path."""
    items = listed(tmp_path / "x", pack(*((name, b"evil") for name in HOSTILE), ("good", b"1")))

    assert contents(items) == {"good": b"1"}
    assert len(faults(items)) == len(HOSTILE)
    assert {reason for _, reason in faults(items)} == {
        "path escapes the archive",
        "path is longer than a file system allows",
    }


def test_a_zip_name_with_nul_is_refused(tmp_path: Path) -> None:
    """Readers differ in where such a name ends."""
    data = zipped(("good.txt", b"1"), ("evilXtxt", b"2")).replace(b"evilXtxt", b"evil\0txt")

    items = listed(tmp_path / "x", data)

    assert contents(items) == {"good.txt": b"1"}
    assert faults(items) == [(r"evil\x00txt", "path is empty or holds NUL")]


def test_links_are_recorded_and_not_followed(tmp_path: Path) -> None:
    """Of both sorts, in both forms of archive; where they lead is not told."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("soft", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/secret"
            archive.addfile(info)
    info = zipfile.ZipInfo("soft")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zip_archive:
        zip_archive.writestr(info, "/etc/secret")

    items = listed(tmp_path / "a", out.getvalue()) + listed(tmp_path / "b", packed.getvalue())

    assert [(item.path, item.reason) for item in items if isinstance(item, Unread) and item.expected] == [
        ("hard", "hard link, not followed"),
        ("pipe", "named pipe, not opened"),
        ("soft", "symbolic link, not followed"),
        ("soft", "symbolic link, not followed"),
    ]
    assert len(items) == 4


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("pack", [tarred, zipped], ids=["tar", "zip"])
def test_a_member_that_occurs_again_supersedes_the_first(tmp_path: Path, pack: Callable[..., bytes]) -> None:
    """Both arrive: an appended archive holds the old state too."""
    items = listed(tmp_path / "x", pack(("a", b"old"), ("b", b"x"), ("a", b"new")))

    assert contents(items) == {"a": b"new", "a@1": b"old", "b": b"x"}


@pytest.mark.parametrize("packing", ["gzip", "xz"])
def test_a_bomb_stops_at_the_limit(tmp_path: Path, packing: str) -> None:
    """What was unpacked until then arrives, the rest is told."""
    data = PACKINGS[packing](tarred(("a", b"1"), ("zeros", bytes(8 << 20))))

    items = listed(tmp_path / "x", data, Options(limits=Limits(archive_bytes=1 << 20)))

    assert contents(items)["a"] == b"1"
    assert ("x", "the archive unpacks to more than the limit allows") in faults(items)
    assert ("zeros", "cut off") in faults(items)


def test_an_archive_may_not_unpack_without_bounds() -> None:
    """Small ones are free; beyond that it is their size that counts, and in the end the limit."""
    assert allowance(Limits(), 1000) == FREE
    assert allowance(Limits(), FREE) == min(RATIO * FREE, Limits().archive_bytes)
    assert allowance(Limits(archive_bytes=5), FREE) == 5


@pytest.mark.parametrize("pack", [tarred, zipped], ids=["tar", "zip"])
def test_limits_are_told(tmp_path: Path, pack: Callable[..., bytes]) -> None:
    """Entries, the size of one file, and of all."""
    data = pack(*((str(number), bytes(1000)) for number in range(5)), ("large", bytes(5000)))

    few = listed(tmp_path / "x", data, Options(limits=Limits(entries=3)))
    small = listed(tmp_path / "x", data, Options(limits=Limits(file_bytes=2000)))

    assert (len(contents(few)), faults(few)) == (3, [("x", "more entries than the limit allows")])
    assert faults(small) == [("large", "larger than the 2.0 KiB that one file may have")]
    if pack is zipped:
        total = listed(tmp_path / "x", data, Options(limits=Limits(archive_bytes=2500)))
        assert len(contents(total)) == 2
        assert len(faults(total)) == 4


def test_zstd_asks_for_no_more_memory_than_is_granted(tmp_path: Path) -> None:
    """A frame that names a huge window is damage, not an allocation."""
    frame = b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([31 - 10 << 3]) + b"\x01\x00\x00"

    with pytest.raises(SourceError, match="cannot be read"):
        listed(tmp_path / "x", frame + RAW[:100])


@pytest.mark.parametrize("pack", [tarred, zipped], ids=["tar", "zip"])
def test_a_closed_source_is_not_read(tmp_path: Path, pack: Callable[..., bytes]) -> None:
    """An expected error, for files of any size."""
    (tmp_path / "x").write_bytes(pack(("a", b"1"), ("b", RAW * 8)))
    with Archive().open(str(tmp_path / "x"), Options()) as source:
        items = [item for item in source.collect() if isinstance(item, Artifact)]

    for item in items:
        with pytest.raises(FormatError):
            item.content.read()


# -- zip -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_methods(tmp_path: Path, method: int) -> None:
    """All that Python can unpack, small and large."""
    large = RAW * 8

    assert contents(listed(tmp_path / "x", zipped(("a", b"1"), ("b", large), method=method))) == {
        "a": b"1",
        "b": large,
    }


def test_a_zip_tells_size_and_time_only(tmp_path: Path) -> None:
    """Its modes are those of whoever packed it."""
    info = zipfile.ZipInfo("a", (2023, 11, 14, 22, 13, 20))
    info.create_system, info.external_attr = 3, 0o100644 << 16
    exact = zipfile.ZipInfo("b", (1999, 1, 1, 0, 0, 0))
    exact.extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_700_000_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, b"x")
        archive.writestr(exact, b"x")

    for item in listed(tmp_path / "x", out.getvalue()):
        assert isinstance(item, Artifact)
        assert (item.facts.size, item.facts.modified) == (1, 1_700_000_000.0)
        assert (item.facts.mode, item.facts.owner, item.facts.group) == (None, None, None)


def test_a_zip_name_in_bytes_that_are_no_text(tmp_path: Path) -> None:
    """UTF-8 that is not marked as such is read as UTF-8; what is neither is escaped."""
    data = zipped(("aXXb", b"1"), ("cYYd", b"2")).replace(b"aXXb", "aéb".encode()).replace(b"cYYd", b"c\xff\xfed")

    assert contents(listed(tmp_path / "x", data)) == {"aéb": b"1", r"c\xff\xfed": b"2"}


def test_an_encrypted_member_is_unread(tmp_path: Path) -> None:
    """By its flag; nothing is guessed."""
    data = bytearray(zipped(("a", b"1"), ("b", b"2")))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1

    items = listed(tmp_path / "x", bytes(data))

    assert (faults(items), contents(items)) == ([("a", "encrypted member")], {"b": b"2"})


def test_a_wrong_checksum_is_an_error_of_that_file(tmp_path: Path) -> None:
    """The others are read; the message does not repeat the name."""
    data = bytearray(zipped(("secret-name", b"first bytes"), ("b", b"2"), method=zipfile.ZIP_STORED))
    data[data.index(b"first bytes")] ^= 1
    (tmp_path / "x").write_bytes(bytes(data))

    with Archive().open(str(tmp_path / "x"), Options()) as source:
        good, bad = (item for item in source.collect() if isinstance(item, Artifact))
        assert good.content.read() == b"2"
        with pytest.raises(FormatError) as caught:
            bad.content.read()

    assert "secret-name" not in str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_without_its_directory_is_salvaged(tmp_path: Path, method: int) -> None:
    """What a broken transfer left: whole members, the start of the one at the cut, and a line for each fault."""
    files = [(f"files/{number}", RAW[number * 1000 : number * 1000 + 1000]) for number in range(20)]
    data = zipped(*files, method=method)

    items = listed(tmp_path / "x", data[: len(data) // 2])

    found = contents(items)
    assert sum(found[path] == dict(files)[path] for path in found) >= 8
    assert all(dict(files)[path].startswith(body) for path, body in found.items())
    assert faults(items)[-1] == ("x", "the archive is damaged or cut off: its directory is missing")
    assert "cut off" in {reason for _, reason in faults(items)}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_streamed_zip_without_its_directory_is_told(tmp_path: Path, method: int) -> None:
    """Members whose sizes stand behind them: found where the packing says its end, unread where it does not."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

        tell = seek

    out = Pipe()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a", RAW[:5000], method)
        archive.writestr("b", b"2", method)
    data = out.getvalue()

    items = listed(tmp_path / "x", data[: data.index(b"PK\x01\x02")])

    expected = {"a": RAW[:5000], "b": b"2"} if method == zipfile.ZIP_DEFLATED else {}
    assert contents(items) == expected
    assert faults(items)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 600), st.binary(min_size=1, max_size=12), st.sampled_from(["zip", "tar", "gzip"]))
def test_damage_is_an_expected_error_at_most(
    tmp_path_factory: pytest.TempPathFactory, at: int, patch: bytes, form: str
) -> None:
    """Whatever is changed, opening and reading fail in the words of the tree, or not at all."""
    files = [("files/a", RAW[:100]), ("files/b", b"2" * 300)]
    data = bytearray(zipped(*files) if form == "zip" else tarred(*files))
    data = bytearray(gzip.compress(bytes(data), mtime=0)) if form == "gzip" else data
    at = at % len(data)
    data[at : at + len(patch)] = patch
    file = tmp_path_factory.getbasetemp() / "fuzzed"
    file.write_bytes(bytes(data))

    assert 0 <= Archive().claims(str(file)) <= 1
    try:
        with Archive().open(str(file), Options()) as source:
            for item in source.collect():
                if isinstance(item, Artifact):
                    _read_or_fail(item)
    except SourceError:
        pass


def _read_or_fail(item: Artifact) -> None:
    try:
        data = item.content.read()
    except FormatError:
        return
    assert len(data) == item.facts.size


# -- others' archives ----------------------------------------------------------------------------


def test_archives_of_others_are_read_as_others_read_them(tmp_path: Path, shared_corpus: Path | None) -> None:
    """Members and digests of backup apps' archives, as an independent reader tells them."""
    if shared_corpus is None:
        name = Archive().stage(tmp_path, [Staged(path="files/a", data=RAW)])
        assert contents(listed(Path(name))) == {"files/a": RAW}
        return
    folder = shared_corpus / "android-backup"
    truth = json.loads((folder / "truth" / "public-files.json").read_text())

    for name, told in truth.items():
        if name.endswith(".ab"):
            continue
        items = listed(folder / name)
        digests = {
            (item.facts.container, sha256(item.content.read()).hexdigest())
            for item in items
            if isinstance(item, Artifact)
        }
        expected = {entry["sha256"] for entry in told["entries"] if entry["sha256"]}
        assert {digest for _, digest in digests} >= expected, name
        assert faults(items) == []
