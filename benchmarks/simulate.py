"""Simulating: a life of an SDK, a queue that grew for days, and what it costs to scan that."""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.measure import Table, harness_command, in_turns
from benchmarks.setting import Setting
from harness import registry
from harness.persona import Persona, demo_persona
from harness.profiles import load_profile
from harness.sandbox import Sandbox
from harness.scenarios.clock import Clock
from harness.sdks.base import (
    Charged,
    Event,
    EventPushed,
    InAppReceived,
    InboxReceived,
    Installed,
    Launched,
    LocationSet,
    LoggedIn,
    ProfilePushed,
    PushTokenReceived,
    SdkModel,
    ServerAnswered,
    WentOffline,
    WentOnline,
)
from harness.simulation import simulate, write_into

__all__ = ["bench"]

_SDK = "clevertap"
_ERAS = (("4.6.0", "plain"), ("7.1.2", "encrypted"), ("8.2.0", "encrypted"))
_QUEUED = 10_000


def bench(setting: Setting) -> None:
    """Figures are seconds of one process, the median of several runs after one to warm up."""
    person, profile = demo_persona(), load_profile("android-14-rooted")
    model = registry.load("sdks", SdkModel)[_SDK]

    def played(version: str, mode: str, events: list[Event]) -> Sandbox:
        return simulate(profile, model, mode=mode, persona=person, version=version, events=events)

    life, queue = list(_life(person)), list(_queue(person))
    table = Table(
        "simulating clevertap into a sandbox", "version, mode", "50 events, 3 people: s", "10,000 queued: s"
    )
    for version, mode in _ERAS:
        short = _seconds(lambda version=version, mode=mode: played(version, mode, life), setting.runs * 3)  # type: ignore[misc]
        long = _seconds(lambda version=version, mode=mode: played(version, mode, queue), setting.runs)  # type: ignore[misc]
        table.row(f"{version}, {mode}", short, long)
    table.row("peer: sqlite3 alone, 10,000 transactions in a file in memory", "", _seconds(_by_sqlite, setting.runs))
    table.show()
    with tempfile.TemporaryDirectory() as folder:
        (_, _), (legacy, _), (newest, _) = _ERAS
        queues = {
            f"{legacy}: readable, the person in no row": played(
                legacy, "encrypted", list(_queue(person, named=False))
            ),
            f"{legacy}: readable, the person in each row": played(legacy, "encrypted", queue),
            f"{newest}: each row sealed": played(newest, "encrypted", queue),
        }
        _scanned(setting, Path(folder), queues, person)


def _seconds(work: Callable[[], object], runs: int) -> float:
    work()
    spent = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return median(spent)


def _scanned(setting: Setting, folder: Path, queues: dict[str, Sandbox], person: Persona) -> None:
    """Each queue against a corpus of its own size, so that start-up counts alike."""
    persona = folder / "persona.toml"
    persona.write_text(person.to_toml(), encoding="utf-8")
    table = Table("scanning a queue of 10,000", "what", "MB", "MB/s of CPU", "wall s")
    for number, (name, sandbox) in enumerate(queues.items()):
        place = folder / str(number)
        write_into(sandbox, place)
        size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
        storage = setting.storage(max(1, round(size / 1e6)))
        known = ("--persona", str(persona), "--sdk", _SDK)
        costs = in_turns(
            {
                name: harness_command("scan", "--json", "-q", str(place), *known),
                f"corpus of {storage.size / 1e6:.0f} MB": harness_command(
                    *("scan", "--json", "-q", str(storage.data), "--persona", str(storage.persona))
                ),
            },
            setting.runs,
        )
        for what, spent in costs.items():
            of = size if what == name else storage.size
            cpu, wall = median(each.cpu for each in spent), median(each.wall for each in spent)
            table.row(what, of / 1e6, of / 1e6 / cpu, wall)
    table.show()


# -- what happens --------------------------------------------------------------------------------


def _life(person: Persona) -> Iterator[Event]:
    """50 events: three people of one phone, who log in, look, pay and are written to; half of it offline."""
    clock = Clock()
    yield Installed(**clock.next())
    yield Launched(**clock.next())
    yield PushTokenReceived(**clock.next(), token=clock.draw("token"))
    yield ServerAnswered(**clock.next(), values={"rc_n": 5, "rc_w": 60})
    for number in range(3):
        who = replace(person, email=f"person{number}@example.org", name=f"Person {number}")
        yield LoggedIn(**clock.next(), identity=clock.draw(f"identity {number}"), profile=dict(who.items()))
        yield WentOnline(**clock.next())
        yield InboxReceived(**clock.next(), message=f"message-{number}", title=f"Hello {who.name}", text="A lamp")
        yield InAppReceived(**clock.next(), campaign=f"campaign-{number}", text=f"{who.name}, 10% off")
        yield WentOffline(**clock.next())
        yield ProfilePushed(**clock.next(), profile={"email": str(who.email), "visits": number})
        yield LocationSet(**clock.next(), latitude=37.422131, longitude=-122.084801)
        for viewed in range(6):
            yield EventPushed(**clock.next(), label=f"Product {viewed} Viewed", properties={"total": viewed + 0.5})
        yield Charged(**clock.next(), details={"total": 42.5}, items=({"product": "Desk lamp"},))
        yield Launched(**clock.next())
    yield EventPushed(**clock.next(), label="Closed")


def _queue(person: Persona, *, named: bool = True) -> Iterator[Event]:
    """Days without a network; and an app that names the person in each event, or in none."""
    clock = Clock(step=20)
    yield Installed(**clock.next())
    yield LoggedIn(**clock.next(), identity=clock.draw("identity"), profile=dict(person.items()))
    yield WentOffline(**clock.next())
    for number in range(_QUEUED):
        properties: dict[str, str | int] = {"product": "Desk lamp", "number": number}
        if named:
            properties["who"] = str(person.email)
        yield EventPushed(**clock.next(), label="Product Viewed", properties=properties)


def _by_sqlite() -> None:
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with (
        tempfile.TemporaryDirectory(dir=memory) as folder,
        closing(sqlite3.connect(Path(folder) / "queue", isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA journal_mode=TRUNCATE").fetchall()
        connection.execute("CREATE TABLE events(_id INTEGER PRIMARY KEY AUTOINCREMENT, data STRING, at INTEGER)")
        connection.execute("CREATE INDEX time_idx ON events(at)")
        for number in range(_QUEUED):
            row = ("{%s}" % ("x" * 250), number)
            connection.execute("INSERT INTO events(data, at) VALUES(?, ?)", row)
