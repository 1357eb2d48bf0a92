"""`monkey`: the way in which scripts start an app whose activity they do not know."""

from harness.emulators.android.framework.request import BadCall, Request

__all__ = ["run"]


async def run(request: Request) -> int:
    """`monkey -p PACKAGE [-c CATEGORY] COUNT`: starts the app; no finger touches anything."""
    name = request.option("-p") or ""
    package = request.system.packages.get(name)
    if package is None:
        raise BadCall("** No activities found to run, monkey aborted.", code=252)
    request.demand("android.permission.INJECT_EVENTS")
    await request.system.processes.start(package)
    return await request.answer("Events injected: 1\n## Network stats: elapsed time=10ms (0ms mobile, 0ms wifi)\n")
