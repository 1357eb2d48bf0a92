"""Whether what stands under a key that names a secret is one: no label, no placeholder, no digest, no setting."""

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from harness.model import Buffer

__all__ = ["NOT_A_SECRET_KEY", "bare_value", "is_drawn", "is_encoded", "is_placeholder"]

NOT_A_SECRET_KEY = re.compile(
    rb"hint|label|title|error|invalid|regex|pattern|polic|strength|length|(?:^|[_.\-])(?:min|max|len|size|count"
    rb"|num)|requir"
    rb"|enabled|disabled|reset|forgot|chang|expir|_at\b|date|time|url|uri|link|endpoint|field|placeholder|text"
    rb"|message|_msg"
    rb"|type|visib|attempt|_id\b|name|confirm_?btn|button|screen|view|activity|fragment|dialog|layout|icon"
    rb"|color|alias|path"
    rb"|file|dir\b|status|state|valid|is_|has_|show|hash|digest|checksum|fingerprint|algorithm|manager|service"
    rb"|provider"
    rb"|version|flag|mode|pass(?:port|eng|ive|age|es|ed|ing|ion)|format|saved|remember|autofill|email|phone"
    rb"|user|prompt|summary|desc|toggle|help|public|scope"
)
"""What else of a password is stored: how long it has to be, when it was changed, what the screen says."""

_PLACEHOLDER = re.compile(
    rb"(?i)(?:null|nil|none|true|false|yes|no|undefined|unknown|empty|default|n/?a|nan|pass(?:word|wd|phrase"
    rb"|code)?s?|pwd|secret"
    rb"|token|key|api_?-?key|credentials?|string|str|char|text|int|integer|boolean|bytes?|value|type|required"
    rb"|optional|hidden"
    rb"|masked|redacted|removed|filtered|encrypted|protected|private|public|secure|disabled|enabled|invalid"
    rb"|expired|missing"
    rb"|changed|updated|not[ _\-]?set|unset|todo|tbd|fixme|dummy|sample|example|placeholder|bearer|basic"
    rb"|oauth2?|jwt|success"
    rb"|failed|error|ok|change[_\-]?(?:me|it|this)|(?:your|my|enter|insert|put|replace|use|some|the|new|old"
    rb"|confirm|forgot|reset"
    rb"|create|update|set|get|add|test)[ _\-].{0,60}|.{0,20}(?:goes|go)[ _\-]here|.{0,30}[_\-]here|x+|\*+|\.+"
    rb"|-+|_+|0+"
    rb"|incorrect|wrong|correct|match(?:es)?|mismatch|weak|strong|accepted|verified|entered|rejected|blank"
    rb"|present|mandatory"
    rb"|function|return|lambda|self|this|object|class|undefined|request|response|config|params?|input|args?)"
)
_TEMPLATE = re.compile(
    rb"\$\{|\{\{|\}\}|<%|%>|%\(|^%[0-9$]*[sd@]$|\$\(|\{[a-z_]{0,24}\}|^@[a-z]{2,10}/|^[<\[(].{0,60}[>\])]$|\[object"
    rb"|[a-z]\(|\x00"
    rb"|^\$[A-Z_]{3,}$|^process\.env|^os\.|^self\.|^this\.|^[a-z_]{2,20}\.[a-z_]{2,20}\.?[a-z_]*$|(?:\*"
    rb"|\xe2\x80\xa2|\xe2\x97\x8f){3}"
)
_DIGEST = re.compile(
    rb"\$(?:2[abxy]|argon2(?:id|i|d)|5|6|1|pbkdf2[a-z0-9\-]*|scrypt)\$|pbkdf2_|(?:sha[0-9]{1,3}|md5)[:$-]|\{SSHA"
)
_LONGEST = 512
_QUOTES = b"\"'"
_STOP = re.compile(
    rb"[\s<>\"'\x00-\x1f\x7f]|&(?:quot|amp|lt|gt|#)|\\[\"'nrt]|[,;&](?=[\s\"'A-Za-z_\[{]|\Z)|[)}\]]+(?=[\s,;]|\Z)"
)
_DECODED_STOP = re.compile(rb"[\r\n\x00-\x08\x0b-\x1f]")
_MARKUP = re.compile(rb"[<\x00-\x1f]")
_SYMBOLS = b"!#$%^*@~+?./|_-({"


def bare_value(buffer: Buffer, at: int, floor: int, ceiling: int) -> tuple[int, int]:
    """Where a value begins that was found at its first letter or digit, and where it ends: at the quote that it began
    with, at the end of a decoded value, or else at what ends a word."""
    start = at
    while start > floor and buffer[start - 1] in _SYMBOLS and at - start < 6:
        start -= 1
    limit = min(ceiling, start + _LONGEST)
    before = bytes(buffer[max(floor, start - 1) : start])
    if before == b"\x1f":
        stop = _DECODED_STOP.search(buffer, start, limit)
        return start, stop.start() if stop else limit
    if before == b">":
        stop = _MARKUP.search(buffer, start, limit)
        return start, stop.start() if stop else limit
    if before and before in _QUOTES:
        close = bytes(buffer[start:limit]).find(before)
        if close >= 0:
            escaped = buffer[start + close - 1] == 0x5C  # \"…\" in a text within a text
            return start, start + close - escaped
    stop = _STOP.search(buffer, start, limit)
    return start, stop.start() if stop else limit


def is_placeholder(value: bytes) -> bool:
    """Whether it is a word that stands for a secret, a template that is filled in later, or a digest of one."""
    text = value.strip()
    if len(set(text)) < 3 or _PLACEHOLDER.fullmatch(text) or _TEMPLATE.search(text) or _DIGEST.match(text):
        return True
    return text.count(b" ") > 4 or re.fullmatch(rb"[0-9]{1,3}(?:\.[0-9]+)?", text) is not None


def is_drawn(value: bytes) -> bool:
    """Whether characters look drawn at random: letters and digits, as varied as a key is and a word is not."""
    counts = Counter(value)
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    kinds = sum(bool(re.search(kind, value)) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
    return kinds >= 2 and bits > (2.8 if re.fullmatch(rb"[0-9a-fA-F\-]+", value) else 3.2)


def is_encoded(value: bytes) -> bool:
    """Whether it is Base64 or hex digits of text, or of what is packed: that is what it holds, and is looked into."""
    for inner in _inner(value):
        if inner.startswith((b"\x1f\x8b", b"\x78\x9c")) or (inner.isascii() and inner.decode("ascii").isprintable()):
            return True
    return False


def _inner(value: bytes) -> Iterator[bytes]:
    text = value.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    with suppress(binascii.Error, ValueError):
        yield base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    with suppress(binascii.Error, ValueError):
        yield binascii.unhexlify(value)
