"""What a forked process lets go of."""

import os
import signal
import sys

from harness.emulators.walls.forked import close_all_but, end_descendants, let_go


def _code(work) -> int:
    child = os.fork()
    if child == 0:
        try:
            os._exit(work())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_only_what_is_kept_stays_open() -> None:
    """In whatever order it is named; standard streams always stay."""

    def work() -> int:
        opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
        kept = (opened[7], opened[2], opened[13])
        close_all_but(kept)
        return 0 if {each for each in range(3, 100) if _is_open(each)} == set(kept) and _is_open(0) else 1

    assert _code(work) == 0


def test_a_forked_process_is_nobodys(capfd) -> None:
    """No terminal, no signal handlers, no words on the harness's streams; what goes wrong is in the log."""
    log = os.memfd_create("log")

    def work() -> int:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        let_go((), log=log, processes=64)
        sys.stdout.write("not for the harness\n")
        sys.stderr.write("for the log\n")
        os.system("echo nor this")
        fine = os.getsid(0) == os.getpid() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
        return 0 if fine else 1

    assert _code(work) == 0
    assert capfd.readouterr() == ("", "")
    assert os.pread(log, 100, 0) == b"for the log\n"
    os.close(log)


def test_descendants_end_generation_by_generation() -> None:
    """Also one that keeps forking away from its parent; nothing is left to wait for."""

    def work() -> int:
        from harness.emulators.walls import kernel

        kernel.adopt_orphans()
        for _ in range(5):
            if os.fork() == 0:
                while True:
                    if os.fork():
                        os.setsid()
                        signal.pause()
                    if os.fork():
                        signal.pause()
                    signal.pause()
        end_descendants()
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        return 1

    assert _code(work) == 0
