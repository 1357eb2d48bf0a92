"""The RSA keys by which a device knows this computer: adb's own, so that who trusts adb trusts us; else ours."""

import base64
import importlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import DeviceError

__all__ = ["Key", "load_keys"]

_NAME = "adbkey"


@dataclass(frozen=True, slots=True)
class Key:
    """One key pair."""

    file: Path
    public: bytes = field(repr=False)
    """In the form that a device keeps: base64, and who it is of."""
    _private: str = field(repr=False)

    def sign(self, token: bytes) -> bytes:
        """The answer to a device's challenge; the token stands for a SHA-1 digest and is not hashed again."""
        hashes, padding, utils = _parts(
            "primitives.hashes", "primitives.asymmetric.padding", "primitives.asymmetric.utils"
        )
        digest = utils.Prehashed(hashes.SHA1())
        signature: bytes = self._loaded().sign(bytes(token), padding.PKCS1v15(), digest)
        return signature

    def _loaded(self) -> Any:
        (serialization,) = _parts("primitives.serialization")
        try:
            # Whether a number is prime takes longer to find out than to sign; the key is the user's own.
            return serialization.load_pem_private_key(
                self._private.encode("ascii"), None, unsafe_skip_rsa_key_validation=True
            )
        except (ValueError, TypeError) as error:
            raise _unreadable(self.file) from error


def load_keys() -> tuple[Key, ...]:
    """The keys to try, adb's own first; where there is none, one is made and kept in our folder.

    Raises:
        DeviceError: what reads them is not installed, or no key can be read or made.
    """
    found = [key for file in (_of_adb(), _ours()) if (key := _read(file)) is not None]
    return tuple(found) or (_made(_ours()),)


def _of_adb() -> Path:
    home = os.environ.get("ANDROID_USER_HOME") or os.environ.get("ANDROID_SDK_HOME")
    return Path(home) / _NAME if home else Path.home() / ".android" / _NAME


def _ours() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "storage-harness" / _NAME


def _read(file: Path) -> Key | None:
    try:
        private = file.read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    try:
        public = file.with_suffix(".pub").read_bytes().strip()
    except OSError:
        public = b""
    return Key(file, public or _public_of(file), private)


def _public_of(file: Path) -> bytes:
    try:
        return base64.b64encode(_part("adb_shell.auth.keygen").encode_pubkey(str(file))) + b" storage-harness"
    except (ValueError, TypeError, AttributeError) as error:
        raise _unreadable(file) from error


def _unreadable(file: Path) -> DeviceError:
    return DeviceError(f"the adb key {file} cannot be read", hint="move it away, and a new one is made")


def _made(file: Path) -> Key:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as private:
            draft = Path(private) / _NAME  # in a folder of its own, since the mode of the file is not ours to choose
            _part("adb_shell.auth.keygen").keygen(str(draft))
            draft.chmod(0o600)
            draft.with_suffix(".pub").replace(file.with_suffix(".pub"))
            draft.replace(file)
    except OSError as error:
        raise DeviceError(f"no adb key can be made in {file.parent}: {error.strerror}") from error
    key = _read(file)
    if key is None:
        raise DeviceError(f"the adb key {file} cannot be read")
    return key


def _parts(*names: str) -> tuple[Any, ...]:
    """Of the package that makes adb-shell's keys: it signs twenty times as fast as one in pure Python."""
    return tuple(_part(f"cryptography.hazmat.{name}") for name in names)


def _part(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise DeviceError(
            "reaching a device without an adb server needs a package that is not installed",
            hint="pip install 'storage-harness[android]'",
        ) from error
