"""Entry point: one line for what the user got wrong, never a traceback (`--debug` shows it)."""

import os
import signal
import sys
import traceback

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with the contract's code."""
    # Array operations here are too small for threads, and starting those takes longer than a small scan.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What is written is about somebody's storage, veiled or not: for the user's own eyes.
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _ended)
    from harness.commands._app import application

    sys.exit(_run(application))


def _ended(_number: int, _frame: object) -> None:
    """Unwind as on Ctrl-C, so that nothing half-written stays; 128 + 15 as shells say it."""
    raise SystemExit(143)


def _run(application: object) -> int:
    import click

    from harness.errors import HarnessError

    arguments, debug = _without_debug(sys.argv[1:])
    try:
        code = application.main(  # type: ignore[attr-defined]
            arguments or ["--help"], prog_name="storage-harness", standalone_mode=False
        )
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context else "storage-harness"
        return _complain(error.format_message(), f"`{where} --help` shows how it is used", 3)
    except HarnessError as error:
        return _complain(str(error), error.hint, error.exit_code, trace=debug)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted", "", 130)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: a fault of ours is still one line
        hint = "report what is above" if debug else "run it again with --debug and report what it says"
        return _complain(f"internal error ({type(error).__name__})", hint, 3, trace=debug)
    return code if isinstance(code, int) else 0


def _without_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """`--debug` may stand anywhere before `--`: one adds it to the command that has just failed."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [argument for argument in arguments[:end] if argument != "--debug"]
    return kept + arguments[end:], len(kept) < end


def _complain(message: str, hint: str, code: int, *, trace: bool = False) -> int:
    if trace:
        traceback.print_exc()
    sys.stderr.write(f"storage-harness: {message}\n")
    if hint:
        sys.stderr.write(f"  hint: {hint}\n")
    return code


if __name__ == "__main__":
    main()
