"""`storage-harness demo`: the main job, on simulated devices, on emulated ones, and on a small real corpus."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from harness.commands._demo_devices import Phones
    from harness.devices.base import Source
    from harness.model import Report
    from harness.persona import Persona
    from harness.pipeline import Plugins, Progress

__all__ = ["command"]

_PROFILES = ("android-14-rooted", "ios-16-jailbroken")
_KEY = b"storage-harness demo: invented people only"
"""A fixed key: everyone's demo has the same fingerprints, and there is nobody to protect in it."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """One run of the demo: a device, an SDK, a storage mode."""

    device: str
    sdk: str
    mode: str
    report: Report

    @property
    def folder(self) -> str:
        return f"{self.device}-{self.sdk}-{self.mode}" if self.mode else self.device


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the reports.")
@click.option("-q", "--quiet", is_flag=True, help="Only say where the reports are.")
def command(out: Path | None, quiet: bool) -> None:
    """See it work: simulated SDKs, emulated devices, and real files.

    Two SDK models on two simulated devices in memory: `forgetful` does everything wrong, `careful` does everything
    right; each is our own, not a product. Then the worst of them in an app of emulated devices: two Android ones,
    rooted and stock, over adb, and a jailbroken iPhone over SSH. Exits 0 when it did its job, whatever it found.
    """
    from harness.commands._reports import destination, formats_from
    from harness.commands._terminal import progress_on_stderr, wide_console
    from harness.persona import demo_persona
    from harness.pipeline import Plugins

    plugins, person = Plugins.load(), demo_persona()
    with destination(out, "demo") as place:
        with progress_on_stderr(quiet=quiet) as progress:
            scenes = _simulated(plugins, person, progress)
            phones = _phones(plugins, person, progress)
            corpus = _corpus(plugins, progress)
        reports = {scene.folder: scene.report for scene in [*scenes, *([corpus] if corpus else [])]}
        reports |= {visit.folder: visit.report for visit in phones.visits}
        place.write(reports, list(formats_from("html,json").values()), None)
    if not quiet:
        _show(wide_console(), scenes, phones, corpus)
    worst = next(scene for scene in scenes if scene.mode == "plain")
    click.echo(f"Reports: {place.folder}\nOpen first: {place.folder / worst.folder / 'report.html'}")


def _simulated(plugins: Plugins, person: Persona, progress: Progress) -> list[_Scene]:
    from harness.profiles import load_profile
    from harness.simulation import simulate

    runs = [(profile, sdk, mode) for profile in _PROFILES for sdk in ("forgetful", "careful")
            for mode in plugins.sdks[sdk].modes]  # fmt: skip
    scenes = []
    for done, (profile, sdk, mode) in enumerate(runs, 1):
        progress("simulate", done, len(runs))
        sandbox = simulate(load_profile(profile), plugins.sdks[sdk], mode=mode, persona=person)
        report = _report(plugins, sandbox, person, sdk=sdk, mode=mode)
        scenes.append(_Scene(profile, sdk, mode, report))
    return scenes


def _phones(plugins: Plugins, person: Persona, progress: Progress) -> Phones:
    from harness.commands._demo_devices import visit_phones
    from harness.commands._emulated import DEMO_MODE, DEMO_SDK

    return visit_phones(lambda source: _report(plugins, source, person, sdk=DEMO_SDK, mode=DEMO_MODE), progress)


def _report(plugins: Plugins, source: Source, person: Persona | None, *, sdk: str = "", mode: str = "") -> Report:
    from harness.pipeline import Job, report_on
    from harness.redaction import Redactor
    from harness.simulation import DEMO_APP

    job = Job(
        source=source,
        redactor=Redactor(_KEY),
        persona=person,
        app=DEMO_APP.package if sdk else None,
        promise=mode or None,
        scenario={"name": "demo", "sdk": sdk, "mode": mode, "simulated": "true"} if sdk else {},
    )
    return report_on(job, plugins)


def _corpus(plugins: Plugins, progress: Progress) -> _Scene | None:
    """Preferences that Android's own code wrote, of invented people (CC0)."""
    from harness import registry
    from harness.devices.base import Connector, Options

    place = _corpus_folder()
    if place is None:
        return None
    progress("corpus", 1, 1)
    with registry.load("devices", Connector)["folder"].open(str(place), Options()) as source:
        source.name = "corpus: android-prefs"
        return _Scene("corpus-android-prefs", "", "", _report(plugins, source, None))


def _corpus_folder() -> Path | None:
    package = Path(__file__).resolve().parent.parent
    places = (
        package / "demo_corpus" / "android-prefs",
        package.parent / "tests" / "corpus" / "android-prefs" / "shared_prefs",
    )
    return next((place for place in places if place.is_dir()), None)


# -- what a person sees --------------------------------------------------------------------------


def _show(console: Console, scenes: list[_Scene], phones: Phones, corpus: _Scene | None) -> None:
    from harness.commands._demo_devices import show_phones
    from harness.reporters.terminal import print_matrix

    for device in _PROFILES:
        console.print(f"\n[bold]{device}[/bold], simulated in memory: each SDK model in every storage mode")
        console.print(_summary([scene for scene in scenes if scene.device == device]))
    worst = next(scene for scene in scenes if scene.mode == "plain")
    console.print(f"[bold]Who can read what[/bold]: {worst.sdk}, mode {worst.mode}, on {worst.device}")
    print_matrix(console, worst.report)
    show_phones(console, phones)
    if corpus is not None:
        report = corpus.report
        found = ", ".join(sorted({detection.type for detection in report.detections}))
        console.print(
            f"[bold]Real files[/bold]: {len(report.coverage)} preference files that Android's own code wrote, of "
            f"invented people: {len(report.detections)} pieces of personal data ({found})\n"
        )


def _summary(scenes: list[_Scene]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from harness.model import Outcome

    styles = {Outcome.PASS: "green", Outcome.FAIL: "red", Outcome.INCONCLUSIVE: "yellow"}
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("SDK model", "mode", "verdict", "findings", "weakest who reads any"):
        table.add_column(column, justify="right" if column == "findings" else "left", no_wrap=True)
    for scene in scenes:
        outcome = scene.report.outcome
        count = sum(finding.occurrences for finding in scene.report.findings)
        verdict = f"[{styles[outcome]}]{outcome.value}[/]"
        table.add_row(scene.sdk, scene.mode, verdict, str(count), _weakest(scene.report))
    return table


def _weakest(report: Report) -> str:
    """The weakest attacker who gets at anything."""
    from harness.model import Cell

    reading = [cell.access for cell in report.exposure if cell.cell in {Cell.EXPOSED, Cell.BROKEN}]
    return min(reading).label if reading else "nobody"
