"""`storage-harness emulate`: boot an emulated device and say how to reach it."""

from __future__ import annotations

import click

from harness.commands._options import profile_names

__all__ = ["command"]


@click.command(
    epilog="""\b
Examples:
  storage-harness emulate android-14-rooted
  adb connect 127.0.0.1:PORT                     as it prints
  storage-harness scan adb:127.0.0.1:PORT        in another terminal
  storage-harness emulate ios-16-jailbroken
  ssh -i KEYFILE -p PORT root@127.0.0.1          as it prints
  storage-harness emulate ios-17-stock
  USBMUXD_SOCKET_ADDRESS=127.0.0.1:PORT ideviceinfo"""
)
@click.argument("profile", shell_complete=profile_names)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; any that is free if left out."
)
@click.option(
    "--trust",
    type=click.Choice(["accept", "ask", "deny"]),
    default="accept",
    show_default=True,
    help="What happens when a computer connects that is not known; `ask` waits for y or n on stdin.",
)
def command(profile: str, port: int, trust: str) -> None:
    """Boot an emulated device of the kind PROFILE, print how to reach it, and stay until Ctrl-C.

    The demo app is on it, and a simulated SDK in that has stored everything in plain. Any adb client can connect to
    an Android device, any SSH client to a jailbroken iPhone, libimobiledevice to a stock one. The kernel enforces the
    permissions of the first two; `storage-harness profiles` lists the kinds.
    """
    from harness.commands._emulated import bootable, running, stay
    from harness.emulators.walls.ports import Trust

    with running(bootable(profile), trust=Trust(trust), port=port) as device:
        for way in device.ways_in:
            click.echo(way)
        if device.ways_in:
            click.echo(f"Next: {device.setting}storage-harness scan {' '.join(device.scan_words)}", err=True)
        else:
            click.echo("USB debugging is off on this device: nothing can connect", err=True)
        stay(device, asks=trust == "ask")
