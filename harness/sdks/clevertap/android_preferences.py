"""Android preferences of the SDK: their files, the order of their entries, and what a broken write leaves.

Sources: AOSP, `SharedPreferencesImpl`, `XmlUtils.writeMapXml` and `FastXmlSerializer`; names from `StorageHelper` and
`CTPreference` of the SDK.
"""

from collections.abc import Iterator, Mapping

from harness.model import Long
from harness.sdks.base import Delete, Effect, Preferences, Write, Writer
from harness.sdks.clevertap.android_json import hash_order

__all__ = [
    "BASE_NAME",
    "MODE",
    "Long",
    "Plain",
    "bare_file_name",
    "document_order",
    "file_name",
    "interrupted",
    "preferences_document",
    "written",
]

BASE_NAME = "WizRocket"
MODE = 0o660
"""As `MODE_PRIVATE` preferences have: the app and its group, which is the app's own."""

Plain = str | int | bool | float
"""One preference. `Long` is stored as `<long>` where it would fit an `<int>`."""


def file_name(namespace: str = "") -> str:
    """The file of a namespace of `StorageHelper`, relative to the container: `WizRocket_ARP:…`."""
    return bare_file_name(f"{BASE_NAME}_{namespace}" if namespace else BASE_NAME)


def bare_file_name(name: str) -> str:
    """The file of what is opened by its own name, without prefix: `inApp:…` since 6.0.0."""
    return f"shared_prefs/{name}.xml"


def preferences_document(
    writer: Writer, values: Mapping[str, Plain], *, copied: bool = False, api: int = 34
) -> bytes:
    """A whole file: entries in the order of Java's hash table, texts as the platform's serializer writes them.

    Args:
        writer: the storage formats.
        values: in the order in which they were first put, which decides among names that collide.
        copied: whether the platform wrote a copy of its map, as it makes one to change while another write is under
            way. UNCERTAIN for any given file: it is a matter of milliseconds.
        api: the device's API level: Android 6 and older order otherwise.
    """
    ordered = {name: _as_written(values[name]) for name in document_order(values, copied=copied, api=api)}
    return writer.encode("shared_prefs", Preferences(ordered))


def document_order(names: Mapping[str, Plain], *, copied: bool = False, api: int = 34) -> list[str]:
    """The order of the entries. A copy is filled in the order of what it is made from."""
    grown = hash_order(names, api=api)
    return hash_order(grown, copied=True, api=api) if copied else grown


def written(writer: Writer, path: str, values: Mapping[str, Plain], *, api: int = 34) -> Write:
    """The effect of `apply` or `commit` that went well."""
    return Write(path=path, data=preferences_document(writer, values, api=api), mode=MODE)


def interrupted(path: str, before: bytes | None, after: bytes, size: int) -> Iterator[Effect]:
    """What a process leaves that dies while it writes the first `size` bytes of `after` over `before`.

    The old file was renamed to `.bak` before; the mode of the new one is set after the last byte. At the next start
    the platform puts the old one back.
    """
    if before is not None:
        yield Write(path=f"{path}.bak", data=before, mode=MODE)
    yield Write(path=path, data=after[:size], mode=0o600)


def recovered(path: str, before: bytes | None) -> Iterator[Effect]:
    """What the platform does with that at the next start."""
    if before is not None:
        yield Delete(path=f"{path}.bak")
        yield Write(path=path, data=before, mode=MODE)


def _as_written(value: Plain) -> Plain:
    """Text as it comes out of the serializer: half a surrogate pair becomes a question mark, and after a line break
    at the very end the closing tag is indented, so that the value grows by four spaces."""
    if not isinstance(value, str):
        return value
    text = value.encode("utf-8", "replace").decode()
    return f"{text}    " if text.endswith("\n") else text
