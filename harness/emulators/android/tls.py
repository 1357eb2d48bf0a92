"""Wireless debugging: the same protocol inside TLS 1.3, where the client's certificate takes the place of the token.

After the client's CNXN both sides say STLS, then comes the handshake, the device being the server. The client signs a
certificate with its adb key, a fresh one each time, so it is the public key in it that must be known. Python's own
`ssl` cannot take an unknown self-signed certificate and show it; pyOpenSSL can, and belongs to an extra.
"""

import datetime
import hashlib
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.emulators.android.connection import House
from harness.emulators.android.link import Door, Patience, TcpLink
from harness.emulators.android.wire import HEADER, VERSION, Command, Packet, PacketParser, WireError, header
from harness.errors import DeviceError

if TYPE_CHECKING:
    from OpenSSL import SSL

__all__ = ["TlsLink", "load_tls", "tls_links"]

_STLS_VERSION = 0x01000000
_CIPHERED = 1 << 17
_RECORD = 1 << 14
_RECORD_HEADER = 5
_RECORD_KINDS = frozenset({0x14, 0x15, 0x16, 0x17})
_MOST_ISSUERS = 32
_DAYS = 3650


class _Identity:
    """The device's own key and certificate; they say nothing about it but that it is an adb device."""

    def __init__(self) -> None:
        self._ssl = _module("OpenSSL.SSL")
        self._x509 = _module("cryptography.x509")
        self._rsa = _module("cryptography.hazmat.primitives.asymmetric.rsa")
        self._hashes = _module("cryptography.hazmat.primitives.hashes")
        self._serialization = _module("cryptography.hazmat.primitives.serialization")
        _module("encodings.charmap")  # pyOpenSSL needs it, and once the root is switched nothing can be imported
        self._key = self._rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._certificate = self._signed(("C", "US"), ("O", "Android"), ("CN", "Adb"))
        self._issuers: dict[tuple[int, int], Any] = {}
        own = self._key.public_key().public_numbers()
        self.connection(((own.n, own.e),))  # everything that is loaded late is loaded now
        self._issuers.clear()

    def connection(self, known: tuple[tuple[int, int], ...]) -> Any:
        """The server's side of a handshake that has not begun; a client with an unknown key fails it."""
        context = self._ssl.Context(self._ssl.TLS_METHOD)
        context.set_min_proto_version(self._ssl.TLS1_3_VERSION)
        context.use_certificate(self._certificate)
        context.use_privatekey(self._key)

        def verify(_connection: object, certificate: Any, _error: int, _depth: int, _is_fine: int) -> bool:
            return _numbers(certificate) in known

        context.set_verify(self._ssl.VERIFY_PEER | self._ssl.VERIFY_FAIL_IF_NO_PEER_CERT, verify)
        for numbers in known[:_MOST_ISSUERS]:
            context.add_client_ca(self._issuer(numbers))
        connection = self._ssl.Connection(context, None)
        connection.set_accept_state()
        return connection

    def _issuer(self, numbers: tuple[int, int]) -> Any:
        """How a client recognises which of its keys is known here: O=AdbKey-0, CN=the key's digest."""
        if numbers not in self._issuers:
            modulus, exponent = numbers
            form = self._serialization
            public = self._rsa.RSAPublicNumbers(exponent, modulus).public_key()
            encoded = public.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
            digest = hashlib.sha256(encoded).hexdigest().upper()
            self._issuers[numbers] = self._signed(("O", "AdbKey-0"), ("CN", digest))
        return self._issuers[numbers]

    def _signed(self, *names: tuple[str, str]) -> Any:
        x509 = self._x509
        name = x509.Name.from_rfc4514_string(",".join(f"{kind}={text}" for kind, text in names))
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=_DAYS))
            .sign(self._key, self._hashes.SHA256())
        )


def _numbers(certificate: Any) -> tuple[int, int]:
    """Modulus and exponent; of a key that is not RSA, none that anybody has."""
    numbers = certificate.to_cryptography().public_key().public_numbers()
    return getattr(numbers, "n", 0), getattr(numbers, "e", 0)


def load_tls() -> None:
    """Load all that TLS needs, and use it once: in a device there is nothing left to load it from.

    Raises:
        DeviceError: it is not installed.
    """
    _Identity()


def tls_links(house: House, patience: Patience, door: Door) -> Callable[[], "TlsLink"]:
    """What makes a link for each client of the wireless port.

    Raises:
        DeviceError: what TLS needs is not installed.
    """
    identity = _Identity()
    return lambda: TlsLink(house, patience, door, identity)


class TlsLink(TcpLink):
    """In clear until both sides have said STLS; from there on the TCP connection carries TLS records."""

    def __init__(self, house: House, patience: Patience, door: Door, identity: _Identity) -> None:
        super().__init__(house, patience, door, is_known=True)
        self._house = house
        self._identity = identity
        self._ssl = _module("OpenSSL.SSL")
        self._outer = PacketParser()
        self._introduction: Packet | None = None
        self._tls: SSL.Connection | None = None
        self._is_shaken = False
        self._arrived = memoryview(bytearray(_CIPHERED))
        self._opening = bytearray()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes belong."""
        return self._outer.buffer() if self._introduction is None else self._arrived

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have arrived there."""
        self.heard()
        try:
            if self._introduction is None:
                self._introduced(self._outer.received(nbytes))
            else:
                self._take_raw(bytes(self._arrived[:nbytes]))
        except (WireError, self._ssl.Error):
            self._flush()  # the alert that tells the client why
            self.connection.finish()

    def write(self, head: bytes, payload: bytes | memoryview = b"") -> None:
        """Into the TLS connection."""
        if self._tls is None or not self._is_shaken:
            return
        view = memoryview(head + payload)
        try:
            while view:
                view = view[self._tls.send(view[:_RECORD]) :]
        except self._ssl.Error:  # the client has ended its side of TLS
            self.abort()
            return
        self._flush()

    def _introduced(self, packet: Packet | None) -> None:
        if packet is None:
            return
        if packet.command != Command.CNXN:
            raise WireError("a client begins with CNXN")
        self._introduction = packet
        known = tuple((key.modulus, key.exponent) for key in self._house.ring.keys)
        self._tls = self._identity.connection(known)
        super().write(header(Command.STLS, _STLS_VERSION, 0, b"", version=VERSION))
        self._take_raw(self._outer.rest())

    def _take_raw(self, arrived: bytes) -> None:
        self._opening += arrived
        if self._is_shaken:
            ciphered = bytes(self._opening)
            self._opening.clear()
        else:
            ciphered = self._records()
        if ciphered and self._tls is not None:  # an empty write is an error to it
            self._tls.bio_write(ciphered)
            self._hear(self._tls)

    def _records(self) -> bytes:
        """The TLS records so far, without the client's STLS.

        adb sends that from one thread and begins the handshake in another, which stops the first: so it comes before
        the handshake, within it, or never.
        """
        records = bytearray()
        while len(self._opening) >= _RECORD_HEADER:
            is_record = self._opening[0] in _RECORD_KINDS
            length = _RECORD_HEADER + int.from_bytes(self._opening[3:5], "big") if is_record else HEADER
            if not is_record and not self._opening.startswith(b"STLS"):
                raise WireError("neither STLS nor a handshake")
            if len(self._opening) < length:
                break
            if is_record:
                records += self._opening[:length]
            del self._opening[:length]
        return bytes(records)

    def _hear(self, tls: "SSL.Connection") -> None:
        try:
            if not self._is_shaken:
                tls.do_handshake()
                self._is_shaken = True
                if self._introduction is not None:
                    self.connection.received(self._introduction)
            while True:
                self.take(tls.recv_into(self.connection.parser.buffer()))
        except self._ssl.WantReadError:
            self._flush()

    def _flush(self) -> None:
        tls = self._tls
        while tls is not None:
            try:
                super().write(tls.bio_read(_CIPHERED))
            except self._ssl.WantReadError:
                return


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise DeviceError(
            "wireless debugging needs a package that is not installed",
            hint="pip install 'storage-harness[wireless]'",
        ) from error
