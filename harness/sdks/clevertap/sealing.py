"""How an installation seals a text: with what its version has, under a key where its Android has it."""

import base64
import hashlib

from harness.sdks.base import Setup
from harness.sdks.clevertap.android_preferences import file_name
from harness.sdks.clevertap.cipher import KEYSTORE_ALIAS, framed, gcm_seal, legacy_seal
from harness.sdks.clevertap.preference_files import PreferenceFiles
from harness.sdks.clevertap.versions import Scheme

__all__ = ["Seals"]


class Seals:
    """Nonces, and the key on Android 5, come from the entropy of the event that is played."""

    def __init__(self, setup: Setup, account: str, files: PreferenceFiles) -> None:
        self._setup = setup
        self._account = account
        self._files = files
        self._entropy = b""
        self._drawn = 0

    def renew(self, entropy: bytes) -> None:
        """Another event is played."""
        self._entropy = entropy
        self._drawn = 0

    def seal(self, text: str, scheme: Scheme) -> str:
        """A text as a scheme leaves it on disk."""
        match scheme:
            case Scheme.NONE:
                return text
            case Scheme.LEGACY:
                return legacy_seal(self._account, text)
            case Scheme.GCM:
                nonce = self._draw(b"nonce")[:12]
                if self._setup.api < 23:
                    return gcm_seal(self._key_in_preferences(), nonce, text)
                plain = text.encode("utf-8", "replace")
                return framed(self._setup.sealer.seal(KEYSTORE_ALIAS, plain, nonce=nonce))

    def _draw(self, label: bytes) -> bytes:
        self._drawn += 1
        return hashlib.sha256(b"%s\0%d\0" % (label, self._drawn) + self._entropy).digest()

    def _key_in_preferences(self) -> bytes:
        """Made when it is first needed. The entry has no suffix: all accounts of an app share it."""
        there = self._files.get(file_name(), KEYSTORE_ALIAS)
        if isinstance(there, str):
            return base64.b64decode(there)
        key = self._draw(b"key")
        self._files.put(file_name(), KEYSTORE_ALIAS, base64.b64encode(key).decode())
        return key
