"""CleverTap IDs say what they are made of, and versions agree on which properties are identities."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.sdks.clevertap.identity import (
    GuidForm,
    IdentityShape,
    advertising_guid,
    advertising_id_of,
    custom_guid,
    custom_of,
    fallback_guid,
    form_of,
    guid_shape,
    identity_keys,
    is_valid_custom,
    random_guid,
)

TOLD = re.compile(r"^__(?:[0-9a-f]{32}|g[0-9A-Fa-f]{32}|i[0-9a-f]{32}|h[=|<>;+.A-Za-z0-9()!:$@_-]{1,64})$")
"""As the specification has it."""
BEFORE = "ABCxyz019()!:$@_-"
WIDER = "=|<>;+."

entropy = st.binary(min_size=32, max_size=32)
prefixes = st.sampled_from(["__", "-"])


# -- IDs -----------------------------------------------------------------------------------------


@given(entropy, entropy, prefixes)
def test_random_ids_are_uuids_that_entropy_decides(one: bytes, other: bytes, prefix: str) -> None:
    """Equal entropy gives equal bytes, other entropy others, and the marks of version 4 are there."""
    guid = random_guid(one, prefix=prefix)

    assert uuid.UUID(guid.removeprefix(prefix)).version == 4
    assert guid == random_guid(one, prefix=prefix)
    assert (guid == random_guid(other, prefix=prefix)) == (one == other)
    assert guid.removeprefix(prefix) != fallback_guid(one, prefix=prefix).removeprefix(f"{prefix}i")
    assert form_of(guid, prefix=prefix) is GuidForm.RANDOM
    assert form_of(fallback_guid(one, prefix=prefix), prefix=prefix) is GuidForm.FALLBACK


@given(st.uuids(), prefixes)
def test_an_advertising_id_comes_back(advertising: uuid.UUID, prefix: str) -> None:
    """Which is what is wrong with it."""
    guid = advertising_guid(str(advertising), prefix=prefix)

    assert form_of(guid, prefix=prefix) is GuidForm.ADVERTISING
    assert advertising_id_of(guid, prefix=prefix) == str(advertising)
    assert guid_shape(guid, prefix=prefix) is IdentityShape.ADVERTISING_ID
    assert custom_of(guid, prefix=prefix) is None


@given(
    st.text(alphabet=BEFORE + WIDER, min_size=1, max_size=64), st.sampled_from(["3.5.0", "4.6.3", "4.6.6", "8.2.0"])
)
def test_a_custom_id_comes_back_where_the_version_takes_it(custom: str, version: str) -> None:
    """4.6.6 allowed seven more characters; what is refused leaves nothing of itself."""
    guid = custom_guid(custom, version, b"entropy")
    taken = version in {"4.6.6", "8.2.0"} or not set(custom) & set(WIDER)

    assert is_valid_custom(custom, version) is taken
    assert custom_of(guid) == (custom if taken else None)
    assert guid == (f"__h{custom}" if taken else fallback_guid(b"entropy"))
    assert TOLD.match(guid)


@pytest.mark.parametrize("custom", ["", "a" * 65, "with space", "jané", "a/b", "a'b", "a\n"])
def test_no_version_takes_these(custom: str) -> None:
    """Empty, too long, or with other characters."""
    assert not is_valid_custom(custom, "8.2.0")
    assert form_of(custom_guid(custom, "8.2.0", b"")) is GuidForm.FALLBACK


@given(st.one_of(st.text(max_size=40), st.from_regex(TOLD, fullmatch=True)))
def test_forms_are_those_of_the_specification(guid: str) -> None:
    """An ID has a form just where its expression matches; anything else may be the server's."""
    assert (form_of(guid) is not None) == (TOLD.fullmatch(guid) is not None)


@pytest.mark.parametrize(
    ("guid", "form", "shape"),
    [
        ("__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6", GuidForm.RANDOM, None),
        ("__g1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6", GuidForm.ADVERTISING, IdentityShape.ADVERTISING_ID),
        ("__hjane@example.org", GuidForm.CUSTOM, IdentityShape.EMAIL),
        ("__h+14155550100", GuidForm.CUSTOM, IdentityShape.PHONE),
        ("__h5f4dcc3b5aa765d61d8327deb882cf99", GuidForm.CUSTOM, IdentityShape.DIGEST),
        ("__hcustomer-4711", GuidForm.CUSTOM, None),
        ("__i1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6", GuidForm.FALLBACK, None),
        ("from-the-server", None, None),
        ("-v1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6", None, None),
    ],
)
def test_what_an_id_gives_away(guid: str, form: GuidForm | None, shape: IdentityShape | None) -> None:
    """By its form, and by what the app put into it."""
    assert (form_of(guid), guid_shape(guid)) == (form, shape)


# -- identity keys -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3.2.0", "4.0.4"])
def test_old_versions_have_no_choice(version: str) -> None:
    """Whatever is configured."""
    assert identity_keys(version, ["Phone"], stored="Phone") == ("Identity", "Email", "FBID", "GPID")


@pytest.mark.parametrize(
    ("configured", "stored", "keys"),
    [
        ((), "", {"Identity", "Email"}),
        (("Phone",), "", {"Phone"}),
        (("EMAIL", "phone"), "", {"Email", "Phone"}),
        (("FBID", "Customer"), "", {"Identity", "Email"}),
        (("Phone",), "Identity,Email", {"Identity", "Email"}),
        (("Phone",), "junk", {"Phone"}),
        (("Identity", "Email", "Phone"), "", {"Identity", "Email", "Phone"}),
    ],
)
def test_what_is_stored_wins_over_what_is_configured(
    configured: tuple[str, ...], stored: str, keys: set[str]
) -> None:
    """And where neither says anything that counts, there is a default."""
    assert set(identity_keys("8.2.0", configured, stored=stored)) == keys


def test_keys_come_in_the_order_of_a_hash_set() -> None:
    """Not in that of the configuration."""
    assert identity_keys("8.2.0", ("Identity", "Phone", "Email")) == ("Email", "Phone", "Identity")


def test_who_logged_in_before_there_was_a_choice_has_none() -> None:
    """As long as nothing is stored."""
    assert set(identity_keys("8.2.0", ("Phone",), legacy_users=True)) == {"Identity", "Email"}
    assert identity_keys("8.2.0", (), stored="Phone", legacy_users=True) == ("Phone",)


def test_a_version_that_is_none_is_refused() -> None:
    """By the one place that knows versions."""
    with pytest.raises(UsageError):
        identity_keys("newest")
