"""The root directory: who owns what, and what is not there."""

import os
import stat

from harness.emulators.android import layout
from harness.emulators.android.machine import machine_of
from harness.emulators.walls.ports import Tier
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox


def _built(root, profile: str, userland, **scripts) -> dict[str, os.stat_result]:
    sandbox = Sandbox(load_profile(profile))
    sandbox.install(App(package="com.example.notes", uid=10123))
    sandbox.install(App(package="com.example.draft", uid=10124, debuggable=True))
    machine = machine_of(sandbox, tier=Tier.CHROOT)
    layout.build(root, machine, userland, scripts, mounts=False)
    return {f"/{path.relative_to(root)}": path.lstat() for path in sorted(root.rglob("*"))}


def test_owners_and_modes_are_androids(tmp_path, userland) -> None:
    """The kernel refuses by these and by nothing else."""
    found = _built(tmp_path, "android-14-stock", userland)
    for path, uid, gid, mode in layout.FOLDERS:
        assert (found[path].st_uid, found[path].st_gid, stat.S_IMODE(found[path].st_mode)) == (uid, gid, mode), path

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert str((tmp_path / "sdcard").readlink()) == "/storage/emulated/0"
    assert (tmp_path / "system/bin/ls").readlink().name == "toybox"


def test_only_a_debuggable_package_and_a_rooted_device_have_set_user_id_programs(tmp_path, userland) -> None:
    """Each becomes one user and no other."""
    found = {}
    for profile in ("android-14-stock", "android-14-rooted"):
        root = tmp_path / profile
        root.mkdir()
        found[profile] = {
            path: (status.st_uid, stat.S_IMODE(status.st_mode))
            for path, status in _built(root, profile, userland).items()
            if stat.S_ISREG(status.st_mode) and status.st_mode & 0o6000
        }

    draft = {"/system/run-as.d/com.example.draft": (10124, 0o6755)}
    assert found["android-14-stock"] == draft
    assert found["android-14-rooted"] == draft | {"/system/xbin/.suexec": (0, 0o4750)}


def test_nothing_that_is_closed_is_writable_by_others(tmp_path, userland) -> None:
    """A world-writable file of the system would be a way in that a phone has not."""
    found = _built(tmp_path, "android-14-stock", userland)
    open_to_all = [
        path
        for path, status in found.items()
        if status.st_mode & 0o002 and not stat.S_ISLNK(status.st_mode) and not path.startswith("/dev/")
    ]

    assert open_to_all == []


def test_a_script_takes_the_place_of_an_applet(tmp_path, userland) -> None:
    """And not that of toybox itself, to which the applet is a link."""
    _built(tmp_path, "android-14-stock", userland)
    other = tmp_path / "again"
    other.mkdir()
    machine = machine_of(Sandbox(load_profile("android-14-stock")), tier=Tier.CHROOT)
    layout.build(other, machine, userland, {"/system/bin/cat": ("#!/system/bin/sh\n", 0, 2000, 0o755)}, mounts=False)

    assert (other / "system/bin/cat").read_text() == "#!/system/bin/sh\n"
    assert (other / "system/bin/toybox").read_bytes() == userland.programs["toybox"]


def test_users_have_names(tmp_path, userland) -> None:
    """What `ls -l` shows."""
    _built(tmp_path, "android-14-stock", userland)
    passwd = (tmp_path / "system/etc/passwd").read_text()

    assert "shell:x:2000:2000::/:/system/bin/sh\n" in passwd
    assert "u0_a123:x:10123:10123:" in passwd


def test_a_second_user_has_places_of_its_own(tmp_path, userland) -> None:
    """A work profile."""
    sandbox = Sandbox(load_profile("android-14-stock"))
    sandbox.install(App(package="com.example.work", uid=1_010_124))
    layout.build(tmp_path, machine_of(sandbox, tier=Tier.CHROOT), userland, {}, mounts=False)

    assert (tmp_path / "data/user/10").is_dir()
    assert (tmp_path / "storage/emulated/10/Android/data").is_dir()
    assert "u10_a124:x:1010124:" in (tmp_path / "system/etc/passwd").read_text()


def test_properties_are_for_everybody_and_build_prop_is_not(tmp_path, userland) -> None:
    """As on a phone since Android 8."""
    found = _built(tmp_path, "android-14-stock", userland)

    assert "ro.build.version.sdk=34\n" in (tmp_path / "dev/__properties__/all").read_text()
    assert stat.S_IMODE(found["/dev/__properties__/all"].st_mode) == 0o644
    assert stat.S_IMODE(found["/system/build.prop"].st_mode) == 0o600
