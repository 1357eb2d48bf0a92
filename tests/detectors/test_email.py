"""Email addresses: found whole, wherever they stand, and by one fingerprint however they are written."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.email import Email

LOCALS = st.from_regex(r"[a-z][a-z0-9]{0,10}([._+\-][a-z0-9]{1,8}){0,3}", fullmatch=True)
DOMAINS = st.tuples(
    st.from_regex(r"([a-z]([a-z0-9\-]{0,10}[a-z0-9])?\.){1,3}", fullmatch=True),
    st.sampled_from(["com", "org", "test", "example", "travel", "xn--p1ai"]),
).map("".join)


def spans(text: bytes, *, key: bytes = b"") -> list[bytes]:
    window = Window(text, 0, len(text), 0, len(text), key)
    return [text[match.start : match.end] for match in Email().confirm(window)]


@given(
    local=LOCALS,
    domain=DOMAINS,
    before=st.sampled_from(' "<:(=>\n\x1f\x00,;'),
    behind=st.sampled_from(' "<>)&\n\x1e\x00,;'),
)
def test_an_address_between_delimiters_is_found_whole(local: str, domain: str, before: str, behind: str) -> None:
    """Neither more nor less than the address."""
    address = f"{local}@{domain}"
    if local in {"this", "super", "return", "break", "continue"}:
        address = f"x{address}"

    assert spans(f"{before}{address}{behind}".encode()) == [address.encode()]


@given(local=LOCALS, name=st.text(string.ascii_lowercase, min_size=3, max_size=12))
def test_values_that_touch_it_in_a_row_do_not_hide_it(local: str, name: str) -> None:
    """A database stores columns without anything between."""
    address = f"{local}.x@{name}.org"

    assert spans(f"\x07\x1f{address}+14155550132".encode()) == [address.encode()]
    assert spans(f"\x07\x1f{address}Jane Doe".encode()) == [address.encode()]
    assert spans(f"\x07\x1f{address}1990-04-17".encode()) == [address.encode()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jane@example.org,john@example.org", ["jane@example.org", "john@example.org"]),
        ("mail jane@example.org.", ["jane@example.org"]),
        ("...jane@example.org...", ["jane@example.org"]),
        ("'jane@example.org'", ["jane@example.org"]),
        ("?u=a%20b&mail%3Djane%2Btag%40example.org%26x", ["jane%2Btag%40example.org"]),
        ("line\\njane@example.org\\n", ["jane@example.org"]),
        ("https://example.org/jane@example.org", ["jane@example.org"]),
        ("почта:иван@пример.рф", ["иван@пример.рф"]),
        ("ssh git@example.org:jane/app.git", []),
        ("[jane@code.example.org:apps/shop.git]", []),
        ("jane@example.org:hunter2", ["jane@example.org"]),
        ("jane@example.org:a/b.gitignore", ["jane@example.org"]),
        ("name\u200bjane@example.org", ["jane@example.org"]),
    ],
)
def test_what_stands_beside_it_stays_out(text: str, expected: list[str]) -> None:
    """Punctuation, escapes and scripts end an address."""
    assert spans(text.encode()) == [each.encode() for each in expected]


def test_a_role_is_worth_less_than_a_person() -> None:
    """Confidence says whether there is a person behind it."""
    worth = {}
    for text in (b"jane@example.org", b"support@example.org"):
        (match,) = Email().confirm(Window(text, 0, len(text), 0, len(text)))
        worth[text] = match.confidence

    assert worth[b"jane@example.org"] > worth[b"support@example.org"]


def test_spellings_share_a_fingerprint() -> None:
    """Case and percent encoding do not make another person."""
    normal = {
        Email().normalise(each) for each in (b"Jane@Example.org", b"jane%40example.org", b"JANE%2540EXAMPLE.ORG")
    }

    assert normal == {b"jane@example.org"}


def test_it_never_reads_past_the_segment() -> None:
    """The neighbour's bytes are another value."""
    text = b"xjane@example.orgx"
    window = Window(text, 1, len(text) - 1, 1, len(text) - 1)

    assert [(match.start, match.end) for match in Email().confirm(window)] == [(1, 17)]
