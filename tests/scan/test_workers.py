"""Several processes find what one finds, in its order; and a worker that dies or fails costs nothing."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import registry
from harness.detectors.base import Detector
from harness.errors import FormatError
from harness.formats.base import Format
from harness.model import Artifact, Buffer, Bytes, Facts, Unread
from harness.persona import demo_persona
from harness.scan import workers
from harness.scan.scanner import Scanned, Scanner
from harness.scan.workers import in_order, scanned_by

JANE = demo_persona()
SCANNER = Scanner(registry.load("formats", Format), registry.load("detectors", Detector), persona=JANE)


class Refusing:
    """Content that is there and cannot be read."""

    size = 10

    def read(self) -> Buffer:
        raise FormatError("gone")


def some_files() -> list[Artifact]:
    """Several runs' worth, a few that cannot be read, and one that holds nothing."""
    mail = dict(JANE.items())["email"]
    files = [
        Artifact(
            facts=Facts(path=f"files/{number:03}.json", size=20_000),
            content=Bytes(
                b'{"mail": "u%d@example.com", "me": "%s", "pad": "%s"}' % (number, mail.encode(), b"x" * 20_000)
            ),
        )
        for number in range(60)
    ]
    files[7] = Artifact(facts=Facts(path="files/gone", size=10), content=Refusing())
    files[30] = Artifact(facts=Facts(path="files/empty", size=0), content=Bytes(b""))
    return files


@pytest.mark.parametrize("jobs", [2, 3, 8])
@pytest.mark.parametrize("deep", [False, True])
def test_several_processes_give_what_one_gives(jobs: int, deep: bool) -> None:
    """Files, hits, leaves, coverage and what could not be read: equal, in equal order."""
    alone = list(SCANNER.scan(some_files(), deep=lambda _facts: deep))
    together = list(scanned_by(jobs, SCANNER, some_files(), lambda _facts: deep))

    for kind in (Scanned, Unread):
        assert [item for item in together if isinstance(item, kind)] == [
            item for item in alone if isinstance(item, kind)
        ]
    assert len(together) == 60
    assert sum(len(item.hits) for item in together if isinstance(item, Scanned)) >= 2 * 58


def test_no_file_is_in_two_runs_or_in_none() -> None:
    """Their order stays, too; one file that is larger than a run is one."""
    files = some_files()
    files[3] = Artifact(facts=Facts(path="files/large", size=50_000_000), content=Bytes(b""))
    runs = workers._runs(files, 2)

    assert [file for run in runs for file in run] == files
    assert len(runs) >= 2


def test_results_come_in_order_whoever_is_first() -> None:
    """The first takes longest."""

    def work(number: int) -> tuple[int, int]:
        if not number:
            time.sleep(0.2)
        return number, os.getpid()

    found = list(in_order(3, 40, work))

    assert [number for number, _ in found] == list(range(40))
    assert os.getpid() not in {pid for _, pid in found}


@pytest.mark.parametrize("fate", ["killed", "raises", "cannot be sent"])
def test_what_a_worker_does_not_do_is_done_here(fate: str) -> None:
    """It is killed, it raises, or what it found does not travel: nothing is lost."""
    here = os.getpid()

    def work(number: int) -> object:
        if number % 5 == 3 and os.getpid() != here:
            if fate == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if fate == "raises":
                raise ValueError
            return lambda: number
        return number

    assert list(in_order(2, 20, work)) == list(range(20))


def test_an_error_is_that_of_one_process() -> None:
    """With its own type and words."""

    def work(number: int) -> int:
        if number == 4:
            raise FormatError("the fifth")
        return number

    found: list[int] = []
    with pytest.raises(FormatError, match="the fifth"):
        found.extend(in_order(2, 9, work))


def test_no_worker_outlives_its_work() -> None:
    """Also where nobody asks for the rest."""

    def children() -> set[str]:
        return {
            entry.name
            for entry in Path("/proc").iterdir()
            if entry.name.isdecimal() and _parent(entry) == os.getpid()
        }

    before = children()
    results: Iterator[int] = in_order(2, 1000, lambda number: number)
    next(results)
    assert len(children() - before) == 2
    results.close()  # type: ignore[attr-defined]

    assert children() <= before


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
