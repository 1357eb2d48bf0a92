"""What could not be read is told by every command that may have missed something."""

import io
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A folder with nothing wrong in it."""
    folder = tmp_path / "whole-folder"
    folder.mkdir()
    (folder / "notes.txt").write_text("for jane.roe@example.org\n")
    return folder


def damaged_archive(folder: Path) -> Path:
    """An archive that was cut off within its second file."""
    whole = folder / "whole.tar"
    with tarfile.open(whole, "w") as tar:
        for name in ("files/a.txt", "files/jane.roe@example.org.bin"):
            info = tarfile.TarInfo(name)
            info.size = 4000
            tar.addfile(info, io.BytesIO(b"x" * 4000))
    cut = folder / "cut.tar"
    cut.write_bytes(whole.read_bytes()[:7000])
    return cut


def test_what_cannot_be_acquired_is_told(run: Run, tmp_path: Path) -> None:
    """An incomplete snapshot does not look like a whole one, and names do not tell on anybody."""
    done = run("acquire", damaged_archive(tmp_path), "--out", "snap")

    assert done.returncode == 2
    assert "sha256:" in done.stdout
    assert "could not be read" in done.stderr
    assert "jane.roe@example.org" not in done.stderr
    assert run("scan", "snap", "-q").returncode != 0


def test_a_snapshot_of_another_source_is_refused(run: Run, whole: Path, tmp_path: Path) -> None:
    """Nothing of the first is lost."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").write_text("a")
    first = run("acquire", whole, "--out", "snap")
    again = run("acquire", whole, "--out", "snap")
    other = run("acquire", "other", "--out", "snap")

    assert (first.returncode, again.returncode, other.returncode) == (0, 0, 3)
    assert first.stdout == again.stdout
    assert "another source" in other.stderr
    assert run("scan", "snap", "--json").returncode != 3


def test_diff_tells_what_could_not_be_compared(run: Run, whole: Path, tmp_path: Path) -> None:
    """No difference in what was seen is not the same as no difference."""
    cut = damaged_archive(tmp_path)

    done = run("diff", cut, cut)

    assert done.returncode == 2
    assert "No difference" in done.stdout
    assert "BEFORE: " in done.stderr
    assert "AFTER: " in done.stderr
