"""Advertising ids: a UUID is one only by its key, or by what an SDK made of it."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.advertising_id import AdvertisingId
from harness.detectors.base import Window

AD = AdvertisingId()


def spans(text: bytes, *, key: bytes = b"") -> list[bytes]:
    return [text[match.start : match.end] for match in AD.confirm(Window(text, 0, len(text), 0, len(text), key))]


@given(
    value=st.uuids(version=4),
    key=st.sampled_from(
        [
            "gaid",
            "adid",
            "aaid",
            "idfa",
            "advertising_id",
            "advertisingIdentifier",
            "google_ad_id",
            "GoogleAdID",
            "mt_ifa",
            "android_advertising_id",
            "deviceAdId",
            "ADVERTISING_ID",
            "oaid",
            "x.idfa",
        ]
    ),
    upper=st.booleans(),
)
def test_a_uuid_under_a_telling_key_is_one(value: uuid.UUID, key: str, upper: bool) -> None:
    """In the text or as the decoder's key."""
    text = (str(value).upper() if upper else str(value)).encode()

    assert spans(key.encode() + b'":"' + text + b'"') == [text]
    assert spans(key.encode() + b"\x1f" + text) == [text]


@given(value=st.uuids(version=4))
def test_an_sdks_device_id_made_of_it_gives_it_away(value: uuid.UUID) -> None:
    """And both have one fingerprint."""
    (found,) = spans(b"deviceId:ACCT\x1f__g" + value.hex.encode())

    assert found == value.hex.encode()
    assert AD.normalise(found) == AD.normalise(str(value).upper().encode())


@pytest.mark.parametrize("key", ["id", "session", "uploadId", "threadid", "idfv", "installation_id", "request_id"])
def test_other_uuids_say_nothing(key: str) -> None:
    """Every app is full of them."""
    value = "38400000-8cf0-11bd-b23e-10b96e40000d"

    assert spans(f'"{key}":"{value}"'.encode()) == []
    assert spans(value.encode()) == []


def test_the_id_of_those_who_opted_out_is_nobodys() -> None:
    """All zeros."""
    assert spans(b"idfa=00000000-0000-0000-0000-000000000000") == []
    assert spans(b"__g" + b"0" * 32) == []
