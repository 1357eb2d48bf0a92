"""Every form of a seeded value: made by others' encoders, found by ours."""

import base64
import hashlib
import html
import json
import random
import struct
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.persona import Persona, demo_persona, new_persona
from harness.persona.forms import DIGESTS, Form, forms_of
from harness.scan.tracer import Tracer

DEMO = demo_persona()
FORMS = forms_of(DEMO.items())
TRACER = Tracer(DEMO)


def found(data: bytes, tracer: Tracer = TRACER) -> set[tuple[str, str, tuple[str, ...]]]:
    """Field, spelling and layers of all that is traced in it."""
    return {
        (each.form.persona_field, each.form.spelling, each.form.layers)
        for each in tracer.occurrences(data, len(data))
    }  # fmt: skip


def noise(seed: int) -> bytes:
    """Bytes with neither letters nor digits next to what is planted."""
    return random.Random(seed).randbytes(300) + b"\x02"


@pytest.mark.parametrize("field", [name for name, _ in DEMO.items()])
def test_each_form_of_a_field_is_found_in_noise(field: str) -> None:
    """Wherever a form stands, the tracer names field, spelling and layers, and the right bounds."""
    for number, form in enumerate(each for each in FORMS if each.persona_field == field):
        before, after = noise(number), b"\x02" + noise(number + 1)
        data = before + form.literal + after

        assert (len(before), len(before) + len(form.literal), form) in {
            (each.start, each.end, each.form) for each in TRACER.occurrences(data, len(data))
        }


def test_forms_come_once_and_in_one_order() -> None:
    """Equal input, equal report."""
    assert forms_of(DEMO.items()) == FORMS
    assert len({(form.literal, form.caseless) for form in FORMS}) == len(FORMS)


def test_no_form_is_short_enough_to_be_found_by_chance() -> None:
    """A literal of four bytes is everywhere."""
    short = Persona(name="Al", username="bob", custom={"pin": "1234"})

    assert all(len(form.literal) >= 5 for form in (*FORMS, *forms_of(short.items())))
    assert not [form for form in forms_of(short.items()) if form.spelling == "plain" and form.layers == ()]


# -- what other encoders make of a value ------------------------------------------------------------

PLAIN = [(name, value) for name, value in DEMO.items() if name != "location"]


@pytest.mark.parametrize(("field", "value"), PLAIN)
def test_plain_values_are_found_in_any_case(field: str, value: str) -> None:
    """Apps lower-case email addresses, and upper-case names."""
    for text in (value, value.upper(), value.lower(), value.title()):
        assert (field, "plain", ()) in found(b"\x02" + text.encode() + b"\x02")


@pytest.mark.parametrize("shift", range(3))
@pytest.mark.parametrize(("field", "value"), PLAIN)
def test_base64_is_found_at_every_alignment(field: str, value: str, shift: int) -> None:
    """The value is somewhere in a longer text that was encoded as a whole."""
    whole = b"x" * (3 + shift) + b'"' + value.encode() + b'"}'

    assert (field, "plain", ("base64",)) in found(base64.b64encode(whole))
    assert (field, "plain", ("base64",)) in found(base64.urlsafe_b64encode(whole))


@pytest.mark.parametrize(("field", "value"), PLAIN)
@pytest.mark.parametrize(
    ("layer", "encode"),
    [
        ("hex", lambda text: text.encode().hex().encode()),
        ("hex", lambda text: text.encode().hex().upper().encode()),
        ("utf-16le", lambda text: text.encode("utf-16-le")),
        ("utf-16be", lambda text: text.encode("utf-16-be")),
    ],
)
def test_encodings_are_found(field: str, value: str, layer: str, encode) -> None:  # type: ignore[no-untyped-def]
    """Each names its layer."""
    assert (field, "plain", (layer,)) in found(b"\x02\x02" + encode(value) + b"\x02\x02")


@pytest.mark.parametrize(
    ("field", "quoted"),
    [
        ("email", urllib.parse.quote(DEMO.email or "", safe="")),
        ("name", urllib.parse.quote(DEMO.name or "")),
        ("name", urllib.parse.quote_plus(DEMO.name or "")),
        ("phone", urllib.parse.quote(DEMO.phone or "").lower()),
        ("address", urllib.parse.quote_plus(DEMO.address or "")),
    ],
)
def test_percent_encoding_is_found(field: str, quoted: str) -> None:
    """In a query, blanks as `%20` or `+`, the digits of an escape in either case."""
    assert (field, "plain", ("url",)) in found(f"?q={quoted}&n=1".encode())


@pytest.mark.parametrize("digest", DIGESTS)
@pytest.mark.parametrize(("field", "value"), PLAIN)
def test_digests_are_found(field: str, value: str, digest: str) -> None:
    """In hex, in Base64 or as bytes; also of the lower-case spelling, which is what trackers hash."""
    for text, label in ((value, digest), (value.lower(), f"{digest}:lower")):
        if text == value and label != digest:
            continue
        summed = hashlib.new(digest, text.encode()).digest()

        for stored, layers in (
            (summed.hex().encode(), ()),
            (summed.hex().upper().encode(), ()),
            (base64.b64encode(summed), ("base64",)),
            (summed, ()),
        ):
            assert (field, label, layers) in found(b"\x02" + stored + b"\x02")


def test_a_digest_of_another_spelling_says_which() -> None:
    """Ad networks hash the digits of a phone number."""
    summed = hashlib.sha256(b"14155550132").hexdigest().encode()

    assert found(summed) == {("phone", "sha256:digits", ())}


def test_escapes_of_json_and_html_are_found() -> None:
    """A value with characters that these syntaxes escape reads otherwise on disk."""
    tracer = Tracer(Persona(name='Zoë "Zo" Roe', address="1 Main & Sons' Street, Bonn"))

    assert ("name", "plain", ()) in found(json.dumps('Zoë "Zo" Roe').encode(), tracer)
    assert ("address", "plain", ()) in found(html.escape("1 Main & Sons' Street, Bonn").encode(), tracer)


# -- spellings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("phone", "+14155550132"),
        ("phone", "14155550132"),
        ("phone", "4155550132"),
        ("phone", "415-555-0132"),
        ("phone", "(415) 555-0132"),
        ("phone", "415.555.0132"),
        ("card", "4111111111111111"),
        ("card", "4111-1111-1111-1111"),
        ("ssn", "219099999"),
        ("ssn", "219 09 9999"),
        ("date_of_birth", "17/04/1990"),
        ("date_of_birth", "04/17/1990"),
        ("date_of_birth", "17.04.1990"),
        ("date_of_birth", "19900417"),
        ("name", "Roe, Jane"),
        ("name", "JaneRoe"),
        ("address", "221 Example Street"),
        ("location", "37.422131"),
        ("location", "-122.084801"),
        ("location", "37.4221"),
        ("location", "-122.0848"),
        ("location", "37.42213"),
        ("location", "37.4221310"),
        ("location", "lat=37.422131&lng=-122.084801"),
    ],
)
def test_a_value_is_found_however_it_is_written(field: str, text: str) -> None:
    """The same fact in another dress."""
    assert field in {name for name, _, _ in found(f" {text} ".encode())}


@pytest.mark.parametrize(
    ("number", "text"),
    [("+44 7700 900123", "07700900123"), ("+44 7700 900123", "447700900123"), ("+49 30 90099123", "03090099123")],
)
def test_numbers_of_other_countries_are_found_in_national_form(number: str, text: str) -> None:
    """The last nine digits stand on their own, whatever prefix a country uses."""
    tracer = Tracer(Persona(phone=number))

    assert {field for field, _, _ in found(f"tel:{text};".encode(), tracer)} <= {"phone"}
    assert tracer.ends(text.encode(), len(text))


@pytest.mark.parametrize("order", ["<", ">"])
def test_coordinates_are_found_as_doubles(order: str) -> None:
    """Binary documents hold them so."""
    data = b"\x02" + struct.pack(f"{order}dd", 37.422131, -122.084801) + b"\x02"

    assert {spelling.split()[0] for _, spelling, _ in found(data)} == {"lat", "lon"}


@pytest.mark.parametrize("text", ["0.0", "0.0000", "37.0", "37.42", "0.00000", "-0.0000"])
@pytest.mark.parametrize("location", [(0.0, 0.0), (37.0, -122.0), (0.00001, -0.00001), (37.42, 0.0)])
def test_coarse_numbers_are_nobodys_location(location: tuple[float, float], text: str) -> None:
    """Precise location starts at four decimal places, and zeros are everywhere."""
    assert found(f'{{"a":{text}}}'.encode(), Tracer(Persona(location=location))) == set()


# -- borders -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Jane Roeder",
        "Mary-xJane Roe",
        "xjaneroe90",
        "xjaneroe901",
        "94111111111111111",
        "41111111111111112",
        "137.4221",
        "37.42214",
        "2190999991",
        "jane.roe@example.organic",
        "ajane.roe@example.org",
    ],
)
def test_a_longer_word_or_number_is_another(text: str) -> None:
    """What merely contains the value is not it."""
    assert {spelling for _, spelling, layers in found(text.encode()) if not layers} == set()


@pytest.mark.parametrize("text", ["Jane Roe", "<Jane Roe>", "1Jane Roe2", "_Jane Roe_", "'jane.roe@example.org'", "x4111111111111111y"])  # fmt: skip  # noqa: E501
def test_another_kind_of_character_is_a_border(text: str) -> None:
    """Columns of a database row touch each other."""
    assert found(text.encode())


@given(st.binary(max_size=300))
def test_noise_holds_nobody(data: bytes) -> None:
    """A hit needs no threshold, so it must not come by chance."""
    assert found(data) == set()


@given(st.binary(min_size=1, max_size=16))
def test_any_made_up_person_has_forms_of_all_fields(seed: bytes) -> None:
    """None is lost because of how its value looks."""
    persona = new_persona(seed)

    assert {form.persona_field for form in forms_of(persona.items())} == {name for name, _ in persona.items()}


@given(st.dictionaries(st.sampled_from(["name", "phone", "card", "ssn", "date_of_birth", "address"]),
                       st.text(st.characters(codec="utf-8"), max_size=30)))  # fmt: skip
def test_any_text_has_forms(texts: dict[str, str]) -> None:
    """A person whose fields are unusual is still searched for, as far as they are long enough."""
    forms = forms_of(Persona(**texts).items())

    for name, text in texts.items():
        if len(text.encode()) >= 5:
            assert Form(name, "plain", (), text.encode(), caseless=True, bounded=True) in forms or any(
                form.literal == text.encode() for form in forms
            )


GAID = "38400000-8cf0-41bd-b23e-10b96e40000d"


@pytest.mark.parametrize(
    ("items", "stored"),
    [
        ([("phone", "+49 170 1234567")], hashlib.sha256(b"+491701234567").hexdigest().encode()),
        ([("phone", "+1 415 555 0132")], (14155550132).to_bytes(6)),
        ([("card", "4111 1111 1111 1111")], (4111111111111111).to_bytes(8)),
        ([("date_of_birth", "1987-03-09")], b"$D_542246400"),
        (
            [("advertising_id", "38400000-8cf0-41bd-b23e-10b96e40000d")],
            bytes.fromhex("384000008cf041bdb23e10b96e40000d"),
        ),
        ([("fingerprint", "Rk1SACAyMAAAAAEIAAABPAFi")], base64.b64decode("Rk1SACAyMAAAAAEIAAABPAFi")),
        ([("name", "Zoë van Dam")], "Zoë van Dam".encode("latin-1")),
    ],
)
def test_what_sdks_make_of_a_value_is_one_of_its_forms(items: list[tuple[str, str]], stored: bytes) -> None:
    """Digests of the bare number, integers, epochs, and the bytes that a text stands for."""
    assert any(form.literal in stored for form in forms_of(items))
