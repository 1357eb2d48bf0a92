"""Does encryption hold against whoever has the files and nothing else?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from harness.checks.base import Check, Scene, detected, stored
from harness.model import Access, Finding, Locator, Outcome, Sealed, SealState, Severity, Verdict
from harness.wording import count_of, key_word

__all__ = ["DerivableKey"]

_FILE = stored("shared_prefs/session.xml")
_PLACE = Locator(path=_FILE.path, steps=("token",))
_FILES = frozenset({Access.OTHER_APP, Access.ADB_SHELL, Access.BACKUP, Access.ROOT_FILES})
"""Attackers who have bytes, and run no code as the app, unless the shell may: then the key says that it took code."""


def _sealed(state: SealState, *opened_by: Access, by_code: bool = False) -> Sealed:
    return Sealed(
        locator=_PLACE, layer="aes-gcm", state=state, sdk="example", reason="a key", opened_by=frozenset(opened_by),
        by_code=by_code,
    )  # fmt: skip


class DerivableKey(Check):
    """Ciphertext whose key is derived from what lies beside it, or lies there itself, is plain text with a detour."""

    title = "Encrypted values stay shut without the keystore"
    question = "Can whoever has only the files open what is encrypted in them?"
    subject = ("place with ciphertext", "places with ciphertext")
    reads_content = True
    severity = Severity.HIGH
    remedy = (
        "Encrypt under a key that the platform keystore or keychain made and never gives out; a key that is derived "
        "from constants, or stored beside the data, protects nothing."
    )
    masvs = ("MASVS-CRYPTO-1", "MASVS-CRYPTO-2", "MASVS-STORAGE-1")
    maswe = ("MASWE-0001 (beta 0006)",)
    mastg = ("MASTG-TEST-0212",)
    cwe = ("CWE-321", "CWE-798", "CWE-311")
    bad = Scene(facts=(_FILE,), detections=(detected(_FILE, opened_by=frozenset(Access)),))
    good = Scene(facts=(_FILE,), sealed=(_sealed(SealState.OPENED, Access.ADB_SHELL, by_code=True),))

    def not_applicable(self, scene: Scene) -> str:
        """Where nothing is known to be encrypted, other checks say what is readable."""
        if scene.sealed or not scene.facts or any(each.opened_by is not None for each in scene.detections):
            return ""
        return "nothing is encrypted here in a way that is known"

    def examine(self, scene: Scene) -> Iterator[Finding | None]:
        """Personal data that was opened without the keystore is a finding; so is each other place that opened so, or
        that holds no ciphertext at all. However much is in a place, it is one."""
        places = _Places(scene.sealed)
        seen: set[object] = set()
        faulty: set[object] = set()
        for detection in scene.detections:
            if detection.opened_by is None:
                continue
            place = places.of(detection.locator)
            seen.add(place)
            if detection.is_held_against and not detection.by_code and detection.readers & _FILES:
                faulty.add(place)
                finding = self.finding(f"encrypted, and opened with {key_word(detection.key)}", detection)
                yield replace(finding, remedy=detection.remedy or self.remedy)
        personal = frozenset(faulty)
        for sealed in scene.sealed:
            place = places.of(sealed.locator)
            told = sealed.state is SealState.OPENED and place in personal
            if sealed.state is SealState.NO_KEY or told:
                continue
            seen.add(place)
            found = self._judged(sealed)
            if found is not None:
                faulty.add(place)
                yield found
        yield from (None for _ in seen - faulty)

    def _judged(self, sealed: Sealed) -> Finding | None:
        if sealed.state is SealState.MALFORMED:
            finding = self._about(sealed, f"marked as encrypted, and is not: {sealed.reason}")
            return replace(finding, severity=Severity.MEDIUM)
        if sealed.opened_by & _FILES and not sealed.by_code:
            finding = self._about(sealed, f"encrypted, and opened with {key_word(sealed.reason)}")
            return replace(finding, severity=Severity.LOW)  # nothing personal was seen in it
        return None

    def judge(self, scene: Scene) -> Verdict:
        """A ciphertext that no key was tried on is no pass."""
        verdict = super().judge(scene)
        untried: dict[str, int] = {}
        for sealed in scene.sealed:
            if sealed.state is SealState.NO_KEY:
                by_code_alone = not sealed.untried_by & _FILES
                why = "no key, and no keystore to ask" if by_code_alone else sealed.reason
                untried[why] = untried.get(why, 0) + sealed.count
        if not untried or verdict.outcome is Outcome.FAIL:
            return verdict
        told = (f"{count_of(count, 'ciphertext')} could not be tried: {why}" for why, count in untried.items())
        return replace(verdict, outcome=Outcome.INCONCLUSIVE, reason="; ".join(told))

    def things(self, scene: Scene) -> Callable[[Finding], object]:
        """One place with ciphertext, which may hold much."""
        places = _Places(scene.sealed)
        return lambda finding: places.of(finding.locator)

    def _about(self, sealed: Sealed, message: str) -> Finding:
        return Finding(
            check=self.name,
            severity=self.severity,
            message=message,
            locator=sealed.locator,
            layers=(sealed.layer,),
            readable_by=sealed.opened_by,
            sdk=sealed.sdk,
            component=sealed.component,
            key=sealed.reason if sealed.state is SealState.OPENED else "",
            remedy=self.remedy,
        )


class _Places:
    """Where the ciphertexts of a scene are; rows are one place."""

    def __init__(self, sealed: Sequence[Sealed]) -> None:
        self._known = {(each.locator.container, each.locator.identity) for each in sealed}

    def of(self, locator: Locator) -> object:
        """The ciphertext that a value was in: the innermost; the value's own place where none is known."""
        identity = locator.identity
        outer = identity
        while outer:
            if (locator.container, outer) in self._known:
                return locator.container, outer
            outer = outer[: max(outer.rfind("/"), 0)] if len(outer) > len(locator.path) + 1 else ""
        return locator.container, identity
