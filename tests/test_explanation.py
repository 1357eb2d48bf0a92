"""Why a file is read as it is: every claim, every byte, and no value."""

import json
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import pytest

from harness.errors import UsageError
from harness.explanation import Explanation, explain
from harness.model import Artifact, Bytes, DeviceProfile, Facts, Share, State, Unread
from harness.pipeline import Job, Plugins
from harness.redaction import Redactor

PLUGINS = Plugins.load()
MAIL = "ada.birch@example.com"


class Shelf:
    """A source in memory: what it holds, it hands out."""

    name = "shelf"
    profile: DeviceProfile | None = None

    def __init__(self, *items: Artifact | Unread) -> None:
        self._items = items

    def collect(self) -> Iterator[Artifact | Unread]:
        yield from self._items

    def close(self) -> None:
        """Nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def stored(path: str, data: bytes, *, container: str = "") -> Artifact:
    return Artifact(facts=Facts(path=path, container=container, size=len(data)), content=Bytes(data))


def explained(path: str, *items: Artifact | Unread) -> list[Explanation]:
    job = Job(source=Shelf(*items), redactor=Redactor(b"0123456789abcdef-for-tests-only"))
    return list(explain(job, PLUGINS, path))


JSON = json.dumps({"mail": MAIL, "n": 1}).encode()


def test_the_format_that_reads_it_stands_first() -> None:
    """The rest follows by how sure it was; the last resort claims everything."""
    (told,) = explained("a.json", stored("a.json", JSON))

    assert told.chosen == told.claims[0].format == "json_text"
    scores = [claim.score for claim in told.claims]
    assert scores == sorted(scores, reverse=True)
    assert told.claims[-1].format == "printable"
    assert told.values == {State.LIVE: 2}
    assert not told.fault


def test_every_part_adds_up() -> None:
    """The file and each sidecar by itself."""
    sample = PLUGINS.formats["mmkv"].samples[0]
    document = PLUGINS.formats["mmkv"].encode(sample.content)
    items = [
        stored("store", bytes(document.data)),
        *(stored("store" + name, bytes(data)) for name, data in document.sidecars.items()),
    ]

    (told,) = explained("store", *items)

    assert [portion.name for portion in told.portions] == ["", *document.sidecars]
    for portion in told.portions:
        assert sum(portion.shares.values()) == portion.size
    assert told.size == sum(portion.size for portion in told.portions)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("files/a.json", ["files/a.json"]),
        ("a.json", ["files/a.json"]),
        ("com.example.shop:files/a.json", ["files/a.json"]),
        ("*.json", ["files/a.json", "files/b.json"]),
        ("files/*", ["files/a.json", "files/b.json"]),
        ("", ["files/a.json", "files/b.json", "other/ba.json5"]),
    ],
)
def test_a_path_may_be_told_by_its_end(asked: str, found: list[str]) -> None:
    """From a folder on, never from the middle of a name; with `*` for anything."""
    items = [
        stored(path, JSON, container="com.example.shop")
        for path in ("files/a.json", "files/b.json", "other/ba.json5")
    ]

    assert [told.locator.path for told in explained(asked, *items)] == found


def test_a_sidecar_leads_to_its_file() -> None:
    """It is explained together with what it belongs to."""
    document = PLUGINS.formats["mmkv"].encode(PLUGINS.formats["mmkv"].samples[0].content)

    (told,) = explained("m.crc", stored("m", bytes(document.data)), stored("m.crc", bytes(document.sidecars[".crc"])))

    assert told.locator.path == "m"


def test_nothing_of_that_name_is_an_error() -> None:
    """An empty answer would read as if there were nothing to tell."""
    with pytest.raises(UsageError):
        explained("b.json", stored("a.json", JSON))


def test_names_are_veiled_and_no_value_is_told() -> None:
    """An address in a path is stored data, too."""
    (told,) = explained(f"*{MAIL}*", stored(f"users/{MAIL}/a.json", JSON))

    assert MAIL not in repr(told)
    assert "{EMAIL:" in told.locator.path


def test_damage_is_told_and_costs_the_bytes() -> None:
    """The fault that the ledger and the decoding meet."""
    (told,) = explained("a.json", stored("a.json", b'{"a": 1, "b": [1, 2'))

    assert told.fault
    assert told.portions[0].shares == {Share.FAILED: 19} or Share.FAILED in told.portions[0].shares


def test_what_was_refused_has_its_reason() -> None:
    """No format was asked."""
    refused = Unread(path="locked.db", container="", reason="permission denied", size=4096)

    (told,) = explained("locked.db", refused)

    assert (told.fault, told.claims, told.size) == ("permission denied", (), 4096)
