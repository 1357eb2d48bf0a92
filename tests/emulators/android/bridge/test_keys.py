"""adb keys, against those that adb-shell makes and signs with."""

import base64
import secrets
from pathlib import Path

import pytest
from adb_shell.auth.sign_pythonrsa import PythonRSASigner
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.keys import TOKEN_BYTES, KeyRefused, parse_public_key


def test_a_signature_of_the_token_is_recognised(key_file: Path) -> None:
    """And no other: not of another token, not a bit off, not too long or too short."""
    public = key_file.with_suffix(".pub").read_bytes()
    signer = PythonRSASigner(public.decode(), key_file.read_text())
    key = parse_public_key(public)
    token = secrets.token_bytes(TOKEN_BYTES)
    signature = signer.Sign(token)

    assert key.signed(token, signature)
    assert not key.signed(secrets.token_bytes(TOKEN_BYTES), signature)
    assert not key.signed(token, bytes([signature[0] ^ 1]) + signature[1:])
    assert not key.signed(token, signature[:-1])
    assert not key.signed(token, b"\0" + signature)
    assert not key.signed(token + b"\0", signature)
    assert not key.signed(token, b"\xff" * 256)


def test_a_key_is_its_numbers(key_file: Path) -> None:
    """With or without the owner's name, and however the text ends."""
    public = key_file.with_suffix(".pub").read_bytes()
    bare = public.split(b" ", maxsplit=1)[0]
    key = parse_public_key(bare + b" jane@example.org\0")

    assert key == parse_public_key(bare) == parse_public_key(bare + b"\n")
    assert key.owner == "jane@example.org"
    assert len(key.fingerprint.split(":")) == 16
    assert str(key.modulus) not in repr(key)


@pytest.mark.parametrize("place", [0, 8, 263, 520])
def test_a_key_whose_numbers_make_no_sense_is_refused(key_file: Path, place: int) -> None:
    """Word count, an even modulus, a short one, an unheard-of exponent."""
    raw = bytearray(base64.b64decode(key_file.with_suffix(".pub").read_bytes().split(b" ")[0]))
    raw[place] = 0

    with pytest.raises(KeyRefused):
        parse_public_key(base64.b64encode(raw))


@given(st.binary(max_size=6000) | st.binary(min_size=524, max_size=524).map(base64.b64encode))
def test_noise_is_no_key(noise: bytes) -> None:
    """One typed error, or, once in a universe, a key."""
    with pytest.raises(KeyRefused):
        parse_public_key(noise)
