"""Plays a life of an app through an SDK model onto a device in memory.

    events → SDK model → effects → sandbox, or a folder

Equal inputs give equal bytes: time stands in the events, chance comes from the seed, and the model has neither.
"""

from harness.scenarios import demo_events
from harness.simulation.folders import write_into
from harness.simulation.installation import DEMO_APP, Options, installed, scenario, setup_of, simulate
from harness.simulation.player import effects_of, path_of, play
from harness.simulation.writing import FormatWriter

__all__ = [
    "DEMO_APP",
    "FormatWriter",
    "Options",
    "demo_events",
    "effects_of",
    "installed",
    "path_of",
    "play",
    "scenario",
    "setup_of",
    "simulate",
    "write_into",
]
