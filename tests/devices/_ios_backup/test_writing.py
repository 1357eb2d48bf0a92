"""Backups that were written, by us and by others, are read back; broken ones are told in a line."""

import hashlib
import json
import plistlib
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.devices._ios_backup.mbdb import MAGIC
from harness.devices._ios_backup.writing import Locked, Stored, written
from harness.devices.base import Options, Passwords
from harness.devices.folder import Folder
from harness.devices.ios_backup import IosBackup
from harness.errors import SourceError
from harness.limits import Limits
from harness.model import Access, Artifact, Bytes, Unread
from harness.profiles import load_profile

APP = "com.example.shop"
DOMAIN = f"AppDomain-{APP}"
FILES = (
    Stored(DOMAIN, "Library/Preferences/p.plist", plistlib.dumps({"email": "jane@example.org"})),
    Stored(DOMAIN, "Documents/large.bin", b"0123456789abcdef" * (3 << 16), protection=1),
    Stored(DOMAIN, "Documents/empty", b""),
    Stored(f"AppDomainGroup-group.{APP}", "shared.txt", b"group", protection=4),
    Stored(f"AppDomainPlugin-{APP}.widget", "w.txt", b"widget"),
    Stored("AppDomain-com.example.other", "o.txt", b"other"),
    Stored("KeychainDomain", "keychain-backup.plist", b"<plist/>", mode=0o600),
)


def collected(folder: Path, password: str | None = None, **options: Any) -> list[Artifact | Unread]:
    given_options = Options(passwords=Passwords(lambda _source: password), **options)
    with IosBackup().open(str(folder), given_options) as source:
        return [
            item
            if isinstance(item, Unread)
            else Artifact(facts=item.facts, content=Bytes(bytes(item.content.read())))
            for item in source.collect()
        ]


def contents(items: list[Artifact | Unread]) -> dict[tuple[str, str], bytes]:
    return {
        (item.facts.container, item.path): bytes(item.content.read())
        for item in items
        if isinstance(item, Artifact) and item.facts.container
    }


def placed(files: tuple[Stored, ...]) -> dict[tuple[str, str], bytes]:
    return {(file.domain.split("-", 1)[-1], file.path): file.data for file in files}


def told(items: list[Artifact | Unread]) -> list[tuple[str, str]]:
    return [(item.path, item.reason) for item in items if isinstance(item, Unread) and not item.expected]


@pytest.fixture(params=[None, "a pässword 🔑"], ids=["plain", "encrypted"])
def backup(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str | None]:
    folder, password = tmp_path / "backup", request.param
    written(folder, FILES, Locked(password) if password else None)
    return folder, password


def test_what_was_stored_is_read(backup: tuple[Path, str | None]) -> None:
    """Every file in its container, plain and encrypted; nothing that no app stored but what the backup says."""
    items = collected(*backup)

    assert contents(items) == placed(FILES)
    assert told(items) == []
    beside = {item.path for item in items if isinstance(item, Artifact) and not item.facts.container}
    assert beside == {"Info.plist", "Manifest.plist", "Status.plist"}


def test_whoever_has_the_backup_reads_it(backup: tuple[Path, str | None]) -> None:
    """Even where devices of that kind are said to make none."""
    for options in ({}, {"profile": load_profile("ios-17-stock")}):
        for item in collected(*backup, **options):
            assert isinstance(item, Artifact)
            assert item.facts.in_backup
            assert Access.BACKUP in item.facts.readable_by
            assert Access.OTHER_APP in item.facts.denied_to


def test_one_app_has_its_extensions_and_groups(backup: tuple[Path, str | None]) -> None:
    """And nothing of others; one that is not there is told with those that are."""
    items = collected(*backup, app=APP)

    assert {item.facts.container for item in items if isinstance(item, Artifact)} == {
        APP, f"group.{APP}", f"{APP}.widget",
    }  # fmt: skip
    with pytest.raises(SourceError) as none:
        collected(*backup, app="org.example.none")
    assert APP in none.value.hint


def test_it_is_known_by_what_is_in_it(backup: tuple[Path, str | None], tmp_path: Path) -> None:
    """Rather than taken for any folder; an app's bundle or documents are no backup."""
    assert IosBackup().claims(str(backup[0])) > Folder().claims(str(backup[0]))
    (tmp_path / "bundle" / "aa").mkdir(parents=True)
    (tmp_path / "bundle" / "Info.plist").write_bytes(b"")
    assert IosBackup().claims(str(tmp_path / "bundle")) == 0
    assert IosBackup().claims(str(tmp_path)) == 0


def test_a_wrong_password_is_one_line(tmp_path: Path) -> None:
    """So is none."""
    written(tmp_path / "backup", FILES, Locked("right"))

    with pytest.raises(SourceError, match="not the password"):
        collected(tmp_path / "backup", "wrong")
    with pytest.raises(SourceError, match="encrypted"):
        collected(tmp_path / "backup")


def test_a_backup_without_its_manifest_is_one_line(backup: tuple[Path, str | None]) -> None:
    """It is still known as a backup, and not scanned as a folder of noise."""
    folder, password = backup
    (folder / "Manifest.db").unlink()

    assert IosBackup().claims(str(folder)) > Folder().claims(str(folder))
    with pytest.raises(SourceError, match=r"no Manifest\.db") as error:
        collected(folder, password)
    assert error.value.hint


def test_an_encrypted_backup_without_its_keys_is_one_line(tmp_path: Path) -> None:
    """Of a plain one they are not missed."""
    written(tmp_path / "sealed", FILES, Locked("right"))
    written(tmp_path / "plain", FILES)
    (tmp_path / "sealed" / "Manifest.plist").unlink()
    (tmp_path / "plain" / "Manifest.plist").unlink()

    with pytest.raises(SourceError, match=r"Manifest\.plist"):
        collected(tmp_path / "sealed", "right")
    assert contents(collected(tmp_path / "plain")) == placed(FILES)


@pytest.mark.parametrize("end", [0, 10, 100, 4096, -17, -5000])
def test_a_manifest_that_is_cut_off_is_told(backup: tuple[Path, str | None], end: int) -> None:
    """As an error, or as something unread; what nobody lists any more is handed out as it lies there."""
    folder, password = backup
    manifest = folder / "Manifest.db"
    manifest.write_bytes(manifest.read_bytes()[:end])

    try:
        items = collected(folder, password)
    except SourceError as error:
        said = [str(error)]
    else:
        said = [path for path, _ in told(items)]
    assert [each for each in said if "Manifest.db" in each]


def test_a_backup_that_was_not_finished_is_told(backup: tuple[Path, str | None]) -> None:
    """What is there is read all the same."""
    folder, password = backup
    (folder / "Status.plist").write_bytes(plistlib.dumps({"SnapshotState": "uploading"}))

    items = collected(folder, password)

    assert [path for path, _ in told(items)] == ["Status.plist"]
    assert contents(items) == placed(FILES)


def test_files_that_are_missing_or_cut_off_are_told(backup: tuple[Path, str | None]) -> None:
    """Each by its own path, with what is left of it."""
    folder, password = backup
    names = [hashlib.sha1(f"{file.domain}-{file.path}".encode()).hexdigest() for file in FILES[:2]]
    (folder / names[0][:2] / names[0]).unlink()
    large = folder / names[1][:2] / names[1]
    large.write_bytes(large.read_bytes()[:1_000_001])

    items = collected(folder, password)

    assert {path for path, _ in told(items)} == {FILES[0].path, FILES[1].path}
    left = contents(items)[APP, FILES[1].path]
    assert FILES[1].data.startswith(left)
    assert len(left) in {1_000_000, 1_000_001}


def test_more_files_than_allowed_are_told(backup: tuple[Path, str | None]) -> None:
    """The caps are those of every source."""
    folder, password = backup

    try:
        items = collected(folder, password, limits=Limits(entries=8))
    except SourceError:
        return
    assert told(items)


def test_a_link_in_the_folder_is_not_followed(backup: tuple[Path, str | None], tmp_path: Path) -> None:
    """Neither as a file nor as a folder of files."""
    folder, password = backup
    outside = tmp_path / "outside"
    outside.mkdir()
    name = hashlib.sha1(f"{FILES[0].domain}-{FILES[0].path}".encode()).hexdigest()
    (folder / name[:2] / name).rename(outside / name)
    (folder / name[:2] / name).symlink_to(outside / name)
    (folder / "elsewhere").symlink_to(outside)

    items = collected(folder, password)

    assert FILES[0].data not in contents(items).values()
    assert [item for item in items if isinstance(item, Unread)]


def test_an_old_backup_is_read(tmp_path: Path) -> None:
    """Of iOS 9 and before: another manifest, and no folders."""

    def text(value: bytes) -> bytes:
        return struct.pack(">H", len(value)) + value

    (tmp_path / "old").mkdir()
    name = hashlib.sha1(f"{DOMAIN}-Documents/a.txt".encode()).hexdigest()
    (tmp_path / "old" / name).write_bytes(b"old")
    head = text(DOMAIN.encode()) + text(b"Documents/a.txt") + b"\xff\xff" * 3
    record = head + struct.pack(">HQIIIIIQBB", 0o100644, 1, 501, 501, 0, 0, 0, 3, 3, 0)
    (tmp_path / "old" / "Manifest.mbdb").write_bytes(MAGIC + record)
    (tmp_path / "old" / "Info.plist").write_bytes(plistlib.dumps({}))

    assert IosBackup().claims(str(tmp_path / "old")) > 0.5
    assert contents(collected(tmp_path / "old")) == {(APP, "Documents/a.txt"): b"old"}


names = st.text(
    st.characters(codec="utf-8", exclude_characters="\0/\\", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=9
)


@settings(max_examples=15)
@given(st.dictionaries(names.filter(lambda name: name not in {".", ".."} and name[1:2] != ":"),
                       st.binary(max_size=60), max_size=4), st.none() | st.text(min_size=1, max_size=9))  # fmt: skip
def test_any_files_and_any_password(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], password: str | None
) -> None:
    """Come back as they were."""
    stored = tuple(Stored(DOMAIN, f"Documents/{name}", data) for name, data in files.items())
    folder = tmp_path_factory.mktemp("backups") / "backup"
    written(folder, stored, Locked(password, (2, 2)) if password else None)

    found = contents(collected(folder, password))

    assert sorted(found.values()) == sorted(files.values())


def test_backups_of_others_are_read(shared_corpus: Path | None, tmp_path: Path) -> None:
    """File by file as an independent reader decrypted them; our own where the corpora are not there."""
    if shared_corpus is None:
        written(tmp_path / "backup", FILES)
        assert contents(collected(tmp_path / "backup")) == placed(FILES)
        return
    truths = sorted((shared_corpus / "ios-backup" / "truth").glob("*.json"))
    for path in truths:
        truth = json.loads(path.read_text(encoding="utf-8"))
        items = collected(shared_corpus / "ios-backup" / truth["id"], truth["passphrase"])
        digests = {place: hashlib.sha256(data).hexdigest() for place, data in contents(items).items()}
        wanted = {(f["domain"].split("-", 1)[-1], f["path"]): f["sha256_plain"] for f in truth["files"]}
        assert digests == wanted
        assert told(items) == []
    skeleton = collected(shared_corpus / "ios-backup" / "mvt")
    assert ("HomeDomain", "Library/SMS/sms.db") in contents(skeleton)
    assert len(truths) == 2
