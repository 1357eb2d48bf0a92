"""Ctrl-C leaves nothing behind: no half-written report, no temporary file."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    """Exit 130, one line, and the folder is as it was."""
    source = tmp_path / "app"
    source.mkdir()
    for number in range(200):
        (source / f"{number}.json").write_text('{"email": "jane.roe@example.org"}' * 2000)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch), "HOME": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "harness", "scan", source, "--out", tmp_path / "out" / "report"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=environment,
        cwd=tmp_path,
        text=True,
    )
    assert process.stderr is not None
    # The scanner's import is the sign that the work is about to begin.
    for line in process.stderr:
        if "harness.scan.scanner" in line:
            break
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Traceback" not in rest
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "out" / "report").exists()
    assert time.monotonic() > 0
