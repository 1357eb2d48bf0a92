"""What a device says of itself and of its apps: properties, packages, their flags; and the profile that follows."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.devices.adb.probing import Reach
from harness.devices.adb.transport import Link, run
from harness.errors import DeviceError
from harness.model import DeviceProfile, Keystore, Platform

__all__ = ["Observed", "Package", "is_package_name", "observe", "packages", "properties"]

_PROPERTY = re.compile(r"^\[([^\]]+)\]: \[(.*)\]$", re.MULTILINE)
_LISTED = re.compile(r"^package:(\S+?)(?: uid:(\d+))?\s*$", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
_USER_ID = re.compile(r"UserInfo\{(\d+):")
_FLAGS = re.compile(r"^\s*(?:flags|pkgFlags|privateFlags)=\[ ?(.*?) ?\]", re.MULTILINE)
_SHOWN = 10
_EXCLUDED = ("cache", "code_cache", "no_backup")
"""What Auto Backup and `adb backup` always leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One installed app, as the package manager tells of it; what it does not tell is None."""

    name: str
    uid: int | None = None
    target_sdk: int | None = None
    version: str = ""
    flags: frozenset[str] | None = None
    dump: str = field(default="", repr=False)
    """All of `dumpsys package`."""

    @property
    def debuggable(self) -> bool:
        return self.flags is not None and "DEBUGGABLE" in self.flags

    @property
    def allows_backup(self) -> bool | None:
        return None if self.flags is None else "ALLOW_BACKUP" in self.flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A device as it showed itself."""

    model: str
    release: str
    sdk: int
    build: str
    """`user`, `userdebug` or `eng`."""
    keystore: Keystore = Keystore.NONE
    users: tuple[int, ...] = (0,)

    def profile(self, reach: Reach, apps: Sequence[Package], claimed: DeviceProfile | None) -> DeviceProfile:
        """The profile of what was found; a claimed one keeps what cannot be seen from outside."""
        seen = claimed or DeviceProfile(
            name=f"observed-android-{self.release or 'unknown'}",
            title=f"{self.model or 'Android device'}, as observed",
            platform=Platform.ANDROID,
            os_version=self.release or "0",
            app_root="/data/data",
            keystore=self.keystore,
            encrypted_backup=self.sdk >= 28,
            backup=True,
            backup_excludes=_EXCLUDED,
        )
        debuggable = bool(apps) and all(app.debuggable or app.name in reach.apps for app in apps)
        return replace(seen, privileged=reach.root is not None, debuggable=debuggable, adb=True)


def is_package_name(name: str) -> bool:
    """Whether an app can be called so."""
    return len(name) <= 255 and _NAME.fullmatch(name) is not None


def properties(link: Link) -> dict[str, str]:
    """All that `getprop` says."""
    return dict(_PROPERTY.findall(run(link, "getprop").text.replace("\r\n", "\n")))


def observe(link: Link, said: Mapping[str, str]) -> Observed:
    """What the properties, the users and the features of a device come to."""
    sdk = said.get("ro.build.version.sdk", "")
    asked = run(link, "pm list features; pm list users")
    users = sorted({int(number) for number in _USER_ID.findall(asked.text)}) or [0]
    return Observed(
        model=said.get("ro.product.model", ""),
        release=said.get("ro.build.version.release", ""),
        sdk=int(sdk) if sdk.isdecimal() else 0,
        build=said.get("ro.build.type", ""),
        keystore=_keystore(asked.text),
        users=tuple(users),
    )


def _keystore(features: str) -> Keystore:
    """What hardware the device says that it keeps keys in; `none` where it says nothing of it."""
    if "android.hardware.strongbox_keystore" in features:
        return Keystore.STRONGBOX
    return Keystore.TEE if "android.hardware.hardware_keystore" in features else Keystore.NONE


def packages(link: Link, app: str | None) -> tuple[Package, ...]:
    """The app asked for, or all that were installed beside the system.

    Raises:
        DeviceError: it is not installed, or is no name of an app.
    """
    if app is not None and not is_package_name(app):
        raise DeviceError("that is no name of an app", hint="Android apps are called like com.example.shop")
    listed = _installed(link)
    if app is not None and app not in listed:
        raise DeviceError(f"{app} is not installed on {link.name}", hint=_suggestion(link, app, sorted(listed)))
    chosen = [app] if app is not None else sorted(_installed(link, "-3") or listed)
    return tuple(_described(link, name, listed.get(name)) for name in chosen)


def _installed(link: Link, which: str = "") -> dict[str, int | None]:
    answer = run(link, f"pm list packages {which} -U || pm list packages {which}")
    listed = _LISTED.findall(answer.text.replace("\r\n", "\n"))
    return {name: int(uid) if uid else None for name, uid in listed if is_package_name(name)}


def _suggestion(link: Link, app: str, listed: Sequence[str]) -> str:
    if not listed:
        return f"{link.name} lists no apps at all: has it booted, and is it unlocked?"
    last = app.rpartition(".")[2].lower()
    near = [name for name in listed if last in name.lower()] or list(_installed(link, "-3")) or listed
    more = f" and {len(near) - _SHOWN} more" if len(near) > _SHOWN else ""
    return f"it has: {', '.join(sorted(near)[:_SHOWN])}{more}"


def _described(link: Link, name: str, uid: int | None) -> Package:
    dump = run(link, f"dumpsys package {shlex.quote(name)}").text
    flags = _FLAGS.findall(dump)
    user, target = re.search(r"\buserId=(\d+)", dump), re.search(r"\btargetSdk=(\d+)", dump)
    version = re.search(r"\bversionName=(\S+)", dump)
    return Package(
        name=name,
        uid=int(user[1]) if user else uid,
        target_sdk=int(target[1]) if target else None,
        version=version[1] if version else "",
        flags=frozenset(" ".join(flags).split()) if flags else None,
        dump=dump,
    )
