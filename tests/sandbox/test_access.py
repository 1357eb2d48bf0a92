"""Who reads what: the rules, stated a second time and by other means, against random files on random devices."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.model import Access, DeviceProfile, Facts, Platform, Protection
from harness.sandbox import App, Attributes, Lock, Sandbox, best_access, enters_backup, readers_of

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
PACKAGE = "com.example.shop"

ANDROID = DeviceProfile(
    name="a", title="a", platform=Platform.ANDROID, os_version="14", app_root="/data/data",
    backup_excludes=("cache", "code_cache", "no_backup"),
)  # fmt: skip
IOS = DeviceProfile(
    name="i", title="i", platform=Platform.IOS, os_version="17", backup_excludes=("Library/Caches", "tmp"),
    app_root="/private/var/mobile/Containers/Data/Application",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A file on a device, in the fewest words that decide who reads it."""

    profile: DeviceProfile
    app: App
    place: str
    """`data`, `device_protected`, `external` or `download`."""
    folder: str
    folder_mode: int
    mode: int
    owner: str
    """`app`, `root` or `shell`."""
    protection: Protection
    in_backup: bool
    lock: Lock

    def build(self) -> tuple[Sandbox, str]:
        sandbox = Sandbox(self.profile)
        sandbox.install(self.app)
        suffix = "" if self.place in {"data", "download"} else self.place
        root = "/sdcard/Download" if self.place == "download" else sandbox.container(PACKAGE, suffix)
        path = f"{root}/{self.folder}/file"
        number = {"app": None, "root": 0, "shell": 2000}[self.owner]
        attributes = Attributes(mode=self.mode, protection=self.protection, in_backup=self.in_backup, owner=number)
        sandbox.write(path, b"stored", attributes)
        sandbox.chmod(f"{root}/{self.folder}".rsplit("/", 0)[0], self.folder_mode)
        sandbox.boot()
        if self.lock is not Lock.BEFORE_FIRST_UNLOCK:
            sandbox.unlock()
        if self.lock is Lock.LOCKED:
            sandbox.lock()
        return sandbox, path


_ANY_MODE = st.integers(0, 0o777)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Files on Android phones, iPhones and simulators, of every kind that the rules tell apart."""
    base = draw(st.sampled_from([ANDROID, IOS]))
    android = base is ANDROID
    profile = replace(
        base,
        os_version=draw(st.sampled_from(["8", "9", "10", "11", "14"])) if android else "17",
        privileged=draw(st.booleans()),
        debuggable=android and draw(st.booleans()),
        adb=android and draw(st.booleans()),
        simulator=not android and draw(st.booleans()),
        backup=draw(st.booleans()),
    )
    return Case(
        profile=profile,
        app=App(
            package=PACKAGE,
            uid=10123,
            debuggable=android and draw(st.booleans()),
            allow_backup=draw(st.booleans()),
            target_sdk=draw(st.sampled_from([26, 27, 28, 34])),
        ),
        place=draw(st.sampled_from(["data", "device_protected", "external", "download"])) if android else "data",
        folder=draw(st.sampled_from(["files", "cache", "Library/Caches", "notes", "tmp"])),
        folder_mode=draw(_ANY_MODE),
        mode=draw(_ANY_MODE),
        owner=draw(st.sampled_from(["app", "root", "shell"])),
        protection=draw(st.sampled_from(Protection)),
        in_backup=draw(st.booleans()),
        lock=draw(st.sampled_from(Lock)),
    )


# -- the rules, a second time --------------------------------------------------------------------


def truth(case: Case, access: Access) -> bool:
    """Who reads what, as a table of conditions that all must hold."""
    profile = case.profile
    if profile.simulator:
        return {Access.BACKUP: backed_up(case)}.get(access, readable_by_class(case, {"app"}, {"app"}))
    if profile.platform is Platform.IOS:
        return {
            Access.OTHER_APP: False,
            Access.ADB_SHELL: False,
            Access.BACKUP: backed_up(case) and case.lock is not Lock.BEFORE_FIRST_UNLOCK and decrypted_ios(case),
            Access.ROOT_FILES: profile.privileged and decrypted_ios(case),
            Access.ROOT_CODE: profile.privileged and decrypted_ios(case),
        }[access]
    sealed = case.lock is Lock.BEFORE_FIRST_UNLOCK and case.place != "device_protected"
    shell = shared(case) or False
    run_as = owned(case) and (case.app.debuggable or profile.debuggable) and (shared(case) or app_reads(case))
    return (
        not sealed
        and {
            Access.OTHER_APP: stranger_reads(case),
            Access.ADB_SHELL: profile.adb and (shell or run_as),
            Access.BACKUP: backed_up(case) and case.lock is not Lock.BEFORE_FIRST_UNLOCK,
            Access.ROOT_FILES: profile.privileged,
            Access.ROOT_CODE: profile.privileged,
        }[access]
    )


def decrypted_ios(case: Case) -> bool:
    if case.lock is Lock.UNLOCKED or case.protection is Protection.NONE:
        return True
    return case.lock is Lock.LOCKED and case.protection is Protection.UNTIL_FIRST_AUTH


def shared(case: Case) -> bool:
    return case.place in {"external", "download"}


def owned(case: Case) -> bool:
    return case.place != "download"


def backed_up(case: Case) -> bool:
    excluded = {Platform.ANDROID: {"cache"}, Platform.IOS: {"Library/Caches", "tmp"}}[case.profile.platform]
    if not owned(case) or case.folder in excluded:
        return False
    return case.profile.backup and case.app.allow_backup and case.in_backup


def readable_by_class(case: Case, owners: set[str], groups: set[str]) -> bool:
    """Permission bits for one who is `owners` by uid and `groups` by group; the folder belongs to the app."""
    folder_shift = 6 if "app" in owners else 3 if "app" in groups else 0
    # On Android `cache` hands its group, the app's cache group, down to what is made in it.
    file_group = "app" if case.folder == "cache" and case.profile.platform is Platform.ANDROID else case.owner
    file_shift = 6 if case.owner in owners else 3 if file_group in groups else 0
    return bool(case.folder_mode >> folder_shift & 1) and bool(case.mode >> file_shift & 4)


def app_reads(case: Case) -> bool:
    return readable_by_class(case, {"app"}, {"app"})


def stranger_reads(case: Case) -> bool:
    major = int(case.profile.os_version)
    if case.place == "download":
        return True
    if case.place == "external":
        return major < 11
    # Android 9 and an app that targets it: the folder is 0700 and the categories differ. One of the two is enough.
    if major >= 9 and case.app.target_sdk >= 28:
        return False
    through = case.folder != "Library/Caches"  # its parent is made with mode 0700
    return through and bool(case.folder_mode & 1) and bool(case.mode & 4)


@QUICK
@given(cases())
def test_the_rules_hold_for_every_attacker(case: Case) -> None:
    """The device answers as the table does, and a refusal has a reason."""
    sandbox, path = case.build()

    assert dict(sandbox.readers(path)) == {access: truth(case, access) for access in Access}
    assert all(bool(sandbox.refusal(path, access)) is not can for access, can in sandbox.readers(path).items())


@QUICK
@given(cases())
def test_the_two_roots_reach_the_same_files(case: Case) -> None:
    """Code changes what can be decrypted, never which file opens."""
    sandbox, path = case.build()
    readers = sandbox.readers(path)

    assert readers[Access.ROOT_FILES] == readers[Access.ROOT_CODE]


@QUICK
@given(cases())
def test_locking_never_opens_a_file(case: Case) -> None:
    """A device before its first unlock, a locked and an unlocked one hand out ever more."""
    before, locked, unlocked = [
        {access for access, can in sandbox.readers(path).items() if can}
        for sandbox, path in (replace(case, lock=lock).build() for lock in Lock)
    ]

    assert before <= locked <= unlocked


# -- what a tester uses, what a backup holds -----------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "best"),
    [
        (replace(ANDROID, privileged=True, adb=True), Access.ROOT_CODE),
        (replace(IOS, simulator=True, backup=False), Access.ROOT_CODE),
        (replace(ANDROID, adb=True, debuggable=True), Access.ADB_SHELL),
        (replace(ANDROID, adb=True), Access.BACKUP),
        (replace(ANDROID, adb=True, backup=False), Access.ADB_SHELL),
        (replace(IOS, backup=False), Access.OTHER_APP),
    ],
)
def test_a_tester_takes_the_way_that_yields_most(profile: DeviceProfile, best: Access) -> None:
    """Root before `run-as`, that before a backup, that before nothing."""
    assert best_access(profile) is best


@pytest.mark.parametrize(
    ("relative", "in_backup", "allowed", "enters"),
    [
        ("files/a", True, True, True),
        ("files/a", False, True, False),
        ("files/a", True, False, False),
        ("cache", True, True, False),
        ("cache/a", True, True, False),
        ("cached/a", True, True, True),
        ("no_backup/a/b", True, True, False),
    ],
)
def test_what_enters_a_backup(relative: str, in_backup: bool, allowed: bool, enters: bool) -> None:
    """The app's word, the file's mark and the excluded folders decide; a like-named folder is not excluded."""
    app = App(package=PACKAGE, uid=10123, allow_backup=allowed)

    assert (enters_backup(relative, in_backup, app, ANDROID) == "") is enters


# -- from facts alone ----------------------------------------------------------------------------

OWN = "u:object_r:app_data_file:s0:c123,c256,c512,c768"
COMMON = "u:object_r:app_data_file:s0:c512,c768"
ROOTED = replace(ANDROID, privileged=True, adb=True)
STOCK = replace(ANDROID, adb=True)


@pytest.mark.parametrize(
    ("facts", "profile", "readers"),
    [
        (Facts(path="a"), None, "root_files root_code"),
        (Facts(path="a", mode=0o600), None, "root_files root_code"),
        (Facts(path="a", mode=0o644), None, "root_files root_code"),
        (Facts(path="a", mode=0o644, platform=Platform.ANDROID), None, "root_files root_code"),
        (Facts(path="a", mode=0o644, platform=Platform.IOS), None, "!other_app !adb_shell root_files root_code"),
        (Facts(path="a"), ROOTED, "root_files root_code"),
        (Facts(path="a", mode=0o600), ROOTED, "!other_app !adb_shell root_files root_code"),
        (Facts(path="a", mode=0o644), ROOTED, "root_files root_code"),
        (Facts(path="a", mode=0o644, label=OWN), ROOTED, "!other_app !adb_shell root_files root_code"),
        (Facts(path="a", mode=0o644, label=COMMON), ROOTED, "other_app !adb_shell root_files root_code"),
        (Facts(path="a", mode=0o644, label="odd"), ROOTED, "root_files root_code"),
        (Facts(path="a", mode=0o644), replace(ROOTED, os_version="8"), "other_app root_files root_code"),
        (Facts(path="a", mode=0o600, in_backup=True), STOCK, "!other_app !adb_shell backup root_files root_code"),
        (Facts(path="a", in_backup=False), STOCK, "!backup root_files root_code"),
        (Facts(path="cache/a", in_backup=True), STOCK, "!backup root_files root_code"),
        (Facts(path="a"), replace(STOCK, debuggable=True), "adb_shell root_files root_code"),
        (Facts(path="a"), replace(STOCK, adb=False), "!adb_shell root_files root_code"),
        (Facts(path="a", mode=0o644), IOS, "!other_app !adb_shell root_files root_code"),
        (Facts(path="tmp/a"), IOS, "!other_app !adb_shell !backup root_files root_code"),
        (
            Facts(path="a"),
            replace(IOS, simulator=True, backup=False),
            "other_app adb_shell !backup root_files root_code",
        ),
    ],
)
def test_what_facts_alone_tell(facts: Facts, profile: DeviceProfile | None, readers: str) -> None:
    """Known readers, known refusals (`!`), and what is not named is not known."""
    wanted = {Access[word.removeprefix("!").upper()]: not word.startswith("!") for word in readers.split()}

    assert readers_of(facts, profile) == wanted


@QUICK
@given(cases())
def test_what_facts_tell_is_true_on_the_device(case: Case) -> None:
    """Facts of a file in an app's main container, taken from an unlocked device, never contradict the device."""
    case = replace(case, place="data", owner="app", lock=Lock.UNLOCKED)
    sandbox, path = case.build()
    entry = sandbox.stat(path)
    relative = path.removeprefix(sandbox.container(PACKAGE) + "/")
    enters = not enters_backup(relative, case.in_backup, case.app, case.profile)
    facts = Facts(path=relative, mode=entry.mode, label=entry.label, in_backup=enters)
    real = sandbox.readers(path)

    told = readers_of(facts, case.profile)

    # The bits of folders above are not among the facts, nor is the build of the app: these can only take away.
    closed = {access for access, can in told.items() if not can}
    assert not {access for access in closed if real[access]} - ({Access.ADB_SHELL} if case.app.debuggable else set())
