"""Builds the shape kernel in C where there is a compiler; without one the package works all the same, only slower."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SOURCE = "harness/scan/kernel.c"
_LIBRARY = "harness/scan/_kernel.so"


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles one file; a wheel that has it is for one kind of machine."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Leave the library beside its source, whole or not at all."""
        if self.target_name != "wheel" or sys.platform == "win32":
            return
        library = Path(self.root) / _LIBRARY
        if not self._compile(library):
            library.unlink(missing_ok=True)
            return
        if version != "editable":
            build_data["pure_python"] = False
            build_data["tag"] = "py3-none-" + re.sub(r"[^A-Za-z0-9]", "_", sysconfig.get_platform())
        build_data["artifacts"].append(_LIBRARY)

    def _compile(self, library: Path) -> bool:
        compiler = os.environ.get("CC") or next((each for each in ("cc", "gcc", "clang") if shutil.which(each)), "")
        if not compiler:
            self.app.display_warning("no C compiler: the shape kernel is left to NumPy")
            return False
        with tempfile.TemporaryDirectory(dir=library.parent) as folder:
            built = Path(folder) / "kernel.so"
            source = Path(self.root) / _SOURCE
            digest = hashlib.sha256(source.read_bytes()).hexdigest()  # the loader takes no other source's library
            flags = ("-O3", "-shared", "-fPIC", f'-DKERNEL_SOURCE="{digest}"')
            words = (*compiler.split(), *flags, str(source), "-o", str(built))
            done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - the user's own compiler
            if done.returncode or not built.is_file():
                self.app.display_warning("the C compiler failed: the shape kernel is left to NumPy")
                return False
            built.replace(library)
        return True
