"""What a phone says of itself, and where the containers of its apps are.

Folders of containers have random names; the metadata file in each says whose it is. Which app groups an app has is
in the entitlements of its signature, which stand as a property list in its program.
"""

import io
import plistlib
import re
import shlex
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.devices.base import Options
from harness.devices.ssh.link import Link
from harness.errors import DeviceError, SourceError
from harness.model import DeviceProfile, Keystore, Platform
from harness.sandbox import METADATA

__all__ = ["Place", "Seen", "look"]

_DATA = "/private/var/mobile/Containers/Data"
_SHARED = "/private/var/mobile/Containers/Shared/AppGroup"
_BUNDLES = "/private/var/containers/Bundle/Application"
_KEYBOARD = "/private/var/mobile/Library/Keyboard"
_OURS = "com.apple."
_LARGEST = 1 << 20
_GROUPS = re.compile(rb"<key>com\.apple\.security\.application-groups</key>\s*<array>(.*?)</array>", re.DOTALL)
_STRING = re.compile(rb"<string>([^<]{1,200})</string>")
_QUESTIONS = (
    'echo "uid=$(id -u)"; echo "system=$(uname -s)"; echo "version=$(sw_vers -productVersion 2>/dev/null)"; '
    'echo "tar=$(command -v tar)"; echo "dumper=$(command -v keychain_dumper)"; '
    '[ -d /var/jb ] && echo "rootless=1"; '
    f'[ -d {_DATA}/Application ] && echo "containers=1"'
)


@dataclass(frozen=True, slots=True)
class Place:
    """One folder that is copied."""

    path: str
    """On the phone, absolute."""
    container: str
    """What it is called: the app's id, or that and what tells it from the app's main container."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was found out before anything is copied."""

    profile: DeviceProfile
    is_root: bool
    dumper: str
    """Where the tool is that asks the keychain; empty where there is none."""
    apps: tuple[str, ...]
    places: tuple[Place, ...]


def look(link: Link, options: Options) -> Seen:
    """Ask a phone what it is, and choose what is copied.

    Raises:
        DeviceError: it is no iPhone with apps, has no tar, or went away.
        SourceError: the app is not installed.
    """
    said = dict(line.split("=", 1) for line in link.run(_QUESTIONS).text.splitlines() if "=" in line)
    if said.get("containers") != "1":
        raise DeviceError(
            f"{link.target} has no app containers: it is no iPhone", hint="name a jailbroken iPhone or iPad"
        )
    if not said.get("tar"):
        raise DeviceError(f"there is no tar on {link.target}", hint="install it with the jailbreak's package manager")
    owners = _owners(link)
    bundles = _bundles(link)
    installed = sorted({each.partition("/")[0] for each in owners.values()} | bundles.keys())
    if options.app is not None and options.app not in installed:
        known = ", ".join(name for name in installed if not name.startswith(_OURS))
        raise SourceError(f"no app called {options.app} is on the phone", hint=f"there are: {known or 'none'}")
    apps = [options.app] if options.app else [name for name in installed if not name.startswith(_OURS)]
    groups = {app: _groups(link, bundles[app]) for app in apps if app in bundles}
    places = [*_places(apps, owners, groups)]
    is_root = said.get("uid") == "0"
    if is_root:
        places.append(Place(_KEYBOARD, "keyboard"))
    return Seen(
        profile=options.profile or _profile(said),
        is_root=is_root,
        dumper=said.get("dumper", "") if is_root else "",
        apps=tuple(apps),
        places=tuple(places),
    )


def _profile(said: Mapping[str, str]) -> DeviceProfile:
    version = said.get("version", "")
    major = version.partition(".")[0]
    if not major.isdecimal():
        version = major = "0"
    return DeviceProfile(
        name=f"ios-{major}-jailbroken" if major != "0" else "ios-jailbroken",
        title=f"iOS {version}, jailbroken" if major != "0" else "iOS, jailbroken",
        platform=Platform.IOS,
        os_version=version,
        app_root=f"{_DATA}/Application",
        privileged=True,
        jailbreak_root="/var/jb" if said.get("rootless") else "",
        keystore=Keystore.SECURE_ENCLAVE,
        backup_excludes=("Library/Caches", "tmp"),
    )


def _owners(link: Link) -> dict[str, str]:
    """Folders of containers, and what each is called by its metadata."""
    places = f"{_DATA}/Application {_DATA}/PluginKitPlugin {_SHARED}"
    found: dict[str, str] = {}
    for folder, told in _lists(link, f"{places} -mindepth 2 -maxdepth 2 -name {METADATA}"):
        owner = told.get("MCMMetadataIdentifier")
        if isinstance(owner, str) and owner:
            found[folder] = owner
    return found


def _bundles(link: Link) -> dict[str, str]:
    """Apps, and the program of each."""
    found: dict[str, str] = {}
    for folder, told in _lists(link, f"{_BUNDLES} -mindepth 3 -maxdepth 3 -name Info.plist"):
        app, program = told.get("CFBundleIdentifier"), told.get("CFBundleExecutable")
        if isinstance(app, str) and isinstance(program, str) and "/" not in program:
            found[app] = f"{folder}/{program}"
    return found


def _lists(link: Link, wanted: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The property lists that `find` finds with these words, each with its folder; a damaged one is left out."""
    command = f"cd / && find {wanted} 2>/dev/null | sed 's,^/,,' | tar -cf - -T - 2>/dev/null"
    for name, data in _members(link.run(command).output):
        try:
            told = plistlib.loads(data)
        except Exception:  # noqa: BLE001, S112 - the library raises whatever the bytes of a phone make it raise
            continue
        if isinstance(told, dict):
            yield "/" + name.rpartition("/")[0].lstrip("/"), told


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isreg() and member.size <= _LARGEST else None
                if stream is not None:
                    yield member.name, stream.read()
    except tarfile.TarError:
        return  # what came whole was given


def _groups(link: Link, program: str) -> tuple[str, ...]:
    """From the entitlements that stand in a program, without fetching all of it."""
    key = "<key>com\\.apple\\.security\\.application-groups<\\/key>"
    script = f"LC_ALL=C sed -n '/{key}/,/<\\/array>/p' {shlex.quote(program)} 2>/dev/null | head -c 65536"
    found = _GROUPS.search(link.run(script).output)
    return tuple(each[1].decode("utf-8", "replace") for each in _STRING.finditer(found[1])) if found else ()


def _places(apps: list[str], owners: Mapping[str, str], groups: Mapping[str, tuple[str, ...]]) -> Iterator[Place]:
    for app in apps:
        for path, owner in sorted(owners.items()):
            if path.startswith(_SHARED):
                if owner in groups.get(app, ()):
                    yield Place(path, f"{app}/{owner}")
            elif owner == app:
                yield Place(path, app)
            elif owner.startswith(f"{app}."):  # an extension's: its id begins with that of its app
                yield Place(path, f"{app}/{owner.removeprefix(app + '.')}")
