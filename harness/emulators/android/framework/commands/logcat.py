"""`logcat`: prints the log, and goes on as it grows. Each caller sees what its uid may see."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from harness.emulators.android.framework.logs import BUFFERS, FORMATS, PRIORITIES, Entry, sees_all
from harness.emulators.android.framework.request import BadCall, Console, Request

__all__ = ["run"]

_USUAL = ("main", "system", "crash")


@dataclass(slots=True)
class _Wanted:
    """What the words of a call ask for."""

    buffers: tuple[str, ...] = _USUAL
    style: str = "threadtime"
    follow: bool = True
    clear: bool = False
    sizes: bool = False
    last: int | None = None
    pid: int | None = None
    least: dict[str, str] = field(default_factory=dict)
    """Tags to the lowest priority that is shown; `*` is for all others."""

    def shows(self, entry: Entry) -> bool:
        least = self.least.get(entry.tag, self.least.get("*", "V"))
        loud_enough = PRIORITIES.find(entry.priority) >= PRIORITIES.find(least)
        return entry.buffer in self.buffers and loud_enough and self.pid in {None, entry.pid}

    def lines(self, entry: Entry) -> str:
        head = FORMATS[self.style](entry)
        return "".join(f"{head}{line}\n" for line in entry.text.split("\n"))


async def run(request: Request) -> int:
    """Print, clear, or measure some buffers."""
    wanted = _read(list(request.arguments))
    logs = request.system.logs
    if wanted.clear:
        if not request.is_privileged:
            raise BadCall(f"logcat: failed to clear the '{wanted.buffers[0]}' log", code=1)
        logs.clear(wanted.buffers)
        return 0
    if wanted.sizes:
        return await request.answer(
            "".join(
                f"{name}: ring buffer is 256 KiB (0 B consumed), max entry is 5120 B\n" for name in wanted.buffers
            )
        )
    entries = [entry for entry in logs.read(wanted.buffers, request.uid) if wanted.shows(entry)]
    if wanted.last is not None:
        entries = entries[-wanted.last :] if wanted.last else []
    begun: set[str] = set()
    text = "".join(_with_beginnings(entries, wanted, begun))
    return await (_follow(request, wanted, text, begun) if wanted.follow else request.answer(text))


def _with_beginnings(entries: list[Entry], wanted: _Wanted, begun: set[str]) -> Iterator[str]:
    """Lines, and before the first of each buffer, a line that says so."""
    for entry in entries:
        if entry.buffer not in begun:
            begun.add(entry.buffer)
            yield f"--------- beginning of {entry.buffer}\n"
        yield wanted.lines(entry)


async def _follow(request: Request, wanted: _Wanted, text: str, begun: set[str]) -> int:
    source, sink = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(sink, False)

    def show(entry: Entry) -> None:
        if wanted.shows(entry) and (sees_all(request.uid) or entry.uid == request.uid):
            # Whoever reads too slowly loses lines, as with a ring that overwrites itself.
            with suppress(BlockingIOError):
                os.write(sink, "".join(_with_beginnings([entry], wanted, begun)).encode(errors="replace"))

    def work(console: Console) -> int:
        console.write(text)
        while piece := os.read(source, 65536):
            console.write(piece)
        return 0

    stop = request.system.logs.follow(show)
    try:
        return await request.fork(work, keep=(source,))
    finally:
        stop()
        os.close(source)
        os.close(sink)


def _read(words: list[str]) -> _Wanted:
    wanted = _Wanted()
    options = _options(wanted)
    while words:
        word = words.pop(0)
        name, joined, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if name in options:
            options[name](value if joined else words.pop(0) if words else "")
        elif word in {"-d", "-D"}:
            wanted.follow = False
        elif word in {"-c", "--clear"}:
            wanted.clear = True
        elif word in {"-g", "--buffer-size"}:
            wanted.sizes = True
        elif word == "-s":
            wanted.least.setdefault("*", "S")
        elif word.startswith("-"):
            raise BadCall(f"logcat: Unrecognized option '{word}'", code=1)
        else:
            tag, _, priority = word.partition(":")
            wanted.least[tag] = priority[:1].upper() if priority[:1].upper() in PRIORITIES else "V"
    return wanted


def _options(wanted: _Wanted) -> dict[str, Callable[[str], None]]:
    """Options that take a word."""
    chosen: list[str] = []

    def buffers(word: str) -> None:
        named = [name for part in word.split(",") for name in _expanded(part)]
        unknown = [name for name in named if name not in BUFFERS]
        if unknown:
            raise BadCall(f"logcat: unknown buffer {unknown[0]}", code=1)
        chosen.extend(named)  # each `-b` adds to those before
        wanted.buffers = tuple(dict.fromkeys(chosen))

    def style(word: str) -> None:
        known = [part for part in word.split(",") if part in FORMATS]
        wanted.style = known[0] if known else wanted.style

    def last(word: str) -> None:
        wanted.last = int(word) if word.isdecimal() else None

    def last_and_end(word: str) -> None:
        last(word)
        wanted.follow = False

    def pid(word: str) -> None:
        wanted.pid = int(word) if word.isdecimal() else -1

    return {
        "-b": buffers,
        "--buffer": buffers,
        "-v": style,
        "--format": style,
        "-t": last_and_end,
        "-T": last,
        "--pid": pid,
    }


def _expanded(name: str) -> tuple[str, ...]:
    return {"all": BUFFERS, "default": _USUAL}.get(name, (name,))
