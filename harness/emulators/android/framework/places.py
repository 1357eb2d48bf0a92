"""Where things are on an Android device, as the framework reads and writes them."""

from dataclasses import dataclass
from pathlib import Path

from harness.emulators.android.ports import Package

__all__ = ["FOLDER_OF", "Places"]

FOLDER_OF = {"f": "files", "db": "databases", "sp": "shared_prefs", "c": "cache"}
"""What a backup calls the folders of an app that have names of their own; `r` is the rest."""


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of one device, under `/` or, in a test, under a folder."""

    root: Path = Path("/")

    def at(self, path: str) -> Path:
        """A path of the device as this process reaches it."""
        return self.root / path.lstrip("/")

    def named_data(self, package: Package) -> str:
        """An app's private folder as Android names it."""
        return f"/data/user/{package.uid // 100_000}/{package.name}"

    def data(self, package: Package) -> Path:
        """An app's private folder. The first user's is reached without the link that has its number."""
        user = package.uid // 100_000
        return self.at(f"/data/user/{user}/{package.name}" if user else f"/data/data/{package.name}")

    def protected(self, package: Package) -> Path:
        """An app's folder that is readable from boot on."""
        return self.at(f"/data/user_de/{package.uid // 100_000}/{package.name}")

    def shared(self, package: Package) -> Path:
        """An app's folder in shared storage."""
        return self.at(f"/storage/emulated/{package.uid // 100_000}/Android/data/{package.name}")

    def code(self, name: str) -> Path:
        """The folder of an installed APK."""
        return self.at(f"/data/app/{name}")

    def run_as(self, package: Package) -> Path:
        """The set-user-id program that becomes a debuggable app."""
        return self.at(f"/system/run-as.d/{package.owner}")

    @property
    def properties(self) -> Path:
        """What `getprop` reads."""
        return self.at("/dev/__properties__/all")

    @property
    def plain_setpriv(self) -> Path:
        """Of which the programs for `run-as` are copies."""
        return self.at("/system/bin/setpriv")
