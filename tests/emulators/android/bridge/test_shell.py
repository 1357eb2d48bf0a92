"""What a client wants of a shell. (That it gets it is tried with real clients, in `test_adbd`.)"""

import pytest

from harness.emulators.android.shell import parse_shell


@pytest.mark.parametrize(
    ("options", "command", "protocol", "terminal", "environment"),
    [
        ("shell", "id", False, False, {}),
        ("shell", "", False, True, {}),
        ("v2", "id", True, False, {}),
        ("v2,raw", "", True, False, {}),
        ("v2", "", True, True, {}),
        ("v2,TERM=xterm-256color,pty", "id", True, True, {"TERM": "xterm-256color"}),
        ("v2,LD_PRELOAD=/x,raw", "id", True, False, {}),
    ],
)
def test_options_say_what_is_wanted(
    options: str, command: str, environment: dict[str, str], *, protocol: bool, terminal: bool
) -> None:
    """And nothing but TERM gets into the environment."""
    request = parse_shell(options, command)

    assert (request.has_protocol, request.has_terminal, request.environment) == (protocol, terminal, environment)
    assert request.argv[1:] == (("-c", command) if command else ("-",))
