"""A simulated SDK as a process of an emulated device: the app that it is built into, forked under the app's uid.

    events → SDK model → effects → system calls

What `simulation` does to a sandbox in memory, this does to real files, with the device's own keystore. Equal inputs
give equal bytes both ways, but for what SQLite draws by chance. What no file system knows does not travel: the mark
that a file is not to be backed up.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Unpack

from harness.emulators.android.apps import AppContext, AppFiles, AppProgram
from harness.model import Platform
from harness.persona import Persona
from harness.sdks.base import Delete, Effect, Exit, SdkModel, Sql, Wipe, Write
from harness.simulation import DEMO_APP, Options, effects_of, path_of, scenario, setup_of
from harness.simulation.databases import SIDECARS, connect, run

__all__ = ["app_program"]

Step = Callable[[AppContext], None]
Effects = Iterator[tuple[Effect, int]]


def app_program(
    model: SdkModel, *, mode: str, persona: Persona, step: Step | None = None, **options: Unpack[Options]
) -> AppProgram:
    """What an app with the SDK does once it is started: live through a scenario, be on the screen, and stay.

    It is for one device or many, and plays once for each start, from the beginning; another app than that of the
    options only stays.

    Args:
        model: the SDK.
        mode: its storage mode.
        persona: who logs in.
        step: called in the app between any two steps of writing: where a test lets a kill fall.
        options: as for `simulate`; `api` is that of the device.

    Raises:
        UsageError: the SDK has no such mode, version or level; the hint lists those that it has.
        PluginError: the model left its app's folder, or asked for a format that is not there.
    """
    app, events = options.get("app", DEMO_APP), scenario(persona, mode=mode, **options)
    # The formats are found now, too.
    setup = setup_of(model, Platform.ANDROID, _Rehearsed(), mode=mode, **options)
    plan = _rehearse(effects_of(model.start(setup), events))

    def program(context: AppContext) -> int:
        alive: object = None
        if context.package == app.package:
            # SQLite wants files. The machine's folder for them is out of sight, and an app's own is its cache.
            tempfile.tempdir = f"{context.data_dir}/cache"
            pause = (lambda: None) if step is None else (lambda: step(context))
            context = replace(context, files=replace(context.files, pause=pause))
            life = model.start(replace(setup, sealer=context.keystore))
            alive = _play(effects_of(life, events), plan, context)
        context.drawn()
        context.linger()
        del alive  # until here it has its databases open
        return 0

    return program


class _Rehearsed:
    """A keystore that keeps nothing secret, for a life that nobody lives."""

    def seal(self, alias: str, plain: bytes, *, nonce: bytes) -> bytes:
        del alias
        return nonce + plain + bytes(16)


@dataclass(slots=True)
class _Plan:
    """What is known of a life before it is lived."""

    processes: list[int] = field(default_factory=list)
    """How many effects each process has that ends."""
    databases: set[str] = field(default_factory=set)


def _rehearse(effects: Effects) -> _Plan:
    """Live it once for nothing: a fault shows here and not in the device, and whatever is imported late is here.

    Behind the device's walls there is no library left to import from.
    """
    plan, count = _Plan(), 0
    for effect, _ in effects:
        count += 1
        if not isinstance(effect, Wipe | Exit):
            path_of(effect)
        if isinstance(effect, Sql):
            plan.databases.add(effect.path)
        if _ends_a_process(effect):
            plan.processes.append(count)
            count = 0
    return plan


def _ends_a_process(effect: Effect) -> bool:
    return isinstance(effect, Wipe | Exit) or (isinstance(effect, Sql) and not effect.commits)


def _play(effects: Effects, plan: _Plan, context: AppContext) -> "_Process":
    """Each process that ends in the scenario is one that ends here, with all that it had open; the last one stays."""
    for path in sorted(plan.databases):
        # All else is replaced when it is written. A database would have everything twice.
        for suffix in ("", *SIDECARS):
            context.files.delete(path + suffix)
    for count in plan.processes:
        context.as_a_process(partial(_lived, context, effects, count))
        # What the process did, this one only knows: its model has to remember it, too.
        for _ in islice(effects, count):
            pass
    return _lived(context, effects, None)


def _lived(context: AppContext, effects: Effects, count: int | None) -> "_Process":
    process = _Process(context)
    for effect, at in islice(effects, count):
        process.do(effect, float(at))
    return process


def _times(group: list[Path]) -> list[int]:
    """When each was last written, by the kernel; 0 where it is not there."""
    return [path.stat().st_mtime_ns if path.exists() else 0 for path in group]


@dataclass(slots=True)
class _Process:
    """One process of the app. Hold it until the kernel ends it: a connection that is let go of tidies up."""

    context: AppContext
    databases: dict[str, sqlite3.Connection] = field(default_factory=dict)
    given_up: list[sqlite3.Connection] = field(default_factory=list)

    def do(self, effect: Effect, at: float) -> None:
        files = self.context.files
        match effect:
            case Exit():
                return  # the plan ends the process here
            case Wipe():
                files.clear()
                self.context.keystore.forget()
            case Sql():
                self._run(files, effect, at)
            case Write():
                self._give_up(path_of(effect))
                files.write(effect.path, effect.data, mode=effect.mode, modified=at)
            case Delete():
                self._give_up(path_of(effect))
                files.delete(effect.path)
        files.pause()

    def _run(self, files: AppFiles, effect: Sql, at: float) -> None:
        path = str(Path(files.root) / path_of(effect))
        group = [Path(path + suffix) for suffix in ("", *SIDECARS)]
        before = _times(group)
        connection = self.databases.get(effect.path)
        is_new = not group[0].exists()
        if connection is None:
            own = effect.mode if effect.sidecar_mode is None or not is_new else effect.sidecar_mode
            connection = self.databases[effect.path] = connect(files.make(effect.path, own), effect.pragmas)
        run(connection, effect, files.pause)
        if is_new:
            # What SQLite has made beside it keeps the mode of that moment, unless it is empty.
            for suffix, written in zip(("", *SIDECARS), group, strict=True):
                if not suffix or (written.exists() and not written.stat().st_size):
                    files.make(effect.path + suffix, effect.mode)
        if effect.closes and effect.commits:
            self.databases.pop(effect.path).close()
        if _times(group) != before:
            for written in group:
                if written.exists():
                    os.utime(written, (at, at))

    def _give_up(self, path: str) -> None:
        """Another file is to be there: what still has the old one open goes on as if nothing had happened."""
        if path in self.databases:
            self.given_up.append(self.databases.pop(path))
