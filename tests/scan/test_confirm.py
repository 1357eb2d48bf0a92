"""Leaves to hits: one buffer for many, and the same answer as one for each."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import registry
from harness.detectors.base import Detector
from harness.model import Scalar, State
from harness.persona import FIELD_TYPES, Persona, demo_persona
from harness.scan.confirm import Confirmer, Hit
from harness.scan.cues import CueSet
from harness.scan.tracer import Tracer
from harness.scan.unfold import Leaf

DETECTORS = registry.load("detectors", Detector)
CUES = CueSet(DETECTORS)
JANE = demo_persona()
RULES = Confirmer(DETECTORS, CUES, None)
SEEDED = Confirmer(DETECTORS, CUES, Tracer(JANE))
MAIL, PHONE, CARD, SSN = "ada.birch@example.com", "+44 7700 900123", "5555 5555 5555 4444", "219-09-9999"


def leaf(value: Scalar, key: str = "field", *, in_key: bool = False) -> Leaf:
    return Leaf((key,), value, State.LIVE, (), in_key)


def told(hits: list[Hit]) -> list[tuple[str, bytes]]:
    return [(hit.type, hit.value) for hit in hits]


def placed(hits: list[Hit], leaves: list[Leaf]) -> list[tuple[int, str, int, int, bool, bytes, str | None]]:
    """Comparable, with the leaf by its number."""
    number = {id(each): n for n, each in enumerate(leaves)}
    return [(number[id(h.leaf)], h.type, h.start, h.end, h.in_key, h.value, h.persona_field) for h in hits]


# -- what is found, and where --------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "text"), [("EMAIL", MAIL), ("PHONE", PHONE), ("CARD", CARD), ("SSN", SSN)])
def test_a_value_is_found_at_its_bounds(kind: str, text: str) -> None:
    """Within a longer text, the bounds are those in the value as it is searched."""
    value = f"Zoë writes: {text}, and leaves"
    (hit,) = RULES.hits([leaf(value)])

    assert hit.type == kind
    assert value.encode()[hit.start : hit.end] == text.encode() == hit.value
    assert not hit.in_key


def test_hits_come_in_the_order_of_leaves_and_places() -> None:
    """So that a report has one order."""
    leaves = [leaf(f"{PHONE} {MAIL}"), leaf("nothing"), leaf(MAIL)]

    assert [(n, kind) for n, kind, *_ in placed(RULES.hits(leaves), leaves)] == [
        (0, "PHONE"), (0, "EMAIL"), (2, "EMAIL"),
    ]  # fmt: skip


def test_a_key_is_searched_like_a_value() -> None:
    """SDKs build keys out of an identity; a hit in one says so."""
    in_key, in_value = RULES.hits([leaf(PHONE, MAIL)])

    assert (in_key.type, in_key.in_key, in_key.start, in_key.end) == ("EMAIL", True, 0, len(MAIL))
    assert (in_value.type, in_value.in_key, in_value.start) == ("PHONE", False, 0)


def test_a_name_is_searched_once() -> None:
    """A leaf that is a name has no value beside it."""
    (hit,) = RULES.hits([Leaf(("table", MAIL), MAIL, State.LIVE, (), in_key=True)])

    assert (hit.in_key, hit.start, hit.end) == (True, 0, len(MAIL))


@pytest.mark.parametrize("value", [True, None, 3, 2.5, b"\xff\x00", ""])
def test_any_scalar_is_searched(value: Scalar) -> None:
    """And mostly holds nothing."""
    assert RULES.hits([leaf(value)]) == []


def test_numbers_are_searched_as_they_are_written() -> None:
    """A card that was stored as an integer."""
    assert told(RULES.hits([leaf(5555555555554444)])) == [("CARD", b"5555555555554444")]


def test_no_leaves_no_hits() -> None:
    """An empty file is a file."""
    assert RULES.hits([]) == []


# -- borders -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [MAIL, PHONE, CARD, SSN, JANE.email, JANE.name, JANE.address, JANE.username])
def test_what_is_split_over_two_leaves_is_not_found(text: str) -> None:
    """Neighbours in the buffer are not neighbours on disk."""
    for cut in range(1, len(text)):
        head, tail = leaf(text[:cut], "a"), leaf(text[cut:], "b")
        whole = {hit.value for each in (head, tail) for hit in SEEDED.hits([each])}

        assert {hit.value for hit in SEEDED.hits([head, tail])} == whole


@pytest.mark.parametrize("text", [MAIL, CARD, SSN, JANE.email, JANE.name])
def test_what_is_split_over_key_and_value_is_not_found(text: str) -> None:
    """Nor is a key the beginning of its value."""
    for cut in range(1, len(text)):
        alone = {hit.value for hit in SEEDED.hits([leaf(text[cut:], "k"), leaf("", text[:cut])])}

        assert {hit.value for hit in SEEDED.hits([leaf(text[cut:], text[:cut])])} <= alone


VALUES = st.sampled_from(
    [
        MAIL, PHONE, CARD, SSN, JANE.email, JANE.phone, JANE.name, JANE.card, "4155550132", "415-555-0132", "hello",
        "a@b", "7", "", "\x1e", "\x1f", 37.422131, -122.084801, 5555555555554444, True, None, b"\xff",
        f"{MAIL} {PHONE}",
    ]
) | st.text(max_size=12)  # fmt: skip
KEYS = st.sampled_from(
    ["email", "phone", "lat", "longitude", "ssn", "card", "id", "", MAIL, "Jane Roe", "dob", "x\x1fy"]
)
LEAVES = st.lists(st.builds(lambda key, value: leaf(value, key), KEYS, VALUES), max_size=8)


@settings(max_examples=200)
@given(LEAVES)
def test_many_leaves_in_one_call_equal_one_call_each(leaves: list[Leaf]) -> None:
    """Joining them is for speed only; separators within a value change nothing."""
    one_by_one = [hit for n, each in enumerate(leaves) for hit in placed(SEEDED.hits([each]), leaves)]

    assert placed(SEEDED.hits(leaves), leaves) == one_by_one


def test_more_leaves_than_one_buffer_holds() -> None:
    """Thousands, over several buffers: the same hits as one call each."""
    chosen = random.Random(3)
    pool = [MAIL, PHONE, "x" * 40_000, "some text", JANE.email, "219-09-9999 and more"]
    leaves = [leaf(chosen.choice(pool), f"k{n}") for n in range(700)]
    assert sum(len(str(each.value)) for each in leaves) > 4 << 20

    one_by_one = [hit for each in leaves for hit in placed(SEEDED.hits([each]), leaves)]
    assert placed(SEEDED.hits(leaves), leaves) == one_by_one


# -- overlaps ------------------------------------------------------------------------------------


def test_the_seeded_person_comes_first() -> None:
    """A value that equals theirs is theirs, and no mere email address."""
    (hit,) = SEEDED.hits([leaf(JANE.email)])

    assert (hit.persona_field, hit.type, hit.form, hit.confidence) == ("email", "EMAIL", "plain", 1.0)


@settings(max_examples=150)
@given(LEAVES)
def test_no_two_hits_share_a_character(leaves: list[Leaf]) -> None:
    """One span, one class."""
    hits = SEEDED.hits(leaves)

    for n, one in enumerate(hits):
        for other in hits[n + 1 :]:
            if one.leaf is other.leaf and one.in_key == other.in_key:
                assert one.end <= other.start or other.end <= one.start


def test_a_longer_form_wins_over_a_part_of_it() -> None:
    """The address, and not the street that it begins with."""
    assert [(hit.persona_field, hit.form) for hit in SEEDED.hits([leaf(JANE.address)])] == [("address", "plain")]


def test_two_people_in_one_value_are_two_hits() -> None:
    """The seeded one, and one that only a rule knows."""
    hits = SEEDED.hits([leaf(f"{JANE.email},{MAIL}")])

    assert [hit.persona_field for hit in hits] == ["email", None]


# -- what a traced hit says ----------------------------------------------------------------------


@pytest.mark.parametrize(("field", "value"), [(name, value) for name, value in JANE.items() if name != "location"])
def test_each_field_has_its_class_and_reason(field: str, value: str) -> None:
    """The reason names the field, never the value."""
    (hit,) = SEEDED.hits([leaf(value)])

    assert (hit.type, hit.persona_field) == (FIELD_TYPES[field], field)
    assert hit.why[0] == f"equals the seeded {field.replace('_', ' ')}"
    # A day and nine characters of a document are others' too, where nothing says what they are.
    assert (hit.confidence, len(hit.why)) == ((0.5, 2) if field in {"date_of_birth", "passport"} else (1.0, 1))


def test_another_spelling_has_the_same_fingerprint() -> None:
    """`normal` is of the seeded value, however it was written."""
    (one,), (other,) = SEEDED.hits([leaf("+1 415 555 0132")]), SEEDED.hits([leaf("(415) 555-0132")])

    assert one.normal == other.normal
    assert other.why == ("equals the seeded phone, spelled `national brackets`",)


def test_a_traced_and_a_ruled_hit_have_the_same_normal_form() -> None:
    """With and without a persona file, the fingerprint of a value is one."""
    (traced,), (ruled,) = SEEDED.hits([leaf(JANE.email)]), RULES.hits([leaf(JANE.email)])

    assert (traced.persona_field, ruled.persona_field) == ("email", None)
    assert traced.normal == ruled.normal


def test_an_encoded_form_names_its_layer() -> None:
    """Also where nothing was peeled: the literal itself is known."""
    import base64

    (hit,) = SEEDED.hits([leaf(base64.b64encode((JANE.username or "").encode()).decode())])

    assert (hit.persona_field, hit.layers) == ("username", ("base64",))


def test_custom_fields_are_a_class_of_their_own() -> None:
    """Under the name that the operator gave."""
    custom = Confirmer(DETECTORS, CUES, Tracer(Persona(custom={"member": "M-99881"})))
    (hit,) = custom.hits([leaf("M-99881")])

    assert (hit.type, hit.persona_field, hit.normal) == ("MEMBER", "member", b"m-99881")


# -- cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [f"{MAIL} ", f"{JANE.email} ", "4155550132 ", "5555 5555 5555 4444 ", "a@b.c", "\x1f"]
)
def test_one_large_value_costs_linear_time(text: str) -> None:
    """A log, or a queue in one cell: twenty thousand hits settle in seconds."""
    value = text * 20_000
    begun = time.process_time()

    SEEDED.hits([leaf(value)])
    assert time.process_time() - begun < 30


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("j***.roe@example.org", 0),
        ("••••roe@example.org", 0),
        ("call +1 415 555 **32", 0),
        ("**** **** **** 1111", 0),
        ("**jane@example.org**", 1),
        ("mail jane@example.org * soon", 1),
        ("* jane@example.org", 1),
    ],
)
def test_the_rest_of_a_mask_is_no_value(text: str, found: int) -> None:
    """An app that masks is not told that it stores plain text; markup and lists are not masks."""
    assert len(RULES.hits([leaf(text, "text")])) == found


def test_a_star_in_bytes_of_no_known_form_is_no_mask() -> None:
    """In protobuf it is the tag of the next field."""
    assert len(RULES.hits([Leaf(("text",), "396-85-6186**{", State.RAW)])) == 1
