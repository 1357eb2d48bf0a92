"""One parser, in a process of its own, for some seconds: what broke, and what it took."""

import ctypes
import itertools
import multiprocessing
import random
import resource
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import harness
from benchmarks.fuzz.exercise import CAP, Hang, exercise, peak_and_present
from benchmarks.fuzz.mutation import mutated
from benchmarks.fuzz.seeds import LARGEST
from harness.formats.base import Format
from harness.model import Document

__all__ = ["Bug", "Hunt", "hunt"]

SPARE = 200 << 20
"""Bytes that a parser may take whatever the input is; ten times the input beside."""
_HARNESS = Path(harness.__file__).parent
_ROOM = 3 << 30
"""Bytes of address space; what asks for more gets a MemoryError instead of the machine."""
_PATIENCE = 300.0
"""Seconds beyond the time given, after which a process that does not answer is ended: C code heeds no signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """One way to break a parser, with the smallest document that was met."""

    where: str
    """What happened, and the innermost place in our code: equal for equal bugs."""
    case: int
    """Of the seed; -1 where the process died and took the document with it."""
    document: Document = field(repr=False)
    trace: str = field(default="", repr=False)


@dataclass(slots=True, kw_only=True)
class Hunt:
    """What came of it."""

    format: str
    cases: int = 0
    whole: int = 0
    """Read to the end in spite of the damage; the rest was refused as damaged."""
    seconds: float = 0.0
    slowest: float = 0.0
    """CPU seconds of the worst case, all questions together."""
    memory: int = 0
    """Bytes of the worst case beyond ten times its input."""
    bugs: list[Bug] = field(default_factory=list)

    def note(self, bug: Bug) -> None:
        """Keep the smallest of each kind."""
        for at, known in enumerate(self.bugs):
            if known.where == bug.where:
                if len(bug.document.data) < len(known.document.data):
                    self.bugs[at] = bug
                return
        self.bugs.append(bug)


def hunt(form: Format, seeds: Sequence[Document], seconds: float, seed: int, *, cap: float = CAP) -> Hunt:
    """The seeds as they are, then mutants until the time is up. Equal seeds and numbers give equal cases."""
    cases = _Cases(form, seeds, seed, cap)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    current = context.Value("q", -1, lock=False)
    child = context.Process(target=_run, args=(theirs, current, Hunt(format=form.name), cases, seconds), daemon=True)
    child.start()
    theirs.close()
    found = Hunt(format=form.name)
    try:
        if ours.poll(seconds + _PATIENCE):
            found = ours.recv()
        else:
            found.note(_lost(cases, current.value, "it answers no more"))
    except EOFError:
        child.join(10)
        found.note(_lost(cases, current.value, f"the process died ({child.exitcode})"))
    child.kill()
    child.join()
    return found


def _lost(cases: "_Cases", case: int, what: str) -> Bug:
    return Bug(where=what, case=case, document=cases.document(case) if case >= 0 else Document(b""))


@dataclass(frozen=True, slots=True)
class _Cases:
    """What is tried, by number: the seeds as they are, then mutants of them."""

    form: Format
    seeds: Sequence[Document]
    seed: int
    cap: float

    def document(self, number: int) -> Document:
        if number < len(self.seeds):
            return self.seeds[number]
        dice = random.Random(f"{self.form.name} {self.seed} {number}")
        small = [each for each in self.seeds if len(each.data) <= LARGEST]
        return mutated(dice.choice(small), small, dice)


def _run(pipe: Connection, current: "ctypes.c_longlong", found: Hunt, cases: "_Cases", seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_taken() + _ROOM, resource.RLIM_INFINITY))
    began = time.monotonic()
    for number in itertools.count():
        if number == len(cases.seeds):
            began = time.monotonic()
        if number >= len(cases.seeds) and time.monotonic() - began > seconds:
            break
        current.value = number
        _try(found, cases, number)
    found.seconds = time.monotonic() - began
    pipe.send(found)


def _try(found: Hunt, cases: _Cases, number: int) -> None:
    document = cases.document(number)
    size = sum(len(document.part(part)) for part in ("", *document.sidecars))
    _, before = peak_and_present()
    began = time.process_time()
    where = trace = ""
    try:
        found.whole += exercise(cases.form, document, random.Random(number), cap=cases.cap)
    except Hang as problem:
        where, trace = f"hangs in {_place(problem)}", traceback.format_exc()
    except Exception as problem:  # noqa: BLE001 - whatever it is, it should not have come
        where, trace = f"{type(problem).__name__} in {_place(problem)}", traceback.format_exc()
    found.cases += 1
    found.slowest = max(found.slowest, time.process_time() - began)
    peak, present = peak_and_present()
    beyond = peak - before - 10 * size
    found.memory = max(found.memory, beyond)
    if beyond > SPARE and not where:
        where = "takes more memory than ten times the input and 200 MiB"
        trace = f"{size:,} bytes of input, {peak - before:,} of memory\n"
    if where:
        found.note(Bug(where=where, case=number, document=document, trace=trace))
    if present - before > SPARE // 4:
        _give_back()


def _place(problem: BaseException) -> str:
    """The innermost frame of the harness: where somebody has to look."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.name != "_stop"]
    inside = [frame for frame in frames if _HARNESS in Path(frame.filename).parents]
    last = (inside or frames)[-1]
    path = Path(last.filename)
    return f"{path.relative_to(_HARNESS.parent) if inside else path.name}:{last.name}"


def _taken() -> int:
    """Address space that this process has already."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _give_back() -> None:
    """What the allocator keeps would hide what the next case takes."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
