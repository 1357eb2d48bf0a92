"""What all tests share: where the corpora are, and a key of their own."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def own_corpus() -> Path:
    """The corpus that travels with the project."""
    return ROOT / "tests" / "corpus"


@pytest.fixture(scope="session")
def shared_corpus() -> Path | None:
    """The large corpora beside the checkout, where they are; a user's clone has none."""
    folder = ROOT.parent / "shared" / "corpus"
    return folder if folder.is_dir() else None
