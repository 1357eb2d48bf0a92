"""Finds cues in one pass over a buffer: with Hyperscan, and where there is none with `re`, slower and equal.

A compiled database is kept in the user's cache folder, because compiling takes longer than scanning a small app.
"""

import hashlib
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from harness.errors import PluginError
from harness.model import Buffer

__all__ = ["CueEngine", "Expression", "PurePython", "compile_cues"]


@dataclass(frozen=True, slots=True)
class Expression:
    """One thing to find."""

    pattern: bytes
    caseless: bool = False


class CueEngine(Protocol):
    """Many expressions, found in one pass."""

    def scan(self, buffer: Buffer, length: int) -> list[tuple[int, int]]:
        """(end offset, expression number) of each hit in the first `length` bytes; an expression may be reported at
        several ends of one occurrence."""
        ...


class PurePython:
    """One pass per expression: for machines without Hyperscan, and to test it against."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self._compiled = [
            re.compile(each.pattern, re.DOTALL | (re.IGNORECASE if each.caseless else 0)) for each in expressions
        ]

    def scan(self, buffer: Buffer, length: int) -> list[tuple[int, int]]:
        """See `CueEngine`; every occurrence once, at its leftmost longest end."""
        return [
            (found.end(), number)
            for number, pattern in enumerate(self._compiled)
            for found in pattern.finditer(buffer, 0, length)
        ]


class _Hyperscan:
    def __init__(self, database: Any) -> None:
        self._database = database

    def scan(self, buffer: Buffer, length: int) -> list[tuple[int, int]]:
        if not length:
            return []
        hits: list[tuple[int, int]] = []

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            hits.append((end, number))

        with memoryview(buffer) as view, view[:length] as used:
            self._database.scan(used, match_event_handler=note)
        return hits


def compile_cues(expressions: Sequence[Expression], *, keep: bool = True) -> CueEngine:
    """The fastest engine that this machine has.

    Args:
        expressions: what to find; an empty sequence gives an engine that finds nothing.
        keep: whether the compiled form may be kept for the next run (never for a persona's values).
    """
    try:
        import hyperscan  # noqa: PLC0415 - optional in effect: some platforms have no wheel
    except ImportError:
        return PurePython(expressions)
    if not expressions:
        return PurePython(())
    place = _cache_file(expressions, hyperscan) if keep else None
    database = _from_cache(hyperscan, place) if place else None
    if database is None:
        database = _compile(hyperscan, expressions)
        if place:
            _to_cache(hyperscan, database, place)
    database.scratch = hyperscan.Scratch(database)
    return _Hyperscan(database)


def _compile(module: Any, expressions: Sequence[Expression]) -> Any:
    database = module.Database()
    try:
        database.compile(
            expressions=[each.pattern for each in expressions],
            ids=list(range(len(expressions))),
            elements=len(expressions),
            flags=[module.HS_FLAG_DOTALL | (module.HS_FLAG_CASELESS if each.caseless else 0) for each in expressions],
        )
    except module.HyperscanError as error:
        raise PluginError(
            f"a detector's cue is not one that the engine takes: {error}", hint="cues know no look-around"
        ) from error
    return database


def _cache_file(expressions: Sequence[Expression], module: Any) -> Path:
    digest = hashlib.sha256()
    for each in expressions:
        digest.update(b"%d\x00%d\x00%s\x00" % (len(each.pattern), each.caseless, each.pattern))
    digest.update("\x00".join((module.__version__, platform.machine(), platform.system())).encode())
    digest.update(_cpu_flags())
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "storage-harness" / f"cues-{digest.hexdigest()[:24]}.hs"


def _cpu_flags() -> bytes:
    """A database is tied to the processor's features; a home folder may be shared between machines."""
    try:
        text = Path("/proc/cpuinfo").read_bytes()[:8192]
    except OSError:
        return b""
    found = re.search(rb"(?m)^(?:flags|Features)\s*:.*$", text)
    return found[0] if found else b""


def _from_cache(module: Any, place: Path) -> Any:
    try:
        # Only a file of our own may be loaded: the library trusts what it reads.
        if place.stat().st_uid != os.getuid() or place.stat().st_mode & 0o022:
            return None
        return module.loadb(place.read_bytes(), module.HS_MODE_BLOCK)
    except (OSError, module.HyperscanError, AttributeError, TypeError, ValueError):
        return None


def _to_cache(module: Any, database: Any, place: Path) -> None:
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = place.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(module.dumpb(database))
        partial.replace(place)
    except OSError:
        return  # a cache that cannot be kept costs time, nothing else
