"""Invented reports that hold every cell, state, verdict and severity, on both platforms."""

from collections.abc import Callable
from dataclasses import replace

import pytest

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
    Step,
    Unread,
    Verdict,
)

ROOT = frozenset({Access.ROOT_FILES, Access.ROOT_CODE})
CABLE = ROOT | {Access.ADB_SHELL}
WIDE = frozenset(Access)

DB = "databases/clevertap_TEST-000-0000"
PREFS = "shared_prefs/WizRocket_TEST-000-0000.xml"
LOG = "files/logs/sdk-2026-03-01.log"

MASKS = {
    "EMAIL": ("j***@example.org", 16, "email"),
    "PHONE": ("*** *** *** **00", 13, "phone"),
    "NAME": ("J*** A****", 9, "name"),
    "CARD": ("**** 1111", 16, "card"),
    "LOCATION": ("**.****, **.****", 18, "location"),
    "SSN": ("***-**-****", 11, "ssn"),
    "ADVERTISING_ID": ("3*******-****-****", 36, "advertising_id"),
    "DATE_OF_BIRTH": ("1***-**-**", 10, "date_of_birth"),
    "IP_ADDRESS": ("1**.*.*.*", 9, None),
}


def finding(
    check: str,
    severity: Severity,
    kind: str,
    path: str,
    steps: tuple[Step, ...],
    readers: frozenset[Access] = ROOT,
    *,
    state: State = State.LIVE,
    layers: tuple[str, ...] = (),
    message: str = "",
    sdk: str | None = "clevertap",
    remedy: str = "",
    rows: int = 1,
) -> Finding:
    """One finding with invented evidence; its id comes from its place."""
    mask, length, field = MASKS[kind]
    print_of = f"{abs(hash_of(kind, path, steps, state)):016x}"
    return Finding(
        check=check,
        severity=severity,
        message=message or f"{kind.lower().replace('_', ' ')} readable in plain text",
        locator=Locator(path=path, steps=steps, container="com.example.shop"),
        type=kind,
        persona_field=field,
        evidence=Evidence(mask, print_of, length),
        state=state,
        layers=layers,
        readable_by=readers,
        sdk=sdk,
        remedy=remedy,
        occurrences=rows,
        id=print_of,
    )


def hash_of(*parts: object) -> int:
    """The same number in every process, unlike `hash`."""
    number = 14695981039346656037
    for byte in repr(parts).encode():
        number = (number ^ byte) * 1099511628211 % (1 << 64)
    return number


def verdict(check: str, title: str, outcome: Outcome, examined: int, *found: Finding, reason: str = "") -> Verdict:
    """One answer with the catalogue ids that the check would bring."""
    remedies = {
        "plaintext": "Do not push the value, or encrypt it with a key that never leaves the keystore.",
        "derivable_key": "Generate the key in the keystore; a key made of the account id is known to everybody.",
        "world_readable": "Create the file with mode 0600.",
        "backup": "Exclude the file from backups (dataExtractionRules, isExcludedFromBackup).",
        "erased": "Overwrite and vacuum on erasure, and truncate the write-ahead log.",
        "masking": "Mask before storing; keep no second copy.",
    }
    return Verdict(
        check=check,
        title=title,
        outcome=outcome,
        examined=examined,
        reason=reason or (f"{len(found)} of {examined} examined" if found else f"{examined} examined"),
        findings=found,
        severity=max((f.severity for f in found), default=Severity.MEDIUM),
        ids={
            "masvs": ("MASVS-STORAGE-1",),
            "maswe": ("MASWE-0001 (beta 0006)",),
            "mastg": ("MASTG-TEST-0207",),
            "cwe": ("CWE-312",),
        },
        remedy=remedies.get(check, "Store less."),
    )


def exposure(kind: str, cells: str, ids: dict[Access, tuple[str, ...]]) -> list[Exposure]:
    """A row of the matrix from five letters, weakest attacker first."""
    letters = {
        "E": Cell.EXPOSED, "B": Cell.BROKEN, "M": Cell.MASKED, "P": Cell.PSEUDONYMOUS,
        "?": Cell.UNKNOWN, "H": Cell.HELD, "-": Cell.ABSENT,
    }  # fmt: skip
    return [
        Exposure(type=kind, access=access, cell=letters[letter], findings=ids.get(access, ()))
        for access, letter in zip(Access, cells, strict=True)
    ]


def detection(found: Finding, **changes: object) -> Detection:
    """The detection that a finding rests on."""
    assert found.evidence is not None
    base = Detection(
        type=found.type or "EMAIL",
        confidence=0.98,
        why=("persona", "key names the class"),
        evidence=found.evidence,
        locator=found.locator,
        facts=Facts(
            path=found.locator.path,
            container=found.locator.container,
            size=32768,
            owner=10234,
            group=10234,
            mode=0o600,
            modified=1767225600.25,
            label="u:object_r:app_data_file:s0:c234,c256,c512,c768",
            protection=Protection.UNTIL_FIRST_AUTH,
            in_backup=Access.BACKUP in found.readable_by,
            readable_by=found.readable_by,
            denied_to=frozenset({Access.OTHER_APP}) - found.readable_by,
        ),
        persona_field=found.persona_field,
        state=found.state,
        layers=found.layers,
        sdk=found.sdk,
        role="profile",
        source_format="sqlite",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def android_findings() -> dict[str, tuple[Finding, ...]]:
    """By check."""
    deep: tuple[Step, ...] = ("events", 12, "data", "profile")
    high, medium, low = Severity.HIGH, Severity.MEDIUM, Severity.LOW
    return {
        "plaintext": (
            finding("plaintext", high, "EMAIL", DB, (*deep, "Email"), CABLE, layers=("json",)),
            finding("plaintext", high, "PHONE", DB, (*deep, "Phone"), CABLE, layers=("json",), rows=214),
            finding("plaintext", high, "NAME", DB, (*deep, "Name"), CABLE, layers=("json",)),
            finding("plaintext", high, "CARD", DB, ("events", 14, "data", "evtData", "card"), CABLE,
                    layers=("json", "base64")),
            finding("plaintext", high, "EMAIL", DB, ("events", 3, "data", "profile", "Email"), CABLE,
                    state=State.WAL, layers=("json",)),
            finding("plaintext", high, "EMAIL", DB, ("?", 7, "data", "profile", "Email"),
                    state=State.FREELIST, layers=("json",)),
            finding("plaintext", medium, "DATE_OF_BIRTH", DB, ("userProfiles", 1, "data", "DOB"),
                    state=State.FREEBLOCK),
            finding("plaintext", medium, "LOCATION", DB, ("events", 15, "data", "evtData", "geo~fence/Latitude"),
                    state=State.UNALLOCATED),
            finding("plaintext", medium, "LOCATION", DB, ("events", 15, "data", "evtData", "geo~fence/Longitude"),
                    state=State.JOURNAL),
            finding("plaintext", medium, "EMAIL", PREFS,
                    ("TEST-000-0000:cachedGUIDsKey", "Email_{EMAIL:3fa9c1d2}"),
                    layers=("json", "url"), message="email in the name of a key"),
            finding("plaintext", low, "IP_ADDRESS", "cache/http/5f2c.0", (), state=State.RAW, sdk=None),
            finding("plaintext", low, "ADVERTISING_ID", "files/mmkv/analytics", ("gaid",),
                    state=State.SUPERSEDED, sdk=None),
            finding("plaintext", low, "SSN", "files/kv.realm", ("Person", 0, "ssn"), state=State.SLACK, sdk=None),
        ),
        "world_readable": (
            finding("world_readable", Severity.CRITICAL, "EMAIL", LOG, (118,), WIDE,
                    message="mode 0644: any app can read it"),
        ),
        "derivable_key": (
            finding("derivable_key", high, "PHONE", PREFS, ("deviceId:phone",), CABLE,
                    layers=("aes-cbc:clevertap-android-legacy",),
                    message="decrypted with a key made of the account id",
                    remedy="Move to encryption level 2 with a keystore key."),
        ),
        "backup": (
            finding("backup", Severity.INFO, "NAME", "files/profile.json", ("display", "name"),
                    CABLE | {Access.BACKUP}, message="the file enters backups"),
        ),
    }  # fmt: skip


def android_report() -> Report:
    """A rooted Android device; the SDK stores nearly everything. Fails."""
    found = android_findings()
    first = found["plaintext"][0].id
    return Report(
        source="emulated:android-14-rooted",
        profile=DeviceProfile(
            name="android-14-rooted",
            title="Pixel 8, Android 14, rooted",
            platform=Platform.ANDROID,
            os_version="14",
            app_root="/data/data",
            privileged=True,
            adb=True,
            keystore=Keystore.TEE,
            backup_excludes=("cache", "no_backup"),
        ),
        app="com.example.shop",
        sdks=("clevertap",),
        persona=True,
        snapshot="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        coverage=(
            CoverageLine(path=DB, container="com.example.shop", format="sqlite", size=65536,
                         shares={Share.DECODED: 21120, Share.STRUCTURE: 12288, Share.FREE: 30128,
                                 Share.PADDING: 2000}),
            CoverageLine(path=PREFS, container="com.example.shop", format="shared_prefs", size=4310,
                         shares={Share.DECODED: 3120, Share.STRUCTURE: 1190}),
            CoverageLine(path=LOG, container="com.example.shop", format="text_log", size=18021,
                         shares={Share.DECODED: 18021}, content="5b1e8f20c1a4d7e9"),
            CoverageLine(path="files/secure.bin", container="com.example.shop", format="", size=2048,
                         shares={Share.ENCRYPTED: 2048}),
            CoverageLine(path="cache/image_manager_disk_cache/1f.0", container="com.example.shop", format="",
                         size=48211, shares={Share.MEDIA: 48211}),
            CoverageLine(path="files/kv.realm", container="com.example.shop", format="realm", size=8192,
                         shares={Share.DECODED: 1024, Share.SCRAMBLED: 2048, Share.UNKNOWN: 3072, Share.FAILED: 2048},
                         error="bad array header at offset 4096"),
        ),
        unread=(
            Unread(path="files/.lock", container="com.example.shop", reason="a socket, not followed", expected=True),
            Unread(path="databases/big.db", container="com.example.shop", reason="larger than the limit",
                   size=3_221_225_472),
        ),
        verdicts=(
            verdict("plaintext", "Personal data stored in plain text", Outcome.FAIL, 57, *found["plaintext"]),
            verdict("world_readable", "Files that other apps can read", Outcome.FAIL, 6, *found["world_readable"]),
            verdict("derivable_key", "Encrypted with a key that everybody can make", Outcome.FAIL, 4,
                    *found["derivable_key"]),
            verdict("backup", "Personal data in backups", Outcome.FAIL, 9, *found["backup"]),
            verdict("masking", "Masks that can be undone", Outcome.PASS, 12),
            verdict("erased", "Data that outlives erasure", Outcome.INCONCLUSIVE, 3,
                    reason="1 files could not be read"),
            verdict("protection_class", "Weak data protection class", Outcome.NOT_APPLICABLE, 0,
                    reason="iOS only"),
        ),
        exposure=tuple(
            cell
            for kind, cells in {
                "EMAIL": "EE?EE", "PHONE": "HBHBB", "NAME": "HEEEE", "CARD": "HEHEE", "LOCATION": "HHHEE",
                "SSN": "HH?EE", "ADVERTISING_ID": "HPHPP", "DATE_OF_BIRTH": "HMHMM", "PASSPORT": "HHHHB",
                "IP_ADDRESS": "H??EE", "ADDRESS": "-----", "BIOMETRIC": "-----",
            }.items()
            for cell in exposure(kind, cells, {Access.ROOT_FILES: (first,), Access.ROOT_CODE: (first,)}
                                 if kind == "EMAIL" else {})
        ),
        detections=tuple(detection(item) for group in found.values() for item in group),
        tool={"version": "0.1.0", "rules": "5b1e8f20c1a4"},
        scenario={"name": "demo", "sdk": "clevertap", "mode": "plain", "version": "7.0.0", "simulated": "true"},
    )  # fmt: skip


def ios_report() -> Report:
    """A jailbroken iPhone in identifier-only mode, from a backup folder. Passes."""
    path = "Library/Application Support/CleverTap/clevertap-TEST-000-0000-userprofile.plist"
    profile = DeviceProfile(
        name="ios-16-jailbroken",
        title="iPhone 12, iOS 16.7, jailbroken",
        platform=Platform.IOS,
        os_version="16.7",
        app_root="/var/mobile/Containers/Data/Application",
        privileged=True,
        keystore=Keystore.SECURE_ENCLAVE,
        encrypted_backup=True,
    )
    return Report(
        source="ssh://root@phone.test:2222",
        profile=profile,
        app="org.example.shop",
        sdks=("clevertap",),
        persona=False,
        snapshot="2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        coverage=(
            CoverageLine(path=path, container="", format="keyed_archive", size=1820,
                         shares={Share.DECODED: 640, Share.STRUCTURE: 1180}),
        ),
        unread=(),
        verdicts=(
            verdict("plaintext", "Personal data stored in plain text", Outcome.PASS, 14),
            verdict("protection_class", "Weak data protection class", Outcome.PASS, 1),
        ),
        exposure=(*exposure("EMAIL", "HHHPP", {}), *exposure("PHONE", "-----", {})),
        detections=(),
        tool={"version": "0.1.0"},
    )  # fmt: skip


def component(name: str, kind: str, cells: str, values: int = 3, sdk: str = "clevertap") -> Component:
    """What each attacker gets of a part, from five letters, weakest first."""
    letters = {"E": Cell.EXPOSED, "B": Cell.BROKEN, "?": Cell.UNKNOWN, "H": Cell.HELD}
    cell_of = {access: letters[letter] for access, letter in zip(Access, cells, strict=True)}
    return Component(sdk=sdk, component=name, type=kind, values=values, cells=cell_of)


def sealed(name: str, state: SealState, reason: str, *opened_by: Access, count: int = 1) -> Sealed:
    """A ciphertext in a part of CleverTap's SDK."""
    place = Locator(path=DB, steps=(name,), container="com.example.shop")
    return Sealed(
        locator=place, layer="aes-gcm:keystore", state=state, sdk="clevertap", component=name, reason=reason,
        opened_by=frozenset(opened_by), count=count,
    )  # fmt: skip


def encrypted_report() -> Report:
    """The rooted Android device, with all that the engine can know of an SDK and its ciphertexts."""
    plain, broken = (
        finding("plaintext", Severity.HIGH, kind, DB, ("userProfiles", 2, "data", kind), remedy="Set level 2.")
        for kind in ("SSN", "CARD")
    )
    found = (
        replace(plain, component="event queue"),
        replace(broken, component="event queue"),
        replace(
            finding("plaintext", Severity.HIGH, "EMAIL", PREFS, ("map",), remedy="Use opaque ids."),
            component="profile",
            key="derived from the account id",
        ),
    )
    return replace(
        android_report(),
        verdicts=(verdict("plaintext", "Personal data stored in plain text", Outcome.FAIL, 9, *found),),
        recognised=(
            Recognised(sdk="clevertap", first="7.1.0", last="7.1.2", era="legacy AES", account="TEST…", level=1,
                       notes=("the last migration failed",), container="com.example.shop"),
        ),
        sealed=(
            sealed("profile", SealState.OPENED, "derived from the account id", Access.ROOT_FILES, Access.ROOT_CODE),
            sealed("event queue", SealState.OPENED, "keystore alias EncryptionKey", Access.ROOT_CODE, count=2),
            sealed("event queue", SealState.OPENED, "keystore alias EncryptionKey", Access.ROOT_CODE, count=1_200),
            sealed("inbox", SealState.RESISTED, "derived from the account id: does not open it"),
            sealed("in-app", SealState.NO_KEY, "keystore alias EncryptionKey: nobody asked it"),
            sealed("identity map", SealState.MALFORMED, "not whole blocks"),
        ),
        components=(
            component("ARP", "", "HHHHH"),
            component("event queue", "", "HHEEE", 112),
            component("event queue", "CARD", "HHEEE"),
            component("event queue", "SSN", "HHEEE"),
            component("profile", "", "HHEEE", 15),
            component("profile", "ADDRESS", "HHEEE"),
            component("profile", "EMAIL", "HHBBB"),
            component("profile", "PHONE", "HHHH?"),
        ),
    )  # fmt: skip


def empty_report() -> Report:
    """Nothing known and nothing judged: inconclusive."""
    return Report(
        source="folder", profile=None, app=None, sdks=(), persona=False, snapshot="", coverage=(), unread=(),
        verdicts=(), exposure=(), detections=(),
    )  # fmt: skip


def crowded_report(count: int, files: int) -> Report:
    """Many findings in some files."""
    kinds = sorted(MASKS)
    found = tuple(
        finding(
            "plaintext",
            Severity(number % 5),
            kinds[number % len(kinds)],
            f"databases/store-{number % files:04d}.db",
            (f"events{number}", number, "data", "profile", "nested", "contact", kinds[number % len(kinds)].lower()),
            CABLE,
            state=list(State)[number % len(State)],
            layers=("json",) if number % 2 else ("json", "base64", "gzip"),
        )
        for number in range(count)
    )
    android = android_report()
    return replace(
        android,
        verdicts=(
            verdict("plaintext", "Personal data stored in plain text", Outcome.FAIL, count * 2, *found),
            *android.verdicts[4:],
        ),
        coverage=tuple(
            CoverageLine(path=f"databases/store-{number:04d}.db", container="com.example.shop", format="sqlite",
                         size=4096, shares={Share.DECODED: 4096})
            for number in range(files)
        ),
        detections=(),
    )  # fmt: skip


@pytest.fixture(scope="session")
def android() -> Report:
    return android_report()


@pytest.fixture(scope="session")
def ios() -> Report:
    return ios_report()


@pytest.fixture(scope="session")
def encrypted() -> Report:
    return encrypted_report()


@pytest.fixture(scope="session")
def nothing() -> Report:
    return empty_report()


@pytest.fixture(scope="session")
def crowded() -> Callable[[int, int], Report]:
    return crowded_report
