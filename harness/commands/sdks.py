"""`storage-harness sdks`: the SDKs that are simulated or known, and what each claims in an app's storage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from harness.commands._tables import json_option, show

if TYPE_CHECKING:
    from harness.sdks.base import Claim, SdkModel
    from harness.sdks.base.known import KnownSdk

__all__ = ["command"]


@click.command()
@click.option(
    "--claims", "claims_of", metavar="NAME", help="What one SDK claims: files, places in them, what each is for."
)
@json_option
def command(claims_of: str | None, as_json: bool) -> None:
    """List the SDKs whose storage is known, or what one claims.

    A simulated SDK is played: it writes storage for tests. A known one is recognised in a scan. Verified is a claim
    that was read in the SDK's public source; `--json` says where, and of every other claim what it is taken from.
    """
    from harness import registry
    from harness.errors import UsageError
    from harness.sdks.base import SdkModel
    from harness.sdks.base.known import load_known

    simulated, known = registry.load("sdks", SdkModel), load_known()
    if claims_of is None:
        rows = list(_overview(simulated, known))
        show(rows if as_json else [row | {"versions": _range(row["versions"])} for row in rows], as_json=as_json)
        return
    if claims_of in simulated:
        show([_claim(claim) for claim in simulated[claims_of].claims], as_json=as_json)
    elif claims_of in known:
        show([_claim(claim) for claim in known[claims_of].claims], as_json=as_json)
    else:
        hint = f"Known: {', '.join([*simulated, *known])}."
        raise UsageError(f"there is no SDK called {claims_of!r}", hint=hint)


def _overview(simulated: Mapping[str, SdkModel], known: Mapping[str, KnownSdk]) -> Iterator[dict[str, Any]]:
    for name, model in simulated.items():
        yield _row(name, "simulated", model.title, model.claims) | {
            "platforms": [platform.value for platform in model.platforms],
            "modes": list(model.modes),
            "versions": list(model.versions),
        }
    for name, each in known.items():
        platforms = [platform.value for platform in each.platforms]
        yield _row(name, "known", each.title, each.claims) | {"platforms": platforms, "modes": [], "versions": []}


def _range(versions: Sequence[str]) -> str:
    """First and last: a table has no room for all."""
    return " to ".join(dict.fromkeys((*versions[:1], *versions[-1:])))


def _row(name: str, kind: str, title: str, claims: Sequence[Claim]) -> dict[str, Any]:
    return {"name": name, "title": title, "kind": kind, "verified": _verified(claims), "claims": len(claims)}


def _verified(claims: Iterable[Claim]) -> str:
    """How many of the claims are proven: all, none, or a part."""
    proven = [not claim.uncertain for claim in claims]
    return "yes" if all(proven) else f"{sum(proven)} of {len(proven)}" if any(proven) else "no"


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "path": claim.path,
        "pointer": claim.pointer,
        "role": claim.role,
        "verified": not claim.uncertain,
        "component": claim.component,
        "since": claim.since,
        "until": claim.until,
        "holds": list(claim.holds),
        "remedy": claim.remedy,
        "source": claim.source,
        "uncertain": claim.uncertain,
    }
