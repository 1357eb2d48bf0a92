"""Pushes that come to the device: their ids, that they were shown, and that a silent one came."""

from harness.sdks.base import PushReceived
from harness.sdks.clevertap import event_queue
from harness.sdks.clevertap.android_database import put_push_id, put_uninstall
from harness.sdks.clevertap.android_json import dumps
from harness.sdks.clevertap.state import Installation

__all__ = ["receive"]

_KEPT = 4 * 24 * 60 * 60


def receive(install: Installation, event: PushReceived) -> None:
    """A push. Its text is on the screen alone; its campaign and id are kept, in clear but for the row of level 2.

    A process that a push starts opens no session.
    """
    if not install.traits.stores_push_ids or not install.mirror.database:
        return
    if not event.text:
        install.run(put_uninstall(install.milliseconds))
        return
    if event.push in install.mirror.pushes:
        return
    install.mirror.pushes.add(event.push)
    install.run(put_push_id(event.push, install.at + _KEPT))
    if install.traits.stores_impressions:
        event_queue.impress(install, dumps(_viewed(install, event.push)))


def _viewed(install: Installation, push: str) -> dict[str, object]:
    campaign = {
        "wzrk_id": f"{install.at}_20240101",
        "wzrk_pn": "true",
        "wzrk_acct_id": install.account,
        "wzrk_pivot": "wzrk_default",
        "wzrk_pid": push,
    }
    session = 0 if install.process is None else install.process.session
    return {
        "evtName": "Notification Viewed",
        "evtData": campaign,
        "s": session,
        "type": "event",
        "ep": install.at,
    }
