"""Runs the benchmarks: `python -m benchmarks [NAME ...]`, all of them where none is named.

Figures are CPU seconds of whole processes, and ratios to a peer that ran in turns with ours: the machine's speed and
what else it did cancel out. Only ratios are claims.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import (
    acquire,
    bait,
    cues,
    databases,
    devices,
    formats,
    memory,
    share,
    simulate,
    startup,
    throughput,
    tracing,
    values,
)
from benchmarks.setting import Setting

_ROOT = Path(__file__).resolve().parent.parent


def _detectors(_setting: Setting) -> None:
    """Precision and recall on texts of others, where those stand beside the checkout."""
    print("\n== detectors on texts that were not written for them", flush=True)
    if not (_ROOT.parent / "shared" / "corpus" / "pii-text").is_dir():
        print("not here: the labelled texts are no part of the project; give their folder to detector_quality.py")
        return
    subprocess.run([sys.executable, str(_ROOT / "benchmarks" / "detector_quality.py")], check=True)


BENCHES: Mapping[str, Callable[[Setting], None]] = {
    "startup": startup.bench,
    "throughput": throughput.bench,
    "tracing": tracing.bench,
    "share": share.bench,
    "memory": memory.bench,
    "values": values.bench,
    "formats": formats.bench,
    "databases": databases.bench,
    "cues": cues.bench,
    "bait": bait.bench,
    "devices": devices.bench,
    "acquire": acquire.bench,
    "simulate": simulate.bench,
    "detectors": _detectors,
}


def main() -> None:
    """Run those that were asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(BENCHES)}")
    parser.add_argument("--mb", type=int, default=50, help="size of the corpus (default: 50)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each command, in turns (default: 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the corpus")
    parser.add_argument("--work", type=Path, default=_ROOT / "build" / "bench", help="where corpora are kept")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - BENCHES.keys()):
        parser.error(f"there is no benchmark called {unknown[0]}; there are: {', '.join(BENCHES)}")
    setting = Setting(options.work, options.mb, options.runs, options.seed)
    for name in options.names or BENCHES:
        BENCHES[name](setting)


if __name__ == "__main__":
    main()
