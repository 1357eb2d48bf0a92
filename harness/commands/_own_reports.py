"""A folder of somebody's work holds our own reports too; they are not what an app stored."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

from harness.devices.base import Source
from harness.errors import FormatError
from harness.model import Artifact, Unread

__all__ = ["WithoutReports"]

_RESULT = "result.json"
_MARK = b'"urn:storage-harness:result:'
_HEAD = 64


class WithoutReports:
    """A source without the folders that hold a result of ours and nothing but reports; each is named, not hidden."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name = source.name
        self.profile = source.profile

    def collect(self) -> Iterator[Artifact | Unread]:
        """Everything else that is there."""
        items = list(self._source.collect())
        reports = _report_folders(items)
        for folder in sorted(reports):
            yield Unread(path=folder, reason="reports of storage-harness", expected=True)
        yield from (item for item in items if _folder(item) not in reports)

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.__exit__(kind, error, trace)


def _folder(item: Artifact | Unread) -> str:
    return item.path.rpartition("/")[0]


def _report_folders(items: list[Artifact | Unread]) -> set[str]:
    folders = {_folder(item) for item in items if isinstance(item, Artifact) and _is_result(item)} - {""}
    if not folders:
        return folders
    from harness import registry
    from harness.reporters.base import Reporter

    names = {reporter.filename for reporter in registry.load("reporters", Reporter).values()}
    return folders - {_folder(item) for item in items if item.path.rpartition("/")[2] not in names}


def _is_result(item: Artifact) -> bool:
    if item.path.rpartition("/")[2] != _RESULT:
        return False
    try:
        return _MARK in bytes(item.content.read()[:_HEAD])
    except FormatError:
        return False
