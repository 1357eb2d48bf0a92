"""A user name is told by its key or by an address, and is no account of a machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.username import Username

_DETECTOR = Username()
_LOGINS = st.from_regex(r"[a-z]{4,9}x[0-9]{2}", fullmatch=True)


def _found(text: str) -> list[str]:
    data = text.encode()
    return [data[m.start : m.end].decode() for m in _DETECTOR.confirm(Window(data, 0, len(data), 0, len(data)))]


@given(_LOGINS, st.sampled_from(["username", "userName", "login", "screen_name", "nickname", "gebruikersnaam"]))
def test_a_key_tells_in_any_syntax(login: str, key: str) -> None:
    """JSON, escaped JSON, an XML attribute, a log, a decoded pair."""
    for form in ('{"%s":"%s"}', '\\"%s\\":\\"%s\\"', '<string name="%s">%s</string>', "%s=%s", "%s\x1f%s"):
        assert _found(form % (key, login)) == [login]


@given(_LOGINS)
def test_other_keys_do_not(login: str) -> None:
    """Nor does the bare word."""
    assert _found(f'"token_type": "{login}"') == []
    assert _found(login) == []


@pytest.mark.parametrize("service", ["root", "admin", "postgres", "www-data", "guest", "anonymous"])
def test_accounts_of_machines_are_nobody(service: str) -> None:
    """Neither under a key nor in an address."""
    assert _found(f'{{"username":"{service}"}}') == []
    assert _found(f"ssh://{service}@host.example.org") == []


def test_an_address_names_who_logs_in() -> None:
    """With and without a password behind it."""
    assert _found("mysql://janeroe:secret@db.example.org/shop") == ["janeroe"]
    assert _found("https://twitter.com/janeroe42") == ["janeroe42"]
    assert _found("https://twitter.com/home") == []
