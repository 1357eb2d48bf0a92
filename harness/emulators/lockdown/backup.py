"""mobilebackup2 over DeviceLink: the phone asks, the computer answers, until a full backup stands on its disk.

Messages are binary property lists: a list that begins with its name. Files come as blocks with a length and a mark.
"""

import io
import os
import plistlib
import shutil
import struct
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.devices._ios_backup.writing import Locked, Stored, written
from harness.emulators.lockdown.phone import Phone
from harness.emulators.lockdown.wire import GONE, Stream, WireError
from harness.model import Access, Protection
from harness.sandbox import Lock
from harness.sandbox.keychain import KEY_CLASSES, ItemClass, KeychainItem, content_of

__all__ = ["serve_backup"]

_DATA, _DONE = 0x0C, 0x00
_BLOCK = 1 << 20
_DEVICE_LOCKED = 208
_CLASSES = {Protection.COMPLETE: 1, Protection.UNLESS_OPEN: 2, Protection.UNTIL_FIRST_AUTH: 3, Protection.NONE: 4}


class _Refused(Exception):
    """The computer does not go on."""


async def serve_backup(phone: Phone, stream: Stream) -> None:
    """Serve one computer until it hangs up."""
    try:
        await _send(stream, "DLMessageVersionExchange", 300, 0)
        if (await _message(stream))[:2] != ["DLMessageVersionExchange", "DLVersionsOk"]:
            return
        await _send(stream, "DLMessageDeviceReady")
        while True:
            message = await _message(stream)
            if message[0] == "DLMessageDisconnect":
                return
            asked = message[1] if len(message) > 1 and isinstance(message[1], dict) else {}
            name = asked.get("MessageName")
            if name == "Hello":
                hello = {"MessageName": "Response", "ErrorCode": 0, "ProtocolVersion": 2.1}
                await _send(stream, "DLMessageProcessMessage", hello)
            elif name == "Backup":
                await _back_up(phone, stream, asked)
            elif name == "ChangePassword":
                await _change_password(phone, stream, asked)
            else:
                await _finish(stream, 1, f"{name} is not part of this simulation")
    except (*GONE, WireError, _Refused, KeyError, TypeError, ValueError):
        return


async def _change_password(phone: Phone, stream: Stream, asked: dict[str, Any]) -> None:
    """Only who knows the password of now sets another."""
    if str(asked.get("OldPassword", "")) != phone.backup_password:
        await _finish(stream, 207, "the old password is wrong")
        return
    phone.backup_password = str(asked.get("NewPassword", ""))
    await _finish(stream, 0, "")


async def _back_up(phone: Phone, stream: Stream, asked: dict[str, Any]) -> None:
    phone.journal.append("backup")
    if phone.sandbox.setting.lock is Lock.BEFORE_FIRST_UNLOCK or phone.is_locked:
        await _finish(stream, _DEVICE_LOCKED, "Device locked (MBErrorDomain/208)")
        return
    udid = str(asked.get("TargetIdentifier") or phone.udid)
    work = Path(tempfile.mkdtemp(prefix="storage-harness-backup-"))
    try:
        locked = Locked(phone.backup_password) if phone.backup_password else None
        written(work / "made", [*_files(phone), *_keychain(phone, locked)], locked)
        await _hand_over(stream, work / "made", udid)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _files(phone: Phone) -> Iterator[Stored]:
    """What enters a backup of each app, and its groups; the system's media."""
    sandbox = phone.sandbox
    for app in sandbox.apps:
        for suffix in ("", *app.groups):
            root = sandbox.container(app.package, suffix)
            domain = f"AppDomainGroup-{suffix}" if suffix else f"AppDomain-{app.package}"
            for entry in sandbox.walk(root):
                if not entry.folder and not sandbox.refusal(entry.path, Access.BACKUP):
                    number = _CLASSES.get(entry.protection or Protection.UNTIL_FIRST_AUTH, 3)
                    path = entry.path[len(root) + 1 :]
                    yield Stored(domain, path, entry.data, mode=entry.mode, protection=number)
    media = "/private/var/mobile/Media/DCIM"
    if sandbox.exists(media):
        for entry in sandbox.walk(media):
            if not entry.folder:
                yield Stored("CameraRollDomain", entry.path.removeprefix("/private/var/mobile/"), entry.data)


def _keychain(phone: Phone, locked: Locked | None) -> Iterator[Stored]:
    """Items that move to another phone, wrapped by the backup's own classes; without a password by the phone's, which
    nobody else has."""
    items = [item for item in phone.sandbox.keychain.items() if item.accessible.migrates]
    if items:
        told: dict[str, list[dict[str, bytes]]] = {kind.value: [] for kind in ItemClass}
        for item in items:
            told[item.kind.value].append({"v_Data": _sealed(item, locked), "v_PersistentRef": b""})
        yield Stored("KeychainDomain", "keychain-backup.plist", plistlib.dumps(told, fmt=plistlib.FMT_BINARY))


def _sealed(item: KeychainItem, locked: Locked | None) -> bytes:
    """Version 3, class, length of the wrapped key, that key, and AES-GCM of the item (nonce zero, tag last)."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    number, key = KEY_CLASSES[item.accessible.value], os.urandom(32)
    # Without a password the class keys are the phone's own: nothing here could open them.
    wrapped = locked.sealed(number, key)[4:] if locked else os.urandom(40)
    cipher = AES.new(key, AES.MODE_GCM, nonce=bytes(12), mac_len=16)
    sealed, tag = cipher.encrypt_and_digest(content_of(item))
    return struct.pack("<III", 3, number, len(wrapped)) + wrapped + sealed + tag


# -- the computer's disk -------------------------------------------------------------------------


async def _hand_over(stream: Stream, made: Path, udid: str) -> None:
    await _ask(stream, "DLMessageGetFreeDiskSpace", True, 0, 0.0)
    for folder in ("", "/Snapshot"):
        await _ask(stream, "DLMessageCreateDirectory", udid + folder, 0, 0.0)
    plain = sorted(each for each in made.iterdir() if each.is_dir())
    told = sorted(each for each in made.iterdir() if each.is_file())
    for each in plain:
        await _ask(stream, "DLMessageCreateDirectory", f"{udid}/Snapshot/{each.name}", 0, 0.0)
    stored = [file for each in plain for file in sorted(each.iterdir())]
    files = [(file, f"{udid}/Snapshot/{file.parent.name}/{file.name}") for file in stored]
    await _upload(stream, files, 50.0)
    kept = [each for each in told if each.name != "Info.plist"]
    await _upload(stream, [(each, f"{udid}/Snapshot/{each.name}") for each in kept], 90.0)
    moved = {f"{udid}/Snapshot/{each.name}": f"{udid}/{each.name}" for each in (*plain, *kept)}
    await _ask(stream, "DLMessageMoveItems", moved, {}, 100.0)
    await _ask(stream, "DLMessageRemoveItems", [f"{udid}/Snapshot"], {}, 100.0)
    await _finish(stream, 0, "")


async def _upload(stream: Stream, files: Sequence[tuple[Path, str]], progress: float) -> None:
    total = sum(file.stat().st_size for file, _ in files)
    await _send(stream, "DLMessageUploadFiles", [], progress, total)
    for file, name in files:
        for text in (f"/private/var/mobile/{file.name}", name):
            raw = text.encode()
            stream.writer.write(struct.pack(">I", len(raw)) + raw)
        with io.BytesIO(file.read_bytes()) as source:
            while block := source.read(_BLOCK):
                stream.writer.write(struct.pack(">IB", len(block) + 1, _DATA) + block)
                await stream.writer.drain()
        stream.writer.write(struct.pack(">IB", 1, _DONE))
    stream.writer.write(struct.pack(">I", 0))
    await stream.writer.drain()
    await _answered(stream)


async def _ask(stream: Stream, *words: Any) -> None:
    await _send(stream, *words)
    await _answered(stream)


async def _answered(stream: Stream) -> None:
    message = await _message(stream)
    if message[0] != "DLMessageStatusResponse" or message[1] != 0:
        raise _Refused


async def _finish(stream: Stream, code: int, words: str) -> None:
    told = {"ErrorCode": code, "ErrorDescription": words, "MessageName": "Response", "Content": ""}
    await _send(stream, "DLMessageProcessMessage", told)


async def _message(stream: Stream) -> list[Any]:
    found = await stream.receive()
    if not isinstance(found, list) or not found:
        raise WireError("a message that is none")
    return found


async def _send(stream: Stream, *words: Any) -> None:
    await stream.send(list(words), binary=True)
