"""A device without tar is copied all the same, by its shell alone; what that cannot read is told."""

import contextlib
import io
import itertools
import tarfile
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices._tar_items import tar_items
from harness.devices.adb.direct import Direct
from harness.devices.adb.keys import load_keys
from harness.devices.adb.transport import Lost, run
from harness.devices.adb.walking import Walked
from harness.limits import Limits
from harness.model import Artifact

SHOP = "com.example.shop"
Boot: TypeAlias = Callable[..., Any]
Take: TypeAlias = Callable[..., Any]
Lay: TypeAlias = Callable[..., Any]

FILES = {
    "shared_prefs/settings.xml": b"<map><string name='e'>jane@example.org</string></map>\n",
    "files/binary": bytes(range(256)) * 300,
    "files/empty": b"",
    "files/.hidden": b"h",
    "files/..odd": b"o",
    "files/with space & sign's.txt": b"x",
    "files/$(id);`id`|x": b"a name that a shell would obey",
    "files/-rf": b"a name that an option would be",
    "files/[a]*?": b"a name that a pattern would be",
    "files/é名.txt": b"y",
    "files/two\nlines": b"w",
    "files/" + "long/" * 40 + "n" * 120: b"z",
    "databases/app.db": b"SQLite" * 100,
    "databases/app.db-wal": b"\x37\x7f\x06\x82" + bytes(60),
}


def shown(path: str) -> str:
    return path.replace("\n", "\\x0a")


@pytest.mark.parametrize("way", ["su", "run-as"])
def test_an_old_phone_is_copied_without_tar(way: str, boot: Boot, take: Take) -> None:
    """Bytes, owners and modes, as root and as the app itself; the device has none of the programs that came later."""
    device = boot("android-5-stock", FILES, kind={"privileged": way == "su"}, app={"debuggable": way == "run-as"})
    taken = take(device.serial)

    assert {path: taken.of(SHOP).get(shown(path)) for path in FILES} == FILES
    assert taken.unread == []
    facts = taken.artifacts[SHOP, "files/binary"].facts
    assert (facts.owner, facts.group, facts.mode) == (10123, 10123, 0o600)


def test_what_it_may_not_read_is_told(boot: Boot, take: Take) -> None:
    """A file, and a folder with all that is in it: neither is passed over."""
    device = boot("android-5-stock", {"files/a": b"a", "files/shut": b"b", "deep/c": b"c"}, app={"debuggable": True})
    for path in (f"/data/data/{SHOP}/files/shut", f"/data/data/{SHOP}/deep"):
        device.sandbox.chown(path, 0, 0)
        device.sandbox.chmod(path, 0o700)
        device.put(path)

    taken = take(device.serial)

    assert taken.of(SHOP) == {"files/a": b"a"}
    assert {(item.path, item.reason) for item in taken.unread} == {
        ("files/shut", "denied by the device"),
        ("deep", "denied by the device"),
    }


def test_a_link_is_told_and_not_followed(boot: Boot, take: Take) -> None:
    """Neither to a file nor to a folder of somebody else."""
    device = boot("android-5-stock", {"files/a": b"a"}, app={"debuggable": True})
    with contextlib.closing(Direct("127.0.0.1", device.port, load_keys(), patience=5.0)) as link:
        made = run(link, f"run-as {SHOP} sh -c 'ln -s a files/to-file; ln -s /data/data files/to-folder'")
    taken = take(device.serial)

    assert made.code == 0
    assert taken.of(SHOP) == {"files/a": b"a"}
    assert {(item.path, item.expected) for item in taken.unread} == {
        ("files/to-file", True),
        ("files/to-folder", True),
    }


def test_a_break_is_taken_up_again_without_find(boot: Boot, take: Take, cable: Lay) -> None:
    """What is missing is asked for, and nothing is taken for whole that is not."""
    many = {f"files/{number:03}.bin": bytes([number % 251]) * 20_000 for number in range(60)}
    cut = cable(boot("android-5-stock", many, kind={"privileged": True}))
    cut.after = [300_000, 600_000]
    taken = take(cut.address)

    assert taken.of(SHOP) == many
    assert taken.unread == []
    assert cut.connections == 3


# -- the stream --------------------------------------------------------------------------------------


class Said:
    """A stream that says what it is given, cut anyhow, and may break."""

    def __init__(self, pieces: list[bytes], *, breaks: bool = False) -> None:
        self.error, self.code = b"", 0
        self._pieces, self._breaks = pieces, breaks

    def chunks(self) -> Iterator[bytes | memoryview]:
        yield from self._pieces
        if self._breaks:
            raise Lost("gone")

    def close(self) -> None:
        return None


MARK = b"<0123>"
LINE = b"-rw-r----- 10123 10124 %d 2015-02-03 04:05 x\n"


def written(files: dict[str, bytes]) -> bytes:
    """As the script writes it."""
    heads = [MARK + b"f" + name.encode() + MARK + LINE % len(data) + MARK + data for name, data in files.items()]
    return b"".join(heads) + MARK + b"z"


def cut_up(data: bytes, at: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(each % (len(data) + 1) for each in at)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=150)
TREES = st.dictionaries(NAMES.map(lambda name: "a/" + name), st.binary(max_size=2000), max_size=6)


@given(TREES, st.lists(st.integers(0, 20_000), max_size=12))
def test_a_walk_is_the_tar_that_it_stands_for(files: dict[str, bytes], at: list[int]) -> None:
    """However the bytes are cut on their way, read by somebody else's tar."""
    stream = Walked(Said(cut_up(written(files), at)), MARK)
    packed = b"".join(bytes(chunk) for chunk in stream.chunks()) + bytes(1024)

    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        members = archive.getmembers()
        assert {member.name: archive.extractfile(member).read() for member in members} == files  # type: ignore[union-attr]
    assert all((member.uid, member.gid, member.mode) == (10123, 10124, 0o640) for member in members)
    assert all(member.mtime == 1_422_936_300 for member in members)
    assert stream.error == b""


@given(st.integers(0, 5000))
def test_what_is_cut_off_is_never_whole(at: int) -> None:
    """The file under way is shorter than its header says."""
    files = {"a/one": b"1" * 1500, "a/two": b"2" * 1500}
    data = written(files)
    stream = Walked(Said([data[: at % len(data)]], breaks=True), MARK)
    packed = bytearray()

    with pytest.raises(Lost):
        packed.extend(byte for chunk in stream.chunks() for byte in bytes(chunk))

    for item in tar_items(bytes(packed), ".", "", Limits()):
        if isinstance(item, Artifact) and item.facts.size == 1500:
            assert item.content.read() == files[item.path]


@given(st.lists(st.binary(max_size=60) | st.just(MARK) | st.just(MARK + b"f"), max_size=12))
def test_whatever_it_says_ends(pieces: list[bytes]) -> None:
    """Noise is no archive, and no crash."""
    stream = Walked(Said(pieces), MARK)
    try:
        for _ in stream.chunks():
            pass
    except Lost:
        pass
