"""The recall of a seeded person is 1, form by form."""

from pathlib import Path

from benchmarks.tracing import plant, score
from harness.persona import new_persona


def test_every_planted_form_of_a_field_is_found(tmp_path: Path) -> None:
    """The benchmark's own files, of its own seed: a name and an email address in every form; strangers beside."""
    truth = plant(tmp_path, 21, fields=2)
    tally = score(tmp_path, new_persona(b"21"), truth)

    assert len(truth) > 150
    assert tally.missed == []
    assert tally.false == 0
