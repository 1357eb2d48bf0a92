"""What is out of the ordinary is said in phrases; the fixtures in `test_recognition.py` show each in real storage."""

import pytest

from harness.sdks.clevertap.oddities import oddities
from harness.sdks.clevertap.traces import Account, Form, Traces


def test_storage_in_order_has_none() -> None:
    """A note is worth reading only if most storage has none."""
    assert list(oddities(Traces(), Account())) == []


@pytest.mark.parametrize(
    ("traces", "about", "phrase"),
    [
        (Traces(bare={"EncryptionKey"}), Account(), "lies in the preferences"),
        (Traces(paths={"shared_prefs/WizRocket.xml.bak"}), Account(), "interrupted"),
        (Traces(), Account(failures=3), "migration failed"),
        (Traces(), Account(flags=2, levels={"stored": 1}), "encrypting the identity map failed"),
        (Traces(), Account(levels={"configured": 0, "stored": 1}), "level 0 is configured, and level 1"),
        (Traces(forms={"variables": Form.PLAIN}), Account(levels={"stored": 2}), "variables are plain at level 2"),
        (Traces(forms={"inboxMessages": Form.PLAIN | Form.FRAME}), Account(levels={"stored": 2}), "inboxMessages"),
        (
            Traces(bare={"EncryptionKey"}, tables={"inbox_pending_deletes": ""}),
            Account(),
            "no version since 8.1.0 uses or removes",
        ),
    ],
)
def test_each_is_said(traces: Traces, about: Account, phrase: str) -> None:
    """In words that need no look at the specification."""
    assert any(phrase in note for note in oddities(traces, about))


def test_a_level_that_was_never_written_is_0() -> None:
    """The legacy versions write it only once it is not."""
    assert list(oddities(Traces(), Account(levels={"configured": 0}))) == []


def test_only_tables_that_level_2_covers_are_held_against_it() -> None:
    """The history of events is plain at every level."""
    traces = Traces(forms={"userEventLogs": Form.PLAIN, "pushNotifications": Form.PLAIN})

    assert list(oddities(traces, Account(levels={"stored": 2}))) == []
