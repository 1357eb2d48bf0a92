"""Snapshots: what goes in comes out, and nothing that was tampered with does."""

import fcntl
import hashlib
import io
import json
import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.devices._listing import Listing
from harness.devices.archive import Archive
from harness.devices.base import Connector, Options, Source
from harness.devices.folder import Folder
from harness.devices.snapshot import Snapshot, SnapshotSource, write_snapshot
from harness.errors import AccessDenied, DeviceError, FormatError, SourceError, UsageError
from harness.limits import Limits
from harness.model import Access, Artifact, Buffer, Bytes, Facts, Platform, Protection, Unread
from harness.profiles import load_profiles

FACTS = (
    Facts(
        path="databases/app.db",
        container="com.example.app",
        owner=10123,
        group=10123,
        mode=0o2660,
        modified=1_700_000_000.25,
        label="u:object_r:app_data_file:s0:c1,c256",
        in_backup=True,
        readable_by=frozenset({Access.BACKUP, Access.ROOT_FILES}),
        denied_to=frozenset({Access.OTHER_APP}),
    ),
    Facts(
        path="Library/a.plist", platform=Platform.IOS, protection=Protection.COMPLETE, in_backup=False, modified=-3.0
    ),
    Facts(path="nothing is known"),
)
UNREAD = (
    Unread(path="files/link", container="com.example.app", reason="symbolic link, not followed", expected=True),
    Unread(path="pulled.tar", reason="cut off", size=17),
)


class Refused:
    """Content that a device does not hand out."""

    size = 5

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self) -> Buffer:
        raise self.error


class Breaking(Listing):
    """A source whose transport fails after its first file."""

    def collect(self) -> Iterator[Artifact | Unread]:
        yield next(super().collect())
        raise DeviceError("the cable fell out")


def stored(path: str, data: bytes = b"data") -> Artifact:
    return Artifact(facts=Facts(path=path, size=len(data)), content=Bytes(data))


def source_of(*items: Artifact | Unread) -> Listing:
    return Listing("staged", None, list(items))


def written(folder: Path, *items: Artifact | Unread) -> str:
    return write_snapshot(source_of(*items), folder, limits=Limits()).digest


def read_back(folder: Path, options: Options | None = None) -> list[Artifact | Unread]:
    with Snapshot().open(str(folder), options or Options()) as source:
        return list(source.collect())


def contents(connector: Connector, name: Path) -> dict[str, bytes]:
    with connector.open(str(name), Options()) as source:
        return {item.path: bytes(item.content.read()) for item in source.collect() if isinstance(item, Artifact)}


def test_every_fact_comes_back(tmp_path: Path) -> None:
    """What is known, what is not known, and what could not be read."""
    data = {facts.path: b"bytes of " + facts.path.encode() for facts in FACTS}
    items = [
        Artifact(facts=Facts(**_fields(facts) | {"size": len(data[facts.path])}), content=Bytes(data[facts.path]))
        for facts in FACTS
    ]

    written(tmp_path / "s", *UNREAD, *items)
    found = read_back(tmp_path / "s")

    assert {item.facts for item in found if isinstance(item, Artifact)} == {item.facts for item in items}
    assert {item for item in found if isinstance(item, Unread)} == set(UNREAD)
    assert all(item.content.read() == data[item.path] for item in found if isinstance(item, Artifact))


def _fields(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in Facts.__slots__}


def test_equal_sources_give_equal_manifests(tmp_path: Path) -> None:
    """In whatever order a source tells; the digest is that of the manifest, as other tools check it."""
    one = written(tmp_path / "one", stored("a"), stored("b", b"x"), *UNREAD)
    two = written(tmp_path / "two", *UNREAD, stored("b", b"x"), stored("a"))
    text = (tmp_path / "one" / "manifest.json").read_bytes()

    assert one == two == hashlib.sha256(text).hexdigest()
    assert text == (tmp_path / "two" / "manifest.json").read_bytes()
    assert (tmp_path / "one" / "manifest.sha256").read_text() == f"{one}  manifest.json\n"
    with Snapshot().open(str(tmp_path / "one"), Options()) as source:
        assert isinstance(source, SnapshotSource)
        assert source.digest == one


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """Whatever the umask says, and where the folder was there before."""
    folder = tmp_path / "s"
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        written(folder, stored("a"))
    finally:
        os.umask(before)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*")) if path.is_dir()}
    assert (modes, folders) == ({0o600}, {0o700})


def test_equal_files_are_stored_once_and_not_again(tmp_path: Path) -> None:
    """By their bytes; a second run leaves objects alone that are whole, and mends the one that is not."""
    folder = tmp_path / "s"
    first = written(folder, stored("a", b"same"), stored("b", b"same"), stored("c", b"other"))
    objects = sorted(path for path in (folder / "objects").rglob("*") if path.is_file())
    inodes = [path.stat().st_ino for path in objects]
    objects[0].write_bytes(b"XXXX" if objects[0].read_bytes() == b"same" else b"XXXXX")

    again = written(folder, stored("a", b"same"), stored("b", b"same"), stored("c", b"other"))

    assert len(objects) == 2
    assert first == again
    assert objects[1].stat().st_ino == inodes[1]
    assert {item.content.read() for item in read_back(folder) if isinstance(item, Artifact)} == {b"same", b"other"}


def test_an_acquisition_that_broke_off_goes_on(tmp_path: Path) -> None:
    """Until then it is no snapshot; afterwards nothing is left of the attempt."""
    folder = tmp_path / "s"
    with pytest.raises(DeviceError, match="cable"):
        write_snapshot(Breaking("staged", None, [stored("z", b"early")]), folder, limits=Limits())
    (kept,) = (path for path in (folder / "objects").rglob("*") if path.is_file())
    inode = kept.stat().st_ino
    (kept.parent / ".draft-dead").write_bytes(b"half")

    assert Snapshot().claims(str(folder)) > 0.9
    with pytest.raises(SourceError, match="unfinished") as caught:
        Snapshot().open(str(folder), Options())
    written(folder, stored("z", b"early"), stored("later"))

    assert "acquire" in caught.value.hint
    assert kept.stat().st_ino == inode
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "manifest.sha256", "objects"}
    assert not list(folder.rglob(".draft-*"))
    assert len(read_back(folder)) == 2


def test_the_next_state_of_a_source_leaves_nothing_of_the_one_before(tmp_path: Path) -> None:
    """Bytes that no manifest names any more are personal data that nobody asked for."""
    written(tmp_path / "s", stored("a", b"first"))
    written(tmp_path / "s", stored("a", b"second"))

    assert [path.read_bytes() for path in (tmp_path / "s" / "objects").rglob("*") if path.is_file()] == [b"second"]


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize(("name", "app"), [("tablet", None), ("phone", "com.example.a"), ("phone", None)])
def test_a_snapshot_of_another_source_is_left_alone(
    tmp_path: Path, name: str, app: str | None, finished: bool
) -> None:
    """Whether it is finished or to be resumed: what it holds may be all that there is of a device."""
    folder = tmp_path / "s"
    first = (Listing if finished else Breaking)("phone", None, [stored("a", b"first")])
    with nullcontext() if finished else pytest.raises(DeviceError):
        write_snapshot(first, folder, limits=Limits(), app="com.example.b")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    with pytest.raises(UsageError, match="another source or app"):
        write_snapshot(Listing(name, None, [stored("a", b"other")]), folder, limits=Limits(), app=app)

    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert not finished or len(read_back(folder)) == 1
    write_snapshot(Listing("phone", None, [stored("a", b"again")]), folder, limits=Limits(), app="com.example.b")


def test_what_was_not_to_be_had_is_told(tmp_path: Path) -> None:
    """An acquisition that missed something must not look complete."""
    done = write_snapshot(source_of(stored("a"), *UNREAD), tmp_path / "s", limits=Limits())

    assert done.files == 1
    assert set(done.unread) == set(UNREAD)


@pytest.mark.parametrize("name", ["holiday.jpg", "objects"])
def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path, name: str) -> None:
    """Neither written to nor made private."""
    folder = tmp_path / "s"
    folder.mkdir(mode=0o755)
    (folder / name).mkdir()

    with pytest.raises(UsageError, match="not empty"):
        written(folder, stored("a"))

    assert [path.name for path in folder.iterdir()] == [name]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    """As a wrong word of the call."""
    (tmp_path / "file").write_bytes(b"x")

    with pytest.raises(UsageError):
        written(tmp_path / "file", stored("a"))
    with pytest.raises(UsageError):
        written(tmp_path / "file" / "below", stored("a"))


def test_two_acquisitions_do_not_write_to_one_folder(tmp_path: Path) -> None:
    """The second is refused while the first runs."""
    written(tmp_path / "s", stored("a"))
    with (tmp_path / "s" / "manifest.partial").open("w") as mark:
        mark.write("storage-harness/snapshot/1")
        mark.flush()
        fcntl.flock(mark, fcntl.LOCK_EX)

        with pytest.raises(UsageError, match="another"):
            written(tmp_path / "s", stored("a"))


def test_refusals_stay_refusals(tmp_path: Path) -> None:
    """A file that the device does not hand out is unread, with the reason; the rest is kept."""
    items = [
        Artifact(facts=Facts(path="a"), content=Refused(AccessDenied("permission denied"))),
        Artifact(facts=Facts(path="b"), content=Refused(FormatError("damaged archive member"))),
        stored("../c"),
        stored("d", b"too large"),
        stored("e"),
    ]

    write_snapshot(source_of(*items), tmp_path / "s", limits=Limits(file_bytes=5))
    found = read_back(tmp_path / "s")

    assert [(item.path, item.reason, item.expected) for item in found if isinstance(item, Unread)] == [
        ("../c", "path escapes the source", False),
        ("a", "permission denied", False),
        ("b", "damaged archive member", False),
        ("d", "larger than the 5 B that one file may have", False),
    ]
    assert [item.path for item in found if isinstance(item, Artifact)] == ["e"]


def test_progress_tells_numbers_only(tmp_path: Path) -> None:
    """Files and bytes so far: names are stored data."""
    told: list[tuple[int, int]] = []

    write_snapshot(
        source_of(stored("a", b"12"), stored("b", b"345")),
        tmp_path / "s",
        limits=Limits(),
        progress=lambda files, size: told.append((files, size)),
    )

    assert told == [(1, 2), (2, 5)]


# -- what is refused -----------------------------------------------------------------------------


def first_file(manifest: dict[str, Any], **words: Any) -> None:
    manifest["files"][0].update(words)


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an unknown word": lambda m: m.update(extra=1),
    "an unknown word of a file": lambda m: first_file(m, extra=1),
    "a missing word": lambda m: m.pop("tool"),
    "a missing word of a file": lambda m: m["files"][0].pop("mode"),
    "another schema": lambda m: m.update(schema="storage-harness/snapshot/2"),
    "files that are no list": lambda m: m.update(files={}),
    "a file that is none": lambda m: m["files"].append(5),
    "a path that goes up": lambda m: first_file(m, path="a/../../b"),
    "a path from the top": lambda m: first_file(m, path="/etc/passwd"),
    "an empty path": lambda m: first_file(m, path=""),
    "a path with NUL": lambda m: first_file(m, path="a\0b"),
    "an overlong path": lambda m: first_file(m, path="a" * 100_000),
    "a size that is none": lambda m: first_file(m, size="4"),
    "a negative size": lambda m: first_file(m, size=-1),
    "a flag for a size": lambda m: first_file(m, size=True),
    "another size": lambda m: first_file(m, size=3),
    "another digest": lambda m: first_file(m, sha256="0" * 64),
    "a digest that climbs": lambda m: first_file(m, sha256="../../../../etc/passwd"),
    "a mode that is none": lambda m: first_file(m, mode="rw-------"),
    "a mode as a number": lambda m: first_file(m, mode=384),
    "an infinite time": lambda m: first_file(m, modified=float("inf")),
    "an unknown attacker": lambda m: first_file(m, readable_by=["everybody"]),
    "an attacker who can and cannot": lambda m: first_file(m, readable_by=["backup"], denied_to=["backup"]),
    "an unknown protection": lambda m: first_file(m, protection="strong"),
    "an unknown kind": lambda m: first_file(m, kind="wormhole"),
    "an unread that is none": lambda m: m["unread"].append({"path": "x"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_manifest_that_is_not_as_it_must_be_is_refused(tmp_path: Path, change: str) -> None:
    """Even with a digest that fits; the message names the place and never the value."""
    folder = tmp_path / "s"
    written(folder, stored("a"), *UNREAD)
    manifest = json.loads((folder / "manifest.json").read_bytes())

    CHANGES[change](manifest)
    _forge(folder, json.dumps(manifest).encode())

    with pytest.raises(SourceError) as caught:
        Snapshot().open(str(folder), Options())
    assert "passwd" not in str(caught.value)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"schema": 5}'])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: bytes) -> None:
    """As an expected error, whatever the bytes."""
    written(tmp_path / "s", stored("a"))
    _forge(tmp_path / "s", text)

    with pytest.raises(SourceError):
        Snapshot().open(str(tmp_path / "s"), Options())


def _forge(folder: Path, text: bytes) -> None:
    (folder / "manifest.json").write_bytes(text)
    (folder / "manifest.sha256").write_text(hashlib.sha256(text).hexdigest() + "  manifest.json\n")


def test_a_manifest_without_its_digest_is_refused(tmp_path: Path) -> None:
    """Or with another."""
    folder = tmp_path / "s"
    written(folder, stored("a"))
    (folder / "manifest.sha256").write_text("0" * 64 + "  manifest.json\n")

    with pytest.raises(SourceError, match=r"manifest\.json"):
        Snapshot().open(str(folder), Options())
    (folder / "manifest.sha256").unlink()
    with pytest.raises(SourceError):
        Snapshot().open(str(folder), Options())


def test_a_missing_object_is_told_when_it_is_opened(tmp_path: Path) -> None:
    """So are one that was cut off, and a link in its place."""
    folder = tmp_path / "s"
    written(folder, stored("a", b"data"))
    (place,) = (path for path in (folder / "objects").rglob("*") if path.is_file())

    for damage in (lambda: place.write_bytes(b"dat"), place.unlink, lambda: place.symlink_to("/etc/hostname")):
        damage()
        with pytest.raises(SourceError, match=place.name):
            Snapshot().open(str(folder), Options())


@pytest.mark.parametrize("size", [4, 3 << 20])
def test_an_object_that_was_changed_is_refused(tmp_path: Path, size: int) -> None:
    """Its length is right, its bytes are not."""
    folder = tmp_path / "s"
    written(folder, stored("a", bytes(size)))
    (place,) = (path for path in (folder / "objects").rglob("*") if path.is_file())
    place.write_bytes(b"\1" + bytes(size - 1))

    with pytest.raises(SourceError, match="was changed"):
        Snapshot().open(str(folder), Options())


@pytest.mark.parametrize("size", [4, 3 << 20])
def test_an_object_that_changes_after_it_was_opened_is_an_error_of_that_file(tmp_path: Path, size: int) -> None:
    """What is read is checked once more."""
    folder = tmp_path / "s"
    written(folder, stored("a", bytes(size)))
    with Snapshot().open(str(folder), Options()) as source:
        (item,) = source.collect()
        (place,) = (path for path in (folder / "objects").rglob("*") if path.is_file())
        place.write_bytes(b"\1" + bytes(size - 1))

        assert isinstance(item, Artifact)
        with pytest.raises(FormatError, match="not what its manifest says"):
            item.content.read()


# -- profiles, apps, and the way through other sources --------------------------------------------


def test_the_profile_goes_with_it(tmp_path: Path) -> None:
    """By its name; where there was none, the caller's says who can read what."""
    rooted, stock = load_profiles()["android-14-rooted"], load_profiles()["android-14-stock"]
    write_snapshot(Listing("phone", rooted, [stored("a")]), tmp_path / "known", limits=Limits())
    written(tmp_path / "unknown", stored("a"))

    with Snapshot().open(str(tmp_path / "known"), Options()) as source:
        assert source.profile == rooted
    (item,) = read_back(tmp_path / "unknown", Options(profile=stock))
    assert isinstance(item, Artifact)
    assert Access.ROOT_FILES in item.facts.readable_by


def test_one_app_can_be_asked_for(tmp_path: Path) -> None:
    """As of any source."""
    items = [Artifact(facts=Facts(path="x", container=f"com.example.{app}"), content=Bytes(b"")) for app in "ab"]
    written(tmp_path / "s", *items)

    (item,) = read_back(tmp_path / "s", Options(app="com.example.b"))

    assert isinstance(item, Artifact)
    assert item.facts.container == "com.example.b"
    with pytest.raises(SourceError):
        read_back(tmp_path / "s", Options(app="com.example.c"))


steps = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0\\", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20
)
paths = st.lists(steps.filter(lambda step: step not in {".", ".."} and step[1:2] != ":"), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(paths, st.binary(max_size=2000)), max_size=5))
def test_any_files_arrive_by_any_way(tmp_path: Path, drawn: list[tuple[list[str], bytes]]) -> None:
    """Folder, tar.gz, zip, and a snapshot of each: equal paths, equal bytes."""
    shutil.rmtree(tmp_path)
    root = tmp_path / "root"
    root.mkdir(parents=True)
    files = _without_clashes(drawn)
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    ways: dict[Path, Connector] = {root: Folder(), tmp_path / "t.tar.gz": Archive(), tmp_path / "z.zip": Archive()}
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz") as tar, zipfile.ZipFile(tmp_path / "z.zip", "w") as packed:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
            packed.writestr(name, data)

    expected = contents(Folder(), root)
    assert sorted(expected.values()) == sorted(files.values())
    for name, connector in ways.items():
        assert contents(connector, name) == expected
        with connector.open(str(name), Options()) as source:
            _snap(source, tmp_path / f"snap-{name.name}")
        assert contents(Snapshot(), tmp_path / f"snap-{name.name}") == expected


def _snap(source: Source, folder: Path) -> None:
    write_snapshot(source, folder, limits=Limits())


def _without_clashes(drawn: list[tuple[list[str], bytes]]) -> dict[str, bytes]:
    """Files of which none is a folder of another."""
    out: dict[str, bytes] = {}
    folders: set[str] = set()
    for path, data in drawn:
        name = "/".join(path)
        above = {"/".join(path[:depth]) for depth in range(1, len(path))}
        if name not in folders and not above & set(out):
            out[name] = data
            folders |= above
    return out


def test_a_real_folder_survives(tmp_path: Path, shared_corpus: Path | None, own_corpus: Path) -> None:
    """An iOS backup as it lies on disk, or the corpus that is here."""
    folder = shared_corpus / "ios-backup" if shared_corpus else own_corpus
    with Folder().open(str(folder), Options()) as source:
        _snap(source, tmp_path / "s")

    assert contents(Snapshot(), tmp_path / "s") == contents(Folder(), folder)
