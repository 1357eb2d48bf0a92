"""Variables and variants: from the first answer of the server on, sealed at level 2."""

from harness.sdks.base import EventPushed, Installed, LevelChanged, WentOffline
from tests.sdks.clevertap.conftest import Phone


def test_they_come_with_the_first_answer() -> None:
    """Variables since 5.0.0, variants since 7.7.1; offline there is none."""
    for version, names in (
        ("4.7.5", set()),
        ("5.0.0", {"variablesKey"}),
        ("7.7.1", {"variablesKey", "variantsForAbKey"}),
    ):
        phone = Phone(version=version).do(Installed)
        assert not phone.preferences().keys() & {"variablesKey", "variantsForAbKey"}
        found = phone.do(EventPushed, label="A").preferences()
        assert found.keys() & {"variablesKey", "variantsForAbKey"} == names
    assert "variablesKey" not in Phone().do(WentOffline).do(Installed).do(EventPushed, label="A").preferences()


def test_level_2_seals_both_and_a_migration_one() -> None:
    """Variants are not migrated."""
    phone = Phone("encrypted").do(Installed).do(EventPushed, label="A")
    assert phone.preferences()["variablesKey"].startswith("<ct<")
    assert phone.opened(phone.preferences()["variantsForAbKey"]) == "[]"

    phone.do(LevelChanged, level=1)
    assert phone.preferences()["variablesKey"] == "{}"
    assert phone.preferences()["variantsForAbKey"].startswith("<ct<")
