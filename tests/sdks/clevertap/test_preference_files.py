"""Preferences are written where they changed, and one write can be the last of its process."""

from harness.sdks.base import Write
from harness.sdks.clevertap.preference_files import PreferenceFiles
from tests.sdks.clevertap.conftest import WRITER

PATH = "shared_prefs/a.xml"


def files() -> PreferenceFiles:
    out = PreferenceFiles(WRITER, 34)
    out.put(PATH, "flag", True)
    return out


def test_only_what_changed_is_written() -> None:
    """A value is another if its type is: 1 is not true."""
    kept = files()
    assert [effect.path for effect in kept.write() if isinstance(effect, Write)] == [PATH]

    kept.put(PATH, "flag", True)
    kept.remove(PATH, "nothing")
    kept.clear("shared_prefs/never.xml")
    assert list(kept.write()) == []

    kept.put(PATH, "flag", 1)
    [effect] = kept.write()
    assert isinstance(effect, Write)
    assert b'<int name="flag" value="1" />' in effect.data
    assert effect.mode == 0o660


def test_an_emptied_file_stays() -> None:
    """As Android's editor leaves it."""
    kept = files()
    kept.clear(PATH)
    [effect] = kept.write()

    assert isinstance(effect, Write)
    assert b"name=" not in effect.data
    assert kept.all(PATH) == {}


def test_a_write_that_is_cut_off() -> None:
    """Half of the new, all of the old; and the old takes its place again."""
    kept = files()
    [whole] = kept.write()
    old, half = kept.cut_off(PATH, "more", "text")

    assert isinstance(old, Write)
    assert isinstance(half, Write)
    assert isinstance(whole, Write)
    assert (old.path, old.data) == (f"{PATH}.bak", whole.data)
    assert half.path == PATH
    assert not half.data.endswith(b"</map>\n")
    assert [type(effect).__name__ for effect in kept.recover()] == ["Delete", "Write"]
    assert list(kept.recover()) == []
    assert kept.get(PATH, "more") is None


def test_nothing_is_cut_off_where_nothing_is() -> None:
    """The first write of a file has no old one."""
    kept = files()
    kept.forget()

    assert list(kept.cut_off(PATH, "more", 1)) == []
    assert list(kept.write()) == []
