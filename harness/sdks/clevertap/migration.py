"""What a start after an upgrade, or after a change of the level, does to what is stored: with all that it leaves.

Uncertain, deduced from code and not seen on a device; the model does what the code says:

* going from 5.2.0-7.1.x at level 1 straight to 7.3.1 or later, nothing unwraps the old map of identities: bracketed
  ciphertext stays within the new frame, and the count of identities is missing, so that the next login is taken for
  the device's first;
* from 7.7.0 on a migration that runs at level 0 leaves in-app messages in plain until they are next written; readers
  take what does not open for nothing.
"""

from harness.sdks.base import Statement
from harness.sdks.clevertap import event_queue, profile_store
from harness.sdks.clevertap.cipher import legacy_open
from harness.sdks.clevertap.identity_map import SEALED_KEYS
from harness.sdks.clevertap.messages import CLIENT_SIDE, SERVER_SIDE, in_app_file, keep_in_app
from harness.sdks.clevertap.state import Installation, Profile
from harness.sdks.clevertap.user_map import write_users
from harness.sdks.clevertap.variables import reseal_variables
from harness.sdks.clevertap.versions import Scheme

__all__ = ["migrate"]

_NEVER = -1


def migrate(install: Installation) -> None:
    """Bring what is stored to the level that the app has now, if it is time to."""
    match install.traits.scheme:
        case Scheme.LEGACY:
            _legacy(install)
        case Scheme.GCM:
            _gcm(install)
        case Scheme.NONE:
            pass


# -- 5.2.0 to 7.1.x ------------------------------------------------------------------------------

_USERS_DONE, _PROFILE_DONE = 1, 2


def _legacy(install: Installation) -> None:
    """Two bits say what is done; a start tries again what is not."""
    stored, status = _number(install, "encryptionLevel"), _number(install, "encryptionFlagStatus")
    if stored == _NEVER and install.level == 0:
        return
    if stored != install.level:
        status = 0
        install.put("encryptionLevel", install.level)
    elif status == _USERS_DONE | _PROFILE_DONE:
        return
    mirror = install.mirror
    mirror.users_form = Scheme.LEGACY if install.level else Scheme.NONE
    if mirror.users:
        write_users(install)
    done = _USERS_DONE | _PROFILE_DONE
    for guid, profile in mirror.profiles.items():
        if install.level == 0 and profile.as_is:
            # What the app itself put in brackets does not open, and stays as it is.
            done = _USERS_DONE
        profile_store.save(install, guid)
    install.put("encryptionFlagStatus", done)


def _number(install: Installation, name: str) -> int:
    there = install.get(name)
    return there if isinstance(there, int) else _NEVER


# -- 7.2.0 and later -----------------------------------------------------------------------------


def _gcm(install: Installation) -> None:
    """In the SDK's order: map of identities, profiles, in-app messages, and for level 2 the rest."""
    stored, failures = _number(install, "encryptionLevel"), _number(install, "encryptionMigrationFailureCount")
    unmarked = install.traits.marks_server_side_migration and install.get("ssInAppMigrated") is not True
    if failures == 0 and stored == install.level and not unmarked:
        return
    if install.traits.writes_level_first:
        install.put("encryptionLevel", install.level)
    _migrate_users(install, unwraps=failures == _NEVER and not unmarked)
    opened = [_migrate_profile(install, guid, profile) for guid, profile in install.mirror.profiles.items()]
    opened += [_migrate_in_app(install, guid, key) for guid, key in tuple(install.mirror.in_apps)]
    if install.traits.breaks_server_side_in_apps:
        _lose_server_side(install)
    if install.traits.marks_server_side_migration:
        install.put("ssInAppMigrated", True)
    if 2 in {stored, install.level}:
        reseal_variables(install)
        _reseal_inbox(install)
        event_queue.reseal(install)
    if all(opened):
        install.put("encryptionLevel", install.level)
    install.put("encryptionMigrationFailureCount", 0 if all(opened) else max(failures, 0) + 1)


def _migrate_users(install: Installation, *, unwraps: bool) -> None:
    """Only the first upgrade, which later versions never take for one, looks within the old form."""
    mirror = install.mirror
    before = mirror.users_form
    if unwraps:
        install.put("cachedGUIDsLengthKey", len(mirror.users))
    elif before is Scheme.LEGACY:
        mirror.users = mirror.users.sealed(lambda text: install.seals.seal(text, Scheme.LEGACY))
    mirror.users_form = Scheme.GCM if install.level else Scheme.NONE
    if mirror.users and mirror.users_form is not before:
        write_users(install)


def _migrate_profile(install: Installation, guid: str, profile: Profile) -> bool:
    """Of all users. What cannot be opened is deleted if it is to be sealed, and stays if not; whether all opened."""
    whole = profile.stored.startswith("<ct<")
    before = (profile.form, whole)
    opened, lost = True, []
    for name in sorted(SEALED_KEYS & profile.properties.keys()):
        value = profile.properties[name]
        if not isinstance(value, str) or not (whole or profile.form is Scheme.NONE or name in profile.as_is):
            continue
        if not _is_bracketed(value):
            opened = opened and not (value.startswith("<ct<") and value.endswith(">ct>") and install.level == 0)
            continue
        plain = legacy_open(install.account, value)
        if plain is not None:
            profile.properties[name] = plain
        elif install.level:
            lost.append(name)
        else:
            opened = False
    for name in lost:
        del profile.properties[name]
    if lost or before != (install.traits.scheme if install.level else Scheme.NONE, install.seals_all):
        profile_store.save(install, guid)
    return opened


def _is_bracketed(text: str) -> bool:
    """The migration's rule for the old ciphertext, which takes a plain array for one."""
    return text.startswith("[") and text.endswith("]")


def _migrate_in_app(install: Installation, guid: str, key: str) -> bool:
    """Whether it opened. Until 7.6.x all is sealed; later the level decides, though every write seals."""
    mirror = install.mirror
    kept = mirror.in_apps[guid, key]
    if install.traits.breaks_server_side_in_apps and key != CLIENT_SIDE:
        return True
    seals = install.level > 0 or install.traits.writes_level_first
    target = Scheme.GCM if seals else Scheme.NONE
    if kept.form is not Scheme.NONE:
        if kept.form is not target:
            keep_in_app(install, guid, key, kept.text, target)
        return True
    if seals:
        # A plain array is taken for old ciphertext that does not open.
        del mirror.in_apps[guid, key]
        install.files.remove(in_app_file(install, guid), key)
    return seals


def _lose_server_side(install: Installation) -> None:
    """7.2.0 to 7.3.0 migrate the wrong preference: a plain array that is taken for old ciphertext, and deleted."""
    for guid in dict.fromkeys(guid for guid, _ in install.mirror.in_apps):
        install.files.remove(in_app_file(install, guid), SERVER_SIDE)


def _reseal_inbox(install: Installation) -> None:
    """Only of users who have a profile."""
    for (guid, number), message in install.mirror.inbox.items():
        if guid in install.mirror.profiles and message.sealed != install.seals_all:
            message.sealed = install.seals_all
            text = install.seal(message.text) if message.sealed else message.text
            update = "UPDATE inboxMessages SET data = ? WHERE _id = ? AND messageUser = ?"
            install.run(Statement(update, (text, number, guid)))
