"""Email addresses (RFC 5321 and 6531), told from the many other things that have an at sign in them."""

import re
from collections.abc import Iterator

from harness.detectors.base import Cue, Detector, Match, Window
from harness.model import MaskRule

_AT = re.compile(rb"(?i:@|%(?:25)?40)")
_DOMAIN = re.compile(rb"[A-Za-z0-9.\-\x80-\xff]{3,253}")
_TLD = re.compile(rb"(?:[Xx][Nn]--[A-Za-z0-9\-]{2,59}|[A-Z]?[a-z]{1,23}|[A-Z]{2,24})(?P<rest>.*)", re.DOTALL)
_MASTHEAD = re.compile(rb"://[^/?#\s\x00-\x1f]{0,64}\Z")
_REPOSITORY = re.compile(rb":[A-Za-z0-9._~/+\-]{1,200}\.git(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"(?i)(?:%(?:25)?(?!2[BDE]|5F)[0-9a-f]{2})")

_LOCAL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-'" + bytes(range(0x80, 0x100))
_LOCAL_MAX = 64

_WELL_KNOWN = frozenset(
    b"com org net edu gov mil int info biz io co app dev test example invalid uk de fr nl eu us ca au in jp cn ru br "
    b"it es ch at se no dk fi pl".split()
)
"""Ends that are believed even where the next value touches them, as in a database row."""
_EXTENSIONS = frozenset(
    b"aab aar apk bak bin bmp cfg class conf css csv dat db dex dll dylib exe framework gif gradle gz heic htm html "
    b"ico ini jar java jpeg jpg js json jsx kt kts lib lock log map nib obj odex otf pdf plist png properties proto "
    b"rar sqlite svg swift tar tmp ts tsx ttf txt vdex wav webp woff woff2 xml yaml yml".split()
)
"""Ends of file names that are no top-level domain; `so` is both, and judged by what is before it."""
_NOT_PEOPLE = frozenset(b"this super return break continue".split())
"""Kotlin labels: `this@MainActivity.window`."""
_ROLES = frozenset(
    b"abuse admin contact help hostmaster info mailer-daemon marketing no-reply noc noreply notifications postmaster "
    b"privacy sales security support team webmaster".split()
)
_DENSITY = re.compile(rb"(?i)[1-9](?:\.\d)?x(?:[~\-_][a-z0-9~\-_]*)?\Z")
_OBJECT_ID = re.compile(rb"(?=[a-f]*[0-9])[0-9a-f]{4,8}\Z")


_FIRST_LABEL = (
    rb"(?:(?:[a-z\x80-\xff]|[0-9]{1,30}(?:[a-wyz\-\x80-\xff]|x[a-z0-9\-\x80-\xff]))[a-z0-9\-\x80-\xff]{0,62}"
    rb"\.[a-z0-9\x80-\xff]|[0-9]{1,30}\.[a-z\x80-\xff])"
)
"""Up to the first dot and one more: neither `2x.` as in names of images nor `18.2` as in versions."""


class Email(Detector):
    """A mailbox: local part, at sign, domain with a top-level label.

    Confidence: 0.98 an address; 0.9 one whose end was found only because the next value begins with another kind of
    character; 0.6 a role (`support@`), which is no person.
    """

    type = "EMAIL"
    title = "Email address"
    cues = (
        Cue(
            rb"[a-z0-9_+\-\x80-\xff]@" + _FIRST_LABEL,
            before=136,
            after=190,
            caseless=True,
            reason="all that every address has is one sign; what surrounds it keeps pictures' names out",
        ),
        Cue(rb"%(?:25)?40[a-z0-9\x80-\xff]", before=72, after=254, caseless=True),
    )
    pattern = re.compile(rb"(?i:@|%(?:25)?40)[A-Za-z0-9\x80-\xff][A-Za-z0-9\-\x80-\xff]{0,62}\.[A-Za-z0-9\x80-\xff]")
    """From the at sign on; the local part is read backwards, which is what keeps it linear."""
    telling = rb"e_?mail"
    mask = MaskRule.DOMAIN
    # Random bytes hold an address (six bytes: `u@c.cm`) every 20 MB. In 10 GB there are 10^10 * (95/256)^16 = 1,300
    # rows of 16 printable characters, and one row in 6,000 holds an address (16/95 have an at sign, and 0.1% of those
    # are in order): 0.2 in 10 GB. Of 14 characters it were 1.4.
    least_in_noise = 16
    examples = (
        "jane.doe@example.org",
        '{"email":"j+news@mail.example.co.uk","n":1}',
        "Contact <o'brien@example.test>, please.",
        "https://api.example.org/u?mail=jane%40example.org&x=1",
        "mailto:JANE@EXAMPLE.COM",
        "jörg@bücher.example",
        "user_1@xn--bcher-kva.example",
        "rowid7jane@example.com+14155550132",
        "jane@example.comJane Doe",
        "email=jane@163.com;",
        "next=%2Fu%3Fmail%3Djane%2540example.org",
        "联系jane@example.org谢谢",
        "files/jane@example.org.json",
    )
    counterexamples = (
        "icon@2x.png",
        "Default-568h@2x~iphone.png",
        "react@18.2.0",
        "npm:com.example.lib@1.2.3-beta.rc",
        "java.lang.Object@1a2b3c",
        "com.example.Job@1a2b3c.run",
        "user@localhost",
        "https://user:secret@host.example.org/path",
        "this@MainActivity.window",
        "@example.org",
        "jane@@example.org",
        "x@y.z.0",
        "libfoo@1.so",
        "jane@-example-.org",
        "bundle@main.js",
        "git@github.com:foo/bar.git",
        "url = deploy@code.example.org:mobile/app.git",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Reads both ways from every at sign in the window."""
        for at in _AT.finditer(window.buffer, window.start, window.end):
            domain = _domain(window, at.end())
            if not domain:
                continue
            start = _local_start(window, at.start())
            if start == at.start():
                continue
            end = at.end() + len(domain)
            judged = self.judge(bytes(window.buffer[start:end]), window, start, end)
            if judged is not None:
                yield Match(start, end, *judged)

    def judge(self, value: bytes, window: Window, start: int, end: int) -> tuple[float, tuple[str, ...]] | None:
        """Sorts out versions, images, object ids, code and the user part of addresses on the web."""
        local, domain = _parts(value)
        if _is_lookalike(local, domain):
            return None
        before = bytes(window.buffer[max(window.floor, start - 72) : start])
        if _MASTHEAD.search(before):
            return None  # the user of a host, as in https://user@host/
        follower = bytes(window.buffer[end : min(window.ceiling, end + 1)])
        if follower == b":" and (local == b"git" or _REPOSITORY.match(window.buffer, end, window.ceiling)):
            return None  # where a repository is, as ssh has it: user@host:path
        if local in _ROLES:
            return 0.6, ("has the form of an email address", "is a role, not a person")
        if follower.isalnum() or follower >= b"\x80" or follower == b"-":
            return 0.9, ("has the form of an email address", "touches what follows")
        return 0.98, ("has the form of an email address",)

    def normalise(self, value: bytes) -> bytes:
        """Lower case, without percent encoding."""
        return re.sub(rb"(?i)%(?:25)?(2[BDE]|5F|40)", lambda m: bytes([int(m[1], 16)]), value.strip()).lower()


def _parts(value: bytes) -> tuple[bytes, bytes]:
    local, domain = _AT.split(value, maxsplit=1)
    return local.lower(), domain


def _is_lookalike(local: bytes, domain: bytes) -> bool:
    labels = domain.lower().split(b".")
    first, last = labels[0], labels[-1]
    if last in _EXTENSIONS or local in _NOT_PEOPLE or local[-1:] in b".%'" or b".." in local:
        return True
    if first.isdigit() and len(labels) > 2 and labels[1][:1].isdigit():
        return True  # a version
    if first[:1].isdigit() and last == b"so":
        return True
    if len(labels) == 2 and _DENSITY.match(first) and not first.isdigit():
        return True
    # Java's default toString: a class, and the object's hash
    return len(labels) == 2 and bool(_OBJECT_ID.match(first)) and b"." in local


def _domain(window: Window, at: int) -> bytes:
    """The longest domain that begins there; empty where none does."""
    found = _DOMAIN.match(window.buffer, at, min(window.ceiling, at + 254))
    if found is None:
        return b""
    labels = found[0].split(b".")
    for last in range(len(labels) - 1, 0, -1):
        top = _top_level(labels[last])
        if top.lower() in _EXTENSIONS and labels[last - 1].lower() in _WELL_KNOWN and last > 1:
            continue  # a file called after its owner: jane@example.org.json
        if top and all(_is_label(each) for each in labels[:last]):
            return b".".join([*labels[:last], top])
    return b""


def _is_label(label: bytes) -> bool:
    if not 1 <= len(label) <= 63 or label[0] == 45 or label[-1] == 45:
        return False
    return label.isascii() or _is_words(label)


def _is_words(label: bytes) -> bool:
    try:
        text = label.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return text.replace("-", "").isalnum()


def _top_level(label: bytes) -> bytes:
    """The part of the last label that is a top-level domain."""
    if label and label[0] >= 0x80:
        return label if len(label) <= 63 and _is_words(label) and len(label.decode()) >= 2 else b""
    found = _TLD.fullmatch(label)
    if found is None:
        return b""
    top = label[: len(label) - len(found["rest"])]
    if found["rest"] >= b"\x80" and top.lower() not in _WELL_KNOWN:
        return label if len(label) <= 63 and _is_words(label) else b""  # letters that only look Latin
    if len(top) < 2 or (found["rest"] and top.lower() not in _WELL_KNOWN):
        return b""
    return top


def _local_start(window: Window, at: int) -> int:
    """Where the local part that ends there begins."""
    low = max(window.floor, at - _LOCAL_MAX)
    before = bytes(window.buffer[low:at])
    local = before[len(before.rstrip(_LOCAL)) :]
    escaped = [found.end() for found in _ESCAPED.finditer(local)]
    if escaped:
        local = local[escaped[-1] :]
    local = _same_script(local)
    start = at - len(local)
    # `\njane@` in text that is escaped but was not decoded
    if local[:1] in (b"n", b"r", b"t") and start > window.floor and window.buffer[start - 1] == 0x5C:
        local = local[1:]
    return at - len(local.lstrip(b"._%+-'"))


def _same_script(local: bytes) -> bytes:
    """What is written in one script: an address stands without a blank in Chinese text."""
    if local.isascii():
        return local
    text = local.decode("utf-8", "replace")
    latin = text[-1] < "\u0250"
    for index in range(len(text) - 1, -1, -1):
        char = text[index]
        ascii_mark = char in "0123456789._%+-'"
        if not ascii_mark and (not char.isalpha() or (char < "\u0250") != latin):
            return text[index + 1 :].encode("utf-8")
    return text.encode("utf-8")
