"""The wheel works on its own: profiles, templates and SDK claims travel inside."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def installed(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a wheel that was built and installed into an empty environment."""
    folder = tmp_path_factory.mktemp("wheel with spaces")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", project_root],
        check=True,
        capture_output=True,
    )
    environment = folder / "venv"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    (wheel,) = (folder / "dist").glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
    )
    # Its dependencies are those of this run; a .pth in a folder named by a .pth is not read, so that the project's
    # own editable install stays out.
    (site,) = (environment / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment / "bin" / "storage-harness"


def test_it_is_the_installed_package_that_runs(installed: Path, tmp_path: Path) -> None:
    """Not the checkout."""
    python = installed.parent / "python"
    found = subprocess.run(
        [python, "-c", "import harness; print(harness.__file__)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert found.stdout.startswith(str(installed.parent.parent))


def test_the_demo_runs_from_another_folder(installed: Path, tmp_path: Path) -> None:
    """With reports below the folder that it was started in."""
    done = subprocess.run([installed, "demo"], check=False, capture_output=True, text=True, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "reports").glob("*-demo/*/report.html"))
    assert "Real files" in done.stdout


def test_a_scan_runs_from_another_folder(installed: Path, own_corpus: Path, tmp_path: Path) -> None:
    """And its result is JSON on stdout."""
    done = subprocess.run(
        [installed, "scan", own_corpus / "android-prefs", "--json"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert done.returncode == 1
    assert json.loads(done.stdout)["exposure"]


def test_the_claims_of_known_sdks_are_inside(installed: Path, tmp_path: Path) -> None:
    """Data files that no import finds."""
    done = subprocess.run(
        [installed, "sdks", "--claims", "mixpanel", "--json"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert json.loads(done.stdout)
