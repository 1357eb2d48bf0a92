"""A sandbox is a device with apps, and a source to scan."""

from dataclasses import replace

import pytest

from harness.devices.base import Source
from harness.errors import AccessDenied, DeviceError, UsageError
from harness.model import Access, Artifact, DeviceProfile, Platform, Protection, Unread
from harness.profiles import load_profile
from harness.sandbox import App, Attributes, Sandbox

ANDROID = DeviceProfile(
    name="a", title="a", platform=Platform.ANDROID, os_version="14", app_root="/data/data", privileged=True,
    backup_excludes=("cache",),
)  # fmt: skip
IOS = replace(
    ANDROID,
    platform=Platform.IOS,
    app_root="/private/var/mobile/Containers/Data/Application",
    backup_excludes=("tmp",),
)
SHOP = App(package="com.example.shop", uid=10123)
BANK = App(package="com.example.bank", uid=10124)


def device(profile: DeviceProfile, *apps: App) -> Sandbox:
    sandbox = Sandbox(profile)
    for app in apps:
        sandbox.install(app)
        sandbox.write(f"{sandbox.container(app.package)}/files/b", b"bb", Attributes(modified=7.0))
        sandbox.write(f"{sandbox.container(app.package)}/files/a", b"a", Attributes(mode=0o640))
    return sandbox


def test_a_sandbox_is_a_source() -> None:
    """It satisfies the port of the device family, without importing it."""
    source: Source = device(ANDROID, SHOP)

    with source as opened:
        assert [item.path for item in opened.collect()] == ["files/a", "files/b"]
    assert source.profile is ANDROID
    assert source.name == "sandbox:a"


def test_facts_are_those_of_the_file() -> None:
    """Owner, group, mode, label, backup and readers as the device has them."""
    first, second = [item for item in device(ANDROID, SHOP).collect() if isinstance(item, Artifact)]

    assert (first.facts.owner, first.facts.mode, first.facts.size) == (10123, 0o640, 1)
    assert first.facts.label == "u:object_r:app_data_file:s0:c123,c256,c512,c768"
    assert first.facts.in_backup is True
    assert first.facts.readable_by == {Access.BACKUP, Access.ROOT_FILES, Access.ROOT_CODE}
    assert first.facts.denied_to == {Access.OTHER_APP, Access.ADB_SHELL}
    assert (second.facts.modified, bytes(second.content.read())) == (7.0, b"bb")


def test_containers_are_named_only_where_there_are_more_than_one() -> None:
    """Sorted by container, then by path; one app can be asked for."""
    sandbox = device(ANDROID, SHOP, BANK)
    sandbox.write("/sdcard/Android/data/com.example.shop/files/x", b"x")

    def places(app: str | None) -> list[tuple[str, str]]:
        return [(item.facts.container, item.path) for item in sandbox.collect(app=app) if isinstance(item, Artifact)]

    assert places(None) == [
        ("com.example.bank", "files/a"),
        ("com.example.bank", "files/b"),
        ("com.example.shop", "files/a"),
        ("com.example.shop", "files/b"),
        ("com.example.shop/external", "files/x"),
    ]
    assert places(BANK.package) == [("", "files/a"), ("", "files/b")]


def test_a_refusal_is_collected_as_such() -> None:
    """It costs a line with a reason and the size, never the run."""
    sandbox = device(IOS, SHOP)
    path = f"{sandbox.container(SHOP.package)}/Documents/c"
    sandbox.write(path, b"secret", Attributes(protection=Protection.COMPLETE))
    sandbox.lock()
    refused = [item for item in sandbox.collect() if isinstance(item, Unread)]

    assert [(item.path, item.size, item.expected) for item in refused] == [("Documents/c", 6, False)]
    assert "locked" in refused[0].reason
    sandbox.unlock()
    assert not [item for item in sandbox.collect() if isinstance(item, Unread)]


@pytest.mark.parametrize("access", list(Access))
def test_collecting_as_an_attacker_yields_what_that_one_reads(access: Access) -> None:
    """Artifacts are exactly the files whose readers include the attacker."""
    sandbox = device(ANDROID, SHOP)
    sandbox.write(f"{sandbox.container(SHOP.package)}/cache/c", b"c")
    items = list(sandbox.collect(access=access))
    root = sandbox.container(SHOP.package)

    assert {item.path: isinstance(item, Artifact) for item in items} == {
        item.path: sandbox.readers(f"{root}/{item.path}")[access] for item in items
    }
    assert len(items) == 3


def test_in_backup_is_what_the_backup_would_hold() -> None:
    """Excluded folders and an app that opted out count, a lock does not."""
    kept = device(ANDROID, SHOP)
    kept.write(f"{kept.container(SHOP.package)}/cache/c", b"c")
    kept.lock()
    opted_out = device(ANDROID, replace(SHOP, allow_backup=False))

    by_path = {item.path: item.facts.in_backup for item in kept.collect() if isinstance(item, Artifact)}
    assert by_path == {"cache/c": False, "files/a": True, "files/b": True}
    assert not any(item.facts.in_backup for item in opted_out.collect() if isinstance(item, Artifact))


def test_ios_containers_say_whose_they_are() -> None:
    """Their names are UUIDs; the metadata file names the bundle."""
    sandbox = Sandbox(IOS)
    sandbox.install(SHOP)
    [item] = sandbox.collect()

    assert isinstance(item, Artifact)
    assert item.path == ".com.apple.mobile_container_manager.metadata.plist"
    assert b"com.example.shop" in bytes(item.content.read())


def test_installing_twice_or_with_a_taken_uid_is_refused() -> None:
    """Two apps of one uid would share all their files."""
    sandbox = device(ANDROID, SHOP)

    for wrong in (SHOP, replace(BANK, uid=SHOP.uid), replace(BANK, uid=1000), replace(BANK, uid=19_999)):
        with pytest.raises(UsageError):
            sandbox.install(wrong)
    assert sandbox.apps == (SHOP,)


def test_removing_an_app_leaves_nothing_of_it() -> None:
    """Containers go, and the other app's stay."""
    sandbox = device(ANDROID, SHOP, BANK)
    sandbox.uninstall(SHOP.package)

    assert sandbox.apps == (BANK,)
    assert not sandbox.exists("/data/data/com.example.shop")
    assert len(list(sandbox.collect())) == 2
    for call in (sandbox.uninstall, sandbox.container, sandbox.sealer, lambda app: list(sandbox.collect(app=app))):
        with pytest.raises(DeviceError):
            call(SHOP.package)


@pytest.mark.parametrize("profile", ["android-14-rooted", "ios-16-jailbroken"])
def test_clearing_an_app_leaves_it_as_it_was_installed(profile: str) -> None:
    """In all of its containers, and with other keys; its neighbour keeps everything."""
    sandbox = Sandbox(load_profile(profile))
    for app in (SHOP, BANK):
        sandbox.install(app)
    fresh = list(sandbox.walk())
    sealers = {app: sandbox.sealer(app.package) for app in (SHOP, BANK)}
    sealed = {app: sealer.seal("key", b"x", nonce=bytes(12)) for app, sealer in sealers.items()}
    for app in (SHOP, BANK):
        for root in sandbox.containers(app.package):
            sandbox.write(f"{root}/cache/deep/a", b"x")
            sandbox.write(f"{root}/b", b"x")

    sandbox.clear(SHOP.package)

    kept = [f"{root}/b" for root in sandbox.containers(BANK.package)]
    assert all(sandbox.exists(path) for path in kept)
    assert [entry for entry in sandbox.walk() if not _below(entry.path, sandbox.containers(BANK.package))] == [
        entry for entry in fresh if not _below(entry.path, sandbox.containers(BANK.package))
    ]
    assert sealers[BANK].open("key", sealed[BANK]) == b"x"
    with pytest.raises(AccessDenied):
        sealers[SHOP].open("key", sealed[SHOP])
    assert sealers[SHOP].seal("key", b"x", nonce=bytes(12)) != sealed[SHOP]
    with pytest.raises(DeviceError):
        sandbox.clear("com.example.nobody")


def _below(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def test_a_work_profile_has_a_copy_of_each_app_that_is_another_app() -> None:
    """With a uid, a label and folders of its own; the private copy does not get at its files."""
    sandbox = Sandbox(load_profile("android-14-work-profile"))
    sandbox.install(App(package="com.example.shop", uid=10123, debuggable=True))
    path = f"{sandbox.container('com.example.shop', 'user_10')}/files/note"
    sandbox.write(path, b"stored")
    own = sandbox.stat("/data/data/com.example.shop")
    copy = sandbox.stat("/data/user/10/com.example.shop")

    assert path == "/data/user/10/com.example.shop/files/note"
    assert (own.owner, copy.owner, copy.mode) == (10123, 1_010_123, 0o700)
    assert own.label != copy.label
    assert sandbox.read(path) == b"stored"
    assert sandbox.readers(path)[Access.ADB_SHELL]
    with pytest.raises(AccessDenied):
        sandbox.read(path, app="com.example.shop")
    with pytest.raises(UsageError, match="another app's"):
        sandbox.install(App(package="com.example.other", uid=1_010_123))
    assert [item.path for item in sandbox.collect("com.example.shop")] == ["files/note"]
    sandbox.uninstall("com.example.shop")
    assert not sandbox.exists(path)


def test_nobody_works_on_other_devices() -> None:
    """One container more would be one that a phone has not."""
    sandbox = Sandbox(load_profile("android-14-stock"))
    sandbox.install(App(package="com.example.shop", uid=10123))

    assert len(sandbox.containers("com.example.shop")) == 3
    assert not sandbox.exists("/data/user/10")
