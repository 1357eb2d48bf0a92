"""What each cue adds to the pass over all bytes: one careless expression halves the speed of everything."""

import time
from statistics import median

from benchmarks.measure import Table
from benchmarks.setting import Setting, Storage
from harness import registry
from harness.detectors.base import Detector
from harness.scan.engine import CueEngine, Expression, compile_cues

__all__ = ["bench"]

BUDGET = 0.05
"""Nanoseconds a byte that one cue may add: a literal-led one takes 0.03, noise the rest. What takes more says why."""
_NOISE = 0.05
"""What the measurement itself may be wrong by, on a machine that others use too."""
_SAMPLE = 16 << 20
_KEPT = 60


def bench(setting: Setting) -> None:
    """Each cue in the database against the same database without it, in turns.

    Raises:
        SystemExit: one is over its budget and gives no reason.
    """
    sample = _sample(setting.storage())
    every = [(name, cue) for name, each in registry.load("detectors", Detector).items() for cue in each.cues]
    cues = [(name, Expression(cue.expression, cue.caseless)) for name, cue in every]
    everything = compile_cues([cue for _, cue in cues], keep=False)
    table = Table(
        f"cost of each cue (budget: {BUDGET} ns a byte)",
        "detector",
        "adds ns/byte",
        "alone ns/byte",
        "hits a MB",
        "",
        "cue",
    )
    excessive = []
    whole: list[float] = []
    for number, (name, cue) in enumerate(cues):
        without = compile_cues([each for n, (_, each) in enumerate(cues) if n != number], keep=False)
        alone = compile_cues([cue], keep=False)
        added, single = [], []
        for _ in range(setting.runs):
            full = _cost(everything, sample)
            added.append(full - _cost(without, sample))
            single.append(_cost(alone, sample))
            whole.append(full)
        hits = len(alone.scan(sample, len(sample))) / len(sample) * 1e6
        is_over, reason = median(added) > BUDGET + _NOISE, every[number][1].reason
        mark = ("over, for a reason" if reason else "OVER") if is_over else ""
        if is_over and not reason:
            excessive.append(name)
        shown = cue.pattern[:_KEPT].decode("ascii", "replace")
        table.row(name, f"{median(added):.3f}", f"{median(single):.3f}", f"{hits:.1f}", mark, shown)
    table.row("all together", "", f"{median(whole):.3f}")
    table.show()
    if excessive:
        raise SystemExit(f"over {BUDGET} ns a byte without a reason: {', '.join(excessive)}")


def _sample(storage: Storage) -> bytes:
    """Bytes of every kind of file; images are left out, they cost less."""
    parts, size = [], 0
    for path in sorted(storage.data.rglob("*")):
        if path.is_file() and "images" not in path.parts and size < _SAMPLE:
            parts.append(path.read_bytes()[: _SAMPLE // 8])
            size += len(parts[-1])
    return b"\x1e".join(parts)


def _cost(engine: CueEngine, sample: bytes) -> float:
    begin = time.process_time()
    engine.scan(sample, len(sample))
    return (time.process_time() - begin) / len(sample) * 1e9
