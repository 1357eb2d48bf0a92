"""Finds and checks the plug-ins of a family; the name of a plug-in is the name of its file.

A family is a package of `harness` (`formats`, `detectors`, `checks`, …). Each module of it but `base` holds
one plug-in: the one class that it defines from the family's base. Packages of others add theirs through
entry points of the group `storage_harness.<family>`, each naming a module.
"""

import importlib
import importlib.metadata
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

from harness.errors import PluginError

__all__ = ["load", "names"]

P = TypeVar("P")


def names(family: str) -> list[str]:
    """The plug-ins of a family, sorted, without importing them."""
    return sorted(_modules(family))


def load(family: str, base: type[P]) -> dict[str, P]:
    """One instance of every plug-in of a family, by name, sorted.

    Raises:
        PluginError: a module holds no plug-in or more than one, or one lacks what its family asks for.
    """
    return {name: _instance(path, name, base) for name, path in sorted(_modules(family).items())}


def _modules(family: str) -> dict[str, str]:
    package = importlib.import_module(f"harness.{family}")
    own = {
        module.name: f"{package.__name__}.{module.name}"
        for module in pkgutil.iter_modules(package.__path__)
        if module.name != "base" and not module.name.startswith("_")
    }
    for entry in importlib.metadata.entry_points(group=f"storage_harness.{family}"):
        if entry.name in own:
            raise PluginError(f"two plug-ins are called {family}/{entry.name}: {own[entry.name]} and {entry.value}")
        own[entry.name] = entry.value
    return own


def _instance(path: str, name: str, base: type[P]) -> P:
    try:
        module = importlib.import_module(path)
    except Exception as error:
        # Whatever the code of others raises becomes an error that names it.
        raise PluginError(f"plug-in {path} cannot be imported: {type(error).__name__}: {error}") from error
    found = list(_plugins(module, base))
    if len(found) != 1:
        raise PluginError(f"{path} must define one {base.__name__}, not {len(found)}")
    plugin = found[0]
    for attribute in getattr(base, "required", ()):
        if not getattr(plugin, attribute, None):
            raise PluginError(f"{path}: {plugin.__name__} lacks `{attribute}`")
    if inspect.isabstract(plugin):
        missing = ", ".join(sorted(getattr(plugin, "__abstractmethods__", ())))
        raise PluginError(f"{path}: {plugin.__name__} does not define {missing}")
    try:
        instance = plugin()
    except Exception as error:
        raise PluginError(f"{path}: {plugin.__name__} cannot be made: {type(error).__name__}: {error}") from error
    instance.name = name  # type: ignore[attr-defined]
    return instance


def _plugins(module: ModuleType, base: type[P]) -> Iterator[type[P]]:
    for member in vars(module).values():
        if not inspect.isclass(member) or not issubclass(member, base) or member is base:
            continue
        own = member.__module__ == module.__name__ or member.__module__.startswith(module.__name__ + ".")
        if own and not member.__name__.startswith("_"):
            yield member
