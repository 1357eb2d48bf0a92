"""`storage-harness detect`: text in, detections out."""

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from harness.scan.confirm import Hit
    from harness.scan.scanner import Scanner

__all__ = ["command"]

_BATCH = 4096


@dataclass(slots=True)
class _Line:
    number: int
    text: str = field(repr=False)
    key: str = ""
    id: Any = None


@click.command(
    epilog="""\b
Examples:
  echo 'mail jane.roe@example.org' | storage-harness detect
  storage-harness detect < lines.jsonl > detections.jsonl"""
)
@click.option("--persona", type=click.Path(path_type=Path, dir_okay=False), help="The seeded person (TOML).")
def command(persona: Path | None) -> None:
    """Read lines on stdin, write one JSON object per line with what was detected.

    A line is plain text, or `{"id": …, "text": …, "key": …}`. Offsets count characters.
    """
    from harness import registry
    from harness.detectors.base import Detector
    from harness.persona import load_persona
    from harness.scan.scanner import Scanner

    person = load_persona(persona) if persona else None
    scanner = Scanner({}, registry.load("detectors", Detector), persona=person)
    sys.stdin.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    batch: list[_Line] = []
    for line in _lines():
        batch.append(line)
        if len(batch) >= _BATCH:
            _write(scanner, batch)
            batch = []
    _write(scanner, batch)


def _lines() -> Iterator[_Line]:
    for number, raw in enumerate(sys.stdin, 1):
        text = raw.rstrip("\r\n")
        if text.startswith("{"):
            try:
                document = json.loads(text)
            except (ValueError, RecursionError):
                document = None  # hostile or plain text: it is searched as it stands
            if isinstance(document, dict) and isinstance(document.get("text"), str):
                yield _Line(number, document["text"], str(document.get("key") or ""), document.get("id", number))
                continue
        yield _Line(number, text, id=number)


def _write(scanner: "Scanner", batch: list[_Line]) -> None:
    from harness.scan.unfold import Leaf

    leaves = [Leaf((line.key,) if line.key else (), line.text) for line in batch]
    found: dict[int, list[Hit]] = {}
    for hit in scanner.confirm(leaves):
        if not hit.in_key:
            found.setdefault(id(hit.leaf), []).append(hit)
    for line, leaf in zip(batch, leaves, strict=True):
        detections = [_detection(line.text, hit) for hit in found.get(id(leaf), ())]
        print(json.dumps({"id": _shown(line.id), "detections": detections}, ensure_ascii=False))


def _shown(identifier: Any) -> Any:
    """An id as JSON can say it: it has no NaN and no infinity."""
    return repr(identifier) if isinstance(identifier, float) and not math.isfinite(identifier) else identifier


def _detection(text: str, hit: "Hit") -> dict[str, Any]:
    start, end = hit.start, hit.end
    if not text.isascii():
        raw = text.encode("utf-8", "surrogatepass")
        start = len(raw[:start].decode("utf-8", "surrogatepass"))
        end = start + len(raw[hit.start : hit.end].decode("utf-8", "surrogatepass"))
    shown = {"type": hit.type, "start": start, "end": end, "confidence": hit.confidence, "why": list(hit.why)}
    return shown | _traced(hit)


def _traced(hit: "Hit") -> dict[str, Any]:
    """Which field of the seeded person it is, in what form, and what that means."""
    from harness.model import Meaning

    if hit.persona_field is None:
        return {}
    told = {"persona_field": hit.persona_field, "form": hit.form, "meaning": Meaning.of(hit.form, hit.layers).value}
    return told | ({"shown": len(hit.shown)} if hit.shown else {})
