"""`cmd`: calls a service by its name, as the modern debug bridge does for everything."""

from dataclasses import replace
from types import MappingProxyType

from harness.emulators.android.framework.commands.am import run as am
from harness.emulators.android.framework.commands.bmgr import run as bmgr
from harness.emulators.android.framework.commands.content import run as content
from harness.emulators.android.framework.commands.pm import run as pm
from harness.emulators.android.framework.commands.settings import run as settings
from harness.emulators.android.framework.request import BadCall, Request

__all__ = ["SERVICES", "run"]

SERVICES = MappingProxyType(
    {
        "activity": ("am", am),
        "backup": ("bmgr", bmgr),
        "content": ("content", content),
        "package": ("pm", pm),
        "settings": ("settings", settings),
    }
)

_NOT_FOUND = 20


async def run(request: Request) -> int:
    """List the services, or hand the call on to one."""
    if not request.arguments:
        raise BadCall("cmd: No service specified; use -l to list all running services", code=_NOT_FOUND)
    service, *arguments = request.arguments
    if service == "-l":
        return await request.answer("Currently running services:\n" + "".join(f"  {name}\n" for name in SERVICES))
    if service not in SERVICES:
        raise BadCall(f"cmd: Can't find service: {service}", code=_NOT_FOUND)
    name, called = SERVICES[service]
    return await called(replace(request, name=name, arguments=tuple(arguments)))
