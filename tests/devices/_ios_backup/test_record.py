"""What an archived `MBFile` says is taken as it is, or as nothing."""

import plistlib

from hypothesis import given
from hypothesis import strategies as st

from harness.devices._ios_backup.record import Described, described
from harness.devices._ios_backup.writing import Stored, _archived
from harness.model import Protection

ARCHIVE = _archived("Documents/a", {"Size": 5, "Mode": 0o100640, "ProtectionClass": 2}, b"\x02\0\0\0" + bytes(40))


def test_facts_of_a_file() -> None:
    """Size, mode, owner, time, class, and the wrapped key."""
    assert described(ARCHIVE) == Described(
        size=5,
        mode=0o100640,
        owner=501,
        group=501,
        modified=1_700_000_000.0,
        protection=Protection.UNLESS_OPEN,
        sealed=b"\x02\0\0\0" + bytes(40),
    )
    assert Stored("d", "p", b"secret") != Stored("d", "p", b"other")
    assert "secret" not in repr(Stored("d", "p", b"secret"))


@given(st.integers(0, len(ARCHIVE) - 1), st.integers(1, 255), st.integers(0, len(ARCHIVE)))
def test_damage_never_crashes(at: int, change: int, end: int) -> None:
    """Neither a changed byte nor a lost end."""
    damaged = bytearray(ARCHIVE)
    damaged[at] ^= change

    described(bytes(damaged))
    described(ARCHIVE[:end])


KEYS = ("$objects", "$top", "root", "Size", "Mode", "EncryptionKey", "NS.data", "LastModified", "ProtectionClass")
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=5) | st.binary(max_size=5)
    | st.builds(plistlib.UID, st.integers(0, 9)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner),
    max_leaves=12,
)  # fmt: skip


@given(st.fixed_dictionaries({"$objects": st.lists(json, max_size=4), "$top": json}) | json)
def test_any_property_list_is_facts_or_nothing(value: object) -> None:
    """What another archiver wrote, or somebody with a grudge."""
    try:
        data = plistlib.dumps(_without_none(value), fmt=plistlib.FMT_BINARY)
    except (TypeError, OverflowError):
        return
    found = described(data)

    assert found is None or found.size is None or found.size >= 0


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_none(each) for each in value if each is not None]
    return "" if value is None else value
