"""Is personal data readable in the app's private storage?"""

from collections.abc import Iterator
from dataclasses import replace

from harness.checks.base import Check, Scene, detected, stored
from harness.model import Finding, Severity

_FILE = stored("shared_prefs/session.xml")


class Plaintext(Check):
    """Stored in plain, merely encoded, or as a digest that anyone can recompute."""

    title = "No personal data is readable in private storage"
    question = "Can whoever gets at the app's files read personal data in them?"
    severity = Severity.HIGH
    remedy = (
        "Do not store it. Where it must be stored, encrypt it under a key that the platform keystore or keychain "
        "holds; encoding and unsalted hashing protect nothing."
    )
    masvs = ("MASVS-STORAGE-1", "MASVS-PRIVACY-1")
    maswe = ("MASWE-0001 (beta 0006)", "MASWE-0067 (beta 0109)")
    mastg = ("MASTG-TEST-0207", "MASTG-TEST-0287", "MASTG-TEST-0304", "MASTG-TEST-0302")
    cwe = ("CWE-312", "CWE-313", "CWE-359", "CWE-922")
    bad = Scene(facts=(_FILE,), detections=(detected(_FILE),))
    good = Scene(facts=(_FILE,))

    def examine(self, scene: Scene) -> Iterator[Finding | None]:
        """Each detection that is surer than a guess is a finding; each other file that was read is in order."""
        for detection in scene.detections:
            # What was opened is judged by the check that asks what encryption is worth.
            if not detection.is_held_against or detection.opened_by is not None:
                continue
            finding = self.finding(_message(detection.form, detection.layers, detection.hashed), detection)
            finding = replace(finding, remedy=detection.remedy or self.remedy)
            # A guess about one value is less than a proof.
            if detection.confidence < _SURE:
                finding = replace(finding, severity=Severity.MEDIUM)
            yield finding
        with_findings = {
            (each.facts.container, each.facts.path)
            for each in scene.detections
            if each.is_held_against and each.opened_by is None
        }
        for facts in scene.facts:
            if facts.kind == "file" and (facts.container, facts.path) not in with_findings:
                yield None


_SURE = 0.75


def _message(form: str, layers: tuple[str, ...], hashed: bool) -> str:
    if hashed and "salt" in form:
        return f"stored as a {form.partition(':')[0]} digest under a salt that all have: a guess reverses it"
    if hashed:
        return f"stored as an unsalted {form.partition(':')[0]} digest, which a guess reverses"
    if layers:
        return f"stored encoded ({', '.join(layers)}), which protects nothing"
    return "stored in plain text"
