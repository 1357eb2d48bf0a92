"""The profile of each user as the SDK keeps it: one JSON object, and what each level covers of it."""

from collections.abc import Mapping
from typing import Any

from harness.sdks.clevertap.android_database import put_profile, remove_profile
from harness.sdks.clevertap.android_json import dumps, hash_order
from harness.sdks.clevertap.android_preferences import file_name
from harness.sdks.clevertap.identity_map import SEALED_KEYS
from harness.sdks.clevertap.state import Installation, Profile
from harness.sdks.clevertap.versions import Scheme

__all__ = ["change", "drop", "save"]

_LOCAL_PROFILE = file_name("local_profile")
"""2.0.x. UNCERTAIN: one preference for each property; the model says so, the binary names only the file."""


def change(install: Installation, properties: Mapping[str, Any]) -> None:
    """Set properties of the current user; a value of None removes one."""
    if not install.traits.has_database:
        for name, value in properties.items():
            if value is None:
                install.files.remove(_LOCAL_PROFILE, name)
            else:
                install.files.put(_LOCAL_PROFILE, name, value)
        return
    profile = install.mirror.profiles.setdefault(install.guid, Profile())
    for name, value in properties.items():
        if value is None:
            profile.properties.pop(name, None)
        else:
            profile.properties[name] = _as_kept(install, value)
    if install.traits.hashes_member_order:
        names = hash_order(profile.properties, api=install.setup.api)
        profile.properties = {name: profile.properties[name] for name in names}
    save(install, install.guid)


def _as_kept(install: Installation, value: Any) -> Any:
    """A date is a number of seconds in some versions."""
    if install.traits.dates_as_numbers and isinstance(value, str) and value.startswith("$D_"):
        seconds = value.removeprefix("$D_")
        digits = seconds.removeprefix("-")
        return int(seconds) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else value
    return value


def _taken_for_encrypted(install: Installation, value: str) -> bool:
    pairs = install.traits.taken_for_encrypted if install.traits.scheme is not Scheme.NONE else ()
    return any(value.startswith(begin) and value.endswith(end) for begin, end in pairs)


def save(install: Installation, guid: str) -> None:
    """Write the row of a user anew, as the level has it now."""
    profile = install.mirror.profiles[guid]
    profile.as_is = frozenset(
        name
        for name in SEALED_KEYS
        if isinstance(value := profile.properties.get(name), str) and _taken_for_encrypted(install, value)
    )
    profile.form = install.traits.scheme if install.level else Scheme.NONE
    if install.seals_all:
        profile.stored = install.seal(dumps(profile.properties))
    else:
        profile.stored = dumps({name: _stored(install, profile, name) for name in profile.properties})
    install.run(put_profile(install.mirror.database, guid, install.account, profile.stored))


def _stored(install: Installation, profile: Profile, name: str) -> Any:
    """At level 1, texts under just four names are sealed: no number, no other spelling, nothing nested."""
    value = profile.properties[name]
    if install.level == 0 or name not in SEALED_KEYS or not isinstance(value, str) or name in profile.as_is:
        return value
    return install.seal(value)


def drop(install: Installation) -> None:
    """A switch of users: until 6.2.1 the profile of who was here goes."""
    if not install.traits.keeps_profiles:
        install.mirror.profiles.clear()
        install.run(remove_profile(install.account))
