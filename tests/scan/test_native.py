"""The kernel in C gives what the array operations give, in each of its three ways to look at bytes."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.detectors.base import Shape
from harness.scan import native, shapes
from harness.scan.native import Kernel
from harness.scan.shapes import ENCODED, find, find_by_arrays

SOURCE = Path(native.__file__).with_name("kernel.c")
WAYS = {"widest": (), "sse2": ("-DONLY_SSE2",), "portable": ("-U__SSE2__",)}
COMPILER = next((each for each in ("cc", "gcc", "clang") if shutil.which(each)), "")
TEXT = st.text("0123456789abfgzAFGZ:.-/ )+\x00\xe9", max_size=300).map(lambda text: text.encode("latin-1"))
NOISE = st.binary(max_size=300)


@pytest.fixture(scope="module", params=WAYS)
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    """One that was built just now."""
    if not COMPILER:
        pytest.skip("no C compiler here; the package then works by array operations")
    library = tmp_path_factory.mktemp("kernel") / "kernel.so"
    flags = ("-O2", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-shared", "-fPIC", *WAYS[request.param])
    subprocess.run([COMPILER, *flags, str(SOURCE), "-o", str(library)], check=True)
    return Kernel(library, shapes._ENCODED)


def _same(kernel: Kernel, data: bytes) -> None:
    octets = np.frombuffer(data, np.uint8)
    wanted = {*Shape, *ENCODED}
    expected = {shape: at.tolist() for shape, at in find_by_arrays(octets, wanted).items() if len(at)}

    assert {shape: at.tolist() for shape, at in kernel.find(octets, wanted).items()} == expected


@settings(max_examples=300)
@given(st.lists(TEXT | NOISE, max_size=4).map(b"".join))
def test_it_gives_the_same(kernel: Kernel, data: bytes) -> None:
    """Text, noise, and both beside each other."""
    _same(kernel, data)


def test_it_gives_the_same_over_borders_of_blocks_and_chunks(kernel: Kernel) -> None:
    """A million bytes of what looks like something."""
    chosen = np.random.default_rng(7)
    alphabet = np.frombuffer(b"0123456789abcdefABCDEFGHIJgxyz:.-/ )+=\x00\xc3\xa9", np.uint8)

    _same(kernel, chosen.choice(alphabet, 1_000_000).tobytes())
    _same(kernel, chosen.choice(alphabet[:12], 300_000).tobytes())
    _same(kernel, chosen.choice(alphabet[-12:], 300_000).tobytes())


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 63, 64, 65, 95, 96, 127, 128, 129, 191, 192, 193])
def test_every_length_is_whole(kernel: Kernel, size: int) -> None:
    """What is behind the end is in no class, and nothing is read there."""
    for filler in (b"4111 1111-", b"A1b+", b"4a", b"x\x00", b"1.2", b"a:", b"Jane Roe"):
        _same(kernel, (filler * size)[:size])


def test_only_what_is_wanted_is_given(kernel: Kernel) -> None:
    """A mask, not a filter behind it."""
    octets = np.frombuffer(b"x192.0.2.17 1990-05-17 Jane Roe", np.uint8)

    assert {*kernel.find(octets, {Shape.IPV4, Shape.DATE})} == {Shape.IPV4, Shape.DATE}
    assert kernel.find(octets, ()) == {}


def test_without_a_library_array_operations_do_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there was no compiler, or what it built is for another machine."""
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"\x7fELF")
    (tmp_path / "kernel.c").write_bytes(SOURCE.read_bytes())
    data = b"x192.0.2.17 4111 1111 1111 1111"
    expected = find(data, len(data))
    for library in (tmp_path / "none.so", broken):
        monkeypatch.setattr(native, "LIBRARY", library)
        native.kernel.cache_clear()

        assert native.kernel(shapes._ENCODED) is None
        assert find(data, len(data)) == expected
    native.kernel.cache_clear()


@pytest.mark.skipif(not COMPILER, reason="no C compiler here; the package then works by array operations")
def test_a_library_of_another_source_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A checkout moves on, and what was built from it stays."""
    source = tmp_path / "kernel.c"
    source.write_bytes(SOURCE.read_bytes())
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    library = tmp_path / "kernel.so"
    flags = ("-shared", "-fPIC", f'-DKERNEL_SOURCE="{digest}"')
    subprocess.run([COMPILER, *flags, str(source), "-o", str(library)], check=True)
    monkeypatch.setattr(native, "LIBRARY", library)
    native.kernel.cache_clear()
    assert native.kernel(shapes._ENCODED) is not None

    source.write_bytes(source.read_bytes() + b"\n")
    native.kernel.cache_clear()
    assert native.kernel(shapes._ENCODED) is None
    native.kernel.cache_clear()
