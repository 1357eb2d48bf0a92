"""Backups on the command line: found out by looking, opened with a password from a file, told in one line if not."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.commands._passwords import from_file
from harness.devices._ios_backup.writing import Locked, Stored, written
from harness.errors import UsageError

Run = Callable[..., "subprocess.CompletedProcess[str]"]
FILES = (Stored("AppDomain-com.example.shop", "Documents/user.json", b'{"email": "jane.roe@example.org"}'),)


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """An encrypted backup, and `right` and `wrong` beside it with passwords."""
    written(tmp_path / "backup", FILES, Locked("open sesame"))
    (tmp_path / "right").write_text("open sesame\n", encoding="utf-8")
    (tmp_path / "wrong").write_text("sesame", encoding="utf-8")
    return tmp_path / "backup"


def one_line_and_a_hint(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 3, done.stderr
    first, second = done.stderr.splitlines()
    assert first.startswith("storage-harness: ")
    assert second.startswith("  hint: ")
    return first


@pytest.mark.parametrize("command", ["values", "acquire", "diff"])
def test_every_command_that_takes_a_source_opens_it(run: Run, sealed: Path, command: str) -> None:
    """With the same option."""
    more = {"acquire": ("--out", "snap"), "diff": (sealed,)}.get(command, ())

    done = run(command, sealed, *more, "--backup-password-file", "right")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_a_wrong_password_and_none_are_one_line_each(run: Run, sealed: Path) -> None:
    """Nobody is asked where there is no terminal."""
    assert "not the password" in one_line_and_a_hint(run("scan", sealed, "--backup-password-file", "wrong"))
    assert "encrypted" in one_line_and_a_hint(run("scan", sealed))
    assert "no-such-file" in one_line_and_a_hint(run("scan", sealed, "--backup-password-file", "no-such-file"))


def test_the_report_says_who_reads_it(run: Run, sealed: Path) -> None:
    """Whoever has the backup; the password is nowhere."""
    done = run("scan", sealed, "--json", "--backup-password-file", "right")

    result = json.loads(done.stdout)
    assert result["exposure"]["EMAIL"]["backup"]["cell"] == "exposed"
    assert "sesame" not in done.stdout + done.stderr


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines\n", b"\xff\xfe", b"x" * 5000])
def test_a_password_file_that_holds_no_password_is_told(tmp_path: Path, content: bytes) -> None:
    """Before anything is opened, and without what is in it."""
    (tmp_path / "odd").write_bytes(content)

    with pytest.raises(UsageError, match="odd") as error:
        from_file(tmp_path / "odd")
    assert error.value.hint
    assert "two" not in str(error.value)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_line_end_is_no_part_of_the_password(tmp_path: Path, end: str) -> None:
    """A blank is."""
    (tmp_path / "file").write_bytes(f" pässword {end}".encode())

    assert from_file(tmp_path / "file")("backup") == " pässword "


def test_a_person_at_a_terminal_is_asked_once(sealed: Path) -> None:
    """Also by a command that opens the source four times; what they type is not shown."""
    parent, child = pty.openpty()
    words = [sys.executable, "-m", "harness", "diff", str(sealed), str(sealed)]
    with subprocess.Popen(
        words, stdin=child, stdout=child, stderr=child, start_new_session=True, env=_home(sealed)
    ) as asked:
        os.close(child)
        shown = _until(parent, b": ")
        os.write(parent, b"open sesame\n")
        shown += _until(parent, None)
        os.close(parent)

    assert asked.returncode == 0, shown
    assert shown.count(b"Password of ") == 1
    assert b"sesame" not in shown
    assert b"No difference" in shown


def _home(sealed: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(sealed.parent), "XDG_CONFIG_HOME": "", "NO_COLOR": "1", "TERM": "dumb"}


def _until(terminal: int, mark: bytes | None) -> bytes:
    """What is shown up to a mark, or up to the end."""
    shown = b""
    while mark is None or mark not in shown:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # nobody is at the other end any more
            break
        if not more:
            break
        shown += more
    return shown


def test_a_backup_without_its_manifest_is_no_folder_of_files(run: Run, sealed: Path) -> None:
    """Nothing would be found in it, and that is no pass."""
    (sealed / "Manifest.db").unlink()

    assert "Manifest.db" in one_line_and_a_hint(run("scan", sealed, "--backup-password-file", "right"))
