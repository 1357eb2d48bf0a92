"""Reads one JSON document token by token, with offsets.

Driven by regular expressions, because the standard parser gives no offsets, keeps one of two equal keys and recurses;
it still unescapes the strings.
"""

import json
import re
from collections.abc import Generator

from harness.errors import FormatError, LimitError
from harness.formats._tokens import Role, Token
from harness.model import Scalar, Step

__all__ = ["Scanner", "unescaped"]

_STRING = rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
_VALUE = re.compile(
    rb"[ \t\r\n]*+(?:"
    + _STRING
    + rb"|(-?(?:0|[1-9]\d*+)(\.\d++)?([eE][-+]?\d++)?)|(true|false|null|NaN|-?Infinity)|([{\[]))",
    re.DOTALL,
)
_KEY = re.compile(rb"[ \t\r\n]*+" + _STRING + rb"[ \t\r\n]*+:", re.DOTALL)
_NEXT = re.compile(rb"[ \t\r\n]*+([,}\]])")
_EMPTY = re.compile(rb"[ \t\r\n]*+([}\]])")
_WORDS: dict[bytes, Scalar] = {
    b"true": True,
    b"false": False,
    b"null": None,
    b"NaN": float("nan"),
    b"Infinity": float("inf"),
    b"-Infinity": float("-inf"),
}
_UNESCAPE = json.JSONDecoder(strict=False)  # control characters in strings are read, not refused
_MOST_DIGITS = 4000  # Python refuses to convert numbers of more than 4,300 digits


class Scanner:
    """Reads one document between two offsets."""

    def __init__(self, data: bytes, at: int, stop: int, depth: int) -> None:
        self.data = data
        self.at = at
        self.stop = stop
        self.depth = depth
        self.stack: list[tuple[tuple[Step, ...], int]] = []
        """Of every open container: its steps, and the index of its next element; -1 for an object."""
        self.names: dict[bytes, str] = {}

    def scan(self, steps: tuple[Step, ...]) -> Generator[Token, None, int]:
        """Tokens of one document; returns where it ends.

        Raises:
            FormatError: from the first fault on.
        """
        while True:
            found = _VALUE.match(self.data, self.at, self.stop)
            if found is None:
                raise FormatError(f"no JSON value at byte {self.at}")
            self.at = found.end()
            opened = found.lastindex == 6
            if opened:
                yield self._open(found, steps)
            else:
                yield _scalar(found, steps)
            ended = _EMPTY.match(self.data, self.at, self.stop) if opened else None
            while ended is not None or not opened:
                if not self.stack:
                    return self.at
                ended = ended or _NEXT.match(self.data, self.at, self.stop)
                if ended is None or (ended[1] != b"," and ended[1] != self._bracket()):
                    raise FormatError(f"neither comma nor closing bracket at byte {self.at}")
                self.at = ended.end()
                if ended[1] == b",":
                    break
                yield Token(self.at - 1, self.at, self.stack.pop()[0], Role.SYNTAX)
                opened, ended = False, None
            inside, index = self.stack[-1]
            if index < 0:
                key = self._key(inside)
                yield key
                steps = key.steps
            else:
                steps = (*inside, index)
                self.stack[-1] = (inside, index + 1)

    def _open(self, found: re.Match[bytes], steps: tuple[Step, ...]) -> Token:
        if len(self.stack) >= self.depth:
            raise LimitError(f"more than {self.depth} objects within each other")
        self.stack.append((steps, -1 if found[6] == b"{" else 0))
        return Token(found.start(6), found.end(), steps, Role.SYNTAX)

    def _bracket(self) -> bytes:
        return b"}" if self.stack[-1][1] < 0 else b"]"

    def _key(self, inside: tuple[Step, ...]) -> Token:
        found = _KEY.match(self.data, self.at, self.stop)
        if found is None:
            raise FormatError(f"no name at byte {self.at}")
        self.at = found.end()
        raw = found[1]
        name = self.names.get(raw)
        if name is None:
            name = self.names[raw] = unescaped(raw, found.start(1))
        return Token(found.start(1), found.end(1), (*inside, name), Role.KEY, name)


def _scalar(found: re.Match[bytes], steps: tuple[Step, ...]) -> Token:
    kind = found.lastindex
    if kind == 1:
        return Token(found.start(1), found.end(1), steps, Role.VALUE, unescaped(found[1], found.start(1)))
    if kind == 5:
        return Token(found.start(5), found.end(5), steps, Role.VALUE, _WORDS[found[5]])
    digits = found[2]
    return Token(found.start(2), found.end(2), steps, Role.VALUE, _number(digits, bool(found[3] or found[4])))


def _number(digits: bytes, is_real: bool) -> Scalar:
    if is_real:
        return float(digits)
    return int(digits) if len(digits) < _MOST_DIGITS else digits.decode()


def unescaped(raw: bytes, at: int) -> str:
    try:
        text = raw.decode("utf-8", "surrogatepass")
        return str(_UNESCAPE.decode(f'"{text}"')) if "\\" in text else text
    except ValueError as error:
        raise FormatError(f"a string that is not JSON at byte {at}") from error
