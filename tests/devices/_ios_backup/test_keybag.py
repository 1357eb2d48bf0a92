"""A keybag opens with its password, and with nothing else."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices._ios_backup.keybag import Keybag
from harness.devices._ios_backup.writing import Locked
from harness.devices._passwords import Passwords
from harness.errors import SourceError

FAST = (3, 2)


def told(password: str | None) -> Passwords:
    return Passwords(lambda _source: password)


@given(st.text(min_size=1, max_size=20), st.binary(min_size=32, max_size=32), st.integers(1, 11))
def test_a_key_comes_back(password: str, key: bytes, number: int) -> None:
    """By the class that it is of; the password may be any text."""
    locked = Locked(password, FAST)

    keys = Keybag.of(locked.bag()).opened("backup", told(password))

    assert keys.opened(locked.sealed(number, key)) == key
    assert keys.opened(struct.pack("<I", number % 11 + 1) + locked.sealed(number, key)[4:]) is None
    assert keys.opened(struct.pack("<I", 12) + locked.sealed(number, key)[4:]) is None
    assert keys.opened(b"") is None


def test_a_wrong_password_and_none_are_one_line_each() -> None:
    """With what to do."""
    bag = Keybag.of(Locked("right", FAST).bag())

    with pytest.raises(SourceError, match=r"not the password of the backup: backup") as wrong:
        bag.opened("backup", told("left"))
    with pytest.raises(SourceError, match=r"is encrypted: backup") as none:
        bag.opened("backup", told(None))
    assert wrong.value.hint
    assert "--backup-password-file" in none.value.hint


def test_a_key_is_derived_once_in_a_run() -> None:
    """It takes seconds; another bag and another password have another."""
    bag, other = Keybag.of(Locked("right", FAST).bag()), Keybag.of(Locked("right", FAST).bag())
    passwords = told("right")

    keys = [each.opened("backup", passwords) for each in (bag, bag, other)]

    assert keys[0] == keys[1]
    assert keys[0] != keys[2]
    assert len(passwords._derived) == 2


def test_a_bag_before_ios_10_2_is_stretched_once() -> None:
    """With SHA-1 alone."""
    import hashlib

    from harness.devices._ios_backup.key_wrap import wrapped

    key = hashlib.pbkdf2_hmac("sha1", b"right", b"salt", 7, 32)
    fields = [
        (b"VERS", struct.pack(">I", 3)),
        (b"UUID", bytes(16)),
        (b"SALT", b"salt"),
        (b"ITER", struct.pack(">I", 7)),
    ]
    fields += [(b"UUID", bytes(16)), (b"CLAS", struct.pack(">I", 4)), (b"WRAP", struct.pack(">I", 2))]
    fields += [(b"WPKY", wrapped(key, b"k" * 32))]
    data = b"".join(tag + struct.pack(">I", len(value)) + value for tag, value in fields)

    keys = Keybag.of(data).opened("backup", told("right"))

    assert keys.opened(struct.pack("<I", 4) + wrapped(b"k" * 32, b"f" * 32)) == b"f" * 32


@pytest.mark.parametrize("tag", [b"DPIC", b"ITER"])
@pytest.mark.parametrize("rounds", [0, 2**31])
def test_a_bag_that_would_keep_us_busy_is_refused(tag: bytes, rounds: int) -> None:
    """Before anybody is asked for a password."""
    data = Locked("right", FAST).bag()
    at = data.index(tag) + 8

    with pytest.raises(SourceError, match="rounds"):
        Keybag.of(data[:at] + struct.pack(">I", rounds) + data[at + 4 :])


BAG = Locked("right", FAST).bag()


@given(st.integers(0, len(BAG) - 1), st.integers(1, 255), st.integers(0, len(BAG)))
def test_damage_is_an_expected_error_or_costs_a_class(at: int, change: int, end: int) -> None:
    """Whatever byte it hits, and wherever the bag ends."""
    damaged = bytearray(BAG)
    damaged[at] ^= change
    for data in (bytes(damaged), BAG[:end]):
        try:
            bag = Keybag.of(data)
        except SourceError:
            continue
        if sum(bag._rounds) > 100_000:
            continue  # allowed, and takes a moment
        try:
            bag.opened("backup", told("right"))
        except SourceError:
            continue
