"""What every device profile owes: it loads, a sandbox boots from it, and that enforces what the profile claims."""

import pytest

from harness.errors import AccessDenied, DeviceError
from harness.model import Access, DeviceProfile, Keystore, Platform, Protection
from harness.profiles import load_profiles
from harness.sandbox import App, Attributes, Sandbox

PROFILES = load_profiles()
SHOP = App(package="com.example.shop", uid=10123)

every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))


def booted(profile: DeviceProfile) -> tuple[Sandbox, str]:
    """An unlocked device with one private file of an app, and its path."""
    sandbox = Sandbox(profile)
    sandbox.install(SHOP)
    folder = "files" if profile.platform is Platform.ANDROID else "Documents"
    path = f"{sandbox.container(SHOP.package)}/{folder}/private"
    sandbox.boot()
    sandbox.unlock()
    sandbox.write(path, b"stored", Attributes(mode=0o600))
    return sandbox, path


@every_profile
@pytest.mark.parametrize("access", list(Access))
def test_a_private_file_is_open_to_whom_the_profile_says(profile: DeviceProfile, access: Access) -> None:
    """Each attacker, against the words of the file alone."""
    sandbox, path = booted(profile)
    claimed = {
        Access.OTHER_APP: profile.simulator,
        Access.ADB_SHELL: profile.simulator
        or (profile.debuggable and (profile.adb or profile.platform is Platform.IOS)),
        Access.BACKUP: profile.backup,
        Access.ROOT_FILES: profile.simulator or profile.privileged,
        Access.ROOT_CODE: profile.simulator or profile.privileged,
    }[access]

    assert sandbox.readers(path)[access] is claimed
    if claimed:
        assert sandbox.read(path, access=access) == b"stored"
    else:
        with pytest.raises(AccessDenied) as caught:
            sandbox.read(path, access=access)
        assert sandbox.refusal(path, access) in str(caught.value)


@every_profile
def test_what_the_profile_leaves_out_of_backups_is_left_out(profile: DeviceProfile) -> None:
    """Each excluded folder, with what is below it."""
    sandbox, _ = booted(profile)

    for folder in profile.backup_excludes:
        path = f"{sandbox.container(SHOP.package)}/{folder}/below/file"
        sandbox.write(path, b"x")
        assert not sandbox.readers(path)[Access.BACKUP]


@every_profile
def test_nobody_reads_app_data_before_the_first_unlock(profile: DeviceProfile) -> None:
    """Not even root; only the simulator's files are ordinary ones."""
    sandbox, path = booted(profile)
    sandbox.boot()

    assert any(sandbox.readers(path).values()) is profile.simulator


@every_profile
def test_a_locked_iphone_keeps_its_best_class_shut(profile: DeviceProfile) -> None:
    """On Android the lock after the first unlock changes nothing."""
    sandbox, path = booted(profile)
    sandbox.write(path, b"stored", Attributes(mode=0o600, protection=Protection.COMPLETE))
    unlocked = dict(sandbox.readers(path))
    sandbox.lock()
    is_phone_of_apple = profile.platform is Platform.IOS and not profile.simulator

    assert dict(sandbox.readers(path)) == (dict.fromkeys(Access, False) if is_phone_of_apple else unlocked)


@every_profile
def test_keys_are_used_by_the_app_and_by_code_on_an_opened_device(profile: DeviceProfile) -> None:
    """A keystore where the profile says that there is one."""
    sandbox, _ = booted(profile)
    if profile.keystore is Keystore.NONE:
        with pytest.raises(DeviceError):
            sandbox.keys.create("key", SHOP.package)
        return
    sealed = sandbox.sealer(SHOP.package).seal("key", b"plain", nonce=bytes(12))
    users = set()
    for access in Access:
        try:
            sandbox.keys.open("key", SHOP.package, sealed, access=access)
        except AccessDenied:
            continue
        users.add(access)

    assert users == ({Access.ROOT_CODE} if profile.privileged or profile.simulator else set())


@every_profile
def test_apps_live_where_the_profile_says(profile: DeviceProfile) -> None:
    """Below `app_root`, in a folder that is there."""
    sandbox, path = booted(profile)

    assert path.startswith(profile.app_root + "/")
    assert sandbox.stat(profile.app_root).folder
