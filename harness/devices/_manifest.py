"""The manifest of a snapshot: what was there, what was not to be had, and the facts of each.

Strict on the way in: an unknown word, a path that escapes or a number that makes no sense refuses the whole, since a
manifest that was tampered with proves nothing. It holds no clock, so equal sources give equal bytes.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from harness.devices._paths import LONGEST_NAME, escapes
from harness.errors import SourceError
from harness.model import Access, Facts, Platform, Protection, Unread

__all__ = ["FAMILY", "SCHEMA", "Manifest", "StoredFile", "is_storable", "parsed", "written"]

FAMILY = "storage-harness/snapshot/"
SCHEMA = FAMILY + "1"

_TOP = ("schema", "tool", "source", "profile", "app", "files", "unread")
_FILE = (
    *("path", "container", "size", "kind", "owner", "group", "mode", "modified", "label", "protection"),
    *("platform", "in_backup", "readable_by", "denied_to", "sha256"),
)
_UNREAD = ("path", "container", "reason", "size", "expected")
_LONGEST = 4 * LONGEST_NAME
"""Characters: a byte that is no text takes four."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MODE = re.compile(r"0[0-7]{4}")
_ACCESS = {access.label: access for access in Access}
_KINDS = {kind: kind for kind in ("file", "link", "device", "fifo", "socket")}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """One file of a snapshot, and the name of the object that holds its bytes."""

    facts: Facts
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that a snapshot says."""

    tool: str
    source: str
    profile: str | None
    files: tuple[StoredFile, ...]
    unread: tuple[Unread, ...]
    app: str | None = None
    """The one app that was asked for."""


def is_storable(path: str) -> bool:
    """Whether a manifest may name the file: the path is relative and stays where it is."""
    return 0 < len(path) <= _LONGEST and "\0" not in path and not escapes(path)


def written(manifest: Manifest) -> bytes:
    """The manifest as it is stored: sorted, one file a line."""
    files = sorted((_file_row(file) for file in manifest.files), key=lambda row: (row["container"], row["path"]))
    unread = sorted(
        (_unread_row(item) for item in manifest.unread), key=lambda row: [str(row[key]) for key in _UNREAD]
    )
    head = {
        "schema": SCHEMA,
        "tool": manifest.tool,
        "source": manifest.source,
        "profile": manifest.profile,
        "app": manifest.app,
    }
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    lines += [f' "files": {_rows(files)}', f' "unread": {_rows(unread)}']
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def _rows(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "[]"
    return "[\n" + ",\n".join("  " + json.dumps(row, allow_nan=False) for row in rows) + "\n ]"


def _file_row(file: StoredFile) -> dict[str, Any]:
    facts = file.facts
    return {
        "path": facts.path,
        "container": facts.container,
        "size": facts.size,
        "kind": facts.kind,
        "owner": facts.owner,
        "group": facts.group,
        "mode": None if facts.mode is None else f"{facts.mode & 0o7777:05o}",
        "modified": facts.modified,
        "label": facts.label,
        "protection": facts.protection,
        "platform": facts.platform,
        "in_backup": facts.in_backup,
        "readable_by": [access.label for access in sorted(facts.readable_by)],
        "denied_to": [access.label for access in sorted(facts.denied_to)],
        "sha256": file.sha256,
    }


def _unread_row(item: Unread) -> dict[str, Any]:
    return {key: getattr(item, key) for key in _UNREAD}


def parsed(text: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        SourceError: it is not one, or something in it is not as it must be.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError("the snapshot's manifest is damaged") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise SourceError("the snapshot was written by another version", hint=f"this one reads {SCHEMA}")
    try:
        table = _table({"app": None, **document}, _TOP)  # the first ones did not say
        return Manifest(
            tool=_text(table["tool"]),
            source=_text(table["source"]),
            profile=_maybe(_text, table["profile"]),
            files=tuple(_each(_file, table["files"], "files")),
            unread=tuple(_each(_unread, table["unread"], "unread")),
            app=_maybe(_text, table["app"]),
        )
    except _BadError as error:
        raise SourceError(f"the snapshot's manifest is damaged: {error}") from error


class _BadError(Exception):
    """Something is not as it must be; says where."""


def _each(read: Callable[[Any], T], rows: object, where: str) -> list[T]:
    if not isinstance(rows, list):
        raise _BadError(where)
    out: list[T] = []
    for number, row in enumerate(rows):
        try:
            out.append(read(row))
        except _BadError as error:
            raise _BadError(f"{where} {number}, {error}") from error
    return out


def _file(row: object) -> StoredFile:
    table = _table({"platform": None, **row} if isinstance(row, dict) else row, _FILE)
    facts = Facts(
        path=_path(table["path"]),
        container=_text(table["container"]),
        size=_count(table["size"]),
        kind=_one_of(table["kind"], _KINDS),
        owner=_maybe(_count, table["owner"]),
        group=_maybe(_count, table["group"]),
        mode=_maybe(_mode, table["mode"]),
        modified=_maybe(_seconds, table["modified"]),
        label=_maybe(_text, table["label"]),
        protection=_maybe(lambda name: _one_of(name, {each.value: each for each in Protection}), table["protection"]),
        platform=_maybe(lambda name: _one_of(name, {each.value: each for each in Platform}), table["platform"]),
        in_backup=_maybe(_flag, table["in_backup"]),
        readable_by=frozenset(_each(_access, table["readable_by"], "readable_by")),
        denied_to=frozenset(_each(_access, table["denied_to"], "denied_to")),
    )
    if facts.readable_by & facts.denied_to:
        raise _BadError("readable_by and denied_to")
    return StoredFile(facts=facts, sha256=_digest(table["sha256"]))


def _unread(row: object) -> Unread:
    table = _table(row, _UNREAD)
    return Unread(
        path=_text(table["path"]),
        container=_text(table["container"]),
        reason=_text(table["reason"]),
        size=_count(table["size"]),
        expected=_flag(table["expected"]),
    )


def _table(row: object, keys: Sequence[str]) -> dict[str, Any]:
    if not isinstance(row, dict) or set(row) != set(keys):
        raise _BadError("unknown or missing words")
    return row


def _maybe(read: Callable[[Any], T], value: object) -> T | None:
    return None if value is None else read(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _BadError("a text is none")
    return value


def _path(value: object) -> str:
    path = _text(value)
    if not is_storable(path):
        raise _BadError("path escapes the snapshot")
    return path


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 96:
        raise _BadError("a number is none")
    return value


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1 << 40:
        raise _BadError("a time is none")
    return float(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _BadError("a flag is none")
    return value


def _mode(value: object) -> int:
    if not _MODE.fullmatch(_text(value)):
        raise _BadError("a mode is none")
    return int(_text(value), 8)


def _digest(value: object) -> str:
    if not _DIGEST.fullmatch(_text(value)):
        raise _BadError("a digest is none")
    return _text(value)


def _access(value: object) -> Access:
    return _one_of(value, _ACCESS)


def _one_of(value: object, known: dict[str, T]) -> T:
    try:
        return known[_text(value)]
    except KeyError as error:
        raise _BadError("a word is not known") from error
