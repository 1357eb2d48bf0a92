"""Files beside databases and preferences: names that tell the URL, contents in plain."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sdks.clevertap.android_files import (
    GEOFENCE_PREFERENCES,
    UNSET_LOCATION,
    asset,
    asset_file,
    double_bits,
    feature_flags,
    geofence_location,
    geofence_settings,
    geofences,
    product_config,
    product_config_folder,
    product_config_settings,
    push_gif,
)
from harness.sdks.clevertap.android_preferences import Long, preferences_document
from harness.simulation import FormatWriter

ACCOUNT = "TEST-000-0000"
GUID = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"
URL = "https://example.com/img/banner.png"


@pytest.mark.parametrize(
    ("version", "kind", "path"),
    [
        ("8.2.0", "image", "app_CleverTap.Images./CT_FILE_27e53bad-abe0-36a0-aeca-ad58e7aed4a1"),
        ("6.0.0", "gif", "app_CleverTap.Gif./CT_FILE_27e53bad-abe0-36a0-aeca-ad58e7aed4a1"),
        ("7.0.0", "file", "app_CleverTap.Files./CT_FILE_27e53bad-abe0-36a0-aeca-ad58e7aed4a1"),
        ("3.6.0", "image", "app_CleverTap.Images./CT_IMAGE_kQmWm6VHojsJi9eDFIh0xAWKIZM="),
        ("3.5.0", "image", None),
        ("5.2.2", "gif", None),
        ("6.2.1", "file", None),
    ],
)
def test_what_was_downloaded_has_the_name_of_its_url(version: str, kind: str, path: str | None) -> None:
    """The name of 6.0.0 and newer is the specification's, which a JDK has checked."""
    assert asset_file(version, URL, kind) == path


def test_the_digest_in_a_name_changed_with_4_1_0() -> None:
    """20 bytes, then 32; both in the alphabet for URLs, and padded."""
    old, new = asset_file("4.0.4", URL), asset_file("4.1.0", URL)

    assert old is not None
    assert new is not None
    assert (len(old.rpartition("_")[2]), len(new.removeprefix("app_CleverTap.Images./CT_IMAGE_"))) == (28, 44)


def test_a_download_is_stored_as_it_came() -> None:
    stored = asset("8.2.0", URL, b"\x89PNG")

    assert stored is not None
    assert (stored.data, stored.mode) == (b"\x89PNG", 0o600)
    assert asset("3.5.0", URL, b"\x89PNG") is None
    assert push_gif(1700000000123, b"GIF89a").path == "app_CleverTap.Push/1700000000123.gif"


def test_product_config_is_a_flat_object_of_texts() -> None:
    """Both files are in a folder that is named by account and CleverTap ID."""
    config = product_config(ACCOUNT, GUID, {"theme": "dark", "link": "a/b"})
    settings = product_config_settings(ACCOUNT, GUID, fetched_ms=1700000000000)

    assert config.path == f"{product_config_folder(ACCOUNT, GUID)}/activated.json"
    assert json.loads(config.data) == {"theme": "dark", "link": "a/b"}
    assert rb"a\/b" in config.data
    assert settings.path == f"files/Product_Config_{ACCOUNT}_{GUID}/config_settings.json"
    assert json.loads(settings.data) == {"rc_n": "5", "rc_w": "60", "ts": "1700000000000"}


def test_feature_flags_are_stored_as_they_came() -> None:
    stored = feature_flags(ACCOUNT, GUID, {"flag": "true"})

    assert stored.path == f"files/Feature_Flag_{ACCOUNT}_{GUID}/ff_cache.json"
    assert stored.data == b'{"kv":[{"n":"flag","v":"true"}]}'


def test_fences_and_settings_of_the_geofence_sdk_are_plain() -> None:
    fences = geofences([{"id": 310001, "lat": 19.076, "lng": 72.8777, "r": 200}])
    settings = geofence_settings(ACCOUNT, last_geo_count=20)

    assert fences.path == "files/geofence/geofence_cache.json"
    assert fences.data == b'{"geofences":[{"id":310001,"lat":19.076,"lng":72.8777,"r":200}]}'
    assert settings.path == "files/geofence/geofence_settings.json"
    content = json.loads(settings.data)
    assert (list(content)[-1], content["id"], content["last_geo_count"]) == ("id", ACCOUNT, 20)


def test_a_place_is_the_bits_of_two_doubles() -> None:
    """Vectors of the specification, section 1.6."""
    place = geofence_location(19.0760, 72.8777, 1700000000000)

    assert place == {
        "latitude": 4626062634337861370,
        "longitude": 4634828729164426432,
        "last_location_ep": 1700000000000,
    }
    document = preferences_document(FormatWriter(), place)
    assert b'<long name="latitude" value="4626062634337861370" />' in document
    assert GEOFENCE_PREFERENCES == "shared_prefs/com.clevertap.android.geofence.geofence_pref.xml"
    assert UNSET_LOCATION == (2.189866, 70.900955)
    assert isinstance(place["latitude"], Long)


@given(st.floats())
def test_bits_tell_the_double(value: float) -> None:
    """Negative zero and every NaN included."""
    assert struct.pack(">d", value) == struct.pack(">q", double_bits(value))
