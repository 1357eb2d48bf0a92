"""The parts of the SDK: what a claim says is what its part says."""

import re

from harness.sdks.base import Claim
from harness.sdks.clevertap import parts
from harness.sdks.clevertap.claims import ALL_CLAIMS
from harness.sdks.clevertap.parts import Part
from harness.sdks.clevertap.versions import parse


def _parts() -> dict[str, Part]:
    return {name: value for name, value in vars(parts).items() if isinstance(value, Part)}


def test_every_part_claims_something() -> None:
    """A part that nothing is claimed for is a part that was forgotten."""
    told = {(c.component, c.role, c.remedy, c.source, c.holds) for c in ALL_CLAIMS}
    idle = [
        name
        for name, part in _parts().items()
        if (part.component, part.role, part.remedy, part.source, part.holds) not in told
    ]

    assert idle == []


def test_parts_are_listed() -> None:
    """The module's surface is its parts."""
    assert set(parts.__all__) == {*_parts(), "Part"}


def test_a_claim_repeats_its_part() -> None:
    """Bounds and doubts are the place's, the rest is the part's."""
    claim = parts.ARP_VALUES.at("shared_prefs/x.xml", "/k", since="3.7.0", until="8.0.0", uncertain="not seen")

    assert claim == Claim(
        path="shared_prefs/x.xml",
        pointer="/k",
        role="data",
        component="ARP",
        since="3.7.0",
        until="8.0.0",
        remedy=parts.ARP_VALUES.remedy,
        uncertain="not seen",
        source=parts.ARP_VALUES.source,
        holds=parts.ARP_VALUES.holds,
    )


def test_a_remedy_is_true_of_every_version_that_writes_there() -> None:
    """Nobody is told to upgrade to what everybody has who writes there: what holds from a version on is said so."""
    upgraded = re.compile(r"[Uu]pgrade[^.]*? to (\d+\.\d+\.\d+)")
    for claim in ALL_CLAIMS:
        for wanted in upgraded.findall(claim.remedy):
            assert parse(claim.since or "2.0.1") < parse(wanted), claim
        if claim.since and parse(claim.since) >= (7, 3, 1):
            assert "From 7.3.1 on" not in claim.remedy, claim
        if claim.component == "in-app" and "campaigns" in claim.remedy and not claim.until:
            assert not claim.remedy.startswith("Upgrade"), claim


def test_a_remedy_does_not_promise_what_no_level_does() -> None:
    """Where no level helps, the remedy begins with that or says where it ends."""
    for component in ("ARP", "event history", "geofence"):
        for part in _parts().values():
            if part.component == component:
                assert part.remedy.startswith("No encryption level covers it")
