"""How much of a seeded person is found again, by the form that it was planted in, and how much that is nobody's.

Forms are made here by the standard library, not by what is measured. Each is planted alone in a file of its own:
JSON, a log, preferences, a database, a property list in turns, under a key that says what it is or one that does not.
Beside them stand files of other people of the same kinds, in which nobody may be found.
"""

from __future__ import annotations

import base64
import codecs
import gzip
import hashlib
import html
import json
import plistlib
import quopri
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Table
from benchmarks.setting import Setting
from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options, pair_sidecars
from harness.formats.base import Format
from harness.model import Artifact
from harness.persona import Persona, new_persona
from harness.scan.scanner import Scanned, Scanner

__all__ = ["Tally", "bench", "plant", "score"]

_ROOT = Path(__file__).resolve().parent.parent
_GENERATOR = _ROOT.parent / "shared" / "perf" / "make_corpus.py"
SEEDS = 3
_BEGIN, _END = "<!-- tracing: begin -->", "<!-- tracing: end -->"
_KEYS = {"name": "full_name", "date_of_birth": "dob", "location": "last_location", "card": "card_number"}
_SALT = b"W1ZRCl3>"

Stored = str | bytes


@dataclass(slots=True)
class Tally:
    """Planted and found, by form."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Those of another seed."""
        self.planted += other.planted
        self.found += other.found
        self.false += other.false
        self.missed += other.missed


# -- forms, by encoders that are not ours ------------------------------------------------------------


def _text(encode: Callable[[bytes], bytes]) -> Callable[[str], str]:
    return lambda value: encode(value.encode()).decode("latin-1")


def _signed(data: bytes) -> str:
    return str([byte - 256 if byte > 127 else byte for byte in data])


LAYERS: Mapping[str, Callable[[str], str]] = {
    "base64": _text(base64.b64encode),
    "base64, url-safe": _text(base64.urlsafe_b64encode),
    "base64 in other text": lambda value: base64.b64encode(b'{"k":"' + value.encode() + b'","z":1}').decode(),
    "hex": lambda value: value.encode().hex(),
    "url": lambda value: urllib.parse.quote(value, safe=""),
    "every character as url": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "html": lambda value: "".join(char if char.isalnum() else f"&#{ord(char)};" for char in value),
    "every character as html": lambda value: "".join(f"&#{ord(char)};" for char in value),
    "json escapes": lambda value: "".join(f"\\u{ord(char):04x}" for char in value),
    "quoted-printable": lambda value: quopri.encodestring(value.encode()).decode(),
    "rot13": lambda value: codecs.encode(value, "rot13"),
    "reversed": lambda value: value[::-1],
    "byte list": lambda value: _signed(value.encode()),
}  # fmt: skip
"""Text to text."""

_TURNED = ("base64", "hex", "url")
_COMPOSED = {
    f"{outer} of {inner}": (outer, inner)
    for outers, inners in (
        (("base64", "hex", "url", "json escapes", "reversed", "rot13", "byte list"), _TURNED),
        (("base64", "hex"), ("reversed", "rot13", "byte list", "json escapes", "quoted-printable", "html")),
    )
    for outer in outers
    for inner in inners
}


def _packed(value: str) -> Iterator[tuple[str, Stored]]:
    raw = value.encode()
    framed = json.dumps({"v": value}).encode()
    yield "gzip", gzip.compress(framed, mtime=0)
    yield "zlib", zlib.compress(framed)
    yield "base64 of gzip", base64.b64encode(gzip.compress(framed, mtime=0)).decode()
    yield "utf-16le", value.encode("utf-16-le")
    yield "utf-16be", value.encode("utf-16-be")
    yield "base64 of utf-16", base64.b64encode(json.dumps({"v": value}).encode("utf-16-le")).decode()
    del raw


def _digests(value: str) -> Iterator[tuple[str, Stored]]:
    for name in ("md5", "sha1", "sha256", "sha512"):
        for case, text in (("", value), (", lower case", value.lower())):
            summed = hashlib.new(name, text.encode())
            yield f"{name}{case}", summed.hexdigest()
            yield f"{name}{case}, base64", base64.b64encode(summed.digest()).decode()
        yield f"{name}, bytes", hashlib.new(name, value.encode()).digest()
        yield f"{name}, printed bytes", _signed(hashlib.new(name, value.encode()).digest())
        yield f"{name}, salt before", hashlib.new(name, _SALT + value.encode()).hexdigest()
        yield f"{name}, salt behind", hashlib.new(name, value.encode() + _SALT).hexdigest()
        yield f"{name}, 16 digits", hashlib.new(name, value.encode()).hexdigest()[:16]
    yield "sha256 of md5", hashlib.sha256(hashlib.md5(value.encode()).hexdigest().encode()).hexdigest()
    yield "sha256 of base64", hashlib.sha256(base64.b64encode(value.encode())).hexdigest()
    yield "hex of sha256, base64", base64.b64encode(hashlib.sha256(value.encode()).hexdigest().encode()).decode()


def _spelled(name: str, value: str) -> Iterator[tuple[str, str]]:
    digits = re.sub(r"\D", "", value)
    match name:
        case "phone":
            area, office, line = digits[1:4], digits[4:7], digits[7:]
            yield from (("E.164", f"+{digits}"), ("digits", digits), ("national", digits[1:]))
            yield from (("brackets", f"({area}) {office}-{line}"), ("dots", f"{area}.{office}.{line}"))
        case "email":
            yield from (("upper case", value.upper()), ("plus tag", value.replace("@", "+shop@")))
        case "name":
            first, last = value.split()
            yield from (("turned", f"{last}, {first}"), ("joined", first + last), ("underscore", f"{first}_{last}"))
        case "date_of_birth":
            day = datetime.fromisoformat(value).replace(tzinfo=UTC)
            for order in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d %B %Y", "%m/%d/%y"):
                yield f"date {order.replace('%', '')}", day.strftime(order)
            yield from (("epoch", str(int(day.timestamp()))), ("epoch ms", str(int(day.timestamp() * 1000))))
        case "card" | "ssn":
            yield from (("digits", digits),)
        case "location":
            yield from _places(value)


def _places(value: str) -> Iterator[tuple[str, str]]:
    latitude, longitude = map(float, value.split(","))
    for places in (5, 4):
        yield f"{places} decimals", f"{latitude:.{places}f}, {longitude:.{places}f}"
    yield "E7", json.dumps({"latE7": round(latitude * 1e7), "lngE7": round(longitude * 1e7)})
    yield "one axis", json.dumps({"lat": latitude})


def _masked(name: str, value: str) -> Iterator[tuple[str, str]]:
    digits = re.sub(r"\D", "", value)
    match name:
        case "email":
            yield "masked", f"{value[0]}***@{value.partition('@')[2]}"
        case "phone" | "card" | "ssn":
            yield from (("masked", f"*** *** {digits[-4:]}"), ("masked by crosses", f"XXXX-XXXX-{digits[-4:]}"))
        case "name":
            yield "masked", " ".join(word[0] + "****" for word in value.split())
        case "username":
            yield "masked", f"{value[:4]}*****{value[-2:]}"


def _forms(name: str, value: str) -> Iterator[tuple[str, Stored]]:
    """Every form of one value, called by its kind."""
    yield "plain", value
    for called, text in _spelled(name, value):
        yield f"spelled: {called}", text
    for called, encode in LAYERS.items():
        yield called, encode(value)
    for called, (outer, inner) in _COMPOSED.items():
        yield called, LAYERS[outer](LAYERS[inner](value))
    yield from _packed(value)
    yield from _digests(value)
    yield from _masked(name, value)


# -- files -----------------------------------------------------------------------------------------


def plant(folder: Path, seed: int, *, fields: int | None = None) -> dict[str, tuple[str, str]]:
    """Write storage with one form in each file, and files of others; by path, the field and the form planted there.

    Args:
        folder: made, and filled.
        seed: of the person and of everything else.
        fields: how many of the person's fields; all where None.
    """
    chance = random.Random(seed)
    truth: dict[str, tuple[str, str]] = {}
    for name, value in list(new_persona(b"%d" % seed).items())[:fields]:
        for number, (called, stored) in enumerate(_forms(name, value)):
            told = called.startswith(("spelled", "masked")) or number % 2 == 0 or name == "date_of_birth"
            key = _KEYS.get(name, name) if told or name in {"location", "passport"} else f"k{chance.randrange(99)}"
            path = f"{name}/{number:03d}"
            truth[path + _write(folder / path, key, stored, chance)] = (name, called)
    for other in range(40):
        stranger = new_persona(b"stranger %d %d" % (seed, other))
        for name, value in stranger.items():
            path = f"others/{other:02d}_{name}"
            forms = list(_forms(name, value))
            called, stored = forms[chance.randrange(len(forms))]
            # People share the number of an advertisement, towns and test ranges: those are no strangers'.
            if name not in {"ssn", "address"} and not called.startswith("masked"):
                _write(folder / path, _KEYS.get(name, name), stored, chance)
    return truth


def _write(path: Path, key: str, stored: Stored, chance: random.Random) -> str:
    """One of the kinds of files that can hold it; its suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = " ".join(chance.choices(("cart", "view", "open", "banner", "reload"), k=8))
    text = stored if isinstance(stored, str) else ""
    kind = chance.choice(("json", "log", "xml", "db", "plist") if text else ("db", "plist"))
    file = path.with_suffix(f".{kind}")
    match kind:
        case "json":
            quoted = f'"{text}"' if text.startswith("\\u") else json.dumps(text)
            file.write_text(
                f'{{"event": "{noise}", {json.dumps(key)}: {quoted}, "n": {chance.randrange(10**6)}}}', "utf-8"
            )
        case "log":
            line = " ".join(text.splitlines())
            file.write_text(f"10:00:01 D App: {noise}\n10:00:02 I Net: {key}={line} status=200\n" * 2, "utf-8")
        case "xml":
            text = html.escape(text)
            file.write_text(f'<?xml version="1.0"?>\n<map>\n<string name="{key}">{text}</string>\n</map>\n', "utf-8")
        case "db":
            link = sqlite3.connect(file)
            link.execute(f"create table facts (id integer primary key, note text, {key} blob)")
            link.execute(f"insert into facts (note, {key}) values (?, ?)", (noise, stored))
            link.commit()
            link.close()
        case _:
            file.write_bytes(plistlib.dumps({"note": noise, key: stored}, fmt=plistlib.FMT_BINARY))
    return f".{kind}"


# -- scores ----------------------------------------------------------------------------------------


def score(folder: Path, person: Persona, truth: Mapping[str, tuple[str, str]]) -> Tally:
    """Scan, and hold what was found against what was planted. A guess counts as nothing."""
    found = set(_found(folder, person))
    tally = Tally()
    for path, (name, called) in truth.items():
        tally.planted[called] += 1
        if (path, name) in found:
            tally.found[called] += 1
        else:
            tally.missed.append(f"{path}: {called}")
    tally.false = sum(1 for path, _ in found if path not in truth)
    return tally


def _found(folder: Path, person: Persona) -> Iterator[tuple[str, str]]:
    detectors = registry.load("detectors", Detector)
    scanner = Scanner(registry.load("formats", Format), detectors, persona=person, salts=(_SALT,))
    with registry.load("devices", Connector)["folder"].open(str(folder), Options()) as source:
        artifacts = [item for item in source.collect() if isinstance(item, Artifact)]
        for item in scanner.scan(pair_sidecars(artifacts, ("-wal", "-journal", "-shm"))):
            if isinstance(item, Scanned):
                for hit in item.hits:
                    if hit.persona_field and hit.confidence >= _PROVED:
                        yield item.facts.path, hit.persona_field


_PROVED = 0.55


def bench(setting: Setting) -> None:
    """Recall by form over several seeds; the table of `docs/accuracy.md` is replaced by it."""
    total = Tally()
    for seed in range(setting.seed, setting.seed + SEEDS):
        with tempfile.TemporaryDirectory() as folder:
            truth = plant(Path(folder), seed)
            total.add(score(Path(folder), new_persona(b"%d" % seed), truth))
    rows = [_row(group, total) for group in _GROUPS]
    rows.append(
        (
            "all",
            str(total.planted.total()),
            str(total.found.total()),
            _share(total.found.total(), total.planted.total()),
        )
    )
    table = Table(f"a seeded person, traced ({SEEDS} seeds)", "planted as", "planted", "found", "")
    for row in rows:
        table.row(*row)
    table.show()
    print(f"found where nobody was planted: {total.false}")
    for line in total.missed:
        print(f"missed: {line}")
    _publish(rows, total.false, list(_sandbox(setting)))


_GROUPS: Mapping[str, Callable[[str], bool]] = {
    "as it is": lambda called: called == "plain",
    "in other spellings": lambda called: called.startswith("spelled"),
    "under one encoding": lambda called: called in LAYERS or called in {"utf-16le", "utf-16be", "gzip", "zlib"},
    "under two": lambda called: " of " in called and not called.startswith(("sha", "hex of sha")),
    "as a digest": lambda called: called.startswith(("md5", "sha", "hex of sha")) and "salt" not in called,
    "as a salted digest": lambda called: "salt" in called,
    "behind a mask": lambda called: called.startswith("masked"),
}


def _row(group: str, tally: Tally) -> tuple[str, ...]:
    here = [called for called in tally.planted if _GROUPS[group](called)]
    planted, found = sum(tally.planted[each] for each in here), sum(tally.found[each] for each in here)
    return group, str(planted), str(found), _share(found, planted)


def _share(found: int, planted: int) -> str:
    return f"{100 * found / planted:.2f} %" if planted else "-"


# -- a sandbox of others ---------------------------------------------------------------------------


def _sandbox(setting: Setting) -> Iterator[tuple[str, ...]]:
    """The generated sandbox beside the project, where it is: its canaries are people whose values are known."""
    if not _GENERATOR.is_file():
        print(f"not here: {_GENERATOR.name}, which is no part of the project")
        return
    with tempfile.TemporaryDirectory() as folder:
        size = ("--mb", "8", "--files", "120", "--plants", "500", "--seed", str(setting.seed))
        subprocess.run([sys.executable, str(_GENERATOR), folder, *size], check=True, stdout=subprocess.DEVNULL)
        truth = json.loads((Path(folder) / "ground_truth.json").read_text("utf-8"))
        planted = found = false = 0
        for canaries in _people(truth["canaries"]):
            there = _planted(truth["planted"], {value: name for name, value in canaries.items()})
            sure = {mark for mark, ways in there.items() if ways}
            seen = set(_found(Path(folder) / "data", _person(canaries)))
            planted, found, false = planted + len(sure), found + len(sure & seen), false + len(seen - there.keys())
            for path, name in sorted(sure - seen):
                print(f"missed: {name} in {path}, stored as {', '.join(sorted(there[path, name]))}")
            for path, name in sorted(seen - there.keys()):
                print(f"false: {name} in {path}")
        yield "generated sandbox, a field in a file", str(planted), str(found), _share(found, planted), str(false)
        print(f"generated sandbox: {found} of {planted} found, {false} false")


def _planted(lines: list[dict[str, Any]], values: Mapping[str, str]) -> dict[tuple[str, str], set[str]]:
    """By file and field, how it is stored; nothing where only bytes that were overwritten had it. A database is one
    with its log."""
    there: dict[tuple[str, str], set[str]] = {}
    for each in lines:
        if each["value"] in values:
            ways = there.setdefault((each["file"].removesuffix("-wal"), values[each["value"]]), set())
            if each.get("recoverable") is not False:
                ways.add(each["enc"])
    return there


_FIELDS = {"dob": "date_of_birth", "gaid": "advertising_id"}


def _people(canaries: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    by_type: dict[str, list[str]] = {}
    for each in canaries:
        by_type.setdefault(_FIELDS.get(each["type"], each["type"]), []).append(each["value"])
    for number in range(max(map(len, by_type.values()))):
        yield {name: values[number] for name, values in by_type.items() if number < len(values)}


def _person(values: Mapping[str, str]) -> Persona:
    known = {name: value for name, value in values.items() if name != "imei"}
    if "date_of_birth" in known:
        known["date_of_birth"] = _iso(known["date_of_birth"])
    return Persona(**known, custom={"imei": values["imei"]} if "imei" in values else {})  # type: ignore[arg-type]


def _iso(text: str) -> str:
    for order in ("%Y-%m-%d", "%m/%d/%Y", "%d %B %Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, order).replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    return text


def _publish(rows: list[tuple[str, ...]], false: int, sandbox: list[tuple[str, ...]]) -> None:
    page = _ROOT / "docs" / "accuracy.md"
    text = page.read_text("utf-8")
    lines = ["| planted | in the files | found | | found where nobody was |", "|---|--:|--:|--:|--:|"]
    lines += [f"| {' | '.join(row)} | {false if row[0] == 'all' else ''} |" for row in rows]
    lines += [f"| {' | '.join(row)} |" for row in sandbox]
    before, rest = text.split(_BEGIN)
    page.write_text(f"{before}{_BEGIN}\n\n" + "\n".join(lines) + f"\n\n{_END}{rest.split(_END)[1]}", "utf-8")
