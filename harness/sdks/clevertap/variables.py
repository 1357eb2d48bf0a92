"""Variables and A/B variants that the server sets: kept from the first answer on, empty where there are none."""

from harness.sdks.clevertap.state import Installation, Kept
from harness.sdks.clevertap.versions import Scheme

__all__ = ["VARIABLES", "reseal_variables", "reset_variables"]

VARIABLES = "variablesKey"
VARIANTS = "variantsForAbKey"


def reset_variables(install: Installation) -> None:
    """There are none: first answer of the server, or another user."""
    if install.traits.stores_variables:
        _keep(install, VARIABLES, "{}")
    if install.traits.stores_variants:
        _keep(install, VARIANTS, "[]")


def reseal_variables(install: Installation) -> None:
    """A migration to or from level 2, which leaves the variants as they are."""
    kept = install.mirror.variables.get(VARIABLES)
    if kept is not None:
        _keep(install, VARIABLES, kept.text)


def _keep(install: Installation, name: str, text: str) -> None:
    form = Scheme.GCM if install.seals_all else Scheme.NONE
    install.mirror.variables[name] = Kept(text, form)
    install.put(name, install.seals.seal(text, form))
