"""`storage-harness profiles`: the kinds of device."""

import click

from harness.commands._tables import json_option, show

__all__ = ["command"]


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the kinds of device that can be simulated."""
    from harness.profiles import load_profiles

    rows = [
        {
            "name": profile.name,
            "title": profile.title,
            "platform": profile.platform.value,
            "os_version": profile.os_version,
            "privileged": profile.privileged,
            "keystore": profile.keystore.value,
            "app_root": profile.app_root,
        }
        for profile in load_profiles().values()
    ]
    show(rows, as_json=as_json)
