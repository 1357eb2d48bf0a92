"""What a process leaves of its databases: real files, with nothing checked in and nothing rolled back."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import PluginError
from harness.formats.sqlite.chance import without_chance
from harness.profiles import load_profile
from harness.sandbox import Sandbox
from harness.sdks.base import (
    Cleared,
    Delete,
    Effect,
    Event,
    EventPushed,
    Exit,
    Installed,
    Killed,
    Launched,
    Sql,
    Statement,
    Wipe,
    Write,
)
from harness.simulation import DEMO_APP, play
from harness.simulation.databases import connect, run

ROOTED = load_profile("android-14-rooted")
PATH = "databases/shop"
SUFFIXES = ("", "-journal", "-wal", "-shm")
WAL = ("journal_mode=WAL", "wal_autocheckpoint=100")
PERSIST = ("journal_mode=PERSIST",)
TRUNCATE = ("journal_mode=TRUNCATE",)
CREATE = Statement("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, b)")


@dataclass
class Scripted:
    """A life that answers each event with the next effects of a list."""

    effects: list[Sequence[Effect]]

    def react(self, event: Event) -> Iterator[Effect]:
        del event
        yield from self.effects.pop(0)


def insert(text: str, times: int = 1) -> tuple[Statement, ...]:
    return tuple(Statement("INSERT INTO t(b) VALUES(?)", (text,)) for _ in range(times))


def sql(*statements: Statement, pragmas: tuple[str, ...] = WAL, commits: bool = True) -> Sql:
    return Sql(path=PATH, statements=statements, pragmas=pragmas, commits=commits)


def lived(*effects: Effect, events: Sequence[Event] | None = None) -> Sandbox:
    """One event for each effect, a minute apart, unless the events are given."""
    sandbox = Sandbox(ROOTED)
    sandbox.install(DEMO_APP)
    moments = events or [EventPushed(at=1000 + 60 * n, entropy=bytes(32), label="x") for n in range(len(effects))]
    play(sandbox, DEMO_APP, Scripted([[effect] for effect in effects]), moments)
    return sandbox


def files(sandbox: Sandbox) -> dict[str, bytes]:
    root = f"{sandbox.container(DEMO_APP.package)}/{PATH}"
    return {suffix: sandbox.read(root + suffix) for suffix in SUFFIXES if sandbox.exists(root + suffix)}


def rows(stored: dict[str, bytes], folder: Path, *, alone: bool = False) -> list[str]:
    """What SQLite reads: of the database alone, or with what lies beside it."""
    for suffix, data in stored.items():
        if not (alone and suffix):
            (folder / f"db{suffix}").write_bytes(data)
    with closing(sqlite3.connect(folder / "db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [text for (text,) in connection.execute("SELECT b FROM t ORDER BY id")]


# -- what is left --------------------------------------------------------------------------------


def test_a_log_is_left_as_it_is_while_the_app_runs(tmp_path: Path) -> None:
    """Nothing is checked in: the rows are in the log, and SQLite finds them there."""
    stored = files(lived(sql(CREATE, *insert("first")), sql(*insert("second"))))

    assert set(stored) == {"", "-wal", "-shm"}
    assert b"second" in stored["-wal"]
    assert b"second" not in stored[""]
    assert rows(stored, tmp_path) == ["first", "second"]


@pytest.mark.parametrize(
    ("mode", "left"), [("PERSIST", {"", "-journal"}), ("TRUNCATE", {"", "-journal"}), ("DELETE", {""})]
)
def test_a_journal_is_left_as_its_mode_says(mode: str, left: set[str], tmp_path: Path) -> None:
    """With what the page was before, with nothing in it, or not at all; never hot."""
    pragmas = (f"journal_mode={mode}",)
    stored = files(lived(sql(CREATE, *insert("first"), pragmas=pragmas), sql(*insert("second"))))

    assert set(stored) == left
    assert (b"first" in stored.get("-journal", b"")) == (mode == "PERSIST")
    assert rows(stored, tmp_path) == ["first", "second"]


def test_files_have_the_mode_owner_and_time_of_the_app() -> None:
    """Those beside the database, too; what a later process did not touch keeps its time."""
    sandbox = lived(sql(CREATE, pragmas=PERSIST), sql(), Exit(), sql(Statement("SELECT * FROM t"), pragmas=PERSIST))
    root = f"{sandbox.container(DEMO_APP.package)}/{PATH}"
    entry = sandbox.stat(root)
    logged = lived(sql(CREATE), sql(*insert("x")))

    assert (entry.mode, entry.owner, entry.modified) == (0o660, DEMO_APP.uid, 1000.0)
    assert {logged.stat(root + suffix).mode for suffix in ("", "-wal", "-shm")} == {0o660}
    assert logged.stat(f"{root}-wal").modified == 1060.0


@pytest.mark.parametrize(
    ("pragmas", "modes"),
    [(WAL, {"-wal": 0o600, "-shm": 0o600}), (PERSIST, {"-journal": 0o600}), (TRUNCATE, {"-journal": 0o660})],
)
def test_what_is_made_while_the_database_is_new_has_the_mode_of_that_moment(
    pragmas: tuple[str, ...], modes: dict[str, int]
) -> None:
    """As Android opens a database: it gets its own mode later. What is empty follows, what is not stays."""
    first, later = (replace(sql(*what, pragmas=pragmas), sidecar_mode=0o600) for what in ((CREATE,), insert("x")))
    for effects in ((first,), (first, later), (first, Exit(), later)):
        sandbox = lived(*effects)
        root = f"{sandbox.container(DEMO_APP.package)}/{PATH}"
        assert {suffix: sandbox.stat(root + suffix).mode for suffix in files(sandbox)} == {"": 0o660, **modes}


def test_what_is_made_anew_has_the_mode_of_the_database() -> None:
    """A log that was checked in is gone; the next one is like the database."""
    first, later = (replace(sql(*what), sidecar_mode=0o600) for what in ((CREATE,), insert("x")))
    sandbox = lived(replace(first, closes=True), Exit(), later)

    assert sandbox.stat(f"{sandbox.container(DEMO_APP.package)}/{PATH}-wal").mode == 0o660


@pytest.mark.parametrize("pragmas", [WAL, PERSIST, TRUNCATE])
def test_a_database_that_is_closed_after_each_use_leaves_no_log(pragmas: tuple[str, ...], tmp_path: Path) -> None:
    """Everything is in it; a journal that stays does so all the same."""
    effects = [replace(sql(CREATE, *insert(text), pragmas=pragmas), closes=True) for text in ("one", "two")]
    stored, kept = files(lived(*effects)), files(lived(*(replace(effect, closes=False) for effect in effects)))

    assert stored.keys() == {""} if pragmas == WAL else stored == kept
    assert rows(stored, tmp_path, alone=True) == ["one", "two"]


def test_a_kill_within_a_use_loses_that_one_alone(tmp_path: Path) -> None:
    """The log holds what never was; what was is in the database by itself."""
    begun = replace(sql(CREATE, *insert("first")), closes=True)
    lost = replace(sql(*insert("lost " * 200, 100), commits=False), closes=True)
    stored = files(lived(begun, lost))

    assert b"lost" in stored["-wal"]
    assert rows(stored, tmp_path, alone=True) == ["first"]


# -- death ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("pragmas", [WAL, PERSIST, ("journal_mode=TRUNCATE",)])
def test_a_kill_before_the_commit_leaves_half_of_it(pragmas: tuple[str, ...], tmp_path: Path) -> None:
    """The pages are on disk, and SQLite will not believe them; the next process cleans up."""
    begun = (sql(CREATE, *insert("first", 50), pragmas=pragmas), sql(*insert("lost " * 200, 100), commits=False))
    stored = files(lived(*begun))
    after = files(lived(*begun, sql(*insert("next"), pragmas=pragmas)))
    (tmp_path / "after").mkdir()

    assert b"lost" in stored["-wal" if pragmas == WAL else ""]
    assert rows(stored, tmp_path) == ["first"] * 50
    assert rows(after, tmp_path / "after") == ["first"] * 50 + ["next"]


def test_a_new_process_opens_anew() -> None:
    """Pragmas run again, the log goes on with the salts that it had, and nobody checked it in."""
    one = files(lived(sql(CREATE, *insert("first")), Exit(), sql(*insert("second"))))
    same = files(lived(sql(CREATE, *insert("first")), sql(*insert("second"))))

    assert one["-wal"] == same["-wal"]
    assert one[""] == same[""]


@pytest.mark.parametrize("event", [Launched, Killed, Exit])
def test_events_that_end_a_process_end_it(event: type) -> None:
    """Whatever the model answers to them: with automatic checkpoints off, SQLite would keep its pragma otherwise."""
    begun = Installed(at=1, entropy=bytes(32))
    kept = [sql(CREATE, pragmas=WAL), sql(*insert("x"), pragmas=("user_version=7",))]
    events: list[Event] = [begun, begun if event is Exit else event(at=1, entropy=bytes(32)), begun]
    between: list[Effect] = [Exit()] if event is Exit else [Delete(path="files/none")]
    stored = files(lived(kept[0], *between, kept[1], events=events))

    assert b"user" not in stored[""]
    assert int.from_bytes(_newest_first_page(stored)[60:64], "big") == 7


def _newest_first_page(stored: dict[str, bytes]) -> bytes:
    log, page = stored["-wal"], b""
    for at in range(32, len(log), 24 + 4096):
        if int.from_bytes(log[at : at + 4], "big") == 1:
            page = log[at + 24 : at + 24 + 4096]
    return page


def test_a_wipe_leaves_the_folders_of_the_system_and_no_key() -> None:
    """As clearing the data does; so does the event, whatever the model answers."""
    lives: list[tuple[list[Effect], list[Event] | None]] = [
        ([sql(CREATE), Wipe()], None),
        ([sql(CREATE), Delete(path="files/none")], [Installed(at=1, entropy=b""), Cleared(at=2, entropy=b"")]),
    ]
    for effects, events in lives:
        sandbox = Sandbox(ROOTED)
        sandbox.install(DEMO_APP)
        fresh = list(sandbox.walk())
        sealed = sandbox.sealer(DEMO_APP.package).seal("key", b"x", nonce=bytes(12))
        play(
            sandbox,
            DEMO_APP,
            Scripted([[effect] for effect in effects]),
            events or [Installed(at=n, entropy=b"") for n in range(2)],
        )

        assert list(sandbox.walk()) == fresh
        assert sandbox.keys.aliases(DEMO_APP.package) == ()
        assert sandbox.sealer(DEMO_APP.package).seal("key", b"x", nonce=bytes(12)) != sealed


def test_a_database_can_be_written_over_and_removed(tmp_path: Path) -> None:
    """As an SDK does that starts afresh after an error; what is not removed stays as it was on disk."""
    gone = files(lived(sql(CREATE, *insert("old")), Delete(path=PATH)))
    new = files(lived(sql(CREATE, *insert("old")), Delete(path="databases"), sql(CREATE, *insert("new"))))
    over = files(lived(sql(CREATE, pragmas=PERSIST), Write(path=PATH, data=b""), sql(CREATE, pragmas=PERSIST)))

    assert set(gone) == {"-wal", "-shm"}
    assert rows(new, tmp_path) == ["new"]
    assert over[""].startswith(b"SQLite format 3\0")


# -- equal lives ---------------------------------------------------------------------------------

STEPS: dict[str, Effect] = {
    "a few rows": sql(*insert("a few words of nothing", 3)),
    "many rows": sql(*insert("much " * 300, 30)),
    "deletion": sql(Statement("DELETE FROM t WHERE id % 3 = 0")),
    "change": sql(Statement("UPDATE t SET b = b || ' changed'")),
    "death": sql(*insert("never " * 300, 40), commits=False),
    "vacuum": sql(Statement("VACUUM")),
    "exit": Exit(),
}


@pytest.mark.parametrize(
    "pragmas", [WAL, ("journal_mode=WAL", "wal_autocheckpoint=5"), PERSIST, ("journal_mode=DELETE",)]
)
@settings(max_examples=15, deadline=None)
@given(names=st.lists(st.sampled_from(sorted(STEPS)), max_size=10))
def test_equal_lives_give_equal_bytes(pragmas: tuple[str, ...], names: list[str]) -> None:
    """Though SQLite draws salts and nonces; with deaths, restarts and checkpoints."""
    effects: list[Effect] = [
        Sql(path=PATH, statements=step.statements, pragmas=pragmas, commits=step.commits)
        if isinstance(step, Sql)
        else step
        for step in map(STEPS.__getitem__, names)
    ]
    one, same = (files(lived(sql(CREATE, pragmas=pragmas), *effects)) for _ in range(2))

    assert one == same
    with tempfile.TemporaryDirectory() as folder:
        rows(one, Path(folder))


@pytest.mark.parametrize("mode", ["TRUNCATE", "DELETE", "PERSIST", "WAL"])
@settings(max_examples=20, deadline=None)
@given(names=st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_what_is_left_is_what_sqlite_leaves(mode: str, names: list[str]) -> None:
    """However the player gets there: the same statements, run by SQLite on files in that journal mode."""
    pragmas = (f"journal_mode={mode}",)
    effects = [STEPS[name] for name in names]
    with tempfile.TemporaryDirectory() as folder:
        real = really(Path(folder) / "db", pragmas, [sql(CREATE), *effects])
    played = files(
        lived(
            sql(CREATE, pragmas=pragmas),
            *(replace(step, pragmas=pragmas) if isinstance(step, Sql) else step for step in effects),
        )
    )

    assert {suffix: len(data) for suffix, data in played.items()} == {
        suffix: len(data) for suffix, data in real.items()
    }
    assert played[""] == real[""]
    # Random are salts and nonces; of what was left over in a journal, the order is theirs.
    assert mode == "PERSIST" or without_chance(played[""], played) == without_chance(real[""], real)


def really(file: Path, pragmas: tuple[str, ...], effects: Sequence[Effect]) -> dict[str, bytes]:
    """What SQLite leaves of these, each process ended by taking its files away."""
    connection: sqlite3.Connection | None = None
    for number, effect in enumerate(effects):
        if isinstance(effect, Sql):
            connection = connection or connect(file, pragmas)
            run(connection, effect)
        if connection is not None and (not isinstance(effect, Sql) or not effect.commits):
            there = {suffix: data for suffix in SUFFIXES if (data := content(file, suffix)) is not None}
            file.unlink()
            connection.close()
            connection, file = None, file.with_name(f"db{number}")
            for suffix, data in there.items():
                Path(f"{file}{suffix}").write_bytes(data)
    there = {suffix: data for suffix in SUFFIXES if (data := content(file, suffix)) is not None}
    if connection is not None:
        connection.close()
    return there


def content(file: Path, suffix: str) -> bytes | None:
    path = Path(f"{file}{suffix}")
    return path.read_bytes() if path.exists() else None


# -- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        Statement("ATTACH ? AS other", ("/etc/passwd",)),
        Statement("ATTACH 'elsewhere' AS other"),
        Statement("SELECT load_extension('x')"),
        Statement("INSERT INTO t(b) VALUES(random())"),
        Statement("INSERT INTO t(b) VALUES(CURRENT_TIMESTAMP)"),
        Statement("INSERT INTO nowhere VALUES(?)", ("jane@example.org",)),
        Statement("jane@example.org"),
        Statement("INSERT INTO t(b) VALUES(?)", (1 << 70,)),
        Statement("INSERT INTO t(b) VALUES(?)", ("\ud800",)),
        Statement("INSERT INTO t(b) VALUES(1); INSERT INTO t(b) VALUES(2)"),
    ],
    ids=lambda statement: statement.sql[:20],
)
@pytest.mark.parametrize("before", [(), (Statement("SELECT 1"),)])
def test_what_sqlite_refuses_is_the_models_fault_and_quotes_nothing(
    statement: Statement, before: tuple[Statement, ...]
) -> None:
    """Other files, libraries, dice and the clock are out of reach."""
    with pytest.raises(PluginError) as caught:
        lived(sql(CREATE), sql(*before, statement))

    assert "jane" not in str(caught.value)


def test_a_file_that_is_no_database_is_the_models_fault() -> None:
    """And a path that leaves the app, too."""
    with pytest.raises(PluginError):
        lived(Write(path=PATH, data=b"no database" * 100), sql(CREATE))
    with pytest.raises(PluginError, match="outside"):
        lived(Sql(path="../shop", statements=(CREATE,)))
    with pytest.raises(PluginError):
        lived(sql(CREATE, pragmas=("journal_mode=WAL; DROP TABLE t",)))


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever happened; while it is there its name says nothing, and nobody else may look."""
    monkeypatch.setattr("harness.simulation.databases._MEMORY", tmp_path)
    seen = []

    class Looking(Scripted):
        def react(self, event: Event) -> Iterator[Effect]:
            yield from super().react(event)
            seen.extend([(path.name, path.stat().st_mode) for path in tmp_path.iterdir()])

    for statement in (Statement("SELECT 1"), Statement("nonsense")):
        sandbox = Sandbox(ROOTED)
        sandbox.install(DEMO_APP)
        moments = [Installed(at=n, entropy=b"") for n in range(2)]
        try:
            play(sandbox, DEMO_APP, Looking([[sql(CREATE)], [sql(statement)]]), moments)
        except PluginError:
            assert statement.sql == "nonsense"
        assert list(tmp_path.iterdir()) == []
    assert seen
    assert all(name.startswith("storage-harness-") and mode & 0o77 == 0 for name, mode in seen)


@pytest.mark.parametrize("pragmas", [WAL, PERSIST])
def test_ten_thousand_inserts_take_a_moment(pragmas: tuple[str, ...]) -> None:
    """A queue that grew while the device was offline, one transaction each; the goal is 1.5 s."""
    effects = [sql(CREATE, pragmas=pragmas), *(sql(*insert("event"), pragmas=pragmas) for _ in range(10_000))]
    begin = time.process_time()
    lived(*effects)

    assert time.process_time() - begin < 5
