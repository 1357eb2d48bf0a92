"""The geofence SDK beside the core: it asks the system where the device is, and keeps the last place in clear.

It does so by itself, whatever the app hands over to the core.
"""

from harness.sdks.clevertap import event_queue
from harness.sdks.clevertap.android_files import (
    GEOFENCE_PREFERENCES,
    geofence_location,
    geofence_settings,
    geofences,
)
from harness.sdks.clevertap.state import Installation

__all__ = ["EXTRA", "notice", "start"]

EXTRA = "geofence"
_VERSION = 10400
_RADIUS = 200


def start(install: Installation) -> None:
    """The app starts it with each process; its settings are written once."""
    if EXTRA in install.setup.extras and not install.mirror.geofence:
        install.do(geofence_settings(install.account))
        install.mirror.geofence = True


def notice(install: Installation, latitude: float, longitude: float) -> None:
    """The device moved: the place is kept, the core is told, and where there is a network, fences come back."""
    if EXTRA not in install.setup.extras or install.process is None:
        return
    for name, value in geofence_location(latitude, longitude, install.milliseconds).items():
        install.files.put(GEOFENCE_PREFERENCES, name, value)
    install.process.location = (latitude, longitude)
    told = event_queue.push(install, "ping", {"mc": 18350080, "nt": "WiFi", "gf": True, "gfSDKVersion": _VERSION})
    if told and not install.offline:
        install.do(geofences([_near(latitude, longitude)]))


def _near(latitude: float, longitude: float) -> dict[str, int | float]:
    """A fence in the same part of town; campaigns have theirs around shops."""
    return {"id": 310001, "lat": round(latitude, 2), "lng": round(longitude, 2), "r": _RADIUS}
