"""The command line as a user has it: a process, its exit code, its two streams."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("scan", folder, stdin="…", COLUMNS="80")` in a folder of its own, with a home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": "", "NO_COLOR": "1", "COLUMNS": "140"}
    environment.pop("STORAGE_HARNESS_KEY_FILE", None)

    def call(*arguments: object, stdin: str = "", **changed: str | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "harness", *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            input=stdin,
            cwd=tmp_path,
            env={name: value for name, value in {**environment, **changed}.items() if value is not None},
        )

    return call
