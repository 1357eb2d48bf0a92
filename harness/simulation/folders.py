"""A simulated device's storage as plain folders: what one would have pulled off it."""

from pathlib import Path

from harness.errors import UsageError
from harness.sandbox import Sandbox

__all__ = ["write_into"]


def write_into(sandbox: Sandbox, folder: Path) -> int:
    """Write the main containers of a device's apps as plain folders, with file modes; how many files there were.

    One app's container becomes the folder itself, those of more become folders in it.

    Raises:
        UsageError: the folder is a file, is not empty, or cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is there already and not empty", hint="Name a new or an empty folder.")
        written = 0
        for app in sandbox.apps:
            root = sandbox.container(app.package)
            into = folder if len(sandbox.apps) == 1 else folder / app.package
            into.mkdir(parents=True, exist_ok=True)
            for entry in sandbox.walk(root):
                target = into / entry.path[len(root) :].lstrip("/")
                if entry.folder:
                    target.mkdir(exist_ok=True)
                    continue
                target.write_bytes(entry.data)
                target.chmod(entry.mode & 0o777)
                written += 1
    except OSError as error:
        raise UsageError(f"cannot write into {folder}: {error.strerror}") from error
    return written
