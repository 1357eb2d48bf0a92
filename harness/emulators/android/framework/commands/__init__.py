"""The commands of the framework: each module is one, called by its name, and has an async `run(request)`."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from harness.emulators.android.framework.request import Request

__all__ = ["Command", "load", "names"]

Command: TypeAlias = Callable[[Request], Awaitable[int]]
"""Serves a call; gives its exit code. Runs in pid 1, so it never blocks: `Request.fork` is for what might."""


_NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
"""Read when this is imported: behind a device's walls the checkout may be out of sight, and always is below /tmp."""


def names() -> tuple[str, ...]:
    """All commands, sorted."""
    return _NAMES


def load() -> Mapping[str, Command]:
    """All commands by name. Before the root switch: nothing can be imported after it."""
    return {name: importlib.import_module(f"{__name__}.{name}").run for name in _NAMES}
