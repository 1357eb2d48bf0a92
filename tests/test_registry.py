"""Finding plug-ins, and naming the culprit among them."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

import harness.checks
from harness import registry
from harness.checks.base import Check
from harness.detectors.base import Detector
from harness.errors import PluginError
from harness.formats.base import Format


class Animal(ABC):
    """A family that exists for these tests only."""

    name: str = ""
    sound: ClassVar[str]
    required: ClassVar[tuple[str, ...]] = ("sound",)

    @abstractmethod
    def speak(self) -> str:
        """What it says."""


HEAD = f"from {__name__} import Animal\n"
GOOD = """
class Cat(Animal):
    sound = "meow"
    def speak(self):
        return self.sound
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages; what was imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def install(site: Path, plugins: dict[str, str], entries: dict[str, str] | None = None, name: str = "zoo") -> None:
    """A distribution that brings plug-ins to a family called `checks`, which is empty but for them."""
    package = site / f"{name}_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for module, source in plugins.items():
        (package / f"{module}.py").write_text(source)
    metadata = site / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = entries or {module: f"{package.name}.{module}" for module in plugins}
    listed = "\n".join(f"{key} = {value}" for key, value in lines.items())
    (metadata / "entry_points.txt").write_text(f"[storage_harness.checks]\n{listed}\n")


@pytest.fixture
def empty_family(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The family's own folder holds nothing, so that only installed plug-ins count."""
    monkeypatch.setattr(harness.checks, "__path__", [str(tmp_path_factory.mktemp("empty"))])


@pytest.mark.parametrize(("family", "base"), [("checks", Check), ("detectors", Detector), ("formats", Format)])
def test_a_plugin_is_called_after_its_file(family: str, base: type[Check | Detector | Format]) -> None:
    """The file is the registration; what both calls give is the same, and sorted."""
    loaded = registry.load(family, base)

    assert list(loaded) == registry.names(family) == sorted(loaded)
    assert all(plugin.name == name for name, plugin in loaded.items())


def test_names_are_listed_without_importing(site: Path) -> None:
    """`--help` must not pay for every plug-in, nor fail for a broken one."""
    install(site, {"broken": "raise RuntimeError('imported')"})

    assert "broken" in registry.names("checks")
    assert "zoo_package.broken" not in sys.modules


@pytest.mark.usefixtures("empty_family")
def test_a_package_of_others_adds_a_plugin(site: Path) -> None:
    """An entry point is all it takes."""
    install(site, {"cat": HEAD + GOOD})

    loaded = registry.load("checks", Animal)

    assert list(loaded) == ["cat"]
    assert (loaded["cat"].name, loaded["cat"].speak()) == ("cat", "meow")


@pytest.mark.usefixtures("empty_family")
@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = 1", "must define one Animal, not 0"),
        (HEAD + GOOD + GOOD.replace("Cat", "Dog"), "must define one Animal, not 2"),
        (HEAD + GOOD.replace('sound = "meow"', "pass"), "Cat lacks `sound`"),
        (HEAD + GOOD.replace('"meow"', '""'), "Cat lacks `sound`"),
        (HEAD + GOOD.replace("def speak", "def whisper"), "Cat does not define speak"),
        ("import a_module_that_nobody_has", "cannot be imported"),
        ("def broken(:", "cannot be imported"),
        ("1 / 0", "cannot be imported"),
        (HEAD + GOOD + "    def __init__(self, name):\n        pass\n", "cannot be made"),
    ],
    ids=["none", "two", "lacking", "empty", "abstract", "import", "syntax", "raises", "constructor"],
)
def test_a_broken_plugin_stops_the_run_and_is_named(site: Path, source: str, fault: str) -> None:
    """For a gate, an answer without one of its plug-ins is no answer."""
    install(site, {"culprit": source})

    with pytest.raises(PluginError, match=fault) as caught:
        registry.load("checks", Animal)
    assert "culprit" in str(caught.value)


@pytest.mark.usefixtures("empty_family")
def test_a_class_that_is_imported_or_private_is_no_plugin(site: Path) -> None:
    """A module may build on another's class, and keep a base of its own."""
    install(
        site,
        {
            "cat": HEAD + GOOD,
            "lion": HEAD
            + "from zoo_package.cat import Cat\nclass _Big(Cat):\n    pass\nclass Lion(_Big):\n    pass\n",
        },
    )

    assert sorted(type(each).__name__ for each in registry.load("checks", Animal).values()) == ["Cat", "Lion"]


def test_a_name_that_is_taken_is_refused(site: Path) -> None:
    """A package must not replace a check by one of the same name."""
    taken = registry.names("checks")[0]
    install(site, {"cat": HEAD + GOOD}, {taken: "zoo_package.cat"})

    with pytest.raises(PluginError, match=f"two plug-ins are called checks/{taken}"):
        registry.names("checks")


def test_two_packages_cannot_share_a_name(site: Path) -> None:
    """Which of them would count must not depend on the order of installation."""
    install(site, {"cat": HEAD + GOOD})
    install(site, {"cat": HEAD + GOOD}, name="farm")

    with pytest.raises(PluginError, match="two plug-ins are called checks/cat"):
        registry.names("checks")
