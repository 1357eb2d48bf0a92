"""What a digest of a value looks like: of any spelling, salted with what an SDK has for salt, digested once more."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

__all__ = ["DIGESTS", "Digest", "digests_of"]

DIGESTS = ("md5", "sha1", "sha256", "sha512")


class Digest(NamedTuple):
    """One digest, and what it is of; `repr` shows none of it."""

    label: str
    """`sha256`, `sha256:lower`, `sha256:digits:salt before`, `sha256:of md5`."""
    raw: bytes
    renderings: int = 1
    """How many ways of writing it are searched: 1 is hex; 2, Base64 too; 3, its bytes and a row of numbers too."""

    def __repr__(self) -> str:
        return f"Digest({self.label})"


def digests_of(
    spellings: Sequence[tuple[str, str]], chief: frozenset[str], salts: Sequence[bytes] = ()
) -> Iterator[Digest]:
    """Every digest of a value.

    Args:
        spellings: what each is called, and the text.
        chief: names of the spellings that are salted, encoded and digested twice, too.
        salts: constants that an SDK may put before or behind a value, or take for a key.
    """
    for called, text in spellings:
        is_chief = called in chief
        raw = text.encode("utf-8", "surrogatepass")
        for case, data in _cases(text):
            yield from _each(_label(called, case), data, 1 if case == ":upper" else 3 if is_chief else 2)
        if not is_chief:
            continue
        yield from _each(_label(called, ":and a line end"), raw + b"\n")
        for encoding, data in (
            ("base64", base64.b64encode(raw)),
            ("hex", raw.hex().encode()),
            ("reversed", raw[::-1]),
        ):
            yield from _each(_label(called, f":under {encoding}"), data)
        yield from _twice(called, raw)
        for salt in salts:
            yield from _salted(called, text, salt)


def _cases(text: str) -> Iterable[tuple[str, bytes]]:
    found = {text: ""}
    for case, other in ((":lower", text.lower()), (":upper", text.upper())):
        found.setdefault(other, case)
    return [(case, other.encode("utf-8", "surrogatepass")) for other, case in found.items()]


def _label(called: str, more: str) -> str:
    return more if called == "plain" else f":{called}{more}"


def _each(label: str, data: bytes, renderings: int = 1) -> Iterator[Digest]:
    for digest in DIGESTS:
        yield Digest(f"{digest}{label}", hashlib.new(digest, data, usedforsecurity=False).digest(), renderings)


def _twice(called: str, raw: bytes) -> Iterator[Digest]:
    """Of a digest as it is printed: what one side hashed, the other hashes again."""
    for inner in DIGESTS:
        printed = hashlib.new(inner, raw, usedforsecurity=False).hexdigest().encode()
        yield from _each(_label(called, f":of {inner}"), printed)


_USUAL = frozenset({"plain", "digits", "e164"})


def _salted(called: str, text: str, salt: bytes) -> Iterator[Digest]:
    for case, data in _cases(text):
        renderings = 2 if called in _USUAL and case != ":upper" else 1
        yield from _each(_label(called, f"{case}:salt before"), salt + data, renderings)
        yield from _each(_label(called, f"{case}:salt behind"), data + salt, renderings)
        for digest in DIGESTS:
            label = f"{digest}{_label(called, f'{case}:keyed by a salt')}"
            yield Digest(label, hmac.new(salt, data, digest).digest())
