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
from harness.emulators.android.wire import VERSION, Command, Packet, PacketParser, WireError, header
from harness.errors import DeviceError

if TYPE_CHECKING:
    from OpenSSL import SSL

__all__ = ["TlsLink", "tls_links"]

_STLS_VERSION = 0x01000000
_CIPHERED = 1 << 17
_RECORD = 1 << 14
_DAYS = 3650


class _Identity:
    """The device's own key and certificate; they say nothing about it but that it is an adb device."""

    def __init__(self) -> None:
        self._ssl = _module("OpenSSL.SSL")
        self._x509 = _module("cryptography.x509")
        self._rsa = _module("cryptography.hazmat.primitives.asymmetric.rsa")
        self._hashes = _module("cryptography.hazmat.primitives.hashes")
        self._serialization = _module("cryptography.hazmat.primitives.serialization")
        self._crypto = _module("OpenSSL.crypto")
        _module("encodings.charmap")  # pyOpenSSL needs it, and once the root is switched nothing can be imported
        self._key = self._rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._certificate = self._signed()
        self.connection(lambda _number: False, ())  # everything that is loaded late is loaded now

    def connection(self, is_known: Callable[[tuple[int, int]], bool], known: tuple[tuple[int, int], ...]) -> "Any":
        """The server's side of a handshake that has not begun; a client with an unknown key fails it."""
        context = self._ssl.Context(self._ssl.TLS_METHOD)
        context.set_min_proto_version(self._ssl.TLS1_3_VERSION)
        context.use_certificate(self._certificate)
        context.use_privatekey(self._key)

        def verify(_connection: object, certificate: Any, _error: int, _depth: int, _is_fine: int) -> bool:
            return is_known(_numbers(certificate))

        context.set_verify(self._ssl.VERIFY_PEER | self._ssl.VERIFY_FAIL_IF_NO_PEER_CERT, verify)
        context.set_client_ca_list([self._issuer(*numbers) for numbers in known])
        connection = self._ssl.Connection(context, None)
        connection.set_accept_state()
        return connection

    def _signed(self) -> Any:
        x509 = self._x509
        names = (("COUNTRY_NAME", "US"), ("ORGANIZATION_NAME", "Android"), ("COMMON_NAME", "Adb"))
        name = x509.Name([x509.NameAttribute(getattr(x509.NameOID, kind), text) for kind, text in names])
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

    def _issuer(self, modulus: int, exponent: int) -> Any:
        """How a client recognises which of its keys is known here: O=AdbKey-0, CN=the key's digest."""
        serialization = self._serialization
        public = self._rsa.RSAPublicNumbers(exponent, modulus).public_key()
        encoded = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        name = self._crypto.X509().get_subject()
        name.O = "AdbKey-0"
        name.CN = hashlib.sha256(encoded).hexdigest().upper()
        return name


def _numbers(certificate: Any) -> tuple[int, int]:
    """Modulus and exponent; of a key that is not RSA, none that anybody has."""
    numbers = certificate.to_cryptography().public_key().public_numbers()
    return getattr(numbers, "n", 0), getattr(numbers, "e", 0)


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
        self._ciphered = memoryview(bytearray(_CIPHERED))

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes belong."""
        return self._outer.buffer() if self._tls is None else self._ciphered

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have arrived there."""
        self.heard()
        try:
            if self._tls is None:
                self._hear_in_clear(nbytes)
            else:
                self._tls.bio_write(self._ciphered[:nbytes])
                self._hear_ciphered()
        except (WireError, self._ssl.Error):
            self._flush()  # the alert that tells the client why
            self.connection.finish()

    def write(self, head: bytes, payload: bytes | memoryview = b"") -> None:
        """Into the TLS connection."""
        if self._tls is None or not self._is_shaken:
            return
        view = memoryview(head + payload)
        while view:
            view = view[self._tls.send(view[:_RECORD]) :]
        self._flush()

    def _hear_in_clear(self, count: int) -> None:
        packet = self._outer.received(count)
        while packet is not None:
            self._take_in_clear(packet)
            packet = None if self._tls is not None else self._outer.next_packet()

    def _take_in_clear(self, packet: Packet) -> None:
        if self._introduction is None and packet.command == Command.CNXN:
            self._introduction = packet
            super().write(header(Command.STLS, _STLS_VERSION, 0, b"", version=VERSION))
        elif self._introduction is not None and packet.command == Command.STLS:
            known = tuple((key.modulus, key.exponent) for key in self._house.ring.keys)
            self._tls = self._identity.connection(lambda numbers: numbers in known, known)
            self._tls.bio_write(self._outer.rest())
            self._hear_ciphered()
        else:
            raise WireError("a wireless client begins with CNXN, then STLS")

    def _hear_ciphered(self) -> None:
        tls, introduction = self._tls, self._introduction
        if tls is None or introduction is None:
            return
        try:
            if not self._is_shaken:
                tls.do_handshake()
                self._is_shaken = True
                self.connection.received(introduction)
            while True:
                parser = self.connection.parser
                self.take(tls.recv_into(parser.buffer()))
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
            hint="pip install 'storage-harness[emulators]'",
        ) from error
