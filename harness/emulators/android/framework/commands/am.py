"""`am`: starts and ends apps."""

from harness.emulators.android.framework.request import BadCall, Request
from harness.emulators.android.ports import Package
from harness.sandbox.layout import USER_RANGE

__all__ = ["run"]

_WITH_A_WORD = {"-a", "-c", "-d", "-t", "-n", "-p", "-f", "-e", "--es", "--ez", "--ei", "--user", "--display", "-x"}
_WITH_TWO = {"-e", "--es", "--ez", "--ei"}


async def run(request: Request) -> int:
    """Do one of start, force-stop, kill, kill-all, broadcast and get-current-user."""
    match request.arguments:
        case ["start" | "start-activity", *words]:
            return await _start(request, words)
        case ["force-stop", *words] | ["kill", *words]:
            request.demand("android.permission.FORCE_STOP_PACKAGES")
            names = _plain(words)
            if not names:
                raise BadCall(
                    "\nException occurred while executing:\njava.lang.IllegalArgumentException: "
                    'Argument expected after "' + request.arguments[0] + '"'
                )
            request.system.processes.stop(names[0])
            return 0
        case ["kill-all", *_]:
            request.demand("android.permission.FORCE_STOP_PACKAGES")
            request.system.processes.stop_all()
            return 0
        case ["broadcast", *words]:
            intent = _intent(words)
            return await request.answer(f"Broadcasting: {intent}\nBroadcast completed: result=0\n")
        case ["get-current-user"]:
            return await request.answer("0\n")
        case []:
            raise BadCall(
                "Activity manager (activity) commands: start, force-stop, kill, kill-all, broadcast, get-current-user"
            )
        case _:
            raise BadCall(f"Unknown command: {request.arguments[0]}")


async def _start(request: Request, words: list[str]) -> int:
    wait = "-W" in words
    if "-S" in words:
        request.demand("android.permission.FORCE_STOP_PACKAGES")
        request.system.processes.stop(_target(words).partition("/")[0])
    target = _target(words)
    name = target.partition("/")[0]
    starting = f"Starting: {_intent(words)}\n"
    package = _for_user(request.system.find(name), _value(words, "--user"))
    if package is None:
        component = f"{{{name}/{_long(target)}}}" if "/" in target else name
        return await request.answer(
            starting, error=f"Error type 3\nError: Activity class {component} does not exist.\n", code=1
        )
    _may_start(request, package)
    if name not in request.system.packages:
        return await request.answer(starting)  # a part of the system: its screen keeps nothing here
    started = await request.system.processes.start(package, wait=wait)
    again = "" if started else "Warning: Activity not started, its current task has been brought to the front\n"
    done = f"Status: ok\nLaunchState: {'COLD' if started else 'HOT'}\nActivity: {target}\nComplete\n" if wait else ""
    return await request.answer(starting + done, error=again)


def _for_user(package: Package | None, user: str) -> Package | None:
    """The copy that a user has; the first user's where none is named by number, and nothing where they have none."""
    if package is None or not user.isdecimal():
        return package
    return next((copy for copy in package.copies if copy.uid // USER_RANGE == int(user)), None)


def _may_start(request: Request, package: Package) -> None:
    """An app may start another through an intent; this shell command also wants a permission of the shell's."""
    if not request.is_privileged and request.uid != package.uid:
        raise BadCall(
            "\nException occurred while executing 'start':\njava.lang.SecurityException: Permission Denial: "
            f"starting Intent {{ cmp={package.name} }} from null (pid={request.pid}, uid={request.uid}) requires "
            "android.permission.START_ANY_ACTIVITY"
        )


def _plain(words: list[str]) -> list[str]:
    """The words that are neither options nor what belongs to one."""
    found: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word in _WITH_TWO:
            del left[:2]
        elif word in _WITH_A_WORD:
            del left[:1]
        elif not word.startswith("-"):
            found.append(word)
    return found


def _value(words: list[str], option: str) -> str:
    place = words.index(option) + 1 if option in words else len(words)
    return words[place] if place < len(words) else ""


def _target(words: list[str]) -> str:
    """The component or package that an intent is for.

    Raises:
        BadCall: there is none.
    """
    target = _value(words, "-n") or _value(words, "-p") or "".join(_plain(words)[:1])
    if not target:
        raise BadCall(
            "\nException occurred while executing 'start':\njava.lang.IllegalArgumentException: No intent supplied"
        )
    return target


def _long(component: str) -> str:
    name, _, activity = component.partition("/")
    return name + activity if activity.startswith(".") else activity


def _intent(words: list[str]) -> str:
    """`Intent { act=… cmp=… }`, as it prints itself."""
    named, package, action = _value(words, "-n"), _value(words, "-p"), _value(words, "-a")
    bare = "".join(_plain(words)[:1])
    if not named and "/" in bare:
        named = bare
    elif not named and bare:
        package, action = bare, action or "android.intent.action.MAIN"
    parts = []
    if action:
        parts.append(f"act={action}")
    if package and not named and action == "android.intent.action.MAIN":
        parts.append("cat=[android.intent.category.LAUNCHER]")
    if _value(words, "-d"):
        parts.append("dat=...")
    if named:
        parts.append(f"cmp={_short(named)}")
    elif package:
        parts.append(f"pkg={package}")
    return f"Intent {{ {' '.join(parts)} }}"


def _short(component: str) -> str:
    name, _, activity = component.partition("/")
    inside = activity.startswith(name + ".")
    return f"{name}/{activity[len(name) :]}" if inside else component
