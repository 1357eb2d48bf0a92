"""The border behind which nothing is raw: counted, attributed, and safe to publish."""

from harness.masking import mask
from harness.model import CoverageLine, Facts, SealState
from harness.redaction import Redactor
from harness.scan.scanner import Scanned
from harness.scan.sealed import Seal
from harness.scan.unfold import Leaf
from harness.sdks.base import Claim
from harness.sdks.base.known import KnownSdk

FACTS = Facts(path="databases/toy", size=10)
CLAIM = Claim(path="databases/toy", pointer="/queue/*", role="queue", component="event queue")
TOY = KnownSdk(name="toy", title="Toy", platforms=(), sources=(), claims=(CLAIM,))
SHUT = Seal(sdk="toy", layer="aes", state=SealState.RESISTED, reason="the key beside it")


def scanned(*sealed: Leaf) -> Scanned:
    line = CoverageLine(path=FACTS.path, container="", format="sqlite", size=10, shares={})
    return Scanned(facts=FACTS, digest="0" * 64, coverage=line, sealed=sealed)


def test_ciphertexts_of_rows_are_one_place_and_counted() -> None:
    """Ten thousand rows of a queue are one thing to say."""
    rows = [Leaf(("queue", number, "data"), None, seal=SHUT, ciphertext=40) for number in range(10)]
    masked = mask(Redactor(b"k" * 32), [scanned(*rows)], {"toy": TOY})

    (sealed,) = masked.sealed
    assert (sealed.count, sealed.component, sealed.state, sealed.reason) == (
        10, "event queue", SealState.RESISTED, "the key beside it",
    )  # fmt: skip


def test_outcomes_are_not_mixed() -> None:
    """One row that opened beside one that did not are two things to say: a migration left them so."""
    opened = Seal(sdk="toy", layer="aes", state=SealState.OPENED, reason="the key beside it")
    rows = (
        Leaf(("queue", 1, "data"), None, seal=opened, ciphertext=40),
        Leaf(("queue", 2, "data"), None, seal=SHUT, ciphertext=40),
    )

    assert [each.state for each in mask(Redactor(b"k" * 32), [scanned(*rows)], {}).sealed] == [
        SealState.OPENED,
        SealState.RESISTED,
    ]
