"""What peeling a long run costs in memory: as much as the run, not a hundred times as much."""

import base64
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from harness.encodings import peel

_MIB = 1 << 20
_LONG = 4 * _MIB
RUNS: dict[str, Callable[[], bytes]] = {
    "base64": lambda: base64.b64encode(b"some text " * (_LONG // 13)),
    "hex": lambda: b"some text ".hex().encode() * (_LONG // 20),
    "utf-16": lambda: ("some text " * (_LONG // 20)).encode("utf-16-le"),
}


@pytest.mark.parametrize("name", sorted(RUNS))
def test_a_long_run_is_peeled_in_little_memory(name: str) -> None:
    """Four megabytes cost less than sixty, in a process of their own that says how much it had at most."""
    call = f"import {__name__} as here; here._measure({name!r})"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=True)

    assert int(done.stdout) < 60 * _MIB


def _measure(name: str) -> None:
    """Print by how many bytes the most that this process ever had grew."""
    value = RUNS[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (run,) = peel(value, limit=_LONG)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(run.data) > _LONG // 3
    print(grown << 10)  # noqa: T201 - to the process that asked
