"""What each mode of CleverTap's SDK promises, in any life: it holds where the specification says so, and fails where
that says that it fails. All that is ever written is searched, and what is sealed in it is opened, with any key."""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.model import Scalar
from harness.sdks.base import (
    Charged,
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
    ServerAnswered,
    Sql,
    Upgraded,
    WentOffline,
    WentOnline,
    Write,
)
from harness.sdks.clevertap import CleverTap
from harness.sdks.clevertap.cipher import gcm_open, legacy_open
from harness.sdks.clevertap.state import ACCOUNT
from harness.sdks.clevertap.versions import VERSIONS, Scheme, parse, traits
from tests.sdks.clevertap.conftest import Keystore, Phone

MODEL = CleverTap()
JANE = {
    "name": "Jane Roe",
    "email": "jane.roe@example.org",
    "phone": "+1 415 555 0132",
    "date_of_birth": "1990-04-17",
    "address": "221 Example Street",
    "card": "4111111111111111",
    "ssn": "219-09-9999",
}
JOHN = {"name": "John Doe", "email": "john.doe@example.com", "phone": "+44 7700 900123"}
PEOPLE = {"customer-1": JANE, "customer-2": JOHN}
PLACE: dict[str, Any] = {"latitude": 48.137154, "longitude": 11.576124}
ADVERTISING = "cdda802e-fb9c-47ad-9866-0794d394c912"
HARMLESS = {"product": "Desk lamp", "total": 42.5, "plan": "gold"}
VALUES = {
    *(value.lower() for person in PEOPLE.values() for value in person.values()),
    "+14155550132", "+447700900123", "14155550132", "447700900123", "640310400",
    *(str(axis) for axis in PLACE.values()),
}  # fmt: skip
"""Of both people, as they are, and as an app or the SDK writes them."""
MAIN = "shared_prefs/WizRocket.xml"
FRAME = re.compile(r"<ct<[^<>]+>ct>")
BRACKETS = re.compile(r"\[-?\d{1,3}(?:, -?\d{1,3}){15,}\]")

# -- what was written ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Something that was written, and where: `userProfiles`, or a file and a preference."""

    place: str
    text: str = field(repr=False)
    sealed: bool = False


def written(phone: Phone) -> Iterator[Text]:
    """All that ever was, also what is deleted by now; and what is under each seal."""
    for effect in phone.effects:
        match effect:
            case Write(path=path, data=data) if path.endswith((".xml", ".xml.bak")):
                yield from _opened(path, path)
                yield from (each for name, value in _preferences(data) for each in _kept(path, name, value))
            case Write(path=path, data=data):
                yield from _opened(path, path)
                yield from _opened(path, data.decode("utf-8", "replace"))
            case Sql(statements=statements):
                for statement in statements:
                    for value in statement.parameters:
                        yield from _opened(_table(statement.sql), _said(value))


def _preferences(document: bytes) -> list[tuple[str, str]]:
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return [("cut off", document.decode("utf-8", "replace"))]
    return [(each.attrib["name"], each.text or each.attrib.get("value", "")) for each in root]


def _kept(path: str, name: str, value: str) -> Iterator[Text]:
    place = f"{path}#{name.removesuffix(f':{ACCOUNT}')}"
    yield from _opened(place, name)
    yield from _opened(place, value)


def _table(sql: str) -> str:
    found = re.search(r"(?:INTO|FROM|UPDATE) (\w+)", sql)
    # An upgrade copies the profile into another table, and gives that its name.
    return found[1].removeprefix("temp_") if found else ""


def _said(value: Scalar) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _opened(place: str, text: str, *, sealed: bool = False) -> Iterator[Text]:
    flat = text.replace("\\/", "/")
    yield Text(place, flat.lower(), sealed)
    for found in FRAME.findall(flat):
        plain = gcm_open(Keystore.key, found)
        if plain is not None:
            yield from _opened(place, plain, sealed=True)
    for found in BRACKETS.findall(flat):
        plain = legacy_open(ACCOUNT, found)
        if plain is not None:
            yield from _opened(place, plain, sealed=True)


def places(phone: Phone, *, but: Set[str] = frozenset(), in_clear: bool = False) -> set[str]:
    """Where a value of either person stands; `in_clear`: where it is under no seal."""
    values = VALUES - but
    return {
        each.place
        for each in written(phone)
        if not (in_clear and each.sealed) and any(value in each.text for value in values)
    }


# -- any life ------------------------------------------------------------------------------------

Happening = tuple[type[Event], dict[str, Any]]
SOME = st.sets(st.sampled_from(sorted(JANE)), max_size=4)


def simply(*kinds: type[Event]) -> st.SearchStrategy[Happening]:
    return st.sampled_from(kinds).map(lambda kind: (kind, {}))


def happening(kind: type[Event], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Happening]:
    return st.fixed_dictionaries(fields).map(lambda drawn: (kind, drawn))


def _pushed(names: set[str]) -> dict[str, Any]:
    return {**HARMLESS, **{name: JANE[name] for name in sorted(names)}}


HAPPENINGS = st.one_of(
    simply(Launched, LoggedOut, Erased, WentOffline, WentOnline, Killed),
    st.sampled_from(sorted(PEOPLE)).map(lambda who: (LoggedIn, {"identity": who, "profile": PEOPLE[who]})),
    happening(ProfilePushed, profile=SOME.map(lambda names: {name: JANE[name] for name in sorted(names)})),
    happening(ProfilePushed, profile=SOME.map(dict.fromkeys)),
    happening(EventPushed, label=st.just("Viewed"), properties=SOME.map(_pushed)),
    happening(Charged, details=SOME.map(_pushed), items=SOME.map(lambda names: (_pushed(names),))),
    happening(LocationSet, latitude=st.just(PLACE["latitude"]), longitude=st.just(PLACE["longitude"])),
    # Whom it is to is settled by who is there.
    happening(InboxReceived, message=st.sampled_from(["m1", "m2"]), title=st.just("{}"), text=st.just("Hello {}")),
    happening(InAppReceived, campaign=st.just("1"), text=st.just("Hello {}"), delay=st.sampled_from([0, 90])),
    happening(PushReceived, push=st.sampled_from(["p1", "p2"]), text=st.sampled_from(["", "Hello {}"])),
    happening(PushTokenReceived, token=st.just("a-token")),
    happening(ServerAnswered, values=st.just({"rc_n": 5, "j_n": "Zw=="})),
    happening(OptedOut, out=st.booleans()),
    happening(NetworkReporting, on=st.booleans()),
    happening(Muted, hours=st.just(1)),
    happening(LevelChanged, level=st.integers(0, 2)),
    happening(Upgraded, version=st.integers(0, 12)),
)
STEPS = st.lists(st.tuples(HAPPENINGS, st.sampled_from([0, 1, 60, 1800, 600_000])), min_size=1, max_size=14)


@dataclass(frozen=True, slots=True)
class Story:
    """How the SDK is built in, and what happens, how much later."""

    how: dict[str, Any]
    happened: tuple[tuple[type[Event], dict[str, Any], int], ...]

    @property
    def forgets(self) -> bool:
        """Whether a property is removed by a version that then forgets to encrypt the map of identities."""
        version = self.how["version"]
        for kind, fields, _ in self.happened:
            version = fields["version"] if kind is Upgraded else version
            removes = kind is ProfilePushed and None in fields["profile"].values()
            if removes and (7, 2, 0) <= parse(version) < (7, 7, 0):
                return True
        return False

    def played(self) -> Phone:
        phone = Phone(**self.how).do(Installed)
        for kind, fields, after in self.happened:
            phone.do(kind, after=after, **fields)
        return phone


@st.composite
def lives(
    draw: st.DrawFn, mode: str, without: tuple[type[Event], ...] = (), since: str = "2.0.1", level: int | None = None
) -> Story:
    """In a mode; campaigns speak to who is logged in."""
    fitting = [
        at
        for at, version in enumerate(VERSIONS)
        if MODEL.has_mode(version, mode)
        and parse(version) >= parse(since)
        and (level is None or level in MODEL.levels_of(version, mode))
    ]
    at = draw(st.sampled_from(fitting))
    api = draw(st.integers(23, 36))
    how = {"mode": mode, "version": VERSIONS[at], "api": api, "level": level}
    person: Mapping[str, str] = {"name": ""}
    happened: list[tuple[type[Event], dict[str, Any], int]] = []
    for (kind, drawn), after in draw(STEPS):
        fields = dict(drawn)
        if kind in without:
            continue
        if kind is LoggedIn:
            person = fields["profile"]
        if kind is Upgraded:
            at = min(at + fields["version"], len(VERSIONS) - 1)
            fields = {"version": VERSIONS[at]}
        for name in ("title", "text"):
            if name in fields:
                fields[name] = fields[name].format(person["name"])
        happened.append((kind, fields, after))
    return Story(how, tuple(happened))


def tried(examples: int = 60) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return settings(deadline=None, max_examples=examples)


# -- masked, identifier-only ---------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["masked", "identifier-only"])
@tried()
@given(st.data())
def test_nothing_of_a_person_is_ever_written(mode: str, data: st.DataObject) -> None:
    """Not in clear, not under a key that files give, and not under the keystore's."""
    assert places(data.draw(lives(mode)).played()) == set()


@pytest.mark.parametrize("mode", ["masked", "identifier-only", "hybrid"])
@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ({"extras": frozenset({"geofence"})}, set(map(str, PLACE.values()))),
        ({"custom_id": JANE["email"]}, {JANE["email"]}),
        ({"advertising_id": ADVERTISING}, {ADVERTISING.replace("-", "")}),
    ],
)
def test_it_fails_where_the_documentation_says(mode: str, how: dict[str, Any], shown: set[str]) -> None:
    """A module that asks the system itself, an id that the app gave, the id of the device: whatever is pushed."""
    phone = Phone(mode, **how).do(Installed).do(LocationSet, **PLACE).do(EventPushed, label="Viewed", after=3600)
    everything = "\n".join(each.text for each in written(phone))

    assert all(value in everything for value in shown)
    assert places(phone, but=shown) == set()


# -- hybrid --------------------------------------------------------------------------------------

CAMPAIGNS = re.compile(r"inboxMessages|delayedLegacyInApps|.*#inApp")
OWN = {
    "identity", "carrier", "cc", "tz", "ct_optout", "ct_allow_sys_events_and_communication",
}  # fmt: skip
"""What the SDK adds to a profile, and the opaque id."""


@tried(80)
@given(lives("hybrid"))
def test_in_the_hybrid_mode_only_campaigns_name_anybody(story: Story) -> None:
    """Properties that are queued or kept are those of the app's plan; the server knows names, and writes them."""
    phone = story.played()

    assert {place for place in places(phone) if not CAMPAIGNS.fullmatch(place)} == set()
    for queued in phone.queued("profileEvents"):
        assert {name.lower() for name in queued["profile"]} <= OWN | HARMLESS.keys()
    for profile in phone.life._install.mirror.profiles.values():
        assert {name.lower() for name in profile.properties} <= OWN | HARMLESS.keys()


@pytest.mark.parametrize(("version", "level"), [("3.4.0", None), ("7.1.2", 1), ("8.2.0", 1), ("8.2.0", 2)])
def test_there_a_campaign_brings_the_name_to_the_device(version: str, level: int | None) -> None:
    """In clear below level 2."""
    phone = Phone("hybrid", version, level).do(Installed).do(LoggedIn, identity="customer-1", profile=JANE)
    phone.do(InboxReceived, message="m1", title="Hello", text=f"Hello {JANE['name']}")

    assert places(phone) == {"inboxMessages"}
    assert places(phone, in_clear=True) == (set() if level == 2 else {"inboxMessages"})


# -- plain and encrypted -------------------------------------------------------------------------

FIRST = (LoggedIn, ProfilePushed, OptedOut, Erased, Muted, LevelChanged)
"""What decides whether the first login is stored."""


@tried()
@given(lives("plain", without=FIRST, since="3.1.10"))
def test_in_the_plain_mode_all_that_is_pushed_is_there(story: Story) -> None:
    """Whatever happened before: the queue, the profile and the map of identities have it, and have it in clear."""
    phone = story.played()
    phone.effects.clear()
    phone.do(LoggedIn, identity="customer-1", profile=JANE)
    queue_and_profile = {"profileEvents", "userProfiles", f"{MAIN}#cachedGUIDsKey"}

    assert places(phone, in_clear=True) >= queue_and_profile


def clear_at(level: int) -> set[str]:
    """Where the table of levels leaves what was pushed in clear."""
    return set() if level == 2 else {"events", "profileEvents", "userProfiles", "inboxMessages"}


@pytest.mark.parametrize("level", [1, 2])
@tried()
@given(st.data())
def test_a_level_covers_what_it_covers(level: int, data: st.DataObject) -> None:
    """Level 2 all that is pushed; level 1 the map of identities and four names: from each version on to any other.

    In 7.2.0 to 7.6.x the removal of an identity writes the map in clear.
    """
    story = data.draw(lives("encrypted", without=(LevelChanged,), level=level))
    phone = story.played()
    found = places(phone, in_clear=True)
    allowed = clear_at(level) | ({f"{MAIN}#cachedGUIDsKey"} if story.forgets else set())
    # In-app messages are plain until 5.2.x, at any level.
    allowed |= {f"{MAIN}#inApp"} if parse(story.how["version"]) < (6, 0, 0) else set()

    assert found <= allowed
    for profile in phone.life._install.mirror.profiles.values():
        for name in ("Name", "Email", "Phone"):
            value = profile.properties.get(name)
            assert not isinstance(value, str) or f'"{value}"' not in profile.stored


@pytest.mark.parametrize(("version", "level"), [("5.2.0", 1), ("7.2.0", 1), ("8.2.0", 1), ("8.2.0", 2)])
def test_a_level_leaves_what_it_leaves(version: str, level: int) -> None:
    """At level 1 the email address that is sealed in the profile waits in the queue in clear, as does the rest."""
    phone = Phone("encrypted", version, level).do(Installed).do(WentOffline)
    phone.do(LoggedIn, identity="customer-1", profile=JANE).do(EventPushed, label="Viewed", properties=JANE)
    phone.do(InboxReceived, message="m1", title="Hello", text=f"Hello {JANE['name']}")

    assert places(phone, in_clear=True) == clear_at(level)
    assert places(phone) == clear_at(1) | {f"{MAIN}#cachedGUIDsKey"}


@pytest.mark.parametrize("api", [22, 23])
@pytest.mark.parametrize("version", ["5.2.0", "7.1.2", "7.2.0", "8.0.0"])
def test_whose_key_it_is(version: str, api: int) -> None:
    """The legacy key is everybody's, Android 5 keeps its own beside the data, and a keystore's is in no file."""
    phone = Phone("encrypted", version, 1, api).do(Installed).do(LoggedIn, identity="customer-1", profile=JANE)
    there = "EncryptionKey" in phone.preferences()
    scheme = traits(version, api).scheme

    assert there is (scheme is Scheme.GCM and api < 23)
    opened = {each.place for each in written(phone) if each.sealed}
    assert bool(opened) is (scheme is Scheme.LEGACY or api >= 23)
    assert not [each for each in phone.effects if isinstance(each, Write) and Keystore.key in each.data]


# -- erased --------------------------------------------------------------------------------------

TABLES = ("userProfiles", "inboxMessages", "userEventLogs", "pushNotifications", "uninstallTimestamp")


def kept(phone: Phone) -> tuple[dict[str, bytes], set[tuple[str, Any]]]:
    """Files but the main store, which also says that the person opted out; and rows without what a session adds."""
    files = {
        path: data for path, data in phone.files.items() if "WizRocket.xml" not in path and "local_e" not in path
    }
    there = set(phone.rows("SELECT name FROM sqlite_master WHERE type = 'table'"))
    # Without times and counts: to opt out is an event as well.
    rows = {(table, row[:3]) for table in TABLES if table in there for row in phone.rows(f"SELECT *, 0 FROM {table}")}
    return files, rows


@tried()
@given(lives("erased", without=(Killed,), since="3.1.10"))
def test_erasure_erases_nothing(story: Story) -> None:
    """All that was stored before stays, but for the profile's new flag; what comes after is dropped."""
    phone = story.played().do(EventPushed, after=0, label="Viewed")
    phone.do(WentOffline, after=0)
    values, (files, rows) = places(phone), kept(phone)
    before = phone.preferences()
    queued = phone.rows("SELECT data FROM events") if phone.databases else []

    phone.do(Erased, after=0)
    after_files, after_rows = kept(phone)

    assert after_files == files
    assert {row for row in rows - after_rows if row[0] != "userProfiles"} == set()
    owners = [{row[0] for table, row in there if table == "userProfiles"} for there in (rows, after_rows)]
    assert owners[0] <= owners[1]
    assert before.items() - phone.preferences().items() <= {(f"OptOut:{phone.guid}", False)} | {
        (f"allowSystemEvents:{phone.guid}", True)
    }
    assert phone.rows("SELECT data FROM events")[: len(queued)] == queued
    assert places(phone) >= values

    phone.effects.clear()
    phone.do(ProfilePushed, after=0, profile=JANE).do(EventPushed, after=0, label="Later", properties=JANE)
    # The main store is written as a whole, with what was in it.
    assert places(phone) <= {f"{MAIN}#cachedGUIDsKey"}
