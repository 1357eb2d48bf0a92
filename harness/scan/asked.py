"""An app's keystore, asked for a scan: many questions at once where it is far away, and silence is no no."""

from collections.abc import Iterable

from harness.devices.base import Holder, Remote
from harness.errors import DeviceError, Unanswered
from harness.model import Access

__all__ = ["Asked", "Question", "Wishes"]

Question = tuple[str, bytes]
"""The alias of a key, and what was sealed with it."""


class Asked:
    """A `Holder` that knows some answers already."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._answers: dict[Question, bytes | DeviceError] = {}
        self.is_remote = isinstance(holder, Remote)
        """Whether it is worth while to ask ahead."""
        self.silence = ""
        """Why it last did not answer; whoever asks clears it before."""

    @property
    def attackers(self) -> frozenset[Access]:
        return self._holder.attackers

    @property
    def is_portable(self) -> bool:
        return self._holder.is_portable

    def foresee(self, questions: Iterable[Question]) -> None:
        """Ask now what will be asked soon; earlier answers are forgotten."""
        by_alias: dict[str, dict[bytes, None]] = {}
        for alias, sealed in questions:
            by_alias.setdefault(alias, {})[sealed] = None
        self._answers = {}
        if isinstance(self._holder, Remote):
            for alias, sealed_ones in by_alias.items():
                answers = self._holder.open_all(alias, [*sealed_ones])
                self._answers.update(zip(((alias, each) for each in sealed_ones), answers, strict=True))

    def open(self, alias: str, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            AccessDenied: the keystore refuses, or has no key of that name.
            Unanswered: it could not be asked.
            DeviceError: it was sealed with another key, or is damaged.
        """
        try:
            known = self._answers.get((alias, sealed))
            if known is None:
                return self._holder.open(alias, sealed)
            if isinstance(known, DeviceError):
                raise known
        except Unanswered as silence:
            self.silence = str(silence)
            raise
        return known


class Wishes:
    """A keystore that opens nothing and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def open(self, alias: str, sealed: bytes) -> bytes:
        """Nothing, ever."""
        self.asked.append((alias, sealed))
        raise DeviceError("answered later")
