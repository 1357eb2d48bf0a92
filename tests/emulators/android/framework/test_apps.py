"""Apps as processes: under their own uid, with real files, and ended in the middle like real ones."""

import os
import stat
from pathlib import Path

import pytest

from harness.emulators.android.apps import TITLE, AppContext, AppFiles
from tests.emulators.android.framework.conftest import Maker, Phone


def test_start_runs_the_program_as_the_app(phone: Maker) -> None:
    """Its uid, its groups, its folder, its keys, its log; `-W` waits for it."""

    def program(app: AppContext) -> int:
        app.files.write(
            "files/who.txt", f"{os.getuid()} {os.getgid()} {sorted(os.getgroups())} {Path.cwd()}".encode()
        )
        app.files.write("files/sealed", app.keystore.seal("k", b"plain", nonce=bytes(12)))
        app.files.write("files/opened", app.keystore.open("k", app.files.read("files/sealed")))
        app.log("W", "Shop", "ready")
        app.drawn()
        app.linger()
        return 0

    async def scene(phone: Phone) -> None:
        said = await phone.call("am", "start", "-W", "-n", "com.example.shop/.Main")
        files = phone.root / "data/data/com.example.shop/files"

        assert said.text.startswith(
            "Starting: Intent { cmp=com.example.shop/.Main }\nStatus: ok\nLaunchState: COLD\n"
        )
        home = f"{phone.root}/data/data/com.example.shop"
        assert (files / "who.txt").read_text() == f"10123 10123 [3003, 9997, 20123] {home}"
        assert (files / "opened").read_bytes() == b"plain"
        assert ((files / "who.txt").stat().st_uid, (files / "who.txt").stat().st_mode & 0o777) == (10123, 0o600)
        assert "W/Shop    : ready\n" in (await phone.call("logcat", "-d", "-v", "tag")).text
        assert list(phone.system.processes.running) == ["com.example.shop"]

    phone(scene, program=program)


def test_a_second_start_brings_it_to_the_front(phone: Maker) -> None:
    """There is one process of an app, and force-stop ends it."""

    async def scene(phone: Phone) -> None:
        first = await phone.call("am", "start", "com.example.shop")
        assert first.text == (
            "Starting: Intent { act=android.intent.action.MAIN cat=[android.intent.category.LAUNCHER] "
            "pkg=com.example.shop }\n"
        )
        (pid,) = phone.system.processes.running.values()
        second = await phone.call("am", "start", "com.example.shop")
        assert second.error == "Warning: Activity not started, its current task has been brought to the front\n"
        assert set(phone.system.processes.running.values()) == {pid}
        assert f" {pid}:com.example.shop/u0a123}}" in (await phone.call("dumpsys", "activity", "processes")).text

        assert (await phone.call("am", "force-stop", "com.example.shop")).code == 0
        await phone.until(lambda: pid not in phone.programs.running)
        assert not phone.system.processes.running
        log = (await phone.call("logcat", "-d", "-v", "raw")).text
        assert f"Start proc {pid}:com.example.shop/u0a123 for activity\n" in log
        assert f"Process com.example.shop (pid {pid}) has died\n" in log

    phone(scene)


def test_an_app_that_ends_no_longer_runs(phone: Maker) -> None:
    """By itself, or by a fault of its own; and `-W` does not wait for the dead."""

    def program(app: AppContext) -> int:
        raise SystemExit(3)

    async def scene(phone: Phone) -> None:
        await phone.call("am", "start", "-W", "com.example.shop")
        await phone.until(lambda: not phone.system.processes.running)

        assert (await phone.call("am", "start", "com.example.shop")).error == ""

    phone(scene, program=program)


def test_monkey_starts_an_app_by_its_name(phone: Maker) -> None:
    """As scripts do that know no activity; not for apps, and not for what is not there."""

    async def scene(phone: Phone) -> None:
        words = ("monkey", "-p", "com.example.shop", "-c", "android.intent.category.LAUNCHER", "1")
        assert (await phone.call(*words, uid=10124)).code == 255
        assert (await phone.call("monkey", "-p", "no.such.app", "1")).code == 252
        assert not phone.system.processes.running

        assert (await phone.call(*words)).text.startswith("Events injected: 1\n")
        assert list(phone.system.processes.running) == ["com.example.shop"]

    phone(scene)


def _reads(app: AppContext, path: str) -> bool:
    try:
        app.files.read(path)
    except OSError:
        return False
    return True


def _overwrites(app: AppContext, path: str) -> bool:
    try:
        app.files.write(path, b"x")
    except OSError:
        return False
    return True


def test_the_kernel_refuses_what_is_another_apps(phone: Maker) -> None:
    """The program runs without any right but the app's."""

    def program(app: AppContext) -> int:
        for path in ("../com.example.notes/files/note.txt", "../../app/com.example.shop/base.apk", "../../x"):
            for act in (_overwrites, _reads):
                if act(app, path):
                    return 1
        app.files.write("files/refused", b"all")
        return 0

    async def scene(phone: Phone) -> None:
        await phone.call("am", "start", "-W", "com.example.shop")

        await phone.until((phone.root / "data/data/com.example.shop/files/refused").exists)

    phone(scene, program=program)


@pytest.mark.parametrize("steps", range(5))
def test_a_kill_leaves_what_a_kill_leaves(phone: Maker, steps: int) -> None:
    """Preferences half written, and the old ones beside them as `.bak`: never a state in which both are lost."""
    old, new = b"<old/>" * 100, b"<new/>" * 2000

    def program(app: AppContext) -> int:
        left = [steps]

        def pause() -> None:
            if left[0] == 0:
                app.drawn()
                app.linger()
            left[0] -= 1

        AppFiles(app.data_dir).write("shared_prefs/state.xml", old)
        AppFiles(app.data_dir, pause).write("shared_prefs/state.xml", new)
        app.drawn()
        return 0

    async def scene(phone: Phone) -> None:
        await phone.call("am", "start", "-W", "com.example.shop")
        await phone.call("am", "force-stop", "com.example.shop")
        await phone.until(lambda: not phone.programs.running)
        folder = phone.root / "data/data/com.example.shop/shared_prefs"
        written, aside = folder / "state.xml", folder / "state.xml.bak"

        if steps < 4:
            assert aside.read_bytes() == old
            assert (written.read_bytes() if written.exists() else b"") == new[: 4096 * steps]
        else:
            assert written.read_bytes() == new
            assert not aside.exists()

    phone(scene, program=program)


def test_files_are_made_as_android_makes_them(tmp_path: Path) -> None:
    """Folders of the framework are open to the group, an app's own are closed; a mode and a time can be asked for."""
    files = AppFiles(str(tmp_path))
    files.write("databases/shop.db", b"SQLite", mode=0o660, modified=1_700_000_000.0)
    files.write("files/a/b/c.txt", b"deep")
    files.delete("files/nothing")
    files.delete("files/a/b/c.txt")

    found = (tmp_path / "databases/shop.db").stat()
    assert (stat.S_IMODE(found.st_mode), found.st_mtime) == (0o660, 1_700_000_000.0)
    assert stat.S_IMODE((tmp_path / "databases").stat().st_mode) == 0o771
    assert stat.S_IMODE((tmp_path / "files/a/b").stat().st_mode) == 0o700
    assert not (tmp_path / "files/a/b/c.txt").exists()


def test_a_forked_process_has_the_apps_name(phone: Maker) -> None:
    """`ps` and `pidof` see the package, and nothing of how the harness was called."""

    async def scene(phone: Phone) -> None:
        assert TITLE.end > TITLE.start
        await phone.call("am", "start", "-W", "com.example.shop")
        (pid,) = phone.system.processes.running.values()

        assert Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0") == b"com.example.shop"
        assert Path(f"/proc/{pid}/comm").read_text() == "om.example.shop\n"

    phone(scene)
