"""What to say where a disk of this machine is full: the device is not at fault, and what had arrived is good."""

import errno

from harness.errors import DeviceError

__all__ = ["no_room"]

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def no_room(error: OSError, what: str, hint: str) -> DeviceError | None:
    """What to tell of a disk that is full; nothing where it is something else.

    Args:
        error: as the system gave it.
        what: there is no room for.
        hint: where there may be more.
    """
    return DeviceError(f"no room left {what}", hint=hint) if error.errno in _NO_ROOM else None
