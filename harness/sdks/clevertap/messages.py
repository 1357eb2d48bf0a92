"""Messages that the server sends: the inbox, and what the app is to show."""

import json
from typing import Any

from harness.sdks.base import InAppReceived, InboxReceived
from harness.sdks.clevertap.android_database import (
    InboxRow,
    delete_delayed_in_app,
    delete_delayed_in_apps,
    put_delayed_in_app,
    put_inbox,
    understands_upsert,
)
from harness.sdks.clevertap.android_files import asset
from harness.sdks.clevertap.android_json import dumps
from harness.sdks.clevertap.android_preferences import Long, bare_file_name, file_name
from harness.sdks.clevertap.state import Installation, Kept, Message
from harness.sdks.clevertap.versions import Scheme

__all__ = [
    "CLIENT_SIDE",
    "IN_APP",
    "SERVER_SIDE",
    "delay",
    "forget_delayed",
    "in_app_file",
    "keep_in_app",
    "receive",
    "show",
    "show_due",
    "take_over",
]

IN_APP = "inApp"
"""The preference that holds what is to be shown."""
CLIENT_SIDE = "inapp_notifs_cs"
SERVER_SIDE = "inapp_notifs_ss"
"""Never sealed: which campaigns the server wants to hear about."""
_KEEPS_DELAYED = 6
"""The version of the database that has a table for messages that are shown later."""
_LONGEST = (1 << 31) - 1
_TTL = 24 * 60 * 60
_ASSET_TTL = 14 * 24 * 60 * 60
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
"""One dot that shows nothing."""


# -- inbox ---------------------------------------------------------------------------------------


def receive(install: Installation, event: InboxReceived) -> None:
    """A message for the current user's inbox. 8.2.0 writes it with an upsert.

    UNCERTAIN: on Android 10 and older SQLite knows none, so that nothing is stored; the model follows the code.
    """
    upserts = install.database_version >= 7
    if not install.traits.stores_inbox or (upserts and not understands_upsert(install.setup.api)):
        return
    text, campaign = dumps(_body(event)), f"{install.at}_20240101"
    message = Message(install.guid, text, install.seals_all)
    install.mirror.inbox[install.guid, event.message] = message
    install.run(
        put_inbox(
            install.mirror.database,
            InboxRow(
                message=event.message,
                guid=install.guid,
                data=install.seal(text) if message.sealed else text,
                wzrk=dumps({"wzrk_id": campaign, "wzrk_pivot": "wzrk_default", "wzrk_ttl": install.at + _TTL}),
                campaign=campaign,
                tags="orders",
                expires=install.at + _TTL,
                at=install.at,
            ),
        )
    )


def _body(event: InboxReceived) -> dict[str, Any]:
    return {
        "type": "simple",
        "bg": "#ffffff",
        "orientation": "p",
        "content": [
            {
                "key": 1,
                "title": {"text": event.title, "color": "#434761"},
                "message": {"text": event.text, "color": "#434761"},
                "media": {},
                "icon": {},
                "action": {"url": {"android": {"text": ""}}, "hasUrl": False, "hasLinks": False, "links": []},
            }
        ],
        "tags": ["orders"],
        "custom_kv": [],
    }


# -- in-app --------------------------------------------------------------------------------------


def in_app_file(install: Installation, guid: str) -> str:
    """Since 6.0.0: a file for each user, without the prefix that others have."""
    return bare_file_name(f"inApp:{guid}:{install.account}")


def show(install: Installation, event: InAppReceived) -> None:
    """A message that waits until the app can show it; the model never does, so that it stays."""
    message = _in_app(event)
    if not install.traits.stores_in_apps_per_user:
        there = install.get(IN_APP)
        queue = json.loads(there) if isinstance(there, str) else []
        install.put(IN_APP, dumps([*queue, message]))
        return
    kept = install.mirror.in_apps.get((install.guid, IN_APP))
    # What is not in the form of this version does not open, and counts as empty.
    readable = kept is not None and kept.form is install.traits.scheme
    queue = json.loads(kept.text) if kept is not None and readable else []
    keep_in_app(install, install.guid, IN_APP, dumps([*queue, message]))
    _keep_image(install, event.image)
    path = in_app_file(install, install.guid)
    install.files.put(path, SERVER_SIDE, dumps([{"ti": event.campaign, "wzrk_id": event.campaign}]))
    triggers = file_name(f"triggers_per_inapp:{install.guid}:{install.account}")
    seen = install.files.get(triggers, f"__triggers_{event.campaign}")
    install.files.put(triggers, f"__triggers_{event.campaign}", int(seen or 0) + 1)


def _in_app(event: InAppReceived) -> dict[str, Any]:
    message: dict[str, Any] = {
        "ti": event.campaign,
        "wzrk_id": event.campaign,
        "type": "interstitial-template",
        "message": {"text": event.text, "color": "#000000"},
        "close": True,
    }
    if event.image:
        message["media"] = {"content_type": "image/png", "url": event.image}
    return message


def delay(install: Installation, event: InAppReceived) -> None:
    """A message for later: a row that is sealed at every level, and a timer of the process.

    Before 7.7.0, and where there is nothing to wait for, it is shown at once.
    """
    if not event.delay or install.process is None or install.mirror.database < _KEEPS_DELAYED:
        show(install, event)
        return
    text = dumps({**_in_app(event), "delayAfterTrigger": event.delay})
    sealed = install.seals.seal(text, install.traits.scheme)
    install.run(put_delayed_in_app(event.campaign, min(event.delay, _LONGEST), sealed, install.milliseconds))
    install.process.timers[event.campaign] = (install.at + event.delay, event)


def show_due(install: Installation) -> None:
    """Those whose time has come leave their table, and wait until the app can show them, as all others do."""
    timers = {} if install.process is None else install.process.timers
    for campaign, (due, event) in tuple(timers.items()):
        if due <= install.at:
            del timers[campaign]
            install.run(delete_delayed_in_app(campaign))
            show(install, event)


def forget_delayed(install: Installation) -> None:
    """The database was opened, or another user is here."""
    if install.process is not None:
        install.process.timers.clear()
    if install.mirror.database >= _KEEPS_DELAYED:
        install.run(delete_delayed_in_apps())


def _keep_image(install: Installation, address: str) -> None:
    """It is fetched before the message is shown. Older versions fetch it then, under a name of chance."""
    fetched = asset(install.version, address, _PICTURE) if address and not install.offline else None
    if fetched is not None:
        install.do(fetched)
        addresses = bare_file_name(f"inapp_assets:{install.account}")
        install.files.put(addresses, address, Long((install.at + _ASSET_TTL) * 1000))


def keep_in_app(install: Installation, guid: str, key: str, text: str, form: Scheme | None = None) -> None:
    """Store what is to be shown; sealed at every level, unless a migration says otherwise."""
    form = install.traits.scheme if form is None else form
    install.mirror.in_apps[guid, key] = Kept(text, form)
    install.files.put(in_app_file(install, guid), key, install.seals.seal(text, form))


def take_over(install: Installation) -> None:
    """At a start of 6.0.0 or later: what waited in the main store moves into the file of the user."""
    if not install.traits.stores_in_apps_per_user:
        return
    there = install.get(IN_APP)
    if isinstance(there, str):
        keep_in_app(install, install.guid, IN_APP, there)
        install.remove(IN_APP)
        install.files.remove(file_name(), IN_APP)
