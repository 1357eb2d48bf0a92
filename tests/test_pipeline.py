"""Source to report: located, masked, judged, and nothing of the person left in it."""

import base64
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import pytest

from harness import registry
from harness.checks.base import Check, Scene
from harness.errors import DeviceError
from harness.limits import Limits
from harness.listing import list_values
from harness.model import (
    Access,
    Artifact,
    Buffer,
    Bytes,
    Cell,
    DeviceProfile,
    Facts,
    Finding,
    Locator,
    Meaning,
    Outcome,
    Record,
    Report,
    Severity,
    Share,
    Unread,
)
from harness.persona import FIELD_TYPES, Persona, demo_persona, new_persona
from harness.persona.forms import forms_of
from harness.pipeline import Job, Plugins, collect, judge, report_on
from harness.redaction import Redactor
from harness.reporters.base import Reporter
from harness.sandbox import App, Sandbox
from harness.sdks.base import Claim, Life, SdkModel, Setup

PLUGINS = Plugins.load()
REDACTOR = Redactor(b"0123456789abcdef-for-tests-only")
JANE = new_persona(b"pipeline")
MAIL = "ada.birch@example.com"


class Shelf:
    """A source in memory: what it holds, it hands out."""

    profile: DeviceProfile | None = None

    def __init__(self, *items: Artifact | Unread, name: str = "shelf") -> None:
        self.name = name
        self._items = items

    def collect(self) -> Iterator[Artifact | Unread]:
        yield from self._items

    def close(self) -> None:
        """Nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Broken:
    """Content that a device refuses when it is asked for."""

    size = 40

    def read(self) -> Buffer:
        from harness.errors import AccessDenied

        raise AccessDenied("locked since boot")


ROOT = frozenset({Access.ROOT_FILES, Access.ROOT_CODE})


def stored(path: str, data: bytes | str, *, container: str = "") -> Artifact:
    """A private file that root reads and nobody else."""
    raw = data.encode() if isinstance(data, str) else data
    facts = Facts(
        path=path, container=container, size=len(raw), owner=10123, group=10123, mode=0o600, in_backup=False,
        readable_by=ROOT, denied_to=frozenset(Access) - ROOT,
    )  # fmt: skip
    return Artifact(facts=facts, content=Bytes(raw))


def report(*items: Artifact | Unread, persona: Persona | None = None, plugins: Plugins = PLUGINS, deep: bool = False,
           sdk: str | None = None, limits: Limits | None = None) -> Report:  # fmt: skip
    job = Job(
        source=Shelf(*items), redactor=REDACTOR, persona=persona, deep=deep, sdk=sdk, limits=limits or Limits()
    )  # fmt: skip
    return report_on(job, plugins)


def outcome(result: Report, check: str) -> Outcome:
    (verdict,) = [each for each in result.verdicts if each.check == check]
    return verdict.outcome


def prefs(**values: str) -> str:
    rows = "".join(f'    <string name="{key}">{value}</string>\n' for key, value in values.items())
    return f"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n{rows}</map>\n"


def database(folder: Path, rows: list[tuple[int, str]]) -> bytes:
    file = folder / f"app-{len(list(folder.iterdir()))}.db"
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("create table users (id integer primary key, mail text)")
        connection.executemany("insert into users values (?, ?)", rows)
    connection.close()
    return file.read_bytes()


# -- what is found -------------------------------------------------------------------------------


@pytest.mark.parametrize("deep", [False, True])
def test_a_stored_value_becomes_a_finding_with_evidence(deep: bool) -> None:
    """Where it is, who reads it, what it looks like masked; and the check fails."""
    result = report(stored("shared_prefs/app.xml", prefs(user_email=MAIL)), deep=deep)
    (detection,) = result.detections
    (finding,) = [each for each in result.findings if each.check == "plaintext"]

    assert str(detection.locator) == "shared_prefs/app.xml#/user_email"
    assert detection.evidence.fingerprint == REDACTOR.fingerprint(MAIL.encode())
    assert finding.readable_by == ROOT
    assert finding.evidence == detection.evidence
    assert (outcome(result, "plaintext"), result.outcome) == (Outcome.FAIL, Outcome.FAIL)


def test_a_clean_source_passes() -> None:
    """Something was looked at, and it was in order."""
    assert outcome(report(stored("shared_prefs/app.xml", prefs(theme="dark"))), "plaintext") is Outcome.PASS


def test_the_matrix_has_a_row_for_each_seeded_class() -> None:
    """Found or not: absent is an answer."""
    result = report(stored("a.json", json.dumps({"mail": JANE.email})), persona=JANE)
    cells = {(each.type, each.access): each for each in result.exposure}

    seeded = {FIELD_TYPES[name] for name, _ in JANE.items()}
    assert {kind for kind, _ in cells} == seeded
    assert cells["EMAIL", Access.ROOT_FILES].cell is Cell.EXPOSED
    assert cells["EMAIL", Access.BACKUP].cell is Cell.HELD
    assert cells["SSN", Access.ROOT_CODE].cell is Cell.ABSENT
    ids = {each.id for each in result.findings}
    assert set(cells["EMAIL", Access.ROOT_FILES].findings) <= ids
    assert cells["EMAIL", Access.ROOT_FILES].findings


def test_a_digest_of_a_seeded_value_is_a_pseudonym() -> None:
    """We knew what it is of, and so may anybody who guesses; nobody read it back."""
    digest = hashlib.sha256((JANE.email or "").encode()).hexdigest()
    result = report(stored("a.json", json.dumps({"id": digest})), persona=JANE)
    (detection,) = result.detections

    assert (detection.persona_field, detection.form, detection.hashed) == ("email", "sha256", True)
    assert {each.cell for each in result.exposure if each.type == "EMAIL" and each.access in ROOT} == {
        Cell.PSEUDONYMOUS
    }
    assert detection.meaning is Meaning.DIGEST


def test_sidecars_are_read_with_their_file(tmp_path: Path) -> None:
    """What is in the log only is in the database."""
    file = tmp_path / "app.db"
    connection = sqlite3.connect(file)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table users (id integer primary key, mail text)")
    connection.commit()
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.execute("insert into users values (4, ?)", (MAIL,))
    connection.commit()
    main, log = file.read_bytes(), (tmp_path / "app.db-wal").read_bytes()
    connection.close()
    assert MAIL.encode() not in main

    result = report(stored("databases/app", main), stored("databases/app-wal", log))
    assert {str(each.locator) for each in result.detections} == {"databases/app#/users/4/mail"}
    assert [line.path for line in result.coverage] == ["databases/app"]


# -- names are data too --------------------------------------------------------------------------


def test_a_file_name_is_searched_like_a_value() -> None:
    """SDKs call files after an identity."""
    result = report(stored(f"cache/{MAIL}.bin", b"\x00" * 40))
    (detection,) = result.detections

    assert (detection.type, detection.in_key, detection.source_format) == ("EMAIL", True, "name")
    assert detection.locator.path.startswith("cache/{EMAIL:")
    assert detection.locator.steps == ()


def test_one_name_in_two_containers_is_found_in_both() -> None:
    """Each app answers for itself."""
    result = report(
        stored(f"{MAIL}.bin", b"1" * 9, container="com.example.one"),
        stored(f"{MAIL}.bin", b"2" * 9, container="com.example.two"),
    )

    assert [each.facts.container for each in result.detections] == ["com.example.one", "com.example.two"]


def sweep(person: Persona, text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Every form of the person that a text still shows."""
    low = text.encode("utf-8", "surrogatepass").lower()
    raw = text.encode("utf-8", "surrogatepass")
    return [
        (form.persona_field, form.spelling, form.layers)
        for form in forms_of(person.items())
        if (form.literal.lower() in low if form.caseless else form.literal in raw)
    ]


def everywhere(person: Persona) -> list[Artifact | Unread]:
    """The person in values, keys, names of files and containers, and in what cannot be read."""
    items: list[Artifact | Unread] = []
    for field, value in person.items():
        quoted = json.dumps({"v": value, value: {"x": 1}, "b": base64.b64encode(f"a {value} z".encode()).decode()})
        name = value.replace("/", " ")
        items += [
            stored(f"files/{field}.json", quoted, container="com.example.shop"),
            stored(f"files/{field}.cut.json", quoted[:-3], container="com.example.shop"),
            stored(f"files/{name}.txt", f"{field}: {value}\n", container="com.example.shop"),
            stored(f"shared_prefs/{field}.xml", prefs(key=value.replace("&", "&amp;")), container=f"com.{name}"),
            stored(
                f"raw/{field}",
                b"\xff\x00" * 20 + value.encode("utf-16-le") + b"\xff\x00",
                container="com.example.shop",
            ),
            Unread(path=f"locked/{name}", reason="permission denied", container=f"com.{name}"),
            Unread(path=f"links/{name}", reason="symbolic link", expected=True),
            Artifact(facts=Facts(path=f"late/{name}", size=40), content=Broken()),
        ]
    return items


@pytest.mark.parametrize("person", [demo_persona(), JANE], ids=["demo", "new"])
@pytest.mark.parametrize("deep", [False, True])
def test_nothing_of_the_person_is_left_in_a_report(person: Persona, deep: bool) -> None:
    """Everything after detection is safe to publish: not a value, not a digest of one, not a name."""
    result = report(*everywhere(person), persona=person, deep=deep)

    found = {each.persona_field for each in result.detections}
    assert found == {name for name, _ in person.items()}
    assert sweep(person, repr(result)) == []
    for name, reporter in registry.load("reporters", Reporter).items():
        assert sweep(person, reporter.render(result)) == [], name


def _spelled(person: Persona) -> list[str]:
    """Every form of the person that can be written as text, encodings too; of digests, which are alike, those of each
    value as it is."""
    texts = []
    for form in forms_of(person.items()):
        if form.is_digest and ":" in form.spelling:
            continue
        with suppress(UnicodeDecodeError):
            texts.append(form.literal.decode())
    return texts


PLANTED: dict[str, Callable[[str, str], Artifact | Unread]] = {
    "file": lambda path, text: stored(f"f/{path}/{text}.txt", "x"),
    "container": lambda path, text: stored(path, "x", container=f"c:{text}"),
    "unread": lambda path, text: Unread(path=f"{path}:{text}", reason="permission denied", container=f"c:{text}"),
    "key": lambda path, text: stored(f"{path}.json", json.dumps({text: MAIL, f"pre:{text}:post": {"x": MAIL}})),
    "value": lambda path, text: stored(f"{path}.json", json.dumps({"v": text, "w": f"a:{text}:z", "t": f"t={text}"})),
}


@pytest.mark.slow
@pytest.mark.parametrize("place", sorted(PLANTED))
def test_no_form_of_the_person_is_left_wherever_it_is_planted(place: str) -> None:
    """In any spelling and under any encoding: names are stored data too."""
    person = demo_persona()
    texts = _spelled(person)
    items = [PLANTED[place](str(count), text) for count, text in enumerate(texts)]
    result = report(*items, persona=person)
    job = Job(source=Shelf(*items), redactor=REDACTOR, persona=person, limits=Limits())
    listed = [
        f"{each.locator} {each.value}" if isinstance(each, Record) else f"{each}"
        for each in list_values(job, PLUGINS)
    ]
    shown = [repr(result), *(each.render(result) for each in registry.load("reporters", Reporter).values())]

    numbered: dict[str, list[str]] = {}
    for line in listed:
        for number in set(re.findall(r"(?<![0-9])[0-9]{1,5}(?![0-9])", line)):
            numbered.setdefault(number, []).append(line)
    for count, text in enumerate(texts):
        assert [line for line in numbered.get(str(count), ()) if text.lower() in line.lower()] == []
    assert [sweep(person, text) for text in shown] == [[] for _ in shown]


@pytest.mark.parametrize("deep", [False, True])
def test_without_a_persona_file_nothing_is_left_either(deep: bool) -> None:
    """What only a rule finds is masked and veiled the same."""
    card = "5555 5555 5555 4444"
    result = report(
        stored(f"files/{MAIL}.json", json.dumps({"mail": MAIL, MAIL: {"x": card}}), container=f"com.{MAIL}"),
        Unread(path=f"locked/{MAIL}", reason="permission denied"),
        deep=deep,
    )

    assert {each.type for each in result.detections} == {"EMAIL", "CARD"}
    shown = repr(result) + "".join(each.render(result) for each in registry.load("reporters", Reporter).values())
    assert "ada.birch" not in shown
    assert card not in shown


# -- what could not be looked at -------------------------------------------------------------------


def test_an_empty_source_is_not_a_pass() -> None:
    """Nothing seen is not nothing wrong."""
    result = report()

    assert result.outcome is Outcome.INCONCLUSIVE
    assert {verdict.outcome for verdict in result.verdicts} <= {Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize(
    "unseen",
    [
        Unread(path="databases/app", reason="permission denied", size=4096),
        Artifact(facts=Facts(path="databases/app", size=40), content=Broken()),
    ],
    ids=["refused", "late"],
)
def test_a_file_that_cannot_be_read_takes_the_pass_away(unseen: Artifact | Unread) -> None:
    """It costs one line, with the reason."""
    result = report(stored("shared_prefs/app.xml", prefs(theme="dark")), unseen)

    assert outcome(result, "plaintext") is Outcome.INCONCLUSIVE
    assert [line.path for line in result.unread] == ["databases/app"]
    assert result.unread[0].reason


def test_a_file_that_is_too_large_takes_the_pass_away() -> None:
    """A limit is for our sake: it is no reason to believe the app."""
    result = report(stored("a.txt", b"ok"), stored("b.txt", b"x" * 2000), limits=Limits(file_bytes=1000))

    assert outcome(result, "plaintext") is Outcome.INCONCLUSIVE


def test_a_link_costs_no_pass() -> None:
    """It was never meant to be followed."""
    link = Unread(path="lib", reason="symbolic link, not followed", expected=True)

    assert outcome(report(stored("a.xml", prefs(theme="dark")), link), "plaintext") is Outcome.PASS


def test_a_damaged_file_is_searched_raw_and_takes_the_pass_away() -> None:
    """Its values count as far as they were found; that there were no others is not known."""
    clean, dirty = prefs(theme="dark")[:-9], prefs(mail=MAIL)[:-9]

    assert outcome(report(stored("a.xml", clean)), "plaintext") is Outcome.INCONCLUSIVE
    result = report(stored("a.xml", dirty))
    assert [each.type for each in result.detections] == ["EMAIL"]
    assert outcome(result, "plaintext") is Outcome.FAIL
    assert result.coverage[0].shares.get(Share.FAILED)


def test_a_device_that_goes_away_ends_the_run() -> None:
    """Half a scan must not look like a whole one."""

    class Gone(Shelf):
        def collect(self) -> Iterator[Artifact | Unread]:
            yield stored("a.txt", b"ok")
            raise DeviceError("the device is offline")

    with pytest.raises(DeviceError, match="offline"):
        report_on(Job(source=Gone(), redactor=REDACTOR), PLUGINS)


# -- checks --------------------------------------------------------------------------------------


class Faulty(Check):
    """Breaks on any scene."""

    name = "faulty"
    title = "A check that breaks"
    severity = Severity.LOW
    remedy = "none"
    masvs: ClassVar[tuple[str, ...]] = ()
    maswe: ClassVar[tuple[str, ...]] = ()
    mastg: ClassVar[tuple[str, ...]] = ()
    cwe: ClassVar[tuple[str, ...]] = ()

    def examine(self, scene: Scene) -> Iterator[Finding | None]:
        yield None
        raise KeyError(f"value {MAIL}")


class Fixed(Faulty):
    """Finds what it is told."""

    name = "fixed"

    def __init__(self, *findings: Finding) -> None:
        self._findings = findings

    def examine(self, scene: Scene) -> Iterator[Finding | None]:
        yield from self._findings


def test_a_check_that_breaks_is_inconclusive_and_says_so() -> None:
    """It never takes the others with it, and its error may hold what it looked at."""
    plugins = replace(PLUGINS, checks={**PLUGINS.checks, "faulty": Faulty()})
    result = report(stored("a.xml", prefs(mail=MAIL)), plugins=plugins)
    (verdict,) = [each for each in result.verdicts if each.check == "faulty"]

    assert (verdict.outcome, verdict.reason) == (Outcome.INCONCLUSIVE, "the check itself failed: KeyError")
    assert outcome(result, "plaintext") is Outcome.FAIL
    assert MAIL not in repr(result)


def finding(*steps: str | int, severity: Severity = Severity.LOW, path: str = "db", container: str = "") -> Finding:
    return Finding(
        check="fixed", severity=severity, message="m",
        locator=Locator(path=path, steps=steps, container=container),
    )  # fmt: skip


def test_findings_that_differ_in_rows_only_are_one() -> None:
    """Counted; the first place is shown."""
    (verdict,) = judge(Scene(), {"fixed": Fixed(*(finding("t", row, "mail") for row in range(1, 6)))}, REDACTOR)

    assert [(str(each.locator), each.occurrences) for each in verdict.findings] == [("db#/t/1/mail", 5)]


def test_findings_are_told_apart_by_place_and_container() -> None:
    """Another column, another file, another app."""
    several = [finding("t", 1, "mail"), finding("t", 1, "phone"), finding(path="b"), finding("t", 1, "mail", container="c")]  # fmt: skip  # noqa: E501
    (verdict,) = judge(Scene(), {"fixed": Fixed(*several)}, REDACTOR)

    assert len({each.id for each in verdict.findings}) == len(several)


def test_the_worst_finding_comes_first() -> None:
    """Then by place, so that equal input gives equal text."""
    several = [finding("b"), finding("a"), finding("c", severity=Severity.CRITICAL)]
    (verdict,) = judge(Scene(), {"fixed": Fixed(*several)}, REDACTOR)

    assert [str(each.locator) for each in verdict.findings] == ["db#/c", "db#/a", "db#/b"]


# -- stability -----------------------------------------------------------------------------------


def test_the_same_input_gives_an_equal_report(tmp_path: Path) -> None:
    """No clock, no dice, no order of a dictionary."""
    items = [
        *everywhere(JANE),
        stored("databases/app", database(tmp_path, [(n, f"u{n}@example.org") for n in range(9)])),
    ]

    assert report(*items, persona=JANE) == report(*items, persona=JANE)


def test_a_new_row_does_not_make_a_finding_a_new_one(tmp_path: Path) -> None:
    """Waivers and baselines go by id: places without row numbers, and what is there."""
    before = report(stored("databases/app", database(tmp_path, [(1, MAIL)])))
    after = report(stored("databases/app", database(tmp_path, [(1, "other@example.org"), (2, MAIL)])))
    known = {each.id for each in before.findings}

    assert known < {each.id for each in after.findings}


def test_one_value_in_many_rows_is_one_finding(tmp_path: Path) -> None:
    """With the number of places."""
    result = report(stored("databases/app", database(tmp_path, [(n, MAIL) for n in range(1, 8)])))

    assert [each.occurrences for each in result.findings if each.check == "plaintext"] == [7]
    assert len(result.detections) == 7


def test_another_value_at_one_place_is_another_finding(tmp_path: Path) -> None:
    """A waiver is for what was seen, not for whatever comes."""
    one = report(stored("a.xml", prefs(mail=MAIL)))
    other = report(stored("a.xml", prefs(mail="eve.calder@example.com")))

    assert {each.id for each in one.findings} & {each.id for each in other.findings} == set()


def test_a_snapshot_is_of_paths_facts_and_contents() -> None:
    """Not of the order in which files came."""
    a, b = stored("a", b"1"), stored("b", b"2")
    same = report(b, a).snapshot

    assert report(a, b).snapshot == same
    changed = [stored("b", b"3"), stored("c", b"2"), replace(b, facts=replace(b.facts, mode=0o644)), stored("b", b"2", container="x")]  # fmt: skip  # noqa: E501
    assert len({report(a, each).snapshot for each in changed} | {same}) == 5


def test_contents_are_told_by_a_keyed_digest() -> None:
    """A plain digest of a short file is the file."""
    (line,) = report(stored("a", b"12")).coverage
    job = Job(source=Shelf(stored("a", b"12")), redactor=Redactor(b"another key, as long as it must be"))

    assert line.content
    assert hashlib.sha256(b"12").hexdigest()[:16] not in line.content
    assert report_on(job, PLUGINS).coverage[0].content != line.content


# -- claims of SDKs ------------------------------------------------------------------------------


class Claimed(SdkModel):
    """An SDK that keeps an identity in preferences."""

    name = "claimed"
    title = "An SDK"
    versions = ("1.0",)
    modes = ("plain",)
    claims = (Claim(path="shared_prefs/sdk.xml", pointer="/identity", role="identity"),)
    expected: ClassVar[dict[str, dict[str, Outcome]]] = {}

    def start(self, setup: Setup) -> Life:
        raise NotImplementedError


WITH_SDK = replace(PLUGINS, sdks={"claimed": Claimed()})


def test_an_identity_that_is_an_address_is_judged() -> None:
    """The place is decoded in full because it is claimed; the identity is shown by its evidence only."""
    result = report(stored("shared_prefs/sdk.xml", prefs(identity=MAIL, theme="dark")), plugins=WITH_SDK)

    assert outcome(result, "identifier_only") is Outcome.FAIL
    assert result.sdks == ("claimed",)
    assert [(each.sdk, each.role) for each in result.detections] == [("claimed", "identity")]
    assert MAIL not in repr(result)


def test_an_opaque_identity_passes() -> None:
    """A value was claimed, looked at, and is of nobody."""
    result = report(stored("shared_prefs/sdk.xml", prefs(identity="u-7f3a9c")), plugins=WITH_SDK)

    assert outcome(result, "identifier_only") is Outcome.PASS


def test_claims_of_another_sdk_can_be_left_out() -> None:
    """Where the caller names the one that counts."""
    item = stored("shared_prefs/sdk.xml", prefs(identity=MAIL))

    assert report(item, plugins=WITH_SDK, sdk="claimed").sdks == ("claimed",)
    assert report(item, plugins=WITH_SDK, sdk="other").sdks == ()


def test_an_sdk_that_is_known_only_has_what_is_its_own() -> None:
    """A finding in a file of Mixpanel's says so, and what it keeps as a user's identity is judged."""
    name = "shared_prefs/com.mixpanel.android.mpmetrics.MixpanelAPI_0f1e.xml"
    result = report(stored(name, prefs(events_distinct_id=MAIL, super_properties="{}")))
    (found,) = result.detections

    assert result.sdks == ("mixpanel",)
    assert (found.sdk, found.role, found.component) == ("mixpanel", "identity", "distinct id")
    assert "identify()" in found.remedy
    assert outcome(result, "identifier_only") is Outcome.FAIL


def test_what_an_app_keeps_itself_is_nobodys() -> None:
    """Its own preferences hold names of an SDK beside its own; each has the owner that it has."""
    user = "com.facebook.appevents.AnalyticsUserIDStore.userID"
    result = report(stored("shared_prefs/com.example.shop_preferences.xml", prefs(mail=MAIL, **{user: MAIL})))

    assert {found.locator.pointer: found.sdk for found in result.detections} == {
        "/mail": None,
        f"/{user}": "facebook",
    }


def test_a_file_of_an_sdk_that_no_claim_covers_is_found() -> None:
    """With what is in it; one that a claim covers is in order, and so is the backup of one."""
    result = report(
        stored("shared_prefs/com.mixpanel.android.mpmetrics.Mixpanel.xml", prefs(a="b")),
        stored("shared_prefs/com.mixpanel.android.mpmetrics.Mixpanel.xml.bak", prefs(a="b")),
        stored("shared_prefs/com.mixpanel.android.new.xml", prefs(mail=MAIL)),
    )
    (verdict,) = (each for each in result.verdicts if each.check == "unclaimed")
    (finding,) = verdict.findings

    assert (verdict.outcome, verdict.examined) == (Outcome.FAIL, 3)
    assert (finding.sdk, finding.locator.path) == ("mixpanel", "shared_prefs/com.mixpanel.android.new.xml")
    assert finding.message == "a file of mixpanel that none of its claims covers, with Email in it"


def test_what_is_personal_in_the_name_of_an_unclaimed_file_is_veiled() -> None:
    """As in every other place where the name stands."""
    result = report(stored(f"shared_prefs/com.mixpanel.android.{MAIL}.xml", prefs(a="b")))
    (verdict,) = (each for each in result.verdicts if each.check == "unclaimed")

    assert verdict.outcome is Outcome.FAIL
    assert MAIL not in repr(result)


# -- from a device -------------------------------------------------------------------------------


def test_a_sandbox_is_a_source(request: pytest.FixtureRequest) -> None:
    """A device in memory, with the facts that a real one would give."""
    from harness.profiles import load_profiles

    sandbox = Sandbox(load_profiles()["android-14-rooted"])
    sandbox.install(App(package="com.example.shop", uid=10123))
    sandbox.write(sandbox.container("com.example.shop") + "/shared_prefs/app.xml", prefs(mail=MAIL).encode())
    result = report_on(Job(source=sandbox, redactor=REDACTOR), PLUGINS)

    assert [str(each.locator) for each in result.detections] == ["shared_prefs/app.xml#/mail"]
    assert result.profile is sandbox.profile
    assert Access.ROOT_FILES in result.detections[0].facts.readable_by


def test_collecting_keeps_what_was_refused() -> None:
    """Files with their sidecars on one side, refusals on the other; progress is told."""
    told: list[tuple[str, int, int]] = []
    refused = Unread(path="x", reason="permission denied")
    job = Job(
        source=Shelf(stored("db", b"1"), refused, stored("db-wal", b"2")), redactor=REDACTOR,
        progress=lambda *stage: told.append(stage),
    )  # fmt: skip
    artifacts, unread = collect(job, PLUGINS)

    assert [(each.path, sorted(each.sidecars)) for each in artifacts] == [("db", ["-wal"])]
    assert unread == [refused]
    assert told[-1] == ("collect", 2, 0)


def test_the_report_says_which_rules_were_used() -> None:
    """Two results are comparable where these are equal."""
    assert set(report().tool) == {"version", "rules"}
    fewer = replace(PLUGINS, detectors={"email": PLUGINS.detectors["email"]})
    assert report(plugins=fewer).tool["rules"] != report().tool["rules"]


def test_names_of_links_containers_and_the_source_are_searched_and_veiled() -> None:
    """All of them are names that somebody stored, or typed."""
    clean = Artifact(facts=Facts(path="a.txt", size=2, container=MAIL), content=Bytes(b"ok"))
    link = Unread(
        path=f"links/{MAIL}", reason="symbolic link, not followed", expected=True, container="com.example.a"
    )
    job = Job(source=Shelf(clean, link, name=f"{MAIL}.tar"), redactor=REDACTOR, app=MAIL)
    report = report_on(job, PLUGINS)

    assert sorted(found.locator.path.partition("{")[0] for found in report.detections) == ["", "links/"]
    assert MAIL not in repr(report)
