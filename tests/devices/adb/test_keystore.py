"""An app's keys on a device, asked as that app: what root gets by running code, and a copy of the files does not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from harness.devices.adb import Adb, AdbSource
from harness.devices.base import Options
from harness.emulators.android.apps import AppContext
from harness.emulators.android.device import AndroidDevice, Setup
from harness.errors import AccessDenied, DeviceError, Unanswered
from harness.model import Access
from tests.devices.adb.conftest import OTHER, SHOP, Boot

NONCE = bytes(range(12))


def seals(context: AppContext) -> int:
    """An app that seals a note, keeps it, and stays."""
    sealed = context.keystore.seal("notes", f"of {context.package}".encode(), nonce=NONCE)
    context.files.write("files/sealed", sealed)
    context.drawn()
    context.linger()
    return 0


@pytest.fixture
def opened() -> Iterator[Callable[[AndroidDevice], AdbSource]]:
    """Sources that stay open until the test ends."""
    with ExitStack() as running:

        def start(device: AndroidDevice) -> AdbSource:
            source = Adb().open(f"adb:{device.serial}", Options(patience=3.0))
            assert isinstance(source, AdbSource)
            running.callback(source.close)
            return source

        yield start


@pytest.fixture
def sealed(boot: Boot, opened):
    """`sealed("android-14-rooted")`: a device whose shop has sealed a note, the source on it, and the note."""

    def start(profile: str) -> tuple[AdbSource, bytes]:
        device = boot(profile, setup=Setup(program=seals))
        device.launch(SHOP)
        source = opened(device)
        found = {item.path: item for item in source.collect() if item.path.endswith("files/sealed")}
        (item,) = found.values()
        return source, bytes(item.content.read())

    return start


@pytest.mark.parametrize(
    ("profile", "attackers"),
    [
        ("android-14-rooted", {Access.ROOT_CODE}),
        ("android-14-debuggable", {Access.ADB_SHELL, Access.ROOT_CODE}),
    ],
)
def test_code_that_runs_as_the_app_opens_what_it_sealed(sealed, profile: str, attackers: set[Access]) -> None:
    """By root, or by `run-as` on a build that lets the shell in; and who that is, is told."""
    source, note = sealed(profile)
    holder = source.holder(SHOP)

    assert holder.open("notes", note) == b"of com.example.shop"
    assert holder.attackers == attackers
    assert not holder.is_portable


def test_another_key_another_app_and_damage_are_told_apart(sealed) -> None:
    """Refused, where there is no such key of that app; not opened, where it is of another key."""
    source, note = sealed("android-14-rooted")

    with pytest.raises(AccessDenied):
        source.holder(SHOP).open("others", note)
    with pytest.raises(AccessDenied):
        source.holder(OTHER).open("notes", note)
    with pytest.raises(DeviceError):
        source.holder(SHOP).open("notes", note[:-1] + bytes([note[-1] ^ 1]))
    with pytest.raises(Unanswered, match="too long"):
        source.holder(SHOP).open("notes", bytes(1 << 20))


def test_where_nobody_becomes_the_app_no_keystore_answers(boot: Boot, opened) -> None:
    """A stock phone: ciphertext from a backup is not tried, and counts as such."""
    assert opened(boot("android-14-stock")).holder(SHOP) is None


def test_many_are_asked_about_in_few_commands_and_each_has_its_answer(sealed) -> None:
    """In their order: what opens, what is damaged, and what is too long to ask about; none takes another's place."""
    source, note = sealed("android-14-rooted")
    holder = source.holder(SHOP)
    damaged = note[:-1] + bytes([note[-1] ^ 1])
    answers = holder.open_all("notes", [*[note] * 1000, damaged, bytes(1 << 20), note])

    assert answers[:1000] == [b"of com.example.shop"] * 1000
    assert isinstance(answers[1000], DeviceError)
    assert not isinstance(answers[1000], Unanswered)
    assert isinstance(answers[1001], Unanswered)
    assert answers[1002] == b"of com.example.shop"
    assert holder.open_all("notes", []) == []
    assert {type(each) for each in holder.open_all("others", [note, damaged])} == {AccessDenied}


def test_the_longest_that_is_asked_about_fits_into_a_command(sealed) -> None:
    """Just below the limit the keystore is heard: it has no key of that name."""
    source, _ = sealed("android-14-rooted")

    with pytest.raises(AccessDenied):
        source.holder(SHOP).open("others", bytes(90_000))


def test_a_device_that_went_away_has_said_neither_yes_nor_no(sealed) -> None:
    """What cannot be asked is not held to have stayed shut."""
    source, note = sealed("android-14-rooted")
    holder = source.holder(SHOP)
    source.close()

    with pytest.raises(Unanswered):
        holder.open("notes", note)
