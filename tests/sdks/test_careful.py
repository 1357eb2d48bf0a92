"""The known-good SDK keeps every promise, byte by byte."""

import sqlite3
from pathlib import Path

import pytest

from harness.errors import AccessDenied, DeviceError
from harness.model import Access, Platform, Protection
from harness.persona import demo_persona, new_persona
from harness.persona.forms import forms_of
from harness.profiles import load_profile
from harness.sandbox import Entry, Sandbox
from harness.sdks.base import EventPushed, Installed, LoggedIn, LoggedOut
from harness.sdks.careful import Careful
from harness.simulation import DEMO_APP, demo_events, simulate

DEVICES = {
    Platform.ANDROID: load_profile("android-14-rooted"),
    Platform.IOS: load_profile("ios-16-jailbroken"),
}


def device(mode: str, platform: Platform = Platform.ANDROID, **options: object) -> Sandbox:
    model = Careful()
    model.name = "careful"
    return simulate(DEVICES[platform], model, mode=mode, persona=demo_persona(), **options)  # type: ignore[arg-type]


def files(sandbox: Sandbox) -> list[Entry]:
    """What the SDK wrote."""
    root = sandbox.container(DEMO_APP.package)
    return [entry for entry in sandbox.walk(root) if not entry.folder and "careful" in entry.path]


every_mode = pytest.mark.parametrize("mode", Careful.modes)
every_platform = pytest.mark.parametrize("platform", list(Platform))


@every_mode
@every_platform
def test_no_form_of_any_value_is_stored(mode: str, platform: Platform) -> None:
    """Neither plain nor encoded nor as a digest; what a mask may show is no form of a value."""
    stored = b"\0".join(entry.data for entry in files(device(mode, platform))).lower()
    forms = [form for form in forms_of(demo_persona().items()) if form.literal.lower() in stored]

    assert [(form.field, form.spelling) for form in forms] == []


@every_mode
@every_platform
def test_files_are_private_and_stay_out_of_backups(mode: str, platform: Platform) -> None:
    """Mode 0600, the strictest class on iOS, marked as not to be backed up."""
    sandbox = device(mode, platform)

    assert files(sandbox)
    for entry in files(sandbox):
        assert entry.mode == 0o600
        assert not entry.in_backup
        assert entry.protection is (Protection.COMPLETE if platform is Platform.IOS else None)
        readers = {access for access, can in sandbox.readers(entry.path).items() if can}
        assert readers == {Access.ROOT_FILES, Access.ROOT_CODE}


@every_mode
def test_there_is_an_identity_and_it_is_opaque(mode: str) -> None:
    """The one that the server gave; after erasure, a new one."""
    [preferences] = [entry for entry in files(device(mode)) if entry.path.endswith(".xml")]
    [server_id] = [event.identity for event in demo_events(demo_persona(), mode) if isinstance(event, LoggedIn)]

    assert b'name="identity"' in preferences.data
    assert (server_id.encode() in preferences.data) is (mode != "erased")


def test_masks_show_a_letter_or_the_last_four(tmp_path: Path) -> None:
    """Enough for the person to recognise it, too little for anybody else."""
    [profile] = rows(device("masked"), "SELECT email, card, ssn, name FROM profile", tmp_path)

    assert profile == ("j***@e***", "**** 1111", "***", "***")


def test_sealed_values_open_for_the_app_and_for_nobody_without_its_code(tmp_path: Path) -> None:
    """The plain text exists, and only the keystore leads to it."""
    sandbox = device("encrypted")
    [(sealed,)] = rows(sandbox, "SELECT email FROM profile", tmp_path)

    assert sandbox.sealer(DEMO_APP.package).open("careful", sealed) == demo_persona().email.encode()  # type: ignore[union-attr]
    assert sandbox.keys.open("careful", DEMO_APP.package, sealed, access=Access.ROOT_CODE)
    with pytest.raises(AccessDenied):
        sandbox.keys.open("careful", DEMO_APP.package, sealed, access=Access.ROOT_FILES)
    with pytest.raises(DeviceError):
        device("encrypted", seed=b"another phone").keys.open("careful", DEMO_APP.package, sealed)


def test_no_nonce_comes_twice(tmp_path: Path) -> None:
    """Each sealed value has its own, or GCM protects nothing."""
    sandbox = device("encrypted")
    sealed = [value for row in rows(sandbox, "SELECT * FROM profile", tmp_path) for value in row]
    sealed += [value for (value,) in rows(sandbox, "SELECT properties FROM queue", tmp_path)]

    assert len(sealed) > 10
    assert len({value[:12] for value in sealed}) == len(sealed)


@pytest.mark.parametrize("mode", ["masked", "identifier-only", "hybrid"])
def test_only_the_plan_passes_into_the_queue(mode: str, tmp_path: Path) -> None:
    """An unknown property is personal until somebody says otherwise."""
    pushed = EventPushed(at=3, entropy=bytes(32), label="X", properties={"product": "Lamp", "shoe_size": "44"})
    sandbox = device(mode, events=[Installed(at=1, entropy=bytes(31) + b"1"), pushed])

    assert rows(sandbox, "SELECT properties FROM queue", tmp_path) == [('{"product": "Lamp"}',)]


@every_mode
def test_logging_out_leaves_nothing_of_the_person(mode: str) -> None:
    """Database and log are gone, and the next identity is not the last one."""
    events = list(demo_events(new_persona(b"1"), "plain"))
    before = device(mode, events=events)
    after = device(mode, events=[*events, LoggedOut(at=9_000_000_000, entropy=b"z" * 32)])
    [identity] = [event.identity for event in events if isinstance(event, LoggedIn)]

    assert [entry.path.rpartition("/")[2] for entry in files(after)] == ["careful.xml"]
    assert any(identity.encode() in entry.data for entry in files(before))
    assert not any(identity.encode() in entry.data for entry in files(after))


def rows(sandbox: Sandbox, query: str, folder: Path) -> list[tuple[bytes, ...]]:
    """What SQLite itself reads from the database."""
    [entry] = [entry for entry in files(sandbox) if entry.path.endswith("databases/careful")]
    copy = folder / "copy"
    copy.write_bytes(entry.data)
    connection = sqlite3.connect(copy)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
