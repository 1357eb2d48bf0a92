"""What Android gives a process in its environment."""

import os

from harness.emulators.walls.ports import Identity

__all__ = ["environment_of"]

_PATH = ":".join(
    (
        "/product/bin",
        "/apex/com.android.runtime/bin",
        "/apex/com.android.art/bin",
        "/system_ext/bin",
        "/system/bin",
        "/system/xbin",
        "/odm/bin",
        "/vendor/bin",
        "/vendor/xbin",
    )
)
"""Android's own."""
_FIRST_APP = 10_000


def environment_of(identity: Identity) -> dict[str, str]:
    """What Android gives a process."""
    name = {0: "root", 2000: "shell"}.get(identity.uid, f"u0_a{identity.uid % 100_000 - _FIRST_APP}")
    return {
        "PATH": _PATH,
        "HOME": "/",
        "SHELL": "/system/bin/sh",
        "USER": name,
        "LOGNAME": name,
        "HOSTNAME": os.uname().nodename,
        "TMPDIR": "/data/local/tmp",
        "ANDROID_ROOT": "/system",
        "ANDROID_DATA": "/data",
        "ANDROID_STORAGE": "/storage",
        "EXTERNAL_STORAGE": "/sdcard",
    }
