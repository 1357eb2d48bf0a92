"""Telephone numbers: by their form, or by their key; never a date, a version or a row of numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.phone import Phone
from harness.scan.cues import CueSet

PHONE = Phone()
CUES = CueSet({"phone": PHONE})
FORMS = (
    "+1{0}{1}{2}",
    "+1 {0} {1} {2}",
    "+1 ({0}) {1}-{2}",
    "({0}) {1}-{2}",
    "{0}-{1}-{2}",
    "{0}.{1}.{2}",
    "1-{0}-{1}-{2}",
)


def spans(text: bytes, *, key: bytes = b"") -> list[bytes]:
    return [text[match.start : match.end] for match in PHONE.confirm(Window(text, 0, len(text), 0, len(text), key))]


@given(
    area=st.integers(200, 999).filter(lambda n: n % 111),
    last=st.integers(100, 199),
    form=st.sampled_from(FORMS),
    around=st.sampled_from([(" ", " "), ('"', '"'), (">", "<"), ("\x1f", "\x1e"), ("=", "&"), ("org", "Jane")]),
)
def test_a_number_is_found_whole_in_every_form(area: int, last: int, form: str, around: tuple[str, str]) -> None:
    """Documentation numbers of every area, as phones print them and as SDKs store them."""
    number = form.format(area, 555, f"0{last}").encode()
    text = around[0].encode() + number + around[1].encode()

    assert spans(text) == [number]


@given(
    digits=st.from_regex(r"[2-9][0-9]{6,11}", fullmatch=True).filter(lambda text: len(set(text)) > 1),
    frame=st.sampled_from(
        [
            '{{"phone":"{}"}}',
            '{{"userPhone": {}}}',
            '<string name="mobile">{}</string>',
            '<long name="msisdn" value="{}" />',
            "<key>Phone</key>\n\t\t<string>{}</string>",
            '{{\\"phone\\":\\"{}\\"}}',
            "&quot;phone_number&quot;:&quot;{}&quot;",
            "phone={}&x=1",
            "acct.phone\x1f{}",
            "tel:{}",
            '"phone":{{"value":"{}"}}',
            '"phone":"{{\\"body\\": \\"{{\\\\\\"inner\\\\\\": \\\\\\"{}\\\\\\"}}\\"}}"',
            "msisdn.inner\x1f{}",
            "\x0a\x05phone\x12\x0c\x2a\x0a{}",
        ]
    ),
)
def test_bare_digits_count_under_a_key_in_every_syntax(digits: str, frame: str) -> None:
    """And the cue sees what the rule sees."""
    text = frame.format(digits).encode()

    assert spans(text) == [digits.encode()]
    assert any(each.start <= text.index(digits.encode()) < each.end for each in CUES.find(text, len(text)))
    assert spans(digits.encode()) == []


@pytest.mark.parametrize(
    "key",
    [
        "phone_model",
        "phoneVerifiedAt",
        "phone_count",
        "mobile_app_version",
        "phone_number_id",
        "hotel",
        "iphone_hash",
        "motel",
    ],
)
def test_what_is_said_of_a_phone_is_not_its_number(key: str) -> None:
    """Keys that contain the word."""
    assert spans(b'"phone":{"id":4155550132}') == []
    assert spans(f"{key}=4155550132".encode()) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1 415 555 0132, 212 555 0199", ["+1 415 555 0132", "212 555 0199"]),
        ("+14155550132 2024-01-15", ["+14155550132"]),
        ("phone: 415-555-0132, 415-555-0133", ["415-555-0132", "415-555-0133"]),
        ("tel +44 20 7946 0018 (office)", ["+44 20 7946 0018"]),
        ("phone=0044 7700 900123", ["0044 7700 900123"]),
        ('["+14155550132","+14155550133"]', ["+14155550132", "+14155550133"]),
        ("+33 1 99 00 12 34", ["+33 1 99 00 12 34"]),
    ],
)
def test_what_follows_a_number_is_not_part_of_it(text: str, expected: list[str]) -> None:
    """A number ends where its country's plan says, at the latest."""
    assert spans(text.encode()) == [each.encode() for each in expected]


def test_forms_of_one_number_share_a_fingerprint() -> None:
    """Plus, zeros, blanks and brackets are spelling."""
    spellings = (b"+14155550132", b"+1 (415) 555-0132", b"0014155550132", b"1-415-555-0132", b"14155550132")

    assert {PHONE.normalise(each) for each in spellings} == {b"14155550132"}
    assert PHONE.normalise(b"+44 (0)7700 900123") == b"447700900123"


@given(text=st.text("0123456789 +-.()/", max_size=80), data=st.data())
def test_what_is_found_does_not_depend_on_the_window(text: str, data: st.DataObject) -> None:
    """The same value is offered through several windows and must be the same each time."""
    raw = text.encode()[-40:]
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))

    assert set(PHONE.confirm(Window(raw, start, end, 0, len(raw)))) <= set(
        PHONE.confirm(Window(raw, 0, len(raw), 0, len(raw)))
    )
