"""installd: makes, empties and removes the folders of a package. Runs as root, in a forked child."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harness.emulators.android.framework.places import Places
from harness.emulators.android.ports import FILE_BASED, Package

__all__ = ["clear_data", "make", "remove"]

_SYSTEM, _EXTERNAL_DATA = 1000, 1078


def make(package: Package, places: Places, apk: Path | None, *, api: int) -> None:
    """Put an app's folders and its code in place; what is there stays.

    Args:
        package: which.
        places: of the device.
        apk: moved to where the app's code stands; None makes an empty one.
        api: of the device. Since Android 9 the folder of an app is closed to everybody else.

    Raises:
        OSError: the kernel refuses, or there is no room.
    """
    code = places.code(package.name)
    _folder(code, _SYSTEM, _SYSTEM, 0o755)
    base = code / "base.apk"
    if apk is not None:
        apk.replace(base)
    base.touch()
    _own(base, _SYSTEM, _SYSTEM, 0o644)
    for copy in package.copies:
        _make_for(copy, places, api)


def _make_for(package: Package, places: Places, api: int) -> None:
    """What one user has of it."""
    for path, group, mode in _folders(package, places, api):
        if not path.exists():
            _folder(path, package.uid, group, mode)
    become = places.run_as(package)
    become.unlink(missing_ok=True)
    if package.debuggable and places.plain_setpriv.exists():
        shutil.copyfile(places.plain_setpriv, become)
        _own(become, package.uid, package.uid, 0o6755)


def clear_data(package: Package, places: Places) -> None:
    """Empty an app's folders, and keep those that the system makes.

    Raises:
        OSError: the kernel refuses.
    """
    for root in (places.data(package), places.protected(package), places.shared(package)):
        for path in _children(root):
            if path.name in {"cache", "code_cache"} and not path.is_symlink() and path.is_dir():
                for each in _children(path):
                    _remove(each)
            else:
                _remove(path)


def remove(package: Package, places: Places, *, keep_data: bool) -> None:
    """Remove an app's code, and its folders unless they are to be kept.

    Raises:
        OSError: the kernel refuses.
    """
    _remove(places.code(package.name))
    for copy in package.copies:
        places.run_as(copy).unlink(missing_ok=True)
        for path in () if keep_data else (places.data(copy), places.protected(copy), places.shared(copy)):
            _remove(path)


def _folders(package: Package, places: Places, api: int) -> Iterator[tuple[Path, int, int]]:
    for root in (places.data(package), *([places.protected(package)] if api >= FILE_BASED else [])):
        yield root, package.uid, 0o700 if api >= 28 and package.target_sdk >= 28 else 0o751
        yield root / "cache", package.uid + 10_000, 0o2771
        yield root / "code_cache", package.uid + 10_000, 0o2771
    if not package.mark:  # the copy's is made when it asks for one
        yield places.shared(package), _EXTERNAL_DATA, 0o2770


def _folder(path: Path, owner: int, group: int, mode: int) -> None:
    path.mkdir(parents=True, exist_ok=True)
    _own(path, owner, group, mode)


def _own(path: Path, owner: int, group: int, mode: int) -> None:
    os.chown(path, owner, group)  # first: it takes the set-user-id bit away
    path.chmod(mode)


def _children(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return
    with suppress(FileNotFoundError):
        path.unlink()
