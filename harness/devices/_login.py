"""How one gets into a device that asks who is there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Login"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a user brings; nothing of a secret is in it."""

    key_file: Path | None = None
    """Private key; those that `ssh` takes by itself, and the agent's, where None."""
    known_hosts: Path | None = None
    """File with the host keys that are trusted; the user's own where None."""
    password: Callable[[str], str | None] | None = None
    """Asked where a password is wanted, with the source's name; None where only keys are tried."""
