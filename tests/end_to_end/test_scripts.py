"""Scripts of the project, as those call them who release."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def checkout(project_root: Path, tmp_path: Path) -> Path:
    """As much of a checkout as the script looks at."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "changelog").mkdir()
    shutil.copy(project_root / "scripts" / "changelog", tmp_path / "scripts")
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n* It begins.\n")
    (tmp_path / "changelog" / "README.md").write_text("How to.\n")
    (tmp_path / "changelog" / "scan.added.md").write_text("Scans.\n")
    (tmp_path / "changelog" / "report.fixed.md").write_text("Reports.\n")
    return tmp_path


def changelog(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, checkout / "scripts" / "changelog", *arguments], check=False, capture_output=True, text=True
    )


def test_fragments_become_a_release_above_the_last(checkout: Path) -> None:
    """By kind; the fragments are gone, how to write one is not."""
    done = changelog(checkout, "0.2.0", "2026-03-01")

    assert (done.returncode, done.stderr) == (0, "")
    text = (checkout / "CHANGELOG.md").read_text()
    assert (
        "## 0.2.0 (2026-03-01)\n\n### Added\n\n* Scans.\n\n### Fixed\n\n* Reports.\n\n## 0.1.0 (2026-01-01)" in text
    )
    assert [path.name for path in (checkout / "changelog").iterdir()] == ["README.md"]


def test_the_date_is_today_s_where_none_is_given(checkout: Path) -> None:
    """One releases today."""
    assert changelog(checkout, "0.2.0rc1").returncode == 0
    assert "## 0.2.0rc1 (20" in (checkout / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("arguments", [(), ("v2",), ("0.2",), ("0.2.0", "yesterday"), ("0.2.0", "2026-03-01", "x")])
def test_a_wrong_call_shows_the_usage_and_touches_nothing(checkout: Path, arguments: tuple[str, ...]) -> None:
    """No traceback, and no half release."""
    before = (checkout / "CHANGELOG.md").read_text()
    done = changelog(checkout, *arguments)

    assert done.returncode == 3
    assert "scripts/changelog VERSION [DATE]" in done.stderr
    assert "Traceback" not in done.stderr
    assert (checkout / "CHANGELOG.md").read_text() == before
    assert len(list((checkout / "changelog").iterdir())) == 3


def test_a_release_of_nothing_and_a_fragment_of_no_kind_are_refused(checkout: Path) -> None:
    """Both would lose something unseen."""
    odd = checkout / "changelog" / "scan.improved.md"
    odd.write_text("Better.\n")
    assert "scan.improved.md" in changelog(checkout, "0.2.0").stderr
    for fragment in (checkout / "changelog").glob("*.*.md"):
        fragment.unlink()

    assert "nothing has changed" in changelog(checkout, "0.2.0").stderr
