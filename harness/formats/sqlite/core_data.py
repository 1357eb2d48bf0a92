"""Core Data's dates: what a database of its holds as a bare number is a day, and may be somebody's date of birth.

Core Data keeps each entity in a table whose first columns are `Z_PK`, `Z_ENT` and `Z_OPT`, and declares its dates
`TIMESTAMP`: seconds since 2001. Nobody else declares tables so, and no other column of them is a date.
"""

from collections.abc import Mapping, Sequence

from harness.formats._apple_time import moment

__all__ = ["date_columns", "moment"]

_FIRST = ("z_pk", "z_ent", "z_opt")


def date_columns(names: Sequence[str], types: Mapping[str, str]) -> frozenset[str]:
    """The columns, in lower case, that hold dates, given all in order and the declared type of each."""
    if tuple(names[:3]) != _FIRST:
        return frozenset()
    return frozenset(name for name in names if types.get(name) == "TIMESTAMP")
