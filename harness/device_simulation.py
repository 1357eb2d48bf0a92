"""A simulated SDK as a process of an emulated device: the app that it is built into, forked under the app's uid.

    events → SDK model → effects → system calls

What `simulation` does to a sandbox in memory, this does to real files, with the device's own keystore. Equal inputs
give equal bytes both ways. What no file system knows does not travel: the mark that a file is not to be backed up.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Unpack

from harness.emulators.android.apps import AppContext, AppFiles, AppProgram
from harness.errors import PluginError
from harness.model import Platform
from harness.persona import Persona
from harness.sdks.base import Delete, Effect, Event, Exit, Life, SdkModel, Sql, Wipe, Write
from harness.simulation import DEMO_APP, Options, path_of, scenario, setup_of

__all__ = ["app_program"]

Step = Callable[[AppContext], None]


def app_program(
    model: SdkModel, *, mode: str, persona: Persona, step: Step | None = None, **options: Unpack[Options]
) -> AppProgram:
    """What an app with the SDK does once it is started: live through a scenario, be on the screen, and stay.

    It is for one device or many, and plays once for each start; another app than that of the options only stays.

    Args:
        model: the SDK.
        mode: its storage mode.
        persona: who logs in.
        step: called in the app between any two steps of writing: where a test lets a kill fall.
        options: as for `simulate`.

    Raises:
        UsageError: the SDK has no such mode or version; the hint lists those that it has.
        PluginError: the model left its app's folder, or asked for a format that is not there.
    """
    app, events = options.get("app", DEMO_APP), scenario(persona, mode=mode, **options)
    # The formats are found now, too.
    setup = setup_of(model, Platform.ANDROID, _Rehearsed(), mode=mode, **options)
    _rehearse(model.start(setup), events)

    def program(context: AppContext) -> int:
        if context.package == app.package:
            # SQLite wants files. The machine's folder for them is out of sight, and an app's own is its cache.
            tempfile.tempdir = f"{context.data_dir}/cache"
            pause = (lambda: None) if step is None else (lambda: step(context))
            life = model.start(replace(setup, sealer=context.keystore))
            _play(life, events, replace(context.files, pause=pause))
        context.drawn()
        context.linger()
        return 0

    return program


class _Rehearsed:
    """A keystore that keeps nothing secret, for a life that nobody lives."""

    def seal(self, alias: str, plain: bytes, *, nonce: bytes) -> bytes:
        del alias
        return nonce + plain + bytes(16)


def _rehearse(life: Life, events: Sequence[Event]) -> None:
    """Live it once for nothing: a fault shows here and not in the device, and whatever is imported late is here.

    Behind the device's walls there is no library left to import from.
    """
    for event in events:
        for effect in life.react(event):
            if not isinstance(effect, Wipe | Exit):
                path_of(effect)


def _play(life: Life, events: Sequence[Event], files: AppFiles) -> None:
    for event in events:
        for effect in life.react(event):
            _apply(files, effect, event.at)
            files.pause()


def _apply(files: AppFiles, effect: Effect, at: int) -> None:
    if isinstance(effect, Wipe | Sql | Exit):
        raise PluginError("an SDK model asks for what cannot be played yet")
    path = path_of(effect)
    match effect:
        case Write():
            files.write(path, effect.data, mode=effect.mode, modified=float(at))
        case Delete():
            files.delete(path)
