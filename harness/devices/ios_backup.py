"""A backup of an iPhone or iPad, as iTunes, the Finder and `idevicebackup2` make it: plain, or encrypted."""

import re
from collections.abc import Sequence
from pathlib import Path

from harness.devices._ios_backup.opening import DATABASES, TOLD, open_backup
from harness.devices._ios_backup.writing import Stored, written
from harness.devices.base import Connector, Options, Source, Staged

__all__ = ["IosBackup"]

_BELOW = re.compile(r"[0-9a-f]{2}")
_DOMAIN = "AppDomain-com.example.shop"


class IosBackup(Connector):
    """The files of apps and of the system in a backup."""

    title = "iTunes/Finder backup"
    grammar = "BACKUP-FOLDER"

    def claims(self, source: str) -> float:
        try:
            names = {entry.name for entry in Path(source).iterdir()} if source else set()
        except (OSError, ValueError):
            return 0.0
        told, databases = len(names & TOLD), len(names & {*DATABASES})
        stored = any(_BELOW.fullmatch(name) for name in names)
        # One of these may be missing; a folder of an app can have an `Info.plist`, but no two of them.
        return 0.9 if told + databases + stored >= 2 and (databases or told >= 2 or names & {"Status.plist"}) else 0.0

    def open(self, source: str, options: Options) -> Source:
        return open_backup(source, options)

    def stage(self, folder: Path, files: Sequence[Staged]) -> str:
        target = folder / "backup"
        written(target, [Stored(_DOMAIN, file.path, file.data, mode=file.mode) for file in files])
        return str(target)
