"""The SDK's two schemes on iOS, against vectors that others computed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Locator, Record
from harness.sdks._clevertap_ios.ciphers import (
    KeychainGcm,
    LegacyAes,
    gcm_open,
    gcm_seal,
    legacy_keys,
    legacy_open,
    legacy_seal,
)
from harness.sdks._clevertap_ios.versions import VERSIONS, traits
from harness.sdks.base import FoundKey

REAL, SHORT = "ZWW-WWW-WWRZ", "test"
LEGACY = [
    (REAL, "jack@example.com", "x7C/cNBVjo0x+K3EFvQhw9I7ofnoXgVdWTs/a2IHN/c="),
    (REAL, "+14155551234", "3e6L6VAlUSK19txPvgnVhw=="),
    (REAL, "Jack Montana", "tOahG29Nq5N/0rUbh3aMdg=="),
    (REAL, "61026032", "8PFH2ww2VuoGPwszvsQsLQ=="),
    (SHORT, "jack@example.com", "PRAJwm38752DwEb9nwe3OAxaJ1XRHiNjidnlqle9klE="),
    (SHORT, "+14155551234", "2+UyjCeuv0V5NsaCmpb5Vg=="),
]
TWICE = "q3N01SaeK7U/QwSnHGh3cveLlj2jEwN89/dokgx1hOqVL2NQDbXuy2jsj0tWuhGa"
KEY = bytes(range(32))
ONCE = "<ct<AAECAwQFBgcICQoLLWO1cIWAunrgMfvun4oXAFs1Y8YIL++rvxFQDVviL5A=>ct>"
OVER = (
    "<ct<DA0ODxAREhMUFRYXpJ0d5D43uRB2XRmT0+xFrhZSgqK6KnSb+OutoZHOsp1hkRxQj/FJOV61fWO3lEOTwH2Qo9+MUuIKqQw19tgLhSVJNPW"
    "uukmQ9TuhEAB0VDlIoMDR>ct>"
)


@pytest.mark.parametrize(("account", "plain", "sealed"), LEGACY)
def test_legacy_vectors_go_both_ways(account: str, plain: str, sealed: str) -> None:
    """For any account of seven characters or more the key is sixteen zero bytes."""
    assert legacy_seal(account, plain.encode()) == sealed
    assert legacy_open(account, sealed) == plain.encode()


def test_the_key_is_zero_where_the_password_is_too_long() -> None:
    """Of a short account it is the password, padded."""
    assert legacy_keys(REAL)[0] == bytes(16)
    assert legacy_keys(SHORT)[0].hex() == "4c7133667a74657374624c7469320000"
    assert legacy_keys(REAL)[1].hex() == "4c7133667a5a57572d5757572d575752"


def test_two_layers_are_one_over_the_other() -> None:
    """What a change of level leaves behind."""
    inner = legacy_open(REAL, TWICE)

    assert inner is not None
    assert legacy_open(REAL, inner.decode()) == b"jack@example.com"


def test_gcm_vectors_go_both_ways() -> None:
    """Once, and once more over that."""
    assert gcm_seal(KEY, bytes(range(12)), b"jack@example.com") == ONCE
    assert gcm_seal(KEY, bytes(range(12, 24)), ONCE.encode()) == OVER
    assert gcm_open(KEY, OVER) == ONCE.encode()
    assert gcm_open(KEY, ONCE) == b"jack@example.com"
    assert gcm_open(bytes(32), ONCE) is None


@given(account=st.text(min_size=1, max_size=20), plain=st.text(min_size=1, max_size=200))
def test_whatever_was_sealed_opens(account: str, plain: str) -> None:
    """But for what nobody writes into a profile: control characters."""
    opened = legacy_open(account, legacy_seal(account, plain.encode("utf-8", "replace")))

    assert opened is None or opened == plain.encode("utf-8", "replace")


@given(text=st.text(max_size=200), noise=st.binary(max_size=120))
def test_nothing_else_raises(text: str, noise: bytes) -> None:
    """Whatever stands in a file."""
    legacy_open(REAL, text)
    gcm_open(KEY, text)
    key = FoundKey(layer=LegacyAes.layer, source="a test", secret=bytes(16))
    assert LegacyAes().open(noise, key, None) is None or not LegacyAes().fault(noise)
    assert isinstance(LegacyAes().fault(noise), str)
    assert isinstance(KeychainGcm().fault(noise), str)


def test_nothing_at_all_is_no_ciphertext() -> None:
    """It has no last block to look at."""
    key = FoundKey(layer=LegacyAes.layer, source="a test", secret=bytes(16))

    assert LegacyAes().fault(b"") == "no text in Base64"
    assert LegacyAes().open(b"", key, None) is None


def test_an_attacker_with_files_has_the_legacy_key_and_names_the_other() -> None:
    """The one is a constant; the other an item of the keychain."""
    record = Record(locator=Locator(path="Library/clevertap-TEST-AAA-BBBB-events.plist"), value="x")
    (constant, *_) = LegacyAes().keys([record])
    (item,) = KeychainGcm().keys([record])

    assert constant.secret == bytes(16)
    assert (item.alias, item.secret) == ("EncryptionKey", b"")
    assert LegacyAes().open(LEGACY[0][2].encode(), constant, None) == b"jack@example.com"
    assert list(LegacyAes().keys([])) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_says_what_it_stores(version: str) -> None:
    """Levels came with 5.2.0, the second one with 7.4.0."""
    levels = traits(version).levels
    order = VERSIONS.index(version)

    assert bool(levels) is (order >= VERSIONS.index("5.2.0"))
    assert (2 in levels) is (order >= VERSIONS.index("7.4.0"))
