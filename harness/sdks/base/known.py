"""SDKs that are known, not simulated: what each claims in an app's storage, one TOML file for each.

A claim that was read in the SDK's public source names that source; every other claim says what it is taken from
instead. A word that is not known in a file is an error, never ignored.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from harness.errors import HarnessError, PluginError
from harness.model import Platform
from harness.sdks.base.sdk import Claim

__all__ = ["KnownSdk", "PublicSource", "is_exact", "known_folder", "known_names", "load_known", "read_known"]

ROLES = ("identity", "profile", "queue", "token", "config", "data")
_LARGEST = 256 * 1024
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]*")
_REPOSITORY = re.compile(r"[0-9A-Za-z._-]+/[0-9A-Za-z._-]+")
_FOLDERS = (
    "shared_prefs", "databases", "files", "no_backup", "cache", "code_cache", "Documents", "Library", "tmp",
)  # fmt: skip
"""Of an app's container: every pattern begins in one of them, or in one that the app made itself: `app_…`."""
_SHORTEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSource:
    """A file of a public repository that was read, at one version of it."""

    repository: str
    """`owner/name`."""
    path: str
    """Of the file, relative to the repository's root."""
    version: str
    """The tag or commit that was read."""

    def __str__(self) -> str:
        return f"{self.repository}:{self.path}@{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSdk:
    """What an SDK that others make is known to store."""

    name: str
    title: str
    platforms: tuple[Platform, ...]
    sources: tuple[PublicSource, ...]
    """What was read; empty where the SDK's source is closed."""
    claims: tuple[Claim, ...]
    owned: tuple[str, ...] = ()
    """Globs of files that are the SDK's by their name or folder alone, whether a claim covers them or not."""

    @property
    def verified(self) -> bool:
        """Whether every claim was read in public source."""
        return all(not claim.uncertain for claim in self.claims)


def known_folder() -> Path:
    """Where the shipped files stand."""
    return Path(__file__).resolve().parent.parent / "known"


def known_names() -> list[str]:
    """Those that are shipped, sorted, without reading one."""
    return sorted(path.stem for path in known_folder().glob("*.toml"))


def load_known(folder: Path | None = None) -> dict[str, KnownSdk]:
    """Every known SDK by name, sorted.

    Raises:
        PluginError: a file is not in order; the message names it and the key.
    """
    return {path.stem: read_known(path) for path in sorted((folder or known_folder()).glob("*.toml"))}


def read_known(path: Path, fault: type[HarnessError] = PluginError) -> KnownSdk:
    """One file; the SDK's name is the file's.

    Raises:
        PluginError: it is not in order.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise fault(f"{path.name}: larger than any list of claims")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise fault(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise fault(f"{path.name}: not in order as TOML: {error}") from error
    try:
        return _known(path.stem, table)
    except ValueError as error:
        raise fault(f"{path.name}: {error}") from error


def _known(name: str, table: Mapping[str, Any]) -> KnownSdk:
    _only(table, {"title", "platforms", "owned", "sources", "claims"}, "the file")
    platforms = _texts(table, "platforms")
    wrong = [word for word in platforms if word not in {platform.value for platform in Platform}]
    if wrong or not platforms:
        raise ValueError(f"`platforms` must be of {', '.join(Platform)}")
    sources = {key: _source(key, each) for key, each in _tables(table, "sources").items()}
    claims = table.get("claims")
    if not isinstance(claims, list) or not claims:
        raise ValueError("`claims` must be a list of tables")
    made = tuple(_claim(number, each, sources) for number, each in enumerate(claims, 1))
    unused = set(sources) - {each.get("source") for each in claims}
    if unused:
        raise ValueError(f"no claim is from the source `{min(unused)}`")
    for glob in (owned := _texts(table, "owned")):
        _anchored(glob)
    return KnownSdk(
        name=name,
        title=_text(table, "title"),
        platforms=tuple(Platform(word) for word in platforms),
        sources=tuple(dict.fromkeys(sources.values())),
        claims=made,
        owned=owned,
    )


def _source(key: str, table: object) -> PublicSource:
    if not isinstance(table, dict):
        raise ValueError(f"source `{key}` must be a table")  # noqa: TRY004 - the callers translate one kind
    _only(table, {"repository", "path", "version"}, f"source `{key}`")
    source = PublicSource(
        repository=_text(table, "repository"), path=_text(table, "path"), version=_text(table, "version")
    )
    if not _REPOSITORY.fullmatch(source.repository) or not _VERSION.fullmatch(source.version):
        raise ValueError(f"source `{key}` must be `owner/name`, a path and a tag or commit")
    return source


_WORDS = {field.name: field for field in fields(Claim)}
_TYPES = get_type_hints(Claim)


def _claim(number: int, table: object, sources: Mapping[str, PublicSource]) -> Claim:
    where = f"claim {number}"
    if not isinstance(table, dict):
        raise ValueError(f"{where} must be a table")  # noqa: TRY004 - the callers translate one kind
    _only(table, set(_WORDS), where)
    missing = [key for key, field in _WORDS.items() if field.default is MISSING and key not in table]
    if missing:
        raise ValueError(f"{where}: key `{missing[0]}` is missing")
    values: dict[str, Any] = {key: _text(table, key) if _TYPES[key] is str else _texts(table, key) for key in table}
    source = values.get("source", "")
    if bool(source) == bool(values.get("uncertain")):
        raise ValueError(f"{where}: either `source` says where it was read, or `uncertain` what it is taken from")
    if source and source not in sources:
        raise ValueError(f"{where}: there is no source `{source}`")
    if source:
        values["source"] = str(sources[source])
    claim = Claim(**values)
    _sound(claim, where)
    return claim


def _sound(claim: Claim, where: str) -> None:
    """A claim takes what the SDK writes, and nothing of anybody else."""
    _anchored(claim.path)
    if claim.role not in ROLES:
        raise ValueError(f"{where}: `role` must be one of {', '.join(ROLES)}")
    if claim.pointer != "*" and not claim.pointer.startswith("/"):
        raise ValueError(f"{where}: `pointer` must begin with a slash")
    if claim.pointer == "*" and claim.path.partition("/")[2].startswith("*_preferences"):
        raise ValueError(f"{where}: the app's own preferences are the SDK's only under names of its own")
    if claim.role == "identity" and not is_exact(claim.pointer):
        raise ValueError(f"{where}: an identity must be at an exact pointer")


def is_exact(pointer: str) -> bool:
    """Whether it names one value, or one of each row: what is found there is held to be a user's identity."""
    steps = pointer.split("/")[1:]
    return bool(steps) and steps[-1] != "*" and all(step == "*" or not set(step) & set("*?[") for step in steps)


def _anchored(glob: str) -> None:
    """In one folder of the container, and with a few literal characters that only this SDK writes."""
    folder, _, rest = glob.partition("/")
    name = glob.removeprefix("app_") if folder.startswith("app_") else rest if folder in _FOLDERS else ""
    literal = re.sub(r"\[[^]]*\]|[*?/]|\.xml|\.db", "", name)
    if len(literal) < _SHORTEST or {"", ".", ".."} & set(glob.split("/")):
        raise ValueError(f"the pattern `{glob}` must begin in a folder of an app and name what is the SDK's")


def _only(table: Mapping[str, Any], words: set[str], where: str) -> None:
    unknown = sorted(set(table) - words)
    if unknown:
        raise ValueError(f"{where}: unknown key `{unknown[0]}`")


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"`{key}` must be a text")
    return value


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError(f"`{key}` must be a list of texts")
    return tuple(value)


def _tables(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise ValueError(f"`{key}` must be a table")  # noqa: TRY004 - the callers translate one kind
    return value
