"""A folder on disk."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from harness.devices.base import Options
from harness.devices.folder import Folder
from harness.errors import AccessDenied, FormatError, SourceError
from harness.limits import Limits
from harness.model import Artifact, Unread


def listed(folder: Path, options: Options | None = None) -> list[Artifact | Unread]:
    with Folder().open(str(folder), options or Options()) as source:
        return list(source.collect())


def only(items: list[Artifact | Unread]) -> Artifact:
    (item,) = items
    assert isinstance(item, Artifact)
    return item


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """And so is what is neither folder nor file."""
    os.mkfifo(tmp_path / "pipe")

    for name in ("missing", "pipe", "missing/below", "x" * 5000):
        assert Folder().claims(str(tmp_path / name)) == 0
        with pytest.raises(SourceError):
            Folder().open(str(tmp_path / name), Options())


def test_one_file_comes_with_what_belongs_to_it(tmp_path: Path) -> None:
    """And with nothing else that is beside it."""
    for name in ("app.db", "app.db-wal", "app.db-journal", "app.db.txt", "other.db-wal"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "app.db-shm").symlink_to(tmp_path / "other.db-wal")

    items = listed(tmp_path / "app.db")

    assert {item.path: item.content.read() for item in items if isinstance(item, Artifact)} == {
        name: name.encode() for name in ("app.db", "app.db-wal", "app.db-journal")
    }
    assert [(item.path, item.expected) for item in items if isinstance(item, Unread)] == [("app.db-shm", True)]


@pytest.mark.parametrize("name", ["app.tar", "APP.TAR.GZ", "backup.ab", "app.zip", "x.7z"])
def test_what_is_called_an_archive_is_no_single_file(tmp_path: Path, name: str) -> None:
    """One that is damaged must not pass as a file in which nothing was found."""
    (tmp_path / name).write_bytes(b"damaged")
    (tmp_path / "user.xml").write_bytes(b"<map />")

    assert Folder().claims(str(tmp_path / name)) == 0
    assert 0 < Folder().claims(str(tmp_path / "user.xml")) < 0.4


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    """No error: whoever judges says that nothing was examined."""
    assert listed(tmp_path) == []


def test_what_is_no_file_is_recorded_and_not_followed(tmp_path: Path) -> None:
    """Links to files and folders, dangling ones, pipes, sockets; opening a pipe would wait for ever."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_bytes(b"k")
    root = tmp_path / "root"
    root.mkdir()
    (root / "to_file").symlink_to(tmp_path / "secret" / "key")
    (root / "to_folder").symlink_to(tmp_path / "secret")
    (root / "to_itself").symlink_to(root / "to_itself")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(root)  # the path of a socket may not be long
        listener.bind("socket")
        os.chdir(here)

        items = listed(root)

    assert [(item.path, item.expected) for item in items if isinstance(item, Unread)] == [
        ("pipe", True),
        ("socket", True),
        ("to_file", True),
        ("to_folder", True),
        ("to_itself", True),
    ]
    assert len(items) == 5
    assert not [item for item in items if isinstance(item, Unread) and "secret" in item.reason]


def test_owners_and_modes_of_this_machine_are_not_the_device_s(tmp_path: Path) -> None:
    """Size and time are all that is known."""
    (tmp_path / "a").write_bytes(b"123")
    os.utime(tmp_path / "a", (1_700_000_000, 1_700_000_000))

    facts = only(listed(tmp_path)).facts

    assert (facts.size, facts.modified) == (3, 1_700_000_000.0)
    assert (facts.owner, facts.group, facts.mode, facts.label, facts.in_backup) == (None,) * 5


def test_a_large_file_is_mapped_and_equal(tmp_path: Path) -> None:
    """The same bytes, however they are held."""
    data = os.urandom(3 << 20)
    (tmp_path / "a").write_bytes(data)

    assert bytes(only(listed(tmp_path)).content.read()) == data


@pytest.mark.parametrize("size", [10, 3 << 20])
def test_a_file_that_changes_or_goes_is_not_read(tmp_path: Path, size: int) -> None:
    """What was listed is not what would be read: an error for that file, and nothing else."""
    file = tmp_path / "a"
    file.write_bytes(bytes(size))
    content = only(listed(tmp_path)).content

    file.write_bytes(bytes(size + 1))
    with pytest.raises(FormatError, match="changed"):
        content.read()
    file.unlink()
    with pytest.raises(FormatError, match="gone"):
        content.read()
    file.symlink_to("/etc/hostname")
    with pytest.raises(FormatError):
        content.read()
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(FormatError):
        content.read()


def test_what_this_user_may_not_read_is_told() -> None:
    """A closed folder at listing, a closed file at reading."""
    nobody = 65534
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "closed").mkdir()
        (root / "closed" / "b").write_bytes(b"b")
        (root / "a").write_bytes(b"a")
        (root / "a").chmod(0)
        (root / "closed").chmod(0)
        before = os.geteuid()
        try:
            if before == 0:
                os.seteuid(nobody)
            first, second = listed(root)
            assert isinstance(first, Artifact)
            with pytest.raises(AccessDenied):
                first.content.read()
        finally:
            if before == 0:
                os.seteuid(0)
            (root / "closed").chmod(0o700)

    assert second == Unread(path="closed", reason="permission denied")


def test_limits_are_told(tmp_path: Path) -> None:
    """A file that is too large costs its line, too many entries cost one for the rest."""
    for number in range(5):
        (tmp_path / str(number)).write_bytes(bytes(number))

    large = listed(tmp_path, Options(limits=Limits(file_bytes=3)))
    many = listed(tmp_path, Options(limits=Limits(entries=2)))

    assert [(item.path, item.size) for item in large if isinstance(item, Unread)] == [("4", 4)]
    assert [item.reason for item in many if isinstance(item, Unread)] == ["more entries than the limit allows"]
    assert len(many) == 3


def test_names_that_are_no_text_can_be_shown_and_read(tmp_path: Path) -> None:
    """Android keeps whatever bytes an app calls its file."""
    (tmp_path / os.fsdecode(b"caf\xe9")).write_bytes(b"x")
    (tmp_path / "..\\up").write_bytes(b"y")

    items = [item for item in listed(tmp_path) if isinstance(item, Artifact)]

    assert [(item.path, item.content.read()) for item in items] == [(r"..\x5cup", b"y"), (r"caf\xe9", b"x")]


def test_a_tree_deeper_than_a_path_may_be_ends(tmp_path: Path) -> None:
    """Found by going down step by step, as a hostile app can."""
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(25):
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
        Path("file").write_bytes(b"x")
    finally:
        os.chdir(here)

    (item,) = listed(tmp_path)

    assert isinstance(item, Unread)
    assert not item.expected
    assert item.reason == "path is longer than a file system allows"
