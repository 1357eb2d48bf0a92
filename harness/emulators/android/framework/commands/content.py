"""`content`: queries a content provider; the one here is that of the settings."""

from harness.emulators.android.framework.request import BadCall, Request
from harness.emulators.android.framework.settings_tables import TABLES

__all__ = ["run"]

_PROVIDER = "content://settings/"


async def run(request: Request) -> int:
    """Query a table of the settings, whole or one name of it."""
    if request.arguments[:1] != ("query",):
        raise BadCall(f"[ERROR] Unsupported operation: {' '.join(request.arguments[:1])}", code=0)
    uri = request.option("--uri")
    if uri is None:
        raise BadCall("[ERROR] Content provider URI not specified. Did you specify --uri argument?", code=0)
    authority = uri.removeprefix("content://").partition("/")[0]
    table, _, name = uri.removeprefix(_PROVIDER).partition("/")
    if not uri.startswith(_PROVIDER) or table not in TABLES:
        raise BadCall(
            f"Error while accessing provider:{authority}\n"
            f"java.lang.IllegalStateException: Could not find provider: {authority}",
            code=0,
        )
    wanted = name or _named(request.option("--where"))
    columns = (request.option("--projection") or "_id:name:value").split(":")
    found = [
        {"_id": str(number), "name": key, "value": value}
        for number, (key, value) in enumerate(request.system.settings.rows(table), 1)
        if not wanted or key == wanted
    ]
    rows = (_row(place, row, columns) for place, row in enumerate(found))
    return await request.answer("".join(rows) or "No result found.\n")


def _row(place: int, row: dict[str, str], columns: list[str]) -> str:
    shown = ", ".join(f"{column}={row.get(column, 'NULL')}" for column in columns)
    return f"Row: {place} {shown}\n"


def _named(where: str | None) -> str:
    """The name that `--where` asks for: `name='android_id'`."""
    column, _, value = (where or "").partition("=")
    return value.strip().strip("'\"") if column.strip() == "name" else ""
