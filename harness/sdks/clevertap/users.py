"""Who is logged in: a profile that is pushed, a property that is removed, and a switch of users."""

from collections.abc import Mapping
from typing import Any

from harness.sdks.clevertap import (
    event_log,
    event_queue,
    installation_ids,
    messages,
    profile_store,
    server,
    session,
)
from harness.sdks.clevertap.android_preferences import file_name
from harness.sdks.clevertap.cleaning import Error, Property, clean_properties
from harness.sdks.clevertap.device import about_user
from harness.sdks.clevertap.identity import Switch, clean_key, decide
from harness.sdks.clevertap.state import Installation
from harness.sdks.clevertap.user_map import keys_of, store_users
from harness.sdks.clevertap.variables import reset_variables

__all__ = ["log_in", "opt_out", "push_profile", "remove_property"]


def log_in(install: Installation, profile: Mapping[str, Property], custom: str = "") -> None:
    """`onUserLogin`: the first user of a device gets the ID that it had before anybody was logged in.

    Args:
        install: the installation.
        profile: what the app says of the user.
        custom: the ID that it wants for a new one, where it chooses IDs.
    """
    count = install.get("cachedGUIDsLengthKey") if install.traits.stores_guid_count else len(install.mirror.users)
    decision = decide(
        install.mirror.users,
        install.guid,
        profile,
        keys_of(install),
        count=count if isinstance(count, int) else 0,
    )
    error = _switch(install, decision.guid, custom) if isinstance(decision, Switch) else None
    push_profile(install, profile)
    if error is not None and install.process is not None:
        install.process.error = error


def _switch(install: Installation, guid: str | None, custom: str) -> Error | None:
    """Another user. What stays: profiles since 7.0.0, inbox, event history, files of every user, push tokens, and
    the map of identities with all of them."""
    event_queue.flush(install, at_once=True)
    event_queue.clear(install)
    profile_store.drop(install)
    if not install.traits.arp_per_user:
        install.files.clear(file_name(f"ARP:{install.account}"))
    install.files.clear(file_name("IJ"))
    if install.traits.handshakes:
        install.put("comms_first_ts", 0)
        install.put("comms_last_ts", 0)
    given = installation_ids.another(install, guid, custom)
    reset_variables(install)
    server.forget_limits(install)
    messages.forget_delayed(install)
    session.renew(install)
    return given.error


# -- profiles ------------------------------------------------------------------------------------


def push_profile(install: Installation, profile: Mapping[str, Property]) -> None:
    """Properties of the current user: queued, kept, and the identities among them remembered."""
    properties, error = clean_properties(profile)
    if not properties or install.process is None:
        return
    if error is not None:
        install.process.error = error
    if not event_queue.push(install, "profile", {"profile": {**properties, **about_user()}}):
        return
    known = keys_of(install)
    identities = [name for name in properties if name.lower() in {key.lower() for key in known}]
    if identities:
        install.mirror.users = install.mirror.users.with_profile(properties, known, install.guid)
        store_users(install, last_key=identities[-1])
    if install.traits.logs_property_names:
        for name in properties:
            event_log.count(install, name)
    profile_store.change(install, properties)


def remove_property(install: Installation, name: str) -> None:
    """`removeValueForKey`, which refuses what has `identity` in its name."""
    key = clean_key(name).strip()
    if not key or "identity" in key.lower():
        return
    if not event_queue.push(install, "profile", {"profile": {key: {"$delete": True}, **about_user()}}):
        return
    profile_store.change(install, {key: None})
    if not install.traits.removes_identities or key.lower() not in {each.lower() for each in keys_of(install)}:
        return
    users = install.mirror.users.without(key, install.guid)
    if users != install.mirror.users:
        install.mirror.users = users
        store_users(install, last_key=key, removed=True)


def opt_out(install: Installation, out: bool) -> None:
    """The flag is queued as a property, and kept; later events are dropped. Nothing that is stored goes."""
    flags: dict[str, Any] = {"ct_optout": out}
    if install.traits.opts_out_of_system_events:
        flags["ct_allow_sys_events_and_communication"] = not out
    if out:
        push_profile(install, flags)
    if install.traits.stores_opt_out:
        install.put(f"OptOut:{install.guid}", out)
        if install.traits.opts_out_of_system_events:
            install.put(f"allowSystemEvents:{install.guid}", not out)
    if not out:
        push_profile(install, flags)
