"""The AES key wrap of RFC 3394, in which a keybag holds its keys."""

__all__ = ["unwrapped", "wrapped"]


def unwrapped(key: bytes, sealed: bytes) -> bytes | None:
    """What was wrapped with a key; nothing where it was another key, or nothing was wrapped at all."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - the library starts a C parser

    try:
        return bytes(AES.new(key, AES.MODE_KW).unseal(sealed))
    except ValueError:
        return None


def wrapped(key: bytes, plain: bytes) -> bytes:
    """A key of 16 bytes or more, in steps of 8, wrapped with another."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - as above

    return bytes(AES.new(key, AES.MODE_KW).seal(plain))
