"""`log`: writes a line into Android's log."""

import time

from harness.emulators.android.framework.logs import Entry
from harness.emulators.android.framework.request import BadCall, Request

__all__ = ["run"]


async def run(request: Request) -> int:
    """`log [-p PRIORITY] [-t TAG] MESSAGE…`."""
    words = list(request.arguments)
    said = {"-p": "I", "-t": "log"}
    while len(words) > 1 and words[0] in said:
        said[words[0]] = words[1]
        del words[:2]
    if not words:
        raise BadCall("usage: log [-p PRI] [-t TAG] MESSAGE...", code=1)
    priority = said["-p"][:1].upper()
    entry = Entry(
        at=time.time(),
        pid=request.pid,
        uid=request.uid,
        priority=priority,
        tag=said["-t"],
        text=" ".join(words),
    )
    request.system.logs.write(entry)
    return 0
