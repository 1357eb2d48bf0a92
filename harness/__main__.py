"""Entry point: one line for what the user got wrong, never a traceback (`--debug` shows it)."""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with the contract's code."""
    # Array operations here are too small for threads, and starting those takes longer than a small scan.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from harness.commands._app import application

    sys.exit(_run(application))


def _run(application: object) -> int:
    import click

    from harness.errors import HarnessError

    debug = "--debug" in sys.argv
    try:
        code = application.main(prog_name="storage-harness", standalone_mode=False)  # type: ignore[attr-defined]
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context else "storage-harness"
        return _complain(error.format_message(), f"`{where} --help` shows how it is used", 3)
    except HarnessError as error:
        if debug:
            raise
        return _complain(str(error), error.hint, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted", "", 130)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the last line of defence: a fault of ours is still one line
        if debug:
            raise
        return _complain(
            f"internal error ({type(error).__name__})", "run it again with --debug and report what it says", 3
        )
    return code if isinstance(code, int) else 0


def _complain(message: str, hint: str, code: int) -> int:
    sys.stderr.write(f"storage-harness: {message}\n")
    if hint:
        sys.stderr.write(f"  hint: {hint}\n")
    return code


if __name__ == "__main__":
    main()
