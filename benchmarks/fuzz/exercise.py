"""One document through everything that a format offers, under a cap on time and an eye on memory."""

import contextlib
import random
import re
import signal
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from harness.errors import FormatError
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Document
from harness.scan.tally import tally

__all__ = ["CAP", "LIMITS", "Hang", "Unkept", "exercise", "peak_and_present", "seconds_at_most"]

CAP = 10.0
"""CPU seconds that one question about one document may take; limits allow five."""
LIMITS = Limits(seconds_per_file=5.0)
_TELLING = re.compile(rb"phone|l(?:at|on)|ssn|card", re.IGNORECASE)


class Unkept(AssertionError):
    """A promise of the port that was not kept."""


class Hang(BaseException):
    """A question that took longer than the cap; no parser can take it for damage and go on."""


def exercise(form: Format, document: Document, dice: random.Random, *, cap: float = CAP) -> bool:
    """Whether the document was read to its end, rather than refused as damaged.

    Raises:
        Unkept: what came back is not what the port promises.
        Hang: a question took too long.
        Exception: the parser crashed.
    """
    data = document.data
    with seconds_at_most(cap):
        if not 0.0 <= form.sniff(bytes(data[:4096]), len(data)) <= 1.0:
            raise Unkept("a likeness is a number from 0 to 1")
    is_whole = False
    with seconds_at_most(cap), contextlib.suppress(FormatError):
        deque(form.decode(document, LIMITS), maxlen=0)
        is_whole = True
    with seconds_at_most(cap), contextlib.suppress(FormatError):
        _accounted(form, document)
    with seconds_at_most(cap), contextlib.suppress(FormatError):
        if not all(piece.anchors[0][0] == 0 for piece in form.expand(document, _TELLING, LIMITS)):
            raise Unkept("the anchors of a piece begin at 0")
    for part in ("", *document.sidecars):
        size = len(document.part(part))
        with seconds_at_most(cap):
            _located(form, document, part, [dice.randrange(size + 1) for _ in range(20)])
    return is_whole


def _located(form: Format, document: Document, part: str, offsets: list[int]) -> None:
    """As many places as were asked for."""
    places = form.locate(document, offsets, LIMITS, part=part)
    if len(places) != len(offsets) or not all(0 <= each.offset <= len(each.value) for each in places):
        raise Unkept("each offset has its place, within the value")


def _accounted(form: Format, document: Document) -> None:
    """Spans cover each part from end to end, once, and their sums are its size."""
    ledger = form.account(document, LIMITS)
    if set(ledger.parts) != {"", *document.sidecars}:
        raise Unkept("the ledger has every part")
    for part, spans in ledger.parts.items():
        at = 0
        for span in spans:
            if span.start != at or span.end <= span.start:
                raise Unkept("spans touch, and none is empty")
            at = span.end
        if at != len(document.part(part)):
            raise Unkept("spans cover the part")
    for part, shares in tally(ledger, document).items():
        if sum(shares.values()) != len(document.part(part)):
            raise Unkept("shares add up")


@contextlib.contextmanager
def seconds_at_most(cap: float) -> Iterator[None]:
    """Of CPU time, so that a busy machine accuses nobody. For the main thread of a process."""
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, cap)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Hang


_STATUS = Path("/proc/self/status")
_PEAK = re.compile(rb"VmHWM:\s+(\d+) kB")
_PRESENT = re.compile(rb"VmRSS:\s+(\d+) kB")


def peak_and_present() -> tuple[int, int]:
    """The most memory that this process had since the last call, and what it has; zeros where nobody tells."""
    try:
        status = _STATUS.read_bytes()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return 0, 0
    peak, present = _PEAK.search(status), _PRESENT.search(status)
    return (int(peak[1]) << 10, int(present[1]) << 10) if peak and present else (0, 0)
