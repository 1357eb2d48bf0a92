"""Databases of the systems, made by SQLite itself after their published schemas: keychain, keystore, Core Data.

Schemas: `SecItemSchema.c` of Apple's Security project, `database.rs` of Android's keystore2, what Core Data makes of
a model of two entities.
"""

import plistlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from harness.formats.sqlite import Sqlite
from harness.limits import Limits
from harness.model import Document, Scalar, State, Step

OWN = {
    "genp": "desc BLOB, labl BLOB, acct BLOB NOT NULL DEFAULT '', svce BLOB NOT NULL DEFAULT '', gena BLOB",
    "inet": "labl BLOB, acct BLOB NOT NULL DEFAULT '', sdmn BLOB, srvr BLOB, ptcl INTEGER, port INTEGER",
    "cert": "ctyp INTEGER, labl BLOB, subj BLOB, issr BLOB NOT NULL DEFAULT '', slnr BLOB NOT NULL DEFAULT ''",
    "keys": "kcls INTEGER, labl BLOB, atag BLOB NOT NULL DEFAULT '', type INTEGER, bsiz INTEGER",
}
UNIQUE = {"genp": "acct, svce", "inet": "acct, srvr", "cert": "issr, slnr", "keys": "kcls, atag"}
SHARED = """data BLOB, agrp TEXT NOT NULL, pdmn TEXT NOT NULL, sync INTEGER NOT NULL DEFAULT 0,
    tomb INTEGER NOT NULL DEFAULT 0, sha1 BLOB, vwht TEXT, tkid TEXT, musr BLOB, UUID TEXT"""
KEYCHAIN = "".join(
    f"CREATE TABLE {name} (rowid INTEGER PRIMARY KEY AUTOINCREMENT, cdat REAL, mdat REAL, {own}, {SHARED},"
    f" UNIQUE({UNIQUE[name]}, agrp, sync));"
    for name, own in OWN.items()
)
SEALED = b"\x08\x00\x00\x00sealed"
ITEMS: tuple[tuple[str, dict[str, Scalar]], ...] = (
    ("genp", {"acct": "roe@example.org", "svce": "org.example.app", "pdmn": "ak", "sync": 1}),
    ("genp", {"acct": "gone@example.org", "svce": "org.example.app", "pdmn": "dku", "sync": 0}),
    ("inet", {"acct": "roe", "srvr": "mail.example.org", "port": 993, "pdmn": "cku", "sync": 0}),
    ("cert", {"labl": "Jane Roe", "issr": b"\x30\x00", "pdmn": "akpu", "sync": 0}),
    ("keys", {"atag": b"org.example.key", "kcls": 1, "bsiz": 256, "pdmn": "aku", "sync": 0}),
)
KEYSTORE = """
CREATE TABLE keyentry (id INTEGER UNIQUE, key_type INTEGER, domain INTEGER, namespace INTEGER, alias BLOB,
    state INTEGER, km_uuid BLOB);
CREATE INDEX keyentry_id_index ON keyentry(id);
CREATE TABLE blobentry (id INTEGER PRIMARY KEY, subcomponent_type INTEGER, keyentryid INTEGER, blob BLOB);
CREATE TABLE keyparameter (keyentryid INTEGER, tag INTEGER, data ANY, security_level INTEGER);
CREATE TABLE grant (id INTEGER UNIQUE, grantee INTEGER, keyentryid INTEGER, access_vector INTEGER);
INSERT INTO keyentry VALUES (6148914691236517205, 0, 0, 10123, 'session-key', 1, x'00112233');
INSERT INTO keyentry VALUES (77, 0, 0, 10123, 'old-key', 2, x'00112233');
INSERT INTO blobentry VALUES (1, 0, 6148914691236517205, x'7075');
INSERT INTO keyparameter VALUES (6148914691236517205, 1879048695, 1, 1);
INSERT INTO keyparameter VALUES (6148914691236517205, 268435960, 2, 1);
INSERT INTO keyparameter VALUES (6148914691236517205, -1610612234, -8070450532247928832, 1);
DELETE FROM keyentry WHERE id = 77;
"""
MODEL = """
CREATE TABLE ZPERSON (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZEMPLOYER INTEGER,
    ZBORN TIMESTAMP, ZFULLNAME VARCHAR);
CREATE INDEX ZPERSON_ZEMPLOYER_INDEX ON ZPERSON (ZEMPLOYER);
CREATE TABLE ZCOMPANY (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZNAME VARCHAR);
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
CREATE TABLE Z_METADATA (Z_VERSION INTEGER PRIMARY KEY, Z_UUID VARCHAR(255), Z_PLIST BLOB);
CREATE TABLE Z_MODELCACHE (Z_CONTENT BLOB);
INSERT INTO Z_PRIMARYKEY VALUES (1, 'Company', 0, 1), (2, 'Person', 0, 2);
INSERT INTO ZCOMPANY VALUES (1, 1, 1, 'Example Ltd');
INSERT INTO ZPERSON VALUES (1, 2, 1, 1, -311040000, 'Jane Roe'), (2, 2, 1, NULL, NULL, 'Richard Roe');
DELETE FROM ZPERSON WHERE Z_PK = 2;
"""

Told = dict[State, dict[tuple[Step, ...], Scalar]]


def told(path: Path, script: str, rows: Iterable[tuple[str, dict[str, Scalar]]] = (), then: str = "") -> Told:
    """What is decoded of the database that a script makes, by state."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=0").fetchall()
        connection.executescript(script)
        for table, row in rows:
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
        connection.executescript(then)
    found: Told = {state: {} for state in State}
    for value in Sqlite().decode(Document(path.read_bytes()), Limits()):
        found[value.state][value.steps] = value.value
    return found


def between_cells(found: Told) -> list[tuple[tuple[Step, ...], Scalar]]:
    """What is left in pages that are in use."""
    return [each for state in (State.FREEBLOCK, State.UNALLOCATED) for each in found[state].items()]


@pytest.fixture
def keychain(tmp_path: Path) -> Told:
    shared: dict[str, Scalar] = {"cdat": 700_000_000.5, "mdat": 7e8, "agrp": "group.org.example", "data": SEALED}
    rows = [(table, {**shared, **item}) for table, item in ITEMS]
    return told(tmp_path / "keychain-2.db", KEYCHAIN, rows, "DELETE FROM genp WHERE acct = 'gone@example.org';")


def test_the_keychain_tells_who_may_read_each_item(keychain: Told) -> None:
    """Accessibility, group and whether it is synchronised, of items of all four classes; the data is sealed."""
    live = keychain[State.LIVE]
    for name, item in (each for each in ITEMS if each[1].get("acct") != "gone@example.org"):
        for column, value in item.items():
            assert live[name, 1, column] == value
        assert live[name, 1, "agrp"] == "group.org.example"
        assert live[name, 1, "cdat"] == 700_000_000.5
        assert live[name, 1, "data"] == SEALED
        assert live[name, 1, "rowid"] == 1


def test_a_deleted_item_of_the_keychain_is_still_there(keychain: Told) -> None:
    """With its accessibility, and as a row of its table."""
    dead = {steps[0::2]: value for steps, value in between_cells(keychain) if len(steps) == 3}

    assert dead["genp", "acct"] == "gone@example.org"
    assert dead["genp", "pdmn"] == "dku"


def test_the_keystore_tells_alias_grade_and_authentication(tmp_path: Path) -> None:
    """Of each key; one that was deleted keeps its alias for a while."""
    found = told(tmp_path / "persistent.sqlite", KEYSTORE)
    live = found[State.LIVE]
    key = 6148914691236517205
    parameters = {
        live["keyparameter", row, "tag"]: (
            live["keyparameter", row, "data"],
            live["keyparameter", row, "security_level"],
        )
        for row in (1, 2, 3)
    }

    assert live["keyentry", 1, "alias"] == "session-key"
    assert (live["keyentry", 1, "namespace"], live["keyentry", 1, "id"]) == (10123, key)
    assert parameters == {1879048695: (1, 1), 268435960: (2, 1), -1610612234: (-8070450532247928832, 1)}
    assert live["blobentry", 1, "blob"] == b"pu"
    assert ("keyentry", 2, "alias") not in live
    assert "old-key" in [value for _, value in between_cells(found)]


def test_a_store_of_core_data_names_its_entities(tmp_path: Path) -> None:
    """An entity's table is `Z` with its name in capitals; a relation holds the number of a row; dates are dates."""
    found = told(tmp_path / "Model.sqlite", MODEL)
    live = found[State.LIVE]
    entities = {live["Z_PRIMARYKEY", row, "Z_NAME"]: row for row in (1, 2)}

    for name, number in entities.items():
        assert live[f"Z{str(name).upper()}", 1, "Z_ENT"] == number
    assert live["ZPERSON", 1, "ZFULLNAME"] == "Jane Roe"
    assert str(live["ZPERSON", 1, "ZBORN"]) == "1991-02-23 00:00:00+00:00"
    assert live["ZCOMPANY", live["ZPERSON", 1, "ZEMPLOYER"], "ZNAME"] == "Example Ltd"  # type: ignore[index]
    assert "Richard Roe" in [value for _, value in between_cells(found)]


def test_the_metadata_of_a_store_are_a_property_list(tmp_path: Path) -> None:
    """As it is stored, for the format of property lists."""
    path = tmp_path / "Model.sqlite"
    versions = {"NSStoreModelVersionHashes": {"Person": bytes(32), "Company": bytes(32)}}
    told(path, MODEL)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        plist = plistlib.dumps(versions, fmt=plistlib.FMT_BINARY)
        connection.execute("INSERT INTO Z_METADATA VALUES (1, 'uuid', ?)", (plist,))

    found = told(path, "")[State.LIVE]["Z_METADATA", 1, "Z_PLIST"]

    assert isinstance(found, bytes)
    assert plistlib.loads(found) == versions
