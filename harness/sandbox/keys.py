"""The keystore or keychain of a device in memory: keys are used in it, and never leave it.

Who may use a key: the app that made it, and whoever runs code as that app on a rooted or jailbroken device. When:
an Android key after the first unlock, an iOS one by its accessibility class.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.errors import AccessDenied, DeviceError
from harness.model import Access, DeviceProfile, Keystore, Platform, Protection
from harness.sandbox.layout import TEAM
from harness.sandbox.rules import Lock, Setting, protected

if TYPE_CHECKING:
    from Crypto.Cipher._mode_gcm import GcmMode

__all__ = ["AppKeys", "ExportedKey", "KeyVault", "may_use"]

_NONCE = 12
_TAG = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedKey:
    """A key that is an item of an iPhone's keychain, as code that runs as its app gets it."""

    owner: str
    alias: str
    team: str
    accessible: Protection
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Key:
    secret: bytes = field(repr=False)
    accessible: Protection


class KeyVault:
    """All keys of a device, each under its owner and alias."""

    def __init__(self, profile: DeviceProfile, seed: bytes, setting: Callable[[], Setting]) -> None:
        """Equal seeds give equal keys; `setting` tells how the device is at the moment of use."""
        self._profile = profile
        self._setting = setting
        self._root = hashlib.sha256(b"storage-harness device key\0" + profile.name.encode() + b"\0" + seed).digest()
        self._keys: dict[tuple[str, str], _Key] = {}
        self._forgotten: dict[str, int] = {}

    @property
    def grade(self) -> Keystore:
        """What holds the keys."""
        return self._profile.keystore

    def aliases(self, owner: str) -> tuple[str, ...]:
        """Names of an app's keys, sorted; a name is all that is ever shown."""
        return tuple(sorted(alias for package, alias in self._keys if package == owner))

    def create(self, alias: str, owner: str, accessible: Protection = Protection.UNTIL_FIRST_AUTH) -> None:
        """Make a key; one that is there already stays as it is.

        Raises:
            DeviceError: the device has no keystore.
        """
        if self.grade is Keystore.NONE:
            raise DeviceError(f"{self._profile.name} has no keystore")
        again = self._forgotten.get(owner, 0)
        name = f"{len(owner)}:{owner}{alias}{f'#{again}' if again else ''}".encode()
        secret = hmac.digest(self._root, name, "sha256")
        self._keys.setdefault((owner, alias), _Key(secret, accessible))

    def exported(self) -> Iterator[ExportedKey]:
        """Keys of apps that their own code holds, as on an iPhone, where a symmetric key is an item of the keychain;
        none on other devices, whose keystores show no key."""
        if self._profile.platform is Platform.IOS:
            for (owner, alias), key in self._keys.items():
                yield ExportedKey(owner=owner, alias=alias, team=TEAM, accessible=key.accessible, secret=key.secret)

    def wrapped(self, alias: str, name: bytes, plain: bytes) -> tuple[bytes, bytes]:
        """What a keychain stores: a key of the item's own, wrapped by one of the device's (40 bytes, RFC 3394), and
        what it seals (AES-256-GCM, tag last). Equal input, equal bytes."""
        own = hmac.digest(self._root, b"item\0" + alias.encode() + b"\0" + name + b"\0" + plain, "sha256")
        cipher = _gcm(own, bytes(_NONCE))
        sealed, tag = cipher.encrypt_and_digest(plain)
        return _wrapped(hmac.digest(self._root, b"class\0" + alias.encode(), "sha256"), own), sealed + tag

    def forget(self, owner: str) -> None:
        """Destroy an app's keys, as its removal does: keys that it makes later are others."""
        self._forgotten[owner] = self._forgotten.get(owner, 0) + 1
        self._keys = {place: key for place, key in self._keys.items() if place[0] != owner}

    def seal(self, alias: str, owner: str, plain: bytes, *, nonce: bytes, access: Access | None = None) -> bytes:
        """AES-256-GCM: nonce, ciphertext, tag; as the owner, or as an attacker who acts as it.

        Raises:
            AccessDenied: there is no such key of this owner, the attacker cannot use it, or the device is locked.
            DeviceError: the nonce is not of 12 bytes.
        """
        if len(nonce) != _NONCE:
            raise DeviceError(f"a nonce has {_NONCE} bytes, not {len(nonce)}")
        cipher = _gcm(self._usable(alias, owner, access).secret, nonce)
        sealed, tag = cipher.encrypt_and_digest(plain)
        return nonce + sealed + tag

    def open(self, alias: str, owner: str, sealed: bytes, *, access: Access | None = None) -> bytes:
        """What was sealed; for the owner, or for an attacker who acts as it.

        Raises:
            AccessDenied: there is no such key of this owner, the attacker cannot use it, or the device is locked.
            DeviceError: it was sealed with another key, or is damaged.
        """
        key = self._usable(alias, owner, access)
        if len(sealed) < _NONCE + _TAG:
            raise DeviceError("too short to be sealed")
        cipher = _gcm(key.secret, sealed[:_NONCE])
        try:
            return cipher.decrypt_and_verify(sealed[_NONCE:-_TAG], sealed[-_TAG:])
        except ValueError as error:
            raise DeviceError("sealed with another key, or damaged") from error

    def _usable(self, alias: str, owner: str, access: Access | None) -> _Key:
        if not may_use(access, self._profile):
            raise AccessDenied("only code that runs as the app may use its keys")
        key = self._keys.get((owner, alias))
        if key is None:
            raise AccessDenied(f"{owner} has no key of this name")
        reason = self._locked(key)
        if reason:
            raise AccessDenied(f"the {self.grade.value} keystore refuses: {reason}")
        return key

    def _locked(self, key: _Key) -> str:
        lock = self._setting().lock
        if self._profile.simulator:
            return ""
        if self._profile.platform is Platform.IOS:
            return protected(key.accessible, lock)
        # keystore2 wraps app keys with a key of the person, which the first unlock gives.
        return "not unlocked since boot" if lock is Lock.BEFORE_FIRST_UNLOCK else ""


def _gcm(secret: bytes, nonce: bytes) -> "GcmMode":
    # The library starts a C parser; most who import a sandbox never open a keystore.
    from Crypto.Cipher import AES  # noqa: PLC0415

    return AES.new(secret, AES.MODE_GCM, nonce=nonce, mac_len=_TAG)


def _wrapped(key: bytes, plain: bytes) -> bytes:
    from Crypto.Cipher import AES  # noqa: PLC0415 - as above

    return AES.new(key, AES.MODE_KW).seal(plain)


def may_use(access: Access | None, profile: DeviceProfile) -> bool:
    """Whether an attacker can act as the app in front of the keystore; `None` is the app itself."""
    return access is None or (access is Access.ROOT_CODE and (profile.privileged or profile.simulator))


@dataclass(frozen=True, slots=True)
class AppKeys:
    """The keystore as one app sees it; makes a key when it is first used. A `Sealer` for SDK models."""

    vault: KeyVault = field(repr=False)
    owner: str
    access: Access | None = None
    """Which attacker acts as the app; the app itself where None."""

    @property
    def attackers(self) -> frozenset[Access]:
        """Who uses the keys like that."""
        return frozenset() if self.access is None else frozenset({self.access})

    @property
    def is_portable(self) -> bool:
        """A copy of it is as good."""
        return True

    def seal(self, alias: str, plain: bytes, *, nonce: bytes) -> bytes:
        """AES-256-GCM: 12 bytes of nonce, then ciphertext, then 16 bytes of tag."""
        self.vault.create(alias, self.owner)
        return self.vault.seal(alias, self.owner, plain, nonce=nonce, access=self.access)

    def open(self, alias: str, sealed: bytes) -> bytes:
        """What was sealed."""
        return self.vault.open(alias, self.owner, sealed, access=self.access)
