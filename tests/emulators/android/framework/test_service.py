"""The framework's socket: the kernel says who calls, requests end with their callers, and nobody stops the others."""

import asyncio
import hashlib
import os
import socket

import pytest

from harness.emulators.android.ports import SHELL, app_identity
from tests.emulators.android.framework.conftest import Maker, Phone, as_uid


@pytest.mark.parametrize("procfs", [True, False], ids=["descriptors", "arguments"])
@pytest.mark.parametrize("uid", [0, 2000, 10123])
def test_identity_is_what_the_kernel_says(phone: Maker, uid: int, procfs: bool) -> None:
    """Nothing in a request says who asks: the keystore, which answers owners only, knows each one."""

    async def scene(phone: Phone) -> None:
        said = await phone.call("keystore_cli_v2", "encrypt", "--name=own", uid=uid, stdin=b"secret")
        if uid != 10123:
            assert said.error == "Keystore error: Error::Rc(PERMISSION_DENIED) (code 6)\n"
            assert said.code == 1
            return
        opened = await phone.call("keystore_cli_v2", "decrypt", "--name=own", uid=uid, stdin=said.out)
        assert (opened.out, opened.code) == (b"secret", 0)

    phone(scene, procfs=procfs)


@pytest.mark.parametrize("procfs", [True, False], ids=["descriptors", "arguments"])
def test_output_error_and_exit_code_arrive(phone: Maker, procfs: bool) -> None:
    """Each by its own way, whichever way the stub has to go."""

    async def scene(phone: Phone) -> None:
        missing = await phone.call("am", "start", "-n", "no.such/.Main")
        assert missing.text == "Starting: Intent { cmp=no.such/.Main }\n"
        assert missing.error == "Error type 3\nError: Activity class {no.such/no.such.Main} does not exist.\n"
        assert missing.code == 1
        assert (await phone.call("pm", "path", "com.example.shop")).code == 0

    phone(scene, procfs=procfs)


@pytest.mark.parametrize("procfs", [True, False], ids=["descriptors", "arguments"])
def test_arguments_arrive_as_they_are(phone: Maker, procfs: bool) -> None:
    """Spaces, quotes, newlines, what no encoding has, and nothing at all."""

    async def scene(phone: Phone) -> None:
        for value in ("a  b", "'\"$x`", "line\nline", "", "\\n", "é\udcff"):
            await phone.call("settings", "put", "secure", "tested", value)
            assert phone.system.settings.get("secure", "tested") == value

    phone(scene, procfs=procfs)


def test_descriptors_are_taken_where_they_can_be(phone: Maker) -> None:
    """With `/proc`, the second way is never gone."""

    async def scene(phone: Phone) -> None:
        stub = phone.root / "system/bin/pm"
        first, _, second = stub.read_text().partition("esac\n")
        assert "call $id" in second
        stub.write_text(first + "esac\nexit 99\n")

        said = await phone.call("pm", "path", "com.example.shop")
        assert (said.text, said.code) == ("package:/data/app/com.example.shop/base.apk\n", 0)

    phone(scene)


def test_a_stub_in_a_substitution_keeps_its_descriptors(phone: Maker) -> None:
    """A shell moves its own descriptors about while it runs `$(…)`; the output is still the caller's."""

    async def scene(phone: Phone) -> None:
        stub = phone.root / "system/bin/getprop"
        pm = phone.root / "system/bin/pm"
        script = f'x=$({pm} path com.example.shop); echo "<$x>"; {pm} path nothing || echo "$? $({stub} ro.serialno)"'
        said = await phone.run(["/bin/sh", "-c", script], SHELL)

        assert said.text == "<package:/data/app/com.example.shop/base.apk>\n1 EMU0001\n"

    phone(scene)


def _ask(phone: Phone, first: bytes, uid: int, more: bytes = b"") -> "asyncio.Future[bytes]":
    """Say something to the socket as a uid, from a child; what came back."""
    source, sink = os.pipe()
    path = str(phone.socket)

    def work() -> int:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            connection.sendall(first + more)
            while piece := connection.recv(65536):
                os.write(sink, piece)
        return 0

    pid = phone.programs.fork(as_uid(uid), work, (sink,))
    os.close(sink)

    async def answer() -> bytes:
        await asyncio.wait_for(phone.programs.exit_of(pid), 15)
        with os.fdopen(source, "rb") as opened:
            return opened.read()

    return asyncio.ensure_future(answer())


def test_a_forged_process_is_refused(phone: Maker) -> None:
    """Whoever names another process gets none of its arguments or descriptors: not pid 1's, not its parent's."""

    async def scene(phone: Phone) -> None:
        victim = phone.programs.start(["/bin/sleep", "100"], identity=as_uid(10124), stdio=(None, None, None))
        for uid in (2000, 10123):
            # The test itself is the parent of the one who asks, and root: an ancestor is not enough.
            for pid in (victim, 1, os.getpid()):
                assert await _ask(phone, b"%d\n" % pid, uid) == b"arguments"
        assert await _ask(phone, b"999999999\n", 2000) == b""
        phone.programs.kill(victim)

    phone(scene)


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"nonsense\n",
        b"\xff\xfe\n",
        b"call\n",
        b"call id -1\n",
        b"call id 99999\n",
        b"call id 2\npm\0" + b"x" * 200_000,
        b"keystore seal 61 99999999999\n",
        b"keystore open zz 3\nabc",
        b"log I 99999\n",
        b"1" * 3000,
        b"rc no-such-ticket\n",
        b"call id 1\n../../bin/sh\0",
    ],
)
def test_a_malformed_request_ends(phone: Maker, line: bytes) -> None:
    """And the next one is served."""

    async def scene(phone: Phone) -> None:
        asked = _ask(phone, line, 2000, b"" if line.endswith(b"\n") or b"\0" in line else b"\n")
        await asyncio.wait_for(asked, 15)

        assert (await phone.call("pm", "path", "com.example.shop")).code == 0

    phone(scene)


def test_an_outcome_is_its_callers(phone: Maker) -> None:
    """Another uid cannot fetch what a call came to."""

    async def scene(phone: Phone) -> None:
        await _ask(phone, b"call ticket 2\npm\0frobnicate\0", 2000)

        assert await _ask(phone, b"rc ticket\n", 10123) == b""
        assert await _ask(phone, b"rc ticket\n", 2000) == b"255\nUnknown command: frobnicate\n"
        assert await _ask(phone, b"rc ticket\n", 2000) == b""

    phone(scene)


@pytest.mark.parametrize("procfs", [True, False], ids=["descriptors", "arguments"])
def test_a_killed_client_leaves_no_child(phone: Maker, procfs: bool) -> None:
    """Whether its whole group is killed or it alone: what worked for it ends too."""

    async def scene(phone: Phone) -> None:
        stub = str(phone.root / "system/bin/logcat")
        for _ in range(3):
            pid = phone.programs.start([stub], identity=SHELL, stdio=(None, None, None))
            await phone.until(lambda: len(phone.programs.running) == 2)
            phone.programs.kill(pid)
            await phone.until(lambda: not phone.programs.running)
            assert not phone.system.logs._followers

    phone(scene, procfs=procfs)


def test_one_user_cannot_take_it_all(phone: Maker) -> None:
    """Who keeps too many requests open is refused more; others are served."""

    async def scene(phone: Phone) -> None:
        path = str(phone.socket)

        def work() -> int:
            held = []
            for _ in range(90):
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(path)
                held.append(connection)
            return 0 if any(connection.recv(1) == b"" for connection in held[80:]) else 1

        pid = phone.programs.fork(app_identity(10123), work, ())
        refused = asyncio.ensure_future(phone.programs.exit_of(pid))
        said = await phone.call("pm", "path", "com.example.shop")

        assert said.code == 0
        assert await asyncio.wait_for(refused, 15) == 0

    phone(scene)


def test_a_reader_that_does_not_read_stops_nobody(phone: Maker) -> None:
    """Its pipe is full, a child waits for it, and the framework goes on."""

    async def scene(phone: Phone) -> None:
        phone.system.logs.say("Long", "x" * 3900)
        for _ in range(100):
            phone.system.logs.say("Long", "x" * 3900)
        source, sink = os.pipe()
        stub = str(phone.root / "system/bin/logcat")
        pid = phone.programs.start([stub, "-d"], identity=SHELL, stdio=(None, sink, None))
        os.close(sink)
        await phone.until(lambda: len(phone.programs.running) == 2)

        assert (await phone.call("pm", "path", "com.example.shop")).code == 0

        os.set_blocking(source, True)
        phone.programs.kill(pid)
        os.close(source)

    phone(scene)


def test_many_callers_at_once_get_their_own_answers(phone: Maker) -> None:
    """Thirty at a time, some of them killed: no answer is lost or mixed up."""

    async def scene(phone: Phone) -> None:
        async def one(number: int) -> None:
            value = hashlib.sha256(str(number).encode()).hexdigest() * 20
            await phone.call("settings", "put", "secure", f"n{number}", value)
            assert (await phone.call("settings", "get", "secure", f"n{number}")).text == value + "\n"

        async def killed() -> None:
            stub = str(phone.root / "system/bin/logcat")
            pid = phone.programs.start([stub], identity=SHELL, stdio=(None, None, None))
            await asyncio.sleep(0.05)
            phone.programs.kill(pid)

        await asyncio.gather(*(one(number) for number in range(30)), *(killed() for _ in range(10)))

    phone(scene)


def test_the_bridge_calls_directly(phone: Maker) -> None:
    """`call` serves whom the bridge vouches for, with descriptors that stay the bridge's."""

    async def scene(phone: Phone) -> None:
        out = os.memfd_create("out")
        code = await phone.framework.call("pm", ["path", "com.example.shop"], uid=2000, stdio=(None, out, out))

        assert code == 0
        assert os.pread(out, 100, 0) == b"package:/data/app/com.example.shop/base.apk\n"
        assert await phone.framework.call("frobnicate", [], uid=2000, stdio=(None, None, None)) == 20
        os.close(out)

    phone(scene)
