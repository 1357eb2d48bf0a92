"""Keys of ciphers and signatures: private keys in PEM, Tink keysets, raw keys under a key that names them."""

import base64
import binascii
import re
from collections.abc import Iterator

from harness.detectors._secret_words import is_drawn, is_placeholder
from harness.detectors.base import WORD, Cue, Detector, Keyed, Match, Window

_PEM = re.compile(
    rb"-----BEGIN (?P<kind>(?:[A-Z0-9]{2,12} ){0,3})PRIVATE KEY(?: BLOCK)?-----(?P<body>[A-Za-z0-9+/=\s\\:,.()]{"
    rb"16,16384})"
    rb"(?P<more>-----END (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?"
)
_SEALED = re.compile(rb"ENCRYPTED")
_OWN_FORM = re.compile(
    rb"(?<![A-Za-z0-9])(?:AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"
    rb"|[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107,108})(?![A-Za-z0-9])"
)
_TINK = re.compile(
    rb"google\.crypto\.tink\.[A-Za-z0-9]{3,40}Key\\?\"[\s\S]{0,8}\\?\"value\\?\"\s?:\s?\\?\"(?P<value>[A-Za-z0-9"
    rb"+/=]{20,4096})"
)
_JWK = re.compile(
    rb"\"kty\"\s?:\s?\"(?:oct|RSA|EC|OKP)\"[^{}]{0,1024}?\"(?:k|d)\"\s?:\s?\"(?P<value>[A-Za-z0-9_\-]{16,1024})\""
)
_KEYS = Keyed(
    rb"(?i:(?:aes|encrypt(?:ion)?|cipher|crypto|secret|private|sign(?:ing)?|hmac|master|symmetric|database|db"
    rb"|sqlcipher|realm"
    rb"|mmkv|data|content|wrapping|storage)_?-?(?:aes_?-?)?key|key_?material|raw_?key|cek|kek)|%b(?i:dek|aes)" % WORD,
    rb"[A-Za-z0-9+/_\-]{8}",
    tail=rb"(?i:[_.\-]?(?:b64|base64|hex|bytes|raw|data|value|v)?[0-9]{0,3})",
)
_RAW = re.compile(
    rb"(?:0x)?(?P<hex>[0-9a-fA-F]{64}|[0-9a-fA-F]{48}|[0-9a-fA-F]{32})(?![0-9A-Za-z+/=])"
    rb"|(?P<base64>[A-Za-z0-9+/_\-]{43}=|[A-Za-z0-9+/_\-]{32}|[A-Za-z0-9+/_\-]{22}=="
    rb"|[A-Za-z0-9+/]{86}==)(?![0-9A-Za-z+/=])"
)


_BEGIN, _FINISH = "-----BEGIN", "-----END"


class CryptoKey(Detector):
    """What opens ciphertext, or signs in somebody's name.

    Confidence: 0.98 a private key in PEM; 0.7 one that a password seals; 0.95 a key of age or of a wallet, of a
    keyset that is not encrypted, or of a JSON web key; 0.85 sixteen, 24, 32 or 64 bytes in hex or Base64, as varied
    as drawn ones, under a key that names one. Public keys and certificates are none.
    """

    type = "CRYPTO_KEY"
    title = "Cryptographic key"
    cues = (
        Cue(rb"PRIVATE KEY(?: BLOCK)?-----", before=80, after=64),
        Cue(rb"AGE-SECRET-KEY-1|[xyzt]prv[1-9A-HJ-NP-Za-km-z]{12}", before=24, after=16),
        Cue(rb"google\.crypto\.tink\.[A-Za-z0-9]{3,40}Key", before=64, after=96),
        Cue(rb"\"kty\"", before=8, after=1152),
        _KEYS.cue(after=64),
    )
    pattern = re.compile(
        rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|AGE-SECRET-KEY-1|[xyzt]prv[1-9A-HJ-NP-Za-km-z]{12}"
        rb"|(?<=[=:>\"'\x1f\s;,(])[A-Za-z0-9+/_\-]{16}"
    )
    telling = rb"(?:aes|encryption|secret|private|master|cipher|database)_?key"
    reach = 20000
    examples = (
        f"{_BEGIN} PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJ\n{_FINISH} PRIVATE KEY-----",
        f"{_BEGIN} RSA PRIVATE KEY-----\\nMIIBOgIBAAJBAKj34GkxFhD90v\\n{_FINISH} RSA PRIVATE KEY-----",
        f"{_BEGIN} OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5v\n{_FINISH} OPENSSH PRIVATE KEY-----",
        "aes_key=603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        '{"encryptionKey":"K34VFiiu0qar9xWICc9PPA=="}',
        '<string name="master_key">YD3rEBXKcb4rc67whX13gR81LAc7YQjXLZgQowkU3/Q=</string>',
        '{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"}',
        '"typeUrl":"type.googleapis.com/google.crypto.tink.AesGcmKey","value":"GhBJY3UGjHtN8mPzKs5DLrQW"',
        "dbKey&quot;:&quot;603deb1015ca71be2b73aef0857d7781&quot;",
        "AGE-SECRET-KEY-1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE",
    )
    counterexamples = (
        f"{_BEGIN} PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqow\n{_FINISH} PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----\nMIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeK",
        "key=603deb1015ca71be2b73aef0857d7781",
        "aes_key=00000000000000000000000000000000",
        "encryption_key_alias=K34VFiiu0qar9xWICc9PPA==",
        "aes_key=not_a_key_at_all",
        "public_key: 603deb1015ca71be2b73aef0857d7781",
        '{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx","e":"AQAB"}',
        "603deb1015ca71be2b73aef0857d7781",
        "the private key is in the keystore",
        "database_key=com.example.app.databasekey",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Keys that show what they are, then raw ones under telling names."""
        limit = min(window.ceiling, window.end + self.reach)
        taken: list[Match] = []
        for found in (*_framed(window, limit), *_raw(window)):
            apart = all(found.end <= each.start or each.end <= found.start for each in taken)
            if apart and window.start <= found.start < window.end:
                taken.append(found)
        yield from sorted(taken, key=lambda each: each.start)

    def normalise(self, value: bytes) -> bytes:
        """Without blanks and escaped line ends."""
        return re.sub(rb"\\[nr]|\s", b"", value)


def _framed(window: Window, limit: int) -> Iterator[Match]:
    for found in _PEM.finditer(window.buffer, window.start, limit):
        if found.start() >= window.end:
            break
        if _SEALED.search(found["kind"] + found["body"][:64]):
            yield Match(*found.span(), 0.7, ("a private key in PEM", "a password seals it"))
        else:
            yield Match(*found.span(), 0.98, ("a private key in PEM",))
    near = min(window.ceiling, window.end + 5200)
    low = max(window.floor, window.start - 128)
    for found in _OWN_FORM.finditer(window.buffer, low, near):
        yield Match(*found.span(), 0.95, ("has the form of a private key of a wallet or of age",))
    for form, what in ((_TINK, "a keyset that is not encrypted"), (_JWK, "a JSON web key")):
        for found in form.finditer(window.buffer, low, near):
            yield Match(*found.span("value"), 0.95, (f"the secret part of {what}",))


def _raw(window: Window) -> Iterator[Match]:
    for _, at in _KEYS.values(window):
        found = _RAW.match(window.buffer, at, min(window.ceiling, at + 96))
        if found is None or is_placeholder(found[0]) or not is_drawn(found[0]):
            continue
        if found["hex"] or _is_key_of_base64(found[0]):
            yield Match(*found.span(), 0.85, ("as many bytes as a key has, and as varied", "the key names one"))


def _is_key_of_base64(value: bytes) -> bool:
    try:
        raw = base64.b64decode(value.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) in (16, 24, 32, 64) and len(set(raw)) >= len(raw) * 5 // 8
