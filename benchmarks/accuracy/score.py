"""One line of the table of accuracy."""

from dataclasses import dataclass

__all__ = ["Score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What was measured for one family, against the truth beside its files."""

    family: str
    planted: int
    found: int
    invented: int
    """Values that were given and are not in the files."""
    note: str = ""
