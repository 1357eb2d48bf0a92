"""Hostile bytes cost time in proportion to their number: work is counted, so that no clock decides.

Counted are the calls of functions, ours and those of the interpreter, and the bytes that exact rules are given.
"""

import base64
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import registry
from harness.detectors.base import Detector, Window
from harness.devices.base import Connector, Options
from harness.formats.base import Format
from harness.model import Artifact
from harness.scan.confirm import Confirmer
from harness.scan.scanner import Scanned, Scanner

HOSTILE: dict[str, Callable[[int], bytes]] = {
    "one line of words": lambda n: b"lorem ipsum dolor " * n,
    "one line of cards": lambda n: b"4111 1111 1111 1111 " * n,
    "one line of digits": lambda n: b"4111111111111111" * n,
    "addresses without an end": lambda n: b"a@b." * (4 * n),
    "one address": lambda n: b"a." * (8 * n) + b"@example.org",
    "many keys": lambda n: b"{" + b",".join(b'"phone%d":"+1 415 555 %04d"' % (k, k % 9999) for k in range(n)) + b"}",
    "keys without values": lambda n: b"card_number=" * n,
    "marks of a ciphertext": lambda n: b"<ct<" * (4 * n),
    "an open list of numbers": lambda n: b"[" + b"104,101,108,-1," * n,
    "halves of characters": lambda n: b'{"a":"' + b"\\ud83d" * (3 * n) + b'"}',
    "brackets": lambda n: b"[" * (16 * n),
    "Base64 that never ends": lambda n: base64.b64encode(b"jane@example.org " * n),
    "percent signs": lambda n: b"%40" * (5 * n),
    "deflate that is none": lambda n: b"\x78\x9c\x1f\x8b\x08" * (3 * n),
    "groups of hex": lambda n: b"aa:bb:cc:dd:ee:ff:" * n,
    "dots": lambda n: b"1.2.3.4." * (2 * n),
    "dates": lambda n: b"1990-05-17" * (2 * n),
    "titled words": lambda n: b"Jane Roe " * (2 * n),
    "zeros and letters": lambda n: b"a\x00" * (8 * n),
}
SIZE = 250
"""Times of a piece; some four thousand bytes."""
SLACK = 1.35
"""How much more than in proportion: tables of the interpreter grow by steps."""


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(registry.load("formats", Format), registry.load("detectors", Detector))


def _work(scanner: Scanner, folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Calls of functions, and bytes that exact rules were given."""
    (folder / "file").write_bytes(data)
    calls = given = 0
    windows = Confirmer._windows

    def counted(*arguments: object) -> Iterator[tuple[str, int, Window]]:
        nonlocal given
        for each in windows(*arguments):  # type: ignore[arg-type]
            given += each[2].end - each[2].start
            yield each

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    with registry.load("devices", Connector)["folder"].open(str(folder), Options()) as source:
        artifacts = [item for item in source.collect() if isinstance(item, Artifact)]
        with monkeypatch.context() as patched:
            patched.setattr(Confirmer, "_windows", counted)
            before = sys.getprofile()
            sys.setprofile(count)
            try:
                found = [*scanner.scan(artifacts)]
            finally:
                sys.setprofile(before)
    assert all(isinstance(item, Scanned) for item in found)
    return calls, given


@pytest.mark.parametrize("kind", HOSTILE)
def test_work_grows_with_the_input(
    scanner: Scanner, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times the bytes are no more than four times the work."""
    make = HOSTILE[kind]
    _work(scanner, tmp_path, make(SIZE), monkeypatch)  # what is loaded or compiled at first is no part of it
    calls, given = _work(scanner, tmp_path, make(4 * SIZE), monkeypatch)
    more_calls, more_given = _work(scanner, tmp_path, make(16 * SIZE), monkeypatch)

    assert more_calls <= 4 * SLACK * calls
    assert more_given <= 4 * SLACK * given + 1024
