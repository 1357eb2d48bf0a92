"""The keystore of an emulated device: keys stay in pid 1, and who may use one is what the kernel says of the caller.

The service answers over the framework's socket. A request says what to do and with which alias, never for whom: that
is the uid of the process that asks. So root's own code does not get at an app's keys; code that has become the app
does, as on a phone whose keys cannot be taken out.
"""

import socket
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.errors import AccessDenied, DeviceError
from harness.sandbox import KeyVault

__all__ = ["LARGEST", "Keystore", "KeystoreClient", "Operation", "Refusal"]

LARGEST = 2 << 20
"""Bytes that one request may seal or open; a phone allows less."""
_LONGEST_ALIAS = 256
_LONGEST_LINE = 256
_NONCE = 12


class Operation(StrEnum):
    """What can be done with a key."""

    SEAL = "seal"
    OPEN = "open"
    LIST = "list"
    FORGET = "forget"


class Refusal(StrEnum):
    """Why a request failed, in the words of `ResponseCode.aidl`, and of KeyMint for what is damaged."""

    LOCKED = "LOCKED"
    SYSTEM_ERROR = "SYSTEM_ERROR"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    KEY_NOT_FOUND = "KEY_NOT_FOUND"
    VERIFICATION_FAILED = "VERIFICATION_FAILED"
    INVALID_INPUT = "INVALID_INPUT_LENGTH"


class Keystore:
    """The service side. Make it before the root switch: its cipher is imported here, and cannot be after."""

    def __init__(self, vault: KeyVault) -> None:
        self._vault = vault
        _warm()

    def answer(self, owner: str | None, operation: str, alias: str, payload: bytes) -> tuple[Refusal | None, bytes]:
        """Serve one request: a refusal, or None and the result.

        Args:
            owner: the app that has the caller's uid; None for a uid that is no app's.
            operation: one of `Operation`.
            alias: of a key of the owner's.
            payload: what is sealed; or to seal, 12 bytes of nonce and the plain bytes. Sealing makes the key.
        """
        if owner is None:
            return Refusal.PERMISSION_DENIED, b""
        if len(alias) > _LONGEST_ALIAS or len(payload) > LARGEST:
            return Refusal.INVALID_INPUT, b""
        try:
            return None, self._serve(owner, operation, alias, payload)
        except AccessDenied:
            # The alias is looked for among the caller's own keys only: another's is as good as not there.
            known = alias in self._vault.aliases(owner)
            return Refusal.LOCKED if known else Refusal.KEY_NOT_FOUND, b""
        except DeviceError:
            return Refusal.VERIFICATION_FAILED if operation == Operation.OPEN else Refusal.SYSTEM_ERROR, b""
        except ValueError:
            return Refusal.INVALID_INPUT, b""

    def forget(self, owner: str) -> None:
        """Destroy an app's keys, as its removal does."""
        self._vault.forget(owner)

    def _serve(self, owner: str, operation: str, alias: str, payload: bytes) -> bytes:
        match Operation(operation):
            case Operation.SEAL:
                if len(payload) < _NONCE:
                    raise ValueError("no nonce")
                self._vault.create(alias, owner)
                return self._vault.seal(alias, owner, payload[_NONCE:], nonce=payload[:_NONCE])
            case Operation.OPEN:
                return self._vault.open(alias, owner, payload)
            case Operation.FORGET:
                self._vault.forget(owner)
                return b""
            case Operation.LIST:
                return "".join(f"{name}\n" for name in self._vault.aliases(owner)).encode()


def _warm() -> None:
    """Use the cipher once, so that all of it is imported."""
    from Crypto.Cipher import AES  # noqa: PLC0415

    def cipher() -> Any:
        return AES.new(bytes(32), AES.MODE_GCM, nonce=bytes(_NONCE))

    cipher().decrypt_and_verify(*cipher().encrypt_and_digest(b"warm"))


@dataclass(frozen=True, slots=True)
class KeystoreClient:
    """The keystore as a process in the device sees it. A `Sealer` for SDK models."""

    path: str = field(default="/dev/socket/emud", repr=False)

    def seal(self, alias: str, plain: bytes, *, nonce: bytes) -> bytes:
        """AES-256-GCM: 12 bytes of nonce, then ciphertext, then 16 bytes of tag.

        Raises:
            AccessDenied: the keystore refuses.
            DeviceError: it is not there, or the input is not in order.
        """
        if len(nonce) != _NONCE:
            raise DeviceError(f"a nonce has {_NONCE} bytes, not {len(nonce)}")
        return self._ask(Operation.SEAL, alias, nonce + plain)

    def open(self, alias: str, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            AccessDenied: the keystore refuses.
            DeviceError: it is not there, or this was sealed with another key.
        """
        return self._ask(Operation.OPEN, alias, sealed)

    def aliases(self) -> tuple[str, ...]:
        """Names of the caller's own keys, sorted."""
        return tuple(self._ask(Operation.LIST, "", b"").decode().splitlines())

    def forget(self) -> None:
        """Destroy the caller's own keys."""
        self._ask(Operation.FORGET, "", b"")

    def _ask(self, operation: Operation, alias: str, payload: bytes) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(self.path)
                # At once: an empty payload, sent after the answer has come and the other side has gone, is a SIGPIPE.
                line = f"keystore {operation} {alias.encode().hex() or '-'} {len(payload)}\n".encode()
                connection.sendall(line + payload)
                answer = connection.makefile("rb")
                status, _, size = answer.readline(_LONGEST_LINE).decode("ascii").strip().partition(" ")
                if status == "ok":
                    return answer.read(int(size))
        except (OSError, ValueError) as error:
            raise DeviceError("the keystore does not answer") from error
        if status in {Refusal.PERMISSION_DENIED, Refusal.KEY_NOT_FOUND, Refusal.LOCKED}:
            raise AccessDenied(f"the keystore refuses: {status}")
        raise DeviceError(f"the keystore failed: {status or 'no answer'}")
