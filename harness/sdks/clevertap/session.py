"""Sessions: what is queued when one begins, and when it does."""

from harness.sdks.clevertap import event_log, event_queue
from harness.sdks.clevertap.device import about_user, app_launched
from harness.sdks.clevertap.state import Installation, Process

__all__ = ["begin", "pause", "renew", "touch"]

_TIMEOUT = 20 * 60
"""Seconds in the background after which a session is over."""


def begin(install: Installation, *, advertises: bool = False, error: tuple[int, str] | None = None) -> None:
    """The first session of a process.

    Args:
        install: the installation.
        advertises: the process has made the CleverTap ID, and knows the advertising id.
        error: what the SDK has to say of the ID. UNCERTAIN that it goes with the event that opens the session, and
            not with the next one: both are queued by threads of their own.
    """
    install.process = Process(advertises=advertises, error=error)
    _open(install, install.process)


def renew(install: Installation) -> None:
    """Another session of the same process: it knows the location that was set in an earlier one."""
    if install.process is not None:
        _open(install, install.process)


def touch(install: Installation) -> None:
    """Something is done in the app: after a while in the background, in a new session."""
    process = install.process
    if process is None:
        return
    if install.at - process.active >= _TIMEOUT:
        pause(install)
        renew(install)
    process.active = install.at


def pause(install: Installation) -> None:
    """The app went to the background when it was last used."""
    if install.process is not None and install.traits.stores_pauses:
        install.put("sexe", install.process.active)


def _open(install: Installation, process: Process) -> None:
    last, paused = install.get("lastSessionId"), install.get("sexe")
    process.session = process.active = install.at
    process.first = last is None
    process.last_length = paused - last if isinstance(paused, int) and isinstance(last, int) else 0
    install.put("lastSessionId", install.at)
    opening = {"evtName": "App Launched", "evtData": app_launched(install)}
    if event_queue.push(install, "event", opening, launch=True):
        event_log.count(install, "App Launched")
    event_queue.push(install, "profile", {"profile": about_user()})
