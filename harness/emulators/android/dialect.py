"""What a device of some Android version says of itself: protocol version, packet size and features.

Old devices make old demands on a client: no exit codes below Android 7, sums and 4 KiB packets before that.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.emulators.android.wire import FIRST_PAYLOAD, MAX_PAYLOAD, VERSION, VERSION_CHECKED

__all__ = ["DELAYED_ACK", "Dialect", "dialect_of", "features_of"]

DELAYED_ACK = "delayed_ack"

_SINCE = (
    (24, "shell_v2"),
    (24, "cmd"),
    (26, "stat_v2"),
    (28, "fixed_push_mkdir"),
    (30, "fixed_push_symlink_timestamp"),
    (30, "abb_exec"),
    (30, "ls_v2"),
    # No sendrecv_v2_brotli, _lz4 or _zstd: a client that sees them compresses, and nothing is gained on a loopback.
    (31, "sendrecv_v2"),
    (31, "sendrecv_v2_dry_run_send"),
    (34, DELAYED_ACK),
)
_NAMED = ("ro.product.name", "ro.product.model", "ro.product.device")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the device's end speaks."""

    version: int
    max_payload: int
    features: tuple[str, ...]
    cooks_terminals: bool
    """A command without a terminal of its own still gets CR LF for a line's end."""

    def banner(self, properties: Mapping[str, str]) -> bytes:
        """How the device introduces itself."""
        named = "".join(f"{name}={properties.get(name, '')};" for name in _NAMED)
        return f"device::{named}features={','.join(self.features)}".encode()


def dialect_of(api: int) -> Dialect:
    """How adbd of an API level speaks."""
    return Dialect(
        version=VERSION if api >= 26 else VERSION_CHECKED,
        max_payload=MAX_PAYLOAD if api >= 28 else 1 << 18 if api >= 24 else FIRST_PAYLOAD,
        features=tuple(name for since, name in _SINCE if api >= since),
        cooks_terminals=api < 24,
    )


def features_of(banner: bytes | bytearray) -> frozenset[str]:
    """What the client says it can do."""
    found = re.search(rb"features=([^;\0]*)", banner)
    return frozenset(found[1].decode("ascii", "replace").split(",")) if found else frozenset()
