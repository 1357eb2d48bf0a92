"""Which files are an SDK's by their name or folder alone, whether one of its claims covers them or not."""

from collections.abc import Iterable, Sequence

from harness.checks.base import SdkFile
from harness.model import Facts
from harness.scan.attribution import ClaimIndex
from harness.sdks.base import Claim

__all__ = ["owned_files"]

_BACKUP = ".bak"
"""What Android leaves beside preferences whose writing was cut short: the preferences before."""


def owned_files(
    files: Sequence[Facts], owned: Iterable[tuple[str, str]], claims: Iterable[tuple[str, Claim]]
) -> list[tuple[int, SdkFile]]:
    """Each file that is some SDK's, with its position among all: its name is veiled later, and is not its name then.

    Args:
        files: everything that was collected.
        owned: globs of files that are an SDK's, with its name.
        claims: of every SDK that counts, with its name.
    """
    globs = tuple(owned)
    owners = {
        sdk: ClaimIndex([(sdk, Claim(path=glob)) for name, glob in globs if name == sdk])
        for sdk in dict.fromkeys(name for name, _ in globs)
    }
    # Most files are nobody's, which one expression says.
    somebody = ClaimIndex([(sdk, Claim(path=glob)) for sdk, glob in globs])
    claimed = ClaimIndex(claims)
    return [
        (at, SdkFile(sdk=sdk, facts=facts, claimed=_is_claimed(claimed, facts.path)))
        for at, facts in enumerate(files)
        if somebody.on(facts.path)
        for sdk, its in owners.items()
        if its.on(facts.path)
    ]


def _is_claimed(claims: ClaimIndex, path: str) -> bool:
    return bool(claims.on(path) or claims.on(path.removesuffix(_BACKUP)))
