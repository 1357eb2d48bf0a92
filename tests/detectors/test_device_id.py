"""Identifiers of devices: each kind by its form and key, and what many devices have in common by neither."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors._check_digits import is_luhn
from harness.detectors._device_numbers import is_nobodys
from harness.detectors.base import Window
from harness.detectors.device_id import DeviceId

DEVICE = DeviceId()


def found(text: bytes) -> list[bytes]:
    return [text[m.start : m.end] for m in DEVICE.confirm(Window(text, 0, len(text), 0, len(text)))]


def with_check_digit(body: str) -> str:
    return next(body + digit for digit in "0123456789" if is_luhn((body + digit).encode()))


@given(
    body=st.from_regex(r"35[0-9]{12}", fullmatch=True).filter(lambda each: len(set(each)) > 3),
    wrong=st.integers(1, 9),
)
def test_an_imei_is_told_by_its_check_digit(body: str, wrong: int) -> None:
    """One that holds in ten; grouped as on the box, or in a row."""
    right = with_check_digit(body)
    other = body + str((int(right[-1]) + wrong) % 10)
    grouped = f"{right[:2]}-{right[2:8]}-{right[8:14]}-{right[14]}"

    assert found(f"imei={right}".encode()) == [right.encode()]
    assert found(f'"device_id":"{right}"'.encode()) == [right.encode()]
    assert found(f"IMEI: {grouped}".encode()) == [grouped.encode()]
    assert found(f"imei={other}".encode()) == []
    assert DEVICE.normalise(grouped.encode()) == right.encode()


@given(body=st.from_regex(r"89[0-9]{16}", fullmatch=True), wrong=st.integers(1, 9))
def test_a_sim_card_is_told_by_its_check_digit(body: str, wrong: int) -> None:
    """Nineteen digits; another last one is none."""
    right = with_check_digit(body)
    if is_nobodys(right.encode()):
        return

    assert found(f"iccid={right}".encode()) == [right.encode()]
    assert found(f"iccid={body}{(int(right[-1]) + wrong) % 10}".encode()) == []


@pytest.mark.parametrize(
    "text",
    [
        "android_id=9774d56d682e549c",
        "android_id=0000000000000000",
        "imei=000000000000000",
        "idfv=00000000-0000-0000-0000-000000000000",
        "iccid=89014103211118510720",
        "ssaid=deadbeefdeadbeef",
    ],
)
def test_what_many_devices_have_is_nobody_s(text: str) -> None:
    """Emulators, and phones that were made with one id for all."""
    assert found(text.encode()) == []


@pytest.mark.parametrize(
    "text",
    [
        "session_id=3f5b8c9d01e2a764",
        "build_id=3f5b8c9d01e2a764",
        "commit 3f5b8c9d01e2a764",
        "android_id_hash=3f5b8c9d01e2a764",
        "deviceId=__i3f5b8c9d01e2a7643f5b8c9d01e2a764",
        "advertising_id=38400000-8cf0-11bd-b23e-10b96e40000d",
        "serial=0102030405",
    ],
)
def test_what_another_key_names_is_none(text: str) -> None:
    """Also an SDK's own id of the installation, which it drew: it tells nobody outside of the app."""
    assert found(text.encode()) == []


def test_a_uuid_as_a_device_id_is_a_guess() -> None:
    """An app may have drawn it."""
    text = b"device_id=6f9619ff-8b86-d011-b42d-00cf4fc964ff"
    (match,) = DEVICE.confirm(Window(text, 0, len(text), 0, len(text)))

    assert match.confidence < 0.55


@given(seed=st.integers(0, 2**32))
def test_push_tokens_are_found_wherever_they_stand(seed: int) -> None:
    """Firebase's tell themselves; Apple's need their key."""
    dice = random.Random(seed)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
    token = "".join(dice.choices(alphabet, k=22)) + ":APA91b" + "".join(dice.choices(alphabet, k=134))
    apple = f"{dice.getrandbits(256):064x}"

    assert found(f"a {token} b".encode()) == [token.encode()]
    assert found(f'{{"deviceToken":"{apple}"}}'.encode()) == [apple.encode()]
    assert found(f'{{"etag":"{apple}"}}'.encode()) == []
