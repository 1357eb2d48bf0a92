"""`setprop`: gives a property a value, for those who may."""

from harness.emulators.android.framework.request import BadCall, Request

__all__ = ["run"]


async def run(request: Request) -> int:
    """Set a property, or say what the real one says."""
    if len(request.arguments) != 2:
        raise BadCall("usage: setprop NAME VALUE", code=1)
    name, value = request.arguments
    if not request.system.properties.may_set(name, value, request.uid):
        raise BadCall(f"Failed to set property '{name}' to '{value}'.\nSee dmesg for error reason.", code=1)
    request.system.properties.set(name, value)
    return 0
