"""The player applies what a model answers, and nothing else decides what is stored."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.errors import PluginError, UsageError
from harness.model import Access, Artifact, Protection
from harness.persona import Persona, demo_persona
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox
from harness.sdks.base import (
    Database,
    Delete,
    Effect,
    Erased,
    Event,
    EventPushed,
    Installed,
    LocationSet,
    LoggedIn,
    LoggedOut,
    Preferences,
    Table,
    Write,
)
from harness.sdks.forgetful import Forgetful
from harness.simulation import DEMO_APP, FormatWriter, demo_events, play, simulate, write_into

ROOTED = load_profile("android-14-rooted")
JAILBROKEN = load_profile("ios-16-jailbroken")


@dataclass
class Scripted:
    """A life that answers each event with the next effects of a list."""

    effects: list[Effect]

    def react(self, event: Event) -> Iterator[Effect]:
        yield self.effects.pop(0)


def forgetful() -> Forgetful:
    model = Forgetful()
    model.name = "forgetful"
    return model


def installed(*, ios: bool = False) -> Sandbox:
    sandbox = Sandbox(JAILBROKEN if ios else ROOTED)
    sandbox.install(DEMO_APP)
    return sandbox


def moments(count: int) -> list[Event]:
    return [Installed(at=1000 + number, entropy=bytes(32)) for number in range(count)]


# -- effects -------------------------------------------------------------------------------------


def test_a_write_lands_with_all_that_it_says() -> None:
    """Mode, protection class, backup mark, and the time of the event."""
    sandbox = installed(ios=True)
    effect = Write(path="Library/a", data=b"x", mode=0o640, protection=Protection.COMPLETE, in_backup=False)

    play(sandbox, DEMO_APP, Scripted([effect]), moments(1))

    entry = sandbox.stat(f"{sandbox.container(DEMO_APP.package)}/Library/a")
    assert (entry.data, entry.mode, entry.protection) == (b"x", 0o640, Protection.COMPLETE)
    assert (entry.in_backup, entry.modified) == (False, 1000.0)


def test_a_deletion_removes_and_may_find_nothing() -> None:
    """Twice is no error."""
    sandbox = installed()

    play(
        sandbox,
        DEMO_APP,
        Scripted([Write(path="files/a", data=b"x"), Delete(path="files/a"), Delete(path="files/a")]),
        moments(3),
    )

    assert not sandbox.exists(f"{sandbox.container(DEMO_APP.package)}/files/a")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../other/files/a", "files/../../a", "", "files//a", "./a", "a\0b", "a/"]
)
def test_a_model_cannot_leave_its_app(path: str) -> None:
    """Neither by a write nor by a deletion."""
    for effect in (Write(path=path, data=b"x"), Delete(path=path)):
        with pytest.raises(PluginError, match="outside"):
            play(installed(), DEMO_APP, Scripted([effect]), moments(1))


# -- simulate ------------------------------------------------------------------------------------


def test_equal_inputs_give_equal_devices_and_another_seed_does_not() -> None:
    """All chance comes from the seed."""
    one, same, other = (
        simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona(), seed=seed) for seed in (b"1", b"1", b"2")
    )

    assert list(one.walk()) == list(same.walk())
    assert list(one.walk()) != list(other.walk())


def test_a_mode_or_version_that_is_not_there_is_bad_usage() -> None:
    """The hint lists those that are."""
    with pytest.raises(UsageError, match="no mode") as caught:
        simulate(ROOTED, forgetful(), mode="server-side", persona=demo_persona())
    assert "identifier-only" in caught.value.hint
    with pytest.raises(UsageError, match="no version") as caught:
        simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona(), version="9")
    assert "1.0.0" in caught.value.hint


def test_the_result_is_a_device_that_says_what_it_is() -> None:
    """Its name tells a simulation from the real thing; the app and the events are the caller's where given."""
    app = App(package="org.example.other", uid=10200)
    sandbox = simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona(), app=app, events=[])

    assert sandbox.name == "simulated:android-14-rooted/forgetful/plain"
    assert [one.package for one in sandbox.apps] == ["org.example.other"]
    assert list(sandbox.collect()) == []


def test_a_profile_with_debuggable_builds_installs_one() -> None:
    """`run-as` answers there, and only there."""
    for name, answers in (("android-14-debuggable", True), ("android-14-rooted", False)):
        sandbox = simulate(load_profile(name), forgetful(), mode="plain", persona=demo_persona())
        path = f"{sandbox.container(DEMO_APP.package)}/databases/forgetful"
        assert sandbox.readers(path)[Access.ADB_SHELL] is answers


def test_what_forgetful_leaves_open_other_apps_reach() -> None:
    """One file, and only that one."""
    sandbox = simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona())
    reached = [
        item.path
        for item in sandbox.collect()
        if isinstance(item, Artifact) and Access.OTHER_APP in item.facts.readable_by
    ]

    assert reached == ["files/forgetful-events.json"]


# -- the demo scenario ---------------------------------------------------------------------------


def test_the_demo_has_one_clock_and_chance_for_each_event() -> None:
    """Time goes up, no entropy comes twice."""
    events = demo_events(demo_persona(), "erased")

    assert [event.at for event in events] == sorted({event.at for event in events})
    assert len({event.entropy for event in events}) == len(events)
    assert all(len(event.entropy) == 32 for event in events)


def test_the_demo_says_all_of_the_person() -> None:
    """Login, an order with the address, a location; log-out and erasure only where the mode is about them."""
    persona = demo_persona()
    kinds = [type(event) for event in demo_events(persona, "plain")]
    [login] = [event for event in demo_events(persona, "plain") if isinstance(event, LoggedIn)]
    orders = [event for event in demo_events(persona, "plain") if isinstance(event, EventPushed)]

    assert dict(login.profile) == dict(persona.items())
    assert any(order.properties.get("address") == persona.address for order in orders)
    assert LocationSet in kinds
    assert LoggedOut not in kinds
    assert [type(event) for event in demo_events(persona, "erased")][-2:] == [LoggedOut, Erased]


def test_a_person_without_a_place_or_address_is_played_too() -> None:
    """Fields that are not set are not pushed."""
    events = demo_events(Persona(email="jane@example.org"), "plain")

    assert LocationSet not in [type(event) for event in events]
    assert not any("address" in event.properties for event in events if isinstance(event, EventPushed))


# -- into a folder -------------------------------------------------------------------------------


def test_a_folder_gets_the_files_with_their_modes(tmp_path: Path) -> None:
    """Paths, bytes and modes are those of the container."""
    sandbox = simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona())
    written = write_into(sandbox, tmp_path / "out")
    root = sandbox.container(DEMO_APP.package)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]

    assert written == len(files) == 3
    for path in files:
        entry = sandbox.stat(f"{root}/{path.relative_to(tmp_path / 'out').as_posix()}")
        assert path.read_bytes() == entry.data
        assert stat.S_IMODE(path.stat().st_mode) == entry.mode


def test_more_apps_get_a_folder_each(tmp_path: Path) -> None:
    """By their package names."""
    sandbox = installed()
    sandbox.install(App(package="org.example.other", uid=10200))
    for app in sandbox.apps:
        sandbox.write(f"{sandbox.container(app.package)}/files/a", b"x")

    assert write_into(sandbox, tmp_path) == 2
    assert (tmp_path / "org.example.other" / "files" / "a").read_bytes() == b"x"


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """Nothing is overwritten, nothing is mixed."""
    (tmp_path / "mine").write_text("keep", encoding="utf-8")

    for target in (tmp_path, tmp_path / "mine", tmp_path / "mine" / "below"):
        with pytest.raises(UsageError):
            write_into(installed(), target)
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "keep"


# -- the writer ----------------------------------------------------------------------------------


def test_the_writer_speaks_each_formats_words() -> None:
    """Plain content of the SDK port becomes real files."""
    writer = FormatWriter()
    table = Table("queue", ("at", "who"), ((1, "jane@example.org"),))

    assert b"<map>" in writer.encode("shared_prefs", Preferences({"id": "x", "on": True, "n": 1}))
    assert writer.encode("sqlite", Database((table,))).startswith(b"SQLite format 3\0")
    assert writer.encode("property_list", Preferences({"id": "x"})).startswith(b"bplist00")
    assert writer.encode("json_text", {"a": 1}) == b'{"a":1}'


def test_deleted_rows_stay_in_free_pages_unless_overwritten() -> None:
    """As SQLite leaves them."""
    table = Table("queue", ("who",), (("jane@example.org",),))
    writer = FormatWriter()

    kept = writer.encode("sqlite", Database((table,), script=("DELETE FROM queue",)))
    gone = writer.encode("sqlite", Database((table,), script=("DELETE FROM queue",), secure_delete=True))
    assert b"jane@example.org" in kept
    assert b"jane@example.org" not in gone


def test_a_format_that_is_not_there_is_the_models_fault() -> None:
    """And is named."""
    with pytest.raises(PluginError, match="papyrus"):
        FormatWriter().encode("papyrus", {})
