"""CleverTap from end to end: simulated, scanned without a word about what it is, and told for what it is."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from harness import registry
from harness.device_simulation import app_program
from harness.devices.adb import Adb
from harness.devices.base import Options, Source
from harness.devices.folder import Folder
from harness.emulators.android.device import AndroidDevice, Setup
from harness.listing import Broken, list_values
from harness.model import Access, Cell, Outcome, Record, SealState
from harness.persona import Persona, demo_persona
from harness.pipeline import Job, Plugins, report_on
from harness.profiles import load_profile
from harness.redaction import Redactor
from harness.sandbox import Sandbox
from harness.sdks.base import SdkModel
from harness.sdks.clevertap.cipher import legacy_seal
from harness.simulation import DEMO_APP, installed, simulate, write_into
from tests.suites.conftest import Reported

PLUGINS = Plugins.load()
MODEL: SdkModel = registry.load("sdks", SdkModel)["clevertap"]
ROOTED = load_profile("android-14-rooted")
LIVES = [
    (version, level)
    for version in ("3.1.10", "3.9.1", "4.7.5", "5.2.2", "6.2.1", "7.1.2", "7.2.2", "7.6.0", "7.7.1", "8.2.0")
    for level in MODEL.levels(version) or (None,)
]


def lived(version: str, level: int | None, person: Persona) -> Sandbox:
    mode = "encrypted" if level else "plain"
    return simulate(ROOTED, MODEL, mode=mode, persona=person, version=version, level=level)


def job(source: Source, person: Persona) -> Job:
    return Job(source=source, redactor=Redactor(b"k" * 32), persona=person)


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def values(source: Source, person: Persona) -> Mapping[str, set[object]]:
    found: dict[str, set[object]] = {}
    for shown in list_values(job(source, person), PLUGINS, reveal=True):
        assert isinstance(shown, Record), shown.error if isinstance(shown, Broken) else shown
        found.setdefault(shown.key, set()).add(shown.value)
    return found


def test_the_golden_tables_are_up_to_date(project_root: Path) -> None:
    """Each era, level and mode: who reads what. A change of any of them is a change that somebody reads."""
    script = project_root / "scripts" / "exposure-tables"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("version", "level"), LIVES)
def test_what_was_pushed_comes_back_under_its_own_keys(version: str, level: int | None) -> None:
    """Encrypted or not, with nobody telling the scan which SDK it is, which version, or which account."""
    person = demo_persona()
    found = values(lived(version, level, person), person)
    pushed = {"Name": person.name, "Email": person.email, "ssn": person.ssn, "card": person.card}

    for key, value in pushed.items():
        assert value in found[key], key


@pytest.mark.parametrize(("version", "level"), LIVES)
def test_the_version_is_recognised_from_the_storage_alone(
    reported: Reported, version: str, level: int | None
) -> None:
    """In a range that holds it, with the level that was configured."""
    report = reported(version, "encrypted" if level else "plain", level)
    (known,) = report.recognised

    assert numbers(known.first) <= numbers(version) <= numbers(known.last)
    assert known.level in {level or 0, None}
    assert report.sdks == ("clevertap",)


@pytest.mark.parametrize(("version", "level"), LIVES)
def test_every_ciphertext_of_a_device_with_its_keystore_opens(
    reported: Reported, version: str, level: int | None
) -> None:
    """None is left untried, none resists, and none has the marks of one and is none."""
    report = reported(version, "encrypted" if level else "plain", level)

    assert {sealed.state for sealed in report.sealed} <= {SealState.OPENED}
    assert bool(report.sealed) is (bool(level) or numbers(version) >= (6,))


def test_without_its_keystore_a_copy_of_the_files_is_not_cleared(tmp_path: Path) -> None:
    """What nobody could try is neither held for who runs code, nor a pass."""
    person = demo_persona()
    write_into(lived("8.2.0", 2, person), tmp_path / "copy")
    with Folder().open(str(tmp_path / "copy"), Options(profile=ROOTED)) as source:
        report = report_on(job(source, person), PLUGINS)
    outcomes = {verdict.check: verdict.outcome for verdict in report.verdicts}
    cells = {each.access: each.cell for each in report.exposure if each.type == "EMAIL"}

    assert {sealed.state for sealed in report.sealed} == {SealState.NO_KEY}
    assert outcomes["derivable_key"] is outcomes["identifier_only"] is Outcome.INCONCLUSIVE
    assert set(cells.values()) == {Cell.UNKNOWN}


def test_without_the_account_id_a_legacy_ciphertext_is_neither_held_nor_opened() -> None:
    """It is in the app's manifest, so who has files may have it as well as who runs code."""
    person = demo_persona()
    assert person.email is not None
    sandbox = installed(ROOTED, name="copy")
    text = escape(json.dumps({f"Email_{legacy_seal('TEST-000-0000', person.email)}": "__" + "0a" * 16}))
    path = f"{sandbox.container(DEMO_APP.package)}/shared_prefs/WizRocket.xml"
    sandbox.write(path, f"<map><string name='cachedGUIDsKey'>{text}</string></map>".encode())
    report = report_on(job(sandbox, person), PLUGINS)
    (sealed,) = report.sealed
    verdict = next(each for each in report.verdicts if each.check == "derivable_key")
    kept = next(each.cells for each in report.components if each.component == "identity map" and not each.type)

    assert sealed.state is SealState.NO_KEY
    assert "account id" in sealed.reason
    assert (verdict.outcome, sealed.reason in verdict.reason) == (Outcome.INCONCLUSIVE, True)
    assert kept[Access.ROOT_FILES] is kept[Access.ROOT_CODE] is not Cell.HELD
    assert {each.cell for each in report.exposure if each.type == "EMAIL"} == {Cell.UNKNOWN}


def test_an_emulated_phone_tells_the_same_over_adb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK as a process of the device, its keystore asked as the app: held against files, broken by code."""
    monkeypatch.setenv("HOME", str(tmp_path))
    person = demo_persona()
    program = app_program(MODEL, mode="encrypted", persona=person, version="8.2.0")
    with AndroidDevice(installed(ROOTED, name="phone"), setup=Setup(program=program)) as device:
        device.launch(DEMO_APP.package)
        with Adb().open(f"adb:{device.serial}", Options(app=DEMO_APP.package, patience=5.0)) as source:
            report = report_on(job(source, person), PLUGINS)
    cells = {each.access: each.cell for each in report.exposure if each.type == "EMAIL"}

    assert (cells[Access.ROOT_FILES], cells[Access.ROOT_CODE]) == (Cell.HELD, Cell.BROKEN)
    assert {sealed.state for sealed in report.sealed} == {SealState.OPENED}
    assert [each.sdk for each in report.recognised] == ["clevertap"]


@pytest.mark.parametrize(("version", "level", "outcome"), [("8.2.0", 2, Outcome.PASS), ("7.1.2", 1, Outcome.FAIL)])
def test_who_runs_as_a_debuggable_app_asks_its_keystore_and_derives_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, level: int, outcome: Outcome
) -> None:
    """`run-as` is code: that the shell reads it says nothing against the key. What the files give away still does."""
    monkeypatch.setenv("HOME", str(tmp_path))
    person = demo_persona()
    program = app_program(MODEL, mode="encrypted", persona=person, version=version, level=level)
    phone = installed(load_profile("android-14-debuggable"), name="phone")
    with AndroidDevice(phone, setup=Setup(program=program)) as device:
        device.launch(DEMO_APP.package)
        with Adb().open(f"adb:{device.serial}", Options(app=DEMO_APP.package, patience=5.0)) as source:
            report = report_on(job(source, person), PLUGINS)

    assert {sealed.state for sealed in report.sealed} == {SealState.OPENED}
    assert all(sealed.opened_by == {Access.ADB_SHELL} for sealed in report.sealed)
    assert {each.check: each.outcome for each in report.verdicts}["derivable_key"] is outcome
