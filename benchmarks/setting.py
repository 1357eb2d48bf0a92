"""What all benchmarks of one run share: the corpora, and how often each command runs."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Setting", "Storage"]


@dataclass(frozen=True, slots=True)
class Storage:
    """One built corpus."""

    folder: Path

    @property
    def data(self) -> Path:
        """What is scanned."""
        return self.folder / "data"

    @property
    def persona(self) -> Path:
        """The seeded person."""
        return self.folder / "persona.toml"

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(path.stat().st_size for path in self.data.rglob("*") if path.is_file())


@dataclass(frozen=True, slots=True)
class Setting:
    """How this run measures."""

    work: Path
    mb: int = 50
    runs: int = 5
    seed: int = 1

    def storage(self, mb: int | None = None) -> Storage:
        """The corpus of that size; built where it is not there yet, by a process of its own."""
        size = mb or self.mb
        folder = self.work / f"storage-{size}-{self.seed}"
        if not (folder / "persona.toml").is_file():  # written last
            words = ["-m", "benchmarks.corpus", str(folder), "--mb", str(size), "--seed", str(self.seed)]
            subprocess.run(
                [sys.executable, *words], check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).parent.parent
            )
        return Storage(folder)
