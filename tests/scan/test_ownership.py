"""A file is an SDK's by its name; whether a claim covers it is another question."""

from harness.model import Facts
from harness.scan.ownership import owned_files
from harness.sdks.base import Claim

OWNED = [("acme", "shared_prefs/com.acme.*"), ("acme", "databases/acme*"), ("other", "databases/acme_other*")]
CLAIMS = [
    ("acme", Claim(path="shared_prefs/com.acme.store.xml")),
    ("acme", Claim(path="databases/acme.db", pointer="/a/*")),
]


def found(*paths: str) -> list[tuple[int, str, bool]]:
    files = [Facts(path=path) for path in paths]

    return [(at, file.sdk, file.claimed) for at, file in owned_files(files, OWNED, CLAIMS)]


def test_files_that_a_claim_covers_are_told_from_those_that_none_does() -> None:
    """In part is enough: the rest of a claimed database is known to be there."""
    assert found("shared_prefs/com.acme.store.xml", "databases/acme.db", "databases/acme_cache.db") == [
        (0, "acme", True), (1, "acme", True), (2, "acme", False),
    ]  # fmt: skip


def test_what_is_nobodys_by_name_is_not_listed() -> None:
    """An app's own files are its own."""
    assert found("shared_prefs/com.example.shop_preferences.xml", "databases/app.db") == []


def test_the_backup_of_claimed_preferences_is_claimed_with_them() -> None:
    """The platform leaves it, not the SDK."""
    assert found("shared_prefs/com.acme.store.xml.bak", "shared_prefs/com.acme.new.xml.bak") == [
        (0, "acme", True), (1, "acme", False),
    ]  # fmt: skip


def test_a_name_that_two_own_is_both_theirs() -> None:
    """Each is told of it."""
    assert found("databases/acme_other.db") == [(0, "acme", False), (0, "other", False)]
