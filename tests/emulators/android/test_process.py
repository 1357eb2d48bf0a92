"""Programs under identities: what the kernel lets whom do, and what becomes of processes."""

import asyncio
import os
import signal
import time

import pytest

from harness.emulators.android import mirror
from harness.emulators.android.environment import environment_of
from harness.emulators.android.ports import SHELL, app_identity
from harness.emulators.walls.ports import ROOT, Tier
from harness.emulators.walls.process import ForkedPrograms

_NOTES = app_identity(10123)
_DRAFT = app_identity(10124)
_SH = "/system/bin/sh"


async def _said(programs: ForkedPrograms, identity, command: str) -> list:
    """Exit code and all that a shell command says."""
    read, write = os.pipe()
    pid = programs.start((_SH, "-c", command), identity=identity, stdio=(None, write, write))
    os.close(write)
    code = await programs.exit_of(pid)
    with os.fdopen(read, "rb") as said:
        return [code, said.read().decode()]


@pytest.fixture
def filled(workshop, sandbox):
    """Fills a root directory with the sandbox's files too."""
    build = workshop.android(sandbox)

    def fill(root) -> None:
        build(root)
        mirror.place(root, sandbox)

    return fill


def test_the_kernel_denies_and_allows(workshop, filled) -> None:
    """An app's folder: open to the app and to root, closed to the shell and to every other app."""
    path = "/data/data/com.example.notes/files/note.txt"

    async def read() -> object:
        programs = ForkedPrograms(environment_of)
        return {
            name: await _said(programs, identity, f"cat {path}")
            for name, identity in {"shell": SHELL, "other": _DRAFT, "own": _NOTES, "root": ROOT}.items()
        }

    denied = [1, f"cat: {path}: Permission denied\n"]
    given = [0, "Ada, ada@example.org"]

    assert workshop.inside(read, filled) == {"shell": denied, "other": denied, "own": given, "root": given}


def test_the_list_of_apps_is_closed_but_can_be_passed_through(workshop, filled) -> None:
    """`/data/data` is 0771 of `system`: an app gets to its own folder by name."""

    async def look() -> object:
        programs = ForkedPrograms(environment_of)
        listing = await _said(programs, SHELL, "ls /data/data")
        own = await _said(programs, _NOTES, "ls /data/data/com.example.notes; ls /data/data")
        shared = await _said(programs, SHELL, "ls /storage/emulated/0 && echo x >/storage/emulated/0/Download/x")
        return [listing, own, shared]

    listing, own, shared = workshop.inside(look, filled)

    assert listing == [1, "ls: /data/data: Permission denied\n"]
    assert own == [1, "cache\ncode_cache\nfiles\nls: /data/data: Permission denied\n"]
    assert shared == [0, "Android\nDCIM\nDownload\n"]


def test_ids_and_groups_are_androids(workshop, filled) -> None:
    """`id` says what it says on a phone."""

    async def ask() -> object:
        programs = ForkedPrograms(environment_of)
        return [(await _said(programs, who, "id"))[1] for who in (SHELL, _NOTES, ROOT)]

    shell, app, root = workshop.inside(ask, filled)

    assert shell.startswith("uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb)")
    assert app.startswith("uid=10123(u0_a123) gid=10123(u0_a123)")
    assert "20123(u0_a123_cache)" in app
    assert root == "uid=0(root) gid=0(root) groups=0(root)\n"


def test_exit_codes_are_those_of_a_shell(workshop, filled) -> None:
    """Also of what cannot be run at all, and of what a signal ends."""

    async def run() -> object:
        programs = ForkedPrograms(environment_of)
        codes = [(await _said(programs, SHELL, command))[0] for command in ("exit 0", "exit 7", "exit 255")]
        codes.append((await _said(programs, SHELL, "kill -TERM $$"))[0])
        codes += [
            await programs.exit_of(programs.start(argv, identity=SHELL, stdio=(None, None, None)))
            for argv in (("no-such-program",), ("/system/build.prop",), ("true",))
        ]
        return codes

    assert workshop.inside(run, filled) == [0, 7, 255, 143, 127, 126, 0]


def test_a_child_has_its_own_session_and_no_descriptor_of_pid_one(workshop, filled) -> None:
    """What pid 1 has open, every client's connection, is not the client's program's."""

    async def look() -> object:
        programs = ForkedPrograms(environment_of)
        os.set_inheritable(os.open("/system/build.prop", os.O_RDONLY), True)
        listed = 'for n in 3 4 5 6 7 8 9; do (eval "exec <&$n") 2>/dev/null && echo open $n; done; echo $PPID'
        return await _said(programs, SHELL, listed)

    code, said = workshop.inside(look, filled)

    assert code == 0
    assert "open" not in said


def test_a_terminal_controls_its_program(workshop, filled) -> None:
    """Ctrl-C reaches the program, and closing the terminal hangs it up."""
    machine = []

    def fill(root) -> None:
        filled(root)
        if workshop.tier is Tier.CHROOT:  # which has none of its own
            machine.append(os.open("/dev", os.O_PATH | os.O_DIRECTORY))

    async def work() -> object:
        programs = ForkedPrograms(environment_of, terminals=machine[0] if machine else None)
        return [await _ended_by(programs, keys) for keys in (b"\x03", None)]

    assert workshop.inside(work, fill) == [130, 129]


async def _ended_by(programs: ForkedPrograms, keys: bytes | None) -> int:
    master, slave = programs.terminal()
    argv = (_SH, "-c", "echo ready; exec sleep 60")
    pid = programs.start(argv, identity=SHELL, stdio=(None, None, None), terminal=slave)
    os.close(slave)
    said = b""
    while b"ready" not in said:
        said += os.read(master, 100)
    if keys:
        os.write(master, keys)
    else:
        os.close(master)
    return await asyncio.wait_for(programs.exit_of(pid), 5)


def test_killing_ends_a_program_with_its_children(workshop, filled) -> None:
    """A client that is gone leaves no `logcat | grep` behind; killing twice, or nobody, does nothing."""

    async def kill() -> object:
        programs = ForkedPrograms(environment_of)
        read, write = os.pipe()
        pid = programs.start((_SH, "-c", "sleep 60 | sleep 60"), identity=SHELL, stdio=(None, write, write))
        os.close(write)
        await asyncio.sleep(0.05)
        programs.kill(pid)
        code = await programs.exit_of(pid)
        programs.kill(pid)
        programs.kill(1)
        programs.kill(999_999)
        # The end of the pipe comes only when the last of them is gone.
        with os.fdopen(read, "rb") as said:
            return [code, said.read().decode(), list(programs.running)]

    assert workshop.inside(kill, filled) == [137, "", []]


def test_orphans_are_reaped(workshop, filled) -> None:
    """pid 1 is the parent of those whose own has gone: no zombie stays."""

    async def orphan() -> object:
        programs = ForkedPrograms(environment_of)
        await _said(programs, SHELL, "for n in 1 2 3 4 5; do (sleep 0.05 &) ; done")
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return "none"
            await asyncio.sleep(0.02)
        return f"left: {found}"

    assert workshop.inside(orphan, filled) == "none"


def test_a_fork_without_a_program_drops_to_its_identity(workshop, filled) -> None:
    """What serves `sync` is the shell, and nothing of pid 1's is open in it but what it was given."""

    async def fork() -> object:
        programs = ForkedPrograms(environment_of)
        read, write = os.pipe()
        secret = os.open("/system/build.prop", os.O_RDONLY)

        def run() -> int:
            try:
                os.fstat(secret)
            except OSError:
                os.write(write, f"{os.getresuid()} {os.getresgid()} {os.umask(0):o}".encode())
                return 300
            return 1

        def fail() -> int:
            raise ValueError

        pid = programs.fork(_NOTES, run, (write,))
        broken = programs.fork(SHELL, fail, ())
        os.close(write)
        codes = [await programs.exit_of(pid), await programs.exit_of(broken)]
        with os.fdopen(read, "rb") as said:
            return [codes, said.read().decode()]

    assert workshop.inside(fork, filled) == [
        [300 & 0xFF, 1],
        "(10123, 10123, 10123) (10123, 10123, 10123) 77",
    ]


def test_who_waits_can_give_up_without_harm(workshop, filled) -> None:
    """Two may wait for the same program; one that is cancelled takes nothing from the other."""

    async def wait() -> object:
        programs = ForkedPrograms(environment_of)
        pid = programs.start((_SH, "-c", "sleep 0.1; exit 9"), identity=SHELL, stdio=(None, None, None))

        async def waiting() -> int:
            return await programs.exit_of(pid)

        first, second = asyncio.ensure_future(waiting()), asyncio.ensure_future(waiting())
        await asyncio.sleep(0.01)
        first.cancel()
        code = await second
        again = await programs.exit_of(pid)
        try:
            programs.exit_of(999_999)
        except ProcessLookupError:
            return [code, again, "never started"]
        return [code, again]

    assert workshop.inside(wait, filled) == [9, 9, "never started"]


def test_a_thousand_programs_leave_nothing_behind(workshop, filled) -> None:
    """No descriptor, no zombie, no process."""

    async def run() -> object:
        programs = ForkedPrograms(environment_of)
        before = None
        for _ in range(20):
            started = [
                programs.start(("/system/bin/true",), identity=SHELL, stdio=(None, None, None)) for _ in range(10)
            ]
            codes = {await programs.exit_of(pid) for pid in started}
            lowest = os.dup(0)
            os.close(lowest)
            before = before or lowest
            if codes != {0} or lowest != before:
                return [sorted(codes), lowest, before]
        return list(programs.running)

    assert workshop.inside(run, filled) == []


def test_once_closed_no_end_of_a_program_reaches_the_loop(workshop, filled) -> None:
    """Closing, a loop lets go of its wake-up pipe before its signals: one in between was a traceback in the log."""

    async def close() -> bool:
        programs = ForkedPrograms(environment_of)
        await _said(programs, ROOT, "true")
        before = signal.getsignal(signal.SIGCHLD)
        programs.close()
        programs.close()
        return before is not signal.SIG_DFL and signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL

    assert workshop.inside(close, filled)


def test_the_environment_is_androids() -> None:
    """What scripts on a phone rely on."""
    assert environment_of(SHELL)["PATH"].split(":")[4] == "/system/bin"
    assert [environment_of(who)["USER"] for who in (SHELL, ROOT, _NOTES)] == ["shell", "root", "u0_a123"]
    assert signal.SIGKILL == 9
