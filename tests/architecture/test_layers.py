"""Imports go downward only, and siblings never import each other: the house stands because this fails."""

import ast
from collections.abc import Iterator
from pathlib import Path

LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("model", "wording"),
    ("grouping", "registry", "profiles", "persona", "redaction", "limits", "sandbox", "encodings"),
    ("devices", "formats", "detectors", "checks", "sdks", "reporters"),
    ("scan", "exposure", "comparison", "emulators", "scenarios"),
    ("masking", "unlocking"),
    ("pipeline",),
    ("simulation", "listing", "explanation"),
    ("device_simulation",),
    ("commands",),
    ("__main__", "pytest_plugin"),
)
"""Lowest first. Names on one line are siblings."""

FAMILIES = ("devices", "formats", "detectors", "checks", "sdks", "reporters")
"""Families share nothing but the vocabulary; within one, plug-ins share their `base` and `_private` modules."""

RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def test_every_module_has_a_layer(project_root: Path) -> None:
    """A module that nobody placed would be checked by nobody."""
    placed = {module.split(".")[0] for module in _modules(project_root) if module}

    assert placed == RANK.keys()


def test_imports_go_downward(project_root: Path) -> None:
    """Lazy imports inside functions count too."""
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in _imports(project_root)
        if RANK[imported.split(".")[0]] > RANK[importer.split(".")[0]]
    ]

    assert wrong == []


def test_siblings_do_not_import_each_other(project_root: Path) -> None:
    """What two siblings share moves below them."""
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in _imports(project_root)
        if importer.split(".")[0] != imported.split(".")[0]
        and RANK[importer.split(".")[0]] == RANK[imported.split(".")[0]]
        and RANK[importer.split(".")[0]] >= RANK["devices"]
    ]

    assert wrong == []


def test_plug_ins_do_not_import_each_other(project_root: Path) -> None:
    """Each is one file or package, beside its base and what it shares privately."""
    wrong = []
    for importer, imported in _imports(project_root):
        one, other = importer.split("."), imported.split(".")
        apart = one[0] == other[0] and one[0] in FAMILIES and len(one) > 1 and len(other) > 1 and one[1] != other[1]
        if apart and other[1] != "base" and not other[1].startswith("_"):
            wrong.append(f"{importer} imports {imported}")

    assert wrong == []


def test_only_commands_print_or_exit(project_root: Path) -> None:
    """Everything else returns values. A forked child of an emulated device ends by `os._exit`, which unwinds nothing
    of the harness that it was forked from."""
    wrong = []
    for module, tree in _trees(project_root):
        if module.split(".")[0] in {"commands", "__main__"}:
            continue
        banned = {"print", "sys.exit", "exit"} | (set() if module.startswith("emulators.") else {"os._exit"})
        wrong += [
            f"{module}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in banned
        ]

    assert wrong == []


def _modules(root: Path) -> dict[str, Path]:
    package = root / "harness"
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path
    return found


def _trees(root: Path) -> Iterator[tuple[str, ast.Module]]:
    for module, path in _modules(root).items():
        if module:
            yield module, ast.parse(path.read_text(encoding="utf-8"))


def _imports(root: Path) -> Iterator[tuple[str, str]]:
    """(importer, imported) below `harness.`, by module."""
    modules = _modules(root)
    for module, tree in _trees(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}: relative imports hide who imports whom"
                base = node.module or ""
                names = [f"{base}.{alias.name}" for alias in node.names]
            else:
                continue
            for name in names:
                target = _module_of(name, modules)
                if target:
                    yield module, target


def _module_of(name: str, modules: dict[str, Path]) -> str:
    if not name.startswith("harness."):
        return ""
    parts = name.split(".")[1:]
    while parts:
        if ".".join(parts) in modules:
            return ".".join(parts)
        parts.pop()
    return ""
