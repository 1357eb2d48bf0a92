"""Credentials that services give a form of their own, as they document it, so that leaks of them can be found."""

import base64
import binascii
import json
import re
import zlib
from dataclasses import dataclass, field

__all__ = ["CUE", "SHAPES", "Shaped", "basic_pair", "is_token_payload", "token_header"]


@dataclass(frozen=True, slots=True)
class Shaped:
    """One kind of token."""

    title: str
    form: re.Pattern[bytes] = field(repr=False)
    confidence: float = 0.95
    checksum: bool = False
    """Its last six characters are a checksum of those before, behind the first underscore."""

    def weigh(self, value: bytes) -> float:
        """How sure; one whose checksum fails was made up, or mistyped."""
        if self.checksum:
            return 0.98 if _crc_holds(value) else 0.7
        return self.confidence


_B, _E = rb"(?<![A-Za-z0-9])", rb"(?![A-Za-z0-9])"


def _shape(title: str, form: bytes, confidence: float = 0.95, *, checksum: bool = False) -> Shaped:
    return Shaped(title, re.compile(_B + form + _E), confidence, checksum)


SHAPES: tuple[Shaped, ...] = (
    _shape("AWS access key id", rb"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    _shape("GitHub token", rb"gh[pousr]_[A-Za-z0-9]{36,251}", checksum=True),
    _shape("GitHub token", rb"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _shape("GitLab token", rb"gl(?:pat|dt|rt|ft|soat|cbt|ptt)-[A-Za-z0-9_\-]{20,64}"),
    _shape("Slack token", rb"xox[abeoprs]-(?:[A-Za-z0-9]{1,2}-)?[0-9]{6,14}-[A-Za-z0-9\-]{10,180}"),
    _shape("Slack token", rb"xapp-[0-9]-[A-Z0-9]{8,16}-[0-9]{8,16}-[a-z0-9]{32,80}"),
    _shape("Slack webhook", rb"hooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,30}"),
    _shape("Stripe key", rb"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,247}"),
    _shape("Stripe webhook secret", rb"whsec_[A-Za-z0-9+/]{24,64}={0,2}"),
    _shape("Google API key", rb"AIza[A-Za-z0-9_\-]{35}(?![_\-])", 0.8),
    _shape("Google OAuth token", rb"ya29\.[A-Za-z0-9_\-]{20,1024}"),
    _shape("Google refresh token", rb"1//0[A-Za-z0-9_\-]{30,256}"),
    _shape("Google client secret", rb"GOCSPX-[A-Za-z0-9_\-]{28}"),
    _shape("Firebase server key", rb"AAAA[A-Za-z0-9_\-]{7}:[A-Za-z0-9_\-]{140}"),
    _shape("Twilio key", rb"SK[0-9a-f]{32}", 0.8),
    _shape("SendGrid key", rb"SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{16,64}"),
    _shape("Mailgun key", rb"key-[0-9a-f]{32}", 0.8),
    _shape("npm token", rb"npm_[A-Za-z0-9]{36}", checksum=True),
    _shape("PyPI token", rb"pypi-AgE[A-Za-z0-9_\-]{50,1000}"),
    _shape("OpenAI key", rb"sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_\-]{20,160}T3BlbkFJ[A-Za-z0-9_\-]{20,160}"),
    _shape("Anthropic key", rb"sk-ant-[a-z0-9]{3,8}-[A-Za-z0-9_\-]{80,120}"),
    _shape("Shopify token", rb"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _shape("DigitalOcean token", rb"do[opr]_v1_[0-9a-f]{64}"),
    _shape("Hugging Face token", rb"hf_[A-Za-z]{34}"),
    _shape("Square token", rb"(?:sq0(?:atp|csp)-[A-Za-z0-9_\-]{22,43}|EAAA[A-Za-z0-9_\-]{60})"),
    _shape("Facebook token", rb"EAA(?=[A-Z0-9a-f]{0,64}[g-z])[A-Za-z0-9]{80,300}"),
    _shape("Telegram bot token", rb"[0-9]{8,10}:AA[A-Za-z0-9_\-]{33}"),
    _shape("Azure storage key", rb"AccountKey=(?P<value>[A-Za-z0-9+/]{86}==)"),
    _shape("Atlassian token", rb"ATATT3xFf[A-Za-z0-9_\-=]{100,240}"),
    _shape("Postman key", rb"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _shape("Dropbox token", rb"sl\.[A-Za-z0-9_\-]{130,160}"),
    _shape("Mapbox secret token", rb"sk\.eyJ[A-Za-z0-9_\-]{20,200}\.[A-Za-z0-9_\-]{20,40}"),
    _shape("Databricks token", rb"dapi[0-9a-f]{32}(?:-[0-9])?"),
    _shape("Vault token", rb"hv[sbr]\.[A-Za-z0-9_\-]{24,300}"),
)
"""Publishable keys (`pk_live_`, account ids) are no secrets and not among them."""

CUE = (
    rb"(?:(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{4}|gh[pousr]_[A-Za-z0-9]{4}|github_pat_|gl(?:pat|dt|rt|ft|soat|cbt"
    rb"|ptt)-[A-Za-z0-9_\-]"
    rb"|xox[abeoprs]-[A-Za-z0-9]|xapp-[0-9]-|hooks\.slack\.com/services/T|[sr]k_(?:live|test)_|whsec_"
    rb"|AIza[A-Za-z0-9_\-]{6}"
    rb"|ya29\.[A-Za-z0-9_\-]|1//0[A-Za-z0-9_\-]{6}|GOCSPX-|AAAA[A-Za-z0-9_\-]{7}:|SK[0-9a-f]{12}"
    rb"|SG\.[A-Za-z0-9_\-]{12}"
    rb"|key-[0-9a-f]{12}|npm_[A-Za-z0-9]{8}|pypi-AgE|T3BlbkFJ|sk-ant-|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{4}|do[opr]_v1_"
    rb"|hf_[A-Za-z]{12}|sq0(?:atp|csp)-|EAA[A-Za-z0-9_\-]{12}|:AA[A-Za-z0-9_\-]{12}|AccountKey=|ATATT3xFf"
    rb"|PMAK-[0-9a-f]{4}"
    rb"|sl\.[A-Za-z0-9_\-]{24}|sk\.eyJ|dapi[0-9a-f]{8}|hv[sbr]\.[A-Za-z0-9_\-]{12})"
)
"""The first characters of all of them; each alternative has a literal."""

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _crc_holds(value: bytes) -> bool:
    """As GitHub and npm make their tokens: a CRC-32 of the random part, in base 62, six digits."""
    body = value.partition(b"_")[2]
    crc, digits = zlib.crc32(body[:-6]), b""
    for _ in range(6):
        crc, digit = divmod(crc, 62)
        digits = _BASE62[digit : digit + 1] + digits
    return body[-6:] == digits


def token_header(value: bytes) -> dict[str, object] | None:
    """The header of a JSON web token (RFC 7519), or None where its first part is none."""
    head = _decoded(value.partition(b".")[0])
    try:
        header = json.loads(head)
    except (ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) and ("alg" in header or "enc" in header) else None


def is_token_payload(value: bytes) -> bool:
    """Whether the second part of a token is a document, too."""
    payload = _decoded(value.split(b".")[1])
    return payload[:1] == b"{" and b'"' in payload


def basic_pair(value: bytes) -> bool:
    """Whether characters are Base64 of `user:password` (RFC 7617)."""
    pair = _decoded(value)
    user, colon, word = pair.partition(b":")
    return bool(colon and user and word) and pair.decode("utf-8", "replace").isprintable()


def _decoded(part: bytes) -> bytes:
    text = part.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
