"""All of time and chance that a life has: a clock that goes on by itself, and dice that a seed has thrown."""

import hmac
from dataclasses import dataclass, field
from typing import TypedDict

__all__ = ["BEGIN", "SEED", "STEP", "Clock", "Moment"]

BEGIN = 1_700_000_000
"""14 November 2023, in the evening."""
STEP = 60
"""Seconds between two events where nobody says otherwise."""
SEED = b"storage-harness demo"


class Moment(TypedDict):
    """When an event happens, and its chance."""

    at: int
    entropy: bytes


@dataclass(slots=True)
class Clock:
    """One moment after the other; no two have the same chance."""

    seed: bytes = field(default=SEED, repr=False)
    at: int = BEGIN
    """When the next event is."""
    step: int = STEP
    number: int = 0

    def next(self) -> Moment:
        """The moment that is now; the clock goes on after it."""
        moment: Moment = {"at": self.at, "entropy": hmac.digest(self.seed, b"event %d" % self.number, "sha256")}
        self.number += 1
        self.at += self.step
        return moment

    def wait(self, seconds: int) -> None:
        """Let the next event be so long after the last one, or after the begin."""
        self.at += seconds - (self.step if self.number else 0)

    def draw(self, label: str) -> str:
        """An opaque name of consonants: a server's id that looks like nothing else, the same for the same label."""
        drawn = hmac.digest(self.seed, label.encode(), "sha256")
        return "".join("bcdfghjklmnpqrstvwxz"[byte % 20] for byte in drawn[:20])
