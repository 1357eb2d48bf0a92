"""Addresses of both families: all that are somebody's, none of the versions and times that look like one."""

import ipaddress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.ip_address import _SHARED as SHARED
from harness.detectors.ip_address import IpAddress

IP = IpAddress()


def found(text: bytes) -> list[tuple[bytes, float]]:
    return [(text[m.start : m.end], m.confidence) for m in IP.confirm(Window(text, 0, len(text), 0, len(text)))]


@given(address=st.ip_addresses(), frame=st.sampled_from(["ip={}", '{{"client_ip":"{}"}}', "X-Forwarded-For: {}, x"]))
def test_all_that_the_grammar_has_is_found_under_a_key(address: ipaddress.IPv4Address, frame: str) -> None:
    """What the standard library prints, it reads; public ones are sure, the others listed."""
    plain = getattr(address, "ipv4_mapped", None) or address
    assume(
        not (plain.is_loopback or plain.is_unspecified or str(plain).startswith(("0.", "255.")) or plain in SHARED)
    )
    assume(address.compressed.count(":") > 1 or address.version == 4)
    spans = found(frame.format(address).encode())

    assert [text for text, _ in spans] == [str(address).encode()]
    assert all(IP.normalise(text) == address.compressed.encode() for text, _ in spans)


@given(value=st.ip_addresses(v=6))
def test_every_spelling_of_the_long_form_is_the_same_value(value: ipaddress.IPv6Address) -> None:
    """Capitals, and groups that were not left out."""
    assert IP.normalise(value.exploded.upper().encode()) == value.compressed.encode()


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("client_ip=92.184.100.77", 0.95),
        ("login from 92.184.100.77", 0.85),
        ("got 92.184.100.77 then", 0.65),
        ("ip=203.0.113.9", 0.6),
        ("got 203.0.113.9 then", 0.5),
        ("ip=192.168.7.20", 0.4),
        ("ip=240.1.2.3", 0.4),
        ("got 94.10.12.25 then", 0.4),
        ("range=92.184.100.77", 0.5),
    ],
)
def test_what_an_address_is_for_decides(text: str, confidence: float) -> None:
    """Private ones and those that may be versions are listed, and held against nobody."""
    assert [sure for _, sure in found(text.encode())] == [confidence]


@given(parts=st.lists(st.integers(0, 255), min_size=4, max_size=4), word=st.sampled_from(
    ["version {}", "v{}", "build={}", '"sdkVersion":"{}"', "Chrome/{} Safari", "firmware: {}", "{}-rc", "1.{}"]
))  # fmt: skip
def test_a_version_is_none(parts: list[int], word: str) -> None:
    """Whatever its numbers."""
    assert found(word.format(".".join(map(str, parts))).encode()) == []


@given(text=st.text(alphabet="0123456789abcdef:.", max_size=60))
def test_only_what_the_standard_library_reads_is_one(text: str) -> None:
    """Shape alone is not enough."""
    for value, _ in found(text.encode()):
        ipaddress.ip_address(value.decode())
