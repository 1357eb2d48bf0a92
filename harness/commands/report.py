"""`storage-harness report`: render a result again, without scanning."""

from pathlib import Path

import click

from harness.commands._options import plugin_names

__all__ = ["command"]


@click.command(
    epilog="""\b
Examples:
  storage-harness report reports/20260101-120000-shop/result.json
  storage-harness report result.json --format html > report.html"""
)
@click.argument("result", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "form",
    default="terminal",
    show_default=True,
    help="Which form.",
    shell_complete=plugin_names("reporters"),
)
def command(result: Path, form: str) -> None:
    """Render RESULT (a result.json) again, on stdout."""
    from harness.commands._reports import formats_from
    from harness.commands._results import read_result

    report = read_result(result)
    if form == "terminal":
        from harness.commands._terminal import wide_console
        from harness.reporters.terminal import print_report

        print_report(wide_console(), report)
        return
    for reporter in formats_from(form).values():
        click.echo(reporter.render(report), nl=False)
