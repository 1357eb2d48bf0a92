"""What CleverTap's Android SDK claims as its own: every file, preference, table and column, who writes it since when,
and what can be done about personal data in it."""

from harness.sdks.base import Claim
from harness.sdks.clevertap.claims_database import DATABASE_CLAIMS
from harness.sdks.clevertap.claims_files import FILE_CLAIMS, NOT_CLAIMED, OWNED, looks_like_ours
from harness.sdks.clevertap.claims_preferences import PREFERENCE_CLAIMS
from harness.sdks.clevertap.versions import parse

__all__ = ["ALL_CLAIMS", "NOT_CLAIMED", "OWNED", "claims_of", "looks_like_ours"]

ALL_CLAIMS: tuple[Claim, ...] = (*PREFERENCE_CLAIMS, *DATABASE_CLAIMS, *FILE_CLAIMS)
"""Of all versions: what an old one has written stays when a new one comes."""


def claims_of(version: str) -> tuple[Claim, ...]:
    """What one version writes itself, without what older ones may have left.

    Raises:
        UsageError: that is no version.
    """
    at = parse(version)
    return tuple(
        claim
        for claim in ALL_CLAIMS
        if (not claim.since or parse(claim.since) <= at) and (not claim.until or at <= parse(claim.until))
    )
