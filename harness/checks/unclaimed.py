"""Is everything that an SDK stored something that it is known to store?"""

from collections.abc import Iterator

from harness.checks.base import Check, Scene, SdkFile, stored
from harness.model import Finding, Locator, Severity
from harness.wording import type_word

_FILE = stored("shared_prefs/com.example.sdk.cache.xml")


class Unclaimed(Check):
    """A file that is an SDK's by its name or folder, and that none of its claims covers, holds nobody knows what: a
    version that is newer than the claims, a debugging aid, or data that was never meant to stay."""

    title = "Files of SDKs are ones that they are known to write"
    question = "Is every file that an SDK wrote accounted for by its claims?"
    subject = ("file of an SDK", "files of SDKs")
    reads_content = False
    severity = Severity.LOW
    remedy = (
        "Look at what the file holds. If the SDK writes it, add it to the SDK's claims, with what it is for; if not, "
        "find out who does."
    )
    masvs = ("MASVS-PRIVACY-1", "MASVS-PRIVACY-3")
    maswe = ("MASWE-0076 (beta 0113)",)
    mastg = ("MASTG-TEST-0318",)
    cwe = ("CWE-359",)
    bad = Scene(facts=(_FILE,), sdk_files=(SdkFile(sdk="example", facts=_FILE, claimed=False),))
    good = Scene(facts=(_FILE,), sdk_files=(SdkFile(sdk="example", facts=_FILE, claimed=True),))

    def not_applicable(self, scene: Scene) -> str:
        """Where no file is an SDK's by its name, none can be missing from its claims."""
        return "" if scene.sdk_files or not scene.facts else "no file here is an SDK's by its name"

    def examine(self, scene: Scene) -> Iterator[Finding | None]:
        """Every file that is an SDK's by its name or folder; worse where personal data was found in it."""
        held: dict[tuple[str, str], dict[str, None]] = {}
        for detection in scene.detections:
            if detection.is_held_against:
                held.setdefault((detection.facts.container, detection.facts.path), {})[detection.type] = None
        for file in scene.sdk_files:
            kinds = held.get((file.facts.container, file.facts.path), {})
            yield None if file.claimed else self._found(file, tuple(kinds))

    def _found(self, file: SdkFile, kinds: tuple[str, ...]) -> Finding:
        words = ", ".join(type_word(kind) for kind in kinds)
        return Finding(
            check=self.name,
            severity=Severity.MEDIUM if kinds else self.severity,
            message=f"a file of {file.sdk} that none of its claims covers"
            + (f", with {words} in it" if kinds else ""),
            locator=Locator(path=file.facts.path, container=file.facts.container),
            readable_by=file.facts.readable_by,
            sdk=file.sdk,
            remedy=self.remedy,
        )
