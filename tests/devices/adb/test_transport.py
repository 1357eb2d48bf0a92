"""Several commands in one shell, told apart again."""

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.devices.adb.transport import OneShell, Result

_TEXT = st.text(alphabet="abc <>\n\r", max_size=40)


@settings(max_examples=30, deadline=None)
@given(st.lists(_TEXT, min_size=1, max_size=5))
def test_each_command_gets_what_it_said(texts: list[str]) -> None:
    """Whatever the outputs begin and end with; asked of a real shell."""
    shell = OneShell([f"printf %b '{text.encode().hex(' ').replace(' ', '').upper()}'" for text in texts])
    said = subprocess.run(["sh", "-c", shell.script], capture_output=True, check=True).stdout

    outputs = shell.outputs(Result(said, b"", 0))

    assert [bytes.fromhex(each.output.decode()).decode() for each in outputs] == texts


def test_ends_of_lines_of_a_terminal_are_taken() -> None:
    """Android before 7."""
    shell = OneShell(["getprop", "id"])
    mark = shell.script.split("'")[1]

    outputs = shell.outputs(Result(f"[a]: [1]\r\n\r\n{mark}\r\nuid=0\r\n".encode(), b"", 0))

    assert [each.text for each in outputs] == ["[a]: [1]", "uid=0"]


def test_a_shell_that_ended_early_has_said_nothing_more() -> None:
    """Not a crash."""
    outputs = OneShell(["a", "b", "c"]).outputs(Result(b"x", b"", 1))

    assert [each.output for each in outputs] == [b"x", b"", b""]
