"""Names of stored files: shown, refused, split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices._paths import fault_in, printable, shortened, split_container, tidy
from harness.model import Platform

UUID = "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_different_names_are_shown_differently(one: bytes, other: bytes) -> None:
    """Escaping never makes two files one, and what is shown can be printed and encoded."""
    shown = [printable(name.decode("utf-8", "surrogateescape")) for name in (one, other)]

    assert (shown[0] == shown[1]) == (one == other)
    assert "".join(shown).encode("utf-8") is not None
    assert not [character for character in "".join(shown) if character in "\0\n\r\x1b\x7f"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"caf\xe9.xml", r"caf\xe9.xml"),
        ("café.xml".encode(), "café.xml"),
        (b"a\nb\x1b[31m", r"a\x0ab\x1b[31m"),
        (b"a\\b", r"a\x5cb"),
    ],
)
def test_what_is_no_text_is_escaped(name: bytes, shown: str) -> None:
    """Bytes that are no UTF-8, controls, and the escape character itself."""
    assert printable(name.decode("utf-8", "surrogateescape")) == shown


@pytest.mark.parametrize(
    "name",
    [
        *("", "a\0b", "../a", "a/../b", "a/..", "..", "/a", "//a", "C:\\a", "c:a", "..\\a", "a\\..\\b", "\\a"),
        *("\\\\host\\share\\a", "n" * 256, "a/" * 2048 + "a"),
    ],
)
def test_names_that_escape_are_refused(name: str) -> None:
    """With either separator, in any step, and those that no file system would take."""
    assert fault_in(name)


@pytest.mark.parametrize(
    "name", ["a", "a/b", "..a", "a..", "...", "a/...b/c", "a\\b", "data:x", "n" * 255, ".hidden"]
)
def test_odd_names_that_stay_are_taken(name: str) -> None:
    """Dots and backslashes alone do no harm."""
    assert fault_in(name) == ""


def test_a_long_name_does_not_flood_a_report() -> None:
    """What is told of a refused name is cut."""
    assert len(shortened("x" * 100_000)) < 300


@pytest.mark.parametrize(
    ("name", "expected"),
    [("./a//b/", "a/b"), (".", ""), ("./", ""), ("a/./b", "a/b"), ("/a/", "/a"), ("../a", "../a")],
)
def test_steps_that_mean_nothing_go(name: str, expected: str) -> None:
    """And those that mean something stay, so that they can be refused."""
    assert tidy(name) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("data/data/com.example.app/files/a", ("com.example.app", "files/a")),
        ("dump/data/user/0/com.example.app/files/a", ("com.example.app", "files/a")),
        ("data/user_de/10/com.example.app/a", ("com.example.app", "a")),
        (f"private/var/mobile/Containers/Data/Application/{UUID}/Library/a", (UUID, "Library/a")),
        (f"var/mobile/Containers/Shared/AppGroup/{UUID}/a", (UUID, "a")),
        (f"var/mobile/Containers/Data/PluginKitPlugin/{UUID}/a", (UUID, "a")),
        ("apps/com.example.app/sp/a.xml", ("com.example.app", "sp/a.xml")),
        ("apps/shop/a.xml", ("", "apps/shop/a.xml")),
        ("mydata/data/com.example.app/a", ("", "mydata/data/com.example.app/a")),
        ("data/data/com.example.app", ("", "data/data/com.example.app")),
        ("data/user/x/com.example.app/a", ("", "data/user/x/com.example.app/a")),
        (
            "var/mobile/Containers/Data/Application/no-uuid/a",
            ("", "var/mobile/Containers/Data/Application/no-uuid/a"),
        ),
        ("files/a", ("", "files/a")),
    ],
)
def test_containers_are_split_off(path: str, expected: tuple[str, str]) -> None:
    """The layouts of Android, of iOS and of device backups; nothing else is taken for one."""
    assert split_container(path)[:2] == expected


@pytest.mark.parametrize(
    ("path", "platform"),
    [
        ("data/data/com.example.app/files/a", Platform.ANDROID),
        ("apps/com.example.app/sp/a.xml", Platform.ANDROID),
        (f"private/var/mobile/Containers/Data/Application/{UUID}/Library/a", Platform.IOS),
        (f"CoreSimulator/Devices/{UUID}/data/Containers/Data/Application/{UUID}/a", None),
        ("files/a", None),
    ],
)
def test_the_layout_tells_the_platform(path: str, platform: Platform | None) -> None:
    """A simulator has the layout of iOS, and none of its walls."""
    assert split_container(path).platform is platform
