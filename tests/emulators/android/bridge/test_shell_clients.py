"""Shells of real adb clients on our bridge: output, errors, exit codes, terminals, and not a byte lost."""

import threading
from collections.abc import Callable
from pathlib import Path

from .conftest import Adb, BridgeProcess, Connected, digest, noise, wait_for

MIB = 1 << 20
Bridges = Callable[..., BridgeProcess]


def test_a_shell_tells_output_errors_and_exit_code_apart(device: Connected) -> None:
    """Three things, on three ways."""
    ended = device.run("shell", "echo out; echo err >&2; exit 7")

    assert (ended.stdout, ended.stderr, ended.returncode) == (b"out\n", b"err\n", 7)


def test_a_signal_is_an_exit_code_of_128_and_more(device: Connected) -> None:
    """As a shell says it."""
    assert device.run("shell", "kill -9 $$").returncode == 137


def test_20_mb_on_stdin_arrive_whole(device: Connected) -> None:
    """And the end of the file is seen."""
    data = noise(20_000_000)

    assert device.run("shell", "sha256sum", stdin=data).stdout.split()[0].decode() == digest(data)


def test_a_program_that_does_not_read_does_not_hang_its_client(device: Connected) -> None:
    """What nobody reads is swallowed."""
    assert device.run("shell", "exit 3", stdin=noise(2 * MIB)).returncode == 3


def test_20_mb_out_of_exec_arrive_whole(device: Connected, tmp_path: Path) -> None:
    """Eight bits clean."""
    data = noise(20_000_000)
    (tmp_path / "out").write_bytes(data)

    assert digest(device.run("exec-out", f"cat '{tmp_path}/out'").stdout) == digest(data)


def test_exec_in_keeps_its_tail(device: Connected, tmp_path: Path, adb: Adb) -> None:
    """The client closes while the last of its bytes are under way: they are delivered, then comes the end."""
    data = noise(3 * MIB + 17)
    target = tmp_path / "in"

    device.run("exec-in", f"cat > '{target}'; touch '{target}.done'", stdin=data)
    wait_for((tmp_path / "in.done").exists)
    assert digest(target.read_bytes()) == digest(data)


def test_a_terminal_is_one(device: Connected) -> None:
    """With the client's TERM, and an end of file that a terminal understands."""
    said = device.run("shell", "-tt", "test -t 0 && test -t 1 && echo $TERM; exit 6")

    assert said.stdout.strip() != b""
    assert said.returncode == 6


def test_an_interactive_shell_ends_with_its_input(device: Connected) -> None:
    """No command, no terminal asked for: lines in, lines out."""
    ended = device.run("shell", "-T", stdin=b"echo one; echo two >&2; exit 5\n")

    assert (ended.stdout, ended.returncode) == (b"one\n", 5)


def test_a_killed_client_takes_its_program_along(device: Connected, bridges: Bridges, adb: Adb) -> None:
    """Nothing survives on the device, whatever kind of shell it was."""
    bridge = bridges()
    lost = adb.connect(bridge)
    clients = [lost.start(*words) for words in (("shell", "sleep 1000"), ("shell", "-tt", "sleep 1001"))]
    wait_for(lambda: len(bridge.state()["running"]) == len(clients))
    for client in clients:
        client.kill()
        client.communicate()

    assert bridge.settled()["running"] == []


def test_the_device_is_free_after_its_client_is_cut_off(adb: Adb, bridges: Bridges) -> None:
    """The cable is pulled in the middle of everything."""
    bridge = bridges()
    device = adb.connect(bridge)
    before = bridge.state()["descriptors"]
    clients = [device.start("shell", "sleep 1000"), device.start("exec-out", "cat /dev/zero"), device.start("logcat")]
    wait_for(lambda: len(bridge.state()["running"]) >= 2)
    adb.disconnect()
    for client in clients:
        client.kill()
        client.communicate()

    settled = bridge.settled()
    assert settled["running"] == []
    assert wait_for(lambda: bridge.state()["descriptors"] < before)


def test_30_parallel_shells_lose_no_byte_beside_killed_clients(adb: Adb, bridges: Bridges) -> None:
    """A descriptor's number is used again and again: never by two at once."""
    bridge = bridges()
    device = adb.connect(bridge)
    wrong: list[str] = []

    def echo(seed: int) -> None:
        data = noise(300_000, seed)
        ended = device.run("shell", "sha256sum", stdin=data)
        if ended.stdout.split()[:1] != [digest(data).encode()]:
            wrong.append(f"{seed}: {ended.returncode}")

    threads = [threading.Thread(target=echo, args=(seed,)) for seed in range(30)]
    for number, thread in enumerate(threads):
        thread.start()
        if number % 5 == 0:
            victim = device.start("shell", "cat; sleep 100")
            victim.kill()
            victim.communicate()
    for thread in threads:
        thread.join()
    data = noise(20_000_000, 99)

    assert wrong == []
    assert device.run("shell", "sha256sum", stdin=data).stdout.split()[0].decode() == digest(data)
    assert bridge.settled()["running"] == []
