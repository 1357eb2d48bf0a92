"""The map of everybody who ever logged in on an installation, as each version and level writes it."""

from harness.sdks.clevertap.identity import identity_keys
from harness.sdks.clevertap.identity_map import SEALED_KEYS
from harness.sdks.clevertap.state import Installation
from harness.sdks.clevertap.versions import GuidMapForm, Scheme

__all__ = ["IDENTITIES", "keys_of", "store_users", "write_users"]

IDENTITIES = "SP_KEY_PROFILE_IDENTITIES"
"""The preference that holds the app's choice."""


def keys_of(install: Installation) -> tuple[str, ...]:
    """The properties that are identities."""
    stored = install.get(IDENTITIES)
    return identity_keys(
        install.version,
        stored=stored if isinstance(stored, str) else "",
        legacy_users=len(install.mirror.users) > 0,
        api=install.setup.api,
    )


def store_users(install: Installation, *, last_key: str = "", removed: bool = False) -> None:
    """Write the map as version and level have it.

    Args:
        install: the installation.
        last_key: the identity that came or went: in 7.2.0 to 7.6.x its spelling decides about the whole map.
        removed: it went. UNCERTAIN: that the count goes with the last entry.
    """
    mirror = install.mirror
    if not mirror.users:
        install.remove("cachedGUIDsKey")
        install.remove("cachedGUIDsLengthKey")
        mirror.users_form = Scheme.NONE
        return
    seals = install.level > 0
    if install.traits.guid_map is GuidMapForm.WHOLE_FOR_KNOWN_KEYS:
        forgets = removed and install.traits.forgets_to_encrypt_on_removal
        seals = seals and last_key in SEALED_KEYS and not forgets
    mirror.users_form = install.traits.scheme if seals else Scheme.NONE
    write_users(install)
    if install.traits.stores_guid_count:
        install.put("cachedGUIDsLengthKey", len(mirror.users))


def write_users(install: Installation) -> None:
    """Write the map in the form that the mirror says, where the version keeps one."""
    if not install.traits.stores_users:
        return
    users, form = install.mirror.users, install.mirror.users_form
    if form is Scheme.LEGACY:
        text = users.sealed(lambda value: install.seals.seal(value, Scheme.LEGACY)).plain()
    else:
        text = install.seals.seal(users.plain(), form)
    install.put("cachedGUIDsKey", text)
