"""The committed sample is what the code makes; `make sample` rebuilds it."""

import runpy
from pathlib import Path


def test_the_sample_is_up_to_date(project_root: Path, tmp_path: Path) -> None:
    """Same input, same bytes, on every machine."""
    runpy.run_path(str(project_root / "reports" / "build_sample.py"))["build"](tmp_path)
    sample = project_root / "reports" / "sample"
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert made == {name: (sample / name).read_bytes() for name in made}
