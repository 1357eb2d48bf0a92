"""What a device says of itself follows from its Android version."""

import pytest

from harness.emulators.android.dialect import DELAYED_ACK, dialect_of, features_of
from harness.emulators.android.wire import MAX_PAYLOAD, VERSION, VERSION_CHECKED


@pytest.mark.parametrize(
    ("api", "has", "has_not"),
    [
        (22, (), ("shell_v2", "cmd", "stat_v2")),
        (24, ("shell_v2", "cmd"), ("stat_v2", "ls_v2")),
        (29, ("shell_v2", "stat_v2", "fixed_push_mkdir"), ("ls_v2", "abb_exec", "sendrecv_v2")),
        (34, ("shell_v2", "ls_v2", "sendrecv_v2", "abb_exec", DELAYED_ACK), ("sendrecv_v2_brotli",)),
    ],
)
def test_features_come_with_their_version(api: int, has: tuple[str, ...], has_not: tuple[str, ...]) -> None:
    """And the device names none that it has not."""
    features = features_of(dialect_of(api).banner({"ro.product.model": "Phone"}))

    assert features.issuperset(has)
    assert features.isdisjoint(has_not)


def test_old_devices_make_old_demands() -> None:
    """Sums and small packets."""
    assert (dialect_of(22).version, dialect_of(22).max_payload) == (VERSION_CHECKED, 4096)
    assert (dialect_of(34).version, dialect_of(34).max_payload) == (VERSION, MAX_PAYLOAD)


@pytest.mark.parametrize("banner", [b"", b"host::", b"host::\0", b"host::features", b"\xff\xfe"])
def test_a_client_without_features_has_none(banner: bytes) -> None:
    """Whatever it says."""
    assert features_of(banner) == frozenset()
