"""The multi-pattern engine: both implementations agree, and the cache is trusted only where it is ours."""

import mmap
import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.detectors.base import Detector
from harness.scan.engine import CueEngine, Expression, PurePython, compile_cues

DETECTORS = registry.load("detectors", Detector)
CUES = [
    Expression(cue.expression, cue.caseless) for detector in DETECTORS.values() for cue in detector.cues
]  # fmt: skip
EXAMPLES = sorted(
    {text for detector in DETECTORS.values() for text in (*detector.examples, *detector.counterexamples)}
)
SOME = (Expression(rb"abc"), Expression(rb"x\x00y"), Expression(rb"jane", caseless=True), Expression(rb"[0-9]{3}z"))


@pytest.fixture(scope="module")
def fast() -> CueEngine:
    """The engine that this machine really uses, with the cues of all detectors."""
    return compile_cues(CUES, keep=False)


@pytest.fixture(scope="module")
def plain() -> PurePython:
    return PurePython(CUES)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled forms would be kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "storage-harness"


# -- both engines --------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(EXAMPLES) | st.text(max_size=12), max_size=8).map(lambda texts: "\n".join(texts).encode("utf-8", "surrogatepass")))  # fmt: skip  # noqa: E501
def test_what_one_engine_finds_the_other_does(fast: CueEngine, plain: PurePython, data: bytes) -> None:
    """On texts that are full of cues: each occurrence that `re` knows ends where the fast engine says one ends."""
    missed = set(plain.scan(data, len(data))) - set(fast.scan(data, len(data)))

    assert missed == set()


@given(st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=4).map(lambda texts: " ".join(texts).encode()))
def test_the_fast_engine_adds_no_expression(fast: CueEngine, plain: PurePython, data: bytes) -> None:
    """It may tell more ends of an occurrence, never an expression that does not occur."""
    assert {number for _, number in fast.scan(data, len(data))} == {
        number for _, number in plain.scan(data, len(data))
    }


@given(
    st.lists(st.sampled_from([b"abc", b"x\x00y", b"JANE", b"jane", b"12z", b"123z", b"\x00", b"\xff"]), max_size=12)
)
def test_literals_are_found_by_both_at_the_same_ends(parts: list[bytes]) -> None:
    """NUL bytes, bytes above ASCII, either case."""
    data = b"-".join(parts)

    assert sorted(compile_cues(SOME, keep=False).scan(data, len(data))) == sorted(
        PurePython(SOME).scan(data, len(data))
    )


@pytest.mark.parametrize("engine", [compile_cues(SOME, keep=False), PurePython(SOME)], ids=["fast", "plain"])
class TestEither:
    """What both promise."""

    def test_ends_are_told(self, engine: CueEngine) -> None:
        """The offset behind the last byte, and the number of the expression."""
        assert sorted(engine.scan(b"abc x\x00y Jane", 12)) == [(3, 0), (7, 1), (12, 2)]

    @pytest.mark.parametrize("length", range(13))
    def test_only_the_first_bytes_are_searched(self, engine: CueEngine, length: int) -> None:
        """A buffer may be larger than what is in use."""
        whole = b"abc x\x00y Jane"

        assert sorted(engine.scan(whole, length)) == sorted(engine.scan(whole[:length], length))

    def test_an_empty_buffer_holds_nothing(self, engine: CueEngine) -> None:
        """Empty files are common."""
        assert engine.scan(b"", 0) == []
        assert engine.scan(b"abc", 0) == []

    def test_any_kind_of_buffer_is_searched(self, engine: CueEngine, tmp_path: Path) -> None:
        """Mapped files too; a mapping can be closed afterwards."""
        file = tmp_path / "data"
        file.write_bytes(b"--abc")

        with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            for buffer in (mapped, memoryview(b"--abc"), bytearray(b"--abc")):
                assert engine.scan(buffer, 5) == [(5, 0)]


def test_nothing_to_find_is_found_nowhere() -> None:
    """A run without detectors, or without a person."""
    assert compile_cues([], keep=False).scan(b"abc", 3) == []
    assert compile_cues([]).scan(b"abc", 3) == []


@pytest.mark.parametrize("expression", [each.pattern for each in CUES])
def test_every_cue_reads_the_same_in_both_syntaxes(expression: bytes) -> None:
    """No look-around and no back-reference: the fast engine has none."""
    assert not re.search(rb"\(\?[=!<P]|\\[1-9]", expression)
    re.compile(expression)


# -- the cache -----------------------------------------------------------------------------------


def kept(cache: Path) -> list[Path]:
    return sorted(cache.glob("*")) if cache.is_dir() else []


def test_a_compiled_form_is_kept_for_its_owner_alone(cache: Path) -> None:
    """The next run starts faster; nobody else reads or writes it."""
    before = os.umask(0)
    try:
        compile_cues(SOME)
    finally:
        os.umask(before)
    (file,) = kept(cache)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


def test_a_kept_form_finds_the_same(cache: Path) -> None:
    """The second run gives what the first gave, and writes nothing."""
    first = compile_cues(SOME).scan(b"abc jane", 8)
    (file,) = kept(cache)
    written = file.stat().st_mtime_ns

    assert compile_cues(SOME).scan(b"abc jane", 8) == first
    assert kept(cache) == [file]
    assert file.stat().st_mtime_ns == written


def test_a_person_is_never_kept(cache: Path) -> None:
    """The values are the expressions: a compiled form would be a copy of them."""
    compile_cues(SOME, keep=False)

    assert kept(cache) == []


def test_other_expressions_are_another_file(cache: Path) -> None:
    """Also where only a flag differs, or where the border between two lies."""
    compile_cues([Expression(b"abc")])
    compile_cues([Expression(b"abc", caseless=True)])
    compile_cues([Expression(b"ab"), Expression(b"c")])

    assert len(kept(cache)) == 3


@pytest.mark.parametrize("content", [b"", b"no database", b"\x00" * 500])
def test_a_damaged_cache_costs_time_only(cache: Path, content: bytes) -> None:
    """It is compiled again, and replaced."""
    compile_cues(SOME)
    (file,) = kept(cache)
    file.write_bytes(content)

    assert compile_cues(SOME).scan(b"abc", 3) == [(3, 0)]
    assert file.read_bytes() != content


def test_a_cut_off_cache_costs_time_only(cache: Path) -> None:
    """A disk that was full when it was written."""
    compile_cues(SOME)
    (file,) = kept(cache)
    whole = file.read_bytes()
    for size in (1, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])

        assert compile_cues(SOME).scan(b"abc", 3) == [(3, 0)]


@pytest.mark.parametrize("mode", [0o602, 0o620, 0o666])
def test_a_cache_that_others_may_write_is_not_loaded(cache: Path, mode: int) -> None:
    """The library trusts what it reads, so we must not read what anybody wrote."""
    compile_cues([Expression(b"zzz")])
    (planted,) = kept(cache)
    forged = planted.read_bytes()
    planted.unlink()
    compile_cues(SOME)
    (file,) = kept(cache)
    file.write_bytes(forged)
    file.chmod(mode)

    assert compile_cues(SOME).scan(b"abc", 3) == [(3, 0)]


def test_a_cache_that_cannot_be_kept_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only home folder scans like any other."""
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert compile_cues(SOME).scan(b"abc", 3) == [(3, 0)]
