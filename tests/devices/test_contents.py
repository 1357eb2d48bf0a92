"""Bytes that come piece by piece, in memory or in a file."""

import resource
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from harness.devices._contents import Intake, released


@given(st.lists(st.binary(max_size=5000), max_size=12), st.sampled_from([0, 1, 4096, 10_000, 1 << 20]))
def test_what_comes_out_is_what_went_in(pieces: list[bytes], in_memory: int) -> None:
    """Wherever memory ends: it never holds more than it may, and it can be searched."""
    intake = Intake(in_memory)
    for piece in pieces:
        intake.add(memoryview(piece))
    held = intake.held
    whole = intake.finish()

    assert whole[:] == b"".join(pieces)
    assert held in {0, len(whole)}
    assert held <= in_memory
    assert whole.find(b"\0nowhere\0" * 600) == -1
    released(whole)


WITHOUT = """
import resource
from harness.devices._contents import Intake
used = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (used + (8 << 20),) * 2)
intake = Intake(64 << 20)
intake.add(b"ada@example.org")
print(intake.held, intake.finish()[:])
"""


def test_without_memory_there_is_the_disk() -> None:
    """Memory that is not to be had is no fault."""
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "0 b'ada@example.org'"
