"""Web tokens (JWT, RFC 7519): a header and claims in Base64, which anybody can read, and a signature."""

import binascii
import re

from harness.encodings.runs import Run, is_text
from harness.model import Buffer

__all__ = ["TOKEN", "token_at"]

_BEGIN = rb"ey[AJ][A-Za-z0-9_\-]"
"""`{"`, or `{ `."""
TOKEN = re.compile(rb"(?<![A-Za-z0-9_\-])%b{8,4096}\.%b{2,}" % (_BEGIN, _BEGIN))
_PARTS = re.compile(rb"([A-Za-z0-9_\-]+)\.([A-Za-z0-9_\-]+)(?:\.[A-Za-z0-9_\-]*)?")
_HEADER, _CLAIMS = b'{"header":', b',"claims":'


def token_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The token that begins at `at`, as one document of both its parts; None where they are no JSON."""
    del floor
    found = _PARTS.match(buffer, at, min(ceiling, at + 2 * limit))
    if found is None:
        return None
    header, claims = (_decoded(part) for part in found.groups())
    if not (_is_object(header) and _is_object(claims)) or len(header) + len(claims) > limit:
        return None
    data = _HEADER + header + _CLAIMS + claims + b"}"
    first = len(_HEADER)
    second = first + len(header) + len(_CLAIMS)
    return Run("jwt", at, found.end(), data, ((first, 0), (second, found.start(2) - at)))


def _decoded(part: bytes) -> bytes:
    if len(part) % 4 == 1:
        return b""
    return binascii.a2b_base64(part.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(part) % 4))


def _is_object(data: bytes) -> bool:
    return data.startswith(b"{") and data.rstrip().endswith(b"}") and is_text(data)
