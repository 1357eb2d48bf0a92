"""Device profiles are read strictly: a wrong word in one is an error that names the file and the key."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError, PluginError, UsageError
from harness.model import Keystore, Platform
from harness.profiles import _profile, api_level, load_profile, load_profiles, profile_folder

GOOD = 'title = "Mine"\nplatform = "android"\nos_version = "9"\napp_root = "/data/data"\n'


def test_the_promised_profiles_exist() -> None:
    """Scripts rely on these names."""
    promised = {
        "android-5-stock", "android-9-stock", "android-12-stock", "android-14-stock", "android-16-stock",
        "android-14-debuggable", "android-14-userdebug", "android-10-rooted", "android-14-rooted",
        "android-14-low-end", "android-14-work-profile", "android-14-adb-off",
        "ios-17-stock", "ios-16-jailbroken", "ios-17-simulator",
    }  # fmt: skip

    assert promised <= set(load_profiles())


def test_profiles_come_sorted_and_named_by_their_file() -> None:
    """What users see is sorted, and the file's name is the profile's."""
    profiles = load_profiles()

    assert list(profiles) == sorted(profiles)
    assert all(profile.name == name for name, profile in profiles.items())


def test_one_profile_is_found_by_name_and_by_path() -> None:
    """Both ways give the same device."""
    path = profile_folder() / "android-14-rooted.toml"

    assert load_profile("android-14-rooted") == load_profile(path) == load_profile(str(path))


def test_values_are_of_the_model() -> None:
    """Words become members of the model's enumerations, lists become tuples."""
    profile = load_profile("ios-16-jailbroken")

    assert profile.platform is Platform.IOS
    assert profile.keystore is Keystore.SECURE_ENCLAVE
    assert profile.backup_excludes == ("Library/Caches", "tmp")


def test_an_unknown_name_is_bad_usage_and_lists_the_known() -> None:
    """The operator sees what there is."""
    with pytest.raises(UsageError, match="nokia-3310") as caught:
        load_profile("nokia-3310")

    assert "android-14-stock" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD + "rooted = true\n", "`rooted`"),
        (GOOD.replace('title = "Mine"\n', ""), "`title` is missing"),
        (GOOD + 'adb = "yes"\n', "`adb` must be true or false"),
        (GOOD + "adb = 1\n", "`adb` must be true or false"),
        (GOOD.replace('"9"', "9"), "`os_version` must be a text"),
        (GOOD.replace('"9"', '"nine"'), "`os_version`"),
        (GOOD.replace('"android"', '"symbian"'), "`platform` must be one of android, ios"),
        (GOOD + 'keystore = ["tee"]\n', "`keystore`"),
        (GOOD + 'backup_excludes = "cache"\n', "`backup_excludes`"),
        (GOOD + "backup_excludes = [1]\n", "`backup_excludes`"),
        (GOOD + 'backup_excludes = ["../x"]\n', "`backup_excludes`"),
        (GOOD.replace("/data/data", "data"), "`app_root`"),
        (GOOD + "simulator = true\n", "`simulator`"),
        (GOOD.replace('"android"', '"ios"') + "adb = true\n", "`adb`"),
        (GOOD.replace('"android"', '"ios"') + "work_profile = true\n", "`work_profile`"),
        (GOOD + "userdebug = true\n", "`userdebug`"),
        (GOOD.replace("Mine", ""), "`title`"),
        ("title = ", "TOML"),
        ("\N{LATIN SMALL LETTER E WITH ACUTE}" * 40_000, "larger"),
    ],
)
def test_a_fault_names_the_file_and_the_key(tmp_path: Path, text: str, fault: str) -> None:
    """Whoever wrote the file can find the fault."""
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        load_profile(path)

    assert "mine.toml" in str(caught.value)
    assert fault in str(caught.value)


def test_a_file_that_is_missing_or_no_text_is_bad_usage(tmp_path: Path) -> None:
    """No traceback reaches a user."""
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"\xff\xfe\x00")

    for path in (broken, tmp_path / "absent.toml", str(tmp_path) + "/x.toml"):
        with pytest.raises(UsageError):
            load_profile(path)


_WORDS = st.one_of(st.booleans(), st.integers(), st.text(max_size=8), st.lists(st.text(max_size=4), max_size=3))
_KEYS = st.sampled_from(["title", "platform", "os_version", "app_root", "adb", "keystore", "x"])


def _fault(table: dict[str, object]) -> str:
    """What is said about a table; empty where it is in order."""
    try:
        _profile("p", table)
    except ValueError as error:
        return str(error)
    return ""


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_KEYS, _WORDS, max_size=5))
def test_any_table_gives_a_profile_or_a_named_fault(table: dict[str, object]) -> None:
    """Nothing that TOML can say ends in another error than one that names a key."""
    assert "`" in _fault(table)


def test_plugin_and_usage_errors_are_both_of_the_tree() -> None:
    """A shipped profile that is broken is our fault, a user's is theirs; both exit 3."""
    assert issubclass(PluginError, HarnessError)
    assert PluginError.exit_code == UsageError.exit_code == 3


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ("5.1", 22),
        ("5.1.1", 22),
        ("9", 28),
        ("10", 29),
        ("12", 31),
        ("12.1", 32),
        ("14", 34),
        ("14.0", 34),
        ("16", 36),
    ],
)
def test_versions_have_the_levels_of_androids_table(version: str, level: int) -> None:
    """What `ro.build.version.sdk` says."""
    assert api_level(version) == level


def test_an_android_that_is_not_known_is_refused() -> None:
    """A guess would be a device that does not exist."""
    with pytest.raises(UsageError):
        api_level("99")
