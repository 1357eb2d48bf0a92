"""Are the identities that an SDK stores opaque?"""

from collections.abc import Iterator
from dataclasses import replace

from harness.checks.base import Check, Scene, stored
from harness.model import Access, Evidence, Finding, Locator, Outcome, Severity, StoredIdentifier, Verdict
from harness.wording import count_of

_FILE = stored("shared_prefs/sdk.xml")
_EVIDENCE = Evidence("j***@example.org", "0123456789abcdef", 16)
_PLACE = Locator(path=_FILE.path, steps=("user_id",))


def _identity(*, types: tuple[str, ...] = (), forms: tuple[str, ...] = ()) -> StoredIdentifier:
    return StoredIdentifier(locator=_PLACE, evidence=_EVIDENCE, sdk="example", types=types, forms=forms)


class IdentifierOnly(Check):
    """A stored identity that *is* an email address, a phone number, or an unsalted digest of one, is no pseudonym."""

    title = "Stored identities are opaque"
    question = "Is what an SDK stores as a user's identity opaque?"
    subject = ("stored identity", "stored identities")
    severity = Severity.HIGH
    remedy = "Identify the user by a random or server-issued id; never by an email address, a phone number or a hash."
    masvs = ("MASVS-PRIVACY-2",)
    maswe = ("MASWE-0067 (beta 0109)", "MASWE-0068 (beta 0110)")
    mastg = ("MASTG-TEST-0318",)
    cwe = ("CWE-359",)
    bad = Scene(facts=(_FILE,), identifiers=(_identity(types=("EMAIL",), forms=("plain",)),))
    good = Scene(facts=(_FILE,), identifiers=(_identity(),))

    def not_applicable(self, scene: Scene) -> str:
        """Without a claimed identity the question arises only where identifier-only storage was promised."""
        if scene.identifiers or scene.promise == "identifier-only" or not scene.facts:
            return ""
        return "no SDK claims a stored identity here"

    def examine(self, scene: Scene) -> Iterator[Finding | None]:
        """Every value at a place that an SDK claims as an identity."""
        readers = {(facts.container, facts.path): facts.readable_by for facts in scene.facts}
        for identifier in scene.identifiers:
            if _is_open_question(identifier, scene):
                continue
            place = (identifier.locator.container, identifier.locator.path)
            known = identifier.types or identifier.shape in _TYPES
            yield self._found(identifier, readers.get(place, frozenset())) if known else None

    def judge(self, scene: Scene) -> Verdict:
        """What nobody could look into, or tell from a digest of somebody, is no pass."""
        verdict = super().judge(scene)
        if verdict.outcome in {Outcome.FAIL, Outcome.NOT_APPLICABLE}:
            return verdict
        open_questions = [identifier for identifier in scene.identifiers if _is_open_question(identifier, scene)]
        sealed = sum(identifier.shape == "sealed" for identifier in open_questions)
        digests = len(open_questions) - sealed
        reasons = [
            *([f"{count_of(sealed, 'is', 'are')} encrypted, and no key opened what is in there"] if sealed else []),
            *([f"{count_of(digests, 'may be a digest', 'may be digests')} of somebody unknown"] if digests else []),
        ]
        if not reasons:
            return verdict
        reason = f"of {count_of(len(scene.identifiers), *self.subject)} {' and '.join(reasons)}"
        return replace(verdict, outcome=Outcome.INCONCLUSIVE, reason=reason)

    def thing(self, finding: Finding) -> object:
        """One of the places that an SDK keeps an identity at."""
        return finding.locator

    def _found(self, identifier: StoredIdentifier, readable_by: frozenset[Access]) -> Finding:
        digests = [form for form in identifier.forms if form.partition(":")[0] in {"md5", "sha1", "sha256", "sha512"}]
        kind = identifier.types[0] if identifier.types else _TYPES[identifier.shape]
        what = f"an unsalted {digests[0]} digest of personal data" if digests else "personal data"
        return Finding(
            check=self.name,
            severity=self.severity,
            message=f"the identity is {what} ({kind})",
            locator=identifier.locator,
            type=kind,
            evidence=identifier.evidence,
            readable_by=readable_by,
            sdk=identifier.sdk,
            component=identifier.component,
            remedy=identifier.remedy or self.remedy,
        )


def _is_open_question(identifier: StoredIdentifier, scene: Scene) -> bool:
    """Whether it can neither be found nor passed: it was not seen, or nobody knows of whom it may be a digest."""
    if identifier.types:
        return False
    return identifier.shape == "sealed" or (identifier.shape == "digest" and not scene.seeded)


_TYPES = {"advertising_id": "ADVERTISING_ID", "email": "EMAIL", "phone": "PHONE"}
"""What an identity is by its shape alone, as the SDK that made it says: no person need be known."""
