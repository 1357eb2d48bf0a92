"""System properties: a table that everybody reads as a file, and that only the framework writes."""

import os
from collections.abc import Iterator, Mapping

from harness.emulators.android.framework.places import Places

__all__ = ["LONGEST_VALUE", "Properties", "as_file"]

LONGEST_VALUE = 91
"""`PROP_VALUE_MAX` less its end; properties whose name begins with `ro.` may be longer."""
_MOST = 2000

_OF_SHELL = ("debug.", "log.tag", "persist.log.tag", "persist.debug.", "sys.powerctl")
"""What `property_contexts` lets the debug shell write."""


def as_file(values: Mapping[str, str]) -> str:
    """One `name=value` a line, sorted: what `getprop` reads."""
    return "".join(f"{name}={_one_line(value)}\n" for name, value in sorted(values.items()))


class Properties:
    """The properties of a running device."""

    def __init__(self, values: Mapping[str, str], places: Places) -> None:
        self._values = dict(values)
        self._places = places

    def get(self, name: str, default: str = "") -> str:
        """The value; `default` where there is none."""
        return self._values.get(name, default)

    def all(self) -> Iterator[tuple[str, str]]:
        """Every property, sorted by name."""
        yield from sorted(self._values.items())

    def may_set(self, name: str, value: str, uid: int) -> bool:
        """Whether this caller may give a property this value."""
        if not _is_name(name) or (name not in self._values and len(self._values) >= _MOST):
            return False
        if name.startswith("ro."):
            return uid == 0 and name not in self._values  # written once
        if len(value.encode(errors="surrogateescape")) > LONGEST_VALUE:
            return False
        return uid in {0, 1000} or (uid == 2000 and name.startswith(_OF_SHELL))

    def set(self, name: str, value: str) -> None:
        """Give a property a value, and let everybody see it.

        Raises:
            OSError: the file cannot be written.
        """
        self._values[name] = value
        path = self._places.properties
        new = path.with_name("next")
        new.write_text(as_file(self._values), encoding="utf-8", errors="surrogateescape")
        os.chmod(new, 0o644)  # noqa: PTH101
        new.replace(path)


def _is_name(name: str) -> bool:
    plain = name.replace(".", "").replace("_", "").replace("-", "").replace("@", "").replace(":", "")
    return 0 < len(name) <= 256 and plain.isascii() and plain.isalnum() and not name.startswith(".")


def _one_line(value: str) -> str:
    return value.replace("\n", " ").replace("\r", " ")
