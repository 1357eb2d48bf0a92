"""What is kept as preferences: push tokens, what the server wants to hear again, a switch for network details."""

from harness.sdks.base import Delete, PushTokenReceived, ServerAnswered
from harness.sdks.clevertap import event_queue
from harness.sdks.clevertap.android_files import product_config_settings
from harness.sdks.clevertap.android_preferences import Plain, file_name
from harness.sdks.clevertap.state import Installation

__all__ = ["forget_limits", "keep_arp", "keep_token", "report_network"]

_TOKENS = {
    "fcm": ("fcm_token", (3, 2, 0), (99, 0, 0)),
    "hps": ("hps_token", (3, 7, 0), (99, 0, 0)),
    "bps": ("bps_token", (3, 7, 0), (99, 0, 0)),
    "xps": ("xps_token", (3, 7, 0), (6, 99, 0)),
    "adm": ("adm_token", (4, 0, 0), (7, 2, 99)),
    "gcm": ("registration_id", (0, 0, 0), (3, 5, 99)),
}
"""Push service to preference, first and last version."""
_INT = 1 << 31


def keep_token(install: Installation, event: PushTokenReceived) -> None:
    """A push token: kept in clear at every level, and queued; before there was FCM, its tokens were GCM's."""
    service = "gcm" if event.service == "fcm" and not install.traits.suffixes_keys else event.service
    key, first, last = _TOKENS.get(service, ("", (99, 0, 0), (0, 0, 0)))
    if first <= install.traits.number <= last:
        install.put(key, event.token)
        event_queue.push(install, "data", {"data": {"action": "register", "id": event.token, "type": service}})


def keep_arp(install: Installation, event: ServerAnswered) -> None:
    """What the server wants to hear again: numbers, flags and texts, each a preference; never encrypted.

    The names are the server's. A public log shows identities of the user among them (`k_n`): UNCERTAIN whether it
    still sends those.
    """
    longest = install.traits.longest_arp_text
    owner = f":{install.guid}" if install.traits.arp_per_user else ""
    path = file_name(f"ARP:{install.account}{owner}")
    for name, value in event.values.items():
        kept = _as_kept(value)
        if isinstance(kept, str) and longest is not None and len(kept) > longest:
            continue
        install.files.put(path, name, kept)
    _keep_limits(install, event)


def _keep_limits(install: Installation, event: ServerAnswered) -> None:
    """Product Config has limits of its own among them. The model's app uses it until 5.0.0 deprecates it."""
    limits = [event.values.get(name) for name in ("rc_n", "rc_w")]
    if install.traits.has_product_config and any(isinstance(limit, int) for limit in limits):
        defaults = zip(limits, (5, 60), strict=True)
        calls, window = (limit if isinstance(limit, int) else default for limit, default in defaults)
        settings = product_config_settings(
            install.account,
            install.guid,
            fetched_ms=install.milliseconds,
            calls=calls,
            window=window,
            api=install.setup.api,
        )
        install.do(settings)
        install.mirror.limits.add(settings.path)


def forget_limits(install: Installation) -> None:
    """A switch of users: those of who was here go."""
    for path in sorted(install.mirror.limits):
        install.do(Delete(path=path))
    install.mirror.limits.clear()


def _as_kept(value: Plain) -> Plain:
    """Numbers become Java's `int`."""
    if isinstance(value, bool | str):
        return value
    return (int(value) + _INT) % (2 * _INT) - _INT


def report_network(install: Installation, on: bool) -> None:
    """From here on a session opens with details of the network; never with an address."""
    if install.traits.stores_opt_out:
        install.put("NetworkInfo", on)
