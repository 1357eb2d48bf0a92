"""A result back into the report that it was written from; keys that are not known are passed over."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from harness.model import (
    Access,
    Cell,
    Component,
    CoverageLine,
    Detection,
    DeviceProfile,
    Evidence,
    Exposure,
    Facts,
    Finding,
    Keystore,
    Locator,
    Outcome,
    Platform,
    Protection,
    Recognised,
    Report,
    Sealed,
    SealState,
    Severity,
    Share,
    State,
    Unread,
    Verdict,
)
from harness.reporters.json.node import Node, parse
from harness.reporters.json.writing import IDS, SCHEMA

__all__ = ["load_result"]

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def load_result(text: str) -> Report:
    """The report that a `result.json` holds; written again, it gives the same text.

    Raises:
        SourceError: it is no result, or one of another version; the message names the place in it.
    """
    root = parse(text)
    if root["schema"].value != SCHEMA:
        root["schema"].fail(f'"{SCHEMA}"')
    return Report(
        source=root["source"].text(),
        profile=_profile(root["device"]),
        app=root["app"].text_or_none(),
        sdks=root["sdk"].texts(),
        persona=root["persona"].flag(),
        snapshot=root["snapshot"].text(),
        coverage=_each(root["coverage"]["files"], _line),
        unread=_each(root["unread"], _unread),
        verdicts=_verdicts(root),
        exposure=_exposure(root["exposure"]),
        detections=_each(root["detections"], _detection),
        tool=root["tool"].words(),
        scenario=root["scenario"].words(),
        # Results that are older say nothing of either.
        sealed=() if root["sealed"].missing else _each(root["sealed"], _sealed),
        components=() if root["components"].missing else _each(root["components"], _component),
        recognised=() if root["recognised"].missing else _each(root["recognised"], _recognised),
    )


def _each(node: Node, read: Callable[[Node], T]) -> tuple[T, ...]:
    return tuple(read(item) for item in node.items())


def _member(node: Node, kind: type[E]) -> E:
    return _named(node, {member.value: member for member in kind})


_ACCESSES = {access.label: access for access in Access}
_SEVERITIES = {severity.label: severity for severity in Severity}


def _named(node: Node, known: dict[str, T]) -> T:
    text = node.text()
    if text not in known:
        node.fail("one of " + ", ".join(known))
    return known[text]


def _readers(node: Node) -> frozenset[Access]:
    return frozenset(_named(item, _ACCESSES) for item in node.items())


def _profile(node: Node) -> DeviceProfile | None:
    claimed = node["claimed"]
    if claimed.missing:
        return None
    return DeviceProfile(
        name=node["profile"].text(),
        title=claimed["title"].text(),
        platform=_member(claimed["platform"], Platform),
        os_version=claimed["os_version"].text(),
        app_root=claimed["app_root"].text(),
        privileged=claimed["privileged"].flag(),
        debuggable=claimed["debuggable"].flag(),
        adb=claimed["adb"].flag(),
        userdebug=claimed["userdebug"].flag(),
        # Reports that are older than this word do not say.
        work_profile=claimed["work_profile"].flag_or_none() or False,
        jailbreak_root=claimed["jailbreak_root"].text_or_none() or "",
        locked=claimed["locked"].flag_or_none() or False,
        simulator=claimed["simulator"].flag(),
        keystore=_member(claimed["keystore"], Keystore),
        encrypted_backup=claimed["encrypted_backup"].flag(),
        backup=claimed["backup"].flag(),
        backup_excludes=claimed["backup_excludes"].texts(),
    )


def _line(node: Node) -> CoverageLine:
    return CoverageLine(
        path=node["path"].text(),
        container=node["container"].text(),
        format=node["format"].text(),
        size=node["size"].whole(),
        shares=_shares(node["shares"]),
        error=node["error"].text(),
        content=node["content"].text(),
    )


def _shares(node: Node) -> dict[Share, int]:
    return {_member(Node(key, key, node), Share): value.whole() for key, value in node.members()}


def _unread(node: Node) -> Unread:
    return Unread(
        path=node["path"].text(),
        container=node["container"].text(),
        reason=node["reason"].text(),
        size=node["size"].whole(),
        expected=node["expected"].flag(),
    )


def _exposure(node: Node) -> tuple[Exposure, ...]:
    return tuple(
        Exposure(
            type=kind,
            access=access,
            cell=_member(row[label]["cell"], Cell),
            findings=row[label]["findings"].texts(),
        )
        for kind, row in node.members()
        for label, access in _ACCESSES.items()
    )


def _verdicts(root: Node) -> tuple[Verdict, ...]:
    """Findings stand beside the checks in a result, and under them in a report."""
    found: dict[str, list[Finding]] = {}
    for check in root["checks"].items():
        if check["id"].text() in found:
            check["id"].fail("the only one of its name")
        found[check["id"].text()] = []
    for item in root["findings"].items():
        finding = _finding(item)
        if finding.check not in found:
            item["check"].fail("the id of a check")
        found[finding.check].append(finding)
    return tuple(_verdict(check, tuple(found[check["id"].text()])) for check in root["checks"].items())


def _verdict(node: Node, findings: tuple[Finding, ...]) -> Verdict:
    return Verdict(
        check=node["id"].text(),
        title=node["title"].text(),
        outcome=_member(node["verdict"], Outcome),
        examined=node["examined"].whole(),
        reason=node["reason"].text(),
        findings=findings,
        severity=_named(node["severity"], _SEVERITIES),
        ids={name: node[name].texts() for name in IDS},
        remedy=node["remediation"].text(),
    )


def _finding(node: Node) -> Finding:
    return Finding(
        check=node["check"].text(),
        severity=_named(node["severity"], _SEVERITIES),
        message=node["message"].text(),
        locator=_locator(node["where"]),
        type=node["type"].text_or_none(),
        persona_field=node["persona_field"].text_or_none(),
        evidence=None if node["evidence"].missing else _evidence(node["evidence"]),
        state=_member(node["state"], State),
        layers=node["layers"].texts(),
        readable_by=_readers(node["readable_by"]),
        sdk=node["sdk"].text_or_none(),
        component=node["component"].text_or_none() or "",
        versions=node["sdk_versions"].text_or_none() or "",
        key=node["key"].text_or_none() or "",
        remedy=node["remediation"].text(),
        occurrences=node["occurrences"].whole(),
        id=node["id"].text(),
    )


def _detection(node: Node) -> Detection:
    return Detection(
        type=node["type"].text(),
        confidence=node["confidence"].number(),
        why=node["why"].texts(),
        evidence=_evidence(node["evidence"]),
        locator=_locator(node["where"]),
        facts=_facts(node["file"]),
        persona_field=node["persona_field"].text_or_none(),
        form=node["form"].text(),
        state=_member(node["state"], State),
        layers=node["layers"].texts(),
        in_key=node["in_key"].flag(),
        sdk=node["sdk"].text_or_none(),
        role=node["role"].text_or_none(),
        component=node["component"].text_or_none() or "",
        versions=node["sdk_versions"].text_or_none() or "",
        remedy=node["remediation"].text_or_none() or "",
        key=node["key"].text_or_none() or "",
        opened_by=None if node["opened_by"].missing else _readers(node["opened_by"]),
        by_code=bool(node["by_code"].flag_or_none()),
        shown=() if node["shown"].missing else tuple(place.whole() for place in node["shown"].items()),
        shown_of=node["shown_of"].whole_or_none() or 0,
        reversible=node["reversible"].text_or_none() or "",
        source_format=node["format"].text(),
    )


def _sealed(node: Node) -> Sealed:
    return Sealed(
        locator=_locator(node["where"]),
        layer=node["layer"].text(),
        state=_member(node["state"], SealState),
        sdk=node["sdk"].text(),
        component=node["component"].text(),
        reason=node["reason"].text(),
        opened_by=_readers(node["opened_by"]),
        by_code=bool(node["by_code"].flag_or_none()),
        untried_by=frozenset() if node["untried_by"].missing else _readers(node["untried_by"]),
        count=node["count"].whole(),
    )


def _component(node: Node) -> Component:
    return Component(
        sdk=node["sdk"].text(),
        component=node["component"].text(),
        type=node["type"].text_or_none() or "",
        values=node["values"].whole(),
        cells={
            _ACCESSES[label]: _member(cell, Cell) for label, cell in node["cells"].members() if label in _ACCESSES
        },
    )


def _recognised(node: Node) -> Recognised:
    return Recognised(
        sdk=node["sdk"].text(),
        first=node["first"].text(),
        last=node["last"].text(),
        era=node["era"].text(),
        account=node["account"].text(),
        level=node["level"].whole_or_none(),
        notes=node["notes"].texts(),
        container=node["container"].text(),
    )


def _locator(node: Node) -> Locator:
    return Locator(
        path=node["path"].text(),
        container=node["container"].text(),
        steps=tuple(step.step() for step in node["steps"].items()),
    )


def _evidence(node: Node) -> Evidence:
    return Evidence(node["mask"].text(), node["fingerprint"].text(), node["length"].whole())


def _facts(node: Node) -> Facts:
    mode, modified = node["mode"], node["modified"]
    protection, platform = node["protection"], node["platform"]
    return Facts(
        path=node["path"].text(),
        container=node["container"].text(),
        size=node["size"].whole(),
        kind=node["kind"].text(),
        owner=node["owner"].whole_or_none(),
        group=node["group"].whole_or_none(),
        mode=None if mode.missing else _octal(mode),
        modified=None if modified.missing else modified.number(),
        label=node["label"].text_or_none(),
        protection=None if protection.missing else _member(protection, Protection),
        platform=None if platform.missing else _member(platform, Platform),
        in_backup=node["in_backup"].flag_or_none(),
        readable_by=_readers(node["readable_by"]),
        denied_to=_readers(node["denied_to"]),
    )


def _octal(node: Node) -> int:
    text = node.text()
    if not text.isascii() or not text or text.strip("01234567"):
        node.fail("permission bits in octal")
    return int(text, 8)
