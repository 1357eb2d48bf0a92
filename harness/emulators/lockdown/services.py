"""The smaller services of a phone: files of apps, the list of apps, notifications, icons, the log."""

import asyncio
from collections.abc import Mapping
from typing import Any

from harness.emulators.lockdown.afc import serve_files
from harness.emulators.lockdown.backup import serve_backup
from harness.emulators.lockdown.files import Folder
from harness.emulators.lockdown.phone import Phone
from harness.emulators.lockdown.sessions import Service
from harness.emulators.lockdown.wire import GONE, Stream, WireError
from harness.emulators.walls.iphone_apps import bundle_of
from harness.sandbox import App

__all__ = ["SERVICES"]

_MEDIA = "/private/var/mobile/Media"


async def _afc(phone: Phone, stream: Stream) -> None:
    """Pictures and downloads, and nothing of any app."""
    await serve_files(phone, stream, Folder(phone.sandbox, _MEDIA))


async def _house_arrest(phone: Phone, stream: Stream) -> None:
    """An app's container where it is signed for development, or its Documents where it shares them."""
    try:
        asked = await stream.asked()
    except (*GONE, WireError):
        return
    app, command = phone.apps.get(str(asked.get("Identifier"))), asked.get("Command")
    phone.journal.append(f"house_arrest: {command} {app.package if app else '?'}")
    refusal = ""
    if app is None:
        refusal = "ApplicationLookupFailed"
    elif command == "VendContainer":
        refusal = "" if phone.is_development(app) else "InstallationLookupFailed"
    elif command == "VendDocuments":
        refusal = "" if app.file_sharing or phone.is_development(app) else "InstallationLookupFailed"
    else:
        refusal = "UnknownCommand"
    await stream.send({"Error": refusal} if refusal else {"Status": "Complete"})
    if refusal or app is None:
        return

    def documents(path: str) -> bool:
        return path == "/Documents" or path.startswith("/Documents/")

    root = phone.sandbox.container(app.package)
    folder = Folder(phone.sandbox, root, documents) if command == "VendDocuments" else Folder(phone.sandbox, root)
    await serve_files(phone, stream, folder)


def _described(phone: Phone, app: App) -> dict[str, Any]:
    bundle = bundle_of(app, development=phone.is_development(app))
    kind = "Apple Development: Example (X)" if bundle.development else "Apple iPhone OS Application Signing"
    return {
        **bundle.described,
        "ApplicationType": "User",
        "CFBundleDisplayName": bundle.name,
        "CFBundleVersion": "1",
        "Container": phone.sandbox.container(app.package),
        "Entitlements": bundle.entitlements,
        "GroupContainers": {group: phone.sandbox.container(app.package, group) for group in app.groups},
        "Path": bundle.path,
        "SignerIdentity": kind,
    }


async def _installation_proxy(phone: Phone, stream: Stream) -> None:
    while True:
        try:
            asked = await stream.asked()
        except (*GONE, WireError):
            return
        options = asked.get("ClientOptions")
        options = options if isinstance(options, dict) else {}
        wanted, kind = options.get("ReturnAttributes"), options.get("ApplicationType", "Any")
        ids = options.get("BundleIDs") or list(phone.apps)
        apps = [] if kind == "System" else [phone.apps[each] for each in ids if each in phone.apps]
        told = {
            app.package: {
                name: value for name, value in _described(phone, app).items() if not wanted or name in wanted
            }
            for app in apps
        }
        if asked.get("Command") == "Browse":
            listed = list(told.values())
            await stream.send(
                {
                    "Status": "BrowsingApplications",
                    "CurrentIndex": 0,
                    "CurrentAmount": len(listed),
                    "CurrentList": listed,
                }
            )
            await stream.send({"Status": "Complete"})
        elif asked.get("Command") == "Lookup":
            await stream.send({"LookupResult": told, "Status": "Complete"})
        else:
            await stream.send({"Error": "APIInternalError", "ErrorDescription": "not part of this simulation"})


async def _notifications(_phone: Phone, stream: Stream) -> None:
    while True:
        try:
            asked = await stream.asked()
        except (*GONE, WireError):
            return
        if asked.get("Command") == "Shutdown":
            await stream.send({"Command": "ProxyDeath"})
            return


async def _springboard(_phone: Phone, stream: Stream) -> None:
    while True:
        try:
            asked = await stream.asked()
        except (*GONE, WireError):
            return
        await stream.send({"pngData": b"\x89PNG\r\n\x1a\n"} if asked.get("command") == "getIconPNGData" else {})


async def _syslog(phone: Phone, stream: Stream) -> None:
    """What apps have said, line by line, each with a zero behind; then nothing more happens."""
    try:
        for number, app in enumerate(phone.apps.values()):
            name = app.package.rpartition(".")[2].capitalize()
            line = f"Nov 14 22:13:2{number % 10} iPhone {name}[{200 + number}] <Notice>: ready\n\0"
            stream.writer.write(line.encode())
        await stream.writer.drain()
        await stream.reader.read(1)
    except GONE:
        return
    await asyncio.sleep(0)


SERVICES: Mapping[str, Service] = {
    "com.apple.afc": _afc,
    "com.apple.mobile.house_arrest": _house_arrest,
    "com.apple.mobile.installation_proxy": _installation_proxy,
    "com.apple.mobile.notification_proxy": _notifications,
    "com.apple.mobilebackup2": serve_backup,
    "com.apple.springboardservices": _springboard,
    "com.apple.syslog_relay": _syslog,
}
"""`com.apple.afc2`, all files, is not among them: only a jailbreak brings it."""
