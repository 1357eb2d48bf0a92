"""Passwords of backups: each is asked for once, and what takes seconds to derive from one is kept for the run."""

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.errors import SourceError

__all__ = ["Passwords"]


@dataclass(slots=True, repr=False)
class Passwords:
    """Where passwords come from, and what was made of them; nothing of either is ever shown."""

    ask: Callable[[str], str | None] = lambda _source: None
    """The password of a source, by its name; None where nobody can be asked."""
    _told: dict[str, str | None] = field(default_factory=dict)
    _derived: dict[tuple[object, ...], bytes] = field(default_factory=dict)

    def of(self, source: str) -> str:
        """The password of a source that turned out to be encrypted.

        Raises:
            SourceError: there is none.
        """
        if source not in self._told:
            self._told[source] = self.ask(source)
        told = self._told[source]
        if told is None:
            raise SourceError(
                f"the backup is encrypted: {source}", hint="give its password by --backup-password-file FILE"
            )
        return told

    def wrong(self, source: str) -> SourceError:
        """What to say where the password opens nothing."""
        return SourceError(
            f"that is not the password of the backup: {source}",
            hint="it is the password that was set for backups, not that of the screen or the account",
        )

    def derived(self, *made_of: object, by: Callable[[], bytes]) -> bytes:
        """A key that depends on `made_of` alone, made once."""
        if made_of not in self._derived:
            self._derived[made_of] = by()
        return self._derived[made_of]
