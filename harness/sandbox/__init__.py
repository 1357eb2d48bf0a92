"""A device in memory that refuses what a real one refuses, so that tests and demos need no phone.

    sandbox = Sandbox(profile)
    sandbox.install(App(package="com.example.shop", uid=10123))
    sandbox.write(sandbox.container("com.example.shop") + "/files/note.txt", b"…")
    sandbox.readers(path)                       # who gets it, with the device as it is now
    sandbox.read(path, access=Access.BACKUP)    # AccessDenied says why not

`layout` knows places, `rules` what a kernel lets one process do, `access` what each attacker gets, `keys` the
keystore, `keychain` an iPhone's; all of them are pure but these two.
"""

from harness.sandbox.access import best_access, enters_backup, readers_of
from harness.sandbox.device import METADATA, Sandbox
from harness.sandbox.keychain import Accessible, ItemClass, Keychain, KeychainItem
from harness.sandbox.keys import AppKeys, KeyVault
from harness.sandbox.layout import App, Entry, Realm, has_work_copy
from harness.sandbox.rules import ROOT, SHELL, Caller, Confinement, Lock, Setting, the_app
from harness.sandbox.storage import Attributes

__all__ = [
    "METADATA",
    "ROOT",
    "SHELL",
    "Accessible",
    "App",
    "AppKeys",
    "Attributes",
    "Caller",
    "Confinement",
    "Entry",
    "ItemClass",
    "KeyVault",
    "Keychain",
    "KeychainItem",
    "Lock",
    "Realm",
    "Sandbox",
    "Setting",
    "best_access",
    "enters_backup",
    "has_work_copy",
    "readers_of",
    "the_app",
]
