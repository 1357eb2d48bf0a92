"""What is out of the ordinary in an app's storage of CleverTap's Android SDK: migrations that failed, values that the
level should cover and does not, keys beside the data, and what older versions left. Nothing of a person is in it."""

from collections.abc import Iterator

from harness.sdks.clevertap.traces import Account, Form, Traces

__all__ = ["oddities"]


def oddities(traces: Traces, about: Account) -> Iterator[str]:
    """One phrase each.

    Args:
        traces: of the whole app.
        about: the account that is reported.
    """
    named = [name for name, each in traces.accounts.items() if name and (each.levels or each.members)]
    if len(named) > 1:
        yield f"{len(named)} accounts, each with a level of its own"
    if "EncryptionKey" in traces.bare:
        yield "the key of the app's ciphertexts (7.2.0 to 8.0.x on Android 5) lies in the preferences beside them"
    if any(path.endswith("WizRocket.xml.bak") for path in traces.paths):
        yield "a write of the preferences was interrupted: its backup is there, and counts"
    yield from _migration(traces, about)
    yield from _levels(about)
    yield from _coverage(traces, about)
    yield from _leftovers(traces)


def _is_legacy(traces: Traces) -> bool:
    return "encryptionMigrationFailureCount" not in traces.suffixed


def _migration(traces: Traces, about: Account) -> Iterator[str]:
    if about.failures:
        yield "the last migration failed: what could not be encrypted was left plain, and is tried again at a start"
    level = about.levels.get("stored", 0)
    if _is_legacy(traces) and level and about.flags is not None:
        for bit, what in ((1, "the identity map"), (2, "the profile")):
            if not about.flags & bit:
                yield f"encrypting {what} failed, and is tried again at a start: it is not wholly encrypted"
    forms = [*traces.forms.values(), about.identity_map]
    if any(form & Form.BRACKETS for form in forms) and any(form & Form.FRAME for form in forms):
        yield "ciphertexts of the legacy scheme stand beside those of the keystore: a migration left them"
    elif any(form & Form.BRACKETS for form in forms) and not _is_legacy(traces):
        yield "ciphertexts of the legacy scheme are there, though a version ran that migrates them"


def _levels(about: Account) -> Iterator[str]:
    configured, stored = about.levels.get("configured"), about.levels.get("stored")
    if configured is not None and configured != (stored or 0):
        yield f"level {configured} is configured, and level {stored or 0} is what the storage was brought to"


def _coverage(traces: Traces, about: Account) -> Iterator[str]:
    level = about.levels.get("stored", 0)
    forms = traces.forms
    if level >= 1 and about.identity_map & Form.PLAIN:
        yield from _plain_map(traces, about)
    if level >= 1 and forms.get("profile", 0) & Form.PLAIN:
        yield "texts of the profile that the level covers are plain: encrypting them failed"
    if level >= 2:
        for table in ("userProfiles", "profileEvents", "events", "inboxMessages", "notificationViewed"):
            if forms.get(table, 0) & Form.PLAIN:
                yield f"rows of {table} are plain at level 2: from before the level, or encrypting them failed"
        if forms.get("variables", 0) & Form.PLAIN:
            yield "variables are plain at level 2: from before the level, or encrypting them failed"
    if forms.get("in-app", 0) & Form.PLAIN:
        yield "in-app messages are plain, as a migration at level 0 leaves them until the next write"


def _plain_map(traces: Traces, about: Account) -> Iterator[str]:
    if not _is_legacy(traces):
        yield (
            "the identity map is plain in spite of the level, as 7.2.0 to 7.6.x write it when an identity is removed "
            "or its key is not spelled Name, Email, Identity or Phone"
        )
    elif about.unusual_keys:
        yield "the identity map has keys that the level does not cover: not Name, Email, Identity, Phone"
    else:
        yield "identities in the map are plain in spite of the level: encrypting them failed"


def _leftovers(traces: Traces) -> Iterator[str]:
    if traces.bare & {"deviceId", "cachedGUIDsKey", "lastSessionId", "registration_id"} and traces.suffixed:
        yield "preferences without the account are left from before 3.2.0"
    if "encryptionFlagStatus" in traces.suffixed and not _is_legacy(traces):
        yield "encryptionFlagStatus is left from 5.2.0 to 7.1.x"
    if "EncryptionKey" in traces.bare and "inbox_pending_deletes" in traces.tables:
        yield "no version since 8.1.0 uses or removes the key in the preferences"
    history = any("/WizRocket_local_events" in path for path in traces.paths)
    if history and "userEventLogs" in traces.tables:
        yield "event counters are left from before 7.1.0: a history of events that nothing removes"
