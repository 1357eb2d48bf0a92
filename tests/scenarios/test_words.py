"""The words of a scenario file: every event has one, and every field of it."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import harness.sdks.base as port
from harness.scenarios.words import WORDS
from harness.sdks.base import Event


def test_every_event_of_the_port_can_be_told() -> None:
    """One that has no word would happen in no file."""
    events = {
        each for name in port.__all__ if isinstance(each := getattr(port, name), type) and issubclass(each, Event)
    }

    assert {word.event for word in WORDS.values()} == events - {Event}


@pytest.mark.parametrize("do", WORDS)
def test_every_field_of_an_event_can_be_said(do: str) -> None:
    """By its own name; `remove` is how TOML says nothing."""
    word = WORDS[do]
    own = {each.name for each in fields(word.event)} - {"at", "entropy"}

    assert set(word.fields) - {"remove"} == own


def test_every_word_is_in_the_documentation(project_root: Path) -> None:
    """With the fields that one may say."""
    text = (project_root / "docs" / "simulate.md").read_text(encoding="utf-8")
    rows = {
        word: line
        for line in text.splitlines()
        if line.startswith("| `")
        for word in re.findall(r"`([\w-]+)`", line.split("|")[1])
    }

    del rows["do"]
    assert rows.keys() == WORDS.keys()
    for name, word in WORDS.items():
        assert set(re.findall(r"`(\w+)`", rows[name].split("|")[2])) == set(word.fields), name
