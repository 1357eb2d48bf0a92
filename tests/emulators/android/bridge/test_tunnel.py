"""Where a tunnel leads: only into the device."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.tunnel import Address, parse_address


@pytest.mark.parametrize(
    ("kind", "rest", "address"),
    [
        ("tcp", "80", Address(socket.AF_INET, ("127.0.0.1", 80))),
        ("tcp", "localhost:80", Address(socket.AF_INET, ("127.0.0.1", 80))),
        ("tcp", "::1:80", Address(socket.AF_INET6, ("::1", 80))),
        ("localabstract", "name", Address(socket.AF_UNIX, b"\0name")),
        ("localfilesystem", "/a/b", Address(socket.AF_UNIX, b"/a/b")),
        ("localreserved", "adbd", Address(socket.AF_UNIX, b"/dev/socket/adbd")),
        ("localreserved", "../x", None),
        ("tcp", "example.org:80", None),
        ("tcp", "0", None),
        ("tcp", "65536", None),
        ("tcp", "²", None),
        ("tcp", "", None),
        ("localabstract", "", None),
        ("localfilesystem", "/" + "a" * 200, None),
    ],
)
def test_addresses(kind: str, rest: str, address: Address | None) -> None:
    """Numbers and names of the device; nothing that would have to be looked up."""
    assert parse_address(kind, rest) == address


@given(st.sampled_from(["tcp", "local", "localabstract", "localfilesystem", "localreserved"]), st.text(max_size=200))
def test_no_text_is_more_than_no_address(kind: str, rest: str) -> None:
    """And only sockets in files say that they are."""
    address = parse_address(kind, rest)

    assert address is None or address.is_file == (kind in {"local", "localfilesystem", "localreserved"})
