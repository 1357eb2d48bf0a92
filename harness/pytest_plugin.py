"""Fixtures and options for suites that judge an app's storage; `docs/ci.md` has recipes.

def test_nothing_personal_is_left(storage):
    storage.expect_pass(storage.scan("app-data.tar"))
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.devices.base import Source
    from harness.model import Report
    from harness.persona import Persona
    from harness.sandbox import Sandbox

__all__ = ["Storage", "pytest_addoption", "pytest_configure", "storage"]

_LINES = 50
"""On one check, in the failure of a test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--harness-profile`, `--harness-persona` and `--harness-key-file`."""
    group = parser.getgroup("storage-harness")
    group.addoption("--harness-profile", metavar="NAME", help="the kind of device that sources were taken from")
    group.addoption("--harness-persona", metavar="FILE", help="the seeded person (TOML)")
    group.addoption("--harness-key-file", metavar="FILE", help="the key for fingerprints")


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


class Storage:
    """What a suite asks: scan a source, or simulate an SDK."""

    def __init__(self, profile: str | None, persona: str | None, key_file: str | None) -> None:
        self._profile = profile
        self._persona = persona
        self._key_file = key_file

    def scan(
        self,
        source: str | Path | Sandbox,
        *,
        app: str | None = None,
        persona: str | Path | Persona | None = None,
        profile: str | None = None,
        mode: str | None = None,
    ) -> Report:
        """The report on a source: a path as on the command line, or a simulated device.

        Raises:
            HarnessError: the source cannot be reached, or an option names what is not there.
        """
        from harness import registry
        from harness.devices.base import Connector, Options, choose
        from harness.pipeline import Job, Plugins, report_on
        from harness.profiles import load_profile
        from harness.redaction import Redactor, load_key
        from harness.sandbox import Sandbox

        opened: Source
        if isinstance(source, Sandbox):
            opened = source
        else:
            named = profile or self._profile
            options = Options(app=app, profile=load_profile(named) if named else None)
            opened = choose(str(source), registry.load("devices", Connector)).open(str(source), options)
        with opened as reached:
            job = Job(
                source=reached,
                redactor=Redactor(load_key(Path(self._key_file) if self._key_file else None)),
                persona=self._person(persona),
                app=app,
                promise=mode,
            )
            return report_on(job, Plugins.load())

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
            load_profile(profile or self._profile or "android-14-rooted"),
            registry.load("sdks", SdkModel)[sdk],
            mode=mode,
            persona=persona or demo_persona(),
        )

    def _person(self, persona: str | Path | Persona | None) -> Persona | None:
        from harness.persona import Persona, load_persona

        named = persona or self._persona
        return named if isinstance(named, Persona) or named is None else load_persona(Path(named))


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
    return Storage(
        pytestconfig.getoption("--harness-profile"),
        pytestconfig.getoption("--harness-persona"),
        pytestconfig.getoption("--harness-key-file"),
    )
