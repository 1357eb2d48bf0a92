"""The words about SDKs in a result."""

from harness.model import Access, Cell, Component, Locator, Sealed, SealState
from harness.reporters.json.words import component, sealed

FILES = frozenset({Access.ROOT_FILES, Access.BACKUP})


def test_attackers_stand_weakest_first() -> None:
    """A set has no order; two runs must give one text."""
    found = Sealed(
        locator=Locator(path="a.xml", steps=("key",)), layer="aes", state=SealState.OPENED, sdk="toy",
        reason="a key beside it", opened_by=FILES,
    )  # fmt: skip

    assert sealed(found)["opened_by"] == ["backup", "root_files"]


def test_all_values_together_have_no_class() -> None:
    """`null`, so that nobody takes it for a class called nothing."""
    each = Component(sdk="toy", component="queue", type="", values=3, cells={Access.BACKUP: Cell.HELD})

    assert (component(each)["type"], component(each)["cells"]) == (None, {"backup": "held"})
