"""A result read back is the report it was written from, and what is no result is refused by name."""

import json
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar, get_type_hints

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness.errors import SourceError
from harness.model import (
    Access,
    CoverageLine,
    Detection,
    DeviceProfile,
    Exposure,
    Facts,
    Finding,
    Locator,
    Outcome,
    Report,
    Share,
    Unread,
    Verdict,
)
from harness.reporters.json import JsonReporter, load_result, result_text

NO_SHRINK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A whole report shrinks for minutes; the first one that fails says enough."""

T = TypeVar("T")
TEXT = st.text(st.characters(), max_size=8)
COUNT = st.integers(0, 1 << 40)


def every(cls: type[T], **some: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Objects of a class with all fields drawn, also those that have a default and those still to be added."""
    hints = get_type_hints(cls)
    drawn = {field.name: some.get(field.name, st.from_type(hints[field.name])) for field in fields(cls)}  # type: ignore[arg-type]
    return st.builds(cls, **drawn)


def few(one: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(one, max_size=3).map(tuple)


LOCATOR = every(Locator, path=TEXT, container=TEXT, steps=few(TEXT | st.integers(-5, 1 << 40)))
FACTS = every(
    Facts, path=TEXT, mode=st.none() | st.integers(0, 0o7777), modified=st.none() | st.floats(allow_nan=False,
    allow_infinity=False)
)  # fmt: skip
DETECTION = every(Detection, confidence=st.floats(0, 1), locator=LOCATOR, facts=FACTS)
FINDING = every(Finding, locator=LOCATOR)
VERDICT = every(
    Verdict,
    findings=few(FINDING),
    ids=st.fixed_dictionaries({name: few(TEXT) for name in ("masvs", "maswe", "mastg", "cwe")}),
).map(lambda verdict: replace(verdict, findings=tuple(replace(f, check=verdict.check) for f in verdict.findings)))
LINE = every(CoverageLine, shares=st.dictionaries(st.sampled_from(Share), st.integers(1, 1 << 40)))
CELLS = st.lists(TEXT, max_size=2, unique=True).flatmap(
    lambda kinds: st.tuples(
        *(every(Exposure, type=st.just(k), access=st.just(a), findings=few(TEXT)) for k in kinds for a in Access)
    )
)
REPORT = every(
    Report,
    profile=st.none() | every(DeviceProfile),
    coverage=few(LINE),
    unread=few(every(Unread)),
    verdicts=st.lists(VERDICT, max_size=3, unique_by=lambda verdict: verdict.check).map(tuple),
    exposure=CELLS,
    detections=few(DETECTION),
)


@given(REPORT)
@settings(max_examples=60, deadline=None, phases=NO_SHRINK, suppress_health_check=[HealthCheck.too_slow])
def test_a_result_read_and_written_is_the_same_text(report: Report) -> None:
    """Whatever a report holds, nothing is lost that is written."""
    text = JsonReporter().render(report)

    assert JsonReporter().render(load_result(text)) == text


def in_any_order(report: Report) -> list[object]:
    """All that a report holds, for comparing; a result sorts its lists."""
    lists = (
        report.coverage, report.unread, report.exposure, report.detections, report.sealed, report.recognised,
        [*report.findings],
    )  # fmt: skip
    verdicts = [replace(verdict, findings=()) for verdict in report.verdicts]
    bare = replace(report, coverage=(), unread=(), verdicts=(), exposure=(), detections=(), sealed=(), recognised=())
    sorted_ids = [replace(e, findings=tuple(sorted(e.findings))) for e in report.exposure]
    return [bare, sorted(verdicts, key=repr), sorted(sorted_ids, key=repr), *(sorted(x, key=_key) for x in lists[:2]),
            *(sorted(x, key=_key) for x in lists[3:])]  # fmt: skip


def _key(item: object) -> str:
    """Equal objects give equal keys: sets and mappings have no order of their own."""
    return repr(asdict(item, dict_factory=lambda pairs: sorted((k, _flat(v)) for k, v in pairs)))  # type: ignore[call-overload]


def _flat(value: object) -> object:
    if isinstance(value, frozenset | dict):
        return sorted(value if isinstance(value, frozenset) else value.items())
    return value


@given(REPORT)
@settings(max_examples=60, deadline=None, phases=NO_SHRINK, suppress_health_check=[HealthCheck.too_slow])
def test_no_field_is_forgotten(report: Report) -> None:
    """What is added to the words of a report has to be written and read, or this fails."""
    again = load_result(result_text(report))

    for mine, its in zip(in_any_order(report), in_any_order(again), strict=True):
        assert mine == its


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
        (("coverage", "files", 1, "shares"), {"lost": 1}, "$.coverage.files[1].shares.lost"),
        (("findings", 2, "severity"), "dreadful", "$.findings[2].severity"),
        (("findings", 2, "readable_by"), ["everybody"], "$.findings[2].readable_by[0]"),
        (("findings", 2, "where", "steps"), [1.5], "$.findings[2].where.steps[0]"),
        (("findings", 2, "check"), "unheard-of", "$.findings[2].check"),
        (("checks", 1, "id"), "backup", "$.checks[1].id"),
        (("checks", 0, "verdict"), "maybe", "$.checks[0].verdict"),
        (("exposure", "EMAIL"), {}, "$.exposure.EMAIL.other_app"),
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
