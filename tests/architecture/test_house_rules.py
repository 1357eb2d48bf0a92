"""Rules of the house that a script can hold: sizes, docstrings, names, public surfaces, tests beside sources."""

import ast
import importlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

FILE_LINES = 330
LARGER = {"harness/model.py": "the vocabulary is one page, read first"}
FUNCTION_LINES = 48
"""Docstring included; the guide says 40 lines of code."""

BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def test_files_stay_small(project_root: Path) -> None:
    """A file that has become hard to love is reshaped now."""
    sizes = {
        str(path.relative_to(project_root)): len(path.read_text(encoding="utf-8").splitlines())
        for path in _sources(project_root)
    }
    large = {name for name, size in sizes.items() if size > FILE_LINES}

    # An exception that has become small fails here, until it is struck off.
    assert large == LARGER.keys()


def test_functions_stay_small(project_root: Path) -> None:
    """A function with "and" in its docstring is two."""
    long = [
        f"{path.relative_to(project_root)}:{node.lineno} {node.name}"
        for path in _sources(project_root)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]

    assert long == []


def test_modules_are_nouns_of_the_field(project_root: Path) -> None:
    """No drawer for everything."""
    assert [path for path in _sources(project_root) if path.stem.strip("_") in BANNED] == []


def test_modules_and_public_classes_say_what_they_are_for(project_root: Path) -> None:
    """One sentence each, at least."""
    silent = []
    for path in _sources(project_root):
        tree = _tree(path)
        if not ast.get_docstring(tree):
            silent.append(str(path.relative_to(project_root)))
        silent += [
            f"{path.relative_to(project_root)}:{node.lineno} {node.name}"
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
            and not _is_plain_enum(node)
        ]

    assert silent == []


def test_public_names_are_declared_and_there(project_root: Path) -> None:
    """`__all__` lists what is defined, sorted."""
    wrong = []
    for path in _sources(project_root):
        declared = _declared(_tree(path))
        if declared is None:
            continue
        module = importlib.import_module(_module_name(project_root, path))
        wrong += [f"{module.__name__}: {name} is not there" for name in declared if not hasattr(module, name)]
        if declared != sorted(set(declared)) and declared != sorted(set(declared), key=_as_ruff_sorts):
            wrong.append(f"{module.__name__}: not sorted")

    assert wrong == []


def test_every_source_has_its_test(project_root: Path) -> None:
    """`harness/a/b.py` has `tests/a/test_b.py` or a folder `tests/a/b`; what is held elsewhere is listed, and struck
    off when it has a test of its own."""
    untested = {
        str(path.relative_to(project_root / "harness"))
        for path in _sources(project_root)
        if not path.stem.startswith("_") and path.stem != "base" and not _has_test(project_root, path)
    }
    listed = {name for name in untested if any(fnmatchcase(name, pattern) for pattern in HELD_ELSEWHERE)}
    idle = [pattern for pattern in HELD_ELSEWHERE if not any(fnmatchcase(name, pattern) for name in untested)]

    assert untested - listed == set()
    assert idle == []


HELD_ELSEWHERE = {
    "sdks/base/*.py": "the port of the family: its contract suite, and every model",
    "devices/adb/*.py": "tests/devices/adb, against an emulated device",
    "sdks/_clevertap_ios/*.py": "tests/sdks/_clevertap_ios/test_ciphers.py",
    "devices/ios_backup.py": "the contract suite, and tests/end_to_end/test_backups.py",
    "devices/_ios_backup/opening.py": "as above",
    "devices/ssh/*.py": "tests/devices/ssh, against an emulated phone",
    "emulators/*.py": "tests/emulators, part by part and with real clients",
    "encodings/*.py": "tests/test_encodings.py",
    "formats/*/*.py": "the tests of their format, which is one plug-in",
    "scan/pieces.py": "tests/scan/test_raw.py",
    "checks/*.py": "tests/contract/test_every_check.py",
    "commands/*.py": "tests/end_to_end/test_command_line.py",
    "pytest_plugin.py": "tests/suites",
}
"""Families and entry points whose tests are one suite, by pattern."""


def _has_test(root: Path, source: Path) -> bool:
    below = source.relative_to(root / "harness")
    folder = root / "tests" / below.parent
    return (folder / f"test_{below.stem}.py").is_file() or (folder / below.stem).is_dir()


def _sources(root: Path) -> Iterator[Path]:
    yield from sorted((root / "harness").rglob("*.py"))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _module_name(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _declared(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "__all__":
            value = ast.literal_eval(getattr(node, "value", None) or "[]")
            return list(value)
    return None


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    """SCREAMING first, then Classes, then functions."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def _is_plain_enum(node: ast.ClassDef) -> bool:
    return any("Enum" in ast.unparse(base) for base in node.bases)
