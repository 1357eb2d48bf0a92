"""What QA runs against an app's storage: each storage mode, and what it promises.

The same suite runs on the simulated SDKs here, and on a source of your own with the options of the plug-in.
"""

import pytest

from harness import registry
from harness.model import Access, Cell, Outcome, Report
from harness.persona import demo_persona
from harness.profiles import load_profile
from harness.pytest_plugin import Storage
from harness.sdks.base import SdkModel

PROFILES = ("android-14-rooted", "android-14-debuggable", "ios-16-jailbroken", "ios-17-simulator")
SDKS = registry.load("sdks", SdkModel)
OPEN = ("android-14-rooted", "ios-16-jailbroken")
"""Where everything can be looked at: the devices that an SDK model declares its verdicts for."""
RUNS = [
    (sdk, mode, profile)
    for sdk in sorted(SDKS)
    for mode in SDKS[sdk].modes
    for profile in OPEN
    if load_profile(profile).platform in SDKS[sdk].platforms
]


def _report(storage: Storage, sdk: str, mode: str, profile: str) -> Report:
    device = storage.simulate(sdk, mode=mode, profile=profile)
    return storage.scan(device, persona=demo_persona(), mode=mode)


@pytest.mark.parametrize(("sdk", "mode", "profile"), RUNS)
def test_a_simulated_sdk_gets_the_verdicts_that_it_declares(
    storage: Storage, sdk: str, mode: str, profile: str
) -> None:
    """Known bad fails exactly where it says, known good passes."""
    report = _report(storage, sdk, mode, profile)
    expected = SDKS[sdk].expected_of(SDKS[sdk].versions[-1], mode)
    outcomes = {verdict.check: verdict.outcome for verdict in report.verdicts}

    for check, outcome in expected.items():
        if outcomes[check] is not Outcome.NOT_APPLICABLE:
            assert outcomes[check] is outcome, (check, [str(f.locator) for f in report.findings if f.check == check])


@pytest.mark.parametrize("profile", PROFILES)
def test_careful_storage_shows_nobody_anything(storage: Storage, profile: str) -> None:
    """In every mode, no attacker reads a value of the seeded person."""
    for mode in SDKS["careful"].modes:
        cells = {cell.cell for cell in _report(storage, "careful", mode, profile).exposure}

        assert not cells & {Cell.EXPOSED, Cell.BROKEN}, mode


def test_plain_storage_is_exposed_to_root_and_to_no_other_app(storage: Storage) -> None:
    """Private files are private on a device that keeps apps apart."""
    report = _report(storage, "forgetful", "plain", "android-14-rooted")
    cells = {(cell.type, cell.access): cell.cell for cell in report.exposure}

    assert cells["EMAIL", Access.ROOT_FILES] is Cell.EXPOSED
    assert cells["EMAIL", Access.OTHER_APP] in {Cell.HELD, Cell.EXPOSED}
