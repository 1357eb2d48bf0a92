"""The manifest of an APK, which anybody may have made."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.framework import apk
from harness.emulators.android.ports import Package
from harness.errors import FormatError

STEPS = st.text("abcXYZ019_", min_size=1, max_size=12).map(lambda step: "a" + step)
NAMES = st.lists(STEPS, min_size=2, max_size=5).map(".".join)
PACKAGES = st.builds(
    Package,
    name=NAMES,
    uid=st.just(0),
    debuggable=st.booleans(),
    allow_backup=st.booleans(),
    version_code=st.integers(1, 2**31 - 1),
    target_sdk=st.integers(1, 36),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("apk") / "base.apk"


@given(package=PACKAGES)
def test_what_is_written_is_read(path: Path, package: Package) -> None:
    """Name, version, target and flags come back."""
    path.write_bytes(apk.build(package))

    assert apk.read(path) == package


def _packed(manifest: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("AndroidManifest.xml", manifest)
    return packed.getvalue()


def _manifest() -> bytes:
    with zipfile.ZipFile(io.BytesIO(apk.build(Package(name="com.example.shop", uid=0)))) as archive:
        return archive.read("AndroidManifest.xml")


@given(data=st.data())
def test_damage_is_a_format_error(path: Path, data: st.DataObject) -> None:
    """Whatever byte is changed, and wherever it is cut off: a package or a FormatError, nothing else."""
    manifest = bytearray(_manifest())
    for _ in range(data.draw(st.integers(1, 8))):
        manifest[data.draw(st.integers(0, len(manifest) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(_packed(bytes(manifest[: data.draw(st.integers(0, len(manifest)))])))
    try:
        found = apk.read(path)
    except FormatError:
        return

    assert apk.is_package_name(found.name)


@pytest.mark.parametrize("data", [b"", b"PK", b"\0" * 100, _packed(b""), _packed(b"<manifest package='a.b'/>")])
def test_what_is_no_apk(path: Path, data: bytes) -> None:
    """Plain text is none either: an APK has its XML in binary."""
    path.write_bytes(data)

    with pytest.raises(FormatError):
        apk.read(path)


@pytest.mark.parametrize("name", ["", "single", "a..b", ".a.b", "a.b.", "a.1b", "a/b.c", "../a.b", "a.b\n", "é.b"])
def test_what_is_no_package_name(name: str) -> None:
    """None of these becomes a path."""
    assert not apk.is_package_name(name)
