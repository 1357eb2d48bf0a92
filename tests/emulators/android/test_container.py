"""The walls of a device: what is inside sees nothing outside, and nothing of it is left when it ends."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from harness.emulators.walls.container import Plan, start
from harness.emulators.walls.ports import Tier
from harness.errors import DeviceError


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _descendants(pid: int) -> set[int]:
    parents = {}
    for listed in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(listed.parent.name)] = int(listed.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {pid}
    while more := {each for each, above in parents.items() if above in found} - found:
        found |= more
    return found


def test_the_root_is_not_the_machines(workshop) -> None:
    """Nothing of the machine's files is in sight, whatever the path."""
    this_file = str(Path(__file__).resolve())

    async def look() -> object:
        names = sorted(each.name for each in Path("/").iterdir())
        climbed = sorted(each.name for each in Path("/../../../..").iterdir())
        return names, climbed, Path(this_file).exists(), str(Path.cwd())

    names, climbed, sees_this_file, folder = workshop.inside(look)

    assert names == climbed
    assert set(names) <= {"proc"}
    assert not sees_this_file
    assert folder == "/"


def test_no_descriptor_of_the_harness_is_inherited(workshop, tmp_path) -> None:
    """A file that the harness has open, or its lifeline, would be a way out."""
    (tmp_path / "secret").write_text("of the machine")

    async def look() -> object:
        # Beside the standard ones: the report, and what asyncio needs.
        found = {}
        for number in range(3, 256):
            try:
                found[number] = (os.fstat(number).st_mode & 0o170000, os.fstat(number).st_size)
            except OSError:
                continue
        return list(found.values())

    with (tmp_path / "secret").open("rb") as opened:
        os.set_inheritable(opened.fileno(), True)
        found = workshop.inside(look)

    assert [0o100000, 14] not in found
    assert [0o040000, 0] not in found
    assert len(found) <= 6


def test_its_root_is_nobody_on_the_machine(namespaces) -> None:
    """Id 0 inside is a high id outside that no account has, for user and group, real and effective."""

    async def wait() -> object:
        await asyncio.Event().wait()

    with namespaces.device(wait) as (running, _):
        status = {pid: Path(f"/proc/{pid}/status").read_text() for pid in _descendants(running.stub)}

    assert len(status) == 2  # stub and pid 1
    for text in status.values():
        lines = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        ids = {int(word) for name in ("Uid", "Gid", "Groups") for word in lines[name].split()}
        assert all(number >= 0x7000_0000 for number in ids)


def test_it_sees_its_own_processes_only(namespaces) -> None:
    """`/proc` shows pid 1 and nothing of the machine; a signal to all reaches nobody outside."""

    async def look() -> object:
        pids = sorted(int(each.name) for each in Path("/proc").glob("[0-9]*"))
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            return pids, os.getpid(), "nobody"
        return pids, os.getpid(), "somebody"

    assert namespaces.inside(look) == [[1], 1, "nobody"]


def test_memory_and_environment_of_pid_one_are_closed_to_its_own_root(namespaces) -> None:
    """pid 1 is a copy of the harness: root inside must not find the machine's environment in it."""

    async def look() -> object:
        child = os.fork()
        if child == 0:
            try:
                for name in ("environ", "mem", "maps", "fd/3", "root", "exe"):
                    try:
                        path = Path(f"/proc/1/{name}")
                        path.readlink() if name in {"fd/3", "root", "exe"} else path.open("rb").read(1)
                    except OSError:
                        continue
                    os._exit(1)
                os._exit(0)
            finally:
                os._exit(2)
        return os.waitpid(child, 0)[1]

    assert namespaces.inside(look) == 0


def test_it_has_a_network_of_its_own(namespaces) -> None:
    """A server of the machine on 127.0.0.1 is not there; its own loopback is up; other machines are not reachable."""
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]

        async def look() -> object:
            with socket.socket() as attempt:
                machine = attempt.connect_ex(("127.0.0.1", port))
            with socket.socket() as attempt:
                world = attempt.connect_ex(("192.0.2.1", 80))
            with socket.create_server(("127.0.0.1", 0)) as own, socket.socket() as attempt:
                mine = attempt.connect_ex(own.getsockname())
            return [machine != 0, world != 0, mine, [name for _, name in socket.if_nameindex()]]

        assert namespaces.inside(look) == [True, True, 0, ["lo"]]


def test_root_in_a_chroot_has_no_way_out(userland, request) -> None:
    """The classic escape needs a second `chroot`; devices of the machine, mounts and modules need other powers."""
    workshop = type(request.getfixturevalue("namespaces"))(Tier.CHROOT, userland)

    async def look() -> object:
        refused = []
        for attempt in (
            lambda: os.chroot("/"),
            lambda: os.mknod("/disk", 0o600 | 0o060000, os.makedev(254, 0)),
            lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
            lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        ):
            try:
                attempt()
            except PermissionError:
                refused.append(True)
            else:
                refused.append(False)
        return refused

    assert workshop.inside(look) == [True, True, True, True]


def test_a_harness_with_a_narrow_umask_makes_the_same_device(workshop, sandbox) -> None:
    """Else the folders of libraries would be closed, and no program would run but for root."""
    build = workshop.android(sandbox)

    async def look() -> object:
        above = [path for path in Path("/").iterdir() if path.is_dir() and path.name != "proc"]
        folders = [*above, *(path for each in above for path in each.rglob("*") if path.is_dir())]
        return [str(path) for path in folders if path.stat().st_mode & 0o777 == 0o700]

    before = os.umask(0o077)
    try:
        closed = workshop.inside(look, build)
    finally:
        os.umask(before)

    assert [path for path in closed if not path.startswith(("/data/misc/keystore", "/proc"))] == []


def test_storage_is_bounded(namespaces) -> None:
    """A device cannot fill the machine's memory."""

    async def fill() -> object:
        try:
            Path("/full").write_bytes(bytes(128 << 20))
        except OSError as error:
            return error.strerror
        return "no end"

    assert namespaces.inside(fill) == "No space left on device"


def test_processes_are_bounded(namespaces) -> None:
    """A fork bomb of one user stays in the device."""

    async def bomb() -> object:
        child = os.fork()
        if child == 0:
            os.setresuid(10123, 10123, 10123)
            for _ in range(300):
                try:
                    if os.fork() == 0:
                        signal.pause()
                except BlockingIOError:
                    os._exit(11)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert namespaces.inside(bomb) == 11


def test_stopping_ends_every_process(workshop) -> None:
    """Also those that left their parents, sessions and process groups behind."""

    async def settle() -> object:
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    while True:
                        signal.pause()
                os._exit(0)
        return "settled"

    with workshop.device(settle) as (running, read):
        assert os.read(read, 100) == b'"settled"\n'
        before = _descendants(running.stub)
        running.stop()

        assert len(before) >= 5
        assert not {pid for pid in before if _alive(pid)}
        assert not running.is_running()


def test_a_chroots_folder_is_closed_to_others_and_goes_with_the_device(
    userland, namespaces, tmp_path, monkeypatch
) -> None:
    """Its tree holds set-user-id programs on the machine's disk."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    workshop = type(namespaces)(Tier.CHROOT, userland)

    async def wait() -> object:
        await asyncio.Event().wait()

    with workshop.device(wait):
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_uid == 0

    assert list(tmp_path.iterdir()) == []


_HARNESS = """
import asyncio, json, os, sys
from pathlib import Path
from harness.emulators.walls.container import Plan, start
from harness.emulators.walls.ports import Tier

class Body:
    def prepare(self, root, *, procfs):
        def run(ready):
            for _ in range(3):
                if os.fork() == 0:
                    os.setsid()
                    while True:
                        os.read(0, 1) or __import__("signal").pause()
            ready()
            asyncio.run(asyncio.Event().wait())
        return run

running = [start(Plan(tier=Tier(sys.argv[1])), Body()) for _ in range(2)]
if sys.argv[2] == "leak":
    # A child of the harness that has inherited all that the harness has open.
    if os.fork() == 0:
        os.closerange(0, 3)
        __import__("time").sleep(60)
print(json.dumps([each.stub for each in running]), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("leak", ["", "leak"])
@pytest.mark.parametrize("tier", [Tier.USER_NAMESPACE, Tier.CHROOT])
def test_a_device_does_not_outlive_a_harness_that_is_killed(tier, leak, tmp_path, userland) -> None:
    """SIGKILL gives nobody time to tidy up, and a child of the harness may still hold the lifeline's other end."""
    harness = subprocess.Popen(
        [sys.executable, "-c", _HARNESS, tier, leak],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    stubs = json.loads(harness.stdout.readline())
    everybody = set().union(*(_descendants(stub) for stub in stubs))
    leaked = _descendants(harness.pid) - everybody - {harness.pid}
    harness.kill()
    harness.communicate()
    try:
        deadline = time.monotonic() + 10
        while (left := {pid for pid in everybody if _alive(pid)}) and time.monotonic() < deadline:
            threading.Event().wait(0.01)

        assert len(everybody) == 2 * 5
        assert left == set()
        assert list(tmp_path.iterdir()) == []
    finally:
        for pid in leaked:
            os.kill(pid, signal.SIGKILL)


def test_a_body_that_fails_says_where(workshop) -> None:
    """Neither a device that half works, nor a wait for one that never comes."""

    def fill(_root: Path) -> None:
        raise ValueError("the flash is worn")

    async def never() -> object:
        return None

    with pytest.raises(DeviceError, match="the flash is worn"), workshop.device(never, fill):
        pass


def test_no_tier_is_no_device() -> None:
    """Nothing pretends."""
    with pytest.raises(DeviceError) as caught:
        start(Plan(tier=Tier.NONE), None)

    assert "doctor" in caught.value.hint
