"""The tree keeps what it was given, and holds together."""

import pytest

from harness.errors import DeviceError
from harness.sandbox.files import Tree, parents
from harness.sandbox.layout import Entry, Realm


def entry(path: str, *, folder: bool = False, data: bytes = b"") -> Entry:
    return Entry(path=path, folder=folder, owner=0, group=0, mode=0o755, realm=Realm.SYSTEM, data=data)


def tree(*paths: str) -> Tree:
    """Folders end with a slash."""
    made = Tree()
    made.put(entry("/", folder=True))
    for path in paths:
        made.put(entry(path.rstrip("/"), folder=path.endswith("/")))
    return made


@pytest.mark.parametrize(
    ("path", "above"), [("/", ()), ("/a", ("/",)), ("/a/b", ("/", "/a")), ("/a/b/c", ("/", "/a", "/a/b"))]
)
def test_parents_come_from_the_top(path: str, above: tuple[str, ...]) -> None:
    """The root first, the nearest last, the path itself not among them."""
    assert parents(path) == above


def test_names_and_walks_are_sorted() -> None:
    """What users see is sorted."""
    made = tree("/b/", "/b/z", "/b/a", "/a/", "/b-c")

    assert made.names("/") == ("a", "b", "b-c")
    assert [each.path for each in made.walk("/b")] == ["/b", "/b/a", "/b/z"]


def test_removal_takes_all_below_along() -> None:
    """And a second one finds nothing to do."""
    made = tree("/a/", "/a/b/", "/a/b/c", "/a/d")
    made.remove("/a/b")
    made.remove("/a/b")

    assert [each.path for each in made.walk("/")] == ["/", "/a", "/a/d"]
    assert made.names("/a") == ("d",)


def test_a_folder_that_was_removed_comes_back_empty() -> None:
    """No name is left over."""
    made = tree("/a/", "/a/b")
    made.remove("/a")
    made.put(entry("/a", folder=True))

    assert made.names("/a") == ()


def test_what_does_not_fit_is_refused() -> None:
    """Nothing below a file or in a missing folder, no file in the place of a folder, nor the other way round."""
    made = tree("/a/", "/f")

    for wrong in (entry("/f/x"), entry("/no/x"), entry("/a"), entry("/f", folder=True)):
        with pytest.raises(DeviceError):
            made.put(wrong)
    with pytest.raises(DeviceError):
        made.names("/f")
    with pytest.raises(DeviceError):
        made.get("/f/x")
    assert [each.path for each in made.walk("/")] == ["/", "/a", "/f"]
