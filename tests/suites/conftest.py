"""Reports on simulated lives, each made once for all suites of a run."""

from collections.abc import Callable
from functools import cache

import pytest

from harness import registry
from harness.model import Report
from harness.persona import demo_persona
from harness.pipeline import Job, Plugins, report_on
from harness.profiles import load_profile
from harness.redaction import Redactor
from harness.sdks.base import SdkModel
from harness.simulation import simulate

Reported = Callable[[str, str, int | None], Report]


@pytest.fixture(scope="session")
def reported() -> Reported:
    """Of CleverTap on a rooted phone, after the demo scenario: by version, mode and level."""
    plugins = Plugins.load()
    model: SdkModel = registry.load("sdks", SdkModel)["clevertap"]
    profile = load_profile("android-14-rooted")

    @cache
    def report(version: str, mode: str, level: int | None) -> Report:
        person = demo_persona()
        source = simulate(profile, model, mode=mode, persona=person, version=version, level=level)
        redactor = Redactor(b"k" * 32)
        return report_on(Job(source=source, redactor=redactor, persona=person, promise=mode), plugins)

    return report
