"""Biometric templates and images: records of ISO 19794 and ANSI 378, WSQ images, and values that a key names."""

import re
from collections.abc import Iterator

from harness.detectors._biometric_records import RECORDS, record
from harness.detectors.base import Cue, Detector, Keyed, Match, Window

_NAMES = (
    rb"(?i:finger_?(?:print)?s?_?(?:template|tpl|minutia|feature|embedding|vector|image|img|data|scan|bitmap|wsq"
    rb"|iso|ansi)"
    rb"|minutiae|biometrics?_?(?:template|data|feature|embedding|vector|sample|record|blob)|fmd_?data|finger_?vein"
    rb"|face_?(?:template|embedding|encoding|vector|descriptor|feature|print|id_?template)s?|facial_?(?:embedding"
    rb"|template"
    rb"|feature|encoding|vector|descriptor)s?|iris_?(?:code|template|image|feature|scan|embedding)"
    rb"|retina_?(?:scan|template)"
    rb"|voice_?(?:print|template|embedding|feature|vector|model)s?|speaker_?(?:embedding|vector|model)"
    rb"|palm_?(?:print|vein|template)s?|hand_?geometry|(?:x|d)_?vector_?voice)"
)
_TAIL = rb"(?i:_?(?:base_?64|b64|hex|bytes|bin|raw|data|string|value|v)?[0-9]{0,3})"
_NUMBER = rb"-?[0-9]{1,3}\.[0-9]{3,18}(?:[eE]-?[0-9]{1,3})?"
_KEYS = Keyed(_NAMES, rb"[A-Za-z0-9+/\-\[]", tail=_TAIL)
_VECTOR = re.compile(
    rb"\[?[ \t\r\n]*%b(?:[ \t\r\n]*[,; ][ \t\r\n]*%b){7,4095}" % (_NUMBER, _NUMBER.replace(b"{3,18}", b"{1,18}"))
)
_ONE = re.compile(_NUMBER + rb"(?![0-9A-Za-z.])")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){32,65536}(?![A-Za-z0-9+/])")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9_\-]|\\?[+/]){40,131072}={0,2}(?![A-Za-z0-9])")
_OWN = re.compile(_NAMES + _TAIL)
_WORDY = re.compile(rb"[A-Za-z]+(?:[_\-/][A-Za-z]+)+")


class Biometric(Detector):
    """A record that a sensor or a matcher made of a body: by its header, or under a key that says so.

    Confidence: 0.99 a record of ISO 19794 or ANSI 378 whose length and counts fit, 0.8 where only its beginning is
    there; 0.97 a WSQ image up to its frame; 0.9 a template in Base64, hex or numbers under a key that names one, 0.6
    one number of such a row that is a value of its own. A digest of something else that is called a fingerprint (of a
    build, a certificate, a browser) has other keys and no such header.
    """

    type = "BIOMETRIC"
    title = "Biometric template or image"
    cues = (
        Cue(rb"(?:F(?:MR|IR|AC)|IIR)\x00[ 0][0-3]0\x00", before=16, after=8),
        Cue(rb"(?:Rk1S|RklS|RkFD|SUlS)A[CD]A[xyz]MAA", before=16, after=8),
        Cue(rb"(?:464d52|464952|464143|494952)00(?:2032|303[1-3])3000", before=24, after=8, caseless=True),
        Cue(rb"\xff\xa0\xff[\xa2\xa4-\xa8]", before=8, after=8),
        Cue(rb"\\?/6D\\?/(?:qA|p[AQg]|og)", before=12, after=8),
        Cue(rb"ffa0ffa[24568]", before=12, after=8, caseless=True),
        Cue(rb"\x02\x01[\x01-\x0a]\x7f\x60", before=16, after=8),
        Cue(rb"SS21\x00\x00|TUzIxAAA|535332310000", before=20, after=8),
        _KEYS.cue(after=768),
        Cue(rb"(?:%b)%b\x1f" % (_NAMES, _TAIL), before=4, after=64),
    )
    pattern = re.compile(RECORDS.pattern + rb"|%b|[A-Za-z0-9+/_\-]{40,}" % _NUMBER, re.DOTALL)
    telling = (
        rb"finger_?(?:print)?_?(?:temp|min|im|data|scan)|biometric|face_?(?:temp|emb|enc|vec|desc|feat|print)"
        rb"|facial_?"
        rb"|iris_|voice_?(?:p|t|e)|palm_?|minutiae"
    )
    examples = (
        "Rk1SACAyMAAAAAAkAAABPAFiAMUAxQEAAABQAUBAADAAAAAA",
        "Rk1SACAyMAAAAAEIAAABPAFiAMUAxQEAAAAoJw==",
        "464d520020323000000000240000013c016200c500c50100000050014040003000000000",
        (
            "FMR\x00 20\x00\x00\x00\x00\x24\x00\x00\x01\x3c\x01\x62\x00\x31\x01\x31\x01\x00\x00\x00\x50\x01"
            "\x40\x40\x00\x40\x00\x30\x00\x00\x00\x00"
        ),
        '{"face_embedding":"[0.0123,-0.2345,0.3456,0.1111,-0.9821,0.2210,0.5012,-0.0421]"}',
        "fingerprint_template=QkFTRTY0IG9mIGEgdGVtcGxhdGUsIG5vdCBvZiBhbnlib2R5IGF0IGFsbA",
        "voiceprint: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "iris_code&quot;:&quot;c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2",
        "face_vector=0.123456",
        "/6D/qAB6TklTVF9DT00gOQpQSVhfV0lEVEggMzAwCg==",
    )
    counterexamples = (
        "google/sdk_gphone64/emu64a:14/UE1A.230829/11228894:user/release-keys",
        "fingerprint=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDKwFMdlBkjQFpmRKo",
        "fingerprint_enabled=true",
        "Rk1SACAyMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "FMR 20",
        "face_embedding_model=facenet_mobile_v2_quantized_with_a_long_name_here",
        "fingerprint_data=null",
        "browser_fingerprint=d41d8cd98f00b204e9800998ecf8427e",
        "biometric_data_collection=false",
        "interface_vector=0.12",
    )
    reach = 1 << 16

    def confirm(self, window: Window) -> Iterator[Match]:
        """Records by their header first, then what a key names."""
        limit = min(window.ceiling, window.end + 64)
        free = window.floor
        for found in RECORDS.finditer(window.buffer, max(window.floor, window.start), limit):
            if free <= found.start() < window.end:
                match = record(window.buffer, found, window.ceiling)
                if match is not None:
                    free = match.end
                    yield match
        for _, at in _KEYS.values(window):
            if at >= free and not RECORDS.match(window.buffer, at, limit):
                match = _named(window, at)
                if match is not None:
                    free = match.end
                    yield match
        if free == window.floor and (blob := _blob(window)):
            yield blob


def _named(window: Window, at: int) -> Match | None:
    """A template in characters, or numbers, behind a key that names one."""
    buffer, ceiling = window.buffer, window.ceiling
    told = "the key names a biometric template"
    if vector := _VECTOR.match(buffer, at, ceiling):
        return Match(at, vector.end(), 0.9, ("a row of numbers as matchers compare them", told))
    if (one := _ONE.match(buffer, at, ceiling)) and one.end() == ceiling:
        return Match(at, one.end(), 0.6, ("one number of a row as matchers compare them", told))
    if run := _HEX.match(buffer, at, ceiling):
        return Match(at, run.end(), 0.9, ("hexadecimal digits of 32 bytes or more", told))
    run = _BASE64.match(buffer, at, ceiling)
    if (
        run is None
        or _WORDY.fullmatch(run[0])
        or not re.search(rb"[A-Z]", run[0])
        or not re.search(rb"[a-z]", run[0])
    ):
        return None
    return Match(at, run.end(), 0.9, ("Base64 of 30 bytes or more", told))


def _blob(window: Window) -> Match | None:
    """Bytes that are no text, as a database has them under such a name."""
    own = window.key.rpartition(b".")[2]
    begin = window.floor + len(window.key) + 1
    if not own or not _OWN.fullmatch(own) or window.start != begin or window.ceiling - begin < 64:
        return None
    head = bytes(window.buffer[begin : begin + 256])
    if len(head.translate(None, _PRINTED)) * 4 < len(head):
        return None
    return Match(begin, window.ceiling, 0.85, ("bytes that are no text", "the key names a biometric template"))


_PRINTED = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
