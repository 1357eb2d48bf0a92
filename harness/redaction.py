"""The one place where raw values become safe to show; the only keyed code.

A fingerprint is an HMAC under the operator's key: equal values have equal fingerprints, so reports can be compared,
and nobody without the key can test a guess (the plain SHA-1 of a phone number *is* the phone number).
"""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from harness.errors import UsageError
from harness.model import Evidence, MaskRule

__all__ = ["KEY_VARIABLE", "Redactor", "in_part", "load_key"]

KEY_VARIABLE = "STORAGE_HARNESS_KEY_FILE"
"""Environment variable that names the key file; machines that compare reports share one."""

_KEY_BYTES = 32
_MAX_MASK = 40


_SHARED = re.compile(
    r"(?:[a-z0-9-]+\.)?(?:example\.(?:com|net|org)|[a-z0-9-]+\.(?:example|test|invalid)"
    r"|(?:gmail|googlemail|outlook|hotmail|live|msn|icloud|me|aol|proton|protonmail|gmx|mail|zoho|yandex)\.[a-z]{2,3}"
    r"|yahoo\.[a-z]{2,3}(?:\.[a-z]{2})?|web\.de|qq\.com|163\.com|naver\.com|t-online\.de|orange\.fr)",
    re.IGNORECASE,
)
"""Mail domains that millions share, and those reserved for documentation. Any other may name a person or employer."""


class Redactor:
    """Masks and fingerprints under one key. Its `repr` shows nothing of the key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise UsageError("the fingerprint key is shorter than 16 bytes")
        self._key = key

    def evidence(self, value: bytes, *, rule: MaskRule, normal: bytes | None = None) -> Evidence:
        """What may be shown of `value`; `normal` is the spelling that the fingerprint is taken of."""
        text = value.decode("utf-8", "replace")
        return Evidence(_mask(text, rule), self.fingerprint(value if normal is None else normal), len(text))

    def fingerprint(self, normal: bytes) -> str:
        """16 hex digits that are the same for the same value."""
        return hmac.new(self._key, normal, hashlib.sha256).hexdigest()[:16]

    def digest(self, data: bytes) -> str:
        """Of a whole source, keyed too: an unkeyed one would let anybody test a guess at a small file."""
        return hmac.new(self._key, b"source\x00" + data, hashlib.sha256).hexdigest()

    def identity(self, *parts: str) -> str:
        """A stable id for a thing that these parts name; the parts hold no raw value."""
        joined = b"\x00".join(part.encode("utf-8", "surrogatepass") for part in parts)
        return hmac.new(self._key, b"identity\x00" + joined, hashlib.sha256).hexdigest()[:16]

    def veil(self, kind: str, normal: bytes) -> str:
        """What stands in a name or locator where a value stood: `{EMAIL:3fa9c1d2}`."""
        return f"{{{kind}:{self.fingerprint(normal)[:8]}}}"


def in_part(account: str) -> str:
    """An account of an SDK's customer: no personal data, and enough of it to tell two apart is enough to show."""
    return f"{account[: min(4, len(account) // 2)]}…" if account else ""


def _mask(text: str, rule: MaskRule) -> str:
    match rule:
        case MaskRule.DOMAIN if "@" in text:
            local, _, domain = text.rpartition("@")
            return f"{local[:1]}***@{domain if _SHARED.fullmatch(domain) else '***'}"
        case MaskRule.LAST_FOUR:
            digits = re.sub(r"\D", "", text)
            return f"**** {digits[-4:]}" if len(digits) >= 12 else "****"
        case MaskRule.EDGES:
            words = text[: _MAX_MASK * 2].split()
            return " ".join(word[:1] + "*" * min(len(word) - 1, 8) for word in words)[:_MAX_MASK]
        case _:
            return "*" * min(len(text), 12)


def load_key(path: Path | None = None) -> bytes:
    """The operator's fingerprint key: from `path`, from the file that the environment names, else their own.

    Their own is made at first use, in their configuration folder, readable by them alone.

    Raises:
        UsageError: a named key file cannot be read.
    """
    named = path or (Path(os.environ[KEY_VARIABLE]) if os.environ.get(KEY_VARIABLE) else None)
    if named is not None:
        try:
            return named.read_bytes().strip()
        except OSError as error:
            raise UsageError(f"cannot read the key file {named}: {error.strerror}") from error
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "storage-harness"
    own = folder / "fingerprint.key"
    try:
        return own.read_bytes()
    except FileNotFoundError:
        return _make_key(own)
    except OSError as error:
        raise UsageError(f"cannot read your fingerprint key: {error.strerror}", hint=f"set {KEY_VARIABLE}") from error


def _make_key(own: Path) -> bytes:
    """Whole or not at all, and one of two that are made at the same time: the other is read then."""
    key = secrets.token_hex(_KEY_BYTES).encode()
    partial = own.with_suffix(f".{os.getpid()}")
    try:
        own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key)
        os.link(partial, own)
    except FileExistsError:
        return own.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot keep a fingerprint key: {error.strerror}", hint=f"name one with {KEY_VARIABLE}"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return key
