"""What all tests share: where the corpora are, and how properties are tried."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: how long one example takes says more of what else the machine does. In CI always the same examples, so
# that a red build is about the change that it names; elsewhere new ones, so that somebody finds what they miss.
settings.register_profile("steady", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("steady")

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
