"""Lives of an app, event by event: the demo's, and those that a file tells."""

from harness.scenarios.clock import SEED
from harness.scenarios.demo import demo_events
from harness.scenarios.reading import load_scenario

__all__ = ["SEED", "demo_events", "load_scenario"]
