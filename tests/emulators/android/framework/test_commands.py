"""What each command prints: the words that tools look for on a real phone."""

from dataclasses import replace

import pytest

from harness.emulators.android.framework.commands import names
from harness.emulators.android.ports import Package
from tests.emulators.android.framework.conftest import MACHINE, Maker, Phone


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("pm list packages -3", "package:com.example.bank\npackage:com.example.notes\npackage:com.example.shop\n"),
        ("pm list packages -3 -U shop", "package:com.example.shop uid:10123\n"),
        ("pm list packages -f -3 notes", "package:/data/app/com.example.notes/base.apk=com.example.notes\n"),
        ("pm list packages --show-versioncode shop", "package:com.example.shop versionCode:12\n"),
        ("cmd package list packages -3 --user 0 bank", "package:com.example.bank\n"),
        ("pm path com.example.shop", "package:/data/app/com.example.shop/base.apk\n"),
        ("settings get global adb_enabled", "1\n"),
        ("settings get secure no_such_setting", "null\n"),
        (
            "settings list GLOBAL",
            "adb_enabled=1\nairplane_mode_on=0\ndevelopment_settings_enabled=1\ndevice_provisioned=1\n",
        ),
        ("cmd settings get --user 0 system screen_brightness", "102\n"),
        ("bmgr enabled", "Backup Manager currently enabled\n"),
        ("bmgr list transports", "  * com.android.localtransport/.LocalTransport\n"),
        ("getprop ro.serialno", "EMU0001\n"),
        ("getprop no.such.property fallback", "fallback\n"),
        ("getprop debug.old", "a=b\n"),
        ("getprop", "[ro.serialno]: [EMU0001]\n[ro.build.version.sdk]: [34]\n[debug.old]: [a=b]\n"),
        ("dumpsys package no.such.app", "Unable to find package: no.such.app\n"),
        ("content query --uri content://settings/global/adb_enabled", "Row: 0 _id=1, name=adb_enabled, value=1\n"),
        ("content query --uri content://settings/secure --where name='nothing'", "No result found.\n"),
        ("am get-current-user", "0\n"),
        (
            "am broadcast -a com.example.PING",
            "Broadcasting: Intent { act=com.example.PING }\nBroadcast completed: result=0\n",
        ),
    ],
)
def test_the_shell_reads(phone: Maker, words: str, text: str) -> None:
    """Standard output holds the answer and nothing else."""

    async def scene(phone: Phone) -> None:
        said = await phone.call(*words.split())

        assert (said.text, said.error, said.code) == (text, "", 0)

    phone(scene)


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ("pm path no.such.app", 1, ""),
        ("pm frobnicate", 255, "Unknown command: frobnicate\n"),
        ("cmd frobnicate", 20, "cmd: Can't find service: frobnicate\n"),
        ("dumpsys frobnicate", 0, "Can't find service: frobnicate\n"),
        ("settings put secure", 255, "Invalid namespace or arguments; use 'settings help'\n"),
        ("setprop ro.serialno X", 1, "Failed to set property 'ro.serialno' to 'X'.\nSee dmesg for error reason.\n"),
        ("setprop vendor.x 1", 1, "Failed to set property 'vendor.x' to '1'.\nSee dmesg for error reason.\n"),
        ("logcat -b nothing -d", 1, "logcat: unknown buffer nothing\n"),
        (
            "content query --uri content://contacts/people",
            0,
            (
                "Error while accessing provider:contacts\n"
                "java.lang.IllegalStateException: Could not find provider: contacts\n"
            ),
        ),
        ("pm install /data/local/tmp/none.apk", 1, "Error: failed to open file: /data/local/tmp/none.apk\n"),
        ("pm install", 1, "Error: must either specify a package size or an APK file\n"),
    ],
)
def test_what_fails_says_so(phone: Maker, words: str, code: int, error: str) -> None:
    """In Android's words, on standard error, with its exit codes."""

    async def scene(phone: Phone) -> None:
        said = await phone.call(*words.split())

        assert (said.text, said.error, said.code) == ("", error, code)

    phone(scene)


@pytest.mark.parametrize(
    ("words", "permission"),
    [
        ("settings put secure a b", "android.permission.WRITE_SECURE_SETTINGS"),
        ("settings put system a b", "android.permission.WRITE_SETTINGS"),
        ("pm clear com.example.notes", "android.permission.CLEAR_APP_USER_DATA"),
        ("pm uninstall com.example.notes", "android.permission.DELETE_PACKAGES"),
        ("pm install -S 3", "android.permission.INSTALL_PACKAGES"),
        ("am force-stop com.example.notes", "android.permission.FORCE_STOP_PACKAGES"),
        ("am start com.example.notes", "android.permission.START_ANY_ACTIVITY"),
        ("bmgr backupnow com.example.notes", "android.permission.BACKUP"),
    ],
)
def test_an_app_may_not_what_the_shell_may(phone: Maker, words: str, permission: str) -> None:
    """The uid that the kernel names has the permission or has it not; nothing has happened after."""

    async def scene(phone: Phone) -> None:
        said = await phone.call(*words.split(), uid=10123)

        assert said.code == 255
        assert "java.lang.SecurityException" in said.error
        assert permission in said.error
        assert (phone.root / "data/data/com.example.notes/files/note.txt").exists()
        assert "com.example.notes" in phone.system.packages
        assert not phone.system.processes.running

    phone(scene)


@pytest.mark.parametrize(
    ("service", "tag"),
    [
        ("package com.example.shop", "PackageManager"),
        ("backup", "BackupManagerService"),
        ("activity processes", "ActivityManager"),
        ("battery", "BatteryService"),
    ],
)
def test_an_app_dumps_no_service(phone: Maker, service: str, tag: str) -> None:
    """The refusal is printed where the dump would be, and the exit code says nothing, as on a phone."""

    async def scene(phone: Phone) -> None:
        said = await phone.call("dumpsys", *service.split(), uid=10123)

        assert said.code == 0
        assert said.text.startswith(f"Permission Denial: can't dump {tag} from from pid=")
        assert said.text.endswith(", uid=10123 due to missing android.permission.DUMP permission\n")

    phone(scene)


def test_a_work_profile_is_another_user(phone: Maker) -> None:
    """Its packages have uids of their own range and folders of their own."""
    work = Package(name="com.example.work", uid=1010130, target_sdk=30)
    machine = replace(MACHINE, packages={**MACHINE.packages, work.name: work})

    async def scene(phone: Phone) -> None:
        users = (await phone.call("pm", "list", "users")).text
        assert users == "Users:\n\tUserInfo{0:Owner:4c13} running\n\tUserInfo{10:Work profile:1030} running\n"
        assert (await phone.call("pm", "list", "packages", "--user", "10")).text == "package:com.example.work\n"
        assert "com.example.work" not in (await phone.call("pm", "list", "packages", "--user", "0")).text
        assert "    dataDir=/data/user/10/com.example.work\n" in (await phone.call("pm", "dump", work.name)).text

    phone(scene, machine=machine)


@pytest.mark.parametrize(
    ("grade", "found"),
    [
        ("strongbox", {"android.hardware.hardware_keystore=200", "android.hardware.strongbox_keystore=100"}),
        ("tee", {"android.hardware.hardware_keystore=200"}),
        ("software", set()),
    ],
)
def test_features_tell_the_keystore(phone: Maker, grade: str, found: set[str]) -> None:
    """As tools on a real phone read them."""
    machine = replace(MACHINE, properties={**MACHINE.properties, "ro.hardware.keystore": grade})

    async def scene(phone: Phone) -> None:
        listed = (await phone.call("pm", "list", "features")).text.splitlines()

        assert {line.removeprefix("feature:") for line in listed if "keystore" in line} == found

    phone(scene, machine=machine)


def test_a_package_is_described(phone: Maker) -> None:
    """Whoever decides by these lines whether `run-as` or a backup will work decides right."""

    async def scene(phone: Phone) -> None:
        shop = (await phone.call("dumpsys", "package", "com.example.shop")).text
        bank = (await phone.call("pm", "dump", "com.example.bank")).text

        assert shop.startswith("Packages:\n  Package [com.example.shop] (")
        for line in (
            "    userId=10123\n",
            "    versionCode=12 minSdk=21 targetSdk=34\n",
            "    flags=[ DEBUGGABLE HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP ]\n",
            "    dataDir=/data/user/0/com.example.shop\n",
        ):
            assert line in shop
        assert "    flags=[ HAS_CODE ALLOW_CLEAR_USER_DATA ]\n" in bank

    phone(scene)


def test_settings_are_kept(phone: Maker) -> None:
    """What was put is read by everybody, until it is deleted."""

    async def scene(phone: Phone) -> None:
        await phone.call("settings", "put", "secure", "tested", "a b\tc")

        assert (await phone.call("settings", "get", "secure", "tested", uid=10123)).text == "a b\tc\n"
        assert (await phone.call("settings", "delete", "secure", "tested")).text == "Deleted 1 rows\n"
        assert (await phone.call("settings", "get", "secure", "tested")).text == "null\n"

    phone(scene)


def test_properties_are_kept(phone: Maker) -> None:
    """`getprop` sees what `setprop` wrote; root writes what the shell may not."""

    async def scene(phone: Phone) -> None:
        assert (await phone.call("setprop", "debug.tested", "x y=z")).code == 0
        assert (await phone.call("setprop", "vendor.tested", "1", uid=0)).code == 0
        assert (await phone.call("setprop", "debug.tested", "by an app", uid=10123)).code == 1

        assert (await phone.call("getprop", "debug.tested", uid=10123)).text == "x y=z\n"
        assert (await phone.call("getprop", "vendor.tested")).text == "1\n"

    phone(scene)


def test_a_cleared_app_is_as_new(phone: Maker) -> None:
    """Its files are gone, its folder and the folders of its caches are there, and it no longer runs."""

    async def scene(phone: Phone) -> None:
        await phone.call("am", "start", "-n", "com.example.notes/.Main")
        said = await phone.call("pm", "clear", "com.example.notes")

        assert (said.text, said.code) == ("Success\n", 0)
        assert sorted(
            path.name for path in phone.places.data(phone.system.packages["com.example.notes"]).iterdir()
        ) == [
            "cache",
            "code_cache",
        ]
        assert not phone.system.processes.running
        assert (await phone.call("pm", "clear", "no.such.app")).text == "Failed\n"

    phone(scene)


def test_an_app_is_removed(phone: Maker) -> None:
    """With its folders and its code; the second time there is none."""

    async def scene(phone: Phone) -> None:
        assert (await phone.call("pm", "uninstall", "com.example.notes")).text == "Success\n"
        assert not (phone.root / "data/data/com.example.notes").exists()
        assert not (phone.root / "data/app/com.example.notes").exists()
        assert (await phone.call("pm", "path", "com.example.notes")).code == 1
        again = await phone.call("pm", "uninstall", "com.example.notes")
        assert (again.text, again.code) == ("Failure [DELETE_FAILED_INTERNAL_ERROR]\n", 1)
        await phone.call("pm", "uninstall", "-k", "com.example.bank")
        assert (phone.root / "data/data/com.example.bank/files/note.txt").exists()

    phone(scene)


def test_a_backup_now_says_what_happens_to_each(phone: Maker) -> None:
    """An app that opted out, and one that is not there, are told apart."""

    async def scene(phone: Phone) -> None:
        said = await phone.call("bmgr", "backupnow", "com.example.shop", "com.example.bank", "no.such.app")

        assert said.text == (
            "Running incremental backup for 3 requested packages.\n"
            "Package com.example.shop with result: Success\n"
            "Package com.example.bank with result: Backup is not allowed\n"
            "Package no.such.app with result: Package not found\n"
            "Backup finished with result: Success\n"
        )

    phone(scene)


def test_a_reboot_ends_what_runs(phone: Maker) -> None:
    """And what waits for it to happen hears of it."""

    async def scene(phone: Phone) -> None:
        await phone.call("am", "start", "com.example.shop")
        refused = await phone.call("reboot", uid=10123)
        assert refused.code == 1
        assert phone.system.processes.running

        assert (await phone.call("reboot")).code == 0
        assert not phone.system.processes.running

    phone(scene)


def test_commands_are_what_an_android_shell_has() -> None:
    """The name of a file is the name of a command."""
    assert {"am", "bmgr", "bu", "cmd", "content", "dumpsys", "logcat", "pm", "settings", "setprop"} <= set(names())
