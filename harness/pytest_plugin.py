"""Fixtures and options for suites that judge an app's storage; `docs/ci.md` has recipes.

def test_nothing_personal_is_left(storage):
    assert not list(storage.scan("app-data.tar").findings)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.devices.base import Source
    from harness.model import Report
    from harness.persona import Persona
    from harness.sandbox import Sandbox

__all__ = ["Storage", "pytest_addoption", "storage"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--harness-profile`, `--harness-persona` and `--harness-key-file`."""
    group = parser.getgroup("storage-harness")
    group.addoption("--harness-profile", metavar="NAME", help="the kind of device that sources were taken from")
    group.addoption("--harness-persona", metavar="FILE", help="the seeded person (TOML)")
    group.addoption("--harness-key-file", metavar="FILE", help="the key for fingerprints")


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


@pytest.fixture(scope="session")
def storage(pytestconfig: pytest.Config) -> Storage:
    """Scans sources and simulates SDKs, with the defaults that the command line of pytest set."""
    return Storage(
        pytestconfig.getoption("--harness-profile"),
        pytestconfig.getoption("--harness-persona"),
        pytestconfig.getoption("--harness-key-file"),
    )
