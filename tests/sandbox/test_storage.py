"""Files are written without asking and read only as somebody; a machine of random steps finds no way around it."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from harness.errors import AccessDenied, DeviceError, UsageError
from harness.model import Access, DeviceProfile, Platform, Protection
from harness.sandbox import ROOT, SHELL, App, Attributes, Lock, Sandbox, the_app

ANDROID = DeviceProfile(
    name="a", title="a", platform=Platform.ANDROID, os_version="14", app_root="/data/data", adb=True, privileged=True
)
IOS = replace(ANDROID, platform=Platform.IOS, adb=False, app_root="/private/var/mobile/Containers/Data/Application")
SHOP = App(package="com.example.shop", uid=10123)
BANK = App(package="com.example.bank", uid=10124)


def device(profile: DeviceProfile) -> Sandbox:
    sandbox = Sandbox(profile)
    sandbox.install(SHOP)
    sandbox.install(BANK)
    return sandbox


# -- how files are made --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relative", "above", "mode", "group"),
    [
        ("files/a", "files", 0o771, 10123),
        ("shared_prefs/a.xml", "shared_prefs", 0o771, 10123),
        ("databases/a", "databases", 0o771, 10123),
        ("own/a", "own", 0o700, 10123),
        ("cache/a", "cache", 0o2771, 20123),
        ("cache/sub/a", "cache/sub", 0o2771, 20123),
    ],
)
def test_android_folders_get_the_modes_of_the_framework(relative: str, above: str, mode: int, group: int) -> None:
    """`files` and its like are open for the group, caches hand down their group, others are the app's alone."""
    sandbox = device(ANDROID)
    root = sandbox.container(SHOP.package)
    sandbox.write(f"{root}/{relative}", b"x")

    assert sandbox.stat(f"{root}/{above}").mode == mode
    assert sandbox.stat(f"{root}/{relative}").group == group
    assert sandbox.stat(f"{root}/{relative}").owner == 10123
    assert (sandbox.stat(f"{root}/{relative}").label or "").endswith("s0:c123,c256,c512,c768")


def test_ios_files_are_of_mobile_and_have_a_class() -> None:
    """Every app runs as the same user there; protection classes are an iOS matter."""
    ios, android = device(IOS), device(ANDROID)
    for sandbox in (ios, android):
        sandbox.write(
            f"{sandbox.container(SHOP.package)}/Library/a", b"x", Attributes(protection=Protection.COMPLETE)
        )

    of_ios = ios.stat(f"{ios.container(SHOP.package)}/Library/a")
    assert (of_ios.owner, of_ios.protection, of_ios.label) == (501, Protection.COMPLETE, None)
    assert android.stat(f"{android.container(SHOP.package)}/Library/a").protection is None


def test_a_file_is_replaced_whole() -> None:
    """Bytes, mode and marks are those of the last writing."""
    sandbox = device(ANDROID)
    path = f"{sandbox.container(SHOP.package)}/files/a"
    sandbox.write(path, b"one", Attributes(mode=0o644))
    sandbox.write(path, b"three", Attributes(mode=0o600, in_backup=False, modified=5.0))
    entry = sandbox.stat(path)

    assert (entry.data, entry.size, entry.mode, entry.in_backup, entry.modified) == (b"three", 5, 0o600, False, 5.0)


def test_marks_and_owners_can_be_changed() -> None:
    """As the app, or root, would."""
    sandbox = device(ANDROID)
    path = f"{sandbox.container(SHOP.package)}/files/a"
    sandbox.write(path, b"x")
    sandbox.chown(path, 0, 0)
    sandbox.mark_backup(path, in_backup=False)

    assert (sandbox.stat(path).owner, sandbox.stat(path).in_backup) == (0, False)
    assert not sandbox.readers(path)[Access.BACKUP]


def test_folders_and_files_do_not_replace_each_other() -> None:
    """And neither is read as the other."""
    sandbox = device(ANDROID)
    root = sandbox.container(SHOP.package)
    sandbox.write(f"{root}/files/a", b"x")
    sandbox.make_folder(f"{root}/files/sub")

    for wrong in (
        lambda: sandbox.write(f"{root}/files", b"x"),
        lambda: sandbox.write(f"{root}/files/a/b", b"x"),
        lambda: sandbox.make_folder(f"{root}/files/a"),
        lambda: sandbox.read(f"{root}/files/sub"),
        lambda: sandbox.read(f"{root}/files/none"),
        lambda: sandbox.write("/", b"x"),
    ):
        with pytest.raises(DeviceError):
            wrong()
    with pytest.raises(UsageError):
        sandbox.write(f"{root}/../escape", b"x")


# -- who asks ------------------------------------------------------------------------------------


def test_processes_get_what_a_kernel_gives_them() -> None:
    """The app and root read; the shell and another app are told why they do not."""
    sandbox = device(ANDROID)
    path = f"{sandbox.container(SHOP.package)}/files/a"
    sandbox.write(path, b"x", Attributes(mode=0o666))

    assert sandbox.read(path) == b"x"
    assert sandbox.read_as(path, ROOT) == b"x"
    assert sandbox.read_as(path, the_app(SHOP, ANDROID)) == b"x"
    with pytest.raises(AccessDenied, match="permission denied: mode 0700"):
        sandbox.read_as(path, SHELL)
    with pytest.raises(AccessDenied, match="permission denied"):
        sandbox.read(path, app=BANK.package)


def test_a_world_readable_file_of_an_old_app_is_open() -> None:
    """Below target 28 the folder lets others through and the categories are everybody's: the bits decide."""
    sandbox = Sandbox(ANDROID)
    sandbox.install(replace(SHOP, target_sdk=27))
    path = f"{sandbox.container(SHOP.package)}/files/a"
    sandbox.write(path, b"x", Attributes(mode=0o644))

    assert sandbox.read(path, access=Access.OTHER_APP) == b"x"
    sandbox.chmod(path, 0o660)
    with pytest.raises(AccessDenied, match="mode 0660"):
        sandbox.read(path, access=Access.OTHER_APP)


def test_an_open_folder_does_not_undo_the_categories() -> None:
    """An app that targets Android 9 cannot share by mode, even where it opens its folder."""
    sandbox = device(ANDROID)
    root = sandbox.container(SHOP.package)
    sandbox.write(f"{root}/files/a", b"x", Attributes(mode=0o644))
    sandbox.chmod(root, 0o755)

    assert "SELinux: the categories" in sandbox.refusal(f"{root}/files/a", Access.OTHER_APP)
    assert "SELinux: the shell" in sandbox.refusal(f"{root}/files/a", Access.ADB_SHELL)


def test_the_ios_sandbox_keeps_apps_apart_though_they_share_a_user() -> None:
    """Permission bits would let them."""
    sandbox = device(IOS)
    path = f"{sandbox.container(SHOP.package)}/Documents/a"
    sandbox.write(path, b"x", Attributes(mode=0o666))

    assert sandbox.read(path) == b"x"
    with pytest.raises(AccessDenied, match="app sandbox"):
        sandbox.read(path, app=BANK.package)


def test_no_refusal_repeats_what_is_stored() -> None:
    """A reason names the place and the rule."""
    sandbox = device(IOS)
    path = f"{sandbox.container(SHOP.package)}/Documents/a"
    sandbox.write(path, b"canary-value")

    assert not any("canary" in sandbox.refusal(path, access) for access in Access)
    assert "canary" not in repr(sandbox.stat(path))


# -- a machine of random steps -------------------------------------------------------------------


class Phone(RuleBasedStateMachine):
    """Writes, changes of mode, locks and reads in any order, beside the simplest account of them."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox(replace(ANDROID, privileged=False))
        self.sandbox.install(replace(SHOP, target_sdk=27))
        self.root = self.sandbox.container(SHOP.package)
        self.account: dict[str, tuple[bytes, int]] = {}
        self.booted = True

    names = st.sampled_from(["files/a", "files/b", "databases/c"])
    modes = st.sampled_from([0o600, 0o640, 0o644, 0o666, 0o000, 0o604])

    @rule(name=names, data=st.binary(max_size=8), mode=modes)
    def write(self, name: str, data: bytes, mode: int) -> None:
        self.sandbox.write(f"{self.root}/{name}", data, Attributes(mode=mode))
        self.account[name] = data, mode

    @precondition(lambda self: self.account)
    @rule(data=st.data(), mode=modes)
    def chmod(self, data: st.DataObject, mode: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.account)))
        self.sandbox.chmod(f"{self.root}/{name}", mode)
        self.account[name] = self.account[name][0], mode

    @rule(name=names)
    def delete(self, name: str) -> None:
        self.sandbox.delete(f"{self.root}/{name}")
        self.account.pop(name, None)

    @rule()
    def boot(self) -> None:
        self.sandbox.boot()
        self.booted = False

    @rule()
    def unlock(self) -> None:
        self.sandbox.unlock()
        self.booted = True

    @rule()
    def lock(self) -> None:
        before = self.sandbox.setting.lock
        self.sandbox.lock()
        wanted = before if before is Lock.BEFORE_FIRST_UNLOCK else Lock.LOCKED
        assert self.sandbox.setting.lock is wanted

    @invariant()
    def files_are_those_of_the_account(self) -> None:
        there = {
            entry.path.removeprefix(self.root + "/") for entry in self.sandbox.walk(self.root) if not entry.folder
        }
        assert there == set(self.account)

    @invariant()
    def reads_obey_the_account(self) -> None:
        for name, (data, mode) in self.account.items():
            for access, bit in ((None, 0o400), (Access.OTHER_APP, 0o004)):
                assert self.attempt(name, access) == (data if self.booted and mode & bit else None)
            assert self.attempt(name, Access.ROOT_FILES) is None

    def attempt(self, name: str, access: Access | None) -> bytes | None:
        try:
            return self.sandbox.read(f"{self.root}/{name}", access=access)
        except AccessDenied:
            return None


Phone.TestCase.settings = settings(
    deadline=None, max_examples=25, stateful_step_count=15, suppress_health_check=[HealthCheck.too_slow]
)
TestPhone = Phone.TestCase
