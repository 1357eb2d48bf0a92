"""Device profiles: one TOML file per kind of device; a word that is not known in one is an error, never ignored."""

import tomllib
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any, get_type_hints

from harness.errors import HarnessError, PluginError, UsageError
from harness.model import DeviceProfile, Platform

__all__ = ["api_level", "load_profile", "load_profiles", "profile_folder"]

_FROM_FILE = {field.name: field for field in fields(DeviceProfile) if field.name != "name"}
_TYPES = get_type_hints(DeviceProfile)
_LARGEST = 64 * 1024

_API = {
    "4.4": 19,
    "5.0": 21,
    "5.1": 22,
    "6": 23,
    "7.0": 24,
    "7.1": 25,
    "8.0": 26,
    "8.1": 27,
    "9": 28,
    "10": 29,
    "11": 30,
    "12": 31,
    "12.1": 32,
    "13": 33,
    "14": 34,
    "15": 35,
    "16": 36,
}
"""Android's own table, "Codenames, tags, and build numbers"."""


def profile_folder() -> Path:
    """Where the shipped profiles stand: inside the installed package, or at the top of a checkout.

    Raises:
        PluginError: neither is there.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "device_profiles", package.parent / "device_profiles"):
        if folder.is_dir():
            return folder
    raise PluginError("the folder device_profiles is missing", hint="Install storage-harness again.")


def load_profiles() -> dict[str, DeviceProfile]:
    """Every shipped profile by name, sorted.

    Raises:
        PluginError: one of them is not in order; the message names the file and the key.
    """
    return {path.stem: _read(path, PluginError) for path in _files()}


def _files() -> list[Path]:
    return sorted(profile_folder().glob("*.toml"), key=lambda path: path.stem)


def load_profile(name_or_path: str | Path) -> DeviceProfile:
    """A shipped profile by its name, or any by the path of its file.

    Raises:
        UsageError: there is none of that name, or the file is not in order.
        PluginError: the shipped profile is not in order.
    """
    words = str(name_or_path)
    if isinstance(name_or_path, Path) or words.endswith(".toml"):
        return _read(Path(words), UsageError)
    known = {path.stem: path for path in _files()}
    if words not in known:
        hint = f"Known: {', '.join(known)}. Or give the path of a .toml file."
        raise UsageError(f"there is no device profile called {words!r}", hint=hint)
    return _read(known[words], PluginError)


def _read(path: Path, fault: type[HarnessError]) -> DeviceProfile:
    try:
        if path.stat().st_size > _LARGEST:
            raise fault(f"{path.name}: larger than any device profile")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise fault(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise fault(f"{path.name}: not in order as TOML: {error}") from error
    try:
        return _profile(path.stem, table)
    except ValueError as error:
        hint = f"Keys of a profile: {', '.join(_FROM_FILE)}."
        raise fault(f"{path.name}: {error}", hint=hint) from error


def _profile(name: str, table: dict[str, Any]) -> DeviceProfile:
    unknown = sorted(set(table) - set(_FROM_FILE))
    if unknown:
        raise ValueError(f"unknown key `{unknown[0]}`")
    missing = [key for key, field in _FROM_FILE.items() if key not in table and _is_needed(field)]
    if missing:
        raise ValueError(f"key `{missing[0]}` is missing")
    values: dict[str, Any] = {key: _value(key, value) for key, value in table.items()}
    profile = DeviceProfile(name=name, **values)
    _agree(profile)
    return profile


def _is_needed(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _value(key: str, value: object) -> object:
    kind = _TYPES[key]
    if kind in (bool, str):
        if not isinstance(value, kind):
            raise ValueError(f"`{key}` must be {'true or false' if kind is bool else 'a text'}")
        return value
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        words = [member.value for member in kind]
        if value not in words:
            raise ValueError(f"`{key}` must be one of {', '.join(words)}")
        return kind(value)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"`{key}` must be a list of texts")
    return tuple(value)


def _agree(profile: DeviceProfile) -> None:
    """What the keys say must be possible together."""
    if not profile.title:
        raise ValueError("`title` is empty")
    if not profile.os_version.partition(".")[0].isdecimal():
        raise ValueError("`os_version` must begin with a number")
    if not _is_plain(profile.app_root.removeprefix("/")) or not profile.app_root.startswith("/"):
        raise ValueError("`app_root` must be an absolute path")
    if not all(_is_plain(folder) for folder in profile.backup_excludes):
        raise ValueError("`backup_excludes` must name folders relative to a container")
    is_android = profile.platform is Platform.ANDROID
    android_only = [key for key in ("adb", "userdebug", "work_profile") if getattr(profile, key)]
    if not is_android and android_only:
        raise ValueError(f"`{android_only[0]}` is of Android alone")
    ios_only = [key for key in ("jailbreak_root", "locked") if getattr(profile, key)]
    if is_android and ios_only:
        raise ValueError(f"`{ios_only[0]}` is of iOS alone")
    if profile.jailbreak_root and not (profile.privileged and profile.jailbreak_root.startswith("/")):
        raise ValueError("`jailbreak_root` is an absolute path on a device that is `privileged`")
    if profile.userdebug and not profile.privileged:
        raise ValueError("`userdebug` makes anybody root, so `privileged` is true as well")
    if is_android and profile.simulator:
        raise ValueError("`simulator` is of iOS alone; an Android emulator is a device like any other")


def _is_plain(path: str) -> bool:
    return bool(path) and not path.startswith("/") and ".." not in path and str(PurePosixPath(path)) == path


def api_level(version: str) -> int:
    """The API level of an Android version: 34 for `14`, 22 for `5.1.1`.

    Raises:
        UsageError: there is no such Android.
    """
    steps = version.split(".")
    for length in (2, 1):
        known = _API.get(".".join(steps[:length]))
        if known is not None:
            return known
    if f"{steps[0]}.0" in _API:
        return _API[f"{steps[0]}.0"]
    raise UsageError(f"Android {version} is not known", hint=f"Known: {', '.join(_API)}.")
