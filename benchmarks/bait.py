"""What looks like personal data and is none: how much of it is held against an app all the same.

Every kind is drawn from a seed, in the syntaxes that apps store it in, with keys that say what it is and without any.
What is found below the threshold of a guess is counted apart: it is listed, and no verdict hangs on it.
"""

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from benchmarks.measure import Table
from benchmarks.setting import Setting
from harness import registry
from harness.detectors.base import Detector
from harness.model import LEAST_SURE
from harness.scan.scanner import Scanner
from harness.scan.unfold import Leaf

__all__ = ["KINDS", "bench", "counted", "lines"]

_LINE = 400
"""Bytes of one text, or more."""


def _uuid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _epoch(dice: random.Random) -> str:
    seconds = dice.randrange(1_000_000_000, 2_000_000_000)
    return str(dice.choice((seconds, seconds * 1000 + dice.randrange(1000), seconds * 10**6 + dice.randrange(10**6))))


def _digest(dice: random.Random) -> str:
    size = dice.choice((8, 16, 20, 32, 64))
    text = dice.randbytes(size).hex()
    return text.upper() if dice.random() < 0.2 else text


def _build(dice: random.Random) -> str:
    parts = [dice.randrange(40), dice.randrange(30), dice.randrange(60), dice.randrange(250)]
    form = dice.choice(
        ("{0}.{1}.{2}", "{0}.{1}.{2}.{3}", "{0}.{1}.{2}-beta.{3}", "{0}{1:02}{2:02}{3:03}", "v{0}.{1}.{2}+{3}")
    )
    return form.format(*parts)


def _coordinate(dice: random.Random) -> str:
    return f"{dice.uniform(-90, 90):.3f},{dice.uniform(-180, 180):.3f}"


def _number(dice: random.Random) -> str:
    """Of up to 19 digits, as rows and events are counted."""
    return str(dice.getrandbits(dice.choice((24, 31, 40, 53, 63))))


def _float(dice: random.Random) -> str:
    return repr(dice.uniform(-1000, 1000))


def _moment(dice: random.Random) -> str:
    year, month, day = dice.randrange(2005, 2030), dice.randrange(1, 13), dice.randrange(1, 29)
    hour, minute, second = dice.randrange(24), dice.randrange(60), dice.randrange(60)
    form = dice.choice(
        (
            "{}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            "{}/{:02}/{:02} {:02}:{:02}:{:02}",
            "{}{:02}{:02}_{:02}{:02}{:02}",
        )
    )
    return form.format(year, month, day, hour, minute, second, dice.randrange(1000))


def _colour(dice: random.Random) -> str:
    return f"#{dice.getrandbits(24):06x}" if dice.random() < 0.5 else f"0x{dice.getrandbits(32):08X}"


KINDS: Mapping[str, tuple[Callable[[random.Random], str], tuple[str, ...]]] = {
    "UUIDs": (_uuid, ("session_id", "request", "uuid", "batch", "transaction_id")),
    "epoch times": (_epoch, ("ts", "created_at", "last_seen", "time", "expires")),
    "digests": (_digest, ("sha256", "etag", "checksum", "md5", "commit")),
    "build numbers": (_build, ("version", "build", "sdk_version", "os", "release")),
    "coordinates of three decimals": (_coordinate, ("offset", "delta", "range", "centre", "vector")),
    "counts and row ids": (_number, ("count", "row_id", "bytes", "sequence", "event_id")),
    "floats": (_float, ("score", "ratio", "duration", "weight", "elapsed")),
    "moments": (_moment, ("date", "at", "updated", "started", "timestamp")),
    "colours": (_colour, ("color", "tint", "background", "flags", "mask")),
}
"""What is drawn, and names that such values have."""

_FRAMES: tuple[Callable[[str, str], str], ...] = (
    lambda key, value: f'"{key}":"{value}",',
    lambda key, value: f"{key}={value}&",
    lambda key, value: f'<string name="{key}">{value}</string>\n',
    lambda key, value: f"{value} ",
    lambda key, value: f"{value}\n",
    lambda key, value: f"I/App: {key} {value} done\n",
    lambda key, value: f"{value},",
)


def lines(kind: str, size: int, seed: int) -> Iterator[str]:
    """Texts of one kind, `size` bytes in all or a few more."""
    draw, keys = KINDS[kind]
    dice = random.Random(f"{kind} {seed}")
    while size > 0:
        frame, parts, length = dice.choice(_FRAMES), [], 0
        while length < _LINE:
            parts.append(frame(dice.choice(keys), draw(dice)))
            length += len(parts[-1])
        yield "".join(parts)
        size -= length


def counted(scanner: Scanner, kind: str, size: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """By class: what is believed, and what is a guess."""
    believed: Counter[str] = Counter()
    guessed: Counter[str] = Counter()
    batch: list[Leaf] = []
    for number, text in enumerate(lines(kind, size, seed)):
        batch.append(Leaf((number,), text))
        if len(batch) == 8192:
            _count(scanner, batch, believed, guessed)
            batch = []
    _count(scanner, batch, believed, guessed)
    return believed, guessed


def _count(scanner: Scanner, batch: list[Leaf], believed: Counter[str], guessed: Counter[str]) -> None:
    for hit in scanner.confirm(batch):
        (believed if hit.confidence >= LEAST_SURE else guessed)[hit.type] += 1


def bench(setting: Setting) -> None:
    """A hundred megabytes, or as many as `--mb` says, in equal shares of every kind."""
    scanner = Scanner({}, registry.load("detectors", Detector))
    size = setting.mb * 1_000_000 // len(KINDS)
    table = Table(
        f"bait: {setting.mb} MB of what is nobody's", "kind", "believed a MB", "which", "guesses a MB", "which"
    )
    total: Counter[str] = Counter()
    begin = time.process_time()
    for kind in KINDS:
        believed, guessed = counted(scanner, kind, size, setting.seed)
        total += believed
        table.row(kind, _rate(believed, size), _which(believed), _rate(guessed, size), _which(guessed))
    table.row(
        "all", f"{total.total() / setting.mb:.3f}", _which(total), "", f"{time.process_time() - begin:.0f} s of CPU"
    )
    table.show()


def _rate(counts: Counter[str], size: int) -> str:
    return f"{counts.total() / size * 1e6:.2f}"


def _which(counts: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.most_common(4))
