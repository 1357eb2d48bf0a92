"""A report as JSON: every list sorted, every key in its place, pure ASCII, so that results compare as text.

ASCII is also what makes hostile names harmless here: control and direction characters and lone surrogates leave as
`\\uXXXX`, and reading gives them back unchanged.
"""

import json
import math
from collections.abc import Iterable, Mapping

from harness.model import (
    Access,
    CoverageLine,
    Detection,
    DeviceProfile,
    Evidence,
    Facts,
    Finding,
    Report,
    Share,
    Unread,
    Verdict,
)
from harness.reporters.base import Run, matrix, shares
from harness.reporters.json.words import Json, JsonObject, component, labels, recognised, sealed, texts, where

__all__ = ["IDS", "SCHEMA", "Json", "JsonObject", "result_text"]

_quoted = json.encoder.encode_basestring_ascii

SCHEMA = "urn:storage-harness:result:1"
"""First key of every result; a reader refuses any other."""

IDS = ("masvs", "maswe", "mastg", "cwe")
"""The catalogues that a check refers to."""


def result_text(report: Report, *, run: Run | None = None, gate: Mapping[str, Json] | None = None) -> str:
    """The result; `gate` is the decision on it, once there is one."""
    document: JsonObject = {
        "schema": SCHEMA,
        "tool": _words(report.tool),
        "source": report.source,
        "device": _device(report),
        "app": report.app,
        "sdk": list(report.sdks),
        "scenario": _words(report.scenario),
        "persona": report.persona,
        "snapshot": report.snapshot,
        "coverage": _coverage(report),
        "exposure": _exposure(report),
        "checks": _sorted((_check(verdict) for verdict in report.verdicts), "id"),
        "findings": _sorted(
            (_finding(finding, verdict.check) for verdict in report.verdicts for finding in verdict.findings),
            "where", "check", "id",
        ),
        "detections": _sorted((_detection(detection) for detection in report.detections), "where", "type"),
        "sealed": _sorted((sealed(each) for each in report.sealed), "where", "layer", "state"),
        "components": [component(each) for each in report.components],
        "recognised": _sorted((recognised(each) for each in report.recognised), "sdk", "container"),
        "gate": dict(gate) if gate is not None else None,
        "unread": _sorted((_unread(unread) for unread in report.unread), "container", "path"),
    }  # fmt: skip
    if run is not None:
        document["run"] = _run(run)
    return _indented(document, "\n") + "\n"


def _indented(value: Json, margin: str) -> str:
    """JSON with two spaces a level, and lists of plain values on one line: `["events", 12, "data"]`."""
    if isinstance(value, dict) and value:
        inner = margin + "  "
        members = [f"{_quoted(key)}: {_indented(member, inner)}" for key, member in value.items()]
        return "{" + inner + ("," + inner).join(members) + margin + "}"
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        inner = margin + "  "
        return "[" + inner + ("," + inner).join([_indented(item, inner) for item in value]) + margin + "]"
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, allow_nan=False)


def _sorted(items: Iterable[JsonObject], *keys: str) -> list[Json]:
    """Sorted by these keys; by their whole text where those are equal, so that the order is never left to chance."""
    return [*sorted(items, key=lambda item: (*(json.dumps(item[key]) for key in keys), json.dumps(item)))]


def _words(mapping: Mapping[str, str]) -> JsonObject:
    return dict(sorted(mapping.items()))


def _finite(number: float) -> float | None:
    """JSON has no infinity; a time that is none is not known."""
    return float(number) if math.isfinite(number) else None


# -- subject -------------------------------------------------------------------------------------


def _device(report: Report) -> JsonObject:
    profile = report.profile
    return {
        "profile": profile.name if profile else None,
        "claimed": _profile(profile) if profile else None,
        "observed": _observed(report),
    }


def _profile(profile: DeviceProfile) -> JsonObject:
    return {
        "title": profile.title,
        "platform": profile.platform.value,
        "os_version": profile.os_version,
        "app_root": profile.app_root,
        "privileged": profile.privileged,
        "debuggable": profile.debuggable,
        "adb": profile.adb,
        "userdebug": profile.userdebug,
        "work_profile": profile.work_profile,
        "jailbreak_root": profile.jailbreak_root,
        "locked": profile.locked,
        "simulator": profile.simulator,
        "keystore": profile.keystore.value,
        "encrypted_backup": profile.encrypted_backup,
        "backup": profile.backup,
        "backup_excludes": texts(profile.backup_excludes),
    }


def _observed(report: Report) -> JsonObject:
    """For each attacker, how many of the files with personal data it was seen to read, or to be kept from."""
    reads: dict[tuple[str, str], set[Access]] = {}
    denied: dict[tuple[str, str], set[Access]] = {}
    for facts in (detection.facts for detection in report.detections):
        reads.setdefault((facts.container, facts.path), set()).update(facts.readable_by)
        denied.setdefault((facts.container, facts.path), set()).update(facts.denied_to)
    counts: JsonObject = {}
    for access in Access:
        read = sum(access in who for who in reads.values())
        kept = sum(access in who and access not in reads[file] for file, who in denied.items())
        counts[access.label] = {"reads": read, "denied": kept, "unknown": len(reads) - read - kept}
    return counts


# -- what was found ------------------------------------------------------------------------------


def _exposure(report: Report) -> JsonObject:
    return {
        row.type: {
            access.label: {"cell": cell.cell.value, "findings": texts(sorted(cell.findings))}
            for access, cell in row.cells.items()
        }
        for row in sorted(matrix(report), key=lambda row: row.type)
    }


def _check(verdict: Verdict) -> JsonObject:
    catalogues: JsonObject = {name: texts(verdict.ids.get(name, ())) for name in IDS}
    return {
        "id": verdict.check,
        "title": verdict.title,
        "verdict": verdict.outcome.value,
        "severity": verdict.severity.label,
        "examined": verdict.examined,
        "reason": verdict.reason,
        **catalogues,
        "remediation": verdict.remedy,
        "findings": texts(sorted(finding.id for finding in verdict.findings)),
    }


def _finding(finding: Finding, check: str) -> JsonObject:
    return {
        "id": finding.id,
        "check": check,
        "severity": finding.severity.label,
        "type": finding.type,
        "persona_field": finding.persona_field,
        "where": where(finding.locator),
        "state": finding.state.value,
        "layers": texts(finding.layers),
        "readable_by": labels(finding.readable_by),
        "sdk": finding.sdk,
        "component": finding.component,
        "sdk_versions": finding.versions,
        "key": finding.key,
        "evidence": _evidence(finding.evidence) if finding.evidence else None,
        "occurrences": finding.occurrences,
        "message": finding.message,
        "remediation": finding.remedy,
    }


def _detection(detection: Detection) -> JsonObject:
    return {
        "type": detection.type,
        "persona_field": detection.persona_field,
        "confidence": _finite(detection.confidence) or 0.0,
        "why": texts(detection.why),
        "form": detection.form,
        "meaning": detection.meaning.value,
        "shown": list(detection.shown),
        "shown_of": detection.shown_of,
        "reversible": detection.reversible,
        "where": where(detection.locator),
        "in_key": detection.in_key,
        "state": detection.state.value,
        "layers": texts(detection.layers),
        "sdk": detection.sdk,
        "role": detection.role,
        "component": detection.component,
        "sdk_versions": detection.versions,
        "remediation": detection.remedy,
        "key": detection.key,
        "opened_by": None if detection.opened_by is None else labels(detection.opened_by),
        "by_code": detection.by_code,
        "format": detection.source_format,
        "evidence": _evidence(detection.evidence),
        "file": _facts(detection.facts),
    }


def _evidence(evidence: Evidence) -> JsonObject:
    return {"mask": evidence.mask, "fingerprint": evidence.fingerprint, "length": evidence.length}


def _facts(facts: Facts) -> JsonObject:
    return {
        "path": facts.path,
        "container": facts.container,
        "size": facts.size,
        "kind": facts.kind,
        "owner": facts.owner,
        "group": facts.group,
        "mode": None if facts.mode is None else f"{facts.mode:04o}",
        "modified": None if facts.modified is None else _finite(facts.modified),
        "label": facts.label,
        "protection": None if facts.protection is None else facts.protection.value,
        "platform": None if facts.platform is None else facts.platform.value,
        "in_backup": facts.in_backup,
        "readable_by": labels(facts.readable_by),
        "denied_to": labels(facts.denied_to),
    }


# -- what was read -------------------------------------------------------------------------------


def _coverage(report: Report) -> JsonObject:
    totals: JsonObject = {share.value: size for share, size in shares(report).items()}
    return {
        "totals": {"files": len(report.coverage), "bytes": sum(line.size for line in report.coverage), **totals},
        "files": _sorted((_line(line) for line in report.coverage), "container", "path"),
    }


def _line(line: CoverageLine) -> JsonObject:
    return {
        "path": line.path,
        "container": line.container,
        "format": line.format,
        "size": line.size,
        "shares": {share.value: line.shares[share] for share in Share if line.shares.get(share)},
        "error": line.error,
        "content": line.content,
    }


def _unread(unread: Unread) -> JsonObject:
    return {
        "path": unread.path,
        "container": unread.container,
        "reason": unread.reason,
        "size": unread.size,
        "expected": unread.expected,
    }


def _run(run: Run) -> JsonObject:
    return {
        "started": run.started,
        "seconds": run.seconds,
        "stages": [{"name": name, "seconds": seconds} for name, seconds in run.stages],
    }
