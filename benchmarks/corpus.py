"""Builds an app's storage with planted personal data, and the truth about it.

    python -m benchmarks.corpus OUT [--mb 50] [--seed 1]

`OUT/data` is the storage, `OUT/truth.json` says what is in it: for each planted value its file, class, value, and how
it is stored. One person, `OUT/persona.toml`, is planted over and over, under digests too.
"""

import argparse
import base64
import dataclasses
import hashlib
import json
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import stored
from benchmarks.people import Chance
from benchmarks.stored import Stored

__all__ = ["GROUPS", "PERSON", "Planted", "build", "read_truth"]

PERSON = {
    "email": ("EMAIL", "email", "jane.roe.1990@example.org"),
    "phone": ("PHONE", "phone", "+1 415 555 0132"),
    "card": ("CARD", "card_number", "4012 8888 8888 1881"),
    "ssn": ("SSN", "ssn", "219-09-9999"),
    "name": ("NAME", "full_name", "Jane Quillfeather"),
    "passport": ("PASSPORT", "passport", "X00001234"),
}
"""The seeded person: persona field to class, key and value."""

GROUPS = {
    "plain": "plain text",
    "column": "plain text",
    "base64": "text-encoded",
    "base64 twice": "text-encoded",
    "hex": "text-encoded",
    "url": "text-encoded",
    "url twice": "text-encoded",
    "nested": "text-encoded",
    "escaped": "text-encoded",
    "compressed": "compressed",
    "utf-16": "UTF-16, binary",
    "integer": "UTF-16, binary",
    "real": "UTF-16, binary",
    "wal": "SQLite deep",
    "deleted": "SQLite deep",
    "overflow": "SQLite deep",
    "digest": "digest",
}
"""How a value is stored, to the group that recall is counted by."""

_TEXT = ("plain",) * 10 + ("base64", "base64 twice", "hex", "url", "url twice", "nested", "escaped")
_NO_DOCUMENT = ("plain",) * 10 + ("base64", "base64 twice", "hex", "url", "url twice")
_DATABASE = (
    "plain",
    "plain",
    "base64",
    "url",
    "nested",
    "escaped",
    "column",
    "compressed",
    "utf-16",
    "integer",
    "real",
)
_DEEP = ("wal", "deleted", "overflow")


@dataclass(frozen=True, slots=True)
class Planted:
    """One line of the truth."""

    file: str
    type: str
    value: str = field(repr=False)
    group: str
    seeded: str = ""
    """The persona field, where it is the seeded person's."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of file: its share of the bytes, how many there are, and how values are stored in it."""

    write: Callable[[Chance, Path, int, Sequence[Stored]], None]
    name: str
    share: float
    count: int
    forms: tuple[str, ...]
    values: int
    """Planted in each file."""


_KINDS = (
    _Kind(stored.database, "databases/store_{}.db", 0.42, 11, _DATABASE + _DEEP * 2, 40),
    _Kind(stored.json_cache, "files/cache/answer_{}.json", 0.14, 30, _TEXT, 6),
    _Kind(stored.log, "files/logs/app_{}.log", 0.08, 12, _NO_DOCUMENT, 8),
    _Kind(stored.preferences, "shared_prefs/com.example.app_{}.xml", 0.015, 40, _NO_DOCUMENT, 4),
    _Kind(stored.bplist, "Library/Preferences/com.example.app{}.plist", 0.015, 30, _NO_DOCUMENT, 4),
    _Kind(stored.http_cache, "cache/http/{:032x}.0", 0.02, 16, _TEXT, 4),
    _Kind(stored.wide_text, "files/export/notes_{}.txt", 0.008, 4, ("utf-16",), 8),
    _Kind(stored.image, "cache/images/{:040x}.0", 0.30, 200, (), 0),
)


def build(out: Path, *, mb: int = 50, seed: int = 1) -> list[Planted]:
    """Write storage, persona and truth."""
    chance = Chance(seed)
    truth: list[Planted] = []
    for kind in _KINDS:
        weights = [chance.rng.lognormvariate(0, 0.8) for _ in range(kind.count)]
        for number, weight in enumerate(weights):
            relative = kind.name.format(number)
            path = out / "data" / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            values = [*_values(chance, kind, number)]
            size = max(900, int(mb * 1e6 * kind.share * weight / sum(weights)))
            kind.write(chance, path, size, [each for each, _, _ in values])
            truth += _there(path, relative, values)
    lines = [json.dumps(dataclasses.asdict(each), ensure_ascii=False) for each in truth]
    (out / "truth.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
    fields = "".join(f"{name} = {json.dumps(value)}\n" for name, (_, _, value) in PERSON.items())
    (out / "persona.toml").write_text("[person]\n" + fields, "utf-8")
    return truth


def read_truth(out: Path) -> list[Planted]:
    """What `build` wrote there."""
    return [Planted(**each) for each in json.loads((out / "truth.json").read_text("utf-8"))]


_Value = tuple[Stored, Planted, str]
"""As it is stored, its line of the truth, and what can be looked for in the file's bytes."""


def _values(chance: Chance, kind: _Kind, number: int) -> Iterator[_Value]:
    for n in range(kind.values):
        form = kind.forms[(n + number * kind.values) % len(kind.forms)]
        if n % 4 == 3 and form not in ("column", "integer", "real"):
            field_name, (type_, key, text) = chance.rng.choice(list(PERSON.items()))
            form = "digest" if form == "plain" and chance.rng.random() < 0.2 else form
        else:
            field_name = ""
            type_, key, text = _fitting(chance, form)
        planted = Planted("", type_, text, form, field_name)
        if kind.write is stored.http_cache:
            planted = dataclasses.replace(planted, group="compressed")
        yield Stored(key, _ENCODERS.get(form, str)(text), "plain" if form == "digest" else form), planted, text


def _fitting(chance: Chance, form: str) -> tuple[str, str, str]:
    """A person's value that can be stored so."""
    while True:
        type_, key, text = chance.person()
        match form:
            case "integer" if type_ == "CARD":
                return type_, key, text.replace(" ", "").replace("-", "")
            case "real" if type_ == "LOCATION":
                return type_, key, text
            case "column" if type_ in ("EMAIL", "PHONE", "SSN"):
                return type_, type_.lower(), text
            case "integer" | "real" | "column":
                continue
            case _:
                return type_, key, text


def _url(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_ENCODERS: Mapping[str, Callable[[str], str]] = {
    "base64": _base64,
    "base64 twice": lambda text: _base64(_base64(text)),
    "hex": lambda text: text.encode().hex(),
    "url": _url,
    "url twice": lambda text: _url(_url(text)),
    "escaped": lambda text: "".join(f"\\u{ord(each):04x}" if each in "@+-." else each for each in text),
    "digest": lambda text: hashlib.sha256(text.encode()).hexdigest(),
}
"""For forms whose stored text is not the value itself."""


def _there(path: Path, relative: str, values: Sequence[_Value]) -> Iterator[Planted]:
    """The truth of a file. What was deleted is in it only as far as its bytes are still there; what an overflow page
    cuts, only where no whole copy stands; what is in the log, is in the log."""
    data = path.read_bytes()
    for _, planted, text in values:
        group = planted.group
        if group == "deleted" and text.encode() not in data:
            continue
        if group == "overflow" and text.encode() in data and not planted.seeded:
            group = "plain"
        yield dataclasses.replace(planted, file=relative, group=group)


def main() -> None:
    """Build one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mb", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    truth = build(options.out, mb=options.mb, seed=options.seed)
    size = sum(path.stat().st_size for path in (options.out / "data").rglob("*") if path.is_file())
    print(f"{len(truth)} values in {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
