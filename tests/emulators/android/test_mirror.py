"""A sandbox as a tree, and back."""

import io
import os
import socket
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.emulators.android import mirror
from harness.emulators.walls import trees
from harness.errors import SourceError
from harness.profiles import load_profile
from harness.sandbox import App, Attributes, Sandbox

_NAMES = st.text("abcxyz._-é 0", min_size=1, max_size=8).filter(lambda name: name not in {".", ".."})
_FILES = st.dictionaries(
    st.lists(_NAMES, min_size=1, max_size=3).map(lambda steps: "/".join(["", *steps])),
    st.tuples(st.binary(max_size=200), st.sampled_from([0o600, 0o660, 0o644, 0o700]), st.floats(0, 2e9)),
    max_size=6,
)


def _with(files) -> Sandbox:
    sandbox = Sandbox(load_profile("android-14-stock"))
    sandbox.install(App(package="com.example.notes", uid=10123))
    sandbox.install(App(package="com.example.work", uid=1_010_124))
    for number, (path, (data, mode, modified)) in enumerate(sorted(files.items())):
        package = ("com.example.notes", "com.example.work")[number % 2]
        above = sandbox.container(package, ("", "device_protected", "external")[number % 3]) + path
        if any(sandbox.exists(above[:end]) for end, letter in enumerate(above) if letter == "/" and end > 40):
            continue
        if not sandbox.exists(above):
            sandbox.write(above, data, Attributes(mode=mode, modified=modified, in_backup=number % 4 != 0))
    return sandbox


def _state(sandbox: Sandbox) -> list:
    return list(sandbox.walk("/"))


def _exported(root) -> io.BytesIO:
    tree = io.BytesIO()
    trees.export(root, tree, mirror.EXPORTED)
    tree.seek(0)
    return tree


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_FILES)
def test_a_tree_that_nobody_touched_is_the_sandbox(tmp_path_factory, files) -> None:
    """Placed, exported and adopted: every entry as it was, with what no file system knows."""
    root = tmp_path_factory.mktemp("device")
    sandbox = _with(files)
    before = _state(sandbox)
    mirror.place(root, sandbox)
    mirror.adopt(sandbox, _exported(root))

    assert _state(sandbox) == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_FILES)
def test_packed_is_placed(tmp_path_factory, files) -> None:
    """What a running device is given looks as if it had been there from the start."""
    sandbox = _with(files)
    placed, poured = tmp_path_factory.mktemp("placed"), tmp_path_factory.mktemp("poured")
    mirror.place(placed, sandbox)
    roots = [
        sandbox.container(app.package, suffix)
        for app in sandbox.apps
        for suffix in ("", "device_protected", "external")
    ]
    mirror.pour(poured, io.BytesIO(mirror.pack(sandbox, tuple(roots))))

    assert _looks(poured, "data/data/com.example.notes") == _looks(placed, "data/data/com.example.notes")
    assert _looks(poured, "data/user/10/com.example.work") == _looks(placed, "data/user/10/com.example.work")


def _looks(root, below: str) -> dict:
    found = {}
    for path in sorted((root / below).rglob("*")):
        status = path.stat()
        modified = 0 if path.is_dir() else status.st_mtime_ns
        found[str(path.relative_to(root))] = (status.st_mode, status.st_uid, status.st_gid, modified)
    return found


def test_what_apps_wrote_changed_and_deleted_is_seen(tmp_path, sandbox) -> None:
    """Files, folders, modes and owners; a file that became a folder; all in one go."""
    sandbox.write("/data/data/com.example.notes/files/gone.txt", b"soon gone")
    sandbox.write("/data/data/com.example.notes/files/turns", b"file")
    mirror.place(tmp_path, sandbox)
    files = tmp_path / "data/data/com.example.notes/files"
    (files / "note.txt").write_bytes(b"Grace, +1 415 555 0132")
    (files / "gone.txt").unlink()
    (files / "turns").unlink()
    (files / "turns").mkdir(mode=0o700)
    (files / "turns/inside").write_bytes(b"new")
    (files / "turns/inside").chmod(0o644)
    os.chown(files / "turns/inside", 10123, 10123)
    os.utime(files / "turns/inside", (1_700_000_000.25, 1_700_000_000.25))
    (files / "link").symlink_to("/data/data/com.example.draft")

    mirror.adopt(sandbox, _exported(tmp_path))

    assert sandbox.read("/data/data/com.example.notes/files/note.txt") == b"Grace, +1 415 555 0132"
    assert sandbox.names("/data/data/com.example.notes/files") == ("note.txt", "turns")
    inside = sandbox.stat("/data/data/com.example.notes/files/turns/inside")
    assert (inside.data, inside.owner, inside.group, inside.mode) == (b"new", 10123, 10123, 0o644)
    assert inside.modified == 1_700_000_000.25
    assert inside.package == "com.example.notes"
    assert sandbox.exists("/data/data/com.example.draft/files/draft.txt")


def test_the_mark_against_backups_survives_a_rewrite(tmp_path, sandbox) -> None:
    """No file system knows it, so the sandbox does."""
    path = "/data/data/com.example.notes/files/note.txt"
    sandbox.mark_backup(path, in_backup=False)
    mirror.place(tmp_path, sandbox)
    (tmp_path / path[1:]).write_bytes(b"another")
    mirror.adopt(sandbox, _exported(tmp_path))

    assert sandbox.stat(path).data == b"another"
    assert not sandbox.stat(path).in_backup


def test_shared_storage_gets_the_bits_that_the_media_provider_answers(tmp_path, sandbox) -> None:
    """The shell's groups read it; other apps do not get into an app's folder there."""
    (tmp_path / "storage/emulated/0/Download").mkdir(parents=True)
    sandbox.write("/sdcard/Download/list.txt", b"x", Attributes(mode=0o600))
    path = sandbox.container("com.example.notes", "external") + "/picture.jpg"
    sandbox.write(path, b"y", Attributes(mode=0o600))
    mirror.place(tmp_path, sandbox)
    seen = {
        name: ((tmp_path / name).stat().st_gid, stat.S_IMODE((tmp_path / name).stat().st_mode))
        for name in ("storage/emulated/0/Download/list.txt", path[1:], path.rpartition("/")[0][1:])
    }

    assert list(seen.values()) == [(1015, 0o660), (1078, 0o660), (1078, 0o2770)]


def test_the_systems_own_files_stay_out_of_the_sandbox(tmp_path, sandbox) -> None:
    """Packages, keystore and properties are the device's; what the shell leaves in its folder is somebody's."""
    mirror.place(tmp_path, sandbox)
    for name in ("data/misc/keystore/persistent.sqlite", "data/app/x/base.apk", "data/local/tmp/dump.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"z")
    mirror.adopt(sandbox, _exported(tmp_path))

    assert not sandbox.exists("/data/misc")
    assert not sandbox.exists("/data/app")
    assert sandbox.stat("/data/local/tmp/dump.txt").data == b"z"


def test_a_damaged_tree_is_refused_and_nothing_is_deleted(sandbox) -> None:
    """Half a tree would look like deletions."""
    before = _state(sandbox)
    for damaged in (b"", b"no tar" * 100, b"\xff" * 600):
        with pytest.raises(SourceError):
            mirror.adopt(sandbox, io.BytesIO(damaged))

    assert _state(sandbox) == before


def test_sockets_and_files_that_change_meanwhile_do_not_break_an_export(tmp_path) -> None:
    """A shrinking file is padded, so that the next member stays where it is."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a").write_bytes(b"long enough")
    (tmp_path / "data/b").hardlink_to(tmp_path / "data/a")
    os.mkfifo(tmp_path / "data/pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "data/socket"))
        tree = io.BytesIO()
        trees.export(tmp_path, tree, ("data", "not-there"))
    copy = tmp_path / "copy"
    copy.mkdir()
    tree.seek(0)
    mirror.pour(copy, tree)

    assert sorted(path.name for path in (copy / "data").iterdir()) == ["a", "b"]
    assert (copy / "data/b").read_bytes() == b"long enough"
