"""The log: each caller reads what its uid may read, whole or as it grows."""

import asyncio
import os
import re
import time

from harness.emulators.android.framework.logs import Entry, Logs
from harness.emulators.android.ports import SHELL, app_identity
from tests.emulators.android.framework.conftest import Maker, Phone


def _write(
    phone: Phone, uid: int, text: str, *, tag: str = "Tested", priority: str = "I", buffer: str = "main"
) -> None:
    phone.system.logs.write(
        Entry(at=time.time(), pid=77, uid=uid, priority=priority, tag=tag, text=text, buffer=buffer)
    )


def test_the_shell_reads_all(phone: Maker) -> None:
    """With the line that begins a buffer, in `threadtime`, which is the usual form."""

    async def scene(phone: Phone) -> None:
        _write(phone, 10123, "one\ntwo")
        said = await phone.call("logcat", "-d")

        begin, first, second = said.text.splitlines()
        assert begin == "--------- beginning of main"
        assert re.fullmatch(r"\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}    77    77 I Tested  : one", first)
        assert second.endswith("I Tested  : two")

    phone(scene)


def test_an_app_reads_its_own(phone: Maker) -> None:
    """Nothing of another app's, and nothing of the system's."""

    async def scene(phone: Phone) -> None:
        _write(phone, 10123, "of the shop")
        _write(phone, 10124, "of the notes")
        phone.system.logs.say("System", "of the system")
        said = await phone.call("logcat", "-d", "-b", "all", "-v", "raw", uid=10124)

        assert said.text == "--------- beginning of main\nof the notes\n"

    phone(scene)


def test_filters_and_forms(phone: Maker) -> None:
    """By tag and priority, by process, the last ones only, and each buffer by its name."""

    async def scene(phone: Phone) -> None:
        _write(phone, 1, "a", tag="One", priority="D")
        _write(phone, 1, "b", tag="Two", priority="W")
        _write(phone, 1, "c", tag="Two", priority="D")
        _write(phone, 1, "d", tag="Crash", priority="E", buffer="crash")

        async def lines(*words: str) -> list[str]:
            text = (await phone.call("logcat", "-d", "-v", "tag", *words)).text
            return [line for line in text.splitlines() if not line.startswith("-----")]

        assert await lines("Two:W", "*:S") == ["W/Two     : b"]
        assert await lines("-s", "One") == ["D/One     : a"]
        assert await lines("*:W") == ["W/Two     : b", "E/Crash   : d"]
        assert await lines("-b", "crash") == ["E/Crash   : d"]
        assert await lines("-b", "main", "-b", "crash", "*:W") == ["W/Two     : b", "E/Crash   : d"]
        assert await lines("-t", "1") == ["E/Crash   : d"]
        assert await lines("--pid=78") == []

    phone(scene)


def test_only_some_may_clear(phone: Maker) -> None:
    """An app cannot, and the shell can."""

    async def scene(phone: Phone) -> None:
        _write(phone, 10123, "kept")
        refused = await phone.call("logcat", "-c", uid=10123)
        assert (refused.code, refused.error) == (1, "logcat: failed to clear the 'main' log\n")
        assert "kept" in (await phone.call("logcat", "-d")).text

        assert (await phone.call("logcat", "-c")).code == 0
        assert (await phone.call("logcat", "-d")).text == ""

    phone(scene)


def test_log_writes(phone: Maker) -> None:
    """Under the uid of whoever called it."""

    async def scene(phone: Phone) -> None:
        await phone.call("log", "-p", "w", "-t", "Mine", "hello", "there", uid=10123)

        assert (await phone.call("logcat", "-d", "-v", "brief", uid=10123)).text.endswith(": hello there\n")
        assert (await phone.call("logcat", "-d", uid=10124)).text == ""

    phone(scene)


def test_a_follower_sees_what_comes(phone: Maker) -> None:
    """Until it ends, and then nothing of it is left."""

    async def scene(phone: Phone) -> None:
        _write(phone, 10123, "before")
        source, sink = os.pipe()
        stub = str(phone.root / "system/bin/logcat")
        pid = phone.programs.start([stub, "-v", "raw"], identity=SHELL, stdio=(None, sink, None))
        os.close(sink)
        os.set_blocking(source, False)
        seen = bytearray()

        def has(text: bytes) -> bool:
            try:
                seen.extend(os.read(source, 65536))
            except BlockingIOError:
                return False
            return text in seen

        await phone.until(lambda: has(b"before\n"))
        _write(phone, 10124, "after")
        await phone.until(lambda: has(b"after\n"))
        phone.programs.kill(pid)
        await phone.until(lambda: not phone.programs.running)
        os.close(source)

        assert bytes(seen) == b"--------- beginning of main\nbefore\nafter\n"

    phone(scene)


def test_an_app_that_follows_sees_its_own(phone: Maker) -> None:
    """New lines are sifted as old ones are."""

    async def scene(phone: Phone) -> None:
        out = os.memfd_create("out")
        stub = str(phone.root / "system/bin/logcat")
        pid = phone.programs.start([stub, "-v", "raw"], identity=app_identity(10124), stdio=(None, out, None))
        await phone.until(lambda: bool(phone.system.logs._followers))
        _write(phone, 10123, "of the shop")
        _write(phone, 10124, "of the notes")
        await phone.until(lambda: os.fstat(out).st_size > 40)
        phone.programs.kill(pid)
        await asyncio.wait_for(phone.programs.exit_of(pid), 5)

        assert os.pread(out, 4096, 0) == b"--------- beginning of main\nof the notes\n"
        os.close(out)

    phone(scene)


def test_a_buffer_forgets_what_is_oldest() -> None:
    """Whoever writes much pushes out what was there, and no more memory is taken."""
    logs = Logs()
    for number in range(3000):
        logs.say("Flood", f"{number} " + "x" * 3000)
    kept = list(logs.read(["system"], 0))

    assert kept[-1].text.startswith("2999 ")
    assert 300 < len(kept) < 350
    logs.clear(["system"])
    assert list(logs.read(["system"], 0)) == []
