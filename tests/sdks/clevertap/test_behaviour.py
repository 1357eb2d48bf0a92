"""A life of CleverTap's SDK, from event to event: the eras of its specification, and any sequence of events."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.persona import demo_persona
from harness.sdks.base import (
    Charged,
    Cleared,
    Delete,
    Erased,
    Event,
    EventPushed,
    InAppReceived,
    InboxReceived,
    Installed,
    Killed,
    Launched,
    LevelChanged,
    LocationSet,
    LoggedIn,
    LoggedOut,
    Muted,
    NetworkReporting,
    OptedOut,
    ProfilePushed,
    PushReceived,
    PushTokenReceived,
    Reinstalled,
    ServerAnswered,
    Sql,
    Upgraded,
    WentOffline,
    WentOnline,
    Write,
)
from harness.sdks.clevertap import CleverTap
from harness.sdks.clevertap.identity_map import SEALED_KEYS
from harness.sdks.clevertap.state import ACCOUNT
from harness.sdks.clevertap.versions import VERSIONS, Scheme, parse, traits
from harness.simulation import demo_events
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone

MODEL = CleverTap()


def logged_in(**how: Any) -> Phone:
    """Installed, online for a while, one user with the number of the specification's fixtures."""
    phone = Phone(**how).do(Installed, after=0)
    return phone.do(LoggedIn, identity="61026032", profile=PERSON).do(PushTokenReceived, token="a-token")


# -- the fixtures of the specification -----------------------------------------------------------


def test_f0_plain_storage_of_the_newest_version() -> None:
    """Just these preferences, in just these types."""
    phone = logged_in().do(Launched)
    guid = phone.guid
    found = phone.preferences()

    assert json.loads(found.pop("instance"))["encryptionLevel"] == 0
    assert set(found.pop("SP_KEY_PROFILE_IDENTITIES").split(",")) == {"Identity", "Email"}
    assert json.loads(found.pop("cachedGUIDsKey")) == {
        "Identity_61026032": guid,
        "Email_jane.roe@example.org": guid,
    }
    assert found == {
        "deviceId": guid,
        "cachedGUIDsLengthKey": 2,
        "encryptionLevel": 0,
        "encryptionMigrationFailureCount": 0,
        "ssInAppMigrated": True,
        "lastSessionId": phone.at,
        "sexe": phone.at - 120,
        "variablesKey": "{}",
        "variantsForAbKey": "[]",
        "comms_dmn": "in1.clevertap-prod.com",
        "comms_dmn_spiky": "in1-spiky.clevertap-prod.com",
        "comms_first_ts": phone.at - 120,
        "comms_last_ts": phone.at,
        "fcm_token": "a-token",
    }
    assert phone.profiles() == {
        guid: {
            "Identity": 61026032,
            "Name": "Jane Roe",
            "Email": "jane.roe@example.org",
            "Phone": "+14155550132",
            "DOB": "$D_640310400",
            "address": "221 Example Street",
        }
    }
    assert phone.opened(phone.in_apps()["inApp"]) == "[]"
    assert phone.in_apps()["inApp"].startswith("<ct<")


@pytest.mark.parametrize("version", ["5.2.0", "6.2.1", "7.1.2"])
def test_f1_legacy_encryption(version: str) -> None:
    """Four texts of the profile and what identifies; queue and number stay plain."""
    phone = logged_in(mode="encrypted", version=version)
    found, column = phone.preferences(), "deviceID" if parse(version) >= (7, 0, 0) else "_id"
    users = json.loads(found["cachedGUIDsKey"])

    assert (found["encryptionLevel"], found["encryptionFlagStatus"]) == (1, 3)
    assert not found.keys() & {"cachedGUIDsLengthKey", "ssInAppMigrated", "encryptionMigrationFailureCount"}
    assert next(iter(users)) == (
        "Identity_[-39, -102, 76, -116, 78, -66, 18, 127, -116, -88, -95, -1, 102, -81, -3, -89]"
    )
    assert phone.opened(list(users)[1].removeprefix("Email_")) == "jane.roe@example.org"
    [(owner, data)] = phone.rows(f"SELECT {column}, data FROM userProfiles")
    profile = json.loads(data)
    assert owner == (phone.guid if column == "deviceID" else ACCOUNT)
    assert profile["Identity"] == 61026032
    assert {name: phone.opened(profile[name]) for name in ("Name", "Email", "Phone")} == {
        "Name": "Jane Roe",
        "Email": "jane.roe@example.org",
        "Phone": "+14155550132",
    }
    assert all(profile[name].startswith("[") for name in ("Name", "Email", "Phone"))
    assert profile["address"] == "221 Example Street"


def test_f1_the_empty_in_app_array() -> None:
    """The specification's vector L8, at every level."""
    for mode in ("plain", "encrypted"):
        phone = logged_in(mode=mode, version="6.0.0")
        assert phone.in_apps()["inApp"] == ("[-90, -20, 113, -11, 5, 29, 24, -52, -76, 52, 87, 56, 6, 59, 82, 110]")


@pytest.mark.parametrize("api", [22, 34])
def test_f2_f3_gcm_with_the_key_in_preferences_or_keystore(api: int) -> None:
    """One frame for the whole map, one for each of the four texts; no mark before 7.3.1."""
    phone = logged_in(mode="encrypted", version="7.2.0", api=api)
    found, [data] = phone.preferences(), phone.rows("SELECT data FROM userProfiles")
    profile = json.loads(data)

    assert ("EncryptionKey" in found) is (api == 22)
    assert "ssInAppMigrated" not in found
    assert (found["encryptionLevel"], found["encryptionMigrationFailureCount"]) == (1, 0)
    assert found["cachedGUIDsKey"].startswith("<ct<")
    assert len(json.loads(phone.opened(found["cachedGUIDsKey"]))) == found["cachedGUIDsLengthKey"] == 2
    frames = [profile[name] for name in ("Name", "Email", "Phone")]
    assert all(frame.startswith("<ct<") for frame in frames)
    assert len({frame[:20] for frame in frames}) == 3
    assert profile["Identity"] == 61026032


def test_f4_level_2() -> None:
    """Whole columns; ARP, history, campaign, tokens and configuration stay plain."""
    phone = logged_in(mode="encrypted", version="7.7.1").do(WentOffline)
    phone.do(ServerAnswered, values={"k_n": '["jane.roe@example.org"]'})
    phone.do(InboxReceived, message="m1", title="Hello Jane Roe", text="A text")
    phone.do(EventPushed, label="Product viewed", properties={"email": "jane.roe@example.org"})
    phone.do(ProfilePushed, profile={"name": "Jane Roe"})
    found = phone.preferences()

    for name in ("cachedGUIDsKey", "variablesKey", "variantsForAbKey"):
        assert found[name].startswith("<ct<"), name
    for table in ("events", "profileEvents", "userProfiles", "inboxMessages"):
        column = phone.rows(f"SELECT data FROM {table}")
        assert column, table
        assert all(text.startswith("<ct<") and text.endswith(">ct>") for text in column), table
    assert "jane.roe@example.org" in phone.preferences(f"WizRocket_ARP:{ACCOUNT}:{phone.guid}")["k_n"]
    assert "Product viewed" in phone.rows("SELECT eventName FROM userEventLogs")
    assert "wzrk_id" in json.loads(phone.rows("SELECT wzrkParams FROM inboxMessages")[0])
    assert found["fcm_token"] == "a-token"


# -- processes -----------------------------------------------------------------------------------


def test_a_process_dies_in_the_middle_of_two_writes() -> None:
    """Half of the preferences beside the old ones, a row without a commit; the next start puts the old ones back."""
    phone = logged_in().do(WentOffline)
    before, queued = phone.files["shared_prefs/WizRocket.xml"], len(phone.queued())
    phone.effects.clear()
    phone.do(Killed)
    broken = phone.files["shared_prefs/WizRocket.xml"]

    assert phone.files["shared_prefs/WizRocket.xml.bak"] == before
    assert broken != before
    assert not broken.endswith(b"</map>\n")
    assert [effect.commits for effect in phone.effects if isinstance(effect, Sql)] == [False]

    phone.effects.clear()
    phone.do(EventPushed, label="After")
    assert isinstance(phone.effects[0], Delete)
    assert isinstance(phone.effects[1], Write)
    assert phone.effects[1].data == before
    assert "shared_prefs/WizRocket.xml.bak" not in phone.files
    assert [row["evtName"] for row in phone.queued()[queued:]] == ["App Launched", "After"]


def test_the_dead_do_nothing() -> None:
    """Nothing is left to kill, and nobody to log out."""
    phone = logged_in().do(Killed)
    phone.effects.clear()

    phone.do(Killed).do(LoggedOut).do(WentOffline)

    assert phone.effects == []


@pytest.mark.parametrize("kind", [Cleared, Reinstalled])
def test_a_new_begin_has_a_new_identity(kind: type[Event]) -> None:
    """Nothing of before is written again."""
    phone = logged_in()
    old = phone.guid
    phone.files.clear()
    phone.databases.clear()
    phone.do(kind).do(Launched)

    assert phone.guid != old
    assert phone.profiles() == {}
    assert phone.queued()[0]["f"] is (kind is Cleared)


@pytest.mark.parametrize("version", ["7.6.0", "no-version", "8.2.1"])
def test_there_is_no_way_back(version: str) -> None:
    """SQLite would refuse the older database; what is no version is none."""
    phone = Phone(version="7.7.0").do(Installed)

    with pytest.raises(UsageError):
        phone.do(Upgraded, version=version)


def test_on_android_5_there_is_a_last_version() -> None:
    """8.1.0 needs Android 6."""
    phone = Phone(version="8.0.0", api=22).do(Installed)

    with pytest.raises(UsageError):
        phone.do(Upgraded, version="8.1.0")


def test_nothing_is_erased_and_nobody_logged_out() -> None:
    """The SDK has neither call; asked for erasure, an app can at least opt out."""
    for mode, opted_out in (("plain", False), ("erased", True)):
        phone = logged_in(mode=mode)
        before = phone.profiles()[phone.guid]
        phone.do(LoggedOut).do(Erased)
        flags = {"ct_optout": True, "ct_allow_sys_events_and_communication": False} if opted_out else {}

        assert phone.profiles()[phone.guid] == before | flags


ADVERTISING = "cdda802e-fb9c-47ad-9866-0794d394c912"


# -- any life ------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=24)
NAMES = st.sampled_from(["name", "email", "phone", "Email", "Name", "identity", "plan", "date_of_birth", "city"])
VALUES = TEXTS | st.sampled_from(
    [
        "jane.roe@example.org",
        "john.doe@example.com",
        "+14155550132",
        "[1, 2]",
        "[]",
        "<ct<x:y>ct>",
        "2000-02-29",
        "x" * 600,
    ]
)
NUMBERS = st.integers(-(2**40), 2**40) | st.floats(allow_nan=True) | st.booleans()
PROPERTIES = st.dictionaries(NAMES | TEXTS, VALUES | NUMBERS, max_size=4)


Happening = tuple[type[Event], dict[str, Any]]


def happening(kind: type[Event], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Happening]:
    """Something that can happen, with whatever comes with it."""
    return st.fixed_dictionaries(fields).map(lambda drawn: (kind, drawn))


HAPPENINGS = st.one_of(
    st.sampled_from([Installed, Launched, LoggedOut, Erased, WentOffline, WentOnline, Killed]).map(lambda k: (k, {})),
    st.sampled_from([("61026032", PERSON, ""), ("007", OTHER, "second"), ("customer-x", {}, "not valid")]).map(
        lambda who: (LoggedIn, {"identity": who[0], "profile": who[1], "custom_id": who[2]})
    ),
    happening(ProfilePushed, profile=PROPERTIES),
    happening(ProfilePushed, profile=st.dictionaries(NAMES, st.none(), max_size=2)),
    happening(EventPushed, label=TEXTS, properties=PROPERTIES),
    happening(Charged, details=PROPERTIES, items=st.tuples(PROPERTIES)),
    happening(LocationSet, latitude=st.just(52.5), longitude=st.just(13.25)),
    happening(InboxReceived, message=TEXTS, title=TEXTS, text=st.just("Hello Jane Roe")),
    happening(InAppReceived, campaign=st.just("1"), text=TEXTS, image=st.sampled_from(["", "https://example.org/i"])),
    happening(PushReceived, push=st.sampled_from(["1", "2"]), text=st.sampled_from(["", "Hello Jane Roe"])),
    happening(PushTokenReceived, token=TEXTS, service=st.sampled_from(["fcm", "hps", "xps", "?"])),
    happening(ServerAnswered, values=st.dictionaries(TEXTS, TEXTS | st.integers() | st.booleans(), max_size=3)),
    happening(OptedOut, out=st.booleans()),
    happening(NetworkReporting, on=st.booleans()),
    happening(Muted, hours=st.sampled_from([0, 1, 24, 10**30])),
    happening(
        InAppReceived, campaign=st.sampled_from(["1", "01"]), text=TEXTS, delay=st.sampled_from([1, 90, 10**30])
    ),
    happening(LevelChanged, level=st.integers(-1, 3)),
    # How far is settled by where it is.
    happening(Upgraded, version=st.integers(0, 12)),
)
STEPS = st.lists(st.tuples(HAPPENINGS, st.sampled_from([0, 1, 60, 1800, 600_000])), min_size=1, max_size=12)


def _built(version: str) -> st.SearchStrategy[dict[str, Any]]:
    """With which id, and what beside the SDK."""
    ids = {
        "random": {},
        "advertising": {"advertising_id": ADVERTISING},
        "custom": {"custom_id": "jane.roe@example.org"},
    }
    extras = st.sampled_from([frozenset(), frozenset(MODEL.extras(version))])
    return st.builds(
        lambda kind, extra: {**ids[kind], "extras": extra}, st.sampled_from(MODEL.device_ids(version)), extras
    )


@st.composite
def lives(draw: st.DrawFn) -> tuple[dict[str, Any], list[tuple[type[Event], dict[str, Any], int]]]:
    """How the SDK is built in, and what happens how much later."""
    at = draw(st.integers(0, len(VERSIONS) - 1))
    mode = draw(st.sampled_from(MODEL.modes).filter(lambda each: MODEL.has_mode(VERSIONS[at], each)))
    api = draw(st.integers(23 if parse(VERSIONS[at]) >= (8, 1, 0) else 21, 36))
    how: dict[str, Any] = {"mode": mode, "version": VERSIONS[at], "api": api, **draw(_built(VERSIONS[at]))}
    happened: list[tuple[type[Event], dict[str, Any], int]] = []
    highest = VERSIONS.index("8.0.0") if api < 23 else len(VERSIONS) - 1
    for (kind, drawn), after in draw(STEPS):
        fields = drawn
        if kind is Upgraded:
            at = min(at + fields["version"], highest)
            fields = {"version": VERSIONS[at]}
        happened.append((kind, fields, after))
    return how, happened


def play(how: Mapping[str, Any], happened: list[tuple[type[Event], dict[str, Any], int]]) -> Phone:
    phone = Phone(**how)
    for kind, fields, after in happened:
        phone.do(kind, after=after, **fields)
    return phone


@settings(deadline=None, max_examples=80)
@given(lives())
def test_any_life_plays_twice_the_same(life: tuple[dict[str, Any], Any]) -> None:
    """No event raises, SQLite takes every statement, and chance comes with the events alone."""
    assert play(*life).effects == play(*life).effects


@settings(deadline=None, max_examples=80)
@given(lives())
def test_the_mirror_is_what_is_on_disk(life: tuple[dict[str, Any], Any]) -> None:
    """What migrations go by is what they would read."""
    phone = play(*life)
    install = phone.life._install

    for table, rows in install.mirror.queues.items():
        if phone.databases and (rows or table != "notificationViewed"):
            on_disk = phone.rows(f"SELECT _id, data FROM {table} ORDER BY _id")
            assert [(row.number, row.text) for row in rows] == [(n, phone.opened(text)) for n, text in on_disk]
    if phone.databases:
        stored = sorted(phone.rows("SELECT data FROM userProfiles"))
        assert stored == sorted(profile.stored for profile in install.mirror.profiles.values())
    for (guid, key), kept in install.mirror.in_apps.items():
        assert phone.opened(phone.in_apps(guid)[key]) == kept.text


@settings(deadline=None, max_examples=80)
@given(lives())
def test_levels_cover_what_they_cover(life: tuple[dict[str, Any], Any]) -> None:
    """Level 2 whole columns, level 1 texts under four names, and no level anything else."""
    phone = play(*life)
    install = phone.life._install
    scheme = install.traits.scheme
    if not phone.databases or phone.preferences().get("encryptionMigrationFailureCount", 0) != 0:
        return
    mark = {Scheme.NONE: "\0", Scheme.LEGACY: "[", Scheme.GCM: "<ct<"}[scheme]
    if install.level == 2:
        for table in ("events", "profileEvents", "userProfiles"):
            assert all(str(text).startswith("<ct<") for text in phone.rows(f"SELECT data FROM {table}"))
        return
    for table in ("events", "profileEvents"):
        assert all(text.startswith("{") for text in phone.rows(f"SELECT data FROM {table}"))
    for text in phone.rows("SELECT data FROM userProfiles"):
        for name, value in json.loads(text).items():
            sealed = isinstance(value, str) and value.startswith(mark) and value != phone.opened(value)
            assert sealed is (install.level == 1 and name in SEALED_KEYS and isinstance(value, str)) or (
                isinstance(value, str) and value[:1] in {"[", "<"}
            ), name


@settings(deadline=None, max_examples=60)
@given(lives())
def test_history_is_plain_and_in_app_messages_are_sealed(life: tuple[dict[str, Any], Any]) -> None:
    """Whatever the level, and by each write since 6.0.0."""
    phone = play(*life).do(InAppReceived, campaign="2", text="Hello Jane Roe")
    number = phone.life._install.traits.number
    if number >= (7, 1, 0) and phone.databases:
        assert not [
            name for name in phone.rows("SELECT eventName FROM userEventLogs") if str(name).startswith("<ct<A")
        ]
    if number >= (6, 0, 0):
        stored = phone.in_apps()["inApp"]
        assert stored.startswith("[" if number < (7, 2, 0) else "<ct<")
        assert "Hello" not in stored
        assert "Hello" in phone.opened(stored)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_lives_through_the_demo(version: str) -> None:
    """In all modes that it has."""
    for mode in MODEL.modes:
        if MODEL.has_mode(version, mode):
            phone = Phone(mode=mode, version=version)
            for event in demo_events(demo_persona(), mode):
                phone.at = event.at
                for effect in phone.life.react(event):
                    phone._apply(effect)
            assert phone.guid.startswith("__")
            assert traits(version, 34).has_database is bool(phone.databases)
