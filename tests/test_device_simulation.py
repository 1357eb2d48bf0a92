"""A simulated SDK that lives in an emulated device, seen with Debian's adb: whose files, and what is in them."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from harness import registry
from harness.device_simulation import app_program
from harness.emulators.android.apps import AppContext, AppProgram
from harness.emulators.android.device import AndroidDevice, Setup
from harness.emulators.walls.ports import Tier
from harness.emulators.walls.userland import Userland
from harness.errors import AccessDenied, DeviceError, PluginError, UsageError
from harness.formats.sqlite.chance import without_chance
from harness.formats.sqlite.journal import MAGIC
from harness.persona import demo_persona
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox
from harness.sdks.base import Delete, Effect, Event, Exit, SdkModel, Sealer, Sql, Statement, Wipe, Write
from harness.sdks.base import Setup as SdkSetup
from harness.simulation import DEMO_APP, Options, installed, simulate
from harness.simulation.databases import SIDECARS
from tests.emulators.android.conftest import userland
from tests.emulators.android.test_device import Adb, adb

__all__ = ["adb", "userland"]

SHOP = DEMO_APP.package
HOME = f"/data/data/{SHOP}"
ROOTED = load_profile("android-14-rooted")
SDKS = registry.load("sdks", SdkModel)
BOTH = (Tier.USER_NAMESPACE, Tier.CHROOT)

Start = Callable[..., AndroidDevice]


class Scripted(SdkModel):
    """An SDK that does, at the first event, what a test says."""

    versions = ("1",)
    modes = ("plain",)

    def __init__(self, *effects: Effect) -> None:
        self.name = "scripted"
        self._effects = effects

    def start(self, setup: SdkSetup) -> "Scripted":
        del setup
        return self

    def react(self, event: Event) -> Iterator[Effect]:
        del event
        yield from self._effects


class Sealing(Scripted):
    """Seals before a wipe, if it is to, and after it."""

    wipes = True
    sealer: Sealer

    def start(self, setup: SdkSetup) -> "Sealing":
        life = Sealing()
        life.sealer, life.wipes = setup.sealer, self.wipes
        return life

    def react(self, event: Event) -> Iterator[Effect]:
        yield Write(path="files/before", data=self.sealer.seal("careful", b"old", nonce=bytes(12)))
        if self.wipes:
            yield Wipe()
        yield Write(path="files/after", data=self.sealer.seal("careful", b"new", nonce=event.entropy[:12]))


@pytest.fixture(params=BOTH, ids=str)
def start(request: pytest.FixtureRequest, userland: Userland, adb: Adb) -> Iterator[Start]:
    """Starts rooted devices with the shop on them; pid 1 must have had nothing to complain about."""
    del userland
    started = []

    def make(program: AppProgram, **options: object) -> AndroidDevice:
        sandbox = installed(ROOTED, name="test", **options)  # type: ignore[arg-type]
        sandbox.install(App(package="com.example.other", uid=10124))
        device = AndroidDevice(sandbox, tier=request.param, setup=Setup(program=program))
        started.append(device)
        adb.connect(device)
        return device

    yield make
    for device in started:
        log = device.log
        adb("disconnect", device.serial)
        device.stop()
        assert log == ""


def stored(sandbox: Sandbox) -> dict[str, tuple[bytes, int, int, float]]:
    """What lies in the shop's folder: bytes, mode, owner, time."""
    return {
        entry.path.removeprefix(f"{HOME}/"): (entry.data, entry.mode, entry.owner, entry.modified)
        for entry in sandbox.walk(HOME)
        if not entry.folder
    }


@pytest.mark.parametrize(
    ("sdk", "mode"),
    [
        ("forgetful", "plain"),
        ("forgetful", "erased"),
        ("careful", "encrypted"),
        ("careful", "erased"),
        ("clevertap", "plain"),
        ("clevertap", "encrypted"),
    ],
)
def test_the_process_writes_what_the_simulation_writes(start: Start, adb: Adb, sdk: str, mode: str) -> None:
    """Byte by byte, with mode and time; on the device and, after `refresh`, in its sandbox."""
    model, options = SDKS[sdk], Options(seed=b"equal")
    device = start(app_program(model, mode=mode, persona=demo_persona(), **options), **options)

    assert stored(device.sandbox) == {}
    code, said, complaint = adb.shell(device, f"am start -W {SHOP}")
    assert (code, complaint) == (0, ""), said
    device.refresh()

    expected = stored(simulate(ROOTED, model, mode=mode, persona=demo_persona(), **options))
    assert stored(device.sandbox) == expected
    assert expected


def test_the_files_are_the_apps_own(start: Start, adb: Adb) -> None:
    """By the kernel: nobody but the app wrote them, nothing else is left, and the shell has none of them."""
    device = start(app_program(SDKS["careful"], mode="masked", persona=demo_persona()))
    adb.shell(device, f"am start -W {SHOP}")

    _, said, _ = adb.shell(
        device, f"su -c 'find {HOME}/files {HOME}/shared_prefs {HOME}/databases -printf %U:%m:%p,'"
    )
    found = set(said.strip(",").split(","))
    assert found == {
        f"10123:771:{HOME}/files",
        f"10123:600:{HOME}/files/careful-events.json",
        f"10123:771:{HOME}/shared_prefs",
        f"10123:600:{HOME}/shared_prefs/careful.xml",
        f"10123:771:{HOME}/databases",
        f"10123:600:{HOME}/databases/careful",
    }
    assert adb.shell(device, f"su -c 'ls -A {HOME}/cache'")[1] == ""
    assert "Permission denied" in adb.shell(device, f"cat {HOME}/databases/careful")[2]


def test_what_is_sealed_opens_for_its_owner_alone(start: Start, adb: Adb) -> None:
    """On the device it takes the app's uid: root's own and another app's are not enough."""
    device = start(app_program(SDKS["careful"], mode="encrypted", persona=demo_persona()))
    adb.shell(device, f"am start -W {SHOP}")
    device.refresh()
    keys, email = device.sandbox.keys, str(demo_persona().email)
    sealed = _profile(device, "email")

    assert sealed != email.encode()
    device.sandbox.sealer(SHOP).seal("careful", b"", nonce=bytes(12))
    assert keys.open("careful", SHOP, sealed) == email.encode()
    device.sandbox.sealer("com.example.other").seal("careful", b"", nonce=bytes(12))
    with pytest.raises(DeviceError, match="sealed with another key"):
        keys.open("careful", "com.example.other", sealed)
    with pytest.raises(AccessDenied):
        keys.open("careful", "nobody", sealed)
    assert _opened(adb, device, 10123, sealed) == (0, email, "")
    for uid in (0, 2000, 10124):
        code, said, _ = _opened(adb, device, uid, sealed)
        assert code != 0
        assert email not in said


def test_a_kill_between_two_writes_leaves_the_first(start: Start, adb: Adb) -> None:
    """And nothing of the second; the third, which would delete, has not happened either."""
    first, second = Write(path="files/first", data=b"1" * 100), Write(path="files/second", data=b"2" * 100)
    steps = [2]  # one within the write, one after it

    device = start(
        app_program(
            Scripted(first, second, Delete(path="files/first")),
            mode="plain",
            persona=demo_persona(),
            step=lambda context: _stay(context, steps),
            events=_once(),
        )
    )
    adb.shell(device, f"am start -W {SHOP}")
    assert adb.shell(device, f"am force-stop {SHOP}")[0] == 0
    device.refresh()

    assert {path: data for path, (data, *_) in stored(device.sandbox).items()} == {"files/first": b"1" * 100}


def test_a_kill_within_a_write_leaves_half_of_it(start: Start, adb: Adb) -> None:
    """One page is on disk, the rest never was."""
    steps = [1]
    device = start(
        app_program(
            Scripted(Write(path="files/long", data=b"x" * 10_000)),
            mode="plain",
            persona=demo_persona(),
            step=lambda context: _stay(context, steps),
            events=_once(),
        )
    )
    adb.shell(device, f"am start -W {SHOP}")
    adb.shell(device, f"am force-stop {SHOP}")
    device.refresh()

    assert {path: data for path, (data, *_) in stored(device.sandbox).items()} == {"files/long": b"x" * 4096}


WAL = ("journal_mode=WAL",)
DELETE = ("journal_mode=DELETE",)
CREATE = Statement("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, b)")


def _inserted(text: str, times: int = 1) -> tuple[Statement, ...]:
    return tuple(Statement("INSERT INTO t(b) VALUES(?)", (text,)) for _ in range(times))


def _sql(path: str, *statements: Statement, pragmas: tuple[str, ...] = WAL, commits: bool = True) -> Sql:
    return Sql(path=path, statements=statements, pragmas=pragmas, commits=commits, sidecar_mode=0o600)


def _without_chance(found: dict[str, tuple[bytes, int, int, float]]) -> dict[str, tuple[bytes, int, int, float]]:
    """Salts and nonces are SQLite's own on the device."""
    settled = dict(found)
    for path in found:
        sidecars = {suffix: found[path + suffix][0] for suffix in SIDECARS if path + suffix in found}
        for suffix, data in without_chance(found[path][0], sidecars).items():
            settled[path + suffix] = (data, *found[path + suffix][1:])
    return settled


@pytest.mark.parametrize(
    "between",
    [
        (),
        (Exit(),),
        (_sql("databases/a", *_inserted("lost " * 200, 100), commits=False),),
        (Exit(), _sql("databases/b", *_inserted("c"), pragmas=DELETE), Exit()),
        (Wipe(), _sql("databases/a", CREATE)),
        (replace(_sql("databases/c", CREATE, *_inserted("z")), closes=True),),
    ],
    ids=["alive", "ended", "died in the middle", "ended twice", "wiped", "closed after use"],
)
def test_databases_are_what_the_simulation_makes_of_them(start: Start, adb: Adb, between: tuple[Effect, ...]) -> None:
    """While the app runs: logs and journals as they are then, each process with its own end. And at each start."""
    begin = (_sql("databases/a", CREATE, *_inserted("x")), _sql("databases/b", CREATE, pragmas=DELETE))
    model = Scripted(*begin, *between, _sql("databases/a", *_inserted("y")))
    device = start(app_program(model, mode="plain", persona=demo_persona(), events=_once()))
    expected = stored(simulate(ROOTED, model, mode="plain", persona=demo_persona(), events=_once()))

    assert "databases/a-wal" in expected
    for _ in range(2):
        adb.shell(device, f"am start -W {SHOP}")
        device.refresh()
        assert _without_chance(stored(device.sandbox)) == expected
        adb.shell(device, f"am force-stop {SHOP}")


def test_a_kill_within_a_transaction_leaves_a_hot_journal(start: Start, adb: Adb) -> None:
    """The kernel ends the app, and nobody rolls back what SQLite had begun; who opens it next does."""
    steps = [150]
    begin = _sql(
        "databases/a", CREATE, *_inserted("kept " * 300, 60), pragmas=(*DELETE, "cache_size=1", "cache_spill=1")
    )
    device = start(
        app_program(
            Scripted(begin, _sql("databases/a", *_inserted("lost " * 300, 200))),
            mode="plain",
            persona=demo_persona(),
            step=lambda context: _stay(context, steps),
            events=_once(),
        )
    )
    adb.shell(device, f"am start -W {SHOP}")
    adb.shell(device, f"am force-stop {SHOP}")
    device.refresh()
    found = {path: data for path, (data, *_) in stored(device.sandbox).items()}

    assert set(found) == {"databases/a", "databases/a-journal"}
    assert found["databases/a-journal"].startswith(MAGIC)
    assert b"lost" in found["databases/a"]


def test_what_is_wiped_takes_its_keys_along(start: Start, adb: Adb) -> None:
    """What comes after is sealed with another key of the same name, as in a sandbox."""
    wiping, keeping = Sealing(), Sealing()
    keeping.wipes = False
    device = start(app_program(wiping, mode="plain", persona=demo_persona(), events=_once()))
    adb.shell(device, f"am start -W {SHOP}")
    device.refresh()
    one, other = (
        stored(simulate(ROOTED, model, mode="plain", persona=demo_persona(), events=_once()))
        for model in (wiping, keeping)
    )

    assert stored(device.sandbox) == one
    assert set(one) == {"files/after"}
    assert one["files/after"][0] != other["files/after"][0]
    assert _opened(adb, device, 10123, one["files/after"][0]) == (0, "new", "")
    assert _opened(adb, device, 10123, other["files/before"][0])[0] != 0


def test_an_icon_can_be_tapped(start: Start, adb: Adb) -> None:
    """Without adb: the scenario is over when it returns; a second tap plays nothing again."""
    device = start(app_program(SDKS["forgetful"], mode="plain", persona=demo_persona()))
    device.launch(SHOP)
    device.refresh()
    written = stored(device.sandbox)
    device.launch(SHOP)
    device.launch("com.example.other")
    device.refresh()

    assert len(written) == 3
    assert stored(device.sandbox) == written
    with pytest.raises(DeviceError):
        device.launch("com.example.nothing")

    adb.shell(device, f"am force-stop {SHOP}")
    device.launch(SHOP)
    device.refresh()
    assert stored(device.sandbox) == written


def test_nobody_taps_on_a_locked_screen(userland: Userland) -> None:
    """Once it is unlocked, somebody may."""
    del userland
    program = app_program(SDKS["careful"], mode="hybrid", persona=demo_persona())
    with AndroidDevice(installed(ROOTED, name="test"), setup=Setup(program=program)) as device:
        device.lock()
        with pytest.raises(DeviceError, match="locked"):
            device.launch(SHOP)
        device.unlock()
        device.launch(SHOP)


def test_an_app_that_dies_at_its_start_is_told(userland: Userland) -> None:
    """Rather than scanned as one that stores nothing."""
    del userland
    with (
        AndroidDevice(installed(ROOTED, name="test"), setup=Setup(program=lambda _context: 1)) as device,
        pytest.raises(DeviceError, match="did not come up"),
    ):
        device.launch(SHOP)


def test_what_is_wrong_shows_before_a_device_starts() -> None:
    """A mode that there is not, a version that there is not, a model that leaves its folder."""
    with pytest.raises(UsageError, match="has no mode"):
        app_program(SDKS["careful"], mode="plain", persona=demo_persona())
    with pytest.raises(UsageError, match="has no version"):
        app_program(SDKS["careful"], mode="masked", persona=demo_persona(), version="0")
    with pytest.raises(PluginError, match="outside"):
        app_program(Scripted(Delete(path="../x")), mode="plain", persona=demo_persona())


# -- in these tests ------------------------------------------------------------------------------


def _once() -> list[Event]:
    return [Event(at=1_700_000_000, entropy=bytes(32))]


def _stay(context: AppContext, steps: list[int]) -> None:
    """Come to the screen and stop at a step; the list is the process's own copy."""
    steps[0] -= 1
    if steps[0] == 0:
        context.drawn()
        context.linger()


def _profile(device: AndroidDevice, column: str) -> bytes:
    data = device.sandbox.read(f"{HOME}/databases/careful")
    with sqlite3.connect(":memory:") as database:
        database.deserialize(data)
        (found,) = database.execute(f"SELECT {column} FROM profile").fetchone()
    return bytes(found)


def _opened(adb: Adb, device: AndroidDevice, uid: int, sealed: bytes) -> tuple[int, str, str]:
    """What the keystore answers to somebody who has this uid."""
    words = f"su {uid} -c 'keystore_cli_v2 decrypt --name=careful'"
    return adb("-s", device.serial, "shell", "-T", words, stdin=sealed)
