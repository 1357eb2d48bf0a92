"""`run-as`, `su` and the stubs inside a real device: what they say, and who the kernel lets become whom."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.emulators.android import layout, mirror
from harness.emulators.android.environment import environment_of
from harness.emulators.android.framework import Framework, Options
from harness.emulators.android.machine import machine_of
from harness.emulators.android.ports import SHELL, Machine, app_identity
from harness.emulators.android.scripts import scripts
from harness.emulators.walls.ports import ROOT, Identity, Tier
from harness.emulators.walls.process import ForkedPrograms
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox
from tests.emulators.android.conftest import Workshop

NOTES, DRAFT = 10123, 10124


@pytest.fixture
def ask(workshop: Workshop, sandbox: Sandbox) -> Callable[..., Any]:
    """Runs command lines in a device, each as somebody; gives exit code, output and error of each."""

    def run(*lines: str, identity: Identity = SHELL, **traits: Any) -> list[tuple[int, str, str]]:
        machine = replace(
            machine_of(sandbox, tier=workshop.tier), procfs=workshop.tier is Tier.USER_NAMESPACE, **traits
        )

        async def act() -> list[tuple[int, str, str]]:
            programs = ForkedPrograms(environment_of)
            framework = Framework(machine, programs, Options())
            await framework.serve()
            found = [await _line(programs, line, identity) for line in lines]
            await framework.close()
            return found

        return [tuple(said) for said in workshop.inside(act, lambda root: _fill(root, workshop, machine, sandbox))]

    return run


def _fill(root: Path, workshop: Workshop, machine: Machine, sandbox: Sandbox) -> None:
    walled = workshop.tier is Tier.USER_NAMESPACE
    layout.build(root, machine, workshop.userland, scripts(machine), mounts=walled)
    mirror.place(root, sandbox)


async def _line(programs: ForkedPrograms, line: str, identity: Identity) -> tuple[int, str, str]:
    out, error = os.memfd_create("out"), os.memfd_create("error")
    pid = programs.start(["/system/bin/sh", "-c", line], identity=identity, stdio=(None, out, error))
    code = await asyncio.wait_for(programs.exit_of(pid), 10)
    said = [os.pread(number, os.fstat(number).st_size, 0).decode() for number in (out, error)]
    os.close(out)
    os.close(error)
    return code, said[0], said[1]


def test_run_as_becomes_a_debuggable_app(ask: Callable[..., Any]) -> None:
    """In its folder, with its uid and its exit code; another app's files stay closed."""
    who, where, code, other = ask(
        "run-as com.example.draft id -u",
        "run-as com.example.draft cat files/draft.txt",
        "run-as com.example.draft --user 0 sh -c 'exit 7'",
        "run-as com.example.draft cat /data/data/com.example.notes/files/note.txt",
    )

    assert who == (0, f"{DRAFT}\n", "")
    assert where == (0, "nothing yet", "")
    assert code[0] == 7
    assert other[0] == 1
    assert "Permission denied" in other[2]


def test_run_as_refuses_in_its_own_words(ask: Callable[..., Any]) -> None:
    """A release build, and what is not installed, are told apart; so does Android 5 with other words."""
    assert ask("run-as com.example.notes id", "run-as no.such.app id", "run-as ../x id") == [
        (1, "", "run-as: package not debuggable: com.example.notes\n"),
        (1, "", "run-as: unknown package: no.such.app\n"),
        (1, "", "run-as: unknown package: ../x\n"),
    ]
    assert ask("run-as com.example.notes id", "run-as no.such.app id", api=22) == [
        (1, "", "run-as: Package 'com.example.notes' is not debuggable\n"),
        (1, "", "run-as: Package 'no.such.app' is unknown\n"),
    ]


def test_run_as_is_not_for_apps(ask: Callable[..., Any]) -> None:
    """Neither the script nor the program behind it takes an app to another."""
    script, behind = ask(
        "run-as com.example.draft id -u",
        f"/system/run-as.d/com.example.draft --reuid={DRAFT} -- id -u",
        identity=app_identity(NOTES),
    )

    assert script == (1, "", "run-as: only 'shell' or 'root' users can run this program\n")
    assert behind[0] in {126, 127}
    assert behind[1] == ""


def test_a_tampered_run_as_reaches_no_other_app(ask: Callable[..., Any]) -> None:
    """The program that becomes one debuggable app becomes nobody else: the kernel says so, not the script."""
    for uid in (NOTES, 0, 1000):
        (said,) = ask(f"/system/run-as.d/com.example.draft --reuid={uid} -- /system/bin/toybox id -u")
        assert said[0] != 0
        assert said[1] == ""


def test_su_is_not_there_on_stock(ask: Callable[..., Any]) -> None:
    """As on every phone that is sold."""
    ((code, out, error),) = ask("su -c id")

    assert (code, out) == (127, "")
    assert "su: inaccessible or not found" in error


def test_su_becomes_root_on_a_rooted_phone(ask: Callable[..., Any]) -> None:
    """With Magisk's grammar; every file is open, and exit codes arrive."""
    found = ask(
        "su -c id -u",
        "su -c 'cat /data/data/com.example.notes/files/note.txt; exit 5'",
        "su 0 id -u",
        f"su {NOTES} -c id -u",
        "su -v",
        "echo id -u | su",
        rooted=True,
    )

    assert [(code, out) for code, out, _ in found] == [
        (0, "0\n"),
        (5, "Ada, ada@example.org"),
        (0, "0\n"),
        (0, f"{NOTES}\n"),
        (0, "26.4:MAGISKSU\n"),
        (0, "0\n"),
    ]


def test_su_is_for_the_shell_alone(ask: Callable[..., Any]) -> None:
    """No app was granted it: neither through the script nor past it."""
    script, behind = ask(
        "su -c id", "/system/xbin/.suexec --reuid=0 -- id", identity=app_identity(NOTES), rooted=True
    )

    assert script == (13, "", "Permission denied\n")
    assert behind[0] in {126, 127}
    assert behind[1] == ""


def test_su_of_a_userdebug_build_has_its_own_grammar(ask: Callable[..., Any]) -> None:
    """`su root id`, and no `-c`: tools have to try both."""
    named, magisk = ask("su root id -u", "su -c id", userdebug=True)

    assert named == (0, "0\n", "")
    assert magisk == (1, "", "su: invalid uid/gid '-c'\n")


def test_stubs_answer_in_the_device(ask: Callable[..., Any]) -> None:
    """Through both ways of asking, depending on how the device is walled in."""
    path, missing, read, written = ask(
        "pm path com.example.notes",
        "cmd nothing",
        "getprop ro.build.version.sdk",
        "setprop debug.tested 1 && getprop debug.tested",
    )

    assert path == (0, "package:/data/app/com.example.notes/base.apk\n", "")
    assert missing == (20, "", "cmd: Can't find service: nothing\n")
    assert read == (0, "34\n", "")
    assert written == (0, "1\n", "")


def test_what_has_no_framework_fails(workshop: Workshop, sandbox: Sandbox) -> None:
    """A stub that reaches nobody says so by its exit code, and does not hang."""
    machine = machine_of(sandbox, tier=workshop.tier)

    async def act() -> int:
        return (await _line(ForkedPrograms(environment_of), "pm path x", SHELL))[0]

    assert workshop.inside(act, lambda root: _fill(root, workshop, machine, sandbox)) == 255


def test_every_profile_has_its_scripts() -> None:
    """`su` only where there is one; no script has a right of its own."""
    sandbox = Sandbox(load_profile("android-14-stock"))
    sandbox.install(App(package="com.example.notes", uid=NOTES))
    stock = scripts(machine_of(sandbox))
    rooted = scripts(replace(machine_of(sandbox), rooted=True))

    assert set(rooted) - set(stock) == {"/system/xbin/su"}
    assert all((uid, mode) == (ROOT.uid, 0o755) for _, uid, _, mode in rooted.values())
