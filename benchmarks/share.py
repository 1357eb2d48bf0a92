"""Python's share: the engine passes alone, over the same bytes in the same process, against the whole scan."""

import time
from collections.abc import Callable
from statistics import median

from benchmarks.measure import Table
from benchmarks.setting import Setting, Storage
from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options, pair_sidecars
from harness.formats.base import Format
from harness.model import Artifact
from harness.scan import shapes
from harness.scan.cues import CueSet
from harness.scan.scanner import Scanner

__all__ = ["bench"]

_GROUP = 4 << 20


def bench(setting: Setting) -> None:
    """CPU seconds of each part, medians of runs in turns."""
    storage = setting.storage()
    detectors = registry.load("detectors", Detector)
    cues = CueSet(detectors)
    scanner = Scanner(registry.load("formats", Format), detectors)
    buffers = _joined(storage)
    parts: dict[str, Callable[[], object]] = {
        "reading and joining": lambda: _joined(storage),
        "literal cues": lambda: [sum(1 for _ in cues.literal(buffer, len(buffer))) for buffer in buffers],
        "shape kernel": lambda: [
            shapes.find(buffer, len(buffer), {*cues.shapes, *shapes.ENCODED}) for buffer in buffers
        ],
        "whole scan, in process": lambda: _scan(scanner, storage),
    }
    spent: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(setting.runs):
        for name, part in parts.items():
            begin = time.process_time()
            part()
            spent[name].append(time.process_time() - begin)
    table = Table("Python's share of a scan", "part", "CPU s", "ns a byte", "of the scan")
    whole = median(spent["whole scan, in process"])
    for name, each in spent.items():
        table.row(name, median(each), median(each) / storage.size * 1e9, f"{median(each) / whole:.0%}")
    engine = [sum(pair) for pair in zip(spent["literal cues"], spent["shape kernel"], strict=True)]
    against = median(a / b for a, b in zip(spent["whole scan, in process"], engine, strict=True))
    table.row("whole scan against engine passes", f"{against:.2f} times")
    table.show()


def _joined(storage: Storage) -> list[bytes]:
    """The bytes of all files, in buffers of the size that the scan uses."""
    groups: list[list[bytes]] = [[]]
    size = 0
    for path in sorted(storage.data.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            size += len(data)
            groups[-1].append(data)
            if size >= _GROUP:
                groups.append([])
                size = 0
    return [b"\x1e".join(group) for group in groups if group]


def _scan(scanner: Scanner, storage: Storage) -> int:
    with registry.load("devices", Connector)["folder"].open(str(storage.data), Options()) as source:
        artifacts = [item for item in source.collect() if isinstance(item, Artifact)]
        return sum(1 for _ in scanner.scan(pair_sidecars(artifacts, ("-wal", "-journal", "-shm"))))
