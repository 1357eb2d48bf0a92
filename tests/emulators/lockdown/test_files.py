"""What AFC sees of a sandbox: nothing above its root, nothing that a lock closes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.lockdown.files import Fault, Folder
from harness.model import Protection
from harness.profiles import load_profile
from harness.sandbox import App, Attributes, Sandbox

APP = App(package="com.example.notes", uid=10123)


def folder(*, documents: bool = False) -> Folder:
    sandbox = Sandbox(load_profile("ios-17-stock"))
    sandbox.install(APP)
    root = sandbox.container(APP.package)
    sandbox.write(f"{root}/Documents/a.txt", b"open")
    sandbox.write(f"{root}/Documents/closed.txt", b"closed", Attributes(protection=Protection.COMPLETE))
    allows = (lambda path: path.startswith("/Documents")) if documents else (lambda _path: True)
    return Folder(sandbox, root, allows)


@given(steps=st.lists(st.sampled_from(["..", ".", "", "Documents", "a.txt", "etc", "\x01"]), max_size=12))
def test_no_name_leads_out(steps: list[str]) -> None:
    """However it is built."""
    shown = folder()
    try:
        place = shown.place("/".join(steps))
    except Fault:
        return

    assert place == shown.root or place.startswith(shown.root + "/")
    assert "/../" not in place + "/"


def test_a_lock_closes_a_class() -> None:
    """And opens it again."""
    shown = folder()
    before = shown.read("Documents/closed.txt")
    shown.sandbox.lock()

    assert before == b"closed"
    assert shown.read("Documents/a.txt") == b"open"
    with pytest.raises(Fault):
        shown.read("Documents/closed.txt")


def test_documents_alone_are_documents_alone() -> None:
    """Neither the rest of the container nor a way round by dots."""
    shown = folder(documents=True)

    assert shown.read("Documents/a.txt") == b"open"
    for name in ("Library", "Documents/../Library", "."):
        with pytest.raises(Fault):
            shown.names(name)


def test_files_can_be_written_moved_and_removed() -> None:
    """As a computer does with what is shared."""
    shown = folder()
    shown.make("Documents/sub")
    shown.write("Documents/sub/new", b"1")
    shown.rename("Documents/sub", "Documents/other")
    with pytest.raises(Fault):
        shown.remove("Documents/other")
    shown.remove("Documents/other/new")
    shown.remove("Documents/other")

    assert shown.names("Documents") == ("a.txt", "closed.txt")
    for name in ("Documents/absent", "Documents/a.txt/below"):
        with pytest.raises(Fault):
            shown.read(name)
    with pytest.raises(Fault):
        shown.remove("/")
