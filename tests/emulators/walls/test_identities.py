"""Ids of a device on the machine."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.ports import SHELL, app_identity
from harness.emulators.walls.identities import EXTENTS, IDS, id_maps, is_mapped, subordinate_ids


@given(st.integers(0, 10**9))
def test_no_id_of_a_device_is_one_of_the_machines(number: int) -> None:
    """Above everything that accounts and subordinate ranges have, below what the kernel keeps."""
    maps = id_maps(number)

    assert maps.first_uid >= 0x7000_0000
    assert maps.first_uid + IDS < 2**31


def test_devices_that_run_at_once_have_ids_of_their_own() -> None:
    """Else the processes of one would count towards the limit of another."""
    first = [id_maps(number).first_uid for number in range(1000, 1020)]

    assert all(later - earlier >= IDS for earlier, later in pairwise(first))


def test_all_ids_that_android_gives_are_there() -> None:
    """Shell, apps, their cache groups, and the same for a work profile; no more than a user gets."""
    wanted = {0, 1000, 2000, 9999, 10_000, 19_999, 1_010_000, 1_019_999, *SHELL.groups}
    for uid in (10_123, 1_010_123):
        wanted |= {uid, *app_identity(uid).groups}

    assert all(is_mapped(number) for number in wanted)
    assert sum(count for _, count in EXTENTS) <= 65_536
    assert not is_mapped(65_534)


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("{me}:100000:65536", 100_000),
        ("{me}:100000:1000\n{me}:300000:60000", 300_000),
        ("somebody-else:100000:65536", None),
        ("{me}:many:few", None),
        ("{me}", None),
        ("", None),
    ],
)
def test_subordinate_ids_are_those_of_this_user(line, first, tmp_path, monkeypatch) -> None:
    """And enough of them; a damaged table gives none."""
    monkeypatch.setattr("os.getuid", lambda: 54_321)
    (tmp_path / "subuid").write_text(line.format(me=54_321))

    assert subordinate_ids(str(tmp_path / "subuid")) == first
    assert subordinate_ids(str(tmp_path / "none")) is None
