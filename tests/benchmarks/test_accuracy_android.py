"""What Android's settings and manifests hold is found, all of it, and nothing is made up."""

from pathlib import Path

from benchmarks.accuracy import android_xml, datastore


def test_all_that_was_planted_is_found(shared_corpus: Path | None) -> None:
    """Where the large corpora stand beside the checkout."""
    scores = [*datastore.measure(shared_corpus), *android_xml.measure(shared_corpus)] if shared_corpus else []

    assert [score.family for score in scores if score.found < score.planted or score.invented] == []
