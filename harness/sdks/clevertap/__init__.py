"""CleverTap's Android SDK, 2.0.1 to 8.2.0: what it stores, and what its encryption is worth."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.errors import UsageError
from harness.model import Outcome, Platform, Recognised, Record
from harness.sdks.base import Cipher, SdkModel, Setup
from harness.sdks.clevertap.behaviour import CleverTapLife
from harness.sdks.clevertap.cipher import KeystoreGcm, LegacyAes, PreferencesGcm
from harness.sdks.clevertap.claims import ALL_CLAIMS, OWNED
from harness.sdks.clevertap.identity import guid_shape, shape_of
from harness.sdks.clevertap.recognition import recognise
from harness.sdks.clevertap.versions import VERSIONS, traits

__all__ = ["CleverTap"]

_ANY_API = 34
"""Levels are the version's, whatever the device."""
_PRIVATE = {"world_readable": Outcome.PASS, "derivable_key": Outcome.PASS, "unclaimed": Outcome.PASS}
"""Its files are the app's alone, each is claimed, and the newest version derives no key from what lies beside."""
_HELD = {**_PRIVATE, "plaintext": Outcome.PASS, "in_backup": Outcome.PASS}
_READABLE = {**_PRIVATE, "plaintext": Outcome.FAIL, "in_backup": Outcome.FAIL}


class CleverTap(SdkModel):
    """Built from the SDK's public source; before 3.2.0, from string constants of its binaries."""

    title = "CleverTap (Android)"
    versions = VERSIONS
    modes = ("plain", "masked", "encrypted", "identifier-only", "hybrid", "erased")
    platforms = (Platform.ANDROID,)
    claims = ALL_CLAIMS
    owned = OWNED
    ciphers: ClassVar[tuple[Cipher, ...]] = (LegacyAes(), KeystoreGcm(), PreferencesGcm())
    expected: ClassVar[Mapping[str, Mapping[str, Outcome]]] = {
        "plain": {**_READABLE, "identifier_only": Outcome.FAIL},
        "masked": {**_HELD, "identifier_only": Outcome.PASS},
        # Level 2. Sealed or not, an email address is what users are told apart by.
        "encrypted": {**_HELD, "identifier_only": Outcome.FAIL},
        "identifier-only": {**_HELD, "identifier_only": Outcome.PASS},
        # A campaign of the server's, which knows the person, calls them by their name.
        "hybrid": {**_READABLE, "identifier_only": Outcome.PASS},
        # The SDK has no erasure: all that was stored stays.
        "erased": {**_READABLE, "identifier_only": Outcome.FAIL},
    }

    def levels(self, version: str) -> tuple[int, ...]:
        return traits(version, _ANY_API).levels

    def has_mode(self, version: str, mode: str) -> bool:
        return mode in self.modes and (mode != "encrypted" or bool(self.levels(version)))

    def device_ids(self, version: str) -> tuple[str, ...]:
        return traits(version, _ANY_API).device_ids

    def extras(self, version: str) -> tuple[str, ...]:
        return traits(version, _ANY_API).extras

    def identity_shape(self, value: str) -> str:
        return guid_shape(value) or shape_of(value) or ""

    def recognise(self, records: Sequence[Record]) -> Recognised | None:
        return recognise(records)

    def start(self, setup: Setup) -> CleverTapLife:
        if setup.platform not in self.platforms:
            raise UsageError(
                "the iOS SDK of CleverTap is not modelled yet",
                hint="There is a model of the Android SDK: choose a profile of an Android device.",
            )
        if setup.version not in self.versions:
            raise UsageError("clevertap has no such version", hint=f"Versions: {', '.join(self.versions)}.")
        if not self.has_mode(setup.version, setup.mode):
            there = ", ".join(mode for mode in self.modes if self.has_mode(setup.version, mode))
            raise UsageError(f"clevertap {setup.version} has no mode {setup.mode!r}", hint=f"Modes: {there}.")
        traits(setup.version, setup.api)
        return CleverTapLife(setup, self._level(setup))

    def _level(self, setup: Setup) -> int:
        """The encryption level that was asked for, or that the mode stands for."""
        levels = self.levels(setup.version)
        wanted = setup.level
        fitting = [level for level in levels or (0,) if _fits(setup.mode, level)]
        if wanted is None:
            return fitting[-1] if setup.mode == "encrypted" else 0
        if wanted not in fitting:
            hint = f"Levels of this mode: {', '.join(map(str, fitting))}."
            raise UsageError(f"clevertap {setup.version} is not {setup.mode} at level {wanted}", hint=hint)
        return wanted


def _fits(mode: str, level: int) -> bool:
    """Whether a mode's name is true of a level; modes that do not speak of it can be at any."""
    return level == 0 if mode == "plain" else level > 0 or mode != "encrypted"
