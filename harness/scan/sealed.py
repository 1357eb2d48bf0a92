"""Ciphertext in decoded values: recognised by its marks, and tried with every key that an attacker can have.

"Encrypted" is said of what was tried with all of them and stayed shut; what opened goes on as any other value, and
says which key opened it and who has that key.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from harness.devices.base import Holder
from harness.errors import AccessDenied, DeviceError, FormatError
from harness.formats.base import as_bytes
from harness.model import Access, Record, Scalar, SealState, Value
from harness.scan.asked import Asked, Wishes
from harness.sdks.base import Cipher, FoundKey

__all__ = ["SHUT", "Keyring", "Lock", "Opener", "Seal", "Unsealed"]

_KEYS = 32
"""Keys that are tried on one ciphertext, at most."""
_REMEMBERED = 4096
"""Ciphertexts of which the outcome is kept: an identity stands in many places."""
_EVERYBODY = frozenset(Access)
_AHEAD = 512
"""Values that are looked at before the first of them is handed on."""
_AHEAD_BYTES = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What became of one ciphertext."""

    sdk: str
    layer: str
    state: SealState
    reason: str
    """Which key opened it, or why none did."""
    opened_by: frozenset[Access] = frozenset()
    """Attackers who have the key."""
    by_code: bool = False
    """By running as the app, as the key is in no file."""
    untried_by: frozenset[Access] = frozenset()
    """Attackers who may have a key that we had not."""

    @property
    def is_open(self) -> bool:
        return self.state is SealState.OPENED

    def under(self, outer: "Seal | None") -> "Seal":
        """The seal of what was sealed twice: who opens it has both keys."""
        if outer is None:
            return self
        return Seal(
            sdk=self.sdk,
            layer=self.layer,
            state=self.state,
            reason=self.reason if self.reason == outer.reason else f"{outer.reason}, then {self.reason}",
            opened_by=self.opened_by & outer.opened_by,
            by_code=self.by_code or outer.by_code,
            untried_by=self.untried_by & outer.opened_by,
        )


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A ciphertext in a value, and what was in it."""

    start: int
    end: int
    seal: Seal
    plain: bytes = field(default=b"", repr=False)
    """Empty where nothing opened it."""


@dataclass(frozen=True, slots=True)
class Lock:
    """One cipher of one SDK."""

    sdk: str
    cipher: Cipher


@dataclass(frozen=True, slots=True)
class _Try:
    lock: Lock
    key: FoundKey
    holder: Asked | None = field(repr=False)
    opened_by: frozenset[Access]


class Opener:
    """All keys of one app, and what they open."""

    def __init__(self, locks: Sequence[Lock], tries: Sequence[_Try]) -> None:
        self._locks = locks
        self._tries = tries[:_KEYS]
        self._known: dict[bytes, tuple[Seal, bytes]] = {}
        self._is_remote = any(each.holder is not None and each.holder.is_remote for each in self._tries)

    def opened(self, data: bytes) -> Iterator[Unsealed]:
        """Every ciphertext in a value, in order; those that overlap as the longest."""
        spans: dict[tuple[int, int], list[Lock]] = {}
        for lock in self._locks:
            if lock.cipher.sign in data:
                for found in lock.cipher.pattern.finditer(data):
                    spans.setdefault(found.span(), []).append(lock)
        reached = 0
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start >= reached:
                seal, plain = self._tried(data[start:end], spans[start, end])
                if seal.is_open or _is_marked(spans[start, end]):
                    reached = end
                    yield Unsealed(start, end, seal, plain)

    def whole(self, data: bytes) -> Unsealed | None:
        """The value where it is one ciphertext and nothing else."""
        locks = [
            lock
            for lock in self._locks
            if data.startswith(lock.cipher.sign) and lock.cipher.pattern.fullmatch(data) is not None
        ]
        if not locks:
            return None
        seal, plain = self._tried(data, locks)
        return Unsealed(0, len(data), seal, plain) if seal.is_open or _is_marked(locks) else None

    def foreseen(self, values: Iterator[Value]) -> Iterator[Value]:
        """The same values; a keystore that is far away was asked about what is in them, many at a time.

        Raises:
            FormatError: once the values before the damage were handed on.
        """
        if not self._is_remote:
            yield from values
            return
        damage: FormatError | None = None
        while damage is None:
            ahead: list[Value] = []
            size = 0
            try:
                while len(ahead) < _AHEAD and size < _AHEAD_BYTES:
                    ahead.append(value := next(values))
                    size += len(value.value) if isinstance(value.value, str | bytes) else 1
            except StopIteration:
                self.foresee(each.value for each in ahead)
                yield from ahead
                return
            except FormatError as error:
                damage = error
            self.foresee(each.value for each in ahead)
            yield from ahead
        raise damage

    def foresee(self, values: Iterable[Scalar]) -> None:
        """Ask a keystore that is far away about every ciphertext in these values."""
        if not self._is_remote:
            return
        texts = [as_bytes(value) for value in values if isinstance(value, str | bytes)]
        for each in self._tries:
            if each.holder is not None and each.key.alias:
                each.holder.foresee(self._questions(each, texts))

    def _questions(self, each: "_Try", texts: Sequence[bytes]) -> list[tuple[str, bytes]]:
        wishes = Wishes()
        cipher = each.lock.cipher
        for text in texts:
            for found in cipher.pattern.finditer(text) if cipher.sign in text else ():
                if found[0] not in self._known:
                    with suppress(DeviceError):
                        cipher.open(found[0], each.key, wishes)
        return wishes.asked

    def _tried(self, sealed: bytes, locks: Sequence[Lock]) -> tuple[Seal, bytes]:
        known = self._known.get(sealed)
        if known is None:
            known = self._outcome(sealed, locks)
            if len(self._known) < _REMEMBERED:
                self._known[sealed] = known
        return known

    def _outcome(self, sealed: bytes, locks: Sequence[Lock]) -> tuple[Seal, bytes]:
        faults = [lock.cipher.fault(sealed) for lock in locks]
        if all(faults):
            return _shut(locks[0], SealState.MALFORMED, faults[0]), b""
        tried: list[str] = []
        missing = ""
        for each in self._tries:
            if not any(each.lock is lock for lock in locks):
                continue
            if each.key.alias and each.holder is None:
                missing = f"{each.key.source}: nobody asked the keystore"
                continue
            plain, refusal = _asked(each, sealed)
            if plain is not None:
                return _open(each), plain
            if each.holder is not None and each.holder.silence:
                missing = f"{each.key.source}: {each.holder.silence}"
                continue
            tried.append(f"{each.key.source}: {refusal or 'does not open it'}")
        lock = next(lock for lock, fault in zip(locks, faults, strict=True) if not fault)
        if missing:
            return _shut(lock, SealState.NO_KEY, missing, frozenset({Access.ROOT_CODE})), b""
        if not tried:
            return _shut(lock, SealState.NO_KEY, lock.cipher.lacking, _EVERYBODY), b""
        return _shut(lock, SealState.RESISTED, "; ".join(dict.fromkeys(tried))), b""


def _is_marked(locks: Sequence[Lock]) -> bool:
    """Whether what stays shut is ciphertext all the same."""
    return any(lock.cipher.marked for lock in locks)


SHUT = Opener((), ())
"""Of an app of which no SDK that seals anything is known."""


def _asked(each: _Try, sealed: bytes) -> tuple[bytes | None, str]:
    if each.holder is not None:
        each.holder.silence = ""
    try:
        return each.lock.cipher.open(sealed, each.key, each.holder), ""
    except AccessDenied as refusal:
        return None, str(refusal)
    except DeviceError:
        return None, ""


def _open(each: _Try) -> Seal:
    return Seal(
        sdk=each.lock.sdk,
        layer=each.key.layer,
        state=SealState.OPENED,
        reason=each.key.source,
        opened_by=each.opened_by,
        by_code=bool(each.key.alias),
    )


def _shut(lock: Lock, state: SealState, reason: str, untried_by: frozenset[Access] = frozenset()) -> Seal:
    return Seal(sdk=lock.sdk, layer=lock.cipher.layer, state=state, reason=reason, untried_by=untried_by)


class Keyring:
    """The keys of all apps of a source, as they are found."""

    def __init__(self, locks: Sequence[Lock] = ()) -> None:
        self.locks = tuple(locks)
        self._openers: dict[str, Opener] = {}
        self.is_portable = True
        """Whether a forked process may use it: a keystore at the other end of a connection has one that asks."""

    @property
    def cues(self) -> tuple[bytes, ...]:
        """Expressions that match where a ciphertext begins in a file."""
        return tuple(dict.fromkeys(cue for lock in self.locks for cue in lock.cipher.cues))

    def learn(
        self,
        container: str,
        records: Mapping[str, Sequence[Record]],
        holder: Holder | None,
        readers: Mapping[str, frozenset[Access]],
    ) -> None:
        """Find the keys of one app.

        Args:
            container: the app's.
            records: by SDK, what was decoded of the files that it claims; an SDK that claims none is left out.
            holder: the app's keystore, where somebody runs code as the app.
            readers: by file of the container, who can read it.
        """
        self.is_portable &= holder is None or holder.is_portable
        locks = [lock for lock in self.locks if lock.sdk in records]
        asked = Asked(holder) if holder else None
        tries = [
            _Try(lock, key, asked, _attackers(key, holder, readers))
            for lock in locks
            for key in lock.cipher.keys(records[lock.sdk])
        ]
        # A key that lies about is what most attackers have; the keystore is asked last.
        tries.sort(key=lambda each: (bool(each.key.alias), -len(each.opened_by)))
        self._openers[container] = Opener(locks, tries)

    def opener(self, container: str) -> Opener:
        """For the values of one container."""
        return self._openers.get(container, SHUT)


def _attackers(key: FoundKey, holder: Holder | None, readers: Mapping[str, frozenset[Access]]) -> frozenset[Access]:
    if key.alias:
        return holder.attackers if holder else frozenset()
    found = _EVERYBODY
    for path in key.paths:
        found &= readers.get(path, frozenset())
    return found
