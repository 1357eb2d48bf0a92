"""Keys are wrapped as RFC 3394 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices._ios_backup.key_wrap import unwrapped, wrapped

KEY = bytes(range(32))
DATA = bytes.fromhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")
VECTORS = (
    (16, 16, "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"),
    (24, 16, "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D"),
    (32, 16, "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"),
    (24, 24, "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2"),
    (32, 24, "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1"),
    (32, 32, "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"),
)
"""RFC 3394, 4.1 to 4.6: bytes of the key that wraps, of what is wrapped, and what comes of it."""


@pytest.mark.parametrize(("key", "data", "sealed"), VECTORS)
def test_the_vectors_of_the_rfc(key: int, data: int, sealed: str) -> None:
    """Both ways."""
    assert wrapped(KEY[:key], DATA[:data]) == bytes.fromhex(sealed)
    assert unwrapped(KEY[:key], bytes.fromhex(sealed)) == DATA[:data]


@given(st.binary(min_size=16, max_size=64).map(lambda data: data[: len(data) // 8 * 8]), st.data())
def test_what_was_changed_or_wrapped_with_another_key_is_nothing(data: bytes, draw: st.DataObject) -> None:
    """One bit is enough."""
    sealed = bytearray(wrapped(KEY, data))
    at = draw.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[at // 8] ^= 1 << at % 8

    assert unwrapped(KEY, wrapped(KEY, data)) == data
    assert unwrapped(KEY, bytes(sealed)) is None
    assert unwrapped(KEY[::-1], wrapped(KEY, data)) is None


@given(st.binary(max_size=80))
def test_noise_is_nothing(noise: bytes) -> None:
    """Of any length."""
    assert unwrapped(KEY, noise) is None
