"""What deletion leaves is read field by field, where enough of it is left."""

import json
import random
from pathlib import Path

import pytest

from harness.formats.sqlite import Database, Sqlite, Table
from harness.limits import Limits
from harness.model import Document, State, Step

COLUMNS = (("id", "INTEGER PRIMARY KEY"), ("name", "TEXT"), ("mail", "TEXT"), ("lat", "REAL"))


def person(n: int) -> tuple[int, str, str, float]:
    return n, f"Jane Roe {n:04d}", f"{n:04d}.roe@example.org", n / 3


def deleted(where: str, *, first: int = 1, page_size: int = 4096) -> Document:
    rows = tuple(person(n) for n in range(first, first + 60))
    table = Table(name="people", columns=COLUMNS, rows=rows)
    return Sqlite().encode(
        Database(tables=(table,), script=(f"DELETE FROM people WHERE {where}",), page_size=page_size)
    )


@pytest.mark.parametrize("first", [1, 100, 20_000, 3_000_000])
@pytest.mark.parametrize("where", ["id % 3 = 0", "id % 10 < 7", "id % 60 > 40"])
def test_neighbouring_texts_are_told_apart(first: int, where: str, sqlite: Sqlite) -> None:
    """Values of a deleted row have no delimiter; their lengths are in what is left of its header."""
    document = deleted(where, first=first)
    data = bytes(document.data)
    values = list(sqlite.decode(document, Limits()))
    live = {v.steps[1] for v in values if v.steps[0] == "people" and v.state is State.LIVE}
    exact = asked = 0
    for n in set(range(first, first + 60)) - live:
        wanted = person(n)[2].encode()
        at = data.find(wanted)
        if at >= 0:
            (place,) = sqlite.locate(document, [at], Limits())
            assert place.state in (State.FREEBLOCK, State.UNALLOCATED)
            assert place.steps[0] == "people"
            asked += 1
            exact += place.value == wanted and place.steps[1] in (n, "?") and place.steps[2] == "mail"
    assert asked > 15
    assert exact >= 0.9 * asked


def dropped(*script: str) -> Document:
    gone = Table(name="gone", columns=COLUMNS, rows=tuple(person(n) for n in range(1, 200)))
    kept = Table(name="kept", columns=COLUMNS)
    return Sqlite().encode(Database(tables=(kept, gone), script=("DROP TABLE gone", *script)))


def places_of(document: Document, *numbers: int) -> list[tuple[tuple[Step, ...], State, bytes]]:
    data = bytes(document.data)
    offsets = [data.index(person(n)[2].encode()) + 3 for n in numbers]
    return [(p.steps, p.state, p.value) for p in Sqlite().locate(document, offsets, Limits())]


def test_a_dropped_table_is_named_by_what_is_left_of_the_schema() -> None:
    """The row that declared it is still in the schema table's free space, and its root still leads to its pages."""
    assert places_of(dropped(), 5, 150) == [
        (("gone", n, "mail"), State.FREELIST, person(n)[2].encode()) for n in (5, 150)
    ]


def test_a_dropped_table_is_read_by_the_layout_of_another() -> None:
    """Where no row declares it any more, its columns are named by the table whose rows look like its."""
    document = dropped()
    data = bytes(document.data).replace(b'CREATE TABLE "gone"', b"CREATE " + bytes(12))

    found = places_of(Document(data), 5, 150)

    assert [(steps[1:], state, value) for steps, state, value in found] == [
        ((n, "mail"), State.FREELIST, person(n)[2].encode()) for n in (5, 150)
    ]


def test_noise_holds_no_rows(sqlite: Sqlite) -> None:
    """Free pages of noise give runs of text, not rows."""
    document = deleted("id < 0")
    data = bytearray(document.data + random.Random(5).randbytes(4096 * 4))
    data[28:32] = (len(data) // 4096).to_bytes(4, "big")
    document = Document(bytes(data))

    places = sqlite.locate(document, range(len(data) - 4096 * 4, len(data), 37), Limits())

    assert sum(place.key == "mail" for place in places) < len(places) // 50


def test_truth_of_the_corpus(shared_corpus: Path | None, own_corpus: Path, sqlite: Sqlite) -> None:
    """Of texts that are known to be left whole in a main file, nearly all lie within what is located there, and most
    are told from their neighbours."""
    found = exact = asked = 0
    for folder in sorted(((shared_corpus or own_corpus) / "sqlite-residue").iterdir()):
        if not (folder / "truth.json").is_file() or not (folder / "app.db").is_file():
            continue
        document = Document((folder / "app.db").read_bytes())
        truth = json.loads((folder / "truth.json").read_text("utf-8"))
        for value in truth["values"]:
            if (
                value.get("residue") is not True
                or value["storage"] != "text"
                or truth["settings"]["encoding"] != "UTF-8"
            ):
                continue
            wanted = value["value"].encode()
            for place in sqlite.locate(document, value.get("offsets", {}).get("app.db", [])[:1], Limits()):
                asked += 1
                found += wanted in place.value
                exact += place.key == value["column"]
    assert found >= 0.95 * asked
    assert exact >= 0.6 * asked
