"""The demo's two phones: one app, one scenario, a rooted device and a stock one, reached as a tester reaches them.

Where this machine cannot wall in a device, the device in memory takes its place, and is called that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from rich.console import Console

    from harness.devices.adb.probing import Attempt
    from harness.devices.base import Source
    from harness.model import Access, Report
    from harness.pipeline import Progress

__all__ = ["Phones", "Visit", "show_phones", "visit_phones"]

_PROFILES = ("android-14-rooted", "android-14-stock")
_COLUMN = 44
"""Characters for what a device said; more goes on in the next line."""

Judge: TypeAlias = "Callable[[Source], Report]"


@dataclass(frozen=True, slots=True)
class Visit:
    """One phone: what was tried at it, and what came of it."""

    device: str
    report: Report
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Phones:
    """Both, and why they are only in memory; nothing is lacking where they were emulated."""

    visits: tuple[Visit, ...]
    lacking: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The first word of a report's folder."""
        return "memory" if self.lacking else "emulated"


def visit_phones(judge: Judge, progress: Progress) -> Phones:
    """Let the demo app live on both, and take and judge what it stored.

    Raises:
        SourceError: what a device handed over is damaged as a whole.
    """
    from harness.emulators.android.userland import missing
    from harness.errors import DeviceError

    lacking = tuple(f"{each.what} is missing: {each.how}" for each in missing())
    if not lacking:
        try:
            return Phones(tuple(_visits(_emulated, judge, progress)))
        except DeviceError as error:
            lacking = (f"{error}: {error.hint}" if error.hint else str(error),)
    return Phones(tuple(_visits(_in_memory, judge, progress)), lacking)


def _visits(visit: Callable[[str, Judge], Visit], judge: Judge, progress: Progress) -> Iterator[Visit]:
    for done, device in enumerate(_PROFILES, 1):
        progress("devices", done, len(_PROFILES))
        yield visit(device, judge)


def _emulated(device: str, judge: Judge) -> Visit:
    from harness.commands._emulated import SCHEME, emulated
    from harness.devices.adb import Adb, AdbSource
    from harness.devices.base import Options
    from harness.simulation import DEMO_APP

    with emulated(SCHEME + device, {"adb": Adb()}, Options(app=DEMO_APP.package)) as source:
        report = judge(source)
        attempts = source.attempts if isinstance(source, AdbSource) else ()
        return Visit(device, report, attempts)


def _in_memory(device: str, judge: Judge) -> Visit:
    from harness import registry
    from harness.commands._emulated import DEMO_MODE, DEMO_SDK
    from harness.persona import demo_persona
    from harness.profiles import load_profile
    from harness.sdks.base import SdkModel
    from harness.simulation import simulate

    model = registry.load("sdks", SdkModel)[DEMO_SDK]
    return Visit(device, judge(simulate(load_profile(device), model, mode=DEMO_MODE, persona=demo_persona())))


# -- what a person sees --------------------------------------------------------------------------


def show_phones(console: Console, phones: Phones) -> None:
    """Both side by side: what was tried, what the device said, and who reads what in the end."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    if phones.lacking:
        console.print(
            Text("Emulated Android devices cannot run here:", style="bold yellow"),
            *(Text(f"  {each}", overflow="fold") for each in phones.lacking),
            Text("The same app, on devices in memory instead (nothing here went over adb):", style="bold"),
            sep="\n",
        )
    else:
        console.print(
            Text("The same app as a process of two emulated devices, taken over adb as from a phone:", style="bold")
        )
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for visit in phones.visits:
        table.add_column(visit.device, max_width=_COLUMN, overflow="fold")
    for heading, *cells in _rows(phones.visits):
        table.add_row(heading, *(Text(cell, style=_style(cell), overflow="fold") for cell in cells))
    console.print(table)


def _rows(visits: Sequence[Visit]) -> Iterator[tuple[str, ...]]:
    from harness.model import Access
    from harness.reporters.base import ACCESS_WORDS
    from harness.wording import count_of

    for way in dict.fromkeys(attempt.way for visit in visits for attempt in visit.attempts):
        yield (f"tried: {way.value}", *(_answer([one for one in each.attempts if one.way is way]) for each in visits))
    denied = [[item for item in visit.report.unread if not item.expected] for visit in visits]
    yield ("refused", *(count_of(len(items), "folder or file", "folders or files") for items in denied))
    yield ("files read", *(str(len(visit.report.coverage)) for visit in visits))
    for access in Access:
        yield (ACCESS_WORDS[access].heading, *(_gets(visit.report, access) for visit in visits))
    yield ("verdict", *(visit.report.outcome.value for visit in visits))


def _answer(attempts: Sequence[Attempt]) -> str:
    from harness.wording import visible

    if not attempts:
        return "not needed"
    best = next((each for each in attempts if each.works), attempts[0])
    return f"{'yes' if best.works else 'no'}: {visible(best.said)}"


def _gets(report: Report, access: Access) -> str:
    """How many classes of personal data an attacker reads."""
    from harness.model import Cell

    cells = [each.cell for each in report.exposure if each.access is access and each.cell is not Cell.ABSENT]
    read = sum(cell in {Cell.EXPOSED, Cell.BROKEN} for cell in cells)
    if read:
        return f"reads {read} of {len(cells)} kinds"
    return "not known" if Cell.UNKNOWN in cells else "held off"


def _style(cell: str) -> str:
    if cell.startswith(("reads ", "yes: ")) or cell == "fail":
        return "red"
    return "green" if cell.startswith(("held", "no: ")) else ""
