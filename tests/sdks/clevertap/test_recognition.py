"""Which version, level and account wrote a storage: the fixtures of the specification, and what is odd about some."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.formats.base import Format
from harness.formats.shared_prefs import Preference, SharedPrefs
from harness.limits import Limits
from harness.model import Document, Locator, Recognised, Record, State
from harness.persona import demo_persona
from harness.profiles import load_profile
from harness.scan.unfold import Unfolder, choose_format
from harness.sdks.base import (
    Event,
    EventPushed,
    InAppReceived,
    Launched,
    LevelChanged,
    OptedOut,
    PushReceived,
    Statement,
    Upgraded,
    WentOffline,
    WentOnline,
)
from harness.sdks.clevertap import CleverTap
from harness.sdks.clevertap.android_database import database_version as db
from harness.sdks.clevertap.android_database import insert_event, put_profile
from harness.sdks.clevertap.android_schema import create
from harness.sdks.clevertap.recognition import era_of, recognise
from harness.sdks.clevertap.versions import VERSIONS, parse, traits
from harness.simulation import DEMO_APP, demo_events, simulate

_ACCOUNT = "TEST-000-0000"
_GUID = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"
_MAIN = "shared_prefs/WizRocket.xml"
_DATABASE = "databases/clevertap"
_BRACKETS = "[-84, -2, 40, 21, -25, 92, -88, 74, 110, 64, 90, 91, -90, -35, -126, -51]"
_FRAME = "<ct<AAECAwQFBgcICQoL:LWO1cIWCr3rkLbno3oRxaxuh1ZpHYTzLyH86Mjzg>ct>"
_PROFILE = json.dumps({"Name": "Jane Doe", "Email": "jane@example.org", "Identity": 61026032})
_LEGACY_PROFILE = json.dumps({"Email": _BRACKETS, "Gender": "M", "Identity": 61026032})
_FRAMED_PROFILE = json.dumps({"Email": _FRAME, "Gender": "M", "Identity": 61026032})


def _main(**changes: Preference) -> dict[str, Preference]:
    """F0: 8.2.0 at level 0. A change to None takes a name away."""
    values: dict[str, Preference] = {
        "deviceId": _GUID,
        "cachedGUIDsKey": json.dumps({"Identity_61026032": _GUID, "Email_jane@example.org": _GUID}),
        "cachedGUIDsLengthKey": 2,
        "SP_KEY_PROFILE_IDENTITIES": "Identity,Email",
        "encryptionLevel": 0,
        "encryptionMigrationFailureCount": 0,
        "ssInAppMigrated": True,
        "lastSessionId": 1700000000,
        "sexe": 1700000300,
        "variablesKey": "{}",
        "variantsForAbKey": "[]",
        "comms_dmn": "in1.clevertap-prod.com",
        "comms_first_ts": 1700000002,
        "comms_last_ts": 1700000302,
        "fcm_token": "fcm-token-goes-here",
        **changes,
    }
    return {f"{name}:{_ACCOUNT}": value for name, value in values.items() if value is not None}


def _before_7_2(**changes: Preference) -> dict[str, Preference]:
    gone: dict[str, Preference] = dict.fromkeys(
        (
            "cachedGUIDsLengthKey",
            "encryptionLevel",
            "encryptionMigrationFailureCount",
            "ssInAppMigrated",
            "variantsForAbKey",
        )
    )
    return _main(**{**gone, **changes})


def _instance(**members: object) -> str:
    config = {
        "accountId": _ACCOUNT,
        "accountToken": "000-000",
        "accountRegion": "in1",
        "isDefaultInstance": True,
        **members,
    }
    return json.dumps(config)


_PUSH_TYPES = [{"ctProviderClassName": "a.B", "tokenPrefKey": "fcm_token", "type": "fcm"}]


def _row(version: str, data: str) -> Statement:
    return put_profile(db(version), _GUID, _ACCOUNT, data)


def _launched(number: int, session: int = 1700000000) -> Statement:
    event = {"evtName": "App Launched", "evtData": {"SDK Version": number}, "s": session, "type": "event"}
    return insert_event("events", json.dumps(event), 1700000001000)


def _told(values: Mapping[str, Preference], base: bytes | None = None, **more: bytes) -> Recognised:
    """The same whether nested values were unfolded or not."""
    files = {_MAIN: _preferences(values), **({_DATABASE: base} if base else {}), **more}
    known = recognise(_records(files))
    assert known is not None
    assert recognise(_records(files, unfolded=False)) == known
    assert known.sdk == "clevertap"
    return known


# -- storage --------------------------------------------------------------------------------------


def _preferences(values: Mapping[str, Preference]) -> bytes:
    """The bytes of a preferences file."""
    return bytes(SharedPrefs().encode(values).data)


def _database(version: str, rows: Iterable[Statement] = ()) -> bytes:
    """A database as a version of the SDK makes it, with rows."""
    style = traits(version, 34).sql_style
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clevertap"
        with closing(sqlite3.connect(path)) as connection:
            for each in (*create(db(version), style), *rows):
                connection.execute(each.sql, each.parameters)
            connection.commit()
        return path.read_bytes()


_SIDECARS = ("-wal", "-shm", "-journal")


def _records(files: Mapping[str, bytes], *, unfolded: bool = True) -> list[Record]:
    """Every value; with those inside of nested documents, as a scan has them, or without."""
    formats = registry.load("formats", Format)
    unfolder = Unfolder(formats, Limits())
    out = []
    for path, data in files.items():
        if path.endswith(_SIDECARS):
            continue
        chosen = choose_format(formats, data[:4096], len(data))
        beside = {suffix: files[path + suffix] for suffix in _SIDECARS if path + suffix in files}
        for value in chosen.decode(Document(data, beside), Limits()):
            if not unfolded:
                out.append(
                    Record(locator=Locator(path=path, steps=value.steps), value=value.value, state=value.state)
                )
                continue
            out += [
                Record(
                    locator=Locator(path=path, steps=leaf.steps),
                    value=leaf.value,
                    state=leaf.state,
                    layers=leaf.layers,
                )
                for leaf in unfolder.leaves(value.value, value.steps, state=value.state)
            ]
    return out


# -- fixtures ------------------------------------------------------------------------------------


def test_f0_level_0_of_8_2_0() -> None:
    """The newest version in its plainest state; there is nothing to say of it."""
    known = _told(_main(), _database("8.2.0", [_row("8.2.0", _PROFILE)]))

    assert (known.first, known.last, known.era) == ("8.2.0", "8.2.0", "full data")
    assert (known.account, known.level, known.notes) == (_ACCOUNT, 0, ())


@pytest.mark.parametrize(
    ("version", "first", "last"),
    [("5.2.0", "5.2.0", "6.2.1"), ("7.0.0", "7.0.0", "7.0.3"), ("7.1.2", "7.1.0", "7.1.2")],
)
def test_f1_legacy_aes_at_level_1(version: str, first: str, last: str) -> None:
    """Its database tells some of the versions apart."""
    values = _before_7_2(
        encryptionLevel=1,
        encryptionFlagStatus=3,
        cachedGUIDsKey=json.dumps({f"Email_{_BRACKETS}": _GUID}),
    )
    known = _told(values, _database(version, [_row(version, _LEGACY_PROFILE)]))

    assert (known.first, known.last, known.era, known.level) == (first, last, "legacy AES", 1)
    assert (known.account, known.notes) == (_ACCOUNT, ())


def test_f2_gcm_with_the_key_in_the_preferences() -> None:
    """On Android 5, which the note says."""
    key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    values = _main(encryptionLevel=1, ssInAppMigrated=None, variantsForAbKey=None, cachedGUIDsKey=_FRAME)
    known = _told({**values, "EncryptionKey": key}, _database("7.2.0", [_row("7.2.0", _FRAMED_PROFILE)]))

    assert (known.first, known.last, known.era, known.level) == ("7.2.0", "7.3.0", "GCM and keystore", 1)
    assert len(known.notes) == 1
    assert "Android 5" in known.notes[0]
    assert key not in str(known)


def test_f3_gcm_with_the_key_in_the_keystore() -> None:
    """As before, without the key beside the data."""
    values = _main(encryptionLevel=1, variantsForAbKey=None, cachedGUIDsKey=_FRAME)
    known = _told(values, _database("7.6.0", [_row("7.6.0", _FRAMED_PROFILE)]))

    assert (known.first, known.last, known.era, known.level) == ("7.3.1", "7.6.0", "GCM and keystore", 1)
    assert known.notes == ()


def test_f4_level_2() -> None:
    """Whole rows are ciphertext."""
    values = _main(encryptionLevel=2, cachedGUIDsKey=_FRAME, variablesKey=_FRAME, variantsForAbKey=_FRAME)
    rows = [_row("8.0.0", _FRAME), insert_event("events", _FRAME, 1), insert_event("profileEvents", _FRAME, 1)]
    known = _told(values, _database("8.0.0", rows))

    assert (known.first, known.last, known.era, known.level) == ("7.7.1", "8.1.0", "full data", 2)
    assert known.notes == ()


# -- eras ----------------------------------------------------------------------------------------


def test_names_without_an_account_are_from_before_3_2_0() -> None:
    """All versions that name it are known from binaries alone."""
    known = _told({"deviceId": _GUID, "lastSessionId": 1700000000, "comms_dmn": "wzrkt.com"}, _database("3.1.10"))

    assert (known.first, known.last, known.era) == ("3.1.10", "3.1.10", "plaintext")
    assert (known.account, known.level) == ("", None)


@pytest.mark.parametrize(
    ("members", "first", "last", "era"),
    [
        ({}, "5.0.0", "5.1.0", "plaintext"),
        ({"encryptionLevel": 0}, "5.2.0", "6.2.1", "legacy AES"),
        ({"encryptionLevel": 0, "allowedPushTypes": ["fcm"]}, "5.2.0", "6.2.1", "legacy AES"),
    ],
)
def test_the_configuration_tells_versions_apart(members: dict[str, object], first: str, last: str, era: str) -> None:
    """Every start writes it anew: what is not in it, the version does not write."""
    known = _told(_before_7_2(instance=_instance(**members)), _database("5.2.0"))

    assert (known.first, known.last, known.era) == (first, last, era)


@pytest.mark.parametrize(
    ("members", "first", "last"),
    [
        ({"encryptionLevel": 0, "allowedPushTypes": ["fcm"]}, "7.2.0", "7.2.2"),
        ({"encryptionLevel": 0, "allowedPushTypes": _PUSH_TYPES}, "7.3.0", "7.4.1"),
        ({"encryptionLevel": 0, "encryptionInTransit": "0", "allowedPushTypes": _PUSH_TYPES}, "7.5.0", "7.6.0"),
    ],
)
def test_so_do_its_push_services_and_transit(members: dict[str, object], first: str, last: str) -> None:
    """Texts up to 7.2.x, objects from 7.3.0; `encryptionInTransit` from 7.5.0."""
    marked = None if first == "7.2.0" else True
    values = _main(variantsForAbKey=None, ssInAppMigrated=marked, instance=_instance(**members))
    known = _told(values, _database("7.6.0"))

    assert parse(first) <= parse(known.first)
    assert known.last == last


def test_statements_in_many_lines_are_of_kotlin() -> None:
    """The text of a table's statement stays in the database as it was when it was made."""
    values = _before_7_2(instance=_instance(encryptionLevel=0))

    assert _told(values, _database("6.1.0")).first == "5.2.0"
    assert _told(values, _database("6.2.1")).first == "6.2.0"


def test_a_start_that_is_still_queued_names_the_version() -> None:
    """If it is of the last session; of an older one it names a version that was there before."""
    values = _main(variantsForAbKey=None)

    assert _told(values, _database("7.4.0", [_launched(70400)])).last == "7.4.0"
    assert _told(values, _database("7.4.0", [_launched(70400)])).first == "7.4.0"
    assert _told(values, _database("7.4.0", [_launched(70502)])).first == "7.5.2"
    older = _told(values, _database("7.6.0", [_launched(70400, session=1600000000)]))
    assert (older.first, older.last) == ("7.4.0", "7.6.0")


def test_a_release_between_those_that_were_read_is_named_as_it_is() -> None:
    """4.6.1 wrote what 4.6.0 wrote."""
    known = _told(_before_7_2(variablesKey=None, instance=_instance()), _database("4.6.0", [_launched(40601)]))

    assert (known.first, known.last, known.era, known.level) == ("4.6.1", "4.6.1", "plaintext", None)


def test_files_alone_tell_something() -> None:
    """An acquisition may hold a part of the storage."""
    path = f"shared_prefs/ct_files:{_ACCOUNT}.xml"
    known = recognise(_records({path: _preferences({"https://example.org/a.png": 1700000000000})}))

    assert known is not None
    assert (known.first, known.last, known.account) == ("7.0.0", VERSIONS[-1], _ACCOUNT)


def test_every_version_has_an_era() -> None:
    """In the words of the specification."""
    assert [era_of(version) for version in ("2.0.1", "2.1.0", "5.2.0", "7.2.0", "7.7.0")] == [
        "external file",
        "plaintext",
        "legacy AES",
        "GCM and keystore",
        "full data",
    ]


# -- what is odd ---------------------------------------------------------------------------------


def _notes(values: Mapping[str, Preference], base: bytes | None = None, **more: bytes) -> str:
    return "\n".join(_told(values, base, **more).notes)


def test_a_migration_that_failed_is_named() -> None:
    """By the count of the later versions, or the bits of the earlier ones."""
    assert "migration failed" in _notes(_main(encryptionLevel=1, encryptionMigrationFailureCount=1))
    legacy = _before_7_2(encryptionLevel=1, encryptionFlagStatus=1, cachedGUIDsKey=None)
    assert "encrypting the profile failed" in _notes(legacy)
    assert "identity map" not in _notes(legacy)


def test_levels_that_differ_are_named() -> None:
    """The storage is not yet at the level that the app was built with."""
    known = _told(_main(encryptionLevel=1, cachedGUIDsKey=_FRAME, instance=_instance(encryptionLevel=2)))

    assert known.level == 2
    assert any("level 2 is configured, and level 1" in note for note in known.notes)


def test_a_plain_map_at_level_1_is_the_regression_of_7_2_0() -> None:
    """Up to 7.6.x."""
    values = _main(encryptionLevel=1, variantsForAbKey=None)

    assert "7.2.0 to 7.6.x" in _notes(values, _database("7.4.0", [_row("7.4.0", _FRAMED_PROFILE)]))


def test_a_legacy_map_with_other_keys_is_told_from_one_that_failed() -> None:
    """`email` is not `Email`."""
    other = json.dumps({f"Email_{_BRACKETS}": _GUID, "email_jane@example.org": _GUID})
    plain = json.dumps({"Email_jane@example.org": _GUID})

    assert "does not cover" in _notes(_before_7_2(encryptionLevel=1, encryptionFlagStatus=3, cachedGUIDsKey=other))
    assert "encrypting them failed" in _notes(
        _before_7_2(encryptionLevel=1, encryptionFlagStatus=3, cachedGUIDsKey=plain)
    )


def test_mixed_schemes_are_named() -> None:
    """Brackets beside frames."""
    mixed = json.dumps({"Email": _FRAME, "Name": _BRACKETS})
    values = _main(encryptionLevel=1, cachedGUIDsKey=_FRAME, encryptionFlagStatus=3)

    notes = _notes(values, _database("7.6.0", [_row("7.6.0", mixed)]))
    assert "beside those of the keystore" in notes
    assert "encryptionFlagStatus is left" in notes


def test_plain_rows_at_level_2_are_named_by_table() -> None:
    """Reads always try to decrypt, so that mixed rows are normal, and leak."""
    values = _main(encryptionLevel=2, cachedGUIDsKey=_FRAME)
    rows = [_row("8.2.0", _FRAME), _launched(80200), insert_event("profileEvents", _FRAME, 1)]

    notes = _notes(values, _database("8.2.0", rows))
    assert "rows of events are plain at level 2" in notes
    assert "rows of profileEvents" not in notes
    assert "rows of userProfiles" not in notes


def test_plain_fields_at_level_1_are_named() -> None:
    """A number is not covered, which is no fault of a migration."""
    values = _main(encryptionLevel=1, cachedGUIDsKey=_FRAME)

    assert "texts of the profile" in _notes(values, _database("8.2.0", [_row("8.2.0", _PROFILE)]))
    assert _notes(values, _database("8.2.0", [_row("8.2.0", json.dumps({"Identity": 61026032}))])) == ""


def test_leftovers_are_named() -> None:
    """Of 3.1.x, and of 7.0.x."""
    counters = "shared_prefs/WizRocket_local_events.xml"
    values = {**_main(), "deviceId": _GUID}

    notes = _notes(values, _database("8.2.0"), **{counters: _preferences({f"Charged:{_ACCOUNT}": "1|1|1"})})
    assert "before 3.2.0" in notes
    assert "before 7.1.0" in notes


def test_in_apps_are_told_by_their_form() -> None:
    """Plain JSON is what a migration at level 0 leaves."""
    path = f"shared_prefs/inApp:{_GUID}:{_ACCOUNT}.xml"
    plain = _preferences({"inApp": json.dumps([{"ti": 1, "msg": "Hello"}]), "evaluated_ss": "[1700000000]"})
    sealed = _preferences({"inApp": _FRAME})
    legacy = _preferences({"inApp": _BRACKETS})

    assert "in-app messages are plain" in _notes(_main(), None, **{path: plain})
    assert _notes(_main(), None, **{path: sealed}) == ""
    assert "though a version ran that migrates them" in _notes(_main(), None, **{path: legacy})


def test_several_accounts_are_counted_and_the_default_one_is_reported() -> None:
    """Each has a level of its own."""
    other = "ZZZ-111-2222"
    values: dict[str, Preference] = {
        f"instance:{other}": json.dumps({"accountId": other, "isDefaultInstance": False, "encryptionLevel": 1}),
        f"encryptionLevel:{other}": 1,
        **_main(instance=_instance(encryptionLevel=0, encryptionInTransit="0")),
    }
    known = _told(values)

    assert (known.account, known.level) == (_ACCOUNT, 0)
    assert known.notes == ("2 accounts, each with a level of its own",)


def test_traces_that_disagree_are_called_so() -> None:
    """A database of 7.1.x beside preferences of 7.7.1: a newer version was replaced by an older one."""
    known = _told(_main(), _database("7.1.0"))

    assert known.first == "7.7.1"
    assert "do not fit together" in known.notes[0]


# -- lives ---------------------------------------------------------------------------------------

_MODEL = CleverTap()
_ANDROID_14, _ANDROID_5 = load_profile("android-14-rooted"), load_profile("android-5-stock")
_PERSONA = demo_persona()


def _lived(
    version: str, level: int | None, api: int = 34, events: Sequence[Event] | None = None, **built: Any
) -> list[Record]:
    """The storage of an app that was in use for a while."""
    sandbox = simulate(
        _ANDROID_14 if api > 22 else _ANDROID_5, _MODEL, mode="encrypted" if level else "plain", persona=_PERSONA,
        version=version, level=level, events=events, **built,
    )  # fmt: skip
    root = sandbox.container(DEMO_APP.package)
    files = {entry.path[len(root) + 1 :]: bytes(entry.data) for entry in sandbox.walk(root) if not entry.folder}
    return _records(files)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_life_is_recognised_in_every_version_and_level(version: str) -> None:
    """Without being told anything; and storage that is in order has no more than the key of Android 5 as a note."""
    for api in (34, 21) if (7, 2, 0) <= parse(version) < (8, 1, 0) else (34,):
        for level in _MODEL.levels(version) or (None,):
            known = recognise(_lived(version, level, api))

            assert known is not None
            assert parse(known.first) <= parse(version) <= parse(known.last)
            assert (known.account, known.level) == (_ACCOUNT, level)
            assert era_of(version) in known.era
            assert len(known.notes) == (api == 21)


@pytest.mark.parametrize("version", ["2.2.0", "3.4.0", "3.5.0", "4.6.3", "5.2.2", "6.2.1", "7.1.2", "7.6.0", "8.2.0"])
def test_a_life_is_recognised_whatever_its_id_is_made_of(version: str) -> None:
    """With an email in names of files and preferences, a fallback, or fences and pushes beside it all."""
    life = demo_events(_PERSONA, "plain")
    moment: dict[str, Any] = {"at": life[-1].at + 60, "entropy": bytes(32)}
    messages = (
        OptedOut(**moment),
        OptedOut(**moment, out=False),
        WentOnline(**moment),
        InAppReceived(**moment, campaign="campaign-2", text="Hello", image="https://example.org/hello.png"),
        WentOffline(**moment),
        PushReceived(**moment, push="push-1", text="Hello"),
    )
    ids = {
        "advertising": {"advertising_id": _PERSONA.advertising_id},
        "custom": {"custom_id": _PERSONA.email},
        "random": {},
    }
    extras = frozenset(_MODEL.extras(version))
    for kind in _MODEL.device_ids(version):
        for level in _MODEL.levels(version) or (None,):
            known = recognise(_lived(version, level, events=(*life, *messages), extras=extras, **ids[kind]))

            assert known is not None
            assert parse(known.first) <= parse(version) <= parse(known.last)
            assert (known.account, known.level, known.notes) == (_ACCOUNT, level, ())


@pytest.mark.parametrize(
    ("before", "after", "levels", "phrases"),
    [
        ("3.1.10", "4.0.0", (None, None), ["before 3.2.0"]),
        ("6.2.1", "8.2.0", (0, 0), ["before 7.1.0", "in-app messages are plain"]),
        ("7.0.0", "7.1.2", (1, 1), ["before 7.1.0"]),
        # 7.2.0 forgets the queue of in-app messages.
        ("7.1.2", "7.2.0", (1, 1), ["encryptionFlagStatus is left", "beside those of the keystore"]),
        ("7.1.2", "7.6.0", (1, 0), ["encryptionFlagStatus is left", "beside those of the keystore"]),
        ("7.6.0", "8.2.0", (1, 2), []),
        ("8.0.0", "8.2.0", (0, 2), []),
    ],
)
def test_an_upgrade_is_recognised_by_what_came_last(
    before: str, after: str, levels: tuple[int | None, int | None], phrases: list[str]
) -> None:
    """What the older version left is named, and does not pass for it."""
    life = list(demo_events(_PERSONA, "plain"))
    at = life[-1].at
    life.append(Upgraded(at=at + 60, entropy=b"u" * 32, version=after))
    if levels[1] is not None and levels[1] != levels[0]:
        life.append(LevelChanged(at=at + 120, entropy=b"l" * 32, level=levels[1]))
    life += [
        Launched(at=at + 4000, entropy=b"x" * 32),
        EventPushed(at=at + 4100, entropy=b"e" * 32, label="Screen Viewed"),
    ]

    known = recognise(_lived(before, levels[0], events=life))

    assert known is not None
    assert parse(known.first) <= parse(after) <= parse(known.last)
    assert parse(known.first) > parse(before)
    assert known.level == levels[1]
    assert len(known.notes) == len(phrases)
    assert all(any(phrase in note for note in known.notes) for phrase in phrases)


# -- hostile and foreign -------------------------------------------------------------------------


def test_an_app_without_the_sdk_is_not_recognised() -> None:
    """Neither by nothing, nor by the preferences of something else."""
    assert recognise([]) is None
    assert recognise(_records({"shared_prefs/app.xml": _preferences({"deviceId": _GUID})})) is None


def test_nothing_personal_is_in_what_is_recognised() -> None:
    """It is published: phrases and counts alone."""
    person = "jane@example.org"
    values = _main(encryptionLevel=1, encryptionMigrationFailureCount=2, deviceId=f"__h{person}")
    known = _told({**values, person: person}, _database("8.2.0", [_row("8.2.0", _PROFILE)]))

    assert person not in repr((known, known.account, known.notes))


_TEXTS = st.sampled_from(
    [
        "",
        "{",
        "{}",
        "[]",
        "[1",
        '{"encryptionLevel":"x"}',
        "[" * 5000,
        _BRACKETS,
        _FRAME,
        '{"a":{"b":[null]}}',
        "9" * 400,
    ]
) | st.text(max_size=20)
_VALUES = _TEXTS | st.none() | st.booleans() | st.integers() | st.floats() | st.binary(max_size=20)
_STEPS = st.lists(
    st.sampled_from(
        [
            f"cachedGUIDsKey:{_ACCOUNT}", f"instance:{_ACCOUNT}", f"encryptionLevel:{_ACCOUNT}", "allowedPushTypes",
            f"encryptionFlagStatus:{_ACCOUNT}", "events", "userProfiles", "sqlite_master", "sql", "name", "data",
            "evtData", "SDK Version", "s", "Email", "inApp", "evaluated_ss", 0, 1, -1, "", ":", "a:b:c",
        ]
    ),
    max_size=6,
)  # fmt: skip
_PATHS = st.sampled_from(
    [
        _MAIN,
        f"{_MAIN}.bak",
        _DATABASE,
        f"shared_prefs/inApp:{_GUID}:{_ACCOUNT}.xml",
        f"{_DATABASE}_{_ACCOUNT}",
        "",
        "a" * 5000,
    ]
)
_RECORDS = st.builds(
    lambda path, steps, value, state: Record(
        locator=Locator(path=path, steps=tuple(steps)), value=value, state=state
    ),
    _PATHS,
    _STEPS,
    _VALUES,
    st.sampled_from(State),
)


@given(st.lists(_RECORDS, max_size=25))
def test_it_never_raises(found: list[Record]) -> None:
    """Storage is hostile; what is told is in order all the same."""
    known = recognise(found)

    if known is not None:
        assert parse(known.first) <= parse(known.last)
        assert all(note and _ACCOUNT not in note and _GUID not in note for note in known.notes)
