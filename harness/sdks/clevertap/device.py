"""What the SDK says of the device in every session, whether or not the app asks for it."""

from typing import Any

from harness.sdks.clevertap.installation_ids import known
from harness.sdks.clevertap.state import Installation

__all__ = ["about_user", "app_launched"]

_CARRIER, _COUNTRY, _ZONE = "Example Tel", "in", "Asia/Kolkata"
_ANDROID = {
    21: "5.0", 22: "5.1", 23: "6.0", 24: "7.0", 25: "7.1.1", 26: "8.0.0", 27: "8.1.0", 28: "9", 29: "10", 30: "11",
    31: "12", 32: "12", 33: "13", 34: "14", 35: "15", 36: "16",
}  # fmt: skip


def app_launched(install: Installation) -> dict[str, Any]:
    """Properties of the event that opens a session: the only place where a location that was set comes to disk."""
    process, traits = install.process, install.traits
    reports = install.get("NetworkInfo") is True
    out: dict[str, Any] = {
        "Build": "412",
        "Version": "4.1.2",
        "OS Version": _ANDROID.get(install.setup.api, str(install.setup.api)),
        "SDK Version": traits.sdk_number,
    }
    if process is not None and process.location is not None:
        out["Latitude"], out["Longitude"] = process.location
    if process is not None and process.advertises:
        several = "mt_" if len(install.mirror.users) > 1 else ""
        out |= {f"{several}GoogleAdID": known(install), "GoogleAdIDLimit": False}
    out |= {
        "Make": "Example",
        "Model": "Phone 1",
        "Carrier": _CARRIER,
        "useIP": reports,
        "OS": "Android",
        "wdt": 2.57,
        "hgt": 5.44,
        "dpi": 420,
        "dt": 1,
    }
    if traits.says_locale:
        out["locale"] = "en_IN"
    if traits.says_standby_bucket:
        out["abckt"] = "active"
    out["cc"] = _COUNTRY
    if reports:
        out |= _network()
    if traits.counts_local_in_apps:
        out["LIAMC"] = 0
    return out


def _network() -> dict[str, Any]:
    """Only where the app switched the reporting on."""
    return {"wifi": True, "BluetoothEnabled": False, "BluetoothVersion": "ble", "Radio": "4G"}


def about_user() -> dict[str, Any]:
    """Goes with every queued profile, and is not in the profile that is kept."""
    return {"Carrier": _CARRIER, "cc": _COUNTRY, "tz": _ZONE}
