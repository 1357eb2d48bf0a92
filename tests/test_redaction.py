"""Where raw values become safe to show: masks, fingerprints, veils and the key."""

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.model import MaskRule
from harness.redaction import KEY_VARIABLE, Redactor, in_part, load_key

KEY = b"0123456789abcdef-for-tests-only"
TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=120)


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(KEY)


def mask_of(text: str, rule: MaskRule) -> str:
    return Redactor(KEY).evidence(text.encode(), rule=rule).mask


# -- masks ---------------------------------------------------------------------------------------


@given(TEXT)
def test_hidden_shows_no_character(text: str) -> None:
    """Nothing but about how long it is."""
    assert set(mask_of(text, MaskRule.HIDDEN)) == {"*"}


@given(TEXT)
def test_edges_show_at_most_the_first_character_of_each_word(text: str) -> None:
    """A name is recognised by whoever knows it, and told to nobody else."""
    mask = mask_of(text, MaskRule.EDGES)

    assert len(mask) <= 40
    for shown, word in zip(mask.split(), text.split(), strict=False):
        assert re.fullmatch(r"\*{0,8}", shown[1:])
        assert shown[0] == word[0]


@given(TEXT)
def test_last_four_show_four_digits_of_a_long_number_only(text: str) -> None:
    """As the payment industry prints them; a short number shows none of it."""
    mask = mask_of(text, MaskRule.LAST_FOUR)
    digits = re.sub(r"\D", "", text)

    assert mask == (f"**** {digits[-4:]}" if len(digits) >= 12 else "****")


@given(
    st.text("abcdefghijklmnop.+_", min_size=1, max_size=60),
    st.sampled_from(["example.org", "gmail.com", "yahoo.co.uk", "shop.test", "web.de"]),
)
def test_domain_shows_one_character_of_the_person(local: str, domain: str) -> None:
    """A shared domain says which provider; the rest of the local part is gone, and its length with it."""
    mask = mask_of(f"{local}@{domain}", MaskRule.DOMAIN)

    assert mask == f"{local[0]}***@{domain}"


@given(st.from_regex(r"[a-z]{3,30}-[a-z]{3,20}\.(org|net|io)", fullmatch=True))
def test_a_domain_of_ones_own_is_not_shown(domain: str) -> None:
    """It may name the person, or who they work for."""
    assert mask_of(f"me@{domain}", MaskRule.DOMAIN) == "m***@***"


@given(TEXT.filter(lambda text: "@" not in text))
def test_domain_hides_what_is_no_address(text: str) -> None:
    """A percent-encoded address, or anything else without an at sign, has no domain to show."""
    assert set(mask_of(text, MaskRule.DOMAIN)) == {"*"}


def test_a_domain_that_is_too_long_is_not_shown() -> None:
    """A report is no place for 200 characters that somebody else chose."""
    assert mask_of("jane@" + "a" * 200 + ".net", MaskRule.DOMAIN) == "j***@***"


def test_bytes_that_are_no_text_are_masked_like_text(redactor: Redactor) -> None:
    """A fingerprint template or a raw digest."""
    evidence = redactor.evidence(b"\xff\xfe\x00\x80", rule=MaskRule.HIDDEN)

    assert (evidence.mask, evidence.length) == ("****", 4)


@given(st.binary(min_size=1, max_size=60), st.sampled_from(MaskRule))
def test_no_bytes_break_a_mask(value: bytes, rule: MaskRule) -> None:
    """Whatever a detector hands over becomes evidence."""
    evidence = Redactor(KEY).evidence(value, rule=rule)

    assert len(evidence.mask) <= 60
    assert re.fullmatch(r"[0-9a-f]{16}", evidence.fingerprint)


# -- fingerprints and veils ----------------------------------------------------------------------


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_fingerprints_are_equal_where_values_are(one: bytes, other: bytes) -> None:
    """That is what lets two reports be compared."""
    redactor = Redactor(KEY)

    assert (redactor.fingerprint(one) == redactor.fingerprint(other)) == (one == other)


def test_two_spellings_of_a_value_have_one_fingerprint(redactor: Redactor) -> None:
    """The detector says what the normal form is; the mask is of what was stored."""
    upper = redactor.evidence(b"JANE@EXAMPLE.ORG", rule=MaskRule.DOMAIN, normal=b"jane@example.org")
    lower = redactor.evidence(b"jane@example.org", rule=MaskRule.DOMAIN, normal=b"jane@example.org")

    assert upper.fingerprint == lower.fingerprint
    assert upper.mask == "J***@EXAMPLE.ORG"


def test_another_key_gives_another_fingerprint(redactor: Redactor) -> None:
    """Without the key nobody can test a guess."""
    other = Redactor(KEY + b"!")

    assert redactor.fingerprint(b"jane@example.org") != other.fingerprint(b"jane@example.org")
    assert redactor.identity("plaintext", "a#/b") != other.identity("plaintext", "a#/b")


def test_an_identity_keeps_its_parts_apart(redactor: Redactor) -> None:
    """`ab`, `c` is not `a`, `bc`; and no identity is a fingerprint of its parts."""
    assert redactor.identity("ab", "c") != redactor.identity("a", "bc")
    assert redactor.identity("ab") != redactor.fingerprint(b"ab")


def test_an_identity_takes_names_that_are_no_unicode(redactor: Redactor) -> None:
    """File names are bytes on most devices."""
    assert redactor.identity("caf\udce9") != redactor.identity("cafe")


def test_a_veil_shows_the_class_and_half_a_fingerprint(redactor: Redactor) -> None:
    """Two files named after one person are seen to be so."""
    veil = redactor.veil("EMAIL", b"jane@example.org")

    assert veil == "{EMAIL:" + redactor.fingerprint(b"jane@example.org")[:8] + "}"


@pytest.mark.parametrize(
    ("account", "shown"), [("TEST-000-0000", "TEST…"), ("TEST", "TE…"), ("T", "…"), ("", ""), ("abcde", "ab…")]
)
def test_an_account_is_shown_in_part(account: str, shown: str) -> None:
    """Four characters, and never more than half of it."""
    assert in_part(account) == shown


def test_a_short_key_is_refused() -> None:
    """It could be guessed, and with it every value."""
    with pytest.raises(UsageError, match="shorter than 16 bytes"):
        Redactor(b"secret")


def test_the_key_is_never_shown(redactor: Redactor) -> None:
    """Neither by `repr` nor by the error for a bad one."""
    assert KEY.decode() not in repr(redactor)
    with pytest.raises(UsageError) as caught:
        Redactor(b"hush-hush")
    assert "hush" not in str(caught.value)


# -- the key file --------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder of our own, and no key named."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return tmp_path


def test_a_key_is_made_once_and_kept(home: Path) -> None:
    """Fingerprints of two runs can be compared without any set-up."""
    assert load_key() == load_key()
    assert len(load_key()) >= 32


def test_the_own_key_is_readable_by_its_owner_alone(home: Path) -> None:
    """Whoever has it can test guesses."""
    before = os.umask(0)
    try:
        load_key()
    finally:
        os.umask(before)
    file = home / "config" / "storage-harness" / "fingerprint.key"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_every_user_gets_another_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is random, not derived."""
    first = load_key()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "other"))

    assert load_key() != first


def test_the_environment_names_a_shared_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines that compare reports share one; a line end at its end is none of it."""
    (home / "team.key").write_bytes(KEY + b"\n")
    monkeypatch.setenv(KEY_VARIABLE, str(home / "team.key"))

    assert load_key() == KEY
    assert not (home / "config").exists()


def test_a_named_file_wins_over_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the call says counts."""
    (home / "a.key").write_bytes(KEY)
    monkeypatch.setenv(KEY_VARIABLE, str(home / "missing.key"))

    assert load_key(home / "a.key") == KEY


@pytest.mark.parametrize("name", ["missing.key", "."])
def test_a_named_key_that_cannot_be_read_is_an_error(home: Path, name: str) -> None:
    """Falling back on another key would make every finding look new."""
    with pytest.raises(UsageError, match="cannot read the key file"):
        load_key(home / name)


def test_an_own_key_that_cannot_be_kept_is_an_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a hint at what else to do."""
    (home / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "file"))

    with pytest.raises(UsageError) as caught:
        load_key()
    assert KEY_VARIABLE in caught.value.hint
