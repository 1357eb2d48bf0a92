"""A sandbox's profile and apps as the `Machine` that pid 1 of a device is told to be."""

from collections.abc import Mapping

from harness.emulators.android.ports import FILE_BASED, Machine, Package
from harness.emulators.walls.identities import is_mapped
from harness.emulators.walls.ports import Tier, Trust
from harness.errors import UsageError
from harness.model import DeviceProfile, Platform
from harness.profiles import api_level
from harness.sandbox import App, Sandbox, has_work_copy

__all__ = ["machine_of", "package_of"]

_FULL_DISK = 21
"""The API level from which a new phone's storage is encrypted as a whole."""


def package_of(app: App, profile: DeviceProfile) -> Package:
    """An app as the package manager knows it.

    Raises:
        UsageError: its uid is of a user that an emulated device has not.
    """
    if not is_mapped(app.uid) or not is_mapped(app.uid + 10_000):
        raise UsageError(
            f"{app.package}: an emulated device has no uid {app.uid}", hint="Users are 0 and, for a work profile, 10."
        )
    return Package(
        name=app.package,
        uid=app.uid,
        debuggable=app.debuggable or profile.debuggable,
        allow_backup=app.allow_backup,
        target_sdk=app.target_sdk,
        at_work=has_work_copy(app, profile),
    )


def machine_of(
    sandbox: Sandbox,
    *,
    serial: str = "",
    trust: Trust = Trust.ACCEPT,
    known_keys: tuple[bytes, ...] = (),
    tier: Tier = Tier.USER_NAMESPACE,
) -> Machine:
    """The device that a sandbox describes.

    Args:
        sandbox: profile and apps.
        serial: as on the label; made of the profile's name where not given.
        trust: what the device does with an adb key that it does not know.
        known_keys: adb keys that were allowed before.
        tier: how it is walled in.

    Raises:
        UsageError: the sandbox is no Android device, or of a version that is not known.
    """
    profile = sandbox.profile
    if profile is None or profile.platform is not Platform.ANDROID:
        raise UsageError("only Android devices are emulated here")
    serial = serial or "EMU" + "".join(letter for letter in profile.name.upper() if letter.isalnum())[:13]
    return Machine(
        serial=serial,
        api=api_level(profile.os_version),
        properties=_properties(profile, serial),
        packages={app.package: package_of(app, profile) for app in sandbox.apps},
        rooted=profile.privileged and not profile.userdebug,
        userdebug=profile.userdebug,
        adb=profile.adb,
        work_profile=profile.work_profile,
        trust=trust,
        known_keys=known_keys,
        tier=tier,
        procfs=tier is Tier.USER_NAMESPACE,
    )


def _properties(profile: DeviceProfile, serial: str) -> Mapping[str, str]:
    api = api_level(profile.os_version)
    release = profile.os_version
    kind = "userdebug" if profile.userdebug else "user"
    tags = "dev-keys" if profile.userdebug else "release-keys"
    product = "sdk_gphone64" if profile.userdebug else "harness"
    properties = {
        "ro.adb.secure": "1",
        "ro.boot.flash.locked": "0" if profile.privileged else "1",
        "ro.boot.serialno": serial,
        "ro.boot.verifiedbootstate": "orange" if profile.privileged else "green",
        "ro.build.fingerprint": f"harness/{product}/emu:{release}/HARN.{api}/1:{kind}/{tags}",
        "ro.build.id": f"HARN.{api}",
        "ro.build.tags": tags,
        "ro.build.type": kind,
        "ro.build.version.release": release,
        "ro.build.version.sdk": str(api),
        "ro.build.version.security_patch": "2024-01-05",
        "ro.crypto.state": "encrypted" if api >= _FULL_DISK else "unencrypted",
        "ro.crypto.type": "file" if api >= FILE_BASED else "block" if api >= _FULL_DISK else "",
        "ro.debuggable": "1" if profile.userdebug else "0",
        "ro.hardware.keystore": profile.keystore.value,
        "ro.product.brand": "harness",
        "ro.product.cpu.abi": "arm64-v8a",
        "ro.product.device": "emu",
        "ro.product.manufacturer": "Harness",
        "ro.product.model": f"Emulated {profile.title}",
        "ro.product.name": product,
        "ro.secure": "1",
        "ro.serialno": serial,
        "sys.boot_completed": "1",
    }
    return {name: value for name, value in properties.items() if value}
