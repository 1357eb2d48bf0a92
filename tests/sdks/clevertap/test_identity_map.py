"""The map of everybody who logged in: what is put in comes back in every form, and logins decide as the SDK does."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sdks.clevertap.cipher import legacy_open, legacy_seal
from harness.sdks.clevertap.identity_map import Anonymous, Decision, Entry, GuidMap, Same, Switch, clean_key, decide

ACCOUNT = "TEST-000-0000"
JANE, JOE = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6", "__9f8e7d6c5b4a4321a0b1c2d3e4f50617"
KEYS = ("Identity", "Email")

TWO = (
    GuidMap()
    .with_("Identity", 61026032, JANE)
    .with_("Email", "jane@example.org", JANE)
    .with_("Email", "joe@example.com", JOE)
)

a_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
a_key = st.sampled_from(["Identity", "Email", "Phone", "Name", "email", "FBID"])
a_map = st.lists(st.tuples(a_key, a_text, st.sampled_from([JANE, JOE])), max_size=6).map(
    lambda entries: GuidMap(
        tuple(Entry(*each) for each in {(key, value): (key, value, guid) for key, value, guid in entries}.values())
    )
)


def seal(text: str) -> str:
    return legacy_seal(ACCOUNT, text)


def unseal(text: str) -> str | None:
    return legacy_open(ACCOUNT, text)


# -- what is in it -------------------------------------------------------------------------------


def test_members_come_in_the_order_of_logins() -> None:
    """One for each value, with the key as the app spelled it."""
    assert TWO.plain() == (
        f'{{"Identity_61026032":"{JANE}","Email_jane@example.org":"{JANE}","Email_joe@example.com":"{JOE}"}}'
    )


def test_an_identity_that_comes_again_keeps_its_place() -> None:
    """And leads to whom it came with last."""
    assert next(iter(TWO.with_("Identity", "61026032", JOE).members().items())) == ("Identity_61026032", JOE)
    assert len(TWO.with_("Identity", "61026032", JOE)) == 3


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (7.5, "7.5"), (7.0, "7.0"), (1e9, "1.0E9"), (True, "true"), ("a_b", "a_b")]
)
def test_values_are_kept_as_java_spells_them(value: object, text: str) -> None:
    """Numbers as well."""
    assert GuidMap().with_("Identity", value, JANE).get("Identity", text) == JANE


def test_a_profile_gives_its_identities() -> None:
    """In any case of the key, kept as it is spelled but for characters that the SDK takes out."""
    profile = {
        "EMAIL": "o'neil@example.org",
        "$Identity": 7,
        "Name": "Neil",
        "Phone": "+14155550100",
        "identity": None,
    }

    kept = GuidMap().with_profile(profile, KEYS, JANE)

    assert kept.members() == {"EMAIL_oneil@example.org": JANE, "Identity_7": JANE}


@pytest.mark.parametrize("guid", ["__i" + JANE[2:], "-i" + JANE[2:]])
def test_a_fallback_is_nobody(guid: str) -> None:
    """Nothing is kept for it."""
    assert len(GuidMap().with_profile({"Email": "jane@example.org"}, KEYS, guid)) == 0


@pytest.mark.parametrize(
    ("key", "guid", "left"),
    [
        ("email", JANE, ["Identity_61026032", "Email_joe@example.com"]),
        ("EMAIL", JOE, ["Identity_61026032", "Email_jane@example.org"]),
        ("Phone", JANE, ["Identity_61026032", "Email_jane@example.org", "Email_joe@example.com"]),
        ("e", JANE, ["Email_joe@example.com"]),
    ],
)
def test_removal_takes_what_belongs_to_the_user_and_names_the_key(key: str, guid: str, left: list[str]) -> None:
    """Anywhere in its name, in any case; what others have stays."""
    assert [each.name for each in TWO.without(key, guid)] == left


# -- how it is stored ----------------------------------------------------------------------------


@given(a_map)
def test_the_plain_form_is_read_back(known: GuidMap) -> None:
    """Whatever is in a value, underscores and slashes among them."""
    assert GuidMap.parse(known.plain()) == known
    assert json.loads(known.plain()) == known.members()


@given(a_map)
def test_the_sealed_form_is_read_back(known: GuidMap) -> None:
    """Only what is spelled as the SDK knows it is sealed; the IDs never are."""
    sealed = known.sealed(seal)
    read = GuidMap.parse(sealed.plain())

    assert read == sealed
    assert read.opened(unseal) == known
    for plain, each in zip(known, sealed, strict=True):
        hidden = plain.key in {"Name", "Email", "Identity", "Phone"}
        assert each.value == (seal(plain.value) if hidden else plain.value)
        assert (each.key, each.guid) == (plain.key, plain.guid)


def test_the_sealed_form_of_the_specification() -> None:
    """The map that goes with vector L7."""
    stored = (
        '{"Email_[-84, -2, 40, 21, -25, 92, -88, 74, 110, 64, 90, 91, -90, -35, -126, -51]":'
        '"__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"}'
    )
    known = GuidMap().with_("Email", "jack@gmail.com", JANE)

    assert known.sealed(seal).plain() == stored
    read = GuidMap.parse(stored)
    assert read is not None
    assert read.opened(unseal) == known


def test_what_another_account_sealed_stays_closed() -> None:
    """And is kept as it is."""
    sealed = TWO.sealed(seal)

    assert sealed.opened(lambda text: legacy_open("W9R-486-4W5Z", text)) == sealed


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "7", '"a"', "{", "[" * 100_000, "{" * 9, '{"a":' * 50_000, "9" * 5000]
)
def test_what_is_no_map_is_none(text: str) -> None:
    """Damaged, deep, or of another kind."""
    assert GuidMap.parse(text) is None


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    """It comes from a device."""
    GuidMap.parse(text)
    GuidMap.parse("{" + text + "}")


def test_members_that_are_no_identity_are_left_out() -> None:
    """What has no key, and what leads to no ID."""
    read = GuidMap.parse(f'{{"Email_jane@example.org":"{JANE}","nothing":"{JANE}","Email_x":7,"_y":"{JOE}"}}')

    assert read is not None
    assert [each.name for each in read] == ["Email_jane@example.org", "_y"]


def test_nothing_personal_shows() -> None:
    """In what a debugger or a traceback prints."""
    assert "jane" not in repr(TWO)
    assert JANE not in repr(TWO)
    assert JANE not in repr(Switch(JANE))


# -- whom a login makes of the device ------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "current", "profile", "decision"),
    [
        (GuidMap(), JANE, {"Email": "jane@example.org"}, Anonymous()),
        (TWO, JANE, {"Name": "Jane"}, Anonymous()),
        (TWO, JANE, {"Email": "", "Identity": None}, Anonymous()),
        (TWO, JANE, {"Phone": "+14155550100"}, Anonymous()),
        (TWO, JANE, {"Email": "jane@example.org"}, Same()),
        (TWO, JANE, {"Identity": "61026032", "Email": "new@example.org"}, Same()),
        (TWO, JANE, {"Email": "new@example.org", "Identity": 61026032}, Same()),
        (TWO, JANE, {"Email": "joe@example.com", "Identity": 61026032}, Switch(JOE)),
        (TWO, JOE, {"Email": "jane@example.org"}, Switch(JANE)),
        (TWO, JANE, {"Email": "new@example.org"}, Switch()),
        (TWO, JANE, {"email": "joe@example.com"}, Switch()),
        (GuidMap(), "__i" + JANE[2:], {"Email": "jane@example.org"}, Switch()),
        (GuidMap(), "__i" + JANE[2:], {"Name": "Jane"}, Switch()),
        (TWO, "__i" + JANE[2:], {"Email": "joe@example.com"}, Switch(JOE)),
    ],
)
def test_a_login_decides(known: GuidMap, current: str, profile: Mapping[str, object], decision: Decision) -> None:
    """The first identity that is known counts; keys are recognised in any case and looked up as they are spelled."""
    assert decide(known, current, profile, KEYS) == decision


def test_a_count_apart_from_the_map_is_believed() -> None:
    """A device whose count was never written is taken for anonymous, however many the map knows."""
    assert decide(TWO, JANE, {"Email": "joe@example.com"}, KEYS, count=0) == Anonymous()
    assert decide(GuidMap(), JANE, {"Email": "joe@example.com"}, KEYS, count=2) == Switch()


def test_an_identity_that_is_cleaned_is_never_found_again() -> None:
    """It is kept without its quotation mark, and looked up with it: somebody new at every login."""
    profile = {"Email": "o'neil@example.org"}
    known = GuidMap().with_profile(profile, KEYS, JANE)

    assert decide(known, JANE, profile, KEYS) == Switch()


@given(st.text(max_size=30))
def test_keys_are_cleaned_once(text: str) -> None:
    """What is left has nothing more to take out."""
    assert clean_key(clean_key(text)) == clean_key(text)
    assert not set(clean_key(text)) & set(":$'\"\\")
