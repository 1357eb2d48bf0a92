"""The `sync` service over a socket: answers, refusals, and what a client that breaks the rules gets."""

import os
import random
import resource
import socket
import stat
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.emulators.android.sync import serve_requests

V2 = struct.Struct("<IQQIIIIQqqq")


@contextmanager
def session() -> Iterator[socket.socket]:
    """A client's end; the server runs in a thread, as who runs the test."""
    ours, theirs = socket.socketpair()
    journal, notes = os.pipe()
    umask = os.umask(0o022)
    server = threading.Thread(target=serve_requests, args=(theirs.detach(), notes))
    server.start()
    ours.settimeout(20)
    try:
        with ours:
            yield ours
    finally:
        server.join(20)
        os.umask(umask)
        os.close(journal)
        assert not server.is_alive()


def ask(client: socket.socket, kind: bytes, path: str | bytes, more: bytes = b"") -> None:
    name = os.fsencode(path)
    client.sendall(kind + struct.pack("<I", len(name)) + name + more)


def take(client: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = client.recv(count - len(found))
        assert piece
        found += piece
    return found


def refusal(client: socket.socket) -> str:
    kind, length = struct.unpack("<4sI", take(client, 8))
    assert kind == b"FAIL"
    return take(client, length).decode()


def pulled(client: socket.socket) -> bytes:
    found = b""
    while True:
        kind, length = struct.unpack("<4sI", take(client, 8))
        if kind == b"DONE":
            return found
        assert kind == b"DATA"
        found += take(client, length)


def pieces(data: bytes, changed: int, size: int = 65536) -> bytes:
    cut = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(b"DATA" + struct.pack("<I", len(piece)) + piece for piece in cut) + struct.pack(
        "<4sI", b"DONE", changed
    )


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 1_000_000])
def test_a_file_is_stored_and_received(tmp_path: Path, size: int) -> None:
    """By both versions; readable for everybody where its owner may read it, as adbd does."""
    data = random.Random(size).randbytes(size)
    old, new = tmp_path / "a" / "old", tmp_path / "b" / "new"
    with session() as client:
        ask(client, b"SEND", f"{old},33188", pieces(data, 1_700_000_000))
        assert take(client, 8) == b"OKAY" + bytes(4)
        ask(client, b"SND2", str(new), b"SND2" + struct.pack("<II", 0o100600, 0) + pieces(data, 1_700_000_000, 999))
        assert take(client, 8) == b"OKAY" + bytes(4)
        ask(client, b"RECV", str(new))
        assert pulled(client) == data
        ask(client, b"RCV2", str(old), b"RCV2" + bytes(4))
        assert pulled(client) == data
        ask(client, b"QUIT", "")

    assert stat.S_IMODE(old.stat().st_mode) == stat.S_IMODE(new.stat().st_mode) == 0o666
    assert old.stat().st_mtime == new.stat().st_mtime == 1_700_000_000


def test_what_is_there_is_told_by_every_version(tmp_path: Path) -> None:
    """And what is not there is zeros in the old one, an error number in the new."""
    (tmp_path / "f").write_bytes(b"12345")
    (tmp_path / "l").symlink_to("f")
    with session() as client:
        ask(client, b"STAT", tmp_path / "l")
        assert stat.S_ISLNK(struct.unpack("<4sIII", take(client, 16))[1])
        ask(client, b"LST2", tmp_path / "l")
        assert stat.S_ISLNK(V2.unpack(take(client, 4 + V2.size)[4:])[3])
        ask(client, b"STA2", tmp_path / "l")
        assert V2.unpack(take(client, 4 + V2.size)[4:])[7] == 5
        ask(client, b"STAT", "/no/such")
        assert take(client, 16) == b"STAT" + bytes(12)
        ask(client, b"STA2", "/no/such")
        assert take(client, 4 + V2.size) == b"STA2" + struct.pack("<I", 2) + bytes(V2.size - 4)


def test_folders_are_listed_by_both_versions_and_no_folder_is_empty(tmp_path: Path) -> None:
    """There is no error in a listing."""
    names = {f"n{number}" for number in range(3000)}
    for name in names:
        (tmp_path / name).touch()
    with session() as client:
        for kind, entry, size in ((b"LIST", b"DENT", 16), (b"LIS2", b"DNT2", V2.size + 4)):
            ask(client, kind, tmp_path)
            found = set()
            while (got := take(client, 4)) == entry:
                found.add(take(client, struct.unpack("<I", take(client, size)[-4:])[0]).decode())
            assert got == b"DONE"
            assert take(client, size) == bytes(size)
            assert found == names | {".", ".."}
            ask(client, kind, "/no/such")
            assert take(client, 4 + size) == b"DONE" + bytes(size)


def test_a_failed_store_is_drained_and_the_session_goes_on(tmp_path: Path) -> None:
    """A client that is not read from never reads."""
    (tmp_path / "file").touch()
    with session() as client:
        ask(client, b"SEND", f"{tmp_path}/file/x,33188", pieces(bytes(5_000_000), 1))
        assert refusal(client) == "couldn't create file: Not a directory"
        ask(client, b"SEND", "/proc/x/y,33188", pieces(bytes(100), 1))
        assert refusal(client) == "secure_mkdirs() failed: No such file or directory"
        ask(client, b"RECV", "/no/such")
        assert refusal(client) == "open failed: No such file or directory"
        ask(client, b"RECV", tmp_path)
        assert refusal(client) == "read failed: Is a directory"
        ask(client, b"STAT", tmp_path / "file")
        assert take(client, 16)[:4] == b"STAT"


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    """What could not be written whole is not there; the limit on a file's size stands for the disk's end."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with session() as client:
            ask(client, b"SEND", f"{tmp_path}/f,33188", pieces(bytes(200_000), 1))
            assert refusal(client) == "write failed: File too large"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert not (tmp_path / "f").exists()


def test_a_push_that_is_cut_off_leaves_no_half_file(tmp_path: Path) -> None:
    """As adbd takes it back."""
    with session() as client:
        ask(client, b"SEND", f"{tmp_path}/f,33188", pieces(bytes(200_000), 1)[:150_000])

    assert not (tmp_path / "f").exists()


def test_a_device_that_refuses_stays_where_it_is(tmp_path: Path) -> None:
    """Only what this push has made is taken back."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with session() as client:
        ask(client, b"SEND", f"{pipe},33188", pieces(bytes(200_000), 1))
        assert refusal(client) == "write failed: Resource temporarily unavailable"
    os.close(reader)

    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_links_and_rehearsals(tmp_path: Path) -> None:
    """A link is made of its text; a rehearsal leaves nothing."""
    with session() as client:
        ask(client, b"SEND", f"{tmp_path}/d/l,{0o120777}", pieces(b"target", 1))
        assert take(client, 8) == b"OKAY" + bytes(4)
        ask(client, b"SND2", f"{tmp_path}/r", b"SND2" + struct.pack("<II", 0o100644, 0x80000000) + pieces(b"x", 1))
        assert take(client, 8) == b"OKAY" + bytes(4)

    assert (tmp_path / "d" / "l").readlink() == Path("target")
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (b"STAT" + struct.pack("<I", 1025), "path too long"),
        (b"WHAT" + struct.pack("<I", 1) + b"/", "unknown command"),
        (b"SEND" + struct.pack("<I", 2) + b"/x", "missing , in ID_SEND_V1"),
        (b"SEND" + struct.pack("<I", 4) + b"/x,y", "missing , in ID_SEND_V1"),
        (b"RCV2" + struct.pack("<I", 2) + b"/xRCV2\x01\0\0\0", "unknown flags: 1"),
        (b"SND2" + struct.pack("<I", 2) + b"/xSND2" + struct.pack("<II", 0o100644, 4), "unknown flags: 4"),
    ],
)
def test_who_breaks_the_protocol_is_told_and_left(request_: bytes, reason: str) -> None:
    """As adbd does it."""
    with session() as client:
        client.sendall(request_)
        assert refusal(client) == reason
        assert client.recv(1) == b""


@pytest.mark.parametrize("piece", [b"DATA" + struct.pack("<I", 65537), b"WHAT" + bytes(4)])
def test_pieces_that_are_none_end_the_session(tmp_path: Path, piece: bytes) -> None:
    """Oversize ones before they are read."""
    with session() as client:
        ask(client, b"SEND", f"{tmp_path}/f,33188", piece)
        assert refusal(client) in {"oversize data message", "invalid data message"}
        assert client.recv(1) == b""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(noise=st.binary(max_size=600), kind=st.sampled_from([b"", b"STAT", b"LIS2", b"RECV", b"STA2", b"RCV2"]))
def test_noise_ends_in_an_answer_or_the_end(noise: bytes, kind: bytes) -> None:
    """Never in a server that hangs or dies of it."""
    with session() as client:
        client.sendall(kind + noise)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
