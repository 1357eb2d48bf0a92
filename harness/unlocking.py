"""Before a scan: what each app's storage says of the SDKs in it, and which keys it gives away.

Only files that an SDK claims are read, and of each only the begin: versions, accounts and keys stand in settings, and
a queue of ten thousand rows says no more than its first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import translate
from itertools import islice

from harness.devices.base import Holder, Source, Unlocked
from harness.errors import DeviceError, FormatError
from harness.model import Artifact, Recognised, Record, Unread
from harness.redaction import in_part
from harness.scan.scanner import Scanner
from harness.scan.sealed import Keyring, Lock
from harness.scan.unfold import Leaf
from harness.sdks.base import SdkModel

__all__ = ["keyring_for", "learn"]

_VALUES = 2000
"""Values of one file that are looked at."""
_FILES = 500
"""Files of one SDK in one container that are looked at."""


def keyring_for(models: Mapping[str, SdkModel]) -> Keyring:
    """An empty one that knows how each SDK seals."""
    return Keyring([Lock(name, cipher) for name, model in models.items() for cipher in model.ciphers])


def learn(
    scanner: Scanner, models: Mapping[str, SdkModel], artifacts: Sequence[Artifact], source: Source
) -> tuple[Recognised, ...]:
    """Fill the scanner's keyring with what each app gives away; says which SDKs wrote there, and which versions."""
    recognised: list[Recognised] = []
    claimed = {name: _union(model) for name, model in models.items()}
    for container in dict.fromkeys(artifact.facts.container for artifact in artifacts):
        here = [artifact for artifact in artifacts if artifact.facts.container == container]
        records = {name: found for name in models if (found := list(_records(scanner, claimed[name], here)))}
        if not records:
            continue
        readers = {artifact.path: artifact.facts.readable_by for artifact in here}
        scanner.keyring.learn(container, records, _holder(source, container), readers)
        for name in records:
            known = models[name].recognise(records[name])
            if known is not None:
                recognised.append(replace(known, container=container, account=in_part(known.account)))
    return tuple(recognised)


def _union(model: SdkModel) -> re.Pattern[str] | None:
    """One expression for all files that an SDK claims; none for one that neither seals nor is recognised."""
    if not model.ciphers:
        return None
    return re.compile("|".join(sorted({translate(claim.path) for claim in model.claims})))


def _records(scanner: Scanner, claimed: re.Pattern[str] | None, artifacts: Sequence[Artifact]) -> Iterator[Record]:
    if claimed is None:
        return
    mine = (artifact for artifact in artifacts if claimed.match(artifact.path))
    for artifact in islice(mine, _FILES):
        opened = scanner.open(artifact)
        if isinstance(opened, Unread):
            continue
        leaves = scanner.leaves(opened)
        try:
            for leaf in islice(leaves, _VALUES):
                yield _record(artifact, opened.format.name, leaf)
        except FormatError:
            continue  # the scan says what is damaged


def _record(artifact: Artifact, format_name: str, leaf: Leaf) -> Record:
    return Record(
        locator=artifact.locator.at(leaf.steps),
        value=leaf.value,
        format=format_name,
        state=leaf.state,
        layers=leaf.layers,
    )


def _holder(source: Source, container: str) -> Holder | None:
    """The app's keystore, where the source can run code as the app."""
    if not isinstance(source, Unlocked):
        return None
    try:
        return source.holder(container)
    except DeviceError:
        return None
