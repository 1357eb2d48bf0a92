"""Entries of a manifest become files in containers, and what is wrong with one is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices._ios_backup.contents import encrypted
from harness.devices._ios_backup.files import Shelf, container_of, owns
from harness.devices._ios_backup.key_wrap import wrapped
from harness.devices._ios_backup.keybag import Keys
from harness.devices._ios_backup.record import Described, Entry
from harness.limits import Limits
from harness.model import Artifact, Bytes, Facts, Platform, Protection, Unread

NAME = "ab" * 20
PLACE = f"ab/{NAME}"
KEYS = Keys({4: bytes(32)})
FILE_KEY = b"k" * 32
SEALED = b"\x04\0\0\0" + wrapped(bytes(32), FILE_KEY)


def stored(data: bytes, place: str = PLACE) -> dict[str, Artifact | Unread]:
    return {place: Artifact(facts=Facts(path=place, size=len(data)), content=Bytes(data))}


def entry(path: str = "Documents/a", *, kind: str = "file", domain: str = "AppDomain-com.example.shop",
          name: str = NAME, known: Described | None = None) -> Entry:  # fmt: skip
    return Entry(name, domain, path, kind, known)


def items(one: Entry, found: dict[str, Artifact | Unread], keys: Keys | None = None) -> list[Artifact | Unread]:
    return list(Shelf(found, keys, Limits(file_bytes=1 << 20)).items([one]))


def test_a_file_has_the_facts_that_the_device_knew() -> None:
    """Mode without the kind, owner, class; and it is in a backup."""
    known = Described(size=1, mode=0o100640, owner=501, group=20, modified=7.0, protection=Protection.COMPLETE)

    (file,) = items(entry(known=known), stored(b"x"))

    assert isinstance(file, Artifact)
    assert file.facts == Facts(
        path="Documents/a", container="com.example.shop", size=1, mode=0o640, owner=501, group=20, modified=7.0,
        protection=Protection.COMPLETE, in_backup=True, platform=Platform.IOS,
    )  # fmt: skip
    assert file.content.read() == b"x"


@pytest.mark.parametrize(
    ("domain", "container"),
    [
        ("AppDomain-com.example.shop", "com.example.shop"),
        ("AppDomainGroup-group.com.example.shop", "group.com.example.shop"),
        ("AppDomainPlugin-com.example.shop.widget", "com.example.shop.widget"),
        ("SysContainerDomain-com.apple.x", "SysContainerDomain-com.apple.x"),
        ("HomeDomain", "HomeDomain"),
        ("KeychainDomain", "KeychainDomain"),
        ("AppDomain-", "AppDomain-"),
    ],
)
def test_domains_are_containers(domain: str, container: str) -> None:
    """Those of apps by the identifier alone, as on the device."""
    assert container_of(domain) == container


@pytest.mark.parametrize(
    ("container", "own"),
    [
        ("com.example.shop", True),
        ("com.example.shop.widget", True),
        ("group.com.example.shop", True),
        ("group.com.example.shop.shared", True),
        ("group.com.example", True),
        ("com.example.shopping", False),
        ("group.com.example.shopping", False),
        ("group.com", False),
        ("com.example", False),
        ("HomeDomain", False),
    ],
)
def test_an_app_owns_extensions_and_groups(container: str, own: bool) -> None:
    """By their names: a backup says nothing else."""
    assert owns("com.example.shop", container) is own


def test_what_is_no_file_is_told_or_passed_over() -> None:
    """Links are never followed; what has no kind is not understood."""
    assert items(entry(kind="folder"), {}) == []
    (link,) = items(entry(kind="link"), {})
    assert isinstance(link, Unread)
    assert link.expected
    (odd,) = items(entry(kind=""), {})
    assert isinstance(odd, Unread)
    assert not odd.expected


@pytest.mark.parametrize("path", ["../a", "a/../../b", "/etc/passwd", "", "a\0b", "x" * 300, "C:\\x"])
def test_a_path_that_escapes_is_refused(path: str) -> None:
    """And told; so is a domain."""
    (refused,) = items(entry(path), {})
    (other,) = items(entry(domain=path), {})

    assert isinstance(refused, Unread)
    assert refused.container == "com.example.shop"
    assert isinstance(other, Unread)
    assert other.container == ""


def test_bytes_that_are_missing_are_told() -> None:
    """Unless there never were any; a name that no backup gives is looked for nowhere."""
    (missing,) = items(entry(known=Described(size=9)), {})
    (empty,) = items(entry(known=Described(size=0)), {})
    (odd,) = items(entry(name="../../etc/passwd", known=Described(size=9)), {})

    assert isinstance(missing, Unread)
    assert missing.size == 9
    assert isinstance(empty, Artifact)
    assert isinstance(odd, Unread)


def test_older_backups_have_no_folders() -> None:
    """The names are the same."""
    (file,) = items(entry(), stored(b"x", NAME))

    assert isinstance(file, Artifact)
    assert file.path == "Documents/a"


def test_what_nobody_lists_is_handed_out_as_it_lies_there() -> None:
    """Every byte of a backup is looked at."""
    listed, stray = items(entry(), stored(b"x") | stored(b"y", "Info.plist"))

    assert isinstance(listed, Artifact)
    assert isinstance(stray, Artifact)
    assert (stray.facts.container, stray.path, stray.facts.in_backup) == ("", "Info.plist", True)


def test_an_encrypted_file_comes_in_clear() -> None:
    """By its own key, which is wrapped with that of its class."""
    known = Described(size=5, sealed=SEALED)

    (file,) = items(entry(known=known), stored(encrypted(FILE_KEY, b"clear")), KEYS)

    assert isinstance(file, Artifact)
    assert (file.facts.size, file.content.read()) == (5, b"clear")


@pytest.mark.parametrize(
    "known", [None, Described(size=5, sealed=SEALED[:-1]), Described(size=5, sealed=b"\x09" + SEALED[1:])]
)
def test_a_file_whose_key_is_damaged_is_told(known: Described | None) -> None:
    """Ciphertext is never taken for what somebody stored."""
    (file,) = items(entry(known=known), stored(encrypted(FILE_KEY, b"clear")), KEYS)

    assert isinstance(file, Unread)


def test_what_is_cut_off_gives_what_is_left_and_a_line() -> None:
    """Plain and encrypted."""
    plain = items(entry(known=Described(size=100)), stored(bytes(60)))
    known = Described(size=100, sealed=SEALED)
    sealed = items(entry(known=known), stored(encrypted(FILE_KEY, b"y" * 100)[:50]), KEYS)

    for file, told in (plain, sealed):
        assert isinstance(file, Artifact)
        assert isinstance(told, Unread)
        assert len(file.content.read()) == file.facts.size == 100 - told.size
    assert isinstance(sealed[0], Artifact)
    assert sealed[0].content.read() == b"y" * 48


def test_what_is_too_large_is_told() -> None:
    """By its size in clear."""
    (large,) = items(entry(), stored(bytes((1 << 20) + 1)))

    assert isinstance(large, Unread)


descriptions = st.builds(
    Described,
    size=st.none() | st.integers(0, 300),
    mode=st.none() | st.integers(0, 0o177777),
    sealed=st.none() | st.just(SEALED) | st.binary(max_size=50),
)


@given(
    st.builds(Entry, st.just(NAME) | st.text(), st.text(), st.text(), st.sampled_from(["file", "folder", "link", ""]),
              st.none() | descriptions),
    st.binary(max_size=200),
    st.booleans(),
)  # fmt: skip
def test_any_entry_gives_something_that_can_be_handed_out(one: Entry, data: bytes, locked: bool) -> None:
    """No path that escapes, no size that is not so."""
    for item in items(one, stored(data), KEYS if locked else None):
        assert ".." not in item.path.split("/")
        if isinstance(item, Artifact):
            assert len(item.content.read()) == item.content.size == item.facts.size
