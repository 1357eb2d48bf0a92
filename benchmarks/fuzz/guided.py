"""The same hunt, guided by coverage: atheris keeps the mutants that take branches which none took before.

Run as a program of its own, since branches are watched only in what is imported under its eyes.
"""

import hashlib
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fuzz.seeds import packed
from harness.formats.base import Format
from harness.model import Document

__all__ = ["guided"]

_MEGABYTES = 2048
_LONGEST = 1 << 20


def guided(form: Format, seeds: Sequence[Document], seconds: float, keep: Path) -> str:
    """What broke, in one line; empty where nothing did."""
    corpus = keep / "corpus" / form.name
    corpus.mkdir(parents=True, exist_ok=True)
    for document in seeds:
        data = packed(document, form.sidecars)
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.fuzz.guided", form.name, str(corpus),
            f"-max_total_time={max(1, round(seconds))}", f"-artifact_prefix={keep}/{form.name}-", "-timeout=20",
            f"-rss_limit_mb={_MEGABYTES}", f"-max_len={_LONGEST}",
        ],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if not done.returncode:
        return ""
    (keep / f"{form.name}-guided.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    told = [line for line in done.stderr.splitlines() if line.startswith(("Exception", "==")) or "Error" in line]
    return told[0] if told else f"exit code {done.returncode}"


def _main(arguments: list[str]) -> None:
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

    name = arguments.pop(1)
    with atheris.instrument_imports(include=["harness.formats", "harness.encodings"]):
        from harness.registry import load

        form = load("formats", Format)[name]
    from benchmarks.fuzz.exercise import exercise
    from benchmarks.fuzz.mutation import mutated
    from benchmarks.fuzz.seeds import unpacked

    def one(data: bytes) -> None:
        exercise(form, unpacked(data, form.sidecars), random.Random(len(data)))

    def changed(data: bytes, longest: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if dice.randrange(2):
            return bytes(atheris.Mutate(data, longest))
        return packed(mutated(unpacked(data, form.sidecars), (), dice), form.sidecars)[:longest]

    atheris.Setup(arguments, one, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    _main(sys.argv)
