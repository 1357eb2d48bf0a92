"""`storage-harness simulate`: what would this SDK leave behind?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from harness.commands._options import MODES, profile_names, sdk_names
from harness.commands._tables import json_option

if TYPE_CHECKING:
    from harness.persona import Persona
    from harness.sdks.base import SdkModel
    from harness.simulation import Options

__all__ = ["command"]

_PROFILE = "android-14-rooted"


@click.command(
    epilog="""\b
Examples:
  storage-harness simulate --list
  storage-harness simulate --sdk clevertap --sdk-version 7.1.2 --mode encrypted --into leftovers/
  storage-harness scan leftovers/ --persona leftovers.persona.toml --profile android-14-rooted --sdk clevertap
  storage-harness simulate --sdk clevertap --scenario day.toml --new-persona --into a-day/
  storage-harness simulate --sdk clevertap --device emulated:android-5-stock"""
)
@click.option("--list", "listed", is_flag=True, help="Every SDK, version, platform, mode and level that there is.")
@json_option
@click.option(
    "--profile",
    metavar="NAME",
    help=f"The kind of device; {_PROFILE} where left out.",
    shell_complete=profile_names,
)
@click.option(
    "--sdk", metavar="NAME", help="The simulated SDK; with --list, only this one.", shell_complete=sdk_names
)
@click.option("--sdk-version", metavar="VERSION", help="Newest where left out.")
@click.option("--mode", type=click.Choice(MODES), help="The storage mode; the SDK's first where left out.")
@click.option("--level", type=int, metavar="N", help="Encryption level; what the mode stands for where left out.")
@click.option(
    "--device-id",
    type=click.Choice(["random", "advertising", "custom"]),
    help="What the SDK's id is made of: chance, the persona's advertising id, or the email, as careless apps do.",
)
@click.option("--custom-id", metavar="TEXT", help="The id that the app gives the SDK.")
@click.option("--extra", "extras", metavar="NAME", multiple=True, help="A module beside the SDK: geofence.")
@click.option("--scenario", type=click.Path(path_type=Path, dir_okay=False), help="What happens (TOML).")
@click.option("--app", metavar="ID", help="Package or bundle identifier of the app; com.example.shop where left out.")
@click.option("--persona", type=click.Path(path_type=Path, dir_okay=False), help="Who uses the app (TOML).")
@click.option("--new-persona", is_flag=True, help="Make up a person that no other run has.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="A new or empty folder.")
@click.option("--device", metavar="emulated:PROFILE", help="Boot such a device, let it happen there, and stay.")
def command(
    listed: bool, as_json: bool, sdk: str | None, into: Path | None, device: str | None, **said: object
) -> None:
    """Play a scenario through a simulated SDK, into a folder or on an emulated device.

    The storage is written by our model of the SDK, not by the SDK. Without --scenario it is that of the demo. The
    person's values are written beside the folder, as INTO.persona.toml, so that a scan can trace them.
    """
    from harness import registry
    from harness.errors import UsageError
    from harness.sdks.base import SdkModel

    models = registry.load("sdks", SdkModel)
    if sdk is not None and sdk not in models:
        raise UsageError(f"no SDK is called {sdk} that can be simulated", hint=f"known: {', '.join(models)}")
    if listed:
        _show({sdk: models[sdk]} if sdk else models, as_json=as_json)
        return
    if sdk is None:
        raise UsageError("--sdk is missing", hint=f"known: {', '.join(models)}; --list shows all that they can be")
    if (into is None) is (device is None):
        raise UsageError("say where to: either --into FOLDER or --device emulated:PROFILE")
    wanted = _wanted(models[sdk], **said)  # type: ignore[arg-type]
    if into is not None:
        _into(wanted, into)
    else:
        _on(wanted, str(device))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is to be played."""

    model: SdkModel
    mode: str
    profile: str | None
    persona: Persona
    options: Options

    def scan(self, *source: object, persona: Path) -> str:
        """The command that scans what was left."""
        import shlex

        sdk = ["--persona", persona, "--sdk", self.model.name, "--mode", self.mode]
        return f"storage-harness {shlex.join(map(str, ['scan', *source, *sdk]))}"


def _wanted(
    model: SdkModel,
    *,
    profile: str | None,
    sdk_version: str | None,
    mode: str | None,
    level: int | None,
    scenario: Path | None,
    app: str | None,
    persona: Path | None,
    new_persona: bool,
    device_id: str | None,
    custom_id: str | None,
    extras: tuple[str, ...],
) -> _Wanted:
    import secrets
    from dataclasses import replace

    from harness.errors import UsageError
    from harness.persona import demo_persona, load_persona
    from harness.persona import new_persona as make_persona
    from harness.scenarios import load_scenario
    from harness.simulation import DEMO_APP

    if persona and new_persona:
        raise UsageError("--persona and --new-persona exclude each other")
    person = (
        make_persona(secrets.token_bytes(16)) if new_persona else load_persona(persona) if persona else demo_persona()
    )
    version = sdk_version or model.versions[-1]
    options: Options = {"version": version, "level": level, "extras": frozenset(extras)}
    options |= _installation_id(person, device_id, custom_id)
    if scenario is not None:
        options["events"] = load_scenario(scenario, person)
    if app is not None:
        options["app"] = replace(DEMO_APP, package=_identifier(app))
    mode = mode or next((each for each in model.modes if model.has_mode(version, each)), model.modes[0])
    return _Wanted(model=model, mode=mode, profile=profile, persona=person, options=options)


def _installation_id(person: Persona, kind: str | None, custom: str | None) -> Options:
    """Of what the SDK makes its id of the installation."""
    from harness.errors import UsageError

    if custom is not None:
        if kind not in {None, "custom"}:
            raise UsageError(f"--device-id {kind} and --custom-id exclude each other")
        return {"custom_id": custom}
    if kind in {None, "random"}:
        return {}
    field, value = ("email", person.email) if kind == "custom" else ("advertising_id", person.advertising_id)
    if value is None:
        hint = "--custom-id TEXT says what the app gives" if kind == "custom" else "add one to the persona file"
        raise UsageError(f"--device-id {kind}: the persona has no `{field}`", hint=hint)
    return {"custom_id": value} if kind == "custom" else {"advertising_id": value}


def _identifier(app: str) -> str:
    import re

    from harness.errors import UsageError

    if not re.fullmatch(r"[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)+", app, re.ASCII) or len(app) > 200:
        raise UsageError(f"--app: {app!r} is no identifier of an app", hint="such as com.example.shop")
    return app


# -- where to ------------------------------------------------------------------------------------


def _into(wanted: _Wanted, into: Path) -> None:
    from harness.errors import UsageError
    from harness.profiles import load_profile
    from harness.simulation import simulate, write_into

    beside = into.parent / f"{into.name}.persona.toml"
    if beside.exists():
        raise UsageError(f"{beside} exists", hint="move it away, or name another folder with --into")
    profile = wanted.profile or _PROFILE
    sandbox = simulate(
        load_profile(profile), wanted.model, mode=wanted.mode, persona=wanted.persona, **wanted.options
    )
    write_into(sandbox, into)
    beside.write_text(wanted.persona.to_toml(), encoding="utf-8")
    scan = wanted.scan(into, "--profile", profile, persona=beside)
    click.echo(f"storage: {into}\npersona: {beside}\nNext: {scan}")


def _on(wanted: _Wanted, device: str) -> None:
    from harness.commands._emulated import SCHEME, Lived, bootable, running, stay
    from harness.errors import UsageError

    name = device.removeprefix(SCHEME)
    if name == device or not name:
        raise UsageError(
            f"--device {device}: an SDK is simulated on a device that this command boots itself",
            hint="--device emulated:PROFILE; `storage-harness profiles` lists the kinds",
        )
    if wanted.profile not in {None, name}:
        raise UsageError("--profile and --device name two kinds of device", hint="leave --profile out")
    lived = Lived(sdk=wanted.model.name, mode=wanted.mode, persona=wanted.persona, options=wanted.options)
    beside, text = Path(f"emulated-{name}.persona.toml"), wanted.persona.to_toml()
    if beside.exists() and beside.read_text(encoding="utf-8", errors="replace") != text:
        raise UsageError(f"{beside} exists, and is of somebody else", hint="move it away")
    with running(bootable(name), lived=lived) as phone:
        beside.write_text(text, encoding="utf-8")
        if phone.ways_in:
            click.echo("\n".join(phone.ways_in) + f"\npersona: {beside}")
            click.echo(f"Next: {phone.setting}{wanted.scan(*phone.scan_words, persona=beside)}")
        else:
            click.echo("USB debugging is off on this device: nothing can connect", err=True)
        stay(phone)


# -- what there is -------------------------------------------------------------------------------


def _show(models: dict[str, SdkModel], *, as_json: bool) -> None:
    from harness.commands._tables import show

    rows = [
        {
            "sdk": name,
            "versions": versions if as_json else _range(versions),
            "platform": platform,
            "mode": mode,
            "levels": list(levels),
            "device_ids": list(ids),
            "extras": list(extras),
        }
        for name, model in models.items()
        for platform in model.platforms
        for mode in model.modes
        for versions, (levels, ids, extras) in _eras(model, mode)
    ]
    show(rows, as_json=as_json)


_Choices: TypeAlias = tuple[tuple[int, ...], tuple[str, ...], tuple[str, ...]]
"""Levels, device ids and extras."""


def _eras(model: SdkModel, mode: str) -> list[tuple[list[str], _Choices]]:
    """The versions that have a mode, those together that follow each other and leave the same choice."""
    eras: list[tuple[list[str], _Choices]] = []
    before: str | None = None
    for version in model.versions:
        if model.has_mode(version, mode):
            choices = (model.levels_of(version, mode), model.device_ids(version), model.extras(version))
            if before is not None and eras[-1][1] == choices:
                eras[-1][0].append(version)
            else:
                eras.append(([version], choices))
            before = version
        else:
            before = None
    return eras


def _range(versions: list[str]) -> str:
    return versions[0] if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"
