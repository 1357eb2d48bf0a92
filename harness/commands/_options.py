"""Options that several commands share, and what they build."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from harness.commands._narration import Narration
    from harness.devices.base import Login, Passwords, Source
    from harness.emulators.walls.held import HeldDevice
    from harness.model import DeviceProfile
    from harness.persona import Persona
    from harness.pipeline import Job, Progress

__all__ = [
    "MODES",
    "Chosen",
    "files",
    "jobs_option",
    "open_source",
    "plugin_names",
    "profile_names",
    "raise_what_ended_it",
    "source_options",
]

F = TypeVar("F", bound=Callable[..., Any])
Completer: TypeAlias = Callable[[click.Context, click.Parameter, str], list[str]]

MODES = ("plain", "masked", "encrypted", "identifier-only", "hybrid", "erased")


def source_options(function: F) -> F:
    """What to take of a source, and how to judge it; `--allow-changes`, `--hold` and `--patience` are of devices."""
    file = click.Path(path_type=Path, dir_okay=False)
    for option in (
        click.option("--app", metavar="ID", help="Only this app's containers."),
        click.option(
            "--profile",
            metavar="NAME",
            help="The kind of device that the source was taken from.",
            shell_complete=profile_names,
        ),
        click.option("--persona", type=file, help="The seeded person (TOML): exact tracing, in every encoding."),
        click.option("--sdk", metavar="NAME", help="Judge by this SDK's claims only.", shell_complete=sdk_names),
        click.option("--key-file", type=file, help="Key for fingerprints, shared by machines that compare reports."),
        click.option("--allow-changes", is_flag=True, help="Devices: restart the debug bridge as root where it can."),
        click.option(
            "--hold",
            type=click.Choice(["stop", "pause"]),
            help="Devices: hold the app still while it is copied, instead of copying until nothing changes.",
        ),
        click.option(
            "--patience",
            type=click.FloatRange(0.5, 600),
            default=10.0,
            show_default=True,
            metavar="SECONDS",
            help="Devices: how long somebody has to answer a dialog on the screen.",
        ),
        click.option(
            "--backup-password-file",
            type=file,
            help="Encrypted backups: a file that holds the password alone.",
        ),
        click.option("--ssh-key", type=file, help="SSH: a private key without a passphrase."),
        click.option("--ssh-password-file", type=file, help="SSH: a file that holds the password alone."),
        click.option(
            "--known-hosts", type=file, help="SSH: the host keys that are trusted; ~/.ssh/known_hosts if not."
        ),
        click.option("-v", "--verbose", is_flag=True, help="Tell on stderr what is being done; no stored value."),
    ):
        function = option(function)
    return function


def jobs_option(function: F) -> F:
    """`--jobs`, for what scans or decodes."""
    return click.option(
        "--jobs",
        type=click.IntRange(1, 256),
        default=1,
        show_default=True,
        metavar="N",
        help="Processes that scan and decode; the result is the same.",
    )(function)


def _sdks() -> list[str]:
    """The simulated ones and those that are known only."""
    from harness import registry
    from harness.sdks.base.known import known_names

    return sorted([*registry.names("sdks"), *known_names()])


def sdk_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completes the name of an SDK."""
    return [name for name in _sdks() if name.startswith(incomplete)]


def plugin_names(family: str) -> Completer:
    """Completes the names of a family's plug-ins; after a comma, the next name."""

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        from harness import registry

        done, comma, begun = incomplete.rpartition(",")
        return [done + comma + name for name in registry.names(family) if name.startswith(begun)]

    return complete


def files(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Leaves completion to the shell, which knows files and folders."""
    return [CompletionItem(incomplete, type="file")]


def profile_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completes the names of device profiles."""
    from harness.profiles import load_profiles

    return [name for name in load_profiles() if name.startswith(incomplete)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the shared options said."""

    app: str | None = None
    profile: str | None = None
    persona: Path | None = None
    sdk: str | None = None
    key_file: Path | None = None
    allow_changes: bool = False
    hold: str | None = None
    patience: float = 10.0
    backup_password_file: Path | None = None
    ssh_key: Path | None = None
    ssh_password_file: Path | None = None
    known_hosts: Path | None = None
    verbose: bool = False
    jobs: int = 1
    _passwords: list[Passwords] = field(default_factory=list, repr=False, compare=False)
    """One, once it was asked for: a command that opens a source twice asks its user once."""

    def narration(self) -> Narration:
        """What tells of the run, where the user wants to hear it."""
        from harness.commands._narration import Narration

        told = Narration(wanted=self.verbose)
        told.jobs(self.jobs)
        return told

    def person(self) -> Persona | None:
        """Of the file that was named; what cannot be traced safely in it is told.

        Raises:
            UsageError: the file is none of a person.
        """
        from harness.persona import doubts, load_persona

        person = load_persona(self.persona) if self.persona else None
        for doubt in doubts(person) if person else ():
            click.echo(f"warning: {doubt}", err=True)
        return person

    def device(self) -> DeviceProfile | None:
        from harness.profiles import load_profile

        return load_profile(self.profile) if self.profile else None

    def passwords(self) -> Passwords:
        """Where the passwords of encrypted backups come from: the file that was named, or else the terminal."""
        from harness.commands._passwords import from_file, from_terminal
        from harness.devices.base import Passwords

        if not self._passwords:
            file = self.backup_password_file
            self._passwords.append(Passwords(from_terminal if file is None else from_file(file)))
        return self._passwords[0]

    def login(self) -> Login:
        """How one gets into a device over SSH."""
        from harness.commands._passwords import from_file
        from harness.devices.base import Login

        password = from_file(self.ssh_password_file) if self.ssh_password_file else None
        return Login(key_file=self.ssh_key, known_hosts=self.known_hosts, password=password)

    def job(self, source: Source, progress: Progress, **more: Any) -> Job:
        """A job over an open source."""
        from harness.errors import UsageError
        from harness.pipeline import Job
        from harness.redaction import Redactor, load_key

        if self.sdk is not None and self.sdk not in (names := _sdks()):
            known = ", ".join(names)
            raise UsageError(f"no SDK is called {self.sdk}", hint=f"known: {known}")
        return Job(
            source=source,
            redactor=Redactor(load_key(self.key_file)),
            persona=self.person(),
            app=self.app,
            sdk=self.sdk,
            progress=progress,
            jobs=self.jobs,
            **more,
        )


def open_source(
    source: str, chosen: Chosen, progress: Progress, device: HeldDevice | None = None
) -> AbstractContextManager[Source]:
    """Reach a source by the connector that is surest of it; `emulated:PROFILE` is booted first.

    Args:
        source: as the user named it.
        chosen: what the shared options said.
        progress: told while files come.
        device: the emulated one that the source is of, where one runs already.

    Raises:
        SourceError: nothing there, or nothing that we know.
        DeviceError: the device cannot be reached.
    """
    from harness import registry
    from harness.commands._emulated import SCHEME, emulated
    from harness.commands._own_reports import WithoutReports
    from harness.devices.base import Connector, Options, choose

    connectors = registry.load("devices", Connector)
    options = Options(
        app=chosen.app,
        profile=chosen.device(),
        may_change=chosen.allow_changes,
        hold=chosen.hold or "",
        patience=chosen.patience,
        progress=progress,
        passwords=chosen.passwords(),
        login=chosen.login(),
    )
    if device is not None:
        source, options = device.reach(options)
    if source.startswith(SCHEME):
        return emulated(source, connectors, options)
    connector = choose(source, connectors)
    opened = connector.open(source, options)
    return WithoutReports(opened) if connector.name == "folder" else opened


def raise_what_ended_it(opened: Source) -> None:
    """Where a source ended before everything was there: say so once what had arrived is put to use.

    Raises:
        DeviceError: it did.
    """
    from harness.devices.base import Interruptible

    if isinstance(opened, Interruptible) and opened.fault is not None:
        raise opened.fault
