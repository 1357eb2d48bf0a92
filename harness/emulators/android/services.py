"""What clients can ask of the bridge: the name of a service, and who does it, under which identity."""

import asyncio
import os
import shlex
from collections import deque
from collections.abc import Callable, Sequence

from harness.emulators.android.connection import After, Service
from harness.emulators.android.conversation import Running, converse, say
from harness.emulators.android.dialect import Dialect
from harness.emulators.android.ports import SHELL, Commands, Machine
from harness.emulators.android.shell import SHELL_PATH, parse_shell, serve_shell
from harness.emulators.android.streams import Stream
from harness.emulators.android.sync import serve_requests
from harness.emulators.android.sync_journal import SyncJournal
from harness.emulators.android.tunnel import parse_address, tunnel
from harness.emulators.walls.ports import ROOT, Identity, Programs, Tier

__all__ = ["Services"]

_ROOT_SHELL = Identity(ROOT.uid, ROOT.gid, SHELL.groups)
_JOURNAL_ENTRIES = 20_000
_ENTRY_CHARACTERS = 2_000
_PACKAGE_COMMAND = "cmd package "
_ONLY_WORDS = frozenset(';&|<>$`(){}*?[]#~\n\\"')
"""What makes a line more than words in quotes: such a line is the shell's."""

_AS_ROOT = "restarting adbd as root\n"
_NOT_AS_ROOT = "restarting adbd as non root\n"
_ALREADY_ROOT = "adbd is already running as root\n"
_NEVER_ROOT = "adbd cannot run as root in production builds\n"
_NO_ROOT = "adbd not running as root\n"


class Services:
    """The services of one device, and whether its bridge runs as root."""

    def __init__(self, machine: Machine, programs: Programs, commands: Commands, dialect: Dialect) -> None:
        self.is_root = False
        self.journal: deque[str] = deque(maxlen=_JOURNAL_ENTRIES)
        self.on_restart: Callable[[], None] = lambda: None
        """Called when the bridge goes down, after the last words have left."""
        self._machine = machine
        self._programs = programs
        self._commands = commands
        self._dialect = dialect
        self._makers: dict[str, Callable[[str, str], Service | None]] = {
            "shell": self._shell,
            "exec": self._exec,
            "sync": self._sync,
            "abb_exec": self._abb_exec,
            "backup": self._backup,
            "restore": self._restore,
            "root": lambda _options, _rest: self._root,
            "unroot": lambda _options, _rest: self._unroot,
            "reboot": self._reboot,
            "tcp": self._tunnel,
            "local": self._tunnel,
            "localabstract": self._tunnel,
            "localfilesystem": self._tunnel,
            "localreserved": self._tunnel,
        }

    @property
    def identity(self) -> Identity:
        """Who services run as."""
        return _ROOT_SHELL if self.is_root else SHELL

    def find(self, name: str) -> Service | None:
        """The service of a name; None where the device has no such thing."""
        self.note(name)
        head, colon, rest = name.partition(":")
        kind, _, options = head.partition(",")
        make = self._makers.get(kind)
        return make(options or kind, rest) if make is not None and colon else None

    def note(self, entry: str) -> None:
        """Write into the journal."""
        self.journal.append(entry[:_ENTRY_CHARACTERS])

    # -- programs --------------------------------------------------------------------------------

    def _shell(self, options: str, rest: str) -> Service:
        request = parse_shell(options, rest)

        async def serve(stream: Stream) -> None:
            await serve_shell(stream, request, self._programs, self.identity, cooks=self._dialect.cooks_terminals)

        return serve

    def _exec(self, _options: str, rest: str) -> Service:
        words = _package_words(rest)
        if words is not None:
            return self._command("cmd", words)

        async def serve(stream: Stream) -> None:
            await converse(stream, lambda end: self._program((SHELL_PATH, "-c", rest.replace("\0", "")), end))

        return serve

    def _program(self, argv: Sequence[str], end: int) -> Running:
        return self._running(self._programs.start(argv, identity=self.identity, stdio=(end, end, end)))

    def _running(self, pid: int) -> Running:
        return Running(lambda: self._programs.exit_of(pid), lambda: self._programs.kill(pid))

    def _sync(self, _options: str, _rest: str) -> Service:
        async def serve(stream: Stream) -> None:
            with SyncJournal(self.note) as journal:
                await converse(stream, lambda end: self._requests(end, journal.number))

        return serve

    def _requests(self, end: int, journal: int) -> Running:
        return self._running(self._programs.fork(self.identity, lambda: serve_requests(end, journal), (end, journal)))

    # -- the framework ---------------------------------------------------------------------------

    def _abb_exec(self, _options: str, rest: str) -> Service:
        return self._command("cmd", rest.rstrip("\0").split("\0"))

    def _backup(self, _options: str, rest: str) -> Service | None:
        try:
            return self._command("bu", ["backup", *shlex.split(rest)])
        except ValueError:  # quotes that do not close
            return None

    def _restore(self, _options: str, _rest: str) -> Service:
        return self._command("bu", ["restore"])

    def _command(self, name: str, arguments: Sequence[str]) -> Service:
        async def serve(stream: Stream) -> None:
            await converse(stream, lambda end: self._call(name, arguments, end))

        return serve

    def _call(self, name: str, arguments: Sequence[str], end: int) -> Running:
        # A duplicate: the end that was lent is closed as soon as this returns.
        lent = os.dup(end)
        stdio = (lent, lent, lent)
        task = asyncio.ensure_future(self._commands.call(name, arguments, uid=self.identity.uid, stdio=stdio))
        task.add_done_callback(lambda _task: os.close(lent))
        return Running(lambda: asyncio.shield(task), task.cancel)

    # -- the bridge itself -----------------------------------------------------------------------

    async def _root(self, stream: Stream) -> After | None:
        if self.is_root:
            await say(stream, _ALREADY_ROOT)
            return None
        if not self._machine.userdebug:
            await say(stream, _NEVER_ROOT)
            return None
        await say(stream, _AS_ROOT)
        return lambda: self._restart(is_root=True)

    async def _unroot(self, stream: Stream) -> After | None:
        if not self.is_root:
            await say(stream, _NO_ROOT)
            return None
        await say(stream, _NOT_AS_ROOT)
        return lambda: self._restart(is_root=False)

    def _reboot(self, _options: str, rest: str) -> Service:
        async def serve(_stream: Stream) -> After:
            arguments = [rest] if rest else []
            await self._commands.call("reboot", arguments, uid=self.identity.uid, stdio=(None, None, None))
            return lambda: self._restart(is_root=False)

        return serve

    def _restart(self, *, is_root: bool) -> None:
        self.is_root = is_root
        self.on_restart()

    # -- forwarding ------------------------------------------------------------------------------

    def _tunnel(self, kind: str, rest: str) -> Service | None:
        # Without a network namespace of its own the device must not be a way into the machine's.
        address = parse_address(kind, rest)
        if address is None or (self._machine.tier is not Tier.USER_NAMESPACE and not address.is_file):
            return None

        async def serve(stream: Stream) -> None:
            await tunnel(stream, address, self._programs, self.identity)

        return serve


def _package_words(line: str) -> list[str] | None:
    """The words of `cmd package …` as adb sends them, each in single quotes; None for any other line."""
    if not line.startswith(_PACKAGE_COMMAND) or _ONLY_WORDS & set(line):
        return None
    try:
        return shlex.split(line)[1:]
    except ValueError:
        return None
