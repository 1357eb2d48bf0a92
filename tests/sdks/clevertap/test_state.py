"""What an installation knows: names of preferences by version, and what an event changed."""

import pytest

from harness.model import Platform
from harness.persona import demo_persona
from harness.profiles import load_profile
from harness.sdks.base import Setup, Sql, Statement
from harness.sdks.clevertap import CleverTap
from harness.sdks.clevertap.state import ACCOUNT, Installation, Profile, Row
from harness.simulation import DEMO_APP, simulate
from tests.sdks.clevertap.conftest import WRITER, Keystore

MODEL = CleverTap()
MODEL.name = "clevertap"


@pytest.mark.parametrize(
    ("version", "api", "beside"),
    [
        ("7.0.0", 28, set()),
        ("7.1.0", 28, {"-wal", "-shm"}),
        ("8.2.0", 28, {"-wal", "-shm"}),
        ("7.0.0", 25, {"-journal"}),
        ("7.0.0", 34, {"-journal"}),
    ],
)
def test_what_lies_beside_the_database(version: str, api: int, beside: set[str]) -> None:
    """Versions that close it after each use leave no log on the Android that has one; nothing is lost by that."""
    sandbox = simulate(
        load_profile("android-14-rooted"), MODEL, mode="plain", persona=demo_persona(), version=version, api=api
    )
    root = f"{sandbox.container(DEMO_APP.package)}/databases/clevertap"
    there = {suffix for suffix in ("-journal", "-wal", "-shm") if sandbox.exists(root + suffix)}
    stored = b"".join(sandbox.read(root + suffix) for suffix in ("", *sorted(there)))

    assert there == beside
    assert b"Screen Viewed" in stored
    assert sandbox.stat(root).mode == 0o660
    # An empty journal is the one that takes the database's mode after all.
    assert {sandbox.stat(root + suffix).mode for suffix in there} == (
        {0o660 if api == 34 else 0o600} if there else set()
    )


def installation(version: str = "8.2.0") -> Installation:
    setup = Setup(
        platform=Platform.ANDROID,
        mode="plain",
        version=version,
        app="com.example.shop",
        sealer=Keystore(),
        writer=WRITER,
    )
    return Installation(setup, 0)


def test_names_end_in_the_account_since_3_2_0() -> None:
    """And what has no suffix is read until 7.6.x; of the ID, always."""
    install = installation("3.1.10")
    install.put("deviceId", "__x")
    install.put("other", 1)
    assert install.key("other") == "other"

    for version, other in (("3.2.0", 1), ("7.6.0", 1), ("7.7.0", None)):
        install.become(version)
        assert install.key("other") == f"other:{ACCOUNT}"
        assert install.get("other") == other
        assert install.guid == "__x"
    install.put("deviceId", "__y")
    assert install.guid == "__y"


def test_statements_make_one_transaction() -> None:
    """And are gone with it."""
    install = installation()
    install.run(Statement("SELECT 1"), Statement("SELECT 2"))
    [effect] = install.effects()

    assert isinstance(effect, Sql)
    assert effect.path == "databases/clevertap"
    assert [statement.sql for statement in effect.statements] == ["SELECT 1", "SELECT 2"]
    assert list(install.effects()) == []


def test_without_a_database_nothing_runs() -> None:
    """2.0.x."""
    install = installation("2.0.1")
    install.run(Statement("SELECT 1"))

    assert list(install.effects()) == []


def test_nothing_personal_is_in_its_repr() -> None:
    """Nor in that of its parts."""
    install, text = installation(), "jane.roe@example.org"
    install.mirror.profiles["__x"] = Profile({"Email": text}, text)
    install.mirror.queues["events"].append(Row(1, text, 0, False))

    assert text not in repr(install.mirror)
    assert text not in repr(install)
