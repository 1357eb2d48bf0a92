"""`settings`: reads and writes the settings provider."""

from harness.emulators.android.framework.request import BadCall, Request
from harness.emulators.android.framework.settings_tables import TABLES

__all__ = ["run"]

_USAGE = """Settings provider (settings) commands:
  help
      Print this help text.
  get [--user <USER_ID> | current] NAMESPACE KEY
      Retrieve the current value of KEY.
  put [--user <USER_ID> | current] NAMESPACE KEY VALUE [TAG] [default]
      Change the contents of KEY to VALUE.
  delete [--user <USER_ID> | current] NAMESPACE KEY
      Delete the entry for KEY.
  list [--user <USER_ID> | current] NAMESPACE
      Print all defined keys.
      NAMESPACE is one of {system, secure, global}, case-insensitive
"""


async def run(request: Request) -> int:
    """Do one of get, put, delete and list."""
    words = _without_user(request.arguments)
    tables = request.system.settings
    match [*words[:1], *(word.lower() for word in words[1:2]), *words[2:]]:
        case ["get", table, name] if table in TABLES:
            value = tables.get(table, name)
            return await request.answer(f"{'null' if value is None else value}\n")
        case ["list", table] if table in TABLES:
            return await request.answer("".join(f"{name}={value}\n" for name, value in tables.rows(table)))
        case ["put", table, name, value, *_] if table in TABLES:
            _may_write(request, table)
            if not tables.put(table, name, value):
                raise BadCall("java.lang.IllegalArgumentException: You are adding too many settings.")
            return 0
        case ["delete", table, name] if table in TABLES:
            _may_write(request, table)
            return await request.answer(f"Deleted {tables.delete(table, name)} rows\n")
        case ["help" | "-h" | "--help"]:
            return await request.answer(_USAGE)
        case [] | ["get" | "put" | "delete" | "list", *_]:
            raise BadCall("Invalid namespace or arguments; use 'settings help'")
        case other:
            raise BadCall(f"Unknown command: {other[0]}")


def _may_write(request: Request, table: str) -> None:
    if request.is_privileged:
        return
    permission = "WRITE_SETTINGS" if table == "system" else "WRITE_SECURE_SETTINGS"
    raise BadCall(
        f"\nException occurred while executing '{request.arguments[0]}':\njava.lang.SecurityException: "
        f"Permission denial: writing to settings requires:android.permission.{permission}"
    )


def _without_user(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(words) > 2 and words[1] == "--user":
        return (words[0], *words[3:])
    return words
