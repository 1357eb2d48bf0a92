"""Who claims a place: the index answers what the definition says, for any globs."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.model import Step
from harness.scan.attribution import NOBODY, Attribution, ClaimIndex
from harness.sdks.base import Claim, SdkModel


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
