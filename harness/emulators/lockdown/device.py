"""An emulated stock iPhone on a cable: a sandbox that libimobiledevice and pymobiledevice3 reach.

    with StockIphone(sandbox) as phone:
        subprocess.run(["ideviceinfo"], env={"USBMUXD_SOCKET_ADDRESS": phone.address})

It is a process of its own, and ends with the harness, however that ends.
"""

import asyncio
import os
import socket
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from harness.devices.base import Options
from harness.emulators.lockdown.muxer import Muxer
from harness.emulators.lockdown.phone import Phone
from harness.emulators.lockdown.services import SERVICES
from harness.emulators.lockdown.sessions import Lockdown
from harness.emulators.walls.control import Control, Desk
from harness.emulators.walls.forked import let_go
from harness.emulators.walls.handles import HOST, channel, listener_on
from harness.emulators.walls.held import HeldDevice
from harness.emulators.walls.kernel import die_with_parent
from harness.emulators.walls.ports import Trust
from harness.errors import UsageError
from harness.model import Platform
from harness.sandbox import Sandbox

__all__ = ["StockIphone"]

_PROCESSES = 64
_MEDIA = "/private/var/mobile/Media"


class StockIphone(HeldDevice):
    """One running phone; its journal has every service that was started, and what was asked of it."""

    def __init__(
        self, sandbox: Sandbox, *, trust: Trust = Trust.ACCEPT, port: int = 0, backup_password: str = ""
    ) -> None:
        """Start a phone with what is in a sandbox.

        Args:
            sandbox: profile, apps, files and keychain; the phone has a copy.
            trust: what happens when a computer comes that it does not know.
            port: where usbmuxd listens on 127.0.0.1; any that is free where 0.
            backup_password: under which backups are encrypted; they are not where it is empty.

        Raises:
            DeviceError: a library is missing, or the port is taken.
            UsageError: the sandbox is no iPhone.
        """
        profile = sandbox.profile
        if profile is None or profile.platform is not Platform.IOS or profile.simulator:
            raise UsageError("only an iPhone is reached by a cable")
        if not sandbox.exists(_MEDIA):
            sandbox.make_folder(f"{_MEDIA}/DCIM", 0o755)
        self._phone = Phone(sandbox, trust=trust, backup_password=backup_password)
        self.udid = self._phone.udid
        super().__init__(sandbox)
        self._hold(lambda: self._started(port))

    def _started(self, port: int) -> Control:
        with channel() as (ours, theirs), listener_on(port) as cable:
            self.port: int = cable.getsockname()[1]
            self._pid = os.fork()
            if self._pid == 0:
                # Whatever is in the harness's frames must not run a second time in here.
                _live(self._phone, theirs, cable, self._log)
            control = Control(ours)
            control.ask("journal")  # it is there
            return control

    @property
    def address(self) -> str:
        """For `USBMUXD_SOCKET_ADDRESS`."""
        return f"{HOST}:{self.port}"

    @property
    def ways_in(self) -> tuple[str, ...]:
        return (self.setting.strip(),)

    @property
    def setting(self) -> str:
        return f"USBMUXD_SOCKET_ADDRESS={self.address} "

    @property
    def scan_words(self) -> tuple[str, ...]:
        return (f"ios:{self.udid}",)

    def reach(self, options: Options) -> tuple[str, Options]:
        return self.scan_words[0], replace(options, cable=self.address)

    def _is_alive(self) -> bool:
        try:
            return os.waitpid(self._pid, os.WNOHANG)[0] == 0
        except ChildProcessError:
            return False

    def _end(self) -> None:
        self._control.close()  # which is what it waits for
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def _live(phone: Phone, control: socket.socket, cable: socket.socket, log: int) -> None:
    """The phone's process; never returns."""
    try:
        let_go((control.fileno(), cable.fileno(), log), log=log, processes=_PROCESSES)
        die_with_parent()
        asyncio.run(_serve(phone, control, cable))
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a forked process has nobody above it to tell
        traceback.print_exc()
    finally:
        os._exit(1)


async def _serve(phone: Phone, control: socket.socket, cable: socket.socket) -> None:
    muxer = Muxer([(phone, Lockdown(phone, SERVICES))])
    server = await asyncio.start_server(muxer.serve, sock=cable, limit=8 << 20)

    async def journal(_request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        return {"journal": list(phone.journal)}

    async def answer(request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        return {"dialogs": phone.answer(allow=bool(request["allow"]))}

    async def lock(request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        phone.sandbox.boot() if request.get("restart") else phone.sandbox.lock()
        return {}

    async def unlock(_request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        phone.sandbox.unlock()
        return {}

    await Desk(control, {"answer": answer, "journal": journal, "lock": lock, "unlock": unlock}).serve()
    server.close()
