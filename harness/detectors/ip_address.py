"""Addresses of the Internet Protocol (RFC 791, RFC 4291), told from versions, times and names of classes."""

import ipaddress
import re
from collections.abc import Iterator

from harness.detectors.base import Detector, Match, Shape, Window, speaks_of_something_else

__all__ = ["IpAddress"]

_OCTET = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_FOUR = re.compile(
    rb"(?<![0-9A-Za-z_])(?<![0-9]\.)(?<!::)(?P<value>(?:%b\.){3}%b)(?![0-9A-Za-z_])(?!\.[0-9A-Za-z])(?!-[A-Za-z0-9])"
    % (_OCTET, _OCTET)
)
_SIX = re.compile(
    rb"(?<![0-9A-Za-z_:.])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)"
    rb"(?P<value>(?:[0-9A-Fa-f]{0,4}:){2,7}(?:%b\.%b\.%b\.%b|[0-9A-Fa-f]{0,4}))(?P<zone>%%[0-9A-Za-z]{1,15})?"
    rb"(?![0-9A-Za-z_:])(?!\.[0-9])" % (_OCTET, _OCTET, _OCTET, _OCTET)
)
_KEY = re.compile(
    rb"(?:^|[^a-z])(?:x-?)?(?:client|remote|local|public|private|user|device|source|src|dest|dst|peer|forwarded"
    rb"|real|last"
    rb"|login|signup|wan|lan|wi-?fi|external|internal|host|host_?name|caller|visitor|sender|registration"
    rb"|session|request)?"
    rb"[_.\- ]?(?:ip|ipv[46]|ip_?v?[46]?_?(?:addr(?:ess)?|addresses)|inet6?|addr|forwarded-for|for)[0-9]{0,2}\Z"
)
_CAMEL = re.compile(rb"[a-z](?:IP|Ip)(?:v[46]|V[46])?(?:Addr(?:ess)?)?[\"'\\]{0,3}[^A-Za-z0-9]{1,6}\Z")
_WORDS = re.compile(
    rb"(?<![a-z])(?:ip|ipv4|ipv6|ips|inet6?|from|client|remote|peer|host|hosts|logged in|login|access(?:ed)?"
    rb"|connected"
    rb"|connection|gateway|subnet|network|nat64|localhost|address|adresse|direcci\xc3\xb3n|endere\xc3\xa7o|indirizzo"
    rb"|\xd0\xb0\xd0\xb4\xd1\x80\xd0\xb5\xd1\x81|\xe5\x9c\xb0\xe5\x9d\x80|dhcp|traceroute|ping|via"
    rb"|visitor)(?![a-z])"
)
_VERSION_BEFORE = re.compile(
    rb"(?i)(?:(?:^|[^a-z])v|ver(?:sion)?s?(?:[_ ]?(?:name|code|number|no))?|build|release|sdk|firmware|kernel|driver"
    rb"|update|revision|rev|oid|section|chapter|android|i?os|chrome|app|lib|api|patch|engine|model|schema)"
    rb"[\"'\\]{0,3}[ \t]{0,2}(?:&quot;|[:=>\x1f,/@(\[-])?(?:&quot;)?[ \t\"'\\v]{0,4}\Z|[A-Za-z0-9]/\Z|[A-Za-z]-\Z"
)
_URL = re.compile(rb"://[^/\s]{0,64}\Z")
_PROSE = re.compile(rb"[A-Za-z] \Z")
_SHARED = frozenset(
    map(
        ipaddress.ip_address,
        (
            "1.0.0.1",
            "1.1.1.1",
            "8.8.4.4",
            "8.8.8.8",
            "9.9.9.9",
            "149.112.112.112",
            "208.67.220.220",
            "208.67.222.222",
            "2001:4860:4860::8844",
            "2001:4860:4860::8888",
            "2606:4700:4700::1001",
            "2606:4700:4700::1111",
            "2620:fe::fe",
        ),
    )
)
"""Public name servers: everybody's."""
_DOCUMENTATION = tuple(
    ipaddress.ip_network(each)
    for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)


class IpAddress(Detector):
    """An address that a device, or its provider, can be told by.

    Confidence: 0.95 public and under a key that names one; 0.85 public with a word for it nearby, or as the host of
    a URL; 0.65 public of its own; 0.6 of documentation with key or word (test people have them), else 0.5. Listed
    only: 0.4 private, link-local, reserved, or four numbers that a version may have, too (none where the first is
    small). Loopback, unspecified, broadcast and netmasks are nobody's, public name servers everybody's; behind a
    word for a version it is one.
    """

    type = "IP_ADDRESS"
    title = "IP address"
    shapes = (Shape.IPV4, Shape.COLONS)
    pattern = re.compile(
        rb"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,32}"
    )
    examples = (
        "ip=203.0.113.77",
        '{"client_ip":"198.51.100.23"}',
        "logged in from 92.184.100.7.",
        "remoteAddr: 2001:db8:85a3::8a2e:370:7334",
        "X-Forwarded-For: 92.184.100.77",
        '<string name="lastIp">92.184.100.77</string>',
        "https://92.184.100.77:8443/v1",
        "my address is 192.168.17.4",
        "fe80::1%eth0",
        "::ffff:92.184.100.77",
        "2a02:8071:aa1:bb00:1c2d:33ff:fe44:5566",
        "ipAddress&quot;:&quot;92.184.100.77&quot;",
        "192.168.1.0/24",
    )
    counterexamples = (
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - an example, nobody listens there
        "255.255.255.0",
        "dns=8.8.8.8",
        "version=92.184.100.77",
        "Chrome/121.0.61.178 Mobile",
        "app v10.20.30.40",
        "192.168.1.256",
        "192.168.1",
        "1.3.6.1.4.1.311",
        "92.184.100.77-beta",
        "10:22:33",
        "std::vector::iterator",
        "::1",
        "12345:db8::1",
        "2001::25de::cade",
        "00:1b:63:84:45:e6",
        "Ace::Face::add",
        "fe80::1text",
        "92.184.100.077",
        "00:1b:63:84:45:e6:9a:01",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Both families; what a window cuts is read from its beginning."""
        limit = min(window.ceiling, window.end + self.reach)
        wide = window.widened(b"0123456789abcdefABCDEF:.")
        taken = wide.start
        spans = [found for form in (_SIX, _FOUR) for found in form.finditer(window.buffer, wide.start, limit)]
        for found in sorted(spans, key=lambda each: (each.start(), -each.end())):
            start, end = found.span("value")
            if start < taken or start >= window.end:
                continue
            judged = self.judge(found["value"], window, start, end)
            if judged is not None:
                taken = end
                if end > window.start:
                    yield Match(start, found.end(), *judged)

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """By what the address is for, then by what is said of it."""
        try:
            address = ipaddress.ip_address(value.decode("ascii"))
        except ValueError:
            return None
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain.is_loopback or plain.is_unspecified or plain in _SHARED or value.startswith((b"0.", b"255.")):
            return None
        before = bytes(window.buffer[max(window.floor, start - 40) : start])
        key = window.key_before(start)
        told = _KEY.search(key) is not None or _CAMEL.search(before) is not None
        if not told and (_VERSION_BEFORE.search(before) or _is_pairs(value)):
            return None
        near = told or _WORDS.search(window.around(start, end, 32)) or _URL.search(before)
        if not near and not _is_plain(value):
            may_be = b":" not in value and int(value.partition(b".")[0]) > _FEW
            return (0.4, ("four numbers that may be a version",)) if may_be else None
        other = not _PROSE.search(before) and speaks_of_something_else(window, start)
        return _weighed(plain, told, bool(near), other)

    def normalise(self, value: bytes) -> bytes:
        """As RFC 5952 writes it, without a zone."""
        text = value.partition(b"%")[0].strip().decode("ascii", "replace")
        try:
            return ipaddress.ip_address(text).compressed.encode()
        except ValueError:
            return value.strip().lower()


def _weighed(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, told: bool, near: bool, other: bool
) -> tuple[float, tuple[str, ...]]:
    said = "the key names an address" if told else "a word beside it names an address" if near else "of its own"
    if any(address in network for network in _DOCUMENTATION if network.version == address.version):
        return (0.6 if near else 0.5), ("an address for documentation, as test people have", said)
    if not address.is_global or address.is_multicast:
        return 0.4, ("a private or reserved address, which many have", said)
    if other and not near:
        return 0.5, ("a public address", "the key names something else")
    return (0.95 if told else 0.85 if near else 0.65), ("a public address", said)


def _is_pairs(value: bytes) -> bool:
    """Eight octets with colons between: part of a fingerprint, or a long hardware address."""
    return all(len(each) == 2 for each in value.split(b":")) and value.count(b":") == 7


def _is_plain(value: bytes) -> bool:
    """Whether it is an address by itself: a version seldom has two numbers above 63, and no name of a class so many
    groups of digits."""
    if b":" not in value:
        return sum(int(each) > _FEW for each in value.split(b".")) > 1
    groups = [each for each in value.split(b":") if each]
    known = _KNOWN_BEGIN.match(value) is not None or b"." in value
    return any(each in b"0123456789" for each in value) and (known or len(groups) >= 4)


_FEW = 63
"""Numbers up to it are as common in versions as in addresses."""
_KNOWN_BEGIN = re.compile(rb"(?i)[23][0-9a-f]{3}:|fe80:|f[cd][0-9a-f]{2}:")
"""Of global, link-local and private addresses."""
