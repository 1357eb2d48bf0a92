"""A result read back is the report it was written from, and what is no result is refused by name."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import SourceError
from harness.model import (
    Access,
    CoverageLine,
    Detection,
    DeviceProfile,
    Evidence,
    Exposure,
    Facts,
    Finding,
    Locator,
    Outcome,
    Report,
    Severity,
    Share,
    State,
    Unread,
    Verdict,
)
from harness.reporters.json import JsonReporter, load_result, result_text

TEXT = st.text(st.characters(), max_size=8)
MAYBE = st.none() | TEXT
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
COUNT = st.integers(0, 1 << 40)
READERS = st.frozensets(st.sampled_from(Access))
LOCATOR = st.builds(
    Locator, path=TEXT, container=TEXT, steps=st.lists(TEXT | st.integers(-5, 1 << 40), max_size=4).map(tuple)
)
EVIDENCE = st.builds(Evidence, mask=TEXT, fingerprint=TEXT, length=COUNT)
FACTS = st.builds(
    Facts,
    path=TEXT,
    container=TEXT,
    size=COUNT,
    kind=TEXT,
    mode=st.none() | st.integers(0, 0o7777),
    modified=st.none() | st.floats(),
    label=MAYBE,
    readable_by=READERS,
    denied_to=READERS,
)
DETECTION = st.builds(
    Detection,
    type=TEXT,
    confidence=st.floats(0, 1),
    why=TEXTS,
    evidence=EVIDENCE,
    locator=LOCATOR,
    facts=FACTS,
    persona_field=MAYBE,
    form=TEXT,
    state=st.sampled_from(State),
    layers=TEXTS,
    in_key=st.booleans(),
    sdk=MAYBE,
    role=MAYBE,
    source_format=TEXT,
)
FINDING = st.builds(
    Finding,
    check=TEXT,
    severity=st.sampled_from(Severity),
    message=TEXT,
    locator=LOCATOR,
    type=MAYBE,
    persona_field=MAYBE,
    evidence=st.none() | EVIDENCE,
    state=st.sampled_from(State),
    layers=TEXTS,
    readable_by=READERS,
    sdk=MAYBE,
    remedy=TEXT,
    id=TEXT,
)
VERDICT = st.builds(
    Verdict,
    check=TEXT,
    title=TEXT,
    outcome=st.sampled_from(Outcome),
    examined=COUNT,
    reason=TEXT,
    findings=st.lists(FINDING, max_size=3).map(tuple),
    severity=st.sampled_from(Severity),
    ids=st.dictionaries(st.sampled_from(["masvs", "maswe", "mastg", "cwe"]), TEXTS),
    remedy=TEXT,
)
REPORT = st.builds(
    Report,
    source=TEXT,
    profile=st.none() | st.builds(DeviceProfile, name=TEXT, title=TEXT, os_version=TEXT, app_root=TEXT),
    app=MAYBE,
    sdks=TEXTS,
    persona=st.booleans(),
    snapshot=TEXT,
    coverage=st.lists(
        st.builds(
            CoverageLine,
            path=TEXT,
            container=TEXT,
            format=TEXT,
            size=COUNT,
            shares=st.dictionaries(st.sampled_from(Share), COUNT),
            error=TEXT,
        ),
        max_size=3,
    ).map(tuple),
    unread=st.lists(
        st.builds(Unread, path=TEXT, reason=TEXT, size=COUNT, container=TEXT, expected=st.booleans()), max_size=2
    ).map(tuple),
    verdicts=st.lists(VERDICT, max_size=3, unique_by=lambda verdict: verdict.check).map(tuple),
    exposure=st.lists(st.builds(Exposure, type=TEXT, findings=TEXTS), max_size=6).map(tuple),
    detections=st.lists(DETECTION, max_size=3).map(tuple),
    tool=st.dictionaries(TEXT, TEXT, max_size=2),
    scenario=st.dictionaries(TEXT, TEXT, max_size=2),
)


@given(REPORT)
@settings(max_examples=60, deadline=None)
def test_a_result_read_and_written_is_the_same_text(report: Report) -> None:
    """Whatever a report holds, nothing is lost that is written."""
    text = JsonReporter().render(report)

    assert JsonReporter().render(load_result(text)) == text


def test_the_report_itself_comes_back(ios: Report, android: Report) -> None:
    """Not only its text: verdict, findings and detections are those that were written."""
    assert load_result(result_text(ios)) == ios
    again = load_result(result_text(android))

    assert again.outcome is Outcome.FAIL
    assert {f.id: f for f in again.findings} == {f.id: f for f in android.findings}
    assert sorted(again.detections, key=repr) == sorted(android.detections, key=repr)
    assert again.profile == android.profile


def spoilt(report: Report, *keys: str | int, value: object) -> str:
    """A result with one value replaced."""
    document: Any = json.loads(result_text(report))
    target = document
    for key in keys[:-1]:
        target = target[key]
    target[keys[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("keys", "value", "path"),
    [
        (("schema",), "urn:storage-harness:result:99", "$.schema"),
        (("source",), 7, "$.source"),
        (("persona",), "yes", "$.persona"),
        (("sdk",), "clevertap", "$.sdk"),
        (("coverage", "files", 1, "size"), True, "$.coverage.files[1].size"),
        (("coverage", "files", 1, "shares"), {"lost": 1}, '$.coverage.files[1].shares["lost"]'),
        (("findings", 2, "severity"), "dreadful", "$.findings[2].severity"),
        (("findings", 2, "readable_by"), ["everybody"], "$.findings[2].readable_by[0]"),
        (("findings", 2, "where", "steps"), [1.5], "$.findings[2].where.steps[0]"),
        (("findings", 2, "check"), "unheard-of", "$.findings[2].check"),
        (("checks", 1, "id"), "backup", "$.checks[1].id"),
        (("checks", 0, "verdict"), "maybe", "$.checks[0].verdict"),
        (("exposure", "EMAIL"), {}, '$.exposure["EMAIL"].other_app'),
        (("detections", 0, "file", "mode"), "rw-", "$.detections[0].file.mode"),
        (("detections", 0, "confidence"), 10**400, "$.detections[0].confidence"),
        (("device", "claimed", "platform"), "palm", "$.device.claimed.platform"),
    ],
)
def test_a_wrong_shape_is_refused_by_its_place(
    android: Report, keys: tuple[str | int, ...], value: object, path: str
) -> None:
    """The message names where, and never what stood there."""
    with pytest.raises(SourceError) as refusal:
        load_result(spoilt(android, *keys, value=value))

    assert f"{path} must be" in str(refusal.value)
    assert "dreadful" not in str(refusal.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", "null", "\x00", "[" * 100_000, "9" * 5000, '{"schema": NaN}'])
def test_what_is_no_result_is_refused(text: str) -> None:
    """No shape of input gets past as anything else than a refusal."""
    with pytest.raises(SourceError):
        load_result(text)


def test_a_missing_key_is_named(android: Report) -> None:
    """A result of another hand is told what it lacks."""
    document = json.loads(result_text(android))
    del document["unread"]

    with pytest.raises(SourceError, match=r"\$\.unread must be there"):
        load_result(json.dumps(document))


def test_unknown_keys_are_passed_over(android: Report) -> None:
    """A later version may add; what is known is still read."""
    text = spoilt(android, "new_in_a_later_version", value=1)

    assert result_text(load_result(text)) == result_text(android)
