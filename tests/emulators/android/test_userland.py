"""The programs of a device."""

import pytest

from harness.emulators.android.userland import PROGRAMS, find_userland
from harness.errors import DeviceError


def test_programs_come_with_all_that_they_need(userland) -> None:
    """Real ones, with the loader; toybox answers to what Android has, but not to what Android has otherwise."""
    assert userland.programs.keys() == PROGRAMS.keys()
    assert all(data.startswith(b"\x7fELF") for data in (*userland.programs.values(), *userland.libraries.values()))
    assert any("ld-linux" in path or "ld-musl" in path for path in userland.libraries)
    assert {"ls", "cat", "tar", "stat", "id"} <= set(userland.applets)
    assert not {"su", "getprop", "sh", "toybox"} & set(userland.applets)


def test_a_missing_program_is_named_with_its_package(monkeypatch) -> None:
    """Before anything is started."""
    monkeypatch.setattr("shutil.which", lambda name, path=None: None if name == "mksh" else f"/usr/bin/{name}")
    with pytest.raises(DeviceError, match="needs mksh") as caught:
        find_userland()

    assert caught.value.hint == "Install: apt-get install mksh"
