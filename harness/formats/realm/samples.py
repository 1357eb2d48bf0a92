"""What the contract asks of Realm files: each type once, a state before the newest, both layouts, a sealed one."""

import uuid
from datetime import UTC, datetime

from harness.formats.base import Sample
from harness.formats.realm.writer import Storable, Store, Table
from harness.model import State, Value

__all__ = ["SAMPLES"]

_WHEN = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
_ID = uuid.UUID("fc7cb8d0-8cbe-4a22-a584-8e39c251406c")
_USERS = ("id", "name", "email", "visits", "lat", "opted", "joined", "adid", "photo", "mails", "attrs", "note")
_JANE: tuple[Storable, ...] = (
    1,
    "Jane Roe",
    "jane.roe@example.org",
    7,
    51.507351,
    True,
    _WHEN,
    _ID,
    b"\x00\xff\x10jane",
    ("jane@example.com", "j.roe@example.org"),
    {"ssn": "078-05-1120", "floor": 3},
    "n" * 70,
)
_ZOE: tuple[Storable, ...] = (
    2,
    "Zoë",
    "zoe@example.org",
    0,
    -0.1,
    False,
    None,
    None,
    b"",
    (),
    {"ssn": "219-09-9999"},
    None,
)
_NOW = (Table("User", _USERS, (_JANE, _ZOE), (0, 300)), Table("Card", ("pan",), (("4111 1111 1111 1111",),)))
_THEN = (
    Table("User", ("name", "email"), (("Jane Doe", "jane.doe@example.com"), ("Zoë", "zoe@example.org"))),
    Table("Card", ("pan",), (("4111 1111 1111 1111",), ("5555 5555 5555 4444",))),
)


def _values(table: Table) -> list[Value]:
    found = []
    keys = table.keys or tuple(range(len(table.objects)))
    for key, each in zip(keys, table.objects, strict=True):
        for column, value in zip(table.columns, each, strict=True):
            steps = (table.name, key, column)
            match value:
                case tuple():
                    found += [Value((*steps, number), text) for number, text in enumerate(value)]
                case dict():
                    found += [Value((*steps, name), inner) for name, inner in value.items()]
                case uuid.UUID():
                    found.append(Value(steps, str(value)))
                case None:
                    pass
                case _:
                    found.append(Value(steps, value))  # type: ignore[arg-type]
    return found


_OLD = (
    Table(
        "Person",
        ("name", "age", "seen", "bio"),
        (("Jane Roe", 41, _WHEN, "jane.roe@example.org, since she came"), ("Zoë", None, _WHEN, "+44 7700 900123")),
    ),
)
_GONE = (
    Value(("User", 0, "name"), "Jane Doe", State.SUPERSEDED),
    Value(("User", 0, "email"), "jane.doe@example.com", State.SUPERSEDED),
    Value(("User", 1, "name"), "Zoë", State.SUPERSEDED),
    Value(("User", 1, "email"), "zoe@example.org", State.SUPERSEDED),
    Value(("Card", 1, "pan"), "5555 5555 5555 4444", State.SUPERSEDED),
)

SAMPLES: tuple[Sample, ...] = (
    Sample(Store(_NOW, _THEN), (*_values(_NOW[0]), *_values(_NOW[1]), *_GONE)),
    Sample(Store(_OLD, old_layout=True), tuple(_values(_OLD[0]))),
    Sample(Store(_NOW, key=bytes(range(64))), ()),
)
