"""SQL as SQLite keeps it in the schema table, cut into tokens.

Specified at https://sqlite.org/lang.html; only what declarations of tables and indices need.
"""

import re
from collections.abc import Sequence

from harness.errors import FormatError
from harness.model import Scalar

__all__ = ["Tokens", "identifier", "items", "literal", "tokens"]

Tokens = Sequence[str]

_LONGEST = 1_000_000
"""SQLite's own limit on the length of a statement."""
# An open quote or comment runs to the end, so that hostile text is read once.
_TOKEN = re.compile(
    r"""(?:\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
      |([xX]'[^']*(?:'|\Z)
      |"(?:[^"]|"")*(?:"|\Z) | `(?:[^`]|``)*(?:`|\Z) | \[[^\]]*(?:\]|\Z) | '(?:[^']|'')*(?:'|\Z)
      |0[xX][0-9a-fA-F]+ | (?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w$])
      |[\w$]+
      |.)""",
    re.DOTALL | re.VERBOSE,
)
_QUOTES = {'"': '"', "`": "`", "'": "'", "[": "]"}
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")


def tokens(sql: str) -> list[str]:
    """The tokens of a statement, without space and comments.

    Raises:
        FormatError: it is longer than SQLite allows.
    """
    if len(sql) > _LONGEST:
        raise FormatError("a declaration is longer than SQLite allows")
    return [match[1] for match in _TOKEN.finditer(sql) if match[1]]


def identifier(token: str) -> str:
    """The name that a token stands for."""
    close = _QUOTES.get(token[:1])
    if close is None:
        return token
    inner = token[1:-1] if len(token) > 1 and token.endswith(close) else token[1:]
    return inner if close == "]" else inner.replace(close * 2, close)


def items(body: Tokens, start: int) -> tuple[list[list[str]], int]:
    """What stands between the parenthesis at `start` and its partner, cut at commas; and where that ends.

    Raises:
        FormatError: there is no parenthesis, or it is never closed.
    """
    if start >= len(body) or body[start] != "(":
        raise FormatError("a declaration has no list where one belongs")
    found: list[list[str]] = [[]]
    depth = 1
    for at in range(start + 1, len(body)):
        word = body[at]
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return [item for item in found if item], at + 1
        if word == "," and depth == 1:
            found.append([])
        else:
            found[-1].append(word)
    raise FormatError("a declaration ends before its list does")


def literal(words: Tokens) -> Scalar:
    """The value of a default where it is a plain literal, else `None`."""
    while len(words) > 2 and words[0] == "(" and words[-1] == ")":
        words = words[1:-1]
    sign = 1
    while words and words[0] in ("+", "-"):
        sign, words = (-sign if words[0] == "-" else sign), words[1:]
    if len(words) != 1:
        return None
    number = _numeral(words[0])
    if number is not None:
        return sign * number
    return _word(words[0]) if sign == 1 else None


def _numeral(word: str) -> int | float | None:
    if word[:2].lower() == "0x":
        number = int(word, 16) & (1 << 64) - 1
        return number - (1 << 64) if number >> 63 else number
    if not _NUMBER.fullmatch(word):
        return None
    whole = int(word) if word.isdigit() and len(word) < 20 else None
    return whole if whole is not None and whole < 1 << 63 else float(word)


def _word(word: str) -> Scalar:
    if word[0] in "xX" and word[1:2] == "'":
        try:
            return bytes.fromhex(word[2:-1])
        except ValueError:
            return None
    upper = word.upper()
    if upper in ("NULL", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"):
        return None
    return {"TRUE": 1, "FALSE": 0}.get(upper, identifier(word))
