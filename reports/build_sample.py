"""Rebuilds `reports/sample`: the report of a simulated SDK that does everything wrong. A test compares.

usage: python reports/build_sample.py [FOLDER]
"""

import sys
from pathlib import Path

from harness import registry
from harness.persona import demo_persona
from harness.pipeline import Job, Plugins, report_on
from harness.profiles import load_profile
from harness.redaction import Redactor
from harness.reporters.base import Reporter
from harness.simulation import DEMO_APP, simulate

KEY = b"storage-harness sample: an invented person"
"""Fixed, so that the sample is the same everywhere; there is nobody to protect in it."""
FORMS = ("html", "json")


def build(folder: Path) -> None:
    """Write the sample's files into a folder."""
    plugins, person = Plugins.load(), demo_persona()
    device = simulate(load_profile("android-14-rooted"), plugins.sdks["forgetful"], mode="plain", persona=person)
    scenario = {"name": "demo", "sdk": "forgetful", "mode": "plain", "simulated": "true"}
    job = Job(
        source=device,
        redactor=Redactor(KEY),
        persona=person,
        app=DEMO_APP.package,
        promise="plain",
        scenario=scenario,
    )
    report = report_on(job, plugins)
    reporters = registry.load("reporters", Reporter)
    folder.mkdir(parents=True, exist_ok=True)
    for form in FORMS:
        (folder / reporters[form].filename).write_text(reporters[form].render(report), encoding="utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "sample")
