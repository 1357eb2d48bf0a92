"""What file-based sources hand out: one path a file, the app that was asked for, what follows from a profile."""

import plistlib

import pytest

from harness.devices._listing import arranged
from harness.devices.base import Options
from harness.errors import SourceError
from harness.model import Access, Artifact, Bytes, Facts, Platform, Unread
from harness.profiles import load_profiles


def stored(path: str, data: bytes = b"") -> Artifact:
    return Artifact(facts=Facts(path=path, size=len(data)), content=Bytes(data))


def test_an_earlier_file_of_the_same_path_is_kept() -> None:
    """The last one has the path, as after extracting; those before it are numbered, around names that are taken."""
    items = arranged([stored("a", b"1"), stored("a@1", b"x"), stored("a", b"2"), stored("a", b"3")], Options())

    contents = {item.path: item.content.read() for item in items if isinstance(item, Artifact)}
    assert contents == {"a": b"3", "a@1": b"x", "a@2": b"1", "a@3": b"2"}


def test_one_app_can_be_asked_for() -> None:
    """With what is unread of the source as a whole: it may have been that app's."""
    items = [
        stored("data/data/com.example.a/files/x"),
        stored("data/data/com.example.b/files/x"),
        stored("system/x"),
        Unread(path="pulled.tar", reason="cut off"),
        Unread(path="system/link", reason="symbolic link, not followed", expected=True),
    ]

    found = arranged(items, Options(app="com.example.b"))

    assert [(type(item), item.path) for item in found] == [(Unread, "pulled.tar"), (Artifact, "files/x")]


def test_an_app_that_is_not_there_is_an_error() -> None:
    """The hint says which are, sorted, and no more than ten."""
    items = [stored(f"data/data/com.example.a{number:02}/x") for number in reversed(range(12))]

    with pytest.raises(SourceError, match="no container") as caught:
        arranged(items, Options(app="com.example.other"))

    assert "com.example.a00, com.example.a01" in caught.value.hint
    assert caught.value.hint.endswith("com.example.a09 and 2 more")


def test_an_ios_app_can_be_asked_for_by_its_name() -> None:
    """Its containers are named by chance, and say themselves whose they are; damage there names nobody."""
    root = "private/var/mobile/Containers/Data/Application"
    one, two, three = (f"{number}F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0" for number in range(3))
    name = ".com.apple.mobile_container_manager.metadata.plist"
    items = [
        stored(f"{root}/{one}/{name}", plistlib.dumps({"MCMMetadataIdentifier": "com.example.one"})),
        stored(f"{root}/{one}/Library/a"),
        stored(f"{root}/{two}/{name}", plistlib.dumps({"MCMMetadataIdentifier": "com.example.two"})),
        stored(f"{root}/{three}/{name}", b"bplist00damaged"),
    ]

    found = arranged(items, Options(app="com.example.one"))
    with pytest.raises(SourceError) as caught:
        arranged(items, Options(app="com.example.other"))

    assert [item.path for item in found] == [name, "Library/a"]
    assert caught.value.hint == f"it has: {three}, com.example.one, com.example.two"


def test_an_ios_container_has_the_name_of_its_app_where_that_is_certain() -> None:
    """The folder's own name is another one after each installation; what two containers claim names neither."""
    root = "private/var/mobile/Containers/Data/Application"
    folders = [f"{number}F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0" for number in range(4)]
    claims = ("com.example.one", "com.example.twice", "com.example.twice", "../../odd")
    items = [
        stored(
            f"{root}/{folder}/.com.apple.mobile_container_manager.metadata.plist",
            plistlib.dumps({"MCMMetadataIdentifier": claim}),
        )
        for folder, claim in zip(folders, claims, strict=True)
    ]
    items += [Unread(path=f"{root}/{folders[0]}/locked", reason="permission denied")]

    containers = [item.container for item in arranged(items, Options())]

    assert containers == [*folders[1:], "com.example.one", "com.example.one"]


def test_a_source_without_containers_is_the_app_s_own() -> None:
    """Somebody pulled the container itself: nothing is left out."""
    assert len(arranged([stored("files/x"), stored("files/y")], Options(app="com.example.app"))) == 2


def test_a_profile_says_what_is_backed_up() -> None:
    """Folders that it leaves out are not; of the others the app's own rules decide, and they are not known."""
    profile = load_profiles()["android-14-rooted"]
    items = [stored("data/data/com.example.a/cache/x"), stored("data/data/com.example.a/files/cache")]

    told = [item.facts for item in arranged(items, Options(profile=profile)) if isinstance(item, Artifact)]
    untold = [item.facts for item in arranged(items, Options()) if isinstance(item, Artifact)]

    assert [facts.in_backup for facts in told] == [False, None]
    assert all(Access.ROOT_FILES in facts.readable_by for facts in told)
    assert [facts.in_backup for facts in untold] == [None, None]


def test_the_layout_of_one_container_tells_the_platform_of_all() -> None:
    """What lies beside containers is of the same device; where two layouts disagree, it may be of either."""
    ios = stored("private/var/mobile/Containers/Data/Application/0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0/Library/a")
    beside, android = stored("private/var/mobile/Library/b"), stored("data/data/com.example.a/files/x")

    def told(*items: Artifact) -> dict[str, Platform | None]:
        return {item.path: item.facts.platform for item in arranged(items, Options()) if isinstance(item, Artifact)}

    assert set(told(ios, beside).values()) == {Platform.IOS}
    assert told(ios, beside, android)["private/var/mobile/Library/b"] is None
    (item,) = arranged([ios], Options())
    assert isinstance(item, Artifact)
    assert Access.OTHER_APP in item.facts.denied_to
