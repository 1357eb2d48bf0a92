"""Credentials: passwords, tokens and API keys, by the forms that services give them or by the key that names them."""

import re
from collections.abc import Iterator

from harness.detectors._secret_words import NOT_A_SECRET_KEY, bare_value, is_drawn, is_encoded, is_placeholder
from harness.detectors._token_shapes import CUE, SHAPES, basic_pair, is_token_payload, token_header
from harness.detectors.base import WORD, Cue, Detector, Keyed, Match, Window

_HEAD = rb"[A-Za-z0-9][^\x00-\x20\"'<>&]{3}"
_GAP = rb"[^A-Za-z0-9.@]{1,10}"
"""`secret.example.org` is no key with a value."""
_PASSWORDS = Keyed(
    rb"(?i:password|passwd|passphrase|passcode|pass_?-?word|contrase\xc3\xb1a|mot_?de_?passe|kennwort|passwort|senha"
    rb"|wachtwoord|\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c|\xe5\xaf\x86\xe7\xa0\x81)|%b(?i:pwd|pass"
    rb"|pin_?code)"
    rb"|[a-z](?:Pwd|Passwd)" % WORD,
    _HEAD,
    tail=rb"(?i:[a-z_.\-]{0,12}[0-9]{0,2})",
    gap=_GAP,
)
_TOKENS = Keyed(
    rb"(?i:(?:access|refresh|auth|bearer|oauth|session|login|user|csrf|xsrf|security|id|jwt|device_?auth"
    rb"|api)_?-?token"
    rb"|api_?-?(?:key|secret)|(?:client|app|consumer|shared|webhook|auth)_?-?secret|secret_?-?(?:key"
    rb"|access_?-?key|token)"
    rb"|access_?-?key|auth_?-?key|authorization|credentials?|bearer)|%b(?i:jwt|token|secret|otp_?secret)" % WORD,
    _HEAD,
    tail=rb"(?i:[a-z_.\-]{0,12}[0-9]{0,2})",
    gap=_GAP,
)
_JWT = re.compile(
    rb"(?<![A-Za-z0-9_\-.])eyJ[A-Za-z0-9_\-]{8,1024}\.[A-Za-z0-9_\-]{4,4096}\.[A-Za-z0-9_\-]{0,1024}(?![A-Za-z0-"
    rb"9_\-])"
)
_HEADER = re.compile(rb"(?i:(?P<scheme>bearer|basic) )(?P<value>[A-Za-z0-9+/_\-.~]{12,2048}={0,2})")
_IN_URL = re.compile(
    rb"[a-z]://[^\s/:@\"'<>\x00-\x1f]{0,64}:(?P<value>[^\s/@\"'<>\x00-\x1f]{3,128})@(?=[A-Za-z0-9\[])"
)
_TOKEN_FORM = re.compile(rb"[A-Za-z0-9+/_\-.~=:|]{16,2048}(?![A-Za-z0-9])")
_UUID = re.compile(rb"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z")
_LABEL = re.compile(rb"[A-Za-z]+(?:[ '][A-Za-z]+)*\Z")
_WEAK = re.compile(rb"(?:token|secret|bearer)[0-9]*\Z|csrf|xsrf|device")
_PROSE = re.compile(rb"[A-Za-z] \Z")
"""Before a word of a sentence, not what a colon or the like assigns."""
_ANY_SHAPE = re.compile(CUE)


class Secret(Detector):
    """What lets in whoever has it.

    Confidence: 0.98 a token with a checksum that holds; 0.95 a form that a service documents, or a JSON web token
    whose header says so; 0.9 behind `Authorization`, or in a URL before its host; 0.85 under a key that names a
    password, with digits or signs in it; 0.8 drawn characters under a key that names a token; 0.6 a word under
    `password`, or drawn ones under `token` or `secret` alone; 0.5 (listed only) a word with a capital, as labels
    have. Sentences, placeholders, templates and digests are none.
    """

    type = "SECRET"
    title = "Credential"
    cues = (
        Cue(CUE, before=48, after=64),
        Cue(rb"T3BlbkFJ", before=200, after=16),
        Cue(rb"eyJ[A-Za-z0-9_\-]{12}", before=16, after=16),
        Cue(rb"(?:bearer|basic) [A-Za-z0-9+/_\-.~]{12}", before=24, after=16, caseless=True),
        Cue(rb"://[^\s/:@\"'<>]{0,64}:[^\s/@\"'<>]{3,128}@", before=200, after=16),
        _PASSWORDS.cue(after=16),
        _TOKENS.cue(after=16),
    )
    pattern = re.compile(
        rb"eyJ[A-Za-z0-9_\-]{8}|(?<=:)[^\s/:@\"'<>]{3,128}@|(?<=[=:>\"'\x1f\s;,(])[^\x00-\x20\"'<>&]{4}"
        rb"|(?<![A-Za-z0-9])%b" % CUE
    )
    telling = rb"passw|passphrase|passcode|\bpwd\b|access_?token|refresh_?token|auth_?token|api_?key|secret"
    reach = 6200
    least_in_noise = 16
    examples = (
        "password=Tr0ub4dor&3",
        '{"access_token":"mF_9.B5f-4.1JqMk7xQpLw2"}',
        "Authorization: Bearer mF_9.B5f-4.1JqMk7xQpLw2",
        "Authorization: Basic amFuZTpodW50ZXIy",
        "jdbc:postgres://jane:hunter2!@db.example.org/app",
        (
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0T"
            "HsR8U"
        ),
        "aws AKIAIOSFODNN7EXAMPLE",
        '<string name="user_password">correct horse 7</string>',
        "pwd: s3cr3tPa55",
        "refreshToken&quot;:&quot;8xLOxBtZp8q2WmN4kV0s&quot;",
        "sk_" + "test_4eC39HqLyjWDarjtT1zdp7dc",
        '"api_key": "9f86d081884c7d659a2feaa0c55ad015"',
        'passwd="$ecret99"',
    )
    counterexamples = (
        "password=********",
        '<string name="password_hint">Enter your password</string>',
        "password_length=12345678",
        '"password": null',
        "password: ${DB_PASSWORD}",
        "password=$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
        "session=9f86d081884c7d659a2feaa0c55ad015",
        "eyJmb28iOiJiYXIifQ.eyJzdWIiOiIxIn0.abc",
        "Basic understanding of it",
        "bearer of good news",
        "https://example.org:8443/a@b",
        "pk_" + "live_4eC39HqLyjWDarjtT1zdp7dc",
        "token=38400000-8cf0-11bd-b23e-10b96e40000d",
        "tokens: 1234567890123456",
        "passport=Tr0ub4dor",
        "AKIAIOSFODNN",
        "bypass: 12345678",
        "Last backup pass started: 0 (now = 0)",
        "compass=northwest9",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Forms of their own first, then headers and URLs, then what a key names."""
        taken: list[Match] = []
        for found in (*_shaped(window), *_announced(window), *_told(window)):
            if all(found.end <= each.start or each.end <= found.start for each in taken):
                taken.append(found)
        yield from sorted(taken, key=lambda each: each.start)

    def normalise(self, value: bytes) -> bytes:
        """As it is: case tells secrets apart."""
        return value.strip()


def _shaped(window: Window) -> Iterator[Match]:
    """Tokens that show what they are."""
    limit = min(window.ceiling, window.end + Secret.reach)
    for found in _JWT.finditer(window.buffer, window.start, limit):
        if found.start() >= window.end:
            break
        if token_header(found[0]) is not None and is_token_payload(found[0]):
            yield Match(*found.span(), 0.95, ("a JSON web token: its header says how it is signed",))
    near = min(window.ceiling, window.end + 320)
    low = max(window.floor, window.start - 24)
    if _ANY_SHAPE.search(window.buffer, low, near) is None:
        return
    for shape in SHAPES:
        group = "value" if "value" in shape.form.groupindex else 0
        for found in shape.form.finditer(window.buffer, low, near):
            start, end = found.span(group)
            if window.start <= start < window.end:
                yield Match(start, end, shape.weigh(found[0]), (f"has the form of a {shape.title}",))


def _announced(window: Window) -> Iterator[Match]:
    """What follows the scheme of an `Authorization` header, and what stands before the host of a URL."""
    limit = min(window.ceiling, window.end + 2200)
    low = max(window.floor, window.start - 8)
    for found in _HEADER.finditer(window.buffer, low, limit):
        start, end = found.span("value")
        if not window.start <= start < window.end:
            continue
        value, is_basic = found["value"], found["scheme"].lower() == b"basic"
        if basic_pair(value) if is_basic else (is_drawn(value) and not is_placeholder(value)):
            yield Match(start, end, 0.9, ("follows the scheme of an Authorization header",))
    for found in _IN_URL.finditer(
        window.buffer, max(window.floor, window.start - 80), min(window.ceiling, window.end + 140)
    ):
        start, end = found.span("value")
        if window.start <= start < window.end and not is_placeholder(found["value"]):
            yield Match(start, end, 0.9, ("a password before the host of a URL",))


def _told(window: Window) -> Iterator[Match]:
    """What a key names."""
    for key, at in _PASSWORDS.values(window):
        start, end = bare_value(window.buffer, at, window.floor, window.ceiling)
        value = bytes(window.buffer[start:end])
        if not 4 <= len(value) <= 128 or NOT_A_SECRET_KEY.search(key) or is_placeholder(value) or value[:1] == b"/":
            continue  # or a path, or the end of an element
        in_prose = _PROSE.search(bytes(window.buffer[max(window.floor, start - 2) : start])) is not None
        if _LABEL.match(value):
            if len(value) >= 6 and b" " not in value and not in_prose:
                sure = 0.5 if value[:1].isupper() else 0.6
                yield Match(start, end, sure, ("a word under a key that names a password",))
        elif not (in_prose and value.rstrip(b":;,.").isalpha()):
            yield Match(start, end, 0.6 if in_prose else 0.85, ("under a key that names a password",))
    for key, at in _TOKENS.values(window):
        found = _TOKEN_FORM.match(window.buffer, at, min(window.ceiling, at + 2100))
        if found is None or NOT_A_SECRET_KEY.search(key) or is_placeholder(found[0]) or _UUID.match(found[0]):
            continue
        if is_drawn(found[0]) and not is_encoded(found[0]):
            confidence = 0.6 if _WEAK.match(key) else 0.8
            yield Match(*found.span(), confidence, ("drawn characters", "the key names a token or secret"))
