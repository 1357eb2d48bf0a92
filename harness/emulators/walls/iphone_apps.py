"""What an iPhone knows of an installed app beside what the app stores: its bundle, and what its signature says."""

import uuid
from dataclasses import dataclass
from typing import Any

from harness.sandbox import App

__all__ = ["Bundle", "bundle_of"]

_BUNDLES = "/private/var/containers/Bundle/Application"


@dataclass(frozen=True, slots=True)
class Bundle:
    """One installed app."""

    app: App
    development: bool
    """Signed for development."""

    @property
    def name(self) -> str:
        return self.app.package.rpartition(".")[2].capitalize()

    @property
    def folder(self) -> str:
        """Its container. Real ones are random; one that follows from the name makes equal runs equal."""
        return f"{_BUNDLES}/{str(uuid.uuid5(uuid.NAMESPACE_URL, self.app.package)).upper()}"

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}.app"

    @property
    def described(self) -> dict[str, Any]:
        """Its `Info.plist`."""
        return {
            "CFBundleIdentifier": self.app.package,
            "CFBundleExecutable": self.name,
            "CFBundleName": self.name,
            "CFBundleShortVersionString": "1.0",
            "UIFileSharingEnabled": self.app.file_sharing,
        }

    @property
    def entitlements(self) -> dict[str, Any]:
        identifier = f"{self.app.team}.{self.app.package}"
        groups = {"com.apple.security.application-groups": list(self.app.groups)} if self.app.groups else {}
        return {
            "application-identifier": identifier,
            "get-task-allow": self.development,
            "keychain-access-groups": [identifier],
            **groups,
        }


def bundle_of(app: App, *, development: bool) -> Bundle:
    """An app as a phone has it, on which it may be a development build whatever the app itself says."""
    return Bundle(app, development or app.debuggable)
