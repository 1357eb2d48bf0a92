"""What every session says of the device, by version, switch and process."""

from harness.sdks.base import EventPushed, Installed, Launched, LocationSet, NetworkReporting, WentOffline
from tests.sdks.clevertap.conftest import Phone


def launched(phone: Phone) -> dict[str, object]:
    """Properties of the last opening of a session."""
    found: dict[str, object] = [row["evtData"] for row in phone.queued() if row["evtName"] == "App Launched"][-1]
    return found


def test_properties_stand_in_the_order_of_the_specification() -> None:
    """Its example row, member by member."""
    assert list(launched(Phone().do(Installed))) == [
        "Build", "Version", "OS Version", "SDK Version", "Make", "Model", "Carrier", "useIP", "OS", "wdt", "hgt",
        "dpi", "dt", "locale", "abckt", "cc", "LIAMC",
    ]  # fmt: skip


def test_older_versions_and_devices_say_less() -> None:
    """Locale since 5.2.1, standby bucket since 4.3.0 and Android 9."""
    assert "locale" not in launched(Phone(version="5.2.0").do(Installed))
    assert "abckt" not in launched(Phone(version="4.2.0").do(Installed))
    assert "abckt" not in launched(Phone(api=27).do(Installed))
    assert launched(Phone(version="7.1.0", api=21).do(Installed))["OS Version"] == "5.0"


def test_network_details_only_where_they_are_switched_on() -> None:
    """From the next session on; never an address."""
    phone = Phone().do(Installed).do(WentOffline, after=0).do(NetworkReporting)
    assert phone.preferences()["NetworkInfo"] is True
    assert "wifi" not in launched(phone)

    phone.do(Launched)
    assert launched(phone)["useIP"] is True
    assert {"wifi", "BluetoothEnabled", "BluetoothVersion", "Radio"} <= launched(phone).keys()

    assert "wifi" not in launched(phone.do(NetworkReporting, on=False).do(Launched))


def test_a_location_comes_to_disk_only_with_a_later_session_of_the_same_process() -> None:
    """Twenty minutes away, and the app is still in memory; a new process knows nothing."""
    place = {"latitude": 37.422131, "longitude": -122.084801}
    phone = Phone().do(Installed).do(WentOffline, after=0).do(LocationSet, **place)
    assert "Latitude" not in launched(phone)
    phone.do(EventPushed, label="Soon", after=19 * 60)
    assert "Latitude" not in launched(phone)

    phone.do(EventPushed, label="Later", after=20 * 60)
    assert launched(phone)["Latitude"] == place["latitude"]
    assert launched(phone)["Longitude"] == place["longitude"]
    assert "Latitude" not in launched(phone.do(Launched))


def test_who_keeps_data_off_the_device_hands_over_no_location() -> None:
    """Masked, identifier-only, hybrid."""
    for mode in ("masked", "identifier-only", "hybrid"):
        phone = Phone(mode).do(Installed).do(WentOffline).do(LocationSet, latitude=37.4, longitude=-122.0)
        assert "Latitude" not in launched(phone.do(EventPushed, label="Later", after=1200))


def test_each_profile_says_of_the_device() -> None:
    """Once a session by itself, and never in the profile that is kept."""
    phone = Phone().do(Installed)

    assert [row["profile"] for row in phone.queued("profileEvents")] == [
        {"Carrier": "Example Tel", "cc": "in", "tz": "Asia/Kolkata"}
    ]
    assert phone.rows("SELECT data FROM profileEvents")[0].count(r"Asia\/Kolkata") == 1
    assert phone.profiles() == {}
