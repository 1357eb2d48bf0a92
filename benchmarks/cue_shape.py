"""What a multi-pattern engine can hold on to in an expression: the longest literal that every match has."""

import re
from typing import Any

__all__ = ["least_literal"]

_parser: Any = __import__("re._parser", fromlist=["parse"])
_GROUPS = frozenset({"SUBPATTERN", "ATOMIC_GROUP"})
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


def least_literal(expression: bytes) -> int:
    """Bytes of the longest row of literals that is in each way to match, of the way that has the shortest."""
    return min(max(map(len, way), default=0) for way in _ways(_parser.parse(expression, re.DOTALL)))


_MOST = 512
"""Ways that are told apart; of more, the rest counts as without any."""


def _ways(parsed: Any) -> list[tuple[str, ...]]:
    """Each way as its rows of literals; a letter of either case counts as one."""
    ways: list[tuple[str, ...]] = [("",)]
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL" or (name == "IN" and _is_narrow(argument)):
            tails: list[tuple[str, ...]] = [("x",)]
        elif name in _GROUPS:
            tails = _ways(argument[-1] if name == "SUBPATTERN" else argument)
        elif name == "BRANCH":
            tails = [way for branch in argument[1] for way in _ways(branch)]
        elif name in _REPEATS and argument[0] == argument[1]:
            tails = [_joined([way] * min(argument[0], 8)) for way in _ways(argument[2])]
        elif name in _REPEATS:
            tails = [(*_joined([way] * min(argument[0], 8)), "") for way in _ways(argument[2])]
        elif name in {"AT", "ASSERT", "ASSERT_NOT"}:
            continue
        else:
            tails = [("", "")]
        ways = [_joined([way, tail]) for way in ways for tail in tails][:_MOST]
    return ways


def _is_narrow(members: Any) -> bool:
    """Whether a class is two characters, which an engine writes out as it does with the cases of a letter."""
    return len(members) <= 2 and all(str(operation) == "LITERAL" for operation, _ in members)


def _joined(parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The last row of each goes on in the first of the next; of all between, only the longest matters."""
    out: tuple[str, ...] = ("",)
    for part in parts:
        out = (*out[:-1], out[-1] + part[0], *part[1:])
    if len(out) > 3:
        out = (out[0], max(out[1:-1], key=len), out[-1])
    return out
