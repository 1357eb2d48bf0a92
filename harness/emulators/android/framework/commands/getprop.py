"""`getprop`: one property, or all. In a shell it is a script; this is for the debug bridge."""

from harness.emulators.android.framework.request import Request

__all__ = ["run"]


async def run(request: Request) -> int:
    """Print a property, or its default, or all of them."""
    properties = request.system.properties
    if not request.arguments:
        return await request.answer("".join(f"[{name}]: [{value}]\n" for name, value in properties.all()))
    name, default = (*request.arguments, "")[:2]
    return await request.answer(properties.get(name, default) + "\n")
