"""Fixtures and options for suites that judge an app's storage; `docs/ci.md` has recipes.

def test_nothing_personal_is_left(storage):
    storage.expect_pass(storage.scan())

$ pytest --harness-source emulated:android-14-rooted      # in CI, without a phone
$ pytest --harness-source adb:SERIAL                      # the same suite on one
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.emulators.walls.held import HeldDevice
    from harness.model import Report
    from harness.persona import Persona
    from harness.sandbox import Sandbox

__all__ = ["Defaults", "Storage", "pytest_addoption", "pytest_configure", "storage"]

_LINES = 50
"""On one check, in the failure of a test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The defaults of a run: what is scanned, and how."""
    group = parser.getgroup("storage-harness")
    group.addoption(
        "--harness-source", metavar="SOURCE", help="what is scanned where a test names nothing: emulated:PROFILE, …"
    )
    group.addoption("--harness-app", metavar="ID", help="only this app's containers")
    group.addoption("--harness-profile", metavar="NAME", help="the kind of device that sources were taken from")
    group.addoption("--harness-persona", metavar="FILE", help="the seeded person (TOML)")
    group.addoption("--harness-key-file", metavar="FILE", help="the key for fingerprints")
    group.addoption("--harness-allow-changes", action="store_true", help="devices: restart the bridge as root")
    group.addoption("--harness-hold", choices=["stop", "pause"], help="devices: hold the app still meanwhile")
    group.addoption(
        "--harness-patience", type=float, default=10.0, metavar="SECONDS", help="devices: time to answer a dialog"
    )


def pytest_configure(config: pytest.Config) -> None:
    """A default that cannot be used ends the run before a test does.

    Raises:
        UsageError: of pytest: an option names what is not there.
    """
    from harness.errors import HarnessError
    from harness.persona import load_persona
    from harness.profiles import load_profile
    from harness.redaction import load_key

    checks = {"--harness-profile": load_profile, "--harness-persona": load_persona, "--harness-key-file": load_key}
    for option, load in checks.items():
        named = config.getoption(option)
        if not named:
            continue
        try:
            load(named if load is load_profile else Path(named))
        except HarnessError as error:
            hint = f"\n  hint: {error.hint}" if error.hint else ""
            raise pytest.UsageError(f"{option}: {error}{hint}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What the command line of pytest said."""

    source: str | None = None
    app: str | None = None
    profile: str | None = None
    persona: str | None = None
    key_file: str | None = None
    allow_changes: bool = False
    hold: str | None = None
    patience: float = 10.0


class Storage:
    """What a suite asks: scan a source, or simulate an SDK in memory or on an emulated device."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults
        self._devices: dict[str, HeldDevice] = {}
        """Emulated ones by their source."""

    def scan(
        self,
        source: str | Path | Sandbox | None = None,
        *,
        app: str | None = None,
        persona: str | Path | Persona | None = None,
        profile: str | None = None,
        mode: str | None = None,
    ) -> Report:
        """The report on a source: one that the command line takes (`emulated:PROFILE`, `adb:SERIAL`), or a simulated
        device; where none is named, that of `--harness-source`.

        Raises:
            HarnessError: the source cannot be reached, it ended before everything was there, or an option names what
                is not there.
        """
        from harness.commands._options import Chosen, open_source, raise_what_ended_it
        from harness.errors import UsageError
        from harness.pipeline import Job, Plugins, report_on
        from harness.redaction import Redactor, load_key
        from harness.sandbox import Sandbox

        given, own = self._defaults, source if source is not None else self._defaults.source
        if own is None:
            raise UsageError("nothing to scan is named: name it in the test, or with --harness-source")
        chosen = Chosen(
            app=app or given.app,
            profile=profile or given.profile,
            allow_changes=given.allow_changes,
            hold=given.hold,
            patience=given.patience,
        )
        with (
            _hinted(),
            own
            if isinstance(own, Sandbox)
            else open_source(str(own), chosen, _unheard, self._devices.get(str(own))) as reached,
        ):
            job = Job(
                source=reached,
                redactor=Redactor(load_key(Path(given.key_file) if given.key_file else None)),
                persona=self._person(persona),
                app=chosen.app,
                promise=mode,
            )
            report = report_on(job, Plugins.load())
            raise_what_ended_it(reached)
            return report

    @contextmanager
    def emulate(
        self, sdk: str, *, mode: str, profile: str = "android-14-rooted", persona: Persona | None = None
    ) -> Iterator[str]:
        """A running emulated device on which a simulated SDK, as a process, has lived through the demo scenario.

        Gives the source to scan: `adb:127.0.0.1:PORT`, which any adb client can connect to as well, or that of a
        jailbroken iPhone, `ssh://root@127.0.0.1:PORT`, or of a stock one, `ios:UDID`.

        Raises:
            HarnessError: there is no such SDK, mode or profile, or this machine cannot emulate it.
        """
        from harness.commands._emulated import Lived, bootable, running

        lived = Lived(sdk=sdk, mode=mode, persona=persona)
        with _hinted(), running(bootable(profile), lived=lived) as device:
            source = device.scan_words[0]
            self._devices[source] = device
            try:
                yield source
            finally:
                del self._devices[source]

    def expect_pass(self, report: Report) -> None:
        """Fail the test unless the report passes; the failure lists class, mask and place, a line each."""
        from harness.model import Outcome

        if report.outcome is not Outcome.PASS:
            pytest.fail("\n".join(_why(report)), pytrace=False)

    def simulate(self, sdk: str, *, mode: str, profile: str | None = None, persona: Persona | None = None) -> Sandbox:
        """A simulated device on which a simulated SDK has lived through the demo scenario."""
        from harness import registry
        from harness.persona import demo_persona
        from harness.profiles import load_profile
        from harness.sdks.base import SdkModel
        from harness.simulation import simulate

        return simulate(
            load_profile(profile or self._defaults.profile or "android-14-rooted"),
            registry.load("sdks", SdkModel)[sdk],
            mode=mode,
            persona=persona or demo_persona(),
        )

    def _person(self, persona: str | Path | Persona | None) -> Persona | None:
        from harness.persona import Persona, load_persona

        named = persona or self._defaults.persona
        return named if isinstance(named, Persona) or named is None else load_persona(Path(named))


@contextmanager
def _hinted() -> Iterator[None]:
    """What is raised within says what to do next, below its traceback."""
    from harness.errors import HarnessError

    try:
        yield
    except HarnessError as error:
        if error.hint and not hasattr(error, "__notes__"):
            error.add_note(f"hint: {error.hint}")
        raise


def _unheard(_stage: str, _done: int, _total: int) -> None:
    """A suite shows no progress."""


def _why(report: Report) -> Iterator[str]:
    """Nothing but what a report may say."""
    from harness.grouping import clusters
    from harness.model import Outcome
    from harness.reporters.base import OUTCOME_WORDS, in_one_line, subject
    from harness.wording import visible

    yield visible(f"{OUTCOME_WORDS[report.outcome]}: {subject(report).app}")
    for verdict in report.verdicts:
        if verdict.outcome not in {Outcome.FAIL, Outcome.INCONCLUSIVE}:
            continue
        yield visible(f"{OUTCOME_WORDS[verdict.outcome]} {verdict.check}: {verdict.title}: {verdict.reason}")
        told = clusters(verdict.findings)
        yield from (f"  {in_one_line(cluster)}" for cluster in told[:_LINES])
        if len(told) > _LINES:
            yield f"  … and {sum(len(cluster.findings) for cluster in told[_LINES:]):,} more"


@pytest.fixture(scope="session")
def storage(pytestconfig: pytest.Config) -> Storage:
    """Scans sources and simulates SDKs, with the defaults that the command line of pytest set."""
    fields = Defaults.__dataclass_fields__
    return Storage(
        Defaults(**{name: pytestconfig.getoption(f"--harness-{name.replace('_', '-')}") for name in fields})
    )
