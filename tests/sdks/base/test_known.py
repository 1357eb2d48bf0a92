"""Lists of claims are read strictly: a wrong word in one is an error that names the file and the key."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import PluginError, UsageError
from harness.model import Platform
from harness.sdks.base.known import is_exact, load_known, read_known

SOURCE = '[sources.main]\nrepository = "acme/sdk"\npath = "src/Store.java"\nversion = "v1.2.3"\n'
HEAD = 'title = "Acme"\nplatforms = ["android"]\nowned = ["files/acme/*"]\n'
CLAIM = '[[claims]]\npath = "shared_prefs/acme.sdk.xml"\npointer = "/user"\nrole = "identity"\ncomponent = "user"\n'
GOOD = HEAD + SOURCE + CLAIM + 'source = "main"\nholds = ["EMAIL"]\n'


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "acme.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_list_is_read_whole(written: Callable[[str], Path]) -> None:
    """Its name is the file's; the source of a claim reads as one word."""
    known = read_known(written(GOOD))
    (claim,) = known.claims

    assert (known.name, known.title, known.platforms, known.owned) == (
        "acme", "Acme", (Platform.ANDROID,), ("files/acme/*",),
    )  # fmt: skip
    assert known.verified
    assert (claim.path, claim.pointer, claim.role, claim.holds) == (
        "shared_prefs/acme.sdk.xml", "/user", "identity", ("EMAIL",),
    )  # fmt: skip
    assert claim.source == str(known.sources[0]) == "acme/sdk:src/Store.java@v1.2.3"


def test_what_was_not_read_is_not_verified(written: Callable[[str], Path]) -> None:
    """One claim that says what it is taken from takes the word from all of them."""
    more = '[[claims]]\npath = "databases/acme.db"\nuncertain = "Taken from an app."\n'
    known = read_known(written(GOOD + more))

    assert not known.verified
    assert [bool(claim.uncertain) for claim in known.claims] == [False, True]


def test_lists_come_sorted_and_from_any_folder(written: Callable[[str], Path]) -> None:
    """One file more is one SDK more; nothing else mentions it."""
    folder = written(GOOD).parent
    (folder / "aardvark.toml").write_text(GOOD, encoding="utf-8")

    assert list(load_known(folder)) == ["aardvark", "acme"]
    assert list(load_known()) == sorted(load_known())


WRONG = {
    "unknown key `titel`": GOOD.replace("title", "titel"),
    "`title` must be a text": GOOD.replace('"Acme"', "3"),
    "`platforms` must be of": GOOD.replace('"android"', '"windows"'),
    "`claims` must be": HEAD,
    "claim 1 must be a table": "claims = [3]\n" + HEAD,
    "`sources` must be a table": "sources = 3\n" + HEAD + CLAIM,
    "source `main` must be a table": "sources = { main = 3 }\n" + HEAD + CLAIM,
    "source `main` must be `owner/name`": GOOD.replace('"acme/sdk"', '"https://acme.test/sdk"'),
    "source `main`: unknown key `branch`": GOOD.replace("version", "branch"),
    "`version` must be a text": GOOD.replace('version = "v1.2.3"\n', ""),
    "no claim is from the source `main`": GOOD.replace('source = "main"', 'uncertain = "Guessed."'),
    "there is no source `other`": GOOD.replace('source = "main"', 'source = "other"'),
    "either `source`": GOOD.replace('source = "main"\n', ""),
    "claim 1: either `source`": GOOD + 'uncertain = "And guessed."\n',
    "claim 1: unknown key `pionter`": GOOD.replace("pointer", "pionter"),
    "claim 1: key `path` is missing": GOOD.replace('path = "shared_prefs/acme.sdk.xml"\n', ""),
    "`holds` must be a list": GOOD.replace('["EMAIL"]', '"EMAIL"'),
    "`role` must be one of": GOOD.replace('"identity"', '"secret"'),
    "`pointer` must begin": GOOD.replace('"/user"', '"user"'),
    "an identity must be at an exact pointer": GOOD.replace('"/user"', '"/user*"'),
    "the pattern `\\*` must": GOOD.replace("shared_prefs/acme.sdk.xml", "*"),
    "the pattern `shared_prefs/\\*.xml` must": GOOD.replace("acme.sdk", "*"),
    "the pattern `sdcard/acme` must": GOOD.replace("shared_prefs/acme.sdk.xml", "sdcard/acme"),
    "the pattern `files/../acme` must": GOOD.replace("shared_prefs/acme.sdk.xml", "files/../acme"),
    "the pattern `files/\\*` must": GOOD.replace("files/acme/", "files/"),
    "only under names of its own": GOOD.replace("acme.sdk", "*_preferences").replace('pointer = "/user"\n', ""),
    "not in order as TOML": "title = ",
}  # fmt: skip


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_word_is_an_error_that_names_it(written: Callable[[str], Path], words: str) -> None:
    """Never ignored: a claim that is not read claims nothing."""
    with pytest.raises(PluginError, match=words) as caught:
        read_known(written(WRONG[words]))

    assert "acme.toml" in str(caught.value)


def test_a_file_that_is_not_there_or_too_large_is_an_error(tmp_path: Path) -> None:
    """Of the kind that the caller asks for."""
    with pytest.raises(UsageError, match=r"none\.toml"):
        read_known(tmp_path / "none.toml", UsageError)
    (tmp_path / "large.toml").write_text("#" * 300_000, encoding="utf-8")
    with pytest.raises(PluginError, match="larger"):
        read_known(tmp_path / "large.toml")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(tmp_path: Path, text: str) -> None:
    """It is a list, or an error of ours."""
    path = tmp_path / "any.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(PluginError):
        read_known(path)


@pytest.mark.parametrize(
    ("pointer", "exact"),
    [
        ("/user", True), ("/store/*/value", True), ("/a/*/b/*/c", True),
        ("*", False), ("/*", False), ("/store/*", False), ("/user*", False), ("/use?", False), ("/[ab]/id", False),
    ],
)  # fmt: skip
def test_a_pointer_is_exact_when_only_whole_steps_are_left_open(pointer: str, exact: bool) -> None:
    """Rows are many; what is in each is one."""
    assert is_exact(pointer) is exact
