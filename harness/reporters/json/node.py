"""A value of a JSON document that knows its own path, so that a wrong shape is refused by name: `$.checks[3].id`."""

import json
import math
from collections.abc import Iterator
from typing import NoReturn

from harness.errors import SourceError

__all__ = ["Node", "parse"]


class Node:
    """A value and where it is. Each method gives it as one type, or refuses; no message repeats the value.

    A result has a node for every value in it, so a node is no dataclass and spells its path only when it refuses.
    """

    __slots__ = ("_above", "_step", "value")

    def __init__(self, value: object, step: str | int = "$", above: "Node | None" = None) -> None:
        self.value = value
        self._step = step
        self._above = above

    def __repr__(self) -> str:
        return f"Node({self.path})"

    @property
    def path(self) -> str:
        """As one would write it: `$.checks[3].id`."""
        if self._above is None:
            return str(self._step)
        step = self._step
        if isinstance(step, int):
            return f"{self._above.path}[{step}]"
        return f"{self._above.path}.{step}" if step.isidentifier() else f"{self._above.path}[{json.dumps(step)}]"

    def fail(self, expected: str) -> NoReturn:
        """Refuse this value.

        Raises:
            SourceError: always.
        """
        raise SourceError(
            f"the result does not have the expected shape: {self.path} must be {expected}",
            hint="give a result.json that this version wrote",
        )

    def __getitem__(self, key: str) -> "Node":
        if not isinstance(self.value, dict):
            self.fail("an object")
        if key not in self.value:
            Node(None, key, self).fail("there")
        return Node(self.value[key], key, self)

    def members(self) -> Iterator[tuple[str, "Node"]]:
        """The members of an object."""
        if not isinstance(self.value, dict):
            self.fail("an object")
        for key, value in self.value.items():
            yield key, Node(value, key, self)

    def items(self) -> Iterator["Node"]:
        """The items of an array."""
        if not isinstance(self.value, list):
            self.fail("an array")
        for index, value in enumerate(self.value):
            yield Node(value, index, self)

    @property
    def missing(self) -> bool:
        """It is null."""
        return self.value is None

    def text(self) -> str:
        return self.value if isinstance(self.value, str) else self.fail("text")

    def flag(self) -> bool:
        return self.value if isinstance(self.value, bool) else self.fail("true or false")

    def whole(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.fail("a whole number")
        return self.value

    def number(self) -> float:
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            self.fail("a number")
        try:
            number = float(self.value)
        except OverflowError:
            number = math.inf
        return number if math.isfinite(number) else self.fail("a finite number")

    def step(self) -> str | int:
        """A step of a locator."""
        return self.value if isinstance(self.value, str) else self.whole()

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def words(self) -> dict[str, str]:
        """An object that holds nothing but text."""
        return {key: value.text() for key, value in self.members()}

    def text_or_none(self) -> str | None:
        return None if self.missing else self.text()

    def whole_or_none(self) -> int | None:
        return None if self.missing else self.whole()

    def flag_or_none(self) -> bool | None:
        return None if self.missing else self.flag()


def parse(text: str) -> Node:
    """The document that a text holds.

    Raises:
        SourceError: it is no JSON.
    """
    try:
        return Node(json.loads(text))
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError(f"the result is not JSON{where}", hint="give a result.json that this tool wrote") from error
