"""Credentials: what services document, what keys name, and none of the labels and placeholders beside them."""

import base64
import json
import random
import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors._token_shapes import SHAPES, Shaped
from harness.detectors.base import Window
from harness.detectors.secret import Secret
from harness.scan.cues import CueSet

SECRET = Secret()
CUES = CueSet({"secret": SECRET})
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def found(text: bytes) -> list[tuple[bytes, float]]:
    return [(text[m.start : m.end], m.confidence) for m in SECRET.confirm(Window(text, 0, len(text), 0, len(text)))]


def token(seed: int, prefix: str) -> str:
    """As GitHub and npm make one, with its checksum."""
    body = "".join(random.Random(seed).choices(BASE62, k=30))
    crc, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        crc, digit = divmod(crc, 62)
        digits = BASE62[digit] + digits
    return prefix + body + digits


@given(seed=st.integers(0, 2**32), prefix=st.sampled_from(["ghp_", "gho_", "npm_"]))
def test_a_checksum_that_holds_proves_a_token(seed: int, prefix: str) -> None:
    """One that does not is still of the form, and less sure."""
    right = token(seed, prefix)
    wrong = right[:-1] + ("A" if right[-1] != "A" else "B")

    assert found(f"run {right} now".encode()) == [(right.encode(), 0.98)]
    assert found(f"run {wrong} now".encode()) == [(wrong.encode(), 0.7)]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda each: each.title)
@given(data=st.data())
def test_the_cue_points_at_every_documented_form(shape: Shaped, data: st.DataObject) -> None:
    """A form that no cue begins is never found."""
    value = data.draw(st.from_regex(shape.form, fullmatch=True))
    at = shape.form.fullmatch(value).start("value" if "value" in shape.form.groupindex else 0)  # type: ignore[union-attr]
    text = b"x " + value + b" y"

    assert any(hint.start <= 2 + at < hint.end for hint in CUES.find(text, len(text)))


@given(
    word=st.text(alphabet=string.ascii_letters + string.digits + "!#%*+?", min_size=6, max_size=24),
    frame=st.sampled_from(
        [
            '{{"password":"{}"}}',
            '<string name="user_password">{}</string>',
            "passwd = '{}'",
            "kennwort: {}\n",
            "x?pwd={}&a=1",
        ]
    ),
)
def test_a_password_is_found_whole_in_every_syntax(word: str, frame: str) -> None:
    """From its first sign to its last, where it has a digit and a letter behind its first four characters."""
    value = "aB3d9" + word + "7"

    assert [text.decode() for text, _ in found(frame.format(value).encode())] == [value]


@pytest.mark.parametrize(
    "text",
    [
        '"password": "********"',
        "password: ${SECRET}",
        "password={{ vault }}",
        "Password must contain eight characters",
        '<string name="password_label">Passwort</string>',
        "password_min_length=12",
        "password_hash=$2b$12$abcdefghijklmnopqrstuv",
        "forgot_password_url=https://example.org/reset",
        "token=undefined",
        "api_key=YOUR_API_KEY_HERE",
        "refresh_token=null",
        "token_type=Bearer",
        "access_token_expires_at=1700000000000",
        "auth_token: " + base64.b64encode(b"jane.roe@example.org").decode(),
    ],
)
def test_what_stands_for_a_secret_is_none(text: str) -> None:
    """Labels, templates, digests, lengths, dates, and what merely is encoded."""
    assert [each for each in found(text.encode()) if each[1] >= 0.55] == []


@given(
    claims=st.dictionaries(st.sampled_from(["sub", "iss", "aud"]), st.text(max_size=12), min_size=1),
    real=st.booleans(),
)
def test_the_header_proves_a_web_token(claims: dict[str, str], real: bool) -> None:
    """Two documents and a signature; three words in Base64 are none."""

    def part(document: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")

    text = f"{part({'alg': 'RS256'} if real else {'a': 1})}.{part(claims)}.c2lnbmF0dXJlIG9mIHRoZSByZXN0"

    assert [value for value, _ in found(text.encode())] == ([text.encode()] if real else [])
