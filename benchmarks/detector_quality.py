"""How well the detectors do on texts that were not written for them: precision and recall per class.

    python benchmarks/detector_quality.py [CORPUS] [--misses TYPE]

Reads the labelled corpora beside the checkout. Each text is asked twice: of the exact rule over the whole text, and
through the cues, as the engine does; where the two differ, the difference is counted too. A detection counts as right
where it overlaps a labelled span of its class. Only classes that a corpus labels everywhere are scored on it.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness.detectors.base import Detector, Window
from harness.registry import load
from harness.scan.cues import CueSet

LABELS = {
    "email": "EMAIL",
    "phone": "PHONE",
    "card": "CARD",
    "ssn": "SSN",
    "advertising_id": "ADVERTISING_ID",
    "gaid": "ADVERTISING_ID",
    "lat": "LOCATION",
    "lon": "LOCATION",
    "iban": "IBAN",
    "passport": "PASSPORT",
    "driver-licence": "DRIVER_LICENCE",
    "medical-record": "HEALTH_NUMBER",
}


@dataclass(frozen=True)
class Case:
    """One text and what is in it."""

    corpus: str
    text: bytes = field(repr=False)
    spans: tuple[tuple[int, int, str], ...]
    """Start, end (bytes) and class."""
    key: bytes = b""
    scored: frozenset[str] = frozenset()
    """Classes that are labelled wherever they occur."""


def cases(corpus: Path) -> Iterator[Case]:
    """Everything that is labelled there."""
    for path in sorted((corpus / "pii-text").glob("*.jsonl")):
        records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        present = {LABELS[span["type"]] for each in records for span in each["spans"] if span["type"] in LABELS}
        for each in records:
            spans = tuple(
                (*_in_bytes(each["text"], span["start"], span["end"]), LABELS[span["type"]])
                for span in each["spans"]
                if span["type"] in LABELS
            )
            yield Case(path.stem, each["text"].encode(), spans, scored=frozenset(present - {"LOCATION"}))
    yield from _table(corpus / "pii-table" / "fake-name-generator.csv")
    yield from _values(corpus / "pii-cases")


def _in_bytes(text: str, start: int, end: int) -> tuple[int, int]:
    return len(text[:start].encode()), len(text[:end].encode())


def _table(path: Path) -> Iterator[Case]:
    columns = {"EmailAddress": "EMAIL", "TelephoneNumber": "PHONE"}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name, value in row.items():
                data = value.encode()
                kind = columns.get(name)
                if data:
                    spans = ((0, len(data), kind),) if kind else ()
                    # Some national ids are social security numbers, which the table does not say.
                    scored = frozenset(LABELS.values()) - ({"SSN"} if name == "NationalID" else set())
                    yield Case("pii-table", data, spans, name.encode(), scored)


def _values(folder: Path) -> Iterator[Case]:
    kinds = {
        "CREDIT_CARD": "CARD",
        "EMAIL_ADDRESS": "EMAIL",
        "US_SSN": "SSN",
        "PHONE_NUMBER": "PHONE",
        "IBAN_CODE": "IBAN",
    }
    for line in (folder / "presidio-texts.jsonl").read_text("utf-8").splitlines():
        each = json.loads(line)
        kind = kinds.get(each["type"])
        if kind:
            text = each["text"]
            spans = tuple((*_in_bytes(text, s["start"], s["end"]), kind) for s in each["spans"])
            yield Case("presidio-tables", text.encode(), spans, scored=frozenset({kind}))
    for line in (folder / "phones.jsonl").read_text("utf-8").splitlines():
        each = json.loads(line)
        data = each["value"].encode()
        form = each["format"]
        spans = ((0, len(data), "PHONE"),) if each["valid"] else ()
        yield Case(f"phones {form}", data, spans, b"phone", frozenset({"PHONE"}))
        if form in {"E164", "INTERNATIONAL", "truncated", "too-long"}:
            yield Case(f"phones {form}, no key", data, spans, b"", frozenset({"PHONE"}))


def found(detectors: dict[str, Detector], case: Case) -> Iterator[tuple[int, int, str]]:
    """What the exact rules say of a text."""
    buffer, floor = _record(case)
    for each in detectors.values():
        for match in each.confirm(Window(buffer, floor, len(buffer), 0, len(buffer), case.key)):
            yield match.start - floor, match.end - floor, each.type


def through_cues(cues: CueSet, detectors: dict[str, Detector], case: Case) -> set[tuple[int, int, str]]:
    """The same, asked only where a cue points."""
    buffer, floor = _record(case)
    spans = set()
    for hint in cues.find(buffer, len(buffer)):
        each = detectors[hint.detector]
        start, end = max(floor, hint.start), max(floor, min(len(buffer), hint.end))
        for match in each.confirm(Window(buffer, start, end, 0, len(buffer), case.key)):
            spans.add((match.start - floor, match.end - floor, each.type))
    return spans


def _record(case: Case) -> tuple[bytes, int]:
    return case.key + b"\x1f" + case.text, len(case.key) + 1


def main() -> None:
    """Prints one line per corpus and class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus"
    parser.add_argument("corpus", nargs="?", type=Path, default=beside)
    parser.add_argument("--misses", metavar="TYPE", help="show the shapes of what is missed and wrongly found")
    options = parser.parse_args()
    detectors = {name: each for name, each in load("detectors", Detector).items() if each.type in LABELS.values()}
    cues = CueSet(detectors)
    counts: Counter[tuple[str, str, str]] = Counter()
    shapes: Counter[tuple[str, str, str]] = Counter()
    for case in cases(options.corpus):
        spans = set(found(detectors, case))
        counts[case.corpus, "", "cues"] += len(spans ^ through_cues(cues, detectors, case))
        for start, end, kind in spans:
            if kind in case.scored:
                right = any(start < e and s < end and kind == k for s, e, k in case.spans)
                counts[case.corpus, kind, "right" if right else "wrong"] += 1
                if not right:
                    shapes[kind, "wrong", _shape(case.text[max(0, start - 12) : end + 6])] += 1
        for start, end, kind in case.spans:
            if kind in case.scored:
                hit = any(start < e and s < end and kind == k for s, e, k in spans)
                counts[case.corpus, kind, "hit" if hit else "missed"] += 1
                if not hit:
                    shapes[kind, "missed", _shape(case.text[max(0, start - 6) : end + 2])] += 1
    _print(counts)
    _clean_files(options.corpus / "android-prefs", detectors)
    if options.misses:
        for (kind, what, shape), number in shapes.most_common(400):
            if kind == options.misses:
                print(f"{number:6d} {what:7s} {shape}")


def _shape(text: bytes) -> str:
    """The form of a text without its content."""
    return "".join(
        "9" if each.isdigit() else "a" if each.isalpha() else each for each in text.decode("utf-8", "replace")
    )


def _print(counts: Counter[tuple[str, str, str]]) -> None:
    print(f"{'corpus':34s} {'class':15s} {'labelled':>8s} {'recall':>7s} {'found':>6s} {'precision':>9s}")
    for corpus, kind in sorted({key[:2] for key in counts}):
        if not kind:
            if counts[corpus, "", "cues"]:
                print(f"{corpus:34s} rule and cues differ in {counts[corpus, '', 'cues']} spans")
            continue
        hit, missed = counts[corpus, kind, "hit"], counts[corpus, kind, "missed"]
        right, wrong = counts[corpus, kind, "right"], counts[corpus, kind, "wrong"]
        recall = f"{hit / (hit + missed):7.3f}" if hit + missed else "      -"
        precision = f"{right / (right + wrong):9.3f}" if right + wrong else "        -"
        print(f"{corpus:34s} {kind:15s} {hit + missed:8d} {recall} {right + wrong:6d} {precision}")


def _clean_files(folder: Path, detectors: dict[str, Detector]) -> None:
    """Files that hold nothing personal, and what is found in them all the same."""
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    for each in truth:
        data = (folder / each["file"]).read_bytes()
        spans = list(found(detectors, Case("", data, ())))
        labelled = Counter(
            LABELS[v["type"]] for v in each["values"] if v["type"] in LABELS and v["stored"] == "plain"
        )
        if not each["personal"]:
            print(f"clean file {each['file']}: {len(spans)} detections")
        else:
            seen = Counter(kind for _, _, kind in spans)
            missing = {kind: number - seen[kind] for kind, number in labelled.items() if number > seen[kind]}
            if missing:
                print(f"{each['file']}: fewer than stored in plain: {missing}")


if __name__ == "__main__":
    main()
