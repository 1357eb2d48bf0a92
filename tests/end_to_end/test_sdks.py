"""`storage-harness sdks` as people and scripts meet it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_simulated_and_known_sdks_are_told_apart(run: Run) -> None:
    """With what of each was proven in public source."""
    rows = {row["name"]: row for row in json.loads(run("sdks", "--json").stdout)}

    assert {row["kind"] for row in rows.values()} == {"simulated", "known"}
    assert (rows["careful"]["kind"], rows["mixpanel"]["kind"]) == ("simulated", "known")
    assert (rows["adjust"]["verified"], rows["braze"]["verified"]) == ("yes", "no")
    assert " of " in rows["crashlytics"]["verified"]
    assert rows["mixpanel"]["modes"] == []
    assert "plain" in rows["forgetful"]["modes"]


def test_the_claims_of_one_are_listed(run: Run) -> None:
    """Of a simulated SDK as of a known one; JSON says where each was read."""
    claims = json.loads(run("sdks", "--claims", "mixpanel", "--json").stdout)
    table = run("sdks", "--claims", "mixpanel", COLUMNS="160").stdout

    assert {"path", "pointer", "component", "role", "since", "until", "verified"} <= claims[0].keys()
    assert all(claim["source"] if claim["verified"] else claim["uncertain"] for claim in claims)
    assert any(claim["source"].startswith("mixpanel/mixpanel-android:") for claim in claims)
    assert all(claim["path"] in table for claim in claims)
    assert json.loads(run("sdks", "--claims", "careful", "--json").stdout)


def test_an_sdk_that_nobody_knows_is_bad_usage(run: Run) -> None:
    """Exit 3, and a hint with those that are known."""
    done = run("sdks", "--claims", "nobody")

    assert done.returncode == 3
    assert "mixpanel" in done.stderr
    assert "careful" in done.stderr


def test_a_scan_can_be_judged_by_the_claims_of_a_known_sdk_alone(run: Run, tmp_path: Path) -> None:
    """And says whose the storage is; a name that nobody has is bad usage."""
    folder = tmp_path / "app" / "shared_prefs"
    folder.mkdir(parents=True)
    header = "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>"
    value = '<string name="bnc_identity">jane.doe@example.org</string>'
    (folder / "branch_referral_shared_pref.xml").write_text(f"{header}\n<map>\n    {value}\n</map>\n")

    result = json.loads(run("scan", tmp_path / "app", "--sdk", "branch", "--json").stdout)

    assert result["sdk"] == ["branch"]
    assert run("scan", tmp_path / "app", "--sdk", "mixpanel", "--json").returncode == 1
    assert run("scan", tmp_path / "app", "--sdk", "nobody").returncode == 3
