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
        signer = _part("auth.sign_pythonrsa").PythonRSASigner(self.public.decode("ascii", "replace"), self._private)
        signature: bytes = signer.Sign(bytes(token))
        return signature


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
        return base64.b64encode(_part("auth.keygen").encode_pubkey(str(file))) + b" storage-harness"
    except (ValueError, TypeError, AttributeError) as error:
        raise DeviceError(f"the adb key {file} cannot be read", hint="move it away, and a new one is made") from error


def _made(file: Path) -> Key:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as private:
            draft = Path(private) / _NAME  # in a folder of its own, since the mode of the file is not ours to choose
            _part("auth.keygen").keygen(str(draft))
            draft.chmod(0o600)
            draft.with_suffix(".pub").replace(file.with_suffix(".pub"))
            draft.replace(file)
    except OSError as error:
        raise DeviceError(f"no adb key can be made in {file.parent}: {error.strerror}") from error
    key = _read(file)
    if key is None:
        raise DeviceError(f"the adb key {file} cannot be read")
    return key


def _part(name: str) -> Any:
    try:
        return importlib.import_module(f"adb_shell.{name}")
    except ImportError as error:
        raise DeviceError(
            "reaching a device without an adb server needs a package that is not installed",
            hint="pip install 'storage-harness[android]'",
        ) from error
