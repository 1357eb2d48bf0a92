"""Keys: framed ones whole, raw ones by their length, variety and name."""

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.crypto_key import CryptoKey

KEY = CryptoKey()


def found(text: bytes) -> list[tuple[bytes, float]]:
    return [(text[m.start : m.end], m.confidence) for m in KEY.confirm(Window(text, 0, len(text), 0, len(text)))]


@given(
    seed=st.integers(0, 2**32),
    size=st.sampled_from([16, 24, 32]),
    as_hex=st.booleans(),
    frame=st.sampled_from(
        ["aes_key={}", '{{"encryptionKey":"{}"}}', '<string name="db_key">{}</string>', "masterKey: {}"]
    ),
)
def test_raw_keys_are_found_under_their_names(seed: int, size: int, as_hex: bool, frame: str) -> None:
    """Of any size that a cipher takes, in hex or Base64; under another name they are any bytes."""
    raw = random.Random(seed).randbytes(size)
    value = raw.hex() if as_hex else base64.b64encode(raw).decode()

    assert [text for text, _ in found(frame.format(value).encode())] == [value.encode()]
    assert found(f"etag={value}".encode()) == []
    assert found(f"public_key={value}".encode()) == []


@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "]))
def test_a_private_key_is_found_from_its_first_line_to_its_last(seed: int, kind: str) -> None:
    """What is left uncovered would be shown; one that a password seals is less."""
    body = base64.encodebytes(random.Random(seed).randbytes(600)).decode()
    text = f"-----BEGIN {kind}PRIVATE KEY-----\n{body}-----END {kind}PRIVATE KEY-----"

    assert found(f"a\n{text}\nb".encode()) == [(text.encode(), 0.7 if kind == "ENCRYPTED " else 0.98)]


@pytest.mark.parametrize("word", ["PUBLIC KEY", "CERTIFICATE", "CERTIFICATE REQUEST", "PGP SIGNATURE"])
def test_what_anybody_may_have_is_none(word: str) -> None:
    """Public keys, certificates and signatures."""
    body = base64.encodebytes(random.Random(1).randbytes(200)).decode()

    assert found(f"-----BEGIN {word}-----\n{body}-----END {word}-----".encode()) == []
