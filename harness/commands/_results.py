"""Reading a `result.json` again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import SourceError

if TYPE_CHECKING:
    from harness.model import Report

__all__ = ["read_result"]


def read_result(path: Path) -> Report:
    """The report that a result file was written from.

    Raises:
        SourceError: there is no such file, or it is no result of ours.
    """
    from harness.reporters.json import load_result

    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is no result.json") from error
    return load_result(text)
