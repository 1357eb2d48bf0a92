"""Which services there are, and under whom they run."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.dialect import dialect_of
from harness.emulators.android.environment import environment_of
from harness.emulators.android.ports import SHELL, Machine
from harness.emulators.android.services import Services
from harness.emulators.walls.ports import Stdio, Tier
from harness.emulators.walls.process import ForkedPrograms


class Nothing:
    """A framework that nobody calls."""

    async def call(self, name: str, arguments: Sequence[str], *, uid: int, stdio: Stdio) -> int:
        raise AssertionError((name, arguments, uid, stdio))


def services(tier: Tier = Tier.USER_NAMESPACE) -> Services:
    machine = Machine(serial="s", api=34, properties={}, packages={}, tier=tier)
    return Services(machine, ForkedPrograms(environment_of), Nothing(), dialect_of(34))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("shell:id", True),
        ("shell,v2,TERM=xterm,pty:", True),
        ("exec:id", True),
        ("exec:cmd package 'install' '-S' '5'", True),
        ("sync:", True),
        ("root:", True),
        ("unroot:", True),
        ("reboot:bootloader", True),
        ("tcp:8080", True),
        ("localabstract:x", True),
        ("abb_exec:package\0install", True),
        ("backup:-noapk com.example.app", True),
        ("backup:'", False),
        ("framebuffer:", False),
        ("jdwp:1", False),
        ("reverse:forward:tcp:1;tcp:2", False),
        ("shell", False),
        ("", False),
        (":", False),
    ],
)
def test_services_by_name(name: str, *, known: bool) -> None:
    """What there is not is refused, and noted all the same."""
    there = services()

    assert (there.find(name) is not None) is known
    assert list(there.journal) == [name]


def test_the_machines_network_is_out_of_reach_without_one_of_its_own() -> None:
    """Where a device is only a root directory, it must not be a way into the machine; its own files are its own."""
    there = services(Tier.CHROOT)

    assert there.find("tcp:22") is None
    assert there.find("localabstract:x") is None
    assert there.find("localfilesystem:/dev/socket/x") is not None


@given(st.text(max_size=5000))
def test_no_name_breaks_the_router(name: str) -> None:
    """Nor fills the journal without end."""
    there = services()
    there.find(name)

    assert len(there.journal[0]) <= 2000
    assert there.identity == SHELL


def test_the_journal_keeps_the_latest() -> None:
    """A client that opens services for ever fills nothing."""
    there = services()
    for number in range(30_000):
        there.note(str(number))

    assert len(there.journal) == 20_000
    assert there.journal[-1] == "29999"
    assert asyncio.iscoroutinefunction(there.find("root:"))
