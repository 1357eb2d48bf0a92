"""Digests of every spelling, of what was put before or behind it, and of digests."""

import hashlib
import hmac

import pytest

from harness.persona.digests import DIGESTS, Digest, digests_of

SPELLED = [("plain", "Jane.Roe@example.org"), ("digits", "14155550132"), ("odd", "J A N E")]
MADE = {each.label: each.raw for each in digests_of(SPELLED, frozenset({"plain", "digits"}), (b"W1ZRCl3>",))}


@pytest.mark.parametrize("digest", DIGESTS)
@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("", b"Jane.Roe@example.org"),
        (":lower", b"jane.roe@example.org"),
        (":upper", b"JANE.ROE@EXAMPLE.ORG"),
        (":digits", b"14155550132"),
        (":odd:lower", b"j a n e"),
        (":and a line end", b"Jane.Roe@example.org\n"),
        (":under hex", b"Jane.Roe@example.org".hex().encode()),
        (":of md5", hashlib.md5(b"Jane.Roe@example.org").hexdigest().encode()),
        (":salt before", b"W1ZRCl3>Jane.Roe@example.org"),
        (":lower:salt behind", b"jane.roe@example.orgW1ZRCl3>"),
        (":digits:salt behind", b"14155550132W1ZRCl3>"),
    ],
)
def test_a_label_says_what_was_digested(digest: str, label: str, data: bytes) -> None:
    """By the standard library's own digests."""
    assert MADE[digest + label] == hashlib.new(digest, data).digest()


def test_a_salt_may_be_a_key() -> None:
    """HMAC, RFC 2104."""
    assert MADE["sha256:keyed by a salt"] == hmac.digest(b"W1ZRCl3>", b"Jane.Roe@example.org", "sha256")


def test_odd_spellings_are_digested_as_they_are_only() -> None:
    """Each more is a thing to look for."""
    assert {label.partition(":")[2] for label in MADE if ":odd" in label} == {"odd", "odd:lower"}


def test_no_digest_is_shown() -> None:
    """Whoever sees one can test a guess."""
    assert MADE["sha1"].hex() not in repr(Digest("sha1", MADE["sha1"]))
