"""Short texts in files that do not say in which encoding they are: UTF-8 where they can be, else Latin-1."""

from collections.abc import Iterator

__all__ = ["latin", "plain_text"]


def plain_text(raw: bytes) -> str:
    """UTF-8 where it is, else Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def latin(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Of a text that is not UTF-8, each byte above ASCII is two in UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        for index, byte in enumerate(raw):
            if byte >= 0x80:
                yield index, index + 1, chr(byte).encode("utf-8")
