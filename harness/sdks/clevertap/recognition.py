"""Which version, level and account of CleverTap's Android SDK wrote an app's storage, from the storage alone.

What is there says that a version which writes it ran once; only what each start writes, and the schema of the
database, say that none came after.
"""

from collections.abc import Iterator, Sequence
from fnmatch import translate
from functools import cache
from re import Pattern
from re import compile as compiled

from harness.model import Recognised, Record
from harness.sdks.clevertap.claims import ALL_CLAIMS
from harness.sdks.clevertap.claims_preferences import MAIN
from harness.sdks.clevertap.oddities import oddities
from harness.sdks.clevertap.traces import Account, Form, Traces, collect
from harness.sdks.clevertap.versions import VERSIONS, Number, parse

__all__ = ["era_of", "recognise"]

_NAME = "clevertap"
_NEWEST: Number = (999, 0, 0)
_ERAS: tuple[tuple[Number, str], ...] = (
    ((7, 7, 0), "full data"),
    ((7, 2, 0), "GCM and keystore"),
    ((5, 2, 0), "legacy AES"),
    ((2, 1, 0), "plaintext"),
    ((0, 0, 0), "external file"),
)


def era_of(version: str) -> str:
    """In the words of the specification."""
    return next(era for since, era in _ERAS if parse(version) >= since)


def recognise(records: Sequence[Record]) -> Recognised | None:
    """What storage tells; None where the SDK has not been there.

    Args:
        records: decoded values of the claimed files of one app.
    """
    traces = collect(records)
    if not any(_is_claimed(path) for path in traces.paths):
        return None
    account, about = _account(traces)
    first, last, agree = _range(traces)
    return Recognised(
        sdk=_NAME,
        first=first,
        last=last,
        era=_era(first, last),
        account=account,
        level=_level(about, parse(first)),
        notes=(*(() if agree else (_DISAGREEMENT,)), *oddities(traces, about)),
    )


_DISAGREEMENT = "traces of versions that do not fit together: an older version came after a newer one"


def _range(traces: Traces) -> tuple[str, str, bool]:
    """The oldest and the newest version that can have been the last to write; whether all traces agree on that."""
    since, until = max(_oldest(traces)), min(_newest(traces))
    exact = _last_start(traces)
    if exact is not None and since <= exact < until:
        # It may be a release between those that were read.
        version = ".".join(str(part) for part in exact)
        return version, version, True
    fits = [version for version in VERSIONS if since <= parse(version) < until]
    if fits:
        return fits[0], fits[-1], exact is None
    later = [version for version in VERSIONS if parse(version) >= since] or [VERSIONS[-1]]
    return later[0], later[-1], False


def _era(first: str, last: str) -> str:
    old, new = era_of(first), era_of(last)
    return old if old == new else f"{old} to {new}"


def _level(about: Account, since: Number) -> int | None:
    """As configured; what the storage was brought to, where the configuration is not there."""
    level = about.levels.get("configured", about.levels.get("stored"))
    if level is None and since >= (5, 2, 0):
        return 0  # those of the legacy scheme write it only once it is not 0
    return level


def _account(traces: Traces) -> tuple[str, Account]:
    """That of the default instance, or else the one that most places name."""
    known = {name: about for name, about in traces.accounts.items() if name}
    for name in sorted(known, key=lambda each: (not known[each].is_default, _rank(traces, each))):
        if known[name].is_default or name in traces.ids:
            return name, known[name]
    account = traces.ids[0] if traces.ids else ""
    return account, traces.accounts.get(account, traces.accounts.get("", Account()))


def _rank(traces: Traces, account: str) -> int:
    return traces.ids.index(account) if account in traces.ids else len(traces.ids)


# -- what must have run once ---------------------------------------------------------------------


def _oldest(traces: Traces) -> Iterator[Number]:
    """Versions below which what is there was not written yet."""
    yield (0, 0, 0)
    since = _since()
    for name in traces.bare:
        yield since.get(f"/{name}", (0, 0, 0))
    for name in traces.suffixed:
        yield max(since.get(f"/{name}:*", (0, 0, 0)), (3, 2, 0))
    for table in (*traces.tables, *traces.filled):
        yield since.get(f"/{table}/*", (0, 0, 0))
    for name in traces.stores:
        yield since.get(f"/{name}*", (0, 0, 0))
    if traces.stores & {
        "evaluated_ss/raised",
        "evaluated_ss/profile",
        "suppressed_ss/raised",
        "suppressed_ss/profile",
    }:
        yield 6, 2, 1
    yield _first_of_files(traces)
    yield from _oldest_by_content(traces)
    for _, release in traces.released:
        yield release


def _oldest_by_content(traces: Traces) -> Iterator[Number]:
    if any(
        "\n" in sql for name, sql in traces.tables.items() if name in {"events", "profileEvents", "inboxMessages"}
    ):
        yield 6, 2, 0
    for about in traces.accounts.values():
        if "encryptionLevel" in about.members or about.identity_map & Form.BRACKETS:
            yield 5, 2, 0
        if "encryptionInTransit" in about.members:
            yield 7, 5, 0
        if "object" in about.push_types:
            yield 7, 3, 0
        if about.identity_map & Form.FRAME or traces.forms.get("in-app", 0) & Form.FRAME:
            yield 7, 2, 0
        if 2 in about.levels.values():
            yield 7, 7, 0
    for column, table, since in _COLUMNS:
        if column in traces.tables.get(table, ""):
            yield since


_COLUMNS: tuple[tuple[str, str, Number], ...] = (
    ("deviceID", "userProfiles", (7, 0, 0)),
    ("index_state", "inboxMessages", (8, 2, 0)),
)


@cache
def _since() -> dict[str, Number]:
    """First versions by pointer, for the names of preferences and tables that are certain."""
    out: dict[str, Number] = {}
    for claim in ALL_CLAIMS:
        telling = claim.path == MAIN or "inApp:" in claim.path or claim.path == "databases/clevertap"
        if telling and claim.since and claim.pointer not in {"*", "/*:*"}:
            out.setdefault(claim.pointer, parse(claim.since))
    return out


@cache
def _claimed() -> Pattern[str]:
    return compiled("|".join(sorted({translate(claim.path) for claim in ALL_CLAIMS})))


def _is_claimed(path: str) -> bool:
    return _claimed().match(path) is not None


def _first_of_files(traces: Traces) -> Number:
    return max((_file_since(path) for path in traces.paths), default=(0, 0, 0))


def _file_since(path: str) -> Number:
    """The most exact claim on a file as a whole says when it came; (0, 0, 0) where it was always there."""
    for length, pattern, since in _files():
        if length and pattern.match(path):
            return since
    return (0, 0, 0)


@cache
def _files() -> tuple[tuple[int, Pattern[str], Number], ...]:
    whole = [claim for claim in ALL_CLAIMS if claim.pointer == "*" and claim.since]
    found = [(len(claim.path), compiled(translate(claim.path)), parse(claim.since)) for claim in whole]
    return tuple(sorted(found, key=lambda each: -each[0]))


# -- what cannot have run since ------------------------------------------------------------------


def _newest(traces: Traces) -> Iterator[Number]:
    """Versions of which, and of all later ones, something is missing that they always write."""
    yield _NEWEST
    yield from _newest_by_schema(traces)
    if traces.bare & {"deviceId", "cachedGUIDsKey", "lastSessionId"} and not traces.suffixed:
        yield 3, 2, 0
    if not traces.suffixed:
        return
    if "encryptionMigrationFailureCount" not in traces.suffixed:
        yield 7, 2, 0
    elif "ssInAppMigrated" not in traces.suffixed and all(not each.failures for each in traces.accounts.values()):
        yield 7, 3, 1
    if "inApp" in traces.suffixed:
        yield 6, 0, 0
    members = [about for about in traces.accounts.values() if about.members]
    for missing, version in _MEMBERS:
        if members and all(missing not in about.members for about in members):
            yield version
    if members and all(about.push_types == {"text"} for about in members):
        yield 7, 3, 0


_MEMBERS: tuple[tuple[str, Number], ...] = (("encryptionLevel", (5, 2, 0)), ("encryptionInTransit", (7, 5, 0)))
"""Of the configuration, which every start writes anew."""


def _newest_by_schema(traces: Traces) -> Iterator[Number]:
    """The database is brought to its version when it is opened, which every start does."""
    if "events" not in traces.tables:
        return
    for table, since in _TABLES:
        if table not in traces.tables:
            yield since
    for column, table, since in _COLUMNS:
        if column not in traces.tables.get(table, ""):
            yield since


_TABLES: tuple[tuple[str, Number], ...] = (
    ("inboxMessages", (3, 4, 0)),
    ("notificationViewed", (3, 5, 0)),
    ("userEventLogs", (7, 1, 0)),
    ("delayedLegacyInApps", (7, 7, 0)),
    ("inbox_pending_deletes", (8, 2, 0)),
)


def _last_start(traces: Traces) -> Number | None:
    """The version that the session wrote which the main store calls the last."""
    sessions = {about.session for about in traces.accounts.values() if about.session}
    releases = [release for session, release in traces.released if session in sessions]
    return max(releases, default=None)
