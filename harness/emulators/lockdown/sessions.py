"""lockdownd: whom the phone trusts, and which services it starts for them."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from harness.emulators.lockdown.phone import Denied, Pairing, Phone
from harness.emulators.lockdown.wire import GONE, Stream, WireError

__all__ = ["LOCKDOWN_PORT", "Lockdown", "Service"]

LOCKDOWN_PORT = 62078
_FIRST_PORT = 49152
_MOST_PORTS = 1024

Service = Callable[[Phone, Stream], Awaitable[None]]

_UNTRUSTED = frozenset(
    {
        "BluetoothAddress",
        "BoardId",
        "BuildVersion",
        "CPUArchitecture",
        "ChipID",
        "DeviceClass",
        "DeviceColor",
        "DeviceName",
        "DevicePublicKey",
        "HardwareModel",
        "HasSiDP",
        "ProductName",
        "ProductType",
        "ProductVersion",
        "ProtocolVersion",
        "UniqueChipID",
        "UniqueDeviceID",
        "WiFiAddress",
    }
)
"""What it tells a computer that it does not know."""
_WHILE_LOCKED = frozenset({"com.apple.mobile.notification_proxy"})


class Lockdown:
    """The daemon, and the ports that it has opened."""

    def __init__(self, phone: Phone, services: Mapping[str, Service]) -> None:
        self._phone = phone
        self._services = services
        self._next = _FIRST_PORT
        self._domains: dict[str, dict[str, Any]] = {
            "com.apple.disk_usage": {"TotalDataCapacity": 64 << 30, "TotalDataAvailable": 32 << 30},
            "com.apple.fmip": {"IsAssociated": False},
            "com.apple.mobile.backup": {"WillEncrypt": bool(phone.backup_password)},
            "com.apple.mobile.battery": {"BatteryCurrentCapacity": 80},
            "com.apple.mobile.iTunes": {"MinITunesVersion": "12.12.0"},
        }
        self._ports: dict[int, tuple[Service, Pairing]] = {}

    async def connect(self, port: int, stream: Stream) -> None:
        """Serve a connection to a port, of which `is_open` said that it is there."""
        if port == LOCKDOWN_PORT:
            await self._serve(stream)
            return
        service, pairing = self._ports.pop(port)
        await stream.secure(pairing.context)
        await service(self._phone, stream)

    def is_open(self, port: int) -> bool:
        return port == LOCKDOWN_PORT or port in self._ports

    async def _serve(self, stream: Stream) -> None:
        session: Pairing | None = None
        while True:
            try:
                asked = await stream.asked()
            except (*GONE, WireError):
                return
            answer: dict[str, Any] = {"Request": asked.get("Request")}
            try:
                session = self._answered(asked, answer, session)
            except Denied as refusal:
                answer["Error"] = str(refusal)
            except (KeyError, TypeError, AttributeError):
                answer["Error"] = "MissingValue"
            try:
                await stream.send(answer)
                if "SessionID" in answer and session is not None:
                    await stream.secure(session.context)
            except (*GONE, OSError):
                return

    def _answered(self, asked: Mapping[str, Any], answer: dict[str, Any], session: Pairing | None) -> Pairing | None:
        """Fill an answer; gives the session that there is from now on."""
        match asked.get("Request"):
            case "StartSession":
                session = self._pairing(asked.get("HostID"))
                answer |= {"SessionID": self._phone.session(), "EnableSessionSSL": True}
            case "StopSession":
                session = None
            case "StartService":
                port = self._start(asked, _need(session))
                answer |= {"Service": asked.get("Service"), "Port": port, "EnableServiceSSL": True}
            case "Pair" | "ValidatePair" | "Unpair":
                self._pair(asked, answer)
            case "GetValue":
                self._value(asked, answer, trusted=session is not None)
            case "SetValue":
                _need(session)
                self._domains.setdefault(str(asked.get("Domain", "")), {})[str(asked["Key"])] = asked["Value"]
                answer |= {"Key": asked["Key"], "Value": asked["Value"]}
            case "QueryType":
                answer["Type"] = "com.apple.mobile.lockdown"
            case "Goodbye" | "EnterRecovery":
                pass
            case _:
                raise Denied("InvalidRequest")
        return session

    def _pair(self, asked: Mapping[str, Any], answer: dict[str, Any]) -> None:
        record = asked.get("PairRecord")
        record = record if isinstance(record, dict) else {}
        if asked["Request"] == "Pair":
            answer["EscrowBag"] = self._phone.pair(record)
            self._phone.journal.append("paired")
            return
        host = str(record.get("HostID"))
        self._pairing(host)
        if asked["Request"] == "Unpair":
            del self._phone.pairings[host]

    def _pairing(self, host: object) -> Pairing:
        found = self._phone.pairings.get(host) if isinstance(host, str) else None
        if found is None:
            raise Denied("InvalidHostID")
        return found

    def _value(self, asked: Mapping[str, Any], answer: dict[str, Any], *, trusted: bool) -> None:
        domain, key = asked.get("Domain") or "", asked.get("Key")
        values = self._phone.values()
        if domain:
            answer["Domain"] = domain
            if not trusted:
                raise Denied("GetProhibited")
            told: Mapping[str, Any] = self._domains.get(domain, {})
        else:
            told = values if trusted else {name: value for name, value in values.items() if name in _UNTRUSTED}
        if not key:
            answer["Value"] = dict(told)
            return
        answer["Key"] = key
        if key not in told:
            raise Denied("GetProhibited" if not trusted and key in values else "MissingValue")
        answer["Value"] = told[key]

    def _start(self, asked: Mapping[str, Any], pairing: Pairing) -> int:
        name = str(asked.get("Service", ""))
        service = self._services.get(name)
        self._phone.journal.append(f"service: {name}")
        if service is None:
            raise Denied("InvalidService")
        escrow = asked.get("EscrowBag")
        opens = isinstance(escrow, bytes) and hmac.compare_digest(escrow, pairing.escrow)
        if self._phone.is_locked and name not in _WHILE_LOCKED and not opens:
            raise Denied("PasswordProtected")
        if len(self._ports) >= _MOST_PORTS:
            self._ports.pop(next(iter(self._ports)))
        self._next = self._next + 1 if self._next < LOCKDOWN_PORT - 1 else _FIRST_PORT
        self._ports[self._next] = service, pairing
        return self._next


def _need(session: Pairing | None) -> Pairing:
    if session is None:
        raise Denied("SessionInactive")
    return session
