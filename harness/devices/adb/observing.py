"""What a device says of itself and of its apps: properties, packages, their flags; and the profile that follows."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.devices.adb.probing import Reach
from harness.devices.adb.transport import Link, OneShell, Result, run_all
from harness.errors import DeviceError
from harness.model import DeviceProfile, Keystore, Platform

__all__ = ["Look", "Observed", "Package", "is_package_name", "look"]

_PROPERTY = re.compile(r"^\[([^\]]+)\]: \[(.*)\]$", re.MULTILINE)
_LISTED = re.compile(r"^package:(\S+?)(?: uid:(\d+))?\s*$", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
_USER_ID = re.compile(r"UserInfo\{(\d+):")
_FLAGS = re.compile(r"^\s*(?:flags|pkgFlags|privateFlags)=\[ ?(.*?) ?\]", re.MULTILINE)
_SHOWN = 10
_SIDE_BY_SIDE = 8
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


@dataclass(frozen=True, slots=True)
class Look:
    """What a device answered when it was first looked at, all asked side by side."""

    properties: Mapping[str, str]
    whoami: Result
    """`id`."""
    _around: str = field(repr=False)
    _dump: str = field(repr=False)
    _tar: str = field(repr=False)

    @property
    def tells_labels(self) -> bool:
        """Whether the device's tar can say SELinux labels, and there are any."""
        return "--selinux" in self._tar and self._tar.startswith(("Enforcing", "Permissive"))

    def device(self) -> Observed:
        """What the properties, the users and the features come to."""
        sdk = self.properties.get("ro.build.version.sdk", "")
        return Observed(
            model=self.properties.get("ro.product.model", ""),
            release=self.properties.get("ro.build.version.release", ""),
            sdk=int(sdk) if sdk.isdecimal() else 0,
            build=self.properties.get("ro.build.type", ""),
            keystore=_keystore(self._around),
            users=tuple(sorted({int(number) for number in _USER_ID.findall(self._around)})) or (0,),
        )

    def packages(self, link: Link, app: str | None) -> tuple[Package, ...]:
        """The app asked for, or all that were installed beside the system.

        Raises:
            DeviceError: it is not installed.
        """
        if app is not None and f"Package [{app}]" in self._dump:
            return (_described(app, None, self._dump),)
        said = run_all(link, ["pm list packages -U || pm list packages", "pm list packages -3"])
        listed, others = (_listed(each.text.replace("\r\n", "\n")) for each in said)
        if app is None:
            names = sorted(others or listed)
            asked = [f"dumpsys package {shlex.quote(name)}" for name in names]
            dumps = [said.text for said in _in_turns(link, asked)]
            return tuple(_described(name, listed.get(name), dump) for name, dump in zip(names, dumps, strict=True))
        if app not in listed:
            raise DeviceError(f"{app} is not installed on {link.name}", hint=_suggestion(link, app, listed, others))
        return (_described(app, listed[app], self._dump),)


def look(link: Link, app: str | None) -> Look:
    """Ask a device what it is, and what is on it.

    Raises:
        DeviceError: that is no name of an app, or the device went away.
    """
    if app is not None and not is_package_name(app):
        raise DeviceError("that is no name of an app", hint="Android apps are called like com.example.shop")
    shell = OneShell(
        [
            "getprop",
            "id 2>&1",
            "getenforce 2>/dev/null && tar --help 2>&1",
            f"dumpsys package {shlex.quote(app)}" if app else "true",
        ]
    )
    said, around = run_all(link, [shell.script, "pm list features; pm list users"])
    properties, whoami, tar, dump = shell.outputs(said)
    return Look(dict(_PROPERTY.findall(_plain(properties))), whoami, _plain(around), _plain(dump), _plain(tar))


def _plain(said: Result) -> str:
    return said.text.replace("\r\n", "\n")


def _in_turns(link: Link, commands: Sequence[str]) -> Iterator[Result]:
    for start in range(0, len(commands), _SIDE_BY_SIDE):
        yield from run_all(link, commands[start : start + _SIDE_BY_SIDE])


def _keystore(features: str) -> Keystore:
    """What hardware the device says that it keeps keys in; `none` where it says nothing of it."""
    if "android.hardware.strongbox_keystore" in features:
        return Keystore.STRONGBOX
    return Keystore.TEE if "android.hardware.hardware_keystore" in features else Keystore.NONE


def _listed(text: str) -> dict[str, int | None]:
    found = _LISTED.findall(text)
    return {name: int(uid) if uid else None for name, uid in found if is_package_name(name)}


def _suggestion(link: Link, app: str, listed: Iterable[str], others: Iterable[str]) -> str:
    last = app.rpartition(".")[2].lower()
    near = [name for name in listed if last in name.lower()] or [*others] or [*listed]
    if not near:
        return f"{link.name} lists no apps at all: has it booted, and is it unlocked?"
    more = f" and {len(near) - _SHOWN} more" if len(near) > _SHOWN else ""
    return f"it has: {', '.join(sorted(near)[:_SHOWN])}{more}"


def _described(name: str, uid: int | None, dump: str) -> Package:
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
