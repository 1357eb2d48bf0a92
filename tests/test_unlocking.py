"""What is learned of an app before the scan: keys that lie about, a keystore that answers, and who wrote there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from harness import registry
from harness.checks.base import Check
from harness.detectors.base import Detector
from harness.formats.base import Format
from harness.model import Access, Cell, Outcome, Recognised, Record, Report, SealState
from harness.persona import Persona
from harness.pipeline import Job, Plugins, report_on
from harness.profiles import load_profile
from harness.redaction import Redactor
from harness.reporters.json.writing import result_text
from harness.sandbox import App, Sandbox
from harness.sdks.base import Cipher, Claim, Effect, Event, SdkModel, Setup
from tests.scan.test_sealed import Turned, turned

APP = App(package="com.example.toy", uid=10101)
JANE = Persona(email="jane.roe@example.org")


class Sealing(SdkModel):
    """A toy that keeps everything in one file, sealed."""

    title = "Toy"
    versions = ("1.0.0",)
    modes = ("encrypted",)
    claims = (
        Claim(path="files/toy*.json", role="config", component="toy store"),
        Claim(path="files/toy*.json", pointer="/who*", role="identity", component="toy identity"),
    )
    ciphers: ClassVar[tuple[Cipher, ...]] = (Turned(),)
    expected: ClassVar[Mapping[str, Mapping[str, Outcome]]] = {"encrypted": {}}

    def start(self, setup: Setup) -> "Sealing":
        return self

    def react(self, event: Event) -> Iterator[Effect]:
        yield from ()

    def recognise(self, records: Sequence[Record]) -> Recognised | None:
        return Recognised(
            sdk="toy", first="1.0.0", last="1.0.0", era=f"of {len(records)} values", account="TOY-1234-5678"
        )


def plugins() -> Plugins:
    return Plugins(
        registry.load("formats", Format), registry.load("detectors", Detector), registry.load("checks", Check),
        {"toy": Sealing()},
    )  # fmt: skip


def scanned(content: Mapping[str, object], profile: str = "android-14-rooted", extra: str = "") -> Report:
    sandbox = Sandbox(load_profile(profile))
    sandbox.install(APP)
    root = sandbox.container(APP.package)
    sandbox.write(f"{root}/files/toy.json", json.dumps(content).encode())
    if extra:
        sandbox.write(f"{root}/files/toy-more.json", extra.encode())
    return report_on(Job(source=sandbox, redactor=Redactor(b"k" * 32), persona=JANE), plugins())


def cells(report: Report) -> dict[str, Cell]:
    return {each.access.label: each.cell for each in report.exposure if each.type == "EMAIL"}


def test_a_key_beside_the_data_breaks_it_for_all_who_have_the_files() -> None:
    """`broken`, not `exposed`: the check of what encryption is worth fails, the one about plain text does not."""
    report = scanned({"turn": 5, "note": turned(JANE.email or "")})
    outcomes = {verdict.check: verdict.outcome for verdict in report.verdicts}

    assert cells(report) == {
        "other_app": Cell.HELD, "adb_shell": Cell.HELD, "backup": Cell.BROKEN,
        "root_files": Cell.BROKEN, "root_code": Cell.BROKEN,
    }  # fmt: skip
    assert (outcomes["derivable_key"], outcomes["plaintext"]) == (Outcome.FAIL, Outcome.PASS)
    (finding,) = (finding for finding in report.findings if finding.check == "derivable_key")
    assert (finding.sdk, finding.component, finding.key) == ("toy", "toy store", "the turn beside it")
    assert finding.layers == ("toy",)


def test_a_keystore_holds_against_files_and_not_against_code() -> None:
    """The simulated device's own keystore: it answers who runs code as the app, where somebody can."""
    sandbox = Sandbox(load_profile("android-14-rooted"))
    sandbox.install(APP)
    holder = sandbox.holder("")
    assert holder is not None
    sealed = sandbox.sealer(APP.package).seal("mine", b"x", nonce=bytes(12))

    assert holder.open("mine", sealed) == b"x"
    assert Sandbox(load_profile("android-14-stock")).holder("") is None


def test_what_nobody_tried_is_no_pass() -> None:
    """A ciphertext without a key is inconclusive, and root's cell is not `held`."""
    report = scanned({"alias": "mine", "note": turned("nothing")}, "android-14-debuggable")
    verdict = next(verdict for verdict in report.verdicts if verdict.check == "derivable_key")

    assert [sealed.state for sealed in report.sealed] == [SealState.NO_KEY]
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "no keystore to ask" in verdict.reason


def test_a_name_that_holds_ciphertext_is_veiled() -> None:
    """Who has the key reads it in a locator as well as in a value."""
    name = "mail_" + turned(JANE.email or "")
    report = scanned({"turn": 5, name: {"phone": "+44 7700 900123", "email": JANE.email}})
    told = repr([str(each.locator) for each in (*report.detections, *report.sealed)])

    assert "{SEALED:" in told
    assert turned(JANE.email or "") not in told


def test_who_wrote_there_is_recognised_from_the_storage_alone() -> None:
    """With the SDK's name in the report, though nothing personal was found in it."""
    report = scanned({"turn": 5})

    assert [(each.sdk, each.era) for each in report.recognised] == [("toy", "of 1 values")]
    assert report.sdks == ("toy",)


def test_an_account_leaves_in_part() -> None:
    """It is the customer's: the report, and so every form of it, has no more than its begin."""
    report = scanned({"turn": 5})

    assert [each.account for each in report.recognised] == ["TOY-…"]
    assert "5678" not in result_text(report)


def test_damage_in_a_claimed_file_costs_a_line_and_not_the_run() -> None:
    """Keys of the other files are found all the same."""
    report = scanned({"turn": 5, "note": turned(JANE.email or "")}, extra='{"a": "b"')

    assert cells(report)["backup"] is Cell.BROKEN
    assert Access.BACKUP in report.sealed[0].opened_by
