"""Does personal data leave the device in a backup?"""

from collections.abc import Iterator

from harness.checks.base import Check, Scene, detected, stored
from harness.model import Access, Detection, Finding, Severity

_KEPT = stored("shared_prefs/session.xml", in_backup=False)
_SENT = stored("shared_prefs/session.xml", in_backup=True)


class InBackup(Check):
    """Personal data in a file that a device or cloud backup takes along."""

    title = "No personal data is in backups"
    question = "Is a file that holds personal data part of a backup?"
    severity = Severity.MEDIUM
    remedy = (
        "Exclude the file in the cloud and in the device-transfer rules (Android 12+: dataExtractionRules), or keep "
        "it in no_backup; on iOS set NSURLIsExcludedFromBackupKey or keep it in Library/Caches."
    )
    masvs = ("MASVS-STORAGE-2",)
    maswe = ("MASWE-0006 (beta 0004)",)
    mastg = ("MASTG-TEST-0216", "MASTG-TEST-0262", "MASTG-TEST-0298")
    cwe = ("CWE-212", "CWE-313")
    bad = Scene(facts=(_SENT,), detections=(detected(_SENT),))
    good = Scene(facts=(_KEPT,), detections=(detected(_KEPT),))

    def not_applicable(self, scene: Scene) -> str:
        """A source that knows of no backup cannot be judged by it."""
        if scene.facts and all(facts.in_backup is None for facts in scene.facts):
            otherwise = "" if scene.profile else ", or name a device that makes none with --profile"
            return f"a copy of files does not say what a backup takes: scan a device or a backup{otherwise}"
        return ""

    def examine(self, scene: Scene) -> Iterator[Finding | None]:
        """Each file of which it is known whether a backup takes it; those that it takes, for each detection in it."""
        taken = [each for each in scene.detections if each.facts.in_backup and each.is_held_against and _opens(each)]
        for detection in taken:
            yield self.finding("its file is part of a backup", detection)
        leaking = {(detection.facts.container, detection.facts.path) for detection in taken}
        for facts in scene.facts:
            if facts.in_backup is not None and (facts.container, facts.path) not in leaking:
                yield None


def _opens(detection: Detection) -> bool:
    """Whether who has the backup can read it there: no keystore's key is ever in one."""
    return detection.opened_by is None or Access.BACKUP in detection.opened_by
