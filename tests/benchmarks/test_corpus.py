"""The storage that benchmarks scan: the same for the same seed, and its truth is true."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.corpus import GROUPS, PERSON, build, read_truth
from benchmarks.setting import Storage
from harness.persona import load_persona


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    folder = tmp_path_factory.mktemp("storage")
    build(folder, mb=1, seed=7)
    return Storage(folder)


def test_one_seed_gives_one_storage(storage: Storage, tmp_path: Path) -> None:
    """Else two runs could not be compared."""
    build(tmp_path, mb=1, seed=7)

    assert (tmp_path / "truth.json").read_bytes() == (storage.folder / "truth.json").read_bytes()
    for path in storage.data.rglob("*"):
        if path.is_file() and "databases" not in path.parts:  # a database has a change counter and salts
            assert (tmp_path / "data" / path.relative_to(storage.data)).read_bytes() == path.read_bytes()


def test_what_is_said_to_be_plain_is_there_to_be_read(storage: Storage) -> None:
    """The truth is checked against the bytes, by no reader of ours."""
    for each in read_truth(storage.folder):
        if each.group == "plain":
            assert each.value.encode() in (storage.data / each.file).read_bytes(), each.file


def test_every_way_of_storing_is_planted(storage: Storage) -> None:
    """Recall by group means nothing where a group is empty."""
    planted = Counter(each.group for each in read_truth(storage.folder))

    assert planted.keys() == GROUPS.keys()


def test_the_person_is_one_that_a_scan_can_be_told_of(storage: Storage) -> None:
    """The persona file is one of ours."""
    assert dict(load_persona(storage.persona).items()) == {name: value for name, (_, _, value) in PERSON.items()}
