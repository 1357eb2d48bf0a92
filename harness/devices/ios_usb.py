"""iPhones on a cable, by pymobiledevice3: containers of apps that are signed for development, else a full backup.

A computer that the phone trusts gets the container of a development build as it is, and of every other app what
enters a backup. The backup is made in a private folder and removed when the source is closed.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from harness.devices import _room
from harness.devices._closing import Closing
from harness.devices._ios_backup.opening import open_backup
from harness.devices._paths import printable, shortened
from harness.devices.base import Connector, Options, Source, with_readers
from harness.errors import AccessDenied, DeviceError, SourceError
from harness.model import Access, Artifact, Bytes, DeviceProfile, Facts, Keystore, Platform, Unread
from harness.sandbox import readers_of

__all__ = ["IosUsb", "IosUsbSource"]

T = TypeVar("T")

_SCHEME = "ios:"
_ADDRESS = "USBMUXD_SOCKET_ADDRESS"
_PATIENCE = 600.0
_OWNER = 501


class IosUsb(Connector):
    """An iPhone or iPad on a cable, stock or not."""

    title = "iPhone on a cable"
    grammar = "ios:UDID"
    needs = "a phone that answers"

    def claims(self, source: str) -> float:
        return 0.95 if source.startswith(_SCHEME) else 0.0

    def open(self, source: str, options: Options) -> Source:
        if not source.startswith(_SCHEME):
            raise SourceError(f"{shortened(source)} is no device", hint=f"write {self.grammar}")
        return IosUsbSource(source, options)


class IosUsbSource(Closing):
    """An open phone: paired and looked at when it was opened, read when its files are asked for."""

    def __init__(self, name: str, options: Options) -> None:
        """Raises:
        AccessDenied: the phone does not trust this computer.
        DeviceError: there is no such phone, or it is locked.
        SourceError: the app is not on it.
        """
        self.name = name
        self.fault: DeviceError | None = None
        """What ended the acquisition early; known once everything was handed out."""
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._work = Path(tempfile.mkdtemp(prefix="storage-harness-iphone-"))
        self._backup: Source | None = None
        self._items: list[Artifact | Unread] | None = None
        try:
            self._lockdown = self._do(self._connected(name.removeprefix(_SCHEME)))
            self._apps: Mapping[str, Mapping[str, Any]] = self._do(self._listed())
            self.profile: DeviceProfile | None = options.profile or self._seen()
            if options.app is not None and options.app not in self._apps:
                there = ", ".join(sorted(self._apps)) or "none"
                raise SourceError(f"no app called {options.app} is on the phone", hint=f"there are: {there}")  # noqa: TRY301 - closed like every fault
        except BaseException:
            self.close()
            raise

    # -- asking ----------------------------------------------------------------------------------

    async def _connected(self, udid: str) -> Any:
        from pymobiledevice3.lockdown import create_using_usbmux  # noqa: PLC0415 - an extra, and it takes a second

        options = self._options
        # An emulated phone is forgotten with the run; a real one remembers, as every tool's pairing does.
        records = self._work / "pairing" if options.cable else None
        if records:
            records.mkdir()
        return await create_using_usbmux(
            serial=udid or None,
            pair_timeout=options.patience,
            pairing_records_cache_folder=records,
        )

    async def _listed(self) -> Mapping[str, Mapping[str, Any]]:
        from pymobiledevice3.services.installation_proxy import InstallationProxyService  # noqa: PLC0415 - as above

        async with InstallationProxyService(self._lockdown) as service:
            found: Mapping[str, Mapping[str, Any]] = await service.get_apps(application_type="User")
            return found

    def _seen(self) -> DeviceProfile:
        version = str(getattr(self._lockdown, "product_version", "") or "0")
        major = version.partition(".")[0]
        development = bool(self._options.app) and self._is_development(self._options.app or "")
        kind = "development" if development else "stock"
        return DeviceProfile(
            name=f"ios-{major}-{kind}",
            title=f"iOS {version}, on a cable",
            platform=Platform.IOS,
            os_version=version,
            app_root="/private/var/mobile/Containers/Data/Application",
            debuggable=development,
            keystore=Keystore.SECURE_ENCLAVE,
            backup_excludes=("Library/Caches", "tmp"),
        )

    def _is_development(self, app: str) -> bool:
        rights = self._apps.get(app, {}).get("Entitlements")
        return isinstance(rights, Mapping) and rights.get("get-task-allow") is True

    # -- taking ----------------------------------------------------------------------------------

    def collect(self) -> Iterator[Artifact | Unread]:
        if self._items is None:
            self._items = []
            try:
                self._take()
            except DeviceError as error:
                self.fault = error
            self._items.sort(key=lambda item: (item.container, item.path))
        yield from self._items

    def _take(self) -> None:
        assert self._items is not None
        app = self._options.app
        if app is not None and self._is_development(app):
            self._do(self._container(app, self._items))
            return
        self._do(self._backed_up())
        folder = next((each for each in (self._work / "backup").iterdir() if each.is_dir()), None)
        if folder is None:
            raise DeviceError("the phone made no backup", hint="is it unlocked? then run this again")
        self._backup = open_backup(str(folder), self._as_its_own())
        self._items += map(_without_root, self._backup.collect())

    def _as_its_own(self) -> Options:
        """A password is asked for by the phone's name, not by that of a folder that nobody has seen."""
        from harness.devices.base import Passwords  # noqa: PLC0415 - as above

        asked = self._options.passwords
        return replace(self._options, profile=self.profile, passwords=Passwords(lambda _folder: asked.of(self.name)))

    async def _container(self, app: str, items: list[Artifact | Unread]) -> None:
        """Every file of an app's container, as house arrest vends it."""
        from pymobiledevice3.exceptions import AfcException  # noqa: PLC0415 - an extra
        from pymobiledevice3.services.house_arrest import HouseArrestService  # noqa: PLC0415 - as above

        limits, progress = self._options.limits, self._options.progress
        left = limits.archive_bytes
        service = await HouseArrestService.create(self._lockdown, app, documents_only=False)
        async with service:
            async for folder, _, names in service.walk("/"):
                for name in names:
                    place = f"{folder.rstrip('/')}/{name}"
                    path = printable(place.lstrip("/"))
                    try:
                        about = await service.stat(place)
                        size = int(about["st_size"])
                        if reason := limits.oversize(size) or ("" if size <= left else "more than the limit allows"):
                            items.append(Unread(path=path, reason=reason, size=size))
                            continue
                        data = await service.get_file_contents(place)
                    except AfcException:
                        items.append(
                            Unread(path=path, reason="refused by the phone: data protection, if it is locked")
                        )
                        continue
                    left -= len(data)
                    items.append(Artifact(facts=self._facts(path, len(data), about), content=Bytes(data)))
                    progress("files", len(items), 0)

    def _facts(self, path: str, size: int, about: Mapping[str, Any]) -> Facts:
        assert self.profile is not None
        written = about.get("st_mtime")
        modified = written.timestamp() if isinstance(written, datetime) else None
        facts = Facts(path=path, size=size, owner=_OWNER, group=_OWNER, modified=modified, platform=Platform.IOS)
        return _rootless(with_readers(facts, {**readers_of(facts, self.profile), Access.ADB_SHELL: True}))

    async def _backed_up(self) -> None:
        from pymobiledevice3.services.mobilebackup2 import Mobilebackup2Service  # noqa: PLC0415 - an extra

        target = self._work / "backup"
        target.mkdir()
        progress = self._options.progress
        async with Mobilebackup2Service(self._lockdown) as service:
            if await service.get_will_encrypt():
                self._options.passwords.of(self.name)  # asked for before minutes are spent
            await asyncio.wait_for(
                service.backup(
                    full=True,
                    backup_directory=target,
                    progress_callback=lambda done: progress("backup", int(done or 0), 100),
                ),
                _PATIENCE,
            )

    # -- ending ----------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the library do it, and say what went wrong in our words."""
        with _cable(self._options.cable):
            return self._told(work)

    def _told(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run_until_complete(work)
        except ImportError as error:
            raise DeviceError(
                "iPhones on a cable need pymobiledevice3", hint="pip install 'storage-harness[ios]'"
            ) from error
        except OSError as error:
            full = _room.no_room(error, "here for the phone's backup", "point TMPDIR at a larger disk")
            if full is not None:
                raise full from error
            raise self._said(error) from error
        except (DeviceError, SourceError):
            raise
        except Exception as error:
            raise self._said(error) from error

    def _said(self, error: Exception) -> DeviceError:
        """The library has an exception for each thing that a phone says; most of them mean one of these."""
        kind = type(error).__name__
        udid = shortened(self.name.removeprefix(_SCHEME))
        if "Usbmuxd" in kind or "Mux" in kind:
            return DeviceError("usbmuxd does not answer", hint="start it: on Debian `apt install usbmuxd`")
        if kind in {"NoDeviceConnectedError", "DeviceNotFoundError"}:
            return DeviceError(
                f"no iPhone {udid} is attached" if udid else "no iPhone is attached",
                hint="plug it in, unlock it; `idevice_id -l` lists what is there",
            )
        if kind in {"PairingDialogResponsePendingError", "NotPairedError"}:
            return AccessDenied(
                "the phone does not trust this computer yet", hint="unlock it, tap Trust, run this again"
            )
        if kind == "UserDeniedPairingError":
            return AccessDenied("somebody at the phone denied this computer", hint="plug it in again, and tap Trust")
        if (
            kind in {"PasswordRequiredError", "PasscodeRequiredError", "DeviceHasPasscodeSetError"}
            or "locked" in str(error).lower()
        ):
            return DeviceError("the phone is locked", hint="enter its passcode, and run this again")
        return DeviceError(f"the phone did not do what it was asked ({kind})", hint="run it again with --debug")

    def close(self) -> None:
        if self._backup is not None:
            self._backup.close()
        if not self._loop.is_closed():
            lockdown = getattr(self, "_lockdown", None)
            if lockdown is not None:
                self._loop.run_until_complete(_closed(lockdown))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
        self._items = []
        shutil.rmtree(self._work, ignore_errors=True)


@contextmanager
def _cable(address: str) -> Iterator[None]:
    """Where the library looks for usbmuxd: it passes on no other word than that of the environment."""
    before = os.environ.get(_ADDRESS)
    if address:
        os.environ[_ADDRESS] = address
    try:
        yield
    finally:
        if address:
            os.environ.pop(_ADDRESS, None)
            if before is not None:
                os.environ[_ADDRESS] = before


async def _closed(lockdown: Any) -> None:
    import contextlib  # noqa: PLC0415 - once a source

    with contextlib.suppress(Exception):
        await asyncio.wait_for(lockdown.close(), 5)


_ROOT = frozenset({Access.ROOT_FILES, Access.ROOT_CODE})


def _without_root(item: Artifact | Unread) -> Artifact | Unread:
    return replace(item, facts=_rootless(item.facts)) if isinstance(item, Artifact) else item


def _rootless(facts: Facts) -> Facts:
    """Nobody is root on such a phone: what is taken of it is taken by the cable."""
    return replace(facts, readable_by=facts.readable_by - _ROOT, denied_to=facts.denied_to | _ROOT)
