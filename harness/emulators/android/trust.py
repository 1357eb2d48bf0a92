"""Which adb keys the device trusts, and the dialog that asks its owner about a new one."""

import asyncio
from collections.abc import Iterable

from harness.emulators.android.keys import KeyRefused, PublicKey, parse_public_key
from harness.emulators.walls.ports import Trust

__all__ = ["KeyRing"]

_MOST_KEYS = 1024


class KeyRing:
    """The keys that were allowed, in this life of the device."""

    def __init__(self, policy: Trust, known: Iterable[bytes]) -> None:
        self.policy = policy
        self._keys = [parse_public_key(text) for text in known]
        self._dialogs: dict[asyncio.Future[bool], PublicKey] = {}

    @property
    def keys(self) -> tuple[PublicKey, ...]:
        """Those that may connect."""
        return tuple(self._keys)

    @property
    def asking(self) -> tuple[PublicKey, ...]:
        """Those that wait for an answer."""
        return tuple(self._dialogs.values())

    def signer(self, token: bytes, signature: bytes | bytearray) -> PublicKey | None:
        """The trusted key that signed the token, if one did."""
        return next((key for key in self._keys if key.signed(token, bytes(signature))), None)

    async def admits(self, text: bytes | bytearray) -> bool:
        """Whether a client's new key is let in; under `ASK`, after somebody has answered."""
        try:
            key = parse_public_key(text)
        except KeyRefused:
            return False
        if self.policy is Trust.DENY or not (self.policy is Trust.ACCEPT or await self._asked(key)):
            return False
        if key not in self._keys and len(self._keys) < _MOST_KEYS:
            self._keys.append(key)
        return True

    def answer(self, allow: bool) -> int:
        """Tap "allow" or "deny" in every dialog that is open; gives how many were."""
        answered = [dialog for dialog in self._dialogs if not dialog.done()]
        for dialog in answered:
            dialog.set_result(allow)
        return len(answered)

    async def _asked(self, key: PublicKey) -> bool:
        dialog: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._dialogs[dialog] = key
        try:
            return await dialog
        finally:
            del self._dialogs[dialog]
