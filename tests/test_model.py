"""The vocabulary: places, identities, verdicts, and what `repr` never shows."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import model
from harness.encodings import Run
from harness.formats.base import Piece, Sample
from harness.model import (
    Access,
    Artifact,
    Bytes,
    Document,
    Facts,
    Ledger,
    Locator,
    MaskRule,
    Outcome,
    Place,
    Record,
    Report,
    Share,
    Span,
    State,
    Step,
    Value,
    Verdict,
    pointer,
)
from harness.persona import Persona
from harness.persona.forms import Form
from harness.scan.confirm import Hit
from harness.scan.raw import Opened, Suspicion
from harness.scan.tracer import Traced
from harness.scan.unfold import Leaf

CANARY = "jane.roe@example.org"
RAW = CANARY.encode()
FORM = Form("email", "plain", (), RAW)
LEAF = Leaf(("profile", "Email"), CANARY)
FACTS = Facts(path="databases/app")

HOLDERS = [
    Bytes(RAW),
    Document(RAW, {"-wal": RAW}),
    Artifact(facts=FACTS, content=Bytes(RAW), sidecars={"-wal": Bytes(RAW)}),
    Value(("a",), CANARY),
    Place(("a",), value=RAW),
    Record(locator=Locator(path="p"), value=CANARY),
    Persona(name=CANARY, email=CANARY, custom={"nick": CANARY}),
    Persona(location=(37.422131, -122.084801)),
    FORM,
    LEAF,
    Traced(0, len(RAW), FORM),
    Suspicion(0, "", 0, ("base64",), RAW),
    Run("base64", 0, 4, RAW),
    Piece(RAW),
    Hit(
        leaf=LEAF, start=0, end=len(RAW), in_key=False, type="EMAIL", confidence=1.0, why=("equals",), value=RAW,
        normal=RAW, mask=MaskRule.DOMAIN,
    ),
]  # fmt: skip


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_what_holds_raw_bytes_never_shows_them(holder: object) -> None:
    """A log line, a traceback or a failed assertion prints these; none of it may leak."""
    for text in (repr(holder), str(holder), f"{holder}", repr([holder])):
        assert CANARY not in text
        assert "37.42" not in text


def test_the_sample_of_a_format_is_made_up_and_may_show() -> None:
    """Only what comes from a device is hidden: a sample is part of the source code."""
    assert "invented" in repr(Sample("invented", ()))


def test_an_opened_file_shows_its_place_only(request: pytest.FixtureRequest) -> None:
    """It carries the whole document."""
    from harness import registry
    from harness.formats.base import Format

    chosen = next(iter(registry.load("formats", Format).values()))
    opened = Opened(Artifact(facts=FACTS, content=Bytes(RAW)), chosen, Document(RAW))

    assert CANARY not in repr(opened)


STEPS = st.lists(st.one_of(st.text(max_size=8), st.integers(0, 10**6)), max_size=5)


@given(STEPS)
def test_pointers_are_told_apart(steps: list[Step]) -> None:
    """RFC 6901: the escapes make the way back unambiguous."""
    text = pointer(tuple(steps))
    back = [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]

    assert back == [str(step) for step in steps]


def test_a_pointer_escapes_as_the_rfc_says() -> None:
    """`~` first, then `/`."""
    assert pointer(("a/b", "m~n", 3, "")) == "/a~1b/m~0n/3/"


@given(STEPS, st.integers(0, 10**6))
def test_an_identity_leaves_out_positions(steps: list[Step], other: int) -> None:
    """A new row before it does not make a finding a new one."""
    moved = tuple(other if isinstance(step, int) else step for step in steps)

    assert Locator(path="p", steps=tuple(steps)).identity == Locator(path="p", steps=moved).identity


def test_an_identity_tells_a_number_from_a_name() -> None:
    """A key `*` is no row."""
    assert Locator(path="p", steps=(3,)).identity == "p#/*"
    assert Locator(path="p", steps=("a/b",)).identity == "p#/a~1b"


@pytest.mark.parametrize(
    ("locator", "text"),
    [
        (Locator(path="a/b"), "a/b"),
        (Locator(path="a", steps=("t", 12, "c")), "a#/t/12/c"),
        (Locator(path="a", steps=("k",), container="com.example.shop"), "com.example.shop:a#/k"),
    ],
)
def test_a_locator_prints_as_users_read_it(locator: Locator, text: str) -> None:
    """Container, path, and the way inside."""
    assert str(locator) == text


@pytest.mark.parametrize("kind", [Value, Leaf, lambda steps, _value: Place(steps), lambda steps, value: Record(
    locator=Locator(path="p", steps=steps), value=value)])  # fmt: skip
@pytest.mark.parametrize(
    ("steps", "key"), [(("t", 1, "Email"), "Email"), (("tags", 0), "tags"), ((1, 2), ""), ((), "")]
)
def test_the_key_is_the_nearest_name(kind: type[Value], steps: tuple[Step, ...], key: str) -> None:
    """What a person would call the field; an array's elements are called after the array."""
    assert kind(steps, "x").key == key


def test_a_ledger_adds_up_by_share() -> None:
    """Over all parts of the document."""
    ledger = Ledger(
        {
            "": (Span(0, 10, Share.STRUCTURE), Span(10, 30, Share.DECODED)),
            "-wal": (Span(0, 5, Share.DECODED), Span(5, 5, Share.FREE)),
        }
    )

    assert ledger.totals() == {Share.STRUCTURE: 10, Share.DECODED: 25, Share.FREE: 0}


def test_a_fault_costs_bytes_even_where_none_can_be_blamed() -> None:
    """What is missing at the end of a file has no bytes of its own."""
    spans = (Span(0, 10, Share.STRUCTURE), Span(10, 30, Share.DECODED))
    blamed = (*spans, Span(30, 31, Share.FAILED))

    assert Ledger({"": spans}, "it was cut off").totals() == {Share.FAILED: 30}
    assert Ledger({"": blamed}, "it was cut off").totals()[Share.FAILED] == 1


def test_parts_of_a_document_go_by_suffix() -> None:
    """The empty name is the document itself."""
    document = Document(b"main", {"-wal": b"log"})

    assert (document.part(""), document.part("-wal")) == (b"main", b"log")


def _report(*outcomes: Outcome) -> Report:
    verdicts = tuple(
        Verdict(check=f"c{n}", title="t", outcome=outcome, examined=1) for n, outcome in enumerate(outcomes)
    )
    return Report(
        source="s", profile=None, app=None, sdks=(), persona=False, snapshot="", coverage=(), unread=(),
        verdicts=verdicts, exposure=(), detections=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "whole"),
    [
        ((), Outcome.INCONCLUSIVE),
        ((Outcome.NOT_APPLICABLE,), Outcome.INCONCLUSIVE),
        ((Outcome.PASS,), Outcome.PASS),
        ((Outcome.PASS, Outcome.NOT_APPLICABLE), Outcome.PASS),
        ((Outcome.PASS, Outcome.INCONCLUSIVE), Outcome.INCONCLUSIVE),
        ((Outcome.INCONCLUSIVE, Outcome.FAIL), Outcome.FAIL),
        ((Outcome.FAIL, Outcome.PASS), Outcome.FAIL),
    ],
)
def test_a_report_passes_only_where_something_was_judged(outcomes: tuple[Outcome, ...], whole: Outcome) -> None:
    """Nothing judged, or one open question, is no pass; one failure is a failure."""
    assert _report(*outcomes).outcome is whole


def test_attackers_are_ordered_by_strength() -> None:
    """Columns of the matrix, and `at least this strong`, rely on it."""
    assert list(Access) == sorted(Access)
    assert [access.label for access in Access] == ["other_app", "adb_shell", "backup", "root_files", "root_code"]


def test_states_are_those_of_the_contract() -> None:
    """Scripts read these words."""
    assert {state.value for state in State} == {
        "live", "wal", "journal", "freelist", "freeblock", "unallocated", "slack", "superseded", "raw",
    }  # fmt: skip


def test_what_may_be_published_has_no_field_for_a_raw_value() -> None:
    """Detections and findings show evidence; there is nothing else to show."""
    for kind in (model.Detection, model.Finding, model.StoredIdentifier):
        assert {field.name for field in fields(kind)} & {"value", "raw", "normal", "data", "window"} == set()


def test_the_module_exports_what_it_defines() -> None:
    """Neither a name too many nor one too few."""
    defined = {
        name for name, thing in vars(model).items()
        if getattr(thing, "__module__", "") == model.__name__ and not name.startswith("_")
    }  # fmt: skip

    assert defined <= set(model.__all__)
    assert all(hasattr(model, name) for name in model.__all__)
