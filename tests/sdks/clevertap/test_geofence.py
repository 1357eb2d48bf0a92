"""The geofence SDK beside the core: where the device was last, in clear, whatever the app hands over."""

import json
import struct
from typing import Any

import pytest

from harness.sdks.base import EventPushed, Installed, LocationSet, WentOffline, WentOnline
from tests.sdks.clevertap.conftest import Phone

NAME = "com.clevertap.android.geofence.geofence_pref"
FENCES = "files/geofence/geofence_cache.json"
SETTINGS = "files/geofence/geofence_settings.json"
PLACE = {"latitude": 19.0760, "longitude": 72.8777}


def phone(mode: str = "plain", **how: Any) -> Phone:
    return Phone(mode, extras=frozenset({"geofence"}), **how).do(Installed)


@pytest.mark.parametrize("mode", ["plain", "masked", "encrypted", "identifier-only"])
def test_the_last_place_is_kept_as_the_bits_of_doubles(mode: str) -> None:
    """The specification's numbers, in every mode and at level 2."""
    one = phone(mode).do(LocationSet, **PLACE)
    there = one.preferences(NAME)

    assert there == {
        "latitude": 4626062634337861370, "longitude": 4634828729164426432, "last_location_ep": one.at * 1000,
    }  # fmt: skip
    assert struct.unpack(">d", struct.pack(">q", there["latitude"]))[0] == PLACE["latitude"]
    assert b"<long " in one.files[f"shared_prefs/{NAME}.xml"]


def test_fences_come_from_the_server() -> None:
    """Those near the person, so only with a network."""
    one = phone().do(WentOffline).do(LocationSet, **PLACE)
    assert FENCES not in one.files

    one.do(WentOnline).do(LocationSet, **PLACE)
    [fence] = json.loads(one.files[FENCES])["geofences"]
    assert abs(fence["lat"] - PLACE["latitude"]) < 0.01
    assert json.loads(one.files[SETTINGS])["id"] == "TEST-000-0000"


def test_the_core_is_told() -> None:
    """A ping without coordinates; a later session of the process opens with them, which the app never handed over."""
    one = phone("masked").do(WentOffline).do(LocationSet, **PLACE)
    [ping] = [row for row in one.queued() if row["type"] == "ping"]
    assert (ping["gf"], ping["gfSDKVersion"], "Latitude" in ping) == (True, 10400, False)

    one.do(EventPushed, after=3600, label="Back")
    assert [row["evtData"].get("Latitude") for row in one.queued() if row.get("evtName") == "App Launched"][
        -1
    ] == 19.076


def test_without_it_there_is_nothing() -> None:
    """As the core alone keeps a place in memory."""
    one = Phone().do(Installed).do(LocationSet, **PLACE)

    assert not [path for path in one.files if "geofence" in path]
