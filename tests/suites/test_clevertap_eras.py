"""Every era of CleverTap's SDK, in every mode and at every level: each check says what the specification says."""

import pytest

from harness import registry
from harness.model import Access, Cell
from harness.sdks.base import SdkModel
from tests.suites.conftest import Reported

MODEL: SdkModel = registry.load("sdks", SdkModel)["clevertap"]
ERAS = ("2.1.0", "3.1.10", "4.7.5", "5.2.2", "6.2.1", "7.1.2", "7.2.2", "7.6.0", "7.7.1", "8.2.0")
RUNS = [
    (version, mode, level)
    for version in ERAS
    for mode in MODEL.modes
    if MODEL.has_mode(version, mode)
    for level in MODEL.levels_of(version, mode) or (None,)
]
FOR_FILES = (Access.BACKUP, Access.ROOT_FILES)


@pytest.mark.parametrize(("version", "mode", "level"), RUNS)
def test_each_check_says_what_is_expected(reported: Reported, version: str, mode: str, level: int | None) -> None:
    """Neither better nor worse, and `not applicable` only where nothing is encrypted."""
    report = reported(version, mode, level)
    outcomes = {verdict.check: verdict.outcome for verdict in report.verdicts}

    assert outcomes == MODEL.expected_of(version, mode, level)


@pytest.mark.parametrize(("version", "mode", "level"), RUNS)
def test_an_email_address_is_read_by_whom_the_specification_says(
    reported: Reported, version: str, mode: str, level: int | None
) -> None:
    """It is pushed, queued, kept in the profile and a key of the identity map: the worst of these decides."""
    cells = {each.access: each.cell for each in reported(version, mode, level).exposure if each.type == "EMAIL"}

    if mode in {"masked", "identifier-only", "hybrid"}:
        wanted = {Cell.ABSENT}, {Cell.ABSENT}
    elif level == 2:
        wanted = {Cell.HELD}, {Cell.BROKEN}
    else:
        wanted = {Cell.EXPOSED}, {Cell.EXPOSED}
    assert ({cells[access] for access in FOR_FILES}, {cells[Access.ROOT_CODE]}) == wanted


def test_every_era_is_run_at_every_level() -> None:
    """Plain has one, encrypted all but it."""
    assert len(RUNS) == 3 * 5 + 5 * 10 + 2 * 15
