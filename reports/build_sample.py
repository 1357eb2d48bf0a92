"""Rebuilds `reports/sample`: the report of a simulated CleverTap 7.1.2 at encryption level 1. A test compares.

usage: python reports/build_sample.py [FOLDER]
"""

import sqlite3
import struct
import sys
from pathlib import Path

from harness import registry
from harness.persona import demo_persona
from harness.pipeline import Job, Plugins, report_on
from harness.profiles import load_profile
from harness.redaction import Redactor
from harness.reporters.base import Reporter
from harness.sandbox import Attributes, Sandbox
from harness.simulation import DEMO_APP, simulate

KEY = b"storage-harness sample: an invented person"
"""Fixed, so that the sample is the same everywhere; there is nobody to protect in it."""
FORMS = ("html", "json")
ANDROID_14_SQLITE = 3_039_002
_MAJOR, _MINOR, _PATCH = sqlite3.sqlite_version_info
_NUMBER = _MAJOR * 1_000_000 + _MINOR * 1_000 + _PATCH
VERSION, MODE, LEVEL = "7.1.2", "encrypted", 1
"""Its encryption covers four fields of the profile, under a key that everybody can derive."""


def build(folder: Path) -> None:
    """Write the sample's files into a folder."""
    plugins, person = Plugins.load(), demo_persona()
    profile, model = load_profile("android-14-rooted"), plugins.sdks["clevertap"]
    device = simulate(profile, model, mode=MODE, persona=person, version=VERSION, level=LEVEL)
    _same_everywhere(device)
    said = {"name": "demo", "sdk": model.name, "version": VERSION, "mode": MODE, "level": str(LEVEL)}
    job = Job(
        source=device,
        redactor=Redactor(KEY),
        persona=person,
        app=DEMO_APP.package,
        promise=MODE,
        scenario={**said, "simulated": "true"},
    )
    report = report_on(job, plugins)
    reporters = registry.load("reporters", Reporter)
    folder.mkdir(parents=True, exist_ok=True)
    for form in FORMS:
        (folder / reporters[form].filename).write_text(reporters[form].render(report), encoding="utf-8")


def _same_everywhere(device: Sandbox) -> None:
    """SQLite writes its own version into each database, and another machine has another SQLite."""
    ours, androids = (struct.pack(">I", number) for number in (_NUMBER, ANDROID_14_SQLITE))
    for entry in [*device.walk()]:
        if ours in entry.data:
            kept = Attributes(mode=entry.mode, modified=entry.modified, in_backup=entry.in_backup, owner=entry.owner)
            device.write(entry.path, entry.data.replace(ours, androids), kept)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "sample")
