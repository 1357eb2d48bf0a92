"""A phone in miniature: plays a life of CleverTap's SDK, and lets its storage be looked at."""

import base64
import json
import sqlite3
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from Crypto.Cipher import AES

from harness.model import Platform
from harness.sdks.base import Delete, Effect, Event, Exit, Setup, Sql, Wipe, Write
from harness.sdks.clevertap import CleverTap
from harness.sdks.clevertap.cipher import gcm_open, legacy_open
from harness.sdks.clevertap.state import ACCOUNT
from harness.simulation import FormatWriter

BEGIN = 1_700_000_000
PERSON = {
    "name": "Jane Roe",
    "email": "jane.roe@example.org",
    "phone": "+1 415 555 0132",
    "date_of_birth": "1990-04-17",
    "address": "221 Example Street",
}
OTHER = {"name": "John Doe", "email": "john.doe@example.com", "phone": "+44 7700 900123"}
WRITER = FormatWriter()


class Keystore:
    """AES-GCM under one key, as a device's keystore answers the app."""

    key = bytes(range(16))

    def seal(self, alias: str, plain: bytes, *, nonce: bytes) -> bytes:
        assert alias == "EncryptionKey"
        sealed, tag = AES.new(self.key, AES.MODE_GCM, nonce=nonce).encrypt_and_digest(plain)
        return bytes(nonce + sealed + tag)


class Phone:
    """One installation, with what is on its disk."""

    def __init__(
        self, mode: str = "plain", version: str = "8.2.0", level: int | None = None, api: int = 34, **how: Any
    ) -> None:
        self.life = CleverTap().start(
            Setup(
                platform=Platform.ANDROID,
                mode=mode,
                version=version,
                app="com.example.shop",
                sealer=Keystore(),
                writer=WRITER,
                level=level,
                api=api,
                **how,
            )
        )
        self.files: dict[str, bytes] = {}
        self.databases: dict[str, sqlite3.Connection] = {}
        self.at = BEGIN
        self.count = 0
        self.effects: list[Effect] = []

    def do(self, kind: type[Event], *, after: int = 60, **fields: Any) -> "Phone":
        """Let something happen a while later."""
        self.at += after
        self.count += 1
        event = kind(at=self.at, entropy=self.count.to_bytes(32, "big"), **fields)
        for effect in self.life.react(event):
            self.effects.append(effect)
            self._apply(effect)
        return self

    def _apply(self, effect: Effect) -> None:
        match effect:
            case Write():
                self.files[effect.path] = effect.data
            case Delete():
                del self.files[effect.path]
            case Sql():
                database = self.databases.setdefault(effect.path, sqlite3.connect(":memory:", isolation_level=None))
                database.execute("BEGIN")
                for statement in effect.statements:
                    database.execute(statement.sql, statement.parameters)
                database.execute("COMMIT" if effect.commits else "ROLLBACK")
            case Wipe() | Exit():
                raise AssertionError("whoever plays a life sees to that")

    # -- what is there ---------------------------------------------------------------------------

    def preferences(self, name: str = "WizRocket") -> dict[str, Any]:
        """A file of preferences, without the account at the end of each name."""
        path = f"shared_prefs/{name}.xml"
        document = self.files.get(f"{path}.bak") or self.files.get(path)
        return (
            {} if document is None else {key.removesuffix(f":{ACCOUNT}"): value for key, value in _values(document)}
        )

    def rows(self, sql: str) -> list[Any]:
        """Rows of the database; single columns without their tuple."""
        if not self.databases:
            return []
        found = next(iter(self.databases.values())).execute(sql).fetchall()
        return [row[0] if len(row) == 1 else row for row in found]

    def queued(self, table: str = "events") -> list[Any]:
        """Events that wait, opened."""
        return [json.loads(self.opened(text)) for text in self.rows(f"SELECT data FROM {table} ORDER BY _id")]

    def profiles(self) -> dict[str, Any]:
        """By CleverTap ID; opened as a whole where they are sealed as a whole."""
        rows = self.rows("SELECT deviceID, data FROM userProfiles")
        return {guid: json.loads(self.opened(data)) for guid, data in rows}

    @property
    def guid(self) -> str:
        text = self.preferences()["deviceId"]
        assert isinstance(text, str)
        return text

    def in_apps(self, guid: str = "") -> dict[str, Any]:
        return self.preferences(f"inApp:{guid or self.guid}:{ACCOUNT}")

    def opened(self, text: str) -> str:
        """A text as an attacker with everything reads it; itself where it is not sealed."""
        if text.startswith("<ct<"):
            key = self.preferences().get("EncryptionKey")
            plain = gcm_open(base64.b64decode(key) if isinstance(key, str) else Keystore.key, text)
        else:
            plain = legacy_open(ACCOUNT, text) if text.startswith("[") else None
        return text if plain is None else plain


def _values(document: bytes) -> Iterator[tuple[str, Any]]:
    for element in ElementTree.fromstring(document):
        name, value = element.attrib["name"], element.attrib.get("value", "")
        match element.tag:
            case "string":
                yield name, element.text or ""
            case "int" | "long":
                yield name, int(value)
            case "boolean":
                yield name, value == "true"
            case _:
                raise AssertionError(element.tag)
