"""Each difference between versions is where the SDK's source has it."""

import pytest

from harness.errors import UsageError
from harness.sdks.clevertap.versions import VERSIONS, EventLog, GuidMapForm, Scheme, parse, traits


def versions_with(attribute: str, value: object = True, api: int = 34) -> tuple[str, str]:
    """First and last version of those with a trait, which must be all between them."""
    having = [version for version in VERSIONS if getattr(traits(version, api), attribute) == value]
    first, last = VERSIONS.index(having[0]), VERSIONS.index(having[-1])
    assert tuple(having) == VERSIONS[first : last + 1]
    return having[0], having[-1]


def test_versions_are_sorted_and_parse() -> None:
    """Newest last."""
    numbers = [parse(version) for version in VERSIONS]

    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("wrong", ["", "8.2", "8.2.0.1", "8.2.x", "8.2.0-beta", "8.2.²", "8.2.999999"])
def test_what_is_no_version_is_bad_usage(wrong: str) -> None:
    """Three numbers, nothing else."""
    with pytest.raises(UsageError):
        parse(wrong)


@pytest.mark.parametrize(
    ("attribute", "value", "first", "last"),
    [
        ("suffixes_keys", True, "3.2.0", VERSIONS[-1]),
        ("configured_identities", True, "4.1.0", VERSIONS[-1]),
        ("arp_per_user", True, "3.7.0", VERSIONS[-1]),
        ("longest_arp_text", None, "5.2.1", "7.4.1"),
        ("stores_in_apps_per_user", True, "6.0.0", VERSIONS[-1]),
        ("has_product_config", True, "3.8.0", "4.7.5"),
        ("reads_bare_keys", False, "7.7.0", VERSIONS[-1]),
        ("handshakes", True, "3.1.10", VERSIONS[-1]),
        ("has_second_host", True, "3.5.0", VERSIONS[-1]),
        ("stores_pauses", True, "2.2.0", VERSIONS[-1]),
        ("stores_opt_out", True, "3.1.10", VERSIONS[-1]),
        ("says_transit", True, "7.5.0", VERSIONS[-1]),
        ("describes_push_types", True, "7.3.0", VERSIONS[-1]),
        ("sends_profiles_first", True, "7.5.2", VERSIONS[-1]),
        ("counts_local_in_apps", True, "4.7.0", VERSIONS[-1]),
        ("says_locale", True, "5.2.1", VERSIONS[-1]),
        ("says_standby_bucket", True, "4.3.0", VERSIONS[-1]),
        ("stores_variables", True, "5.0.0", VERSIONS[-1]),
        ("stores_variants", True, "7.7.1", VERSIONS[-1]),
        ("stores_guid_count", True, "7.2.0", VERSIONS[-1]),
        ("levels", (), VERSIONS[0], "5.1.0"),
        ("levels", (0, 1), "5.2.0", "7.6.0"),
        ("levels", (0, 1, 2), "7.7.0", VERSIONS[-1]),
        ("scheme", Scheme.NONE, VERSIONS[0], "5.1.0"),
        ("scheme", Scheme.LEGACY, "5.2.0", "7.1.2"),
        ("scheme", Scheme.GCM, "7.2.0", VERSIONS[-1]),
        ("guid_map", GuidMapForm.VALUES, "5.2.0", "7.1.2"),
        ("guid_map", GuidMapForm.WHOLE_FOR_KNOWN_KEYS, "7.2.0", "7.6.0"),
        ("guid_map", GuidMapForm.WHOLE, "7.7.0", VERSIONS[-1]),
        ("forgets_to_encrypt_on_removal", True, "7.2.0", "7.6.0"),
        ("marks_server_side_migration", True, "7.3.1", VERSIONS[-1]),
        ("breaks_server_side_in_apps", True, "7.2.0", "7.3.0"),
        ("writes_level_first", False, "7.7.0", VERSIONS[-1]),
        ("has_database", True, "2.1.0", VERSIONS[-1]),
        ("stores_inbox", True, "3.4.0", VERSIONS[-1]),
        ("sql_style", "kotlin", "6.2.0", VERSIONS[-1]),
        ("keeps_profiles", True, "7.0.0", VERSIONS[-1]),
        ("event_log", EventLog.TABLE, "7.1.0", VERSIONS[-1]),
        ("logs_property_names", True, "7.1.0", "7.7.1"),
        ("dates_as_numbers", True, "7.0.0", "7.7.1"),
        ("hashes_member_order", False, "7.8.0", VERSIONS[-1]),
        ("removes_identities", True, "4.5.0", VERSIONS[-1]),
        ("opts_out_of_system_events", True, "7.5.0", VERSIONS[-1]),
    ],
)
def test_a_trait_is_of_the_versions_that_have_it(attribute: str, value: object, first: str, last: str) -> None:
    """In one piece, from the first to the last."""
    assert versions_with(attribute, value) == (first, last)


def test_on_android_5_the_key_is_in_the_preferences() -> None:
    """Until the version that needs Android 6."""
    assert [version for version in VERSIONS[:-2] if traits(version, 22).key_in_preferences] == [
        version for version in VERSIONS[:-2] if parse(version) >= (7, 2, 0)
    ]
    assert not any(traits(version, 23).key_in_preferences for version in VERSIONS)
    for version in VERSIONS[-2:]:
        with pytest.raises(UsageError):
            traits(version, 22)


def test_the_number_that_events_carry() -> None:
    """Two digits each for what follows the first."""
    assert [traits(each, 34).sdk_number for each in ("8.2.0", "7.1.0", "5.2.0")] == [80200, 70100, 50200]
