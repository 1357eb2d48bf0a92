"""A keystore far away: asked once for many, and its silence is told from its no."""

from collections.abc import Sequence

import pytest

from harness.errors import AccessDenied, DeviceError, Unanswered
from harness.model import Access
from harness.scan.asked import Asked, Wishes


class Near:
    """Answers in this process, one at a time."""

    attackers = frozenset({Access.ROOT_CODE})
    is_portable = True

    def __init__(self) -> None:
        self.questions: list[object] = []

    def open(self, alias: str, sealed: bytes) -> bytes:
        self.questions.append(sealed)
        match sealed:
            case b"refused":
                raise AccessDenied("not yours")
            case b"lost":
                raise Unanswered("the device is gone")
        return sealed.upper()


class Far(Near):
    """Answers many at once."""

    is_portable = False

    def open_all(self, alias: str, sealed: Sequence[bytes]) -> list[bytes | DeviceError]:
        self.questions.append(tuple(sealed))
        return [Unanswered("the device is gone") if each == b"lost" else each.upper() for each in sealed]


def test_what_was_asked_ahead_is_not_asked_again() -> None:
    """Each once, and what nobody foresaw is asked by itself."""
    far = Far()
    asked = Asked(far)
    asked.foresee([("key", b"a"), ("key", b"b"), ("key", b"a")])

    assert [asked.open("key", each) for each in (b"a", b"b", b"c")] == [b"A", b"B", b"C"]
    assert far.questions == [(b"a", b"b"), b"c"]


def test_silence_is_kept_apart_from_a_no() -> None:
    """What could not be asked was not tried; a refusal is an answer."""
    for holder, ahead in ((Near(), False), (Far(), True)):
        asked = Asked(holder)
        asked.foresee([("key", b"lost")] if ahead else [])
        with pytest.raises(Unanswered):
            asked.open("key", b"lost")
        assert asked.silence == "the device is gone"

    refusing = Asked(Near())
    with pytest.raises(AccessDenied):
        refusing.open("key", b"refused")
    assert refusing.silence == ""


def test_it_is_as_near_and_as_mighty_as_what_it_asks() -> None:
    """Whether a fork may ask, whether asking ahead is worth it, and who it is that asks."""
    near, far = Asked(Near()), Asked(Far())

    assert (near.is_remote, near.is_portable) == (False, True)
    assert (far.is_remote, far.is_portable) == (True, False)
    assert near.attackers == {Access.ROOT_CODE}


def test_wishes_open_nothing_and_are_remembered() -> None:
    """In the order in which they came."""
    wishes = Wishes()
    for sealed in (b"a", b"b"):
        with pytest.raises(DeviceError):
            wishes.open("key", sealed)

    assert wishes.asked == [("key", b"a"), ("key", b"b")]
