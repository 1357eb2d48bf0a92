"""`storage-harness sdks` as people and scripts meet it."""

import json
import subprocess
from collections.abc import Callable

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
