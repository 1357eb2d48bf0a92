"""The settings provider: three tables of names and values."""

import hashlib
from collections.abc import Iterator

__all__ = ["TABLES", "SettingsTables"]

TABLES = ("system", "secure", "global")

_MOST = 1000
_LONGEST = 32 * 1024
"""The provider refuses longer values of one package, too."""


class SettingsTables:
    """The settings of one device; the first ones follow from its serial."""

    def __init__(self, serial: str, *, adb: bool) -> None:
        android_id = hashlib.sha256(b"android_id\0" + serial.encode()).hexdigest()[:16]
        self._tables: dict[str, dict[str, str]] = {
            "system": {"screen_brightness": "102", "screen_off_timeout": "60000", "font_scale": "1.0"},
            "secure": {
                "android_id": android_id,
                "backup_enabled": "1",
                "backup_transport": "com.android.localtransport/.LocalTransport",
                "user_setup_complete": "1",
            },
            "global": {
                "adb_enabled": "1" if adb else "0",
                "airplane_mode_on": "0",
                "development_settings_enabled": "1",
                "device_provisioned": "1",
            },
        }

    def get(self, table: str, name: str) -> str | None:
        """The value; None where there is none."""
        return self._tables[table].get(name)

    def rows(self, table: str) -> Iterator[tuple[str, str]]:
        """All of a table, sorted by name."""
        yield from sorted(self._tables[table].items())

    def put(self, table: str, name: str, value: str) -> bool:
        """Give a setting a value; False where it or the table would be too large."""
        rows = self._tables[table]
        if len(name) + len(value) > _LONGEST or (name not in rows and len(rows) >= _MOST):
            return False
        rows[name] = value
        return True

    def delete(self, table: str, name: str) -> int:
        """Remove a setting; how many rows that were."""
        return 0 if self._tables[table].pop(name, None) is None else 1
