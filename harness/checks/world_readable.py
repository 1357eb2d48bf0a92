"""Can every user of the device read a stored file?"""

from collections.abc import Iterator

from harness.checks.base import Check, Scene, stored
from harness.model import Access, Facts, Finding, Locator, Platform, Severity


class WorldReadable(Check):
    """The mode of a file in private storage lets others read it."""

    title = "No stored file is readable by every user of the device"
    question = "Does a file's mode let other apps read it?"
    severity = Severity.CRITICAL
    reads_content = False
    remedy = (
        "Create the file with mode 0600 (MODE_PRIVATE) and share through a content provider that asks for permission."
    )
    masvs = ("MASVS-STORAGE-2", "MASVS-PLATFORM-1")
    maswe = ("MASWE-0002 (beta 0007)",)
    mastg = ("MASTG-TEST-0207",)
    cwe = ("CWE-732", "CWE-276", "CWE-922")
    bad = Scene(facts=(stored("files/export.json", mode=0o644),))
    good = Scene(facts=(stored("files/export.json", mode=0o600),))

    def not_applicable(self, scene: Scene) -> str:
        """iOS keeps apps apart by the sandbox, not by modes; a source without modes cannot tell."""
        if scene.facts and all(_is_of_ios(scene, facts) for facts in scene.facts):
            return "iOS separates apps by the sandbox, not by file modes"
        if scene.facts and all(facts.mode is None for facts in scene.facts):
            return "the source does not keep the device's file modes"
        return ""

    def examine(self, scene: Scene) -> Iterator[Finding | None]:
        """Every file whose mode is known."""
        for facts in scene.facts:
            if facts.mode is None or facts.kind != "file" or _is_of_ios(scene, facts):
                continue
            yield self._found(facts) if facts.mode & 0o004 else None

    def _found(self, facts: Facts) -> Finding:
        if Access.OTHER_APP in facts.readable_by:
            severity, reach = Severity.CRITICAL, "other apps reach it"
        elif Access.OTHER_APP in facts.denied_to:
            severity, reach = Severity.MEDIUM, "its folders keep other apps out, for now"
        else:
            severity, reach = Severity.HIGH, "whether other apps reach it was not observed"
        return Finding(
            check=self.name,
            severity=severity,
            message=f"mode {facts.mode:04o}; {reach}",
            locator=Locator(path=facts.path, container=facts.container),
            readable_by=facts.readable_by,
            remedy=self.remedy,
        )


def _is_of_ios(scene: Scene, facts: Facts) -> bool:
    platform = scene.profile.platform if scene.profile is not None else facts.platform
    return platform is Platform.IOS
