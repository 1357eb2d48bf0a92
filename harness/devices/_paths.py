"""Names of stored files: made printable, refused where they escape, split into container and path.

What the file-based connectors share. The names come from a device, so they are hostile.
"""

import re
from typing import NamedTuple

from harness.model import Platform

__all__ = ["LONGEST_NAME", "Split", "escapes", "fault_in", "printable", "shortened", "split_container", "tidy"]

LONGEST_NAME = 4096
"""PATH_MAX of Linux, in bytes; no phone can hold a longer path."""
LONGEST_STEP = 255
"""NAME_MAX."""

ESCAPES = "path escapes the archive"
TOO_LONG = "path is longer than a file system allows"
NOT_A_NAME = "path is empty or holds NUL"

_UNPRINTABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\\\\u2028\u2029\ud800-\udfff]")
_SIMULATOR = "CoreSimulator/"
_DRIVE = re.compile(r"[A-Za-z]:")
_PACKAGE = r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+"
_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_CONTAINER = re.compile(
    r"(?:^|/)data/(?:data|user/[0-9]+|user_de/[0-9]+)/(?P<android>[^/]+)/"
    rf"|(?:^|/)Containers/(?:Data/(?:Application|PluginKitPlugin)|Shared/AppGroup)/(?P<ios>{_UUID})/"
    rf"|^apps/(?P<backup>{_PACKAGE})/"
)


def printable(name: str) -> str:
    r"""A name that can be shown, stored and compared; bytes that are no text, controls and `\` become `\xNN`.

    No two names get the same form, since the escape character is escaped itself.
    """
    return _UNPRINTABLE.sub(_escaped, name) if _UNPRINTABLE.search(name) else name


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"\\x{byte:02x}" for byte in match.group().encode("utf-8", _errors_of(match.group())))


def _errors_of(character: str) -> str:
    # U+DC80 to U+DCFF stand for one byte each that was no UTF-8; other surrogates are kept as they are.
    return "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"


def shortened(name: str, *, reach: int = 240) -> str:
    """A printable name, cut where somebody made it long enough to flood a report."""
    shown = printable(name[: reach + 1])
    return shown if len(name) <= reach else shown[:reach] + "…"


def tidy(name: str) -> str:
    """A name without the steps that mean nothing: `./a//b/` is `a/b`."""
    if "//" not in name and not name.startswith("./") and not name.endswith("/") and "/./" not in name:
        return "" if name == "." else name
    start = "/" if name.startswith("/") else ""
    return start + "/".join(step for step in name.split("/") if step not in {"", "."})


def escapes(name: str) -> bool:
    """Whether a `/`-separated path leaves the place it is relative to."""
    return name.startswith("/") or (".." in name and ".." in name.split("/"))


def fault_in(name: str) -> str:
    r"""Why a member's name is refused, or nothing.

    Nothing is ever written to such a path, but an extractor would: absolute paths, `..`, drive letters, and the
    same with `\` as the separator.
    """
    if not name or "\0" in name:
        return NOT_A_NAME
    if len(name) > LONGEST_STEP and _is_overlong(name):
        return TOO_LONG
    if escapes(name) or _DRIVE.match(name) or ("\\" in name and escapes(name.replace("\\", "/"))):
        return ESCAPES
    return ""


def _is_overlong(name: str) -> bool:
    encoded = name.encode("utf-8", "surrogatepass")
    return len(encoded) > LONGEST_NAME or any(len(step) > LONGEST_STEP for step in encoded.split(b"/"))


class Split(NamedTuple):
    """Where a path of a whole device lies."""

    container: str
    path: str
    """Within the container."""
    platform: Platform | None = None
    """Whose layout it is; a simulator's is that of iOS, on another system."""


def split_container(path: str) -> Split:
    """The container that a path of a whole device lies in, and the path within it.

    Android's `data/data/PKG`, `data/user/N/PKG` and `data/user_de/N/PKG`, iOS's container folders, and `apps/PKG` of
    device backups. Anything else belongs to no container and keeps its path.
    """
    found = _CONTAINER.search(path)
    if found is None or found.end() == len(path):
        return Split("", path)
    within = path[found.end() :]
    if container := found["ios"]:
        return Split(container, within, None if _SIMULATOR in path else Platform.IOS)
    return Split(found["android"] or found["backup"], within, Platform.ANDROID)
