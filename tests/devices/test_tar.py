"""The tar reader, against archives that others wrote, and against damage."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.devices._contents import Pieces
from harness.devices._tar import BLOCK, Damage, Member, is_header, members

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def packed(files: dict[str, bytes], *, form: int = tarfile.PAX_FORMAT, **attributes: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, errors="surrogateescape") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in attributes.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def read(data: bytes) -> tuple[dict[bytes, bytes], list[Damage]]:
    found = list(members(data))
    files = {m.name: data[m.start : m.start + m.size] for m in found if isinstance(m, Member)}
    return files, [item for item in found if isinstance(item, Damage)]


names = st.binary(min_size=1, max_size=300).map(
    lambda raw: raw.replace(b"\0", b"0").rstrip(b"/").decode("utf-8", "surrogateescape") or "x"
)


@given(st.dictionaries(names, st.binary(max_size=1500), max_size=6), st.sampled_from(["gnu", "pax"]))
def test_reads_what_python_writes(files: dict[str, bytes], form: str) -> None:
    """Names of any bytes and length, contents of any size, in both formats that know no limits."""
    found, damage = read(packed(files, form=FORMATS[form]))

    assert damage == []
    assert found == {name.encode("utf-8", "surrogateescape"): data for name, data in files.items()}


@pytest.mark.parametrize("form", FORMATS)
def test_reads_the_facts(form: str) -> None:
    """Owner, group, mode and time are the device's own where the tar was made on it."""
    data = packed({"a/b": b"x"}, form=FORMATS[form], mode=0o640, uid=10123, gid=10124, mtime=1_700_000_000)

    (member,) = members(data)

    assert isinstance(member, Member)
    assert (member.mode, member.owner, member.group, member.modified) == (0o640, 10123, 10124, 1_700_000_000.0)


def test_reads_large_owners_negative_times_and_labels() -> None:
    """What does not fit the old fields: base 256, pax records, SELinux labels."""
    label = "u:object_r:app_data_file:s0:c123,c256,c512,c768"
    gnu = packed({"a": b""}, form=tarfile.GNU_FORMAT, uid=1 << 30)
    pax = packed({"a": b""}, uid=1 << 30, mtime=-1.5, pax_headers={"RHT.security.selinux": label})

    (first,), (second,) = members(gnu), members(pax)

    assert isinstance(first, Member)
    assert isinstance(second, Member)
    assert first.owner == second.owner == 1 << 30
    assert (second.modified, second.label) == (-1.5, label)


def test_every_kind_of_member_is_told_apart() -> None:
    """Nothing but a file has bytes."""
    kinds = {
        tarfile.LNKTYPE: "hard link",
        tarfile.SYMTYPE: "symbolic link",
        tarfile.CHRTYPE: "device",
        tarfile.BLKTYPE: "device",
        tarfile.FIFOTYPE: "named pipe",
        tarfile.DIRTYPE: "folder",
        tarfile.AREGTYPE: "file",
        tarfile.CONTTYPE: "file",
    }

    for code, kind in kinds.items():
        (member,) = members(packed({"a": b""}, type=code, linkname="b"))
        assert isinstance(member, Member)
        assert member.kind == kind


def test_every_cut_is_told() -> None:
    """Wherever an archive ends too early, before its end mark, there is damage, and what came before is whole."""
    files = {"a": b"1" * 700, "b" * 150: b"2" * 10, "c": b""}
    data = packed(files)
    end = len(data.rstrip(b"\0"))
    end += -end % BLOCK

    for cut in range(0, end + 1, 64):
        found, damage = read(data[:cut])
        assert damage
        whole = {name: body for name, body in found.items() if body == files[name.decode()]}
        assert all(files[name.decode()].startswith(body) for name, body in found.items())
        assert cut < 3 * BLOCK or b"a" in whole


def test_what_stands_behind_damage_is_found() -> None:
    """One bad header is one line, not the end of the archive."""
    data = bytearray(packed({"a": b"1" * 512, "b": b"2" * 512, "c": b"3" * 512}, form=tarfile.USTAR_FORMAT))
    data[2 * BLOCK] ^= 0xFF  # the name of b: its checksum is wrong now

    found, damage = read(bytes(data))

    assert found == {b"a": b"1" * 512, b"c": b"3" * 512}
    assert [item.size for item in damage] == [2 * BLOCK]


def test_archives_behind_one_another_are_all_read() -> None:
    """`cat a.tar b.tar`: nothing hides behind an end mark."""
    found, damage = read(packed({"a": b"1"}) + packed({"b": b"2"}))

    assert (found, damage) == ({b"a": b"1", b"b": b"2"}, [])


def test_a_size_that_makes_no_sense_is_damage() -> None:
    """Negative, or no number: never a step backwards."""
    for field in (b"-0000000001\0", b"\xff" * 12, b"999        \0"):
        header = bytearray(packed({"a": b""}, form=tarfile.USTAR_FORMAT)[:BLOCK])
        header[124:136] = field
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        assert is_header(bytes(header))

        _, damage = read(bytes(header) + bytes(2 * BLOCK))

        assert damage


def test_a_huge_size_is_cut_off() -> None:
    """The header may say what it likes."""
    header = bytearray(packed({"a": b""}, form=tarfile.USTAR_FORMAT)[:BLOCK])
    header[124:136] = b"\x80" + b"\x7f" * 11
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)

    found, damage = read(bytes(header) + b"x" * BLOCK)

    assert found == {b"a": b"x" * BLOCK}
    assert damage[0].reason == "cut off"


@settings(max_examples=200)
@given(st.binary(max_size=4 * BLOCK), st.integers(0, 8 * BLOCK), st.binary(min_size=1, max_size=40))
def test_noise_ends_and_damage_never_crashes(noise: bytes, at: int, patch: bytes) -> None:
    """Any bytes, and any change to a good archive with extension headers."""
    good = bytearray(packed({"n" * 200: b"x" * 600, "b": b"y"}, mtime=1.5))
    good[at : at + len(patch)] = patch

    assert len(list(members(noise))) <= 2 * BLOCK
    assert list(members(bytes(good))) or at >= 0


def test_extension_headers_that_lie_are_damage() -> None:
    """Lengths of pax records that are wrong, negative, or no numbers."""
    for record in (b"99 path=x\n", b"-5 path=x\n", b"5 a\n", b"x path=y\n", b"0 a=b\n", b"11 pathxy\n\n\n"):
        info = tarfile.TarInfo("h")
        info.type, info.size = tarfile.XHDTYPE, len(record)
        data = info.tobuf(tarfile.USTAR_FORMAT) + record.ljust(BLOCK, b"\0") + packed({"a": b"1"})

        found, damage = read(data)

        assert found == {b"a": b"1"}
        assert [item.reason for item in damage] == ["damaged archive, extension header"]


@pytest.mark.parametrize(
    "form", ["--format=gnu", "--format=posix --sparse-version=0.1", "--format=posix --sparse-version=1.0"]
)
def test_sparse_files_have_their_holes_back(tmp_path: Path, form: str) -> None:
    """As GNU tar writes them; where there is no GNU tar, a member in its old form, put together here."""
    file = tmp_path / "sparse"
    with file.open("wb") as out:
        for number in range(9):  # more runs than a header has room for
            out.seek(number * (1 << 20))
            out.write(b"%d" % number * 5000)
        out.truncate(10 << 20)
    tar = shutil.which("tar")
    told = subprocess.run([tar, "--version"], capture_output=True, check=True).stdout if tar else b""
    if b"GNU" in told and tar:
        command = [tar, "-S", *form.split(), "-cf", "out.tar", "sparse"]
        subprocess.run(command, check=True, cwd=tmp_path)
        data = (tmp_path / "out.tar").read_bytes()
    else:
        data = _old_sparse(file.read_bytes())

    (member,) = members(data)

    assert isinstance(member, Member)
    assert member.name == b"sparse"
    assert member.sparse is not None
    assert not member.sparse.damaged
    assert bytes(Pieces(data, member.sparse.chunks, member.sparse.size).read()) == file.read_bytes()


def _old_sparse(whole: bytes) -> bytes:
    runs = [(at << 20, 8192) for at in range(9)] + [(len(whole), 0)]
    numbers = b"".join(b"%011o\0%011o\0" % run for run in runs)
    info = tarfile.TarInfo("sparse")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, sum(size for _, size in runs)
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:495] = numbers[:96] + b"\1" + b"%011o\0" % len(whole)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    body = b"".join(whole[at : at + size] for at, size in runs)
    return bytes(header) + numbers[96:].ljust(BLOCK, b"\0") + body + bytes(-len(body) % BLOCK + 2 * BLOCK)


def test_a_sparse_file_in_the_old_form() -> None:
    """Put together here, so that it is read on machines without GNU tar too."""
    whole = b"".join((b"%d" % number * 8192).ljust(1 << 20, b"\0") for number in range(9))

    data = _old_sparse(whole)
    (member,) = members(data)

    assert isinstance(member, Member)
    assert member.sparse is not None
    assert bytes(Pieces(data, member.sparse.chunks, member.sparse.size).read()) == whole


def test_a_sparse_map_that_lies_is_damage() -> None:
    """Runs that overlap, or lie beyond the end."""
    for numbers in (b"5,5,2,1", b"0,99", b"a,b", b"1", b"", b"-1,5"):
        text = numbers.decode()
        data = packed({"a": b"12345"}, pax_headers={"GNU.sparse.map": text, "GNU.sparse.size": "10"})

        found, damage = read(data)

        assert found == {b"a": b"12345"}
        assert [item.name for item in damage] == [b"a"]


def test_global_headers_cannot_fill_the_memory() -> None:
    """Only records that are understood are kept for all members."""
    shared = {f"key{number}": "x" * 100 for number in range(1000)} | {"mtime": "5"}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers=shared) as archive:
        archive.addfile(tarfile.TarInfo("a"))

    (member,) = members(out.getvalue())

    assert isinstance(member, Member)
    assert member.modified == 5.0
