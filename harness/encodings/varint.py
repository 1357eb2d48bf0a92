"""Numbers of seven bits a byte, the lowest first, as protocol buffers, LevelDB, Snappy and MMKV write them."""

__all__ = ["framed", "varint", "varint_bytes"]

_MOST_BITS = 70
"""Ten bytes; no writer has more."""
_MASK = (1 << 64) - 1


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number and where it ends; -1 where it does not end before `end`, or before the data does."""
    value = shift = 0
    end = min(end, len(data))
    while at < end and shift < _MOST_BITS:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    return -1, at


def varint_bytes(value: int) -> bytes:
    """A number of up to 64 bits as it is written; a negative one in ten bytes."""
    value &= _MASK
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def framed(data: bytes) -> bytes:
    """Bytes behind their length."""
    return varint_bytes(len(data)) + data
