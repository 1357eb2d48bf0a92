"""Where damage starts from: the samples of a format, and files of the corpora that it reads."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.devices.base import Options, pair_sidecars
from harness.devices.folder import Folder
from harness.formats.base import Format
from harness.model import Artifact, Document, Unread
from harness.scan.unfold import choose_format

__all__ = ["LARGEST", "packed", "seeds_by_format", "unpacked"]

LARGEST = 1 << 17
"""Bytes; of a larger seed most damage is damage to the same thing."""
_EACH = 40
"""Files of one format; samples beside them."""


def seeds_by_format(formats: Mapping[str, Format], roots: Sequence[Path]) -> dict[str, list[Document]]:
    """Samples first, then files of many sizes, smallest first."""
    found: dict[str, dict[int, Document]] = {name: {} for name in formats}
    for root in roots:
        for document in _files(root, formats):
            data = document.data
            chosen = choose_format(formats, bytes(data[:4096]), len(data))
            found[chosen.name].setdefault(hash(bytes(data)), document)
    seeds = {}
    for name, form in formats.items():
        files = sorted(found[name].values(), key=lambda each: len(each.data))
        step = max(1, len(files) // _EACH)
        seeds[name] = [_still(form.encode(sample.content)) for sample in form.samples] + files[::step]
    return seeds


def _files(root: Path, formats: Mapping[str, Format]) -> Iterator[Document]:
    found = Folder().open(str(root), Options()).collect()
    files: list[Artifact] = [each for each in found if not isinstance(each, Unread)]
    suffixes = sorted({suffix for each in formats.values() for suffix in each.sidecars})
    for artifact in pair_sidecars(files, suffixes):
        if 0 < artifact.facts.size <= LARGEST:
            sidecars = {name: bytes(each.read()) for name, each in artifact.sidecars.items() if each.size <= LARGEST}
            yield Document(bytes(artifact.content.read()), sidecars)


def _still(document: Document) -> Document:
    return Document(bytes(document.data), {name: bytes(data) for name, data in document.sidecars.items()})


# -- documents as one run of bytes, for a fuzzer that knows of nothing else ----------------------


def packed(document: Document, names: Sequence[str]) -> bytes:
    """The lengths of the sidecars in that order, then they, then the file."""
    sidecars = [bytes(document.sidecars.get(name, b"")) for name in names]
    return b"".join([*(len(data).to_bytes(4, "little") for data in sidecars), *sidecars, bytes(document.data)])


def unpacked(data: bytes, names: Sequence[str]) -> Document:
    """Any bytes at all are a document; what is declared longer than it is ends early."""
    at = 4 * len(names)
    sidecars = {}
    for number, name in enumerate(names):
        length = int.from_bytes(data[4 * number : 4 * number + 4], "little")
        if length:
            sidecars[name] = data[at : at + length]
            at = min(at + length, len(data))
    return Document(data[at:], sidecars)
