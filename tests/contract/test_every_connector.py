"""What every way to a device must do: what is there arrives, refusals arrive as refusals, nothing stays behind."""

import tempfile
from pathlib import Path

import pytest

from harness.devices.base import Connector, Options, Staged, choose
from harness.errors import HarnessError
from harness.model import Artifact, Unread
from harness.registry import load

CONNECTORS = load("devices", Connector)

FILES = (
    Staged(path="shared_prefs/settings.xml", data=b"<map><string name='e'>jane@example.org</string></map>\n"),
    Staged(path="databases/app.db", data=bytes(range(256)) * 64, mode=0o660),
    Staged(path="databases/app.db-wal", data=b"\x37\x7f\x06\x82" + bytes(60)),
    Staged(path="files/deep/er/notes.txt", data=b"line\r\nline\0\xff"),
    Staged(path="files/empty", data=b""),
    Staged(path="files/with space & sign's.txt", data=b"x"),
    Staged(path="files/large.bin", data=b"0123456789abcdef" * (3 << 16)),
)
HOSTILE = ("../evil.txt", "files/../../evil.txt", "/etc/evil.txt")
NOISE = ("", ".\0", "no/such/thing", "adb:", "ssh://", "ios:", "simulator:", "emulated:", "\udcff")

STAGED = {name: connector for name, connector in CONNECTORS.items() if not connector.needs}
"""Those whose fake end is a folder; the others keep the same promises in a suite of their own, against a device."""

every = pytest.mark.parametrize("connector", STAGED.values(), ids=STAGED)


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, watched."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    folder = tmp_path / "stage"
    folder.mkdir()
    return folder


def collected(connector: Connector, name: str) -> list[Artifact | Unread]:
    with connector.open(name, Options()) as source:
        return [
            item if isinstance(item, Unread) else Artifact(facts=item.facts, content=Kept(bytes(item.content.read())))
            for item in source.collect()
        ]


class Kept:
    """Bytes that outlive their source, and compare."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self) -> bytes:
        return self.data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept) and other.data == self.data

    def __hash__(self) -> int:
        return hash(self.data)


@every
def test_what_is_there_arrives(connector: Connector, stage: Path) -> None:
    """Every file, under its own path, with the bytes that it has."""
    name = connector.stage(stage, FILES)

    arrived = {item.path: item.content.read() for item in collected(connector, name) if isinstance(item, Artifact)}

    assert {file.path: arrived.get(file.path) for file in FILES} == {file.path: file.data for file in FILES}


@every
def test_what_arrives_is_sorted_and_sized(connector: Connector, stage: Path) -> None:
    """By container and path; and a size is known before the bytes are read."""
    name = connector.stage(stage, FILES)

    with connector.open(name, Options()) as source:
        items = list(source.collect())
        places = [(item.container, item.path) for item in items]
        sizes = [
            (item.facts.size, item.content.size, len(item.content.read()))
            for item in items
            if isinstance(item, Artifact)
        ]

    assert places == sorted(places)
    assert all(told == known == real for told, known, real in sizes)


@every
def test_the_same_source_twice_is_the_same(connector: Connector, stage: Path) -> None:
    """Facts and bytes do not depend on when or how often they are asked for."""
    name = connector.stage(stage, FILES)

    assert collected(connector, name) == collected(connector, name)


@every
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_that_escapes_is_refused_and_told(connector: Connector, stage: Path, hostile: str) -> None:
    """No artifact has such a path, and its absence is a line; or the fake end cannot hold it in the first place."""
    try:
        name = connector.stage(stage, [Staged(path=hostile, data=b"evil"), FILES[0]])
    except HarnessError:
        return

    items = collected(connector, name)

    paths = [item.path for item in items if isinstance(item, Artifact)]
    assert FILES[0].path in paths
    assert not [path for path in paths if path.startswith("/") or ".." in path.split("/")]
    assert [item for item in items if isinstance(item, Unread) and not item.expected]


@every
def test_nothing_stays_behind(connector: Connector, stage: Path, scratch: Path) -> None:
    """A source that was closed has left no temporary file, and neither has one that was given up half-way."""
    name = connector.stage(stage, FILES)
    before = sorted(scratch.rglob("*"))

    collected(connector, name)
    with connector.open(name, Options()) as source:
        next(iter(source.collect()))

    assert sorted(scratch.rglob("*")) == before


@every
def test_its_own_source_is_given_to_it(connector: Connector, stage: Path) -> None:
    """Among all connectors the one that staged a source is the surest of it."""
    name = connector.stage(stage, FILES)

    assert 0 < connector.claims(name) <= 1
    assert choose(name, CONNECTORS) is connector


@pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)
@pytest.mark.parametrize("noise", NOISE, ids=range(len(NOISE)))
def test_nothing_is_no_source(connector: Connector, noise: str) -> None:
    """What is not there opens to an expected error, never to an empty source."""
    assert 0 <= connector.claims(noise) <= 1
    with pytest.raises(HarnessError):
        connector.open(noise, Options()).close()


@every
def test_a_truncated_end_never_looks_whole(connector: Connector, stage: Path) -> None:
    """Where the fake end is one file that is cut off, that is told: as an error, or as something unread."""
    staged = Path(connector.stage(stage, FILES))
    if not staged.is_file():
        return
    staged.write_bytes(staged.read_bytes()[:-100])

    try:
        items = collected(connector, str(staged))
    except HarnessError:
        return

    assert [item for item in items if isinstance(item, Unread) and not item.expected]


def test_one_that_needs_a_device_has_its_own_suite(project_root: Path) -> None:
    """What cannot be staged in a folder keeps these promises elsewhere."""
    unheld = [
        name
        for name in sorted(CONNECTORS.keys() - STAGED.keys())
        if not (project_root / "tests" / "devices" / name / "test_promises.py").is_file()
    ]

    assert unheld == []
