"""The state of one stock iPhone: what is on it, whom it trusts, whether its screen is locked."""

import hashlib
import os
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.emulators.walls.ports import Trust
from harness.errors import DeviceError
from harness.model import DeviceProfile
from harness.sandbox import App, Lock, Sandbox

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["Denied", "Pairing", "Phone"]

_MODELS = {"15": "iPhone10,3", "17": "iPhone14,5", "18": "iPhone15,2"}


class Denied(Exception):
    """lockdownd refuses; the message is the name of its error."""


@dataclass(slots=True)
class Pairing:
    """A computer that the phone trusts."""

    record: Mapping[str, Any] = field(repr=False)
    context: ssl.SSLContext
    escrow: bytes = field(repr=False)


class Phone:
    """One phone, as its services see it."""

    def __init__(self, sandbox: Sandbox, *, trust: Trust, backup_password: str) -> None:
        assert sandbox.profile is not None
        self.sandbox = sandbox
        self.profile: DeviceProfile = sandbox.profile
        self.trust = trust
        self.backup_password = backup_password
        """Backups are encrypted under it; empty where they are not."""
        named = hashlib.sha256(f"{self.profile.name}{sandbox.name}".encode()).hexdigest()
        self.udid = f"00008030-{named[:16].upper()}"
        self.key = _key()
        self.pairings: dict[str, Pairing] = {}
        self.dialogs: dict[str, bool | None] = {}
        """Computers that asked for trust, and what was answered; None where nothing was yet."""
        self.journal: list[str] = []
        self.locked_paths: dict[str, object] = {}
        """Files that a client of AFC holds a lock on."""

    @property
    def is_locked(self) -> bool:
        return self.sandbox.setting.lock is not Lock.UNLOCKED

    @property
    def apps(self) -> Mapping[str, App]:
        """By bundle id."""
        return {app.package: app for app in self.sandbox.apps}

    def is_development(self, app: App) -> bool:
        """Whether an app is signed for development."""
        return app.debuggable or self.profile.debuggable

    def values(self) -> dict[str, Any]:
        """What lockdownd tells of the phone."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - an extra

        major = self.profile.os_version.partition(".")[0]
        version = self.profile.os_version if "." in self.profile.os_version else f"{self.profile.os_version}.0"
        public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)
        return {
            "ActivationState": "Activated",
            "BluetoothAddress": "02:00:00:00:00:02",
            "BoardId": 4,
            "BuildVersion": f"{int(major) + 4}A000" if major.isdecimal() else "21A000",
            "CPUArchitecture": "arm64e",
            "ChipID": 0x8030,
            "DeviceClass": "iPhone",
            "DeviceColor": "1",
            "DeviceName": "iPhone",
            "DevicePublicKey": public,
            "HardwareModel": "D17AP",
            "HasSiDP": True,
            "HostAttached": True,
            "PasswordProtected": self.is_locked,
            "ProductName": "iPhone OS",
            "ProductType": _MODELS.get(major, "iPhone14,5"),
            "ProductVersion": version,
            "ProtocolVersion": "2",
            "SerialNumber": "EMULATED0001",
            "TimeZone": "Etc/UTC",
            "TrustedHostAttached": True,
            "UniqueChipID": 0x1A2B3C4D5E6F,
            "UniqueDeviceID": self.udid,
            "WiFiAddress": "02:00:00:00:00:01",
        }

    def pair(self, record: Mapping[str, Any]) -> bytes:
        """Trust a computer; gives its escrow bag.

        Raises:
            Denied: the phone is locked, or nobody has agreed.
        """
        host = str(record.get("HostID", ""))
        if self.is_locked:
            raise Denied("PasswordProtected")
        # Who asks again comes as another host of the same computer.
        computer = str(record.get("SystemBUID") or host)
        answer = {Trust.ACCEPT: True, Trust.DENY: False}.get(self.trust, self.dialogs.setdefault(computer, None))
        if answer is None:
            raise Denied("PairingDialogResponsePending")
        if not answer:
            raise Denied("UserDeniedPairing")
        self.dialogs.pop(computer, None)
        escrow = os.urandom(32)
        self.pairings[host] = Pairing(record, self._context(record), escrow)
        return escrow

    def answer(self, *, allow: bool) -> int:
        """Tap on "trust", or not, in the dialogs that wait; gives how many there were."""
        waiting = [host for host, answered in self.dialogs.items() if answered is None]
        for host in waiting:
            self.dialogs[host] = allow
        return len(waiting)

    def session(self) -> str:
        return str(uuid.uuid4()).upper()

    def _context(self, record: Mapping[str, Any]) -> ssl.SSLContext:
        """Our key under the certificate that the computer issued for it. The client has to show one of the computer's
        own: libimobiledevice the root's, pymobiledevice3 the host's; neither has a name in it."""
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - an extra
            Encoding,
            NoEncryption,
            PrivateFormat,
        )

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
        secret = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        handle = os.memfd_create("device-certificate", os.MFD_CLOEXEC)
        try:
            os.write(handle, _certificate(record, "DeviceCertificate") + b"\n" + secret)
            context.load_cert_chain(f"/proc/self/fd/{handle}")
            context.verify_mode = ssl.CERT_REQUIRED
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            for name in ("RootCertificate", "HostCertificate"):
                context.load_verify_locations(cadata=_certificate(record, name).decode("ascii"))
        except (ssl.SSLError, UnicodeDecodeError, OSError) as error:
            raise Denied("InvalidPairRecord") from error
        finally:
            os.close(handle)
        return context


def _certificate(record: Mapping[str, Any], name: str) -> bytes:
    found = record.get(name)
    if not isinstance(found, bytes):
        raise Denied("InvalidPairRecord")
    return found.rstrip(b"\0").strip()


def _key() -> "RSAPrivateKey":
    try:
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise DeviceError(
            "an emulated iPhone on a cable needs cryptography", hint="pip install 'storage-harness[wireless]'"
        ) from error
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
