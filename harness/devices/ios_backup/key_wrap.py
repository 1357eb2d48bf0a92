"""The AES key wrap of RFC 3394, in which a keybag holds its keys."""

import hmac

__all__ = ["unwrapped", "wrapped"]

_START = bytes.fromhex("A6A6A6A6A6A6A6A6")
_HALF = 8


def unwrapped(key: bytes, sealed: bytes) -> bytes | None:
    """What was wrapped with a key; nothing where it was another key."""
    count = len(sealed) // _HALF - 1
    if count < 2 or len(sealed) % _HALF:
        return None
    cipher = _cipher(key)
    check = int.from_bytes(sealed[:_HALF], "big")
    parts = [sealed[at : at + _HALF] for at in range(_HALF, len(sealed), _HALF)]
    for step in range(6 * count, 0, -1):
        index = (step - 1) % count
        block = cipher.decrypt((check ^ step).to_bytes(_HALF, "big") + parts[index])
        check, parts[index] = int.from_bytes(block[:_HALF], "big"), block[_HALF:]
    return b"".join(parts) if hmac.compare_digest(check.to_bytes(_HALF, "big"), _START) else None


def wrapped(key: bytes, plain: bytes) -> bytes:
    """A key of 16 bytes or more, in steps of 8, wrapped with another."""
    cipher = _cipher(key)
    check = int.from_bytes(_START, "big")
    parts = [plain[at : at + _HALF] for at in range(0, len(plain), _HALF)]
    for step in range(1, 6 * len(parts) + 1):
        index = (step - 1) % len(parts)
        block = cipher.encrypt(check.to_bytes(_HALF, "big") + parts[index])
        check, parts[index] = int.from_bytes(block[:_HALF], "big") ^ step, block[_HALF:]
    return check.to_bytes(_HALF, "big") + b"".join(parts)


class _cipher:  # noqa: N801 - reads as a function
    """AES, block by block."""

    def __init__(self, key: bytes) -> None:
        from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

        self._cipher = AES.new(key, AES.MODE_ECB)

    def encrypt(self, block: bytes) -> bytes:
        return bytes(self._cipher.encrypt(block))

    def decrypt(self, block: bytes) -> bytes:
        return bytes(self._cipher.decrypt(block))
