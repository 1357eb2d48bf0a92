"""Files as apps store them, written by the standard library alone: our readers are not tested against our writers."""

import gzip
import html
import json
import plistlib
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.people import Chance

__all__ = ["Stored", "bplist", "database", "http_cache", "image", "json_cache", "log", "preferences", "wide_text"]


@dataclass(frozen=True, slots=True)
class Stored:
    """One value as it is to be stored."""

    key: str
    text: str = field(repr=False)
    group: str
    """How, by kind of encoding; what recall is counted by."""

    @property
    def member(self) -> str:
        """As a member of a JSON object. A text that is JSON escaped already stays as it is."""
        if self.group == "escaped":
            return f'{json.dumps(self.key)}:"{self.text}"'
        return f"{json.dumps(self.key)}:{json.dumps(self.text)}"


def _with(event: str, stored: Stored) -> str:
    """An event that holds a value; `nested` ones hold it in a document within a string, twice."""
    if stored.group == "nested":
        inner = json.dumps({"data": json.dumps({stored.key: stored.text})})
        return event[:-1] + f',"body":{json.dumps(inner)}}}'
    return event[:-1] + f',"profile":{{{stored.member}}}}}'


def json_cache(chance: Chance, path: Path, size: int, values: Sequence[Stored]) -> None:
    """A cached answer of a server."""
    items = [_with(chance.event(), each) for each in values]
    have = sum(map(len, items))
    while have < size:
        items.append(chance.event())
        have += len(items[-1]) + 1
    chance.rng.shuffle(items)
    path.write_text(f'{{"version":3,"items":[{",".join(items)}]}}', "utf-8")


def http_cache(chance: Chance, path: Path, size: int, values: Sequence[Stored]) -> None:
    """The same, compressed on the wire and stored so."""
    json_cache(chance, path, size * 4, values)
    head = b"" if chance.rng.random() < 0.5 else b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n"
    path.write_bytes(head + gzip.compress(path.read_bytes(), mtime=0))


def log(chance: Chance, path: Path, size: int, values: Sequence[Stored]) -> None:
    """Lines with a time, a tag and a message."""
    lines = [f"D Net: POST /v2/profile {each.key}={each.text} status=200" for each in values]
    have = sum(map(len, lines))
    while have < size:
        lines.append(
            f"{chance.rng.choice('DIWEV')} {chance.words(8)} id={chance.digits(10)} took {chance.digits(3)}ms"
        )
        have += len(lines[-1]) + 25
    chance.rng.shuffle(lines)
    clock = (
        f"2026-03-{1 + n % 28:02d} {n % 24:02d}:{n % 60:02d}:{n % 59:02d}.{n % 1000:03d} " for n in range(len(lines))
    )
    path.write_text("".join(f"{when}{line}\n" for when, line in zip(clock, lines, strict=True)), "utf-8")


def preferences(chance: Chance, path: Path, size: int, values: Sequence[Stored]) -> None:
    """Android preferences."""
    items = [
        f'    <string name="{each.key}_{n}">{html.escape(each.text)}</string>\n' for n, each in enumerate(values)
    ]
    have = sum(map(len, items))
    while have < size:
        name = f"{chance.words(1)}_{chance.digits(5)}"
        items.append(
            chance.rng.choice((
                f'    <int name="{name}" value="{chance.digits(6)}" />\n',
                f'    <boolean name="{name}" value="true" />\n',
                f'    <long name="{name}" value="17{chance.digits(11)}" />\n',
                f'    <string name="{name}">{html.escape(chance.event())}</string>\n',
                f'    <string name="{name}">{chance.uuid()}</string>\n',
            ))
        )  # fmt: skip
        have += len(items[-1])
    chance.rng.shuffle(items)
    path.write_text(
        f"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n{''.join(items)}</map>\n", "utf-8"
    )


def bplist(chance: Chance, path: Path, size: int, values: Sequence[Stored]) -> None:
    """iOS preferences: strings that touch each other."""
    content: dict[str, object] = {f"{each.key}_{n}": each.text for n, each in enumerate(values)}
    for n in range(size // 300):
        content[f"{chance.words(1)}_{n}"] = chance.rng.choice(
            (chance.words(40), n, chance.rng.random(), True, chance.event(), chance.noise(200))
        )
    path.write_bytes(plistlib.dumps(content, fmt=plistlib.FMT_BINARY))


def wide_text(chance: Chance, path: Path, size: int, values: Sequence[Stored]) -> None:
    """An export in UTF-16."""
    lines = [f"{each.key}={each.text}" for each in values]
    lines += [chance.words(12) for _ in range(size // 160)]
    chance.rng.shuffle(lines)
    codec, mark = chance.rng.choice((("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")))
    path.write_bytes(mark + "\r\n".join(lines).encode(codec))


def image(chance: Chance, path: Path, size: int, values: Sequence[Stored] = ()) -> None:
    """A picture of noise: PNG, or bytes of no form as ciphertext is."""
    if chance.rng.random() < 0.1:
        path.write_bytes(chance.noise(size))
        return
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)),
        (b"IDAT", chance.noise(size)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


# -- databases -----------------------------------------------------------------------------------

_SCHEMA = """
create table events (id integer primary key, ts integer, kind text, payload text);
create table people (id integer primary key, email text, phone text, card_number integer, ssn text,
                     latitude real, longitude real, gaid text, extra blob);
create table old (id integer primary key, payload text);
create index events_by_time on events (ts);
"""
_CUT_PAYLOAD = 6000
_KEPT = 489 + (17 + _CUT_PAYLOAD - 489) % 4092 - 17
"""How much of such a payload stays in its leaf: the format's rule for pages of 4096 bytes, and 17 bytes of other
fields before it."""


def database(chance: Chance, path: Path, size: int, values: Sequence[Stored]) -> None:
    """Rows of JSON, columns, blobs, deleted rows, a dropped table, and a write-ahead log that was not checked in."""
    work = path.with_name(path.name + ".work")
    link = sqlite3.connect(work, isolation_level=None)
    link.executescript("pragma page_size=4096; pragma secure_delete=0; pragma journal_mode=wal;" + _SCHEMA)
    link.execute("begin")
    fresh = [each for each in values if each.group == "wal"]
    gone = [each for each in values if each.group == "deleted"]
    _rows(chance, link, size, [each for each in values if each.group not in ("wal", "deleted")])
    for n, each in enumerate(gone):
        table = "old" if n % 2 else "events"
        link.execute(f"insert into {table} (payload) values (?)", (_with(chance.event(), each),))
        link.execute(f"insert into {table} (payload) values (?)", (chance.event(),))
    marks = [
        link.execute("select id from events where payload like ?", (f"%{e.text}%",)).fetchone() for e in gone[::2]
    ]
    link.execute("commit")
    link.execute("drop table old")
    link.executemany("delete from events where id = ?", [mark for mark in marks if mark])
    link.execute("pragma wal_checkpoint(truncate)")
    for each in fresh:
        link.execute("insert into events (payload) values (?)", (_with(chance.event(), each),))
    shutil.copyfile(work, path)
    if fresh:
        shutil.copyfile(f"{work}-wal", f"{path}-wal")
    link.close()
    work.unlink()


def _rows(chance: Chance, link: sqlite3.Connection, size: int, values: Sequence[Stored]) -> None:
    payloads: list[str] = []
    for each in values:
        if each.group == "overflow":
            payloads.append(_cut(chance, each))
        elif each.group in ("column", "integer", "real", "compressed", "utf-16"):
            _person(link, each)
        else:
            payloads.append(_with(chance.event(), each))
    have = sum(map(len, payloads))
    while have < size:
        payloads.append(chance.event())
        have += len(payloads[-1]) + 24
    chance.rng.shuffle(payloads)
    link.executemany(
        "insert into events (ts, kind, payload) values (?, ?, ?)",
        ((1700000000000 + n, "event", text) for n, text in enumerate(payloads)),
    )


def _person(link: sqlite3.Connection, each: Stored) -> None:
    text = json.dumps({each.key: each.text})
    match each.group:
        case "column":
            link.execute(f"insert into people ({each.key}) values (?)", (each.text,))
        case "integer":
            link.execute("insert into people (card_number) values (?)", (int(each.text),))
        case "real":
            link.execute(
                "insert into people (latitude, longitude) values (?, ?)", tuple(map(float, each.text.split(",")))
            )
        case "compressed":
            data = gzip.compress(text.encode(), mtime=0) if len(text) % 2 else zlib.compress(text.encode())
            link.execute("insert into people (extra) values (?)", (data,))
        case _:
            link.execute("insert into people (extra) values (?)", (text.encode("utf-16-le"),))


def _cut(chance: Chance, each: Stored) -> str:
    """A payload whose value stands where its leaf ends and an overflow page goes on."""
    member = each.member[:-1]
    before = _KEPT - len(member) + len(each.text) // 2
    head = f'{{"text":"{chance.words(1000)[: before - 12]}",'
    text = f'{head}{member}","rest":"'
    return text + "y" * (_CUT_PAYLOAD - len(text) - 2) + '"}'
