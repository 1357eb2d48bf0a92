"""Claims on preferences: names with the account behind them, and the bare names of before."""

import pytest

from harness.sdks.clevertap.claims_preferences import MAIN, PREFERENCE_CLAIMS


def _of(pointer: str) -> list[tuple[str, str]]:
    return [
        (claim.since, claim.until) for claim in PREFERENCE_CLAIMS if (claim.path, claim.pointer) == (MAIN, pointer)
    ]


@pytest.mark.parametrize(
    ("name", "bare", "suffixed"),
    [
        ("deviceId", [("", "3.1.10")], [("3.2.0", "")]),
        ("cachedGUIDsKey", [("3.1.10", "3.1.10")], [("3.2.0", "")]),
        ("encryptionLevel", [], [("5.2.0", "")]),
        ("registration_id", [("", "3.1.10")], [("3.2.0", "3.5.1")]),
    ],
)
def test_names_end_in_the_account_since_3_2_0(
    name: str, bare: list[tuple[str, str]], suffixed: list[tuple[str, str]]
) -> None:
    """Before, they stood alone; what stands alone is from then."""
    assert _of(f"/{name}") == bare
    assert _of(f"/{name}:*") == suffixed


def test_bare_names_are_called_uncertain() -> None:
    """Everything before 3.2.0 comes from constants of binaries."""
    early = [claim for claim in PREFERENCE_CLAIMS if claim.until == "3.1.10"]

    assert early
    assert all("binary release" in claim.uncertain for claim in early)


def test_the_files_of_the_in_app_stores_are_accepted_with_and_without_prefix() -> None:
    """The code writes them without; a document says with."""
    paths = {claim.path: claim.uncertain for claim in PREFERENCE_CLAIMS if claim.pointer == "*"}

    for name in ("inApp:*:*", "inapp_assets:*", "ct_files:*"):
        assert not paths[f"shared_prefs/{name}.xml*"]
        assert paths[f"shared_prefs/WizRocket_{name}.xml*"]
