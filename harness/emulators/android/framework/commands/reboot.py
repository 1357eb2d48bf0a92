"""`reboot`: ends everything that runs, and starts again."""

from harness.emulators.android.framework.request import BadCall, Request

__all__ = ["run"]


async def run(request: Request) -> int:
    """Reboot, for the shell and for root."""
    if not request.is_privileged:
        raise BadCall("reboot: Operation not permitted", code=1)
    request.system.reboot()
    return 0
