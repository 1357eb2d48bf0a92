"""The shape kernel in C (`kernel.c`), where it was built: the same places as by array operations, in less time.

The package builds it where there is a C compiler, and does without it elsewhere.
"""

import ctypes
import hashlib
from collections.abc import Collection
from functools import cache
from pathlib import Path

import numpy as np

from harness.detectors.base import Shape
from harness.scan.words import Octets, Positions

__all__ = ["LIBRARY", "Kernel", "kernel"]

LIBRARY = Path(__file__).with_name("_kernel.so")
"""Where the package's build leaves it."""


class _Places(ctypes.Structure):
    _fields_ = (("at", ctypes.POINTER(ctypes.c_int64)), ("count", ctypes.c_size_t), ("room", ctypes.c_size_t))


class Kernel:
    """One library, loaded."""

    def __init__(self, library: Path, encoded: tuple[str, ...]) -> None:
        """`encoded` are the shapes of encodings, in the order that the library numbers them in.

        Raises:
            OSError: it cannot be loaded here.
            AttributeError: it is another library.
        """
        self._names = (*Shape, *encoded)
        loaded = ctypes.CDLL(str(library))
        self._find, self._release = loaded.kernel_find, loaded.kernel_release
        loaded.kernel_source.restype = ctypes.c_char_p
        self.source: bytes = loaded.kernel_source()
        """SHA-256 of what it was built from, in hex digits."""
        self._find.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_void_p)
        self._release.argtypes = (ctypes.c_void_p,)

    def find(self, octets: Octets, wanted: Collection[str]) -> dict[str, Positions]:
        """Where each wanted shape begins, ascending; shapes that are nowhere are left out.

        Raises:
            MemoryError: there are more than there is room for.
        """
        asked = sum(1 << number for number, name in enumerate(self._names) if name in wanted)
        places = (_Places * len(self._names))()
        try:
            if not self._find(octets.ctypes.data, len(octets), asked, places):
                raise MemoryError
            return {
                name: np.ctypeslib.as_array(each.at, (each.count,)).copy()
                for name, each in zip(self._names, places, strict=True)
                if each.count
            }
        finally:
            self._release(places)


@cache
def kernel(encoded: tuple[str, ...]) -> Kernel | None:
    """The library that came with the package; None where it was not built, is for another kind of machine, or was
    built from another source than the one beside it."""
    try:
        loaded = Kernel(LIBRARY, encoded)
        source = hashlib.sha256(LIBRARY.with_name("kernel.c").read_bytes()).hexdigest()
    except (OSError, AttributeError):
        return None
    return loaded if loaded.source == source.encode() else None
