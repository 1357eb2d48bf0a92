"""`storage-harness simulate`: what would this SDK leave behind?"""

from pathlib import Path

import click

from harness.commands._options import MODES, plugin_names, profile_names

__all__ = ["command"]


@click.command(
    epilog="""\b
Examples:
  storage-harness simulate --profile android-14-rooted --sdk forgetful --mode plain --into leftovers/
  storage-harness simulate --sdk careful --mode encrypted --new-persona --into leftovers/
  storage-harness scan leftovers/ --persona leftovers.persona.toml --profile android-14-rooted --mode plain"""
)
@click.option(
    "--profile",
    default="android-14-rooted",
    show_default=True,
    metavar="NAME",
    help="The kind of device.",
    shell_complete=profile_names,
)
@click.option(
    "--sdk",
    required=True,
    metavar="NAME",
    help="The simulated SDK; `storage-harness sdks` lists them.",
    shell_complete=plugin_names("sdks"),
)
@click.option("--sdk-version", metavar="VERSION", help="Newest where left out.")
@click.option("--mode", type=click.Choice(MODES), help="The storage mode; the SDK's first where left out.")
@click.option("--persona", type=click.Path(path_type=Path, dir_okay=False), help="Who uses the app (TOML).")
@click.option("--new-persona", is_flag=True, help="Make up a person that no other run has.")
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), required=True, help="A new or empty folder."
)
def command(
    profile: str,
    sdk: str,
    sdk_version: str | None,
    mode: str | None,
    persona: Path | None,
    new_persona: bool,
    into: Path,
) -> None:
    """Play the demo scenario through a simulated SDK, into a folder.

    The storage is written by our model of the SDK, not by the SDK. The person's values are written beside the folder,
    as INTO.persona.toml, so that a scan can trace them.
    """
    import secrets
    import shlex

    from harness import registry
    from harness.errors import UsageError
    from harness.persona import demo_persona, load_persona
    from harness.persona import new_persona as make_persona
    from harness.profiles import load_profile
    from harness.sdks.base import SdkModel
    from harness.simulation import simulate, write_into

    if persona and new_persona:
        raise UsageError("--persona and --new-persona exclude each other")
    models = registry.load("sdks", SdkModel)
    if sdk not in models:
        raise UsageError(f"no SDK is called {sdk}", hint=f"known: {', '.join(models)}")
    person = (
        make_persona(secrets.token_bytes(16)) if new_persona else load_persona(persona) if persona else demo_persona()
    )
    mode = mode or models[sdk].modes[0]
    beside = into.parent / f"{into.name}.persona.toml"
    if beside.exists():
        raise UsageError(f"{beside} exists", hint="move it away, or name another folder with --into")
    sandbox = simulate(load_profile(profile), models[sdk], mode=mode, persona=person, version=sdk_version)
    write_into(sandbox, into)
    beside.write_text(person.to_toml(), encoding="utf-8")
    scan = ["scan", into, "--persona", beside, "--profile", profile, "--sdk", sdk, "--mode", mode]
    click.echo(f"storage: {into}\npersona: {beside}\nNext: storage-harness {shlex.join(map(str, scan))}")
