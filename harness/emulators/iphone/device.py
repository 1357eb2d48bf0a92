"""An emulated jailbroken iPhone: a sandbox that any SSH client reaches as `root` or as `mobile`.

    with JailbrokenIphone(sandbox) as phone:
        subprocess.run(["ssh", "-i", phone.key_file, "-p", str(phone.port), "root@127.0.0.1"])

The server is OpenSSH's own. The harness holds the phone through the control channel and a lifeline; it ends with the
harness, however that ends.
"""

import ctypes
import ctypes.util
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from harness.devices.base import Login, Options
from harness.emulators.iphone.layout import WayIn
from harness.emulators.iphone.pid_one import Firmware, Listeners
from harness.emulators.iphone.userland import find_userland, missing
from harness.emulators.walls import container
from harness.emulators.walls.control import Control
from harness.emulators.walls.handles import HOST, channel, in_memory, listener_on
from harness.emulators.walls.held import HeldDevice
from harness.emulators.walls.ports import Tier
from harness.emulators.walls.tiers import cannot, probe
from harness.errors import DeviceError, UsageError
from harness.model import Platform
from harness.sandbox import Sandbox

__all__ = ["JailbrokenIphone"]

_SALT = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class JailbrokenIphone(HeldDevice):
    """One running phone; its journal has every connection, and who asked the keychain."""

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
            raise cannot("an emulated iPhone", missing(tier))
        super().__init__(sandbox)
        self.tier = tier
        self._folder = Path(tempfile.mkdtemp(prefix="storage-harness-phone-"))
        self._hold(lambda: self._started(port, password))

    def _started(self, port: int, password: str) -> Control:
        userland = find_userland()
        host_key, host_public = _key_pair(self._folder / "host")
        _, client_public = _key_pair(self._folder / "id_ed25519")
        access = WayIn(
            host_key=host_key, authorized_key=client_public, password=_hashed(password) if password else ""
        )
        with channel() as (ours, theirs), listener_on(port) as ssh:
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
            plan = container.Plan(
                tier=self.tier,
                hostname="iPhone",
                size=self._space,
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
    def ways_in(self) -> tuple[str, ...]:
        known = f"-o UserKnownHostsFile={self.known_hosts}"
        return tuple(f"ssh -i {self.key_file} -p {self.port} {user}@{HOST} {known}" for user in ("root", "mobile"))

    @property
    def scan_words(self) -> tuple[str, ...]:
        return (self.source, "--ssh-key", str(self.key_file), "--known-hosts", str(self.known_hosts))

    def reach(self, options: Options) -> tuple[str, Options]:
        return self.source, replace(options, login=Login(key_file=self.key_file, known_hosts=self.known_hosts))

    def answer(self, allow: bool) -> int:
        """SSH wants a key, and nobody is asked."""
        del allow
        return 0

    def export(self) -> bytes:
        """A tar of what apps and people write, with numeric owners, as root sees it at this moment."""
        with in_memory(b"") as tree:
            self._control.ask("export", descriptor=tree.fileno())
            tree.seek(0)
            return tree.read()

    def _is_alive(self) -> bool:
        return self._container.is_running()

    def _end(self) -> None:
        self._container.stop()

    def _let_go(self) -> None:
        super()._let_go()
        shutil.rmtree(self._folder, ignore_errors=True)


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
