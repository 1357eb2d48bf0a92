"""Each piece of personal data is reported once for each place."""

from dataclasses import replace

from harness.model import MaskRule, State, Step
from harness.scan.confirm import Hit
from harness.scan.repeats import distinct, unexplained, without_copies
from harness.scan.unfold import Leaf

MAIL = b"ada.birch@example.com"


def hit(
    *steps: Step,
    normal: bytes = MAIL,
    state: State = State.LIVE,
    layers: tuple[str, ...] = (),
    peeled: tuple[str, ...] | None = None,
    person: str | None = None,
) -> Hit:
    """One hit; `peeled` are the layers of its leaf, where the literal itself was of an encoded form."""
    return Hit(
        leaf=Leaf(steps, "x", state, layers if peeled is None else peeled),
        start=0,
        end=1,
        in_key=False,
        type="EMAIL",
        confidence=1.0,
        why=("because",),
        value=normal,
        normal=normal,
        mask=MaskRule.DOMAIN,
        persona_field=person,
        layers=layers,
    )


def test_the_same_value_at_one_place_counts_once() -> None:
    """In two places, or in two states, it is two."""
    assert len(distinct([hit("a"), hit("a")])) == 1
    assert len(distinct([hit("a"), hit("b"), hit("a", state=State.WAL)])) == 3


def test_an_encoded_form_that_was_read_decoded_counts_as_the_decoded_one() -> None:
    """The deeper place is the one that says more."""
    encoded = hit("a", layers=("base64",), peeled=(), person="email")
    decoded = hit("a", "email", layers=("base64",), person="email")

    assert distinct([encoded, decoded]) == [decoded]


def test_a_value_between_escapes_counts_without_them() -> None:
    """It was read as it stands."""
    assert distinct([hit("a"), hit("a", layers=("url",))]) == [hit("a")]


def test_a_value_with_an_escape_of_its_own_counts_as_the_one_that_was_peeled() -> None:
    """`layers` says how it stands there."""
    escaped = replace(hit("a"), value=b"ada.birch%40example.com")

    assert distinct([escaped, hit("a", layers=("url",))]) == [hit("a", layers=("url",))]


def test_what_a_value_explains_is_not_told_again() -> None:
    """Nor with what touched it; something else is."""
    glued, other = hit("a", normal=b"x" + MAIL), hit("a", normal=b"eli.kerr@example.net")

    assert unexplained([hit("a"), glued, other], [hit("a")]) == [other]


def test_a_row_that_moved_to_another_page_is_not_deleted() -> None:
    """It is live at the same place; one that is gone stays."""
    moved, gone = hit("t", 1, "c", state=State.UNALLOCATED), hit("t", 2, "c", state=State.UNALLOCATED)

    assert without_copies([hit("t", 1, "c"), moved, gone]) == [hit("t", 1, "c"), gone]
