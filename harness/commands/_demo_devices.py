"""The demo's phones: one app, one scenario, two Android devices and a jailbroken iPhone, reached as a tester does it.

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

_PROFILES = ("android-14-rooted", "android-14-stock", "ios-16-jailbroken")
_COLUMN = 32
"""Characters for what a device said; more goes on in the next line."""

Judge: TypeAlias = "Callable[[Source], Report]"


@dataclass(frozen=True, slots=True)
class Visit:
    """One phone: what was tried at it, and what came of it."""

    device: str
    report: Report
    attempts: tuple[Attempt, ...] = ()
    emulated: bool = True

    @property
    def folder(self) -> str:
        """Of its report."""
        return f"{'emulated' if self.emulated else 'memory'}-{self.device}"


@dataclass(frozen=True, slots=True)
class Phones:
    """All of them, and why some are only in memory; nothing is lacking where they were emulated."""

    visits: tuple[Visit, ...]
    lacking: tuple[str, ...] = ()


def visit_phones(judge: Judge, progress: Progress) -> Phones:
    """Let the demo app live on each, and take and judge what it stored.

    Raises:
        SourceError: what a device handed over is damaged as a whole.
    """
    from harness.errors import DeviceError

    visits: list[Visit] = []
    lacking: dict[str, None] = {}
    for done, device in enumerate(_PROFILES, 1):
        progress("devices", done, len(_PROFILES))
        missing = [*_missing(device)]
        try:
            visit = _in_memory(device, judge) if missing else _emulated(device, judge)
        except DeviceError as error:
            missing = [f"{error}: {error.hint}" if error.hint else str(error)]
            visit = _in_memory(device, judge)
        visits.append(visit)
        lacking |= dict.fromkeys(missing)
    return Phones(tuple(visits), tuple(lacking))


def _missing(device: str) -> Iterator[str]:
    """What this machine lacks for a device of the kind."""
    from harness.emulators.android.userland import missing as for_android
    from harness.emulators.iphone.userland import missing as for_iphones

    for each in for_iphones() if device.startswith("ios") else for_android():
        yield f"{each.what} is missing: {each.how}"


def _emulated(device: str, judge: Judge) -> Visit:
    from harness import registry
    from harness.commands._emulated import SCHEME, emulated
    from harness.devices.adb import AdbSource
    from harness.devices.base import Connector, Options
    from harness.simulation import DEMO_APP

    connectors = registry.load("devices", Connector)
    with emulated(SCHEME + device, connectors, Options(app=DEMO_APP.package)) as source:
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
    sandbox = simulate(load_profile(device), model, mode=DEMO_MODE, persona=demo_persona())
    return Visit(device, judge(sandbox), emulated=False)


# -- what a person sees --------------------------------------------------------------------------


def show_phones(console: Console, phones: Phones) -> None:
    """All side by side: what was tried, what the device said, and who reads what in the end."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    if phones.lacking:
        console.print(
            Text("Emulated devices cannot all run here:", style="bold yellow"),
            *(Text(f"  {each}", overflow="fold") for each in phones.lacking),
            Text("The same app, on devices in memory instead where it says so:", style="bold"),
            sep="\n",
        )
    else:
        console.print(
            Text("The same app on three emulated devices, taken as from phones: over adb and over SSH:", style="bold")
        )
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for visit in phones.visits:
        named = visit.device if visit.emulated else f"{visit.device} (in memory)"
        table.add_column(named, max_width=_COLUMN, overflow="fold")
    for heading, *cells in _rows(phones.visits):
        table.add_row(heading, *(Text(cell, style=_style(cell), overflow="fold") for cell in cells))
    console.print(table)


def _rows(visits: Sequence[Visit]) -> Iterator[tuple[str, ...]]:
    from harness.model import Access
    from harness.reporters.base import ACCESS_WORDS
    from harness.wording import count_of

    for way in dict.fromkeys(attempt.way for visit in visits for attempt in visit.attempts):
        answers = (_answer(each, [one for one in each.attempts if one.way is way]) for each in visits)
        yield (f"tried: {way.value}", *answers)
    denied = [[item for item in visit.report.unread if not item.expected] for visit in visits]
    yield ("refused", *(count_of(len(items), "folder or file", "folders or files") for items in denied))
    yield ("files read", *(str(len(visit.report.coverage)) for visit in visits))
    for access in Access:
        yield (ACCESS_WORDS[access].heading, *(_gets(visit.report, access) for visit in visits))
    yield ("verdict", *(visit.report.outcome.value for visit in visits))


def _answer(visit: Visit, attempts: Sequence[Attempt]) -> str:
    from harness.wording import visible

    if not attempts:
        return "not needed" if visit.attempts else ""
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
