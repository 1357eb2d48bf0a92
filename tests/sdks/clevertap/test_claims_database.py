"""Claims on tables: each column since the database version that brought it."""

import pytest

from harness.sdks.clevertap.claims_database import DATABASE_CLAIMS, DATABASES


@pytest.mark.parametrize(
    ("pointer", "since"),
    [
        ("/events/*", "2.1.0"),
        ("/inboxMessages/*", "3.4.0"),
        ("/notificationViewed/*", "3.5.0"),
        ("/userProfiles/*/deviceID", "7.0.0"),
        ("/userEventLogs/*", "7.1.0"),
        ("/delayedLegacyInApps/*", "7.7.0"),
        ("/inboxMessages/*/index_state", "8.2.0"),
        ("/inbox_pending_deletes/*", "8.2.0"),
    ],
)
def test_a_table_came_with_its_version(pointer: str, since: str) -> None:
    """The table of versions in the specification, 2.2."""
    found = {claim.path: claim.since for claim in DATABASE_CLAIMS if claim.pointer == pointer}

    assert found == {path: max(since, first) for path, first in DATABASES}


def test_both_databases_have_the_same_tables() -> None:
    """An additional instance differs in the name of its file alone."""
    default, other = ({claim.pointer for claim in DATABASE_CLAIMS if claim.path == path} for path, _ in DATABASES)

    assert default == other
