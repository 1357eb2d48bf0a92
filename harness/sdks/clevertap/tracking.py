"""What the app records: events, payments, and where the device is."""

from collections.abc import Mapping, Sequence

from harness.sdks.clevertap import event_log, event_queue
from harness.sdks.clevertap.android_json import dumps
from harness.sdks.clevertap.cleaning import Property, clean_event_name, clean_properties, restricted
from harness.sdks.clevertap.state import Installation

__all__ = ["charge", "locate", "ping", "push_event"]

_MOST_ITEMS = 50


def push_event(install: Installation, label: str, properties: Mapping[str, Property]) -> None:
    """`pushEvent`; one of a name that is the SDK's own is refused, and the next event says so."""
    process = install.process
    if process is None:
        return
    refusal = restricted(label)
    if refusal is not None:
        process.error = refusal
        return
    name, error = clean_event_name(label)
    kept, complaint = clean_properties(properties)
    process.error = complaint or error or process.error
    if name and event_queue.push(install, "event", {"evtName": name, "evtData": kept}):
        event_log.count(install, name)


def charge(install: Installation, details: Mapping[str, Property], items: Sequence[Mapping[str, Property]]) -> None:
    """`pushChargedEvent`."""
    kept, error = clean_properties(details)
    listed = [clean_properties(item)[0] for item in items[:_MOST_ITEMS]]
    if install.process is not None and error is not None:
        install.process.error = error
    if event_queue.push(install, "event", {"evtName": "Charged", "evtData": {**kept, "Items": listed}}):
        event_log.count(install, "Charged")


def locate(install: Installation, latitude: float, longitude: float) -> None:
    """`setLocation`: in memory alone, until a later session of the same process opens with it."""
    if install.process is not None:
        install.process.location = (latitude, longitude)


def ping(install: Installation) -> str:
    """What is queued now and then while the app is in front."""
    process = install.process
    return dumps(
        {
            "mc": 18350080,
            "nt": "WiFi",
            "s": process.session if process is not None else 0,
            "pg": 1,
            "type": "ping",
            "ep": install.at,
            "f": process is not None and process.first,
            "lsl": process.last_length if process is not None else 0,
            "dsync": False,
        }
    )
