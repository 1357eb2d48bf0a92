"""The known-bad SDK breaks every promise, each in the way that is most often seen."""

import base64
import hashlib

import pytest

from harness.model import Access, Outcome, Platform
from harness.persona import demo_persona
from harness.profiles import load_profile
from harness.sandbox import Entry, Sandbox
from harness.sdks.forgetful import Forgetful
from harness.simulation import DEMO_APP, simulate

DEVICES = {
    Platform.ANDROID: load_profile("android-14-rooted"),
    Platform.IOS: load_profile("ios-16-jailbroken"),
}
EMAIL = demo_persona().email or ""
PREFERENCES, DATABASE, LOG = "shared_prefs/forgetful.xml", "databases/forgetful", "files/forgetful-events.json"


def device(mode: str, platform: Platform = Platform.ANDROID) -> Sandbox:
    model = Forgetful()
    model.name = "forgetful"
    return simulate(DEVICES[platform], model, mode=mode, persona=demo_persona())


def files(sandbox: Sandbox) -> dict[str, Entry]:
    """What the SDK wrote, by path."""
    root = sandbox.container(DEMO_APP.package)
    written = [entry for entry in sandbox.walk(root) if not entry.folder and "forgetful" in entry.path]
    return {entry.path.removeprefix(root + "/"): entry for entry in written}


def holding(mode: str, needle: str) -> set[str]:
    """Which of the files hold a text as it is."""
    return {path for path, entry in files(device(mode)).items() if needle.encode() in entry.data}


@pytest.mark.parametrize(
    ("mode", "needle", "where"),
    [
        ("plain", EMAIL, {PREFERENCES, DATABASE, LOG}),
        ("masked", EMAIL[:-2] + "**", {PREFERENCES, DATABASE}),
        ("masked", EMAIL, {DATABASE, LOG}),
        ("encrypted", EMAIL, set()),
        ("encrypted", base64.b64encode(EMAIL.encode()).decode(), {PREFERENCES, DATABASE, LOG}),
        ("identifier-only", EMAIL, {PREFERENCES, DATABASE, LOG}),
        ("identifier-only", hashlib.sha256(EMAIL.encode()).hexdigest(), {PREFERENCES}),
        ("hybrid", EMAIL, {DATABASE}),
        ("erased", EMAIL, {PREFERENCES, DATABASE, LOG}),
    ],
)
def test_each_mode_leaks_where_it_is_known_to(mode: str, needle: str, where: set[str]) -> None:
    """The flaw is there, and no other hides it."""
    assert holding(mode, needle) == where


def test_erased_rows_lie_in_free_pages() -> None:
    """The table is empty for SQL, and full for whoever reads the file."""
    before, after = files(device("plain"))[DATABASE].data, files(device("erased"))[DATABASE].data

    assert EMAIL.encode() in after
    assert before != after


@pytest.mark.parametrize("mode", Forgetful.modes)
@pytest.mark.parametrize("platform", list(Platform))
def test_everything_enters_backups_and_one_file_is_open_to_all(mode: str, platform: Platform) -> None:
    """The log is the open one."""
    sandbox = device(mode, platform)
    written = files(sandbox)

    assert len(written) == 3
    assert all(sandbox.readers(entry.path)[Access.BACKUP] for entry in written.values())
    assert [path for path, entry in written.items() if entry.mode & 0o004] == [
        path for path in written if path.endswith("forgetful-events.json")
    ]


def test_only_the_mode_of_identities_fails_for_its_identity() -> None:
    """In the others the identity is the opaque one of the server."""
    verdicts = {mode: checks["identifier_only"] for mode, checks in Forgetful.expected.items()}

    assert {mode for mode, outcome in verdicts.items() if outcome is Outcome.FAIL} == {"identifier-only"}
    assert all(checks["plaintext"] is Outcome.FAIL for checks in Forgetful.expected.values())
