"""Any bytes at all: the runs of text within them. The last resort, where nothing surer claims a document."""

from typing import ClassVar

from harness.formats._runs import TextRuns, runs
from harness.formats.base import Sample, cover
from harness.limits import Limits
from harness.model import Document, Ledger, Share, State, Value

__all__ = ["Printable"]


class Printable(TextRuns):
    """Runs of six or more printable characters in UTF-8, or of Latin ones in UTF-16; a locator is a run's offset."""

    title = "Unknown bytes: runs of text"
    source = "none; as strings(1)"
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            (
                b"\x00\x01\x02jane@example.org\x00\xff",
                "Zoë Müller".encode(),
                b"\x05\x06",
                "555-0123".encode("utf-16-le"),
            ),
            (
                Value((3,), "jane@example.org", State.RAW),
                Value((21,), "Zoë Müller", State.RAW),
                Value((35,), "555-0123", State.RAW),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        return 0.01

    def account(self, document: Document, limits: Limits) -> Ledger:
        data = document.data
        found = ((run.start, run.end, Share.DECODED) for run in runs(data, 0, len(data)))
        return Ledger({"": cover(found, len(data), Share.UNKNOWN)})
