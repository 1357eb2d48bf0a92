"""Payment cards: every issuer's numbers, in print's groups or a row; never an id that passes the checksum by luck."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.payment_card import PaymentCard
from harness.scan.cues import CueSet

CARD = PaymentCard()
CUES = CueSet({"card": CARD})
PREFIXES = ("4", "51", "55", "2221", "2720", "6011", "65", "3528", "62", "2200", "9792")


def spans(text: bytes, *, key: bytes = b"") -> list[bytes]:
    return [text[match.start : match.end] for match in CARD.confirm(Window(text, 0, len(text), 0, len(text), key))]


def with_check_digit(body: str) -> str:
    total = sum(n * 2 - 9 if n > 4 else n * 2 for n in map(int, body[::-2])) + sum(map(int, body[-2::-2]))
    return body + str(-total % 10)


NUMBERS = st.tuples(st.sampled_from(PREFIXES), st.text("0123456789", min_size=15, max_size=15)).map(
    lambda pair: with_check_digit((pair[0] + pair[1])[:15])
)


@given(
    number=NUMBERS,
    joint=st.sampled_from(["", " ", "-"]),
    around=st.sampled_from([(" ", " "), ('"', '"'), ("\x1f", "\x1e")]),
)
def test_sixteen_digits_of_an_issuer_are_found_in_every_form(
    number: str, joint: str, around: tuple[str, str]
) -> None:
    """And the shapes point at them."""
    printed = joint.join(number[at : at + 4] for at in range(0, 16, 4)).encode()
    text = around[0].encode() + printed + around[1].encode()

    assert spans(text) == [printed]
    assert any(each.start <= 1 < each.end for each in CUES.find(text, len(text)))


@given(number=NUMBERS, wrong=st.integers(1, 9))
def test_a_wrong_check_digit_is_no_card(number: str, wrong: int) -> None:
    """Not even under a key that says so."""
    broken = number[:-1] + str((int(number[-1]) + wrong) % 10)

    assert spans(broken.encode()) == []
    assert spans(f"card_number={broken}".encode()) == []


@pytest.mark.parametrize(
    "key",
    [
        "session_id",
        "userId",
        "timestamp",
        "imei",
        "orderNumber",
        "device_serial",
        "transaction_ref",
        "event_time",
        "fbid",
        "nonce",
    ],
)
def test_drawn_and_counted_numbers_are_no_cards(key: str) -> None:
    """One number in ten passes the checksum."""
    assert spans(f'{{"{key}":"4111111111111111"}}'.encode()) == []
    assert spans(f"{key}\x1f4111111111111111".encode()) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027 4111 1111 1111 1111 12/27", ["4111 1111 1111 1111"]),
        ("4111 1111 1111 1111 123", ["4111 1111 1111 1111"]),
        ("%B4111111111111111^DOE/JANE^2512", ["4111111111111111"]),
        ("pan\x1f5018000000000009", ["5018000000000009"]),
        ("4111 1111 1111 1111,5500 0000 0000 0004", ["4111 1111 1111 1111", "5500 0000 0000 0004"]),
        ("card=378282246310005", ["378282246310005"]),
    ],
)
def test_what_stands_beside_it_stays_out(text: str, expected: list[str]) -> None:
    """Expiry dates, security codes and further cards."""
    assert spans(text.encode()) == [each.encode() for each in expected]


def test_a_telling_key_is_worth_more_than_groups_and_those_more_than_a_row() -> None:
    """Confidence orders the three kinds of proof."""
    worth = []
    for text in (b"card: 4111111111111111", b"4111 1111 1111 1111", b"4111111111111111"):
        (match,) = CARD.confirm(Window(text, 0, len(text), 0, len(text)))
        worth.append(match.confidence)

    assert worth == sorted(worth, reverse=True)
    assert len(set(worth)) == 3


def test_forms_of_one_number_share_a_fingerprint() -> None:
    """Groups are spelling."""
    assert CARD.normalise(b"4111-1111 1111 1111") == b"4111111111111111"


@given(text=st.text("0145 -", max_size=70), data=st.data())
def test_what_is_found_does_not_depend_on_the_window(text: str, data: st.DataObject) -> None:
    """The same value is offered through several windows and must be the same each time."""
    raw = text.encode()[-48:]
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))

    assert set(CARD.confirm(Window(raw, start, end, 0, len(raw)))) <= set(
        CARD.confirm(Window(raw, 0, len(raw), 0, len(raw)))
    )


@given(st.text("0123456789", min_size=11, max_size=18).map(with_check_digit), st.sampled_from([b"", b"card_number="]))
def test_what_is_ruled_out_is_no_card_under_any_key(number: str, key: bytes) -> None:
    """The sweep asks by the first digits alone, before anything is decoded."""
    text = key + number.encode()

    for found in spans(text):
        assert CARD.is_possible(text, text.index(found), 0, len(text))
    assert not CARD.is_possible(b"1700000000000009", 0, 0, 16)
