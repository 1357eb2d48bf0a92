"""Where the password of an encrypted backup comes from; never the command line, which other users can read."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

__all__ = ["from_file", "from_terminal"]

_LONGEST = 4096


def from_file(file: Path) -> Callable[[str], str]:
    """The password in a file, the same for every source; a line end behind it is none of it.

    Raises:
        UsageError: there is no such file, or no password in it.
    """
    from harness.errors import UsageError
    from harness.wording import visible

    shown = visible(str(file))
    try:
        with file.open("rb") as handle:
            text = handle.read(_LONGEST + 1).decode("utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot read the password file {shown}: {error.strerror}", hint="name the file that the password is in"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the password file {shown} is no text in UTF-8", hint="save it as UTF-8") from error
    password = text.removesuffix("\n").removesuffix("\r")
    if not password or "\n" in password or len(text) > _LONGEST:
        raise UsageError(f"the password file {shown} is not one line", hint="write the password alone into it")
    return lambda _source: password


def from_terminal(source: str) -> str | None:
    """What somebody types; nothing where there is nobody."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    return str(click.prompt(f"Password of {source}", hide_input=True, err=True))
