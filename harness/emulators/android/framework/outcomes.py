"""How calls ended whose callers ask for it later: stubs that have one socket and no descriptors to give away."""

from collections import OrderedDict

__all__ = ["Outcomes"]

_KEPT = 256


class Outcomes:
    """Exit codes, and what was said on standard error, until they are asked for; the oldest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str], bytes] = OrderedDict()

    def put(self, uid: int, ticket: str, code: int, said: bytes) -> None:
        """Keep what a call came to."""
        self._kept[uid, ticket] = f"{code}\n".encode() + said
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def take(self, uid: int, ticket: str) -> bytes:
        """What a call of this caller came to, once; empty where there is none."""
        return self._kept.pop((uid, ticket), b"")
