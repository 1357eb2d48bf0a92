"""CleverTap's Android SDK, 2.0.1 to 8.2.0: what it stores, and what its encryption is worth."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.errors import UsageError
from harness.model import Outcome, Platform, Recognised, Record
from harness.sdks.base import Cipher, SdkModel, Setup
from harness.sdks.clevertap.behaviour import CleverTapLife
from harness.sdks.clevertap.cipher import CONSTANTS, KeystoreGcm, LegacyAes, PreferencesGcm
from harness.sdks.clevertap.claims import ALL_CLAIMS, OWNED
from harness.sdks.clevertap.identity import guid_shape, shape_of
from harness.sdks.clevertap.recognition import recognise
from harness.sdks.clevertap.verdicts import verdicts
from harness.sdks.clevertap.versions import VERSIONS, traits

__all__ = ["CleverTap"]

_ANY_API = 34
"""Levels are the version's, whatever the device."""
_MODES = ("plain", "masked", "encrypted", "identifier-only", "hybrid", "erased")


def _usual_level(version: str, mode: str) -> int:
    """The level that a mode stands for where nobody says which: the highest, where it is about encryption."""
    levels = traits(version, _ANY_API).levels
    return levels[-1] if mode == "encrypted" and levels else 0


def _fits(mode: str, level: int) -> bool:
    """Whether a mode's name is true of a level; modes that do not speak of it can be at any."""
    return level == 0 if mode == "plain" else level > 0 or mode != "encrypted"


class CleverTap(SdkModel):
    """Built from the SDK's public source; before 3.2.0, from string constants of its binaries."""

    title = "CleverTap (Android)"
    versions = VERSIONS
    modes = _MODES
    platforms = (Platform.ANDROID,)
    claims = ALL_CLAIMS
    owned = OWNED
    salts = CONSTANTS
    ciphers: ClassVar[tuple[Cipher, ...]] = (LegacyAes(), KeystoreGcm(), PreferencesGcm())
    expected: ClassVar[Mapping[str, Mapping[str, Outcome]]] = {
        mode: verdicts(VERSIONS[-1], mode, _usual_level(VERSIONS[-1], mode)) for mode in _MODES
    }

    def levels(self, version: str) -> tuple[int, ...]:
        return traits(version, _ANY_API).levels

    def has_mode(self, version: str, mode: str) -> bool:
        return mode in self.modes and (mode != "encrypted" or bool(self.levels(version)))

    def expected_of(self, version: str, mode: str, level: int | None = None) -> Mapping[str, Outcome]:
        return verdicts(version, mode, _usual_level(version, mode) if level is None else level)

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
        wanted = setup.level
        if wanted is None:
            return _usual_level(setup.version, setup.mode)
        fitting = [level for level in self.levels(setup.version) or (0,) if _fits(setup.mode, level)]
        if wanted not in fitting:
            hint = f"Levels of this mode: {', '.join(map(str, fitting))}."
            raise UsageError(f"clevertap {setup.version} is not {setup.mode} at level {wanted}", hint=hint)
        return wanted
