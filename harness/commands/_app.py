"""The group of all subcommands: each is a file of this package, imported when it is needed."""

import importlib
import pkgutil
from typing import ClassVar

import click

import harness.commands
from harness import __version__

__all__ = ["application"]


class _Subcommands(click.Group):
    """Finds `harness.commands.<name>.command` by name."""

    first: ClassVar[tuple[str, ...]] = ("demo", "scan", "values", "detect", "acquire", "diff", "simulate", "report")
    """What people come for; the rest follows by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        found = sorted(
            module.name.rstrip("_")
            for module in pkgutil.iter_modules(harness.commands.__path__)
            if not module.name.startswith("_")
        )
        return [*(name for name in self.first if name in found), *(name for name in found if name not in self.first)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"harness.commands.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=_Subcommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 bad usage or input, 4 device failed, 130 interrupted.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show tracebacks; may stand anywhere.")
def application(debug: bool) -> None:
    """Whose personal data falls out of a phone that is rooted, jailbroken, backed up or taken apart?

    \b
    Start with:
      storage-harness demo                     see it work on simulated devices
      storage-harness scan FOLDER              scan what you pulled off a phone
      storage-harness doctor                   what this machine can do
    """
