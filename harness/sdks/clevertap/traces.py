"""What a version of the SDK leaves behind that tells it from others, collected from the decoded values of one app.

Only names, numbers and the form of values are kept; no value of a person is.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from harness.model import Record, Scalar, State, Step
from harness.sdks.clevertap.accounts import accounts, is_main_store
from harness.sdks.clevertap.frames import BRACKETS, FRAME
from harness.sdks.clevertap.identity_map import SEALED_KEYS

__all__ = ["Account", "Form", "Traces", "collect"]

_MOST = 500_000
"""Values that are looked at."""
_MOST_NAMED = 4096
"""Different names of each kind that are kept."""
_LONGEST = 1 << 16
"""Characters of a value that is parsed as JSON."""

_JSON = frozenset({"json", "json_text"})
"""Layers that say no more than that a value is a document."""

_DATABASE = re.compile(r"(?:.*/)?databases/clevertap(?:_[^/]*)?")
_IN_APP = re.compile(r"(?:.*/)?shared_prefs/(?:WizRocket_)?inApp:[^/]*")


class Form:
    """How values at a place are stored; flags that add up, as a place holds many."""

    PLAIN = 1
    BRACKETS = 2
    """The legacy scheme."""
    FRAME = 4
    """The later scheme."""


@dataclass(slots=True)
class Account:
    """What the main store says of one account."""

    levels: dict[str, int] = field(default_factory=dict)
    """By who says so: `configured` or `stored`."""
    failures: int | None = None
    """Of the last migration; None where no version wrote it."""
    flags: int | None = None
    """Bits of what the legacy scheme has encrypted."""
    session: int | None = None
    members: set[str] = field(default_factory=set)
    """Of the configuration."""
    push_types: set[str] = field(default_factory=set)
    """`text` or `object`."""
    is_default: bool = False
    identity_map: int = 0
    """Forms of its members, or of the whole."""
    unusual_keys: bool = False
    """Some members of the map are under keys that the legacy scheme does not cover."""


@dataclass(slots=True)
class Traces:
    """All that was collected."""

    ids: tuple[str, ...] = ()
    """Of accounts, likeliest first."""
    accounts: dict[str, Account] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    bare: set[str] = field(default_factory=set)
    """Names in the main store without an account."""
    suffixed: set[str] = field(default_factory=set)
    """Names in the main store with one, which is taken off."""
    tables: dict[str, str] = field(default_factory=dict)
    """Statement by name, for all tables that a live schema names."""
    filled: set[str] = field(default_factory=set)
    """Tables that hold values."""
    stores: set[str] = field(default_factory=set)
    """Names in the files of in-app messages."""
    released: set[tuple[int | None, tuple[int, int, int]]] = field(default_factory=set)
    """Session and SDK version of queued starts of the app."""
    forms: dict[str, int] = field(default_factory=dict)
    """`profile`, `in-app`, `variables`, and tables by name."""

    def of(self, account: str) -> Account:
        """The account; one too many is thrown away."""
        if account in self.accounts or len(self.accounts) < _MOST_NAMED:
            return self.accounts.setdefault(account, Account())
        return Account()

    def mark(self, place: str, form: int) -> None:
        self.forms[place] = self.forms.get(place, 0) | form


def collect(records: Sequence[Record]) -> Traces:
    """Look at every value that is live. Never raises on what is stored."""
    traces = Traces(ids=accounts(records))
    rows = _Rows(traces)
    path = kind = ""
    for record in islice(records, _MOST):
        if record.locator.path != path:
            path = record.locator.path
            kind = _kind(path)
            if len(traces.paths) < _MOST_NAMED:
                traces.paths.add(path)
        if record.state is not State.LIVE or not record.locator.steps or not _JSON.issuperset(record.layers):
            continue  # what was peeled or decrypted out of a value says nothing of how the SDK stored it
        for steps, value in _unfolded(record) if kind else ():
            if kind == "main":
                _preference(traces, steps, value)
            elif kind == "database":
                rows.add(path, steps, value)
            else:
                _in_app(traces, steps, value)
    rows.finish()
    return traces


def _kind(path: str) -> str:
    if is_main_store(path):
        return "main"
    if _DATABASE.fullmatch(path):
        return "database"
    return "in-app" if _IN_APP.fullmatch(path) else ""


def _unfolded(record: Record) -> Iterator[tuple[tuple[Step, ...], Scalar]]:
    """The value; what is in it where it is JSON that nobody has unfolded yet."""
    steps, value = record.locator.steps, record.value
    if isinstance(value, str) and value[:1] in {"{", "["} and len(value) <= _LONGEST and not _is_brackets(value):
        try:
            inside = json.loads(value)
        except (ValueError, RecursionError):
            inside = None
        if inside:
            yield from _leaves(steps, inside)
            return
    yield steps, value


def _leaves(steps: tuple[Step, ...], inside: Any) -> Iterator[tuple[tuple[Step, ...], Scalar]]:
    pending: list[tuple[tuple[Step, ...], Any]] = [(steps, inside)]
    while pending:
        at, value = pending.pop()
        if isinstance(value, dict) and value:
            pending += [((*at, name), each) for name, each in value.items()]
        elif isinstance(value, list) and value and len(at) < len(steps) + 8:
            pending += [((*at, number), each) for number, each in enumerate(value)]
        elif not isinstance(value, dict | list):
            yield at, value


def _is_brackets(value: str) -> bool:
    return value.isascii() and BRACKETS.fullmatch(value.encode()) is not None


def _form(value: Scalar) -> int:
    """Of a value that stands alone. A single number of ciphertext that was unfolded as JSON is told by its place."""
    if not isinstance(value, str) or not value:
        return Form.PLAIN
    if _is_brackets(value):
        return Form.BRACKETS
    if value.startswith("<ct<") and value.isascii() and FRAME.fullmatch(value.encode()):
        return Form.FRAME
    return Form.PLAIN


def _number(value: Scalar) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    is_digits = isinstance(value, str) and len(value) < 16 and value.isascii() and value.isdecimal()
    return int(str(value)) if is_digits else None


# -- the main store ------------------------------------------------------------------------------


def _preference(traces: Traces, steps: tuple[Step, ...], value: Scalar) -> None:
    full = str(steps[0])
    name, colon, account = full.rpartition(":")
    if not colon:
        name = full
    # `OptOut:<guid>:<account>`: what is a name is the first part.
    kept = traces.suffixed if colon else traces.bare
    if len(kept) < _MOST_NAMED:
        kept.add(name.partition(":")[0] if colon else name)
    about = traces.of(account)
    match name:
        case "encryptionLevel" if (level := _number(value)) is not None:
            about.levels["stored"] = level
        case "encryptionMigrationFailureCount":
            about.failures = _number(value)
        case "encryptionFlagStatus":
            about.flags = _number(value)
        case "lastSessionId":
            about.session = _number(value)
        case "instance":
            _configuration(about, steps[1:], value)
        case "cachedGUIDsKey":
            _identity_map(about, steps[1:], value)
        case "variablesKey" | "variantsForAbKey":
            _variables(traces, steps[1:], value)


def _configuration(about: Account, steps: tuple[Step, ...], value: Scalar) -> None:
    if not steps or len(about.members) >= _MOST_NAMED:
        return
    member = str(steps[0])
    about.members.add(member)
    if member == "encryptionLevel" and (level := _number(value)) is not None:
        about.levels["configured"] = level
    elif member == "isDefaultInstance":
        about.is_default = value is True
    elif member == "allowedPushTypes" and len(steps) > 1:
        about.push_types.add("object" if len(steps) > 2 or str(value).startswith("{") else "text")


def _identity_map(about: Account, steps: tuple[Step, ...], value: Scalar) -> None:
    if not steps:
        if isinstance(value, str) and value not in {"", "{}"}:
            about.identity_map |= _form(value)
        return
    key, _, identity = str(steps[0]).partition("_")
    form = _form(identity)
    about.identity_map |= form
    about.unusual_keys |= form == Form.PLAIN and key not in SEALED_KEYS


def _variables(traces: Traces, steps: tuple[Step, ...], value: Scalar) -> None:
    if steps or value not in {"", "{}", "[]"}:
        traces.mark("variables", Form.PLAIN if steps else _form(value))


def _in_app(traces: Traces, steps: tuple[Step, ...], value: Scalar) -> None:
    name = str(steps[0])
    if len(traces.stores) < _MOST_NAMED:
        traces.stores.add(name)
        if name in {"evaluated_ss", "suppressed_ss"} and len(steps) > 1 and isinstance(steps[1], str):
            traces.stores.add(f"{name}/{steps[1]}" if steps[1] in {"raised", "profile"} else name)
    if name not in {"inApp", "inapp_notifs_cs", "delayed_inapp_notifs_cs"} or value in {"", "[]", None}:
        return
    if len(steps) == 2 and isinstance(steps[1], int) and isinstance(value, int):
        traces.mark("in-app", Form.BRACKETS)  # unfolded as the JSON that it also is
    else:
        traces.mark("in-app", Form.PLAIN if len(steps) > 1 else _form(value))


# -- databases -----------------------------------------------------------------------------------


class _Rows:
    """Values of databases: columns of one row come one after the other, and belong together."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces
        self._row: tuple[Step, ...] = ()
        self._name = self._sql = ""
        self._session: int | None = None
        self._release: tuple[int, int, int] | None = None

    def add(self, path: str, steps: tuple[Step, ...], value: Scalar) -> None:
        if (path, *steps[:2]) != self._row:
            self.finish()
            self._row = (path, *steps[:2])
        table = str(steps[0])
        if table == "sqlite_master":
            self._schema(str(steps[-1]), value)
            return
        if len(self._traces.filled) < _MOST_NAMED:
            self._traces.filled.add(table)
        if len(steps) < 3 or steps[2] != "data":
            return
        inside = steps[3:]
        self._data(table, inside, value)
        if table == "events":
            self._event(inside, value)

    def finish(self) -> None:
        """The row is complete."""
        traces = self._traces
        if self._name and self._sql.lstrip()[:12].upper() == "CREATE TABLE" and len(traces.tables) < _MOST_NAMED:
            traces.tables[self._name] = traces.tables.get(self._name, "") + self._sql
        if self._release and len(traces.released) < _MOST_NAMED:
            traces.released.add((self._session, self._release))
        self._name = self._sql = ""
        self._session = self._release = None

    def _schema(self, column: str, value: Scalar) -> None:
        if column == "name" and isinstance(value, str):
            self._name = value
        elif column == "sql" and isinstance(value, str):
            self._sql = value[:_LONGEST]

    def _data(self, table: str, inside: tuple[Step, ...], value: Scalar) -> None:
        if not inside:
            if value is not None:
                self._traces.mark(table, _form(value))
            return
        self._traces.mark(table, Form.PLAIN)
        if table == "userProfiles" and inside[0] in SEALED_KEYS:
            if len(inside) == 2 and isinstance(inside[1], int) and isinstance(value, int):
                self._traces.mark("profile", Form.BRACKETS)  # unfolded as the JSON that it also is
            elif len(inside) == 1 and isinstance(value, str):
                self._traces.mark("profile", _form(value))

    def _event(self, inside: tuple[Step, ...], value: Scalar) -> None:
        if inside == ("s",):
            self._session = _number(value)
        elif inside == ("evtData", "SDK Version"):
            number = _number(value) or 0
            if 20_000 <= number < 200_000:  # 3.1.10 has six digits and cannot be told from 30.10.10
                self._release = number // 10_000, number // 100 % 100, number % 100
