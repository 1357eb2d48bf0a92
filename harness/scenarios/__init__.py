"""Lives of an app, event by event: the demo's, and those that a file tells."""

from harness.scenarios.demo import SEED, demo_events

__all__ = ["SEED", "demo_events"]
