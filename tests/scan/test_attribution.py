"""Who claims a place: the index answers what the definition says, for any globs."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.model import Locator, Step
from harness.scan.attribution import NOBODY, Attribution, ClaimIndex
from harness.sdks.base import Claim, SdkModel

CLAIMS = [
    ("beta", Claim(path="shared_prefs/*", role="data")),
    ("alpha", Claim(path="shared_prefs/app.xml", role="config")),
    ("alpha", Claim(path="shared_prefs/app.xml", pointer="/identity*", role="identity")),
    ("gamma", Claim(path="databases/*", role="queue")),
]


@pytest.mark.parametrize(
    ("path", "steps", "owner"),
    [
        ("shared_prefs/other.xml", ("a",), Attribution("beta", "data")),
        ("shared_prefs/app.xml", ("a",), Attribution("alpha", "config")),
        ("shared_prefs/app.xml", ("identity_1",), Attribution("alpha", "identity")),
        ("databases/x", ("t", 1, "c"), Attribution("gamma", "queue")),
        ("files/x", (), None),
    ],
)
def test_the_most_exact_claim_has_the_place(path: str, steps: tuple[Step, ...], owner: Attribution | None) -> None:
    """Whatever the order in which SDKs were loaded."""
    locator = Locator(path=path, steps=steps)

    assert ClaimIndex(CLAIMS).owner(locator) == ClaimIndex(CLAIMS[::-1]).owner(locator) == owner


def test_claims_that_tie_go_by_name() -> None:
    """So that a report does not depend on order."""
    tied = [("one", Claim(path="a*", role="data")), ("two", Claim(path="*b", role="queue"))]

    place = Locator(path="ab")
    assert ClaimIndex(tied).owner(place) == ClaimIndex(tied[::-1]).owner(place) == Attribution("two", "queue")


def _plain(claims: Sequence[tuple[str, Claim]], path: str, steps: tuple[Step, ...]) -> Attribution | None:
    """The definition."""
    matching = [(sdk, claim) for sdk, claim in claims if claim.matches(path, steps)]
    if not matching:
        return None
    return Attribution.to(*max(matching, key=lambda each: (len(each[1].pointer), len(each[1].path), each[0])))


_NAMES = st.sampled_from(["a", "b", "ab", "a:b", "a/b", "a~b", "[a]", "", "*", "a\n", "deviceId:T-1"])
_STEPS = st.lists(_NAMES | st.integers(-1, 12), max_size=4).map(tuple)
_GLOB_PARTS = st.sampled_from(["*", "?", "/", "a", "b", "a:b", "[ab]", "[!a]", "[", "]", "~1", "~0", "1", "", "\n"])
_GLOBS = st.lists(_GLOB_PARTS, max_size=6).map("".join)
_PATHS = st.sampled_from(["a", "b/a", "a/b", "ab", "shared_prefs/x.xml", "", "a\n"])
_CLAIMS = st.lists(
    st.tuples(
        st.sampled_from(["one", "two"]),
        st.builds(
            lambda path, glob, role: Claim(path=path, pointer=glob, role=role),
            _PATHS | _GLOBS,
            _GLOBS,
            st.sampled_from(["identity", "queue", "data"]),
        ),
    ),
    max_size=12,
)


@given(_CLAIMS, _PATHS, _STEPS)
def test_the_index_says_what_the_definition_says(
    claims: list[tuple[str, Claim]], path: str, steps: tuple[Step, ...]
) -> None:
    """For globs and names of any kind, those that look like each other's marks too."""
    assert ClaimIndex(claims).on(path).owner(steps) == _plain(claims, path, steps)


@given(_CLAIMS, _PATHS, st.lists(_STEPS, max_size=6))
def test_what_is_remembered_of_one_row_is_true_of_the_next(
    claims: list[tuple[str, Claim]], path: str, rows: list[tuple[Step, ...]]
) -> None:
    """Globs that can tell numbers apart are asked each time."""
    here = ClaimIndex(claims).on(path)

    for steps in rows:
        assert here.owner(steps) == _plain(claims, path, steps)


def test_files_that_nobody_claims_cost_nothing() -> None:
    """Most files of an app are such."""
    index = ClaimIndex([("one", Claim(path="shared_prefs/one.xml"))])

    assert index.on("databases/app.db") is NOBODY
    assert not NOBODY
    assert NOBODY.owner(("a",)) is None


@pytest.mark.parametrize("name", registry.names("sdks"))
def test_every_claim_wins_somewhere(name: str) -> None:
    """One that a more exact one hides everywhere says nothing."""
    model = registry.load("sdks", SdkModel)[name]
    index = ClaimIndex([(name, claim) for claim in model.claims])

    for claim in model.claims:
        steps = tuple(step.replace("*", "7") for step in claim.pointer.strip("/").split("/") if step)
        steps = tuple("Identity" if step.startswith("[") else step for step in steps)
        owner = index.on(claim.path.replace("*", "7")).owner(steps if claim.pointer != "*" else ())
        assert owner == Attribution.to(name, claim), (claim.path, claim.pointer)
