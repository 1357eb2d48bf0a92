"""Files in, hits and a ledger out: both lanes over batches of files."""

import base64
import gzip
import json
import plistlib
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness import registry
from harness.detectors.base import Detector
from harness.errors import AccessDenied, FormatError
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Artifact, Buffer, Bytes, Content, Facts, Share, State, Step, Unread
from harness.persona import demo_persona
from harness.scan.confirm import Hit
from harness.scan.scanner import Scanned, Scanner

FORMATS = registry.load("formats", Format)
DETECTORS = registry.load("detectors", Detector)
SCANNER = Scanner(FORMATS, DETECTORS)
JANE = demo_persona()
SEEDED = Scanner(FORMATS, DETECTORS, persona=JANE)
MAIL, PHONE = "ada.birch@example.com", "+44 7700 900123"


@dataclass(frozen=True)
class Refusing:
    """Content that is there and cannot be read."""

    error: Exception
    size: int = 10

    def read(self) -> Buffer:
        raise self.error


def artifact(path: str, data: bytes, **sidecars: bytes) -> Artifact:
    return Artifact(
        facts=Facts(path=path, size=len(data)),
        content=Bytes(data),
        sidecars={suffix.replace("_", "-"): Bytes(side) for suffix, side in sidecars.items()},
    )


def scan(*items: Artifact, scanner: Scanner = SCANNER, deep: bool = False) -> list[Scanned]:
    return [each for each in scanner.scan(items, deep=lambda _facts: deep) if isinstance(each, Scanned)]


def one(data: bytes, *, scanner: Scanner = SCANNER, deep: bool = False) -> Scanned:
    (item,) = scan(artifact("file", data), scanner=scanner, deep=deep)
    return item


def places(hits: Sequence[Hit]) -> list[tuple[tuple[Step, ...], str, tuple[str, ...]]]:
    return sorted(((hit.leaf.steps, hit.type, hit.layers) for hit in hits), key=str)


def database(folder: Path, *statements: str) -> bytes:
    file = folder / "app.db"
    connection = sqlite3.connect(file)
    connection.execute("pragma secure_delete = off")
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return file.read_bytes()


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# -- located, in every format ----------------------------------------------------------------------

PREFS = f"""<?xml version='1.0' encoding='utf-8' standalone='yes' ?>
<map>
    <string name="user_email">{MAIL}</string>
    <string name="profile">{{&quot;Phone&quot;:&quot;{PHONE}&quot;}}</string>
    <int name="visits" value="7" />
</map>
""".encode()
DOCUMENTS: dict[str, tuple[bytes, list[tuple[tuple[Step, ...], str, tuple[str, ...]]]]] = {
    "preferences": (PREFS, [(("profile", "Phone"), "PHONE", ()), (("user_email",), "EMAIL", ())]),
    "json": (
        json.dumps({"users": [{"mail": MAIL}], "blob": b64(f"mail {MAIL} of hers")}).encode(),
        [(("blob",), "EMAIL", ("base64",)), (("users", 0, "mail"), "EMAIL", ())],
    ),
    "json in json": (
        json.dumps({"queue": json.dumps([{"mail": MAIL}])}).encode(),
        [(("queue", 0, "mail"), "EMAIL", ())],
    ),
    "binary property list": (
        plistlib.dumps({"user": {"email": MAIL}}, fmt=plistlib.FMT_BINARY), [(("user", "email"), "EMAIL", ())],
    ),
    "xml property list": (plistlib.dumps({"user": {"email": MAIL}}), [(("user", "email"), "EMAIL", ())]),
    "escaped json": (json.dumps({"mail": MAIL}).replace("@", "\\u0040").encode(), [(("mail",), "EMAIL", ())]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
@pytest.mark.parametrize("deep", [False, True])
def test_hits_are_located(name: str, deep: bool) -> None:
    """Either lane gives the place of the value, and what was peeled to read it."""
    data, expected = DOCUMENTS[name]

    assert places(one(data, deep=deep).hits) == expected


@pytest.mark.parametrize("deep", [False, True])
def test_rows_of_a_database_are_located(tmp_path: Path, deep: bool) -> None:
    """Table, row and column; then the path inside of a document in the cell."""
    data = database(
        tmp_path,
        "create table events (id integer primary key, data text)",
        f"insert into events values (12, '{json.dumps({'profile': {'Email': MAIL}})}')",
        "insert into events values (13, 'nothing')",
    )

    assert places(one(data, deep=deep).hits) == [(("events", 12, "data", "profile", "Email"), "EMAIL", ())]


TEXTS = st.dictionaries(
    st.sampled_from(["email", "phone", "note", "tags", "user"]),
    st.recursive(
        st.sampled_from([MAIL, PHONE, "5555 5555 5555 4444", "hello", f"<{MAIL}>", b64(f"mail={MAIL}"), 7, None])
        | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "mail", "x/y"]), inner, max_size=3)
            | st.lists(inner, max_size=2).map(json.dumps)
        ),
        max_leaves=6,
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@example(content={"user": ["\u0580"]})
@given(TEXTS)
def test_the_lanes_agree_on_any_document(content: dict[str, object]) -> None:
    """Whatever decoding everything finds, sweeping the bytes found too, at the same place."""
    for data in (json.dumps(content).encode(), json.dumps(content, ensure_ascii=False, indent=1).encode()):
        raw, whole = places(one(data).hits), places(one(data, deep=True).hits)

        assert [place for place in whole if place not in raw] == []


@pytest.mark.parametrize("text", ["jane@example.org", "a@example.org", "jo.ann@example.com", PHONE])
@pytest.mark.parametrize("encode", [b64, lambda text: text.encode().hex(), lambda text: b64(text).rstrip("=")])
def test_a_short_value_under_an_encoding_is_found_by_both_lanes(text: str, encode) -> None:  # type: ignore[no-untyped-def]
    """An address alone, encoded, is the most common case there is."""
    data = json.dumps({"u": encode(text)}).encode()

    assert places(one(data).hits) == places(one(data, deep=True).hits) != []


# -- one seeded person -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stored",
    [
        lambda text: text,
        lambda text: b64(text + ", and some more"),
        lambda text: text.encode().hex(),
        lambda text: base64.b64encode(gzip.compress(f"{text} {text}, again {text}".encode(), mtime=0)).decode(),
        lambda text: json.dumps({"x": text}),
    ],
    ids=["plain", "base64", "hex", "gzip in base64", "json"],
)
@pytest.mark.parametrize("deep", [False, True])
def test_the_person_is_found_however_stored(stored, deep: bool) -> None:  # type: ignore[no-untyped-def]
    """Each field, once, and at its place; the encoded form and the decoded one are one hit."""
    for field, value in JANE.items():
        if field == "location":
            continue
        data = json.dumps({"v": stored(value)}).encode()
        fields = {hit.persona_field for hit in one(data, scanner=SEEDED, deep=deep).hits}

        assert field in fields, field


def test_a_value_at_two_places_is_two_hits() -> None:
    """And at one place, once: whichever ways lead there."""
    data = json.dumps({"a": JANE.email, "b": [JANE.email], "c": b64(f"x {JANE.email} y")}).encode()

    assert places(one(data, scanner=SEEDED, deep=True).hits) == [
        (("a",), "EMAIL", ()), (("b", 0), "EMAIL", ()), (("c",), "EMAIL", ("base64",)),
    ]  # fmt: skip


# -- damage, residue and what no format knows --------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DOCUMENTS)), st.integers(1, 40))
def test_a_cut_off_file_still_gives_what_is_there(name: str, cut: int) -> None:
    """The rest is searched as bytes; a whole address in it is found."""
    data = DOCUMENTS[name][0][:-cut]
    found = {hit.normal for hit in one(data).hits if hit.type == "EMAIL"}

    if MAIL.encode() in data:
        assert MAIL.encode() in found


def test_a_deleted_row_is_found(tmp_path: Path) -> None:
    """Free space is bytes too, and the state says that the value is not live."""
    data = database(
        tmp_path,
        "create table users (id integer primary key, mail text)",
        *(f"insert into users values ({n}, 'user{n}@example.org')" for n in range(1, 6)),
        "delete from users where id = 3",
    )
    hits = {hit.value: hit.leaf.state for hit in one(data).hits}

    assert hits[b"user2@example.org"] is State.LIVE
    assert hits[b"user3@example.org"] is not State.LIVE


@pytest.mark.parametrize("deep", [False, True])
def test_a_damaged_database_costs_a_line_in_either_lane(tmp_path: Path, deep: bool) -> None:
    """A plain scan decodes nothing, and must not pass what could not be decoded."""
    data = bytearray(database(tmp_path, "CREATE TABLE t (a)", "INSERT INTO t VALUES ('jane@example.org')"))
    data[4096:8192] = b"\x99" * 4096

    coverage = one(bytes(data), deep=deep).coverage

    assert coverage.shares[Share.FAILED] == 4096
    assert "page 2" in coverage.error


def test_bytes_of_no_format_are_searched() -> None:
    """Between noise, in UTF-16, or under base64."""
    noise = bytes(range(128, 256)) * 3
    data = (
        noise + MAIL.encode() + noise + PHONE.encode("utf-16-le") + noise + b64(f"x {JANE.email} y").encode() + noise
    )

    assert {(hit.type, hit.normal) for hit in one(data, scanner=SEEDED).hits} >= {
        ("EMAIL", MAIL.encode()), ("EMAIL", (JANE.email or "").encode()),
    }  # fmt: skip
    assert "PHONE" in {hit.type for hit in one(data).hits}


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=600), st.booleans())
def test_noise_is_scanned(data: bytes, deep: bool) -> None:
    """No bytes break it; every one of them is accounted for."""
    item = one(data, scanner=SEEDED, deep=deep)

    assert sum(item.coverage.shares.values()) == item.coverage.size == len(data)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DOCUMENTS)), st.integers(0, 400), st.binary(min_size=1, max_size=6))
def test_damaged_files_are_scanned(name: str, at: int, damage: bytes) -> None:
    """Overwritten anywhere: a report, not a crash."""
    data = bytearray(DOCUMENTS[name][0])
    at %= len(data)
    data[at : at + len(damage)] = damage

    for deep in (False, True):
        item = one(bytes(data), deep=deep)
        assert sum(item.coverage.shares.values()) == len(data)


# -- what cannot be read ---------------------------------------------------------------------------


@pytest.mark.parametrize("error", [AccessDenied("the device is locked"), FormatError("the archive is cut off")])
def test_unreadable_content_costs_one_line(error: Exception) -> None:
    """With the reason; its neighbours are scanned."""
    broken = Artifact(facts=Facts(path="b", size=10, container="app"), content=Refusing(error))
    items = list(SCANNER.scan([artifact("a", MAIL.encode()), broken, artifact("c", PHONE.encode())]))

    (unread,) = [item for item in items if isinstance(item, Unread)]
    assert unread == Unread(path="b", reason=str(error), size=10, container="app")
    assert [item.facts.path for item in items if isinstance(item, Scanned)] == ["a", "c"]


def test_an_unreadable_sidecar_costs_its_file() -> None:
    """A database without its log is another database."""
    sidecars: dict[str, Content] = {"-wal": Refusing(AccessDenied("locked"))}
    item = Artifact(facts=Facts(path="db", size=3), content=Bytes(b"abc"), sidecars=sidecars)

    assert [type(each) for each in SCANNER.scan([item])] == [Unread]


def test_what_is_larger_than_the_limit_is_not_read() -> None:
    """And says so; the limit counts sidecars."""
    capped = Scanner(FORMATS, DETECTORS, limits=Limits(file_bytes=100))
    never = Artifact(facts=Facts(path="a", size=101), content=Refusing(AssertionError("read")))
    beside = artifact("b", b"x" * 60, _wal=b"y" * 60)

    unread = [item for item in capped.scan([never, beside]) if isinstance(item, Unread)]
    assert [(item.path, item.size, item.reason) for item in unread] == [
        ("a", 101, "larger than the 100 B that one file may have"),
        ("b", 120, "larger than the 100 B that one file may have"),
    ]  # fmt: skip


def test_encodings_without_end_are_cut_and_said_to_be() -> None:
    """Blocks in blocks: each stream holds all that follow it. The file counts as not wholly seen."""
    data = b"\xff\xfe{{" + b"\x78\x9c\x00\xff\xff\x00\x00" * 3000
    capped = Scanner(FORMATS, DETECTORS, limits=Limits(expanded_bytes=4 << 20))
    begun = time.process_time()
    (item,) = scan(artifact("bomb", data), scanner=capped)

    assert time.process_time() - begun < 20
    assert "more than the limit allows" in item.coverage.error
    assert item.coverage.shares.get(Share.FAILED)


# -- batches ---------------------------------------------------------------------------------------


def test_files_are_answered_in_order() -> None:
    """One for each, whatever is in it."""
    items = [artifact(f"f{n}", [MAIL.encode(), b"", PREFS, b"\x00" * 50][n % 4]) for n in range(20)]

    assert [item.facts.path for item in scan(*items)] == [f"f{n}" for n in range(20)]


def test_a_file_is_answered_the_same_alone_and_among_others() -> None:
    """Files are joined for speed only: nothing spans two of them."""
    items = [artifact(name, data) for name, (data, _) in sorted(DOCUMENTS.items())]
    items += [artifact("head", MAIL[:9].encode()), artifact("tail", MAIL[9:].encode())]
    together = {item.facts.path: places(item.hits) for item in scan(*items, scanner=SEEDED)}

    assert together == {item.path: places(scan(item, scanner=SEEDED)[0].hits) for item in items}
    assert together["head"] == together["tail"] == []


def test_large_and_small_files_make_batches_of_their_own() -> None:
    """Over the border of a batch nothing is lost or told twice."""
    big = b"\n".join(b"line %d" % n for n in range(700_000))
    items = [artifact("a", big), artifact("b", MAIL.encode()), artifact("c", big), artifact("d", PHONE.encode())]

    assert [(item.facts.path, [hit.type for hit in item.hits]) for item in scan(*items)] == [
        ("a", []), ("b", ["EMAIL"]), ("c", []), ("d", ["PHONE"]),
    ]  # fmt: skip


def test_no_files_is_no_work() -> None:
    """An empty source."""
    assert scan() == []


# -- digests and leaves ----------------------------------------------------------------------------


def test_a_digest_is_of_all_bytes() -> None:
    """Sidecars count, and under which name they came."""
    digests = [
        scan(item)[0].digest
        for item in (
            artifact("a", b"x"), artifact("a", b"y"), artifact("a", b"x", _wal=b""), artifact("a", b"x", _wal=b"z"),
            artifact("a", b"x", _shm=b"z"),
        )
    ]  # fmt: skip

    assert len(set(digests)) == len(digests)
    assert scan(artifact("other", b"x"))[0].digest == digests[0]


def test_all_leaves_come_with_a_file_that_was_decoded() -> None:
    """And only with that: claims of SDKs are judged on them."""
    assert one(PREFS).leaves == ()
    assert {leaf.steps for leaf in one(PREFS, deep=True).leaves} >= {
        ("user_email",),
        ("profile", "Phone"),
        ("visits",),
    }


def test_hits_are_the_same_twice() -> None:
    """In the same order, too."""
    data = json.dumps({f"k{n}": [MAIL, PHONE, b64(f"m {MAIL}")] for n in range(20)}).encode()

    assert [(hit.leaf.steps, hit.start, hit.type) for hit in one(data).hits] == [
        (hit.leaf.steps, hit.start, hit.type) for hit in one(data).hits
    ]
