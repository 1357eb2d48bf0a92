"""Claims on files beside preferences and databases."""

from harness.sdks.clevertap.claims_files import FILE_CLAIMS, NOT_CLAIMED, looks_like_ours


def test_files_are_claimed_one_by_one_in_the_sdks_folders() -> None:
    """A folder that was claimed whole would hide a file that nobody read about."""
    folders = [claim.path for claim in FILE_CLAIMS if claim.path.endswith("/*")]

    # Of this one nobody knows what its files are called.
    assert folders == ["app_pt_dir/*"]


def test_what_is_shared_with_the_app_is_not_claimed_and_said_so() -> None:
    """Rows of others are in it too."""
    for place, why in NOT_CLAIMED:
        assert why
        assert not any(claim.covers(place) for claim in FILE_CLAIMS)
        assert not looks_like_ours(place)
