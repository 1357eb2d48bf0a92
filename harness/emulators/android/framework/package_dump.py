"""What `dumpsys package` and `pm dump` print of a package, in the lines that tools look for."""

from harness.emulators.android.framework.places import Places
from harness.emulators.android.ports import Package
from harness.sandbox.layout import USER_RANGE

__all__ = ["describe", "flags_of"]

_ORDER = (
    "SYSTEM",
    "DEBUGGABLE",
    "HAS_CODE",
    "PERSISTENT",
    "ALLOW_TASK_REPARENTING",
    "ALLOW_CLEAR_USER_DATA",
    "UPDATED_SYSTEM_APP",
    "TEST_ONLY",
    "VM_SAFE_MODE",
    "ALLOW_BACKUP",
    "KILL_AFTER_RESTORE",
    "RESTORE_ANY_VERSION",
    "EXTERNAL_STORAGE",
    "LARGE_HEAP",
)
"""`FLAG_DUMP_SPEC` of the package manager."""


def flags_of(package: Package) -> tuple[str, ...]:
    """An application's flags in the package manager's order; those that it does not know come last."""
    held = {"HAS_CODE", "ALLOW_CLEAR_USER_DATA", *package.flags}
    held |= {"DEBUGGABLE"} if package.debuggable else set()
    held |= {"ALLOW_BACKUP"} if package.allow_backup else set()
    return (*(flag for flag in _ORDER if flag in held), *sorted(held - set(_ORDER)))


def describe(package: Package, places: Places, *, api: int) -> str:
    """The block of one package."""
    number = package.uid % USER_RANGE
    flags = f"[ {' '.join(flags_of(package))} ]"
    handle = f"{_handle(package.name):07x}"
    code = f"/data/app/{package.name}"
    lines = (
        f"  Package [{package.name}] ({handle}):",
        *((f"    appId={number}",) if api >= 34 else ()),  # Android 14 calls it so; tools look for both
        f"    userId={number}",
        f"    pkg=Package{{{handle} {package.name}}}",
        f"    codePath={code}",
        f"    resourcePath={code}",
        f"    versionCode={package.version_code} minSdk={min(21, package.target_sdk)} targetSdk={package.target_sdk}",
        "    versionName=1.0",
        "    splits=[base]",
        f"    flags={flags}",
        f"    dataDir={places.named_data(package)}",
        "    installPermissionsFixed=true",
        f"    pkgFlags={flags}",
        *(
            f"    User {copy.uid // USER_RANGE}: installed=true hidden=false suspended=false stopped=false "
            "notLaunched=false enabled=0"
            for copy in package.copies
        ),
    )
    return "\n".join(lines) + "\n"


def _handle(name: str) -> int:
    """As stable as a name, and as opaque as an identity hash code."""
    value = 0
    for character in name:
        value = (value * 31 + ord(character)) & 0xFFFFFFF
    return value
