"""A simulated device's storage as plain folders."""

import stat
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.persona import demo_persona
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox
from harness.sdks.forgetful import Forgetful
from harness.simulation import DEMO_APP, simulate, write_into

ROOTED = load_profile("android-14-rooted")


def installed() -> Sandbox:
    sandbox = Sandbox(ROOTED)
    sandbox.install(DEMO_APP)
    return sandbox


def test_a_folder_gets_the_files_with_their_modes(tmp_path: Path) -> None:
    """Paths, bytes and modes are those of the container."""
    sandbox = simulate(ROOTED, Forgetful(), mode="plain", persona=demo_persona())
    written = write_into(sandbox, tmp_path / "out")
    root = sandbox.container(DEMO_APP.package)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]

    assert written == len(files) == 3
    for path in files:
        entry = sandbox.stat(f"{root}/{path.relative_to(tmp_path / 'out').as_posix()}")
        assert path.read_bytes() == entry.data
        assert stat.S_IMODE(path.stat().st_mode) == entry.mode


def test_more_apps_get_a_folder_each(tmp_path: Path) -> None:
    """By their package names."""
    sandbox = installed()
    sandbox.install(App(package="org.example.other", uid=10200))
    for app in sandbox.apps:
        sandbox.write(f"{sandbox.container(app.package)}/files/a", b"x")

    assert write_into(sandbox, tmp_path) == 2
    assert (tmp_path / "org.example.other" / "files" / "a").read_bytes() == b"x"


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """Nothing is overwritten, nothing is mixed."""
    (tmp_path / "mine").write_text("keep", encoding="utf-8")

    for target in (tmp_path, tmp_path / "mine", tmp_path / "mine" / "below"):
        with pytest.raises(UsageError):
            write_into(installed(), target)
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "keep"
