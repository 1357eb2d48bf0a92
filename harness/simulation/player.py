"""Plays a life: what a model answers to each event is done to a device, and nothing else is."""

from collections.abc import Iterable, Iterator

from harness.errors import PluginError
from harness.sandbox import App, Attributes, Sandbox
from harness.sdks.base import (
    Cleared,
    Delete,
    Effect,
    Event,
    Exit,
    Killed,
    Launched,
    LevelChanged,
    Life,
    Reinstalled,
    Sql,
    Upgraded,
    Wipe,
    Write,
)
from harness.simulation.databases import KeptDatabases

__all__ = ["effects_of", "path_of", "play"]

_IN_A_NEW_PROCESS = (Launched, Upgraded, LevelChanged, Cleared, Reinstalled)
_EMPTIED_BY_THE_SYSTEM = (Cleared, Reinstalled)


def effects_of(life: Life, events: Iterable[Event]) -> Iterator[tuple[Effect, int]]:
    """What happens to an app's storage, and when: what the model does to it, and what the system does by itself."""
    for event in events:
        if isinstance(event, _IN_A_NEW_PROCESS):
            yield Exit(), event.at
        if isinstance(event, _EMPTIED_BY_THE_SYSTEM):
            yield Wipe(), event.at
        for effect in life.react(event):
            yield effect, event.at
        if isinstance(event, Killed):
            yield Exit(), event.at


def play(sandbox: Sandbox, app: App, life: Life, events: Iterable[Event]) -> None:
    """Let events happen to one installation, and what it does to its storage happen to a device.

    At the end the app still runs: its databases are as they are on disk then.

    Raises:
        PluginError: the model left its app's folder, or SQLite refuses what it says.
    """
    root = sandbox.container(app.package)
    with KeptDatabases(sandbox, root) as databases:
        for effect, at in effects_of(life, events):
            _apply(sandbox, databases, app, effect, at)
        databases.leave()


def path_of(effect: Write | Delete | Sql) -> str:
    """Where in the app's folder an effect is.

    Raises:
        PluginError: it is elsewhere.
    """
    steps = effect.path.split("/")
    if any(step in {"", ".", ".."} for step in steps) or "\0" in effect.path:
        raise PluginError("an SDK model wrote outside of its app's folder")
    return effect.path


def _apply(sandbox: Sandbox, databases: KeptDatabases, app: App, effect: Effect, at: int) -> None:
    match effect:
        case Exit():
            databases.leave()
        case Wipe():
            databases.leave()
            sandbox.clear(app.package)
        case Sql():
            path_of(effect)
            databases.apply(effect, at)
        case Write():
            databases.set_aside(path_of(effect))
            attributes = Attributes(
                mode=effect.mode,
                protection=effect.protection,
                in_backup=effect.in_backup,
                modified=float(at),
            )
            sandbox.write(f"{databases.root}/{effect.path}", effect.data, attributes)
        case Delete():
            databases.set_aside(path_of(effect))
            sandbox.delete(f"{databases.root}/{effect.path}")
