"""The thin layer over system calls."""

import os

import pytest

from harness.emulators.walls import kernel
from harness.emulators.walls.kernel import Capability, MountFlag


def test_a_refusal_is_an_error_that_says_what() -> None:
    """Nothing is mounted by accident, and nothing fails in silence."""
    with pytest.raises(OSError, match="mount no-such-kind"):
        kernel.mount("none", "/", "no-such-kind", MountFlag.NONE)
    with pytest.raises(OSError, match="unmount"):
        kernel.unmount("/no/such/place")


def test_capabilities_that_are_given_up_stay_away() -> None:
    """From the process, and from every set-user-id program that it starts."""
    child = os.fork()
    if child == 0:
        try:
            kernel.restrict_capabilities(frozenset({Capability.SETUID}))
            held = kernel.effective_capabilities()
            os._exit(0 if held in {0, 1 << Capability.SETUID} else 1)
        finally:
            os._exit(2)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
