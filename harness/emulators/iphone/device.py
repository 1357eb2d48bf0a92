"""An emulated jailbroken iPhone: a sandbox that any SSH client reaches as `root` or as `mobile`.

    with JailbrokenIphone(sandbox) as phone:
        subprocess.run(["ssh", "-i", phone.key_file, "-p", str(phone.port), "root@127.0.0.1"])

The server is OpenSSH's own. The harness holds the phone through the control channel and a lifeline; it ends with the
harness, however that ends.
"""

import ctypes
import ctypes.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.emulators.iphone.layout import Access
from harness.emulators.iphone.pid_one import Firmware, Listeners
from harness.emulators.iphone.userland import find_userland, missing
from harness.emulators.walls import container
from harness.emulators.walls.control import Control
from harness.emulators.walls.handles import HOST, in_memory, listener_on
from harness.emulators.walls.ports import Tier
from harness.emulators.walls.tiers import probe
from harness.errors import DeviceError, UsageError
from harness.model import Platform
from harness.sandbox import Sandbox

__all__ = ["JailbrokenIphone"]

_LEAST_SPACE = 1 << 30
_SALT = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class JailbrokenIphone:
    """One running phone. Starts when it is made; stop it, or use it as a context."""

    def __init__(self, sandbox: Sandbox, *, port: int = 0, password: str = "", tier: Tier | None = None) -> None:
        """Start a phone with what is in a sandbox.

        Args:
            sandbox: profile, apps, files and keychain.
            port: where it listens on 127.0.0.1; any that is free where 0.
            password: of `root` and `mobile`, where not only keys count.
            tier: how it is walled in; the best that works on this machine where not given.

        Raises:
            DeviceError: this machine cannot, or the phone does not start; the hint says what to do.
            UsageError: the sandbox is no jailbroken iPhone.
        """
        profile = sandbox.profile
        if profile is None or profile.platform is not Platform.IOS or not profile.privileged:
            raise UsageError("only a jailbroken iPhone has an SSH server")
        tier = probe() if tier is None else tier
        if tier is Tier.NONE:
            raise _cannot(tier)
        self.sandbox = sandbox
        self.tier = tier
        self._stopped = False
        self._last_words = ""
        self._log = os.memfd_create("device-log", os.MFD_CLOEXEC)
        self._folder = Path(tempfile.mkdtemp(prefix="storage-harness-phone-"))
        try:
            self._control = self._started(port, password)
        except BaseException:
            os.close(self._log)
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def _started(self, port: int, password: str) -> Control:
        userland = find_userland()
        host_key, host_public = _key_pair(self._folder / "host")
        _, client_public = _key_pair(self._folder / "id_ed25519")
        access = Access(
            host_key=host_key, authorized_key=client_public, password=_hashed(password) if password else ""
        )
        with ExitStack() as opened:
            ours, theirs = socket.socketpair()
            opened.callback(theirs.close)
            opened.push(lambda kind, _error, _trace: ours.close() if kind is not None else None)
            ssh = opened.enter_context(listener_on(port))
            self.port: int = ssh.getsockname()[1]
            (self._folder / "known_hosts").write_text(f"[{HOST}]:{self.port} {host_public}", encoding="ascii")
            (self._folder / "host").unlink()
            firmware = Firmware(
                sandbox=self.sandbox,
                userland=userland,
                access=access,
                listeners=Listeners(theirs, ssh),
                tier=self.tier,
            )
            held = sum(entry.size for entry in self.sandbox.walk("/"))
            plan = container.Plan(
                tier=self.tier,
                hostname="iPhone",
                size=max(_LEAST_SPACE, 3 * held),
                keep=(theirs.fileno(), ssh.fileno()),
                log=self._log,
                capabilities=container.FOR_SSHD,
            )
            self._container = container.start(plan, firmware)
            return Control(ours)

    # -- what it is ------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """How `scan` calls it."""
        return f"ssh://root@{HOST}:{self.port}"

    @property
    def key_file(self) -> Path:
        """A private key that may log in; it goes with the phone."""
        return self._folder / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The phone's own key, as clients keep it."""
        return self._folder / "known_hosts"

    @property
    def journal(self) -> tuple[str, ...]:
        """Every connection, and who asked the keychain, in order."""
        return tuple(self._control.ask("journal")["journal"])

    @property
    def log(self) -> str:
        """What went wrong inside, for whoever mends it."""
        if self._log < 0:
            return self._last_words
        return os.pread(self._log, os.fstat(self._log).st_size, 0).decode("utf-8", "replace")

    def is_running(self) -> bool:
        """Whether it has not been stopped, and has not ended by itself."""
        return not self._stopped and self._container.is_running()

    # -- what a person does with it --------------------------------------------------------------

    def lock(self, *, restart: bool = False) -> None:
        """Lock the screen; with `restart` it is turned off and on, and nobody has unlocked it since."""
        self._control.ask("lock", restart=restart)
        self.sandbox.boot() if restart else self.sandbox.lock()

    def unlock(self) -> None:
        """Enter the passcode."""
        self._control.ask("unlock")
        self.sandbox.unlock()

    def export(self) -> bytes:
        """A tar of what apps and people write, with numeric owners, as root sees it at this moment."""
        with in_memory(b"") as tree:
            self._control.ask("export", descriptor=tree.fileno())
            tree.seek(0)
            return tree.read()

    # -- its end ---------------------------------------------------------------------------------

    def stop(self) -> None:
        """End every process of the phone; its files are gone. Stopping twice is stopping once."""
        if not self._stopped:
            self._stopped = True
            self._container.stop()
            self._control.close()
            self._last_words = self.log
            os.close(self._log)
            self._log = -1
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _key_pair(place: Path) -> tuple[bytes, str]:
    """A new key in OpenSSH's own form: the private one, and the line of the public one."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "storage-harness", "-f", str(place)]
    try:
        subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise DeviceError("ssh-keygen failed", hint="Install: apt-get install openssh-client") from error
    public = place.with_name(place.name + ".pub")
    line = " ".join(public.read_text("ascii").split()[:2]) + "\n"
    public.unlink()
    return place.read_bytes(), line


def _hashed(password: str) -> str:
    """As the C library's `crypt` gives it, with SHA-512, which the phone's own C library checks."""
    name = ctypes.util.find_library("crypt")
    if name is None:
        raise DeviceError("a password needs the C library's crypt", hint="Install: apt-get install libcrypt1")
    crypt = ctypes.CDLL(name).crypt
    crypt.restype = ctypes.c_char_p
    salt = "".join(secrets.choice(_SALT) for _ in range(16))
    return str(crypt(password.encode(), f"$6$rounds=1000${salt}$".encode()).decode("ascii"))


def _cannot(tier: Tier) -> DeviceError:
    lacking = missing(tier)
    what = ", ".join(each.what for each in lacking)
    how = " ".join(each.how for each in lacking)
    return DeviceError(f"this machine cannot wall in an emulated iPhone: it lacks {what}", hint=how)
