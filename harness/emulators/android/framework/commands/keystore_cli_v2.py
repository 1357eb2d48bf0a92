"""`keystore_cli_v2`: the keystore from a shell. The keys are those of the uid that asks, and of nobody else.

Unlike Android's own, it reads standard input and writes standard output instead of files. With `--words` it opens
many at a time: words in Base64 in, lines in Base64 out, or `!` and the name of a refusal.
"""

import base64
import binascii
import os

from harness.emulators.android.framework.request import BadCall, Request
from harness.emulators.android.keystore import LARGEST, Keystore, Operation, Refusal

__all__ = ["run"]

_CODES = {
    Refusal.LOCKED: 2,
    Refusal.SYSTEM_ERROR: 4,
    Refusal.PERMISSION_DENIED: 6,
    Refusal.KEY_NOT_FOUND: 7,
    Refusal.VERIFICATION_FAILED: -30,
    Refusal.INVALID_INPUT: -21,
}
"""`ResponseCode.aidl`; negative ones are KeyMint's `ErrorCode.aidl`."""
_USAGE = "keystore_cli_v2 list | encrypt --name=<key_name> | decrypt --name=<key_name> [--words]"


async def run(request: Request) -> int:
    """Do one of list, encrypt and decrypt."""
    operation = {"list": Operation.LIST, "encrypt": Operation.SEAL, "decrypt": Operation.OPEN}.get(
        "".join(request.arguments[:1])
    )
    if operation is None:
        raise BadCall(f"Usage: {_USAGE}", code=1)
    keystore = request.system.keystore
    if keystore is None:
        raise BadCall("Failed to connect to the keystore", code=1)
    alias = next((word[7:] for word in request.arguments if word.startswith("--name=")), "")
    payload = b"" if operation is Operation.LIST else await request.standard_input(LARGEST + 1)
    if operation is Operation.SEAL:
        payload = os.urandom(12) + payload
    known = request.system.owner(request.uid)
    owner = known.owner if known else None
    if operation is Operation.OPEN and "--words" in request.arguments:
        return await request.answer(b"".join(_line(keystore, owner, alias, word) for word in payload.split()))
    refusal, result = keystore.answer(owner, operation, alias, payload)
    if refusal is not None:
        raise BadCall(f"Keystore error: Error::Rc({refusal}) (code {_CODES[refusal]})", code=1)
    return await request.answer(result)


def _line(keystore: Keystore, owner: str | None, alias: str, word: bytes) -> bytes:
    """What one word opens to."""
    try:
        sealed = base64.b64decode(word, validate=True)
    except binascii.Error:
        return f"!{Refusal.INVALID_INPUT}\n".encode()
    refusal, result = keystore.answer(owner, Operation.OPEN, alias, sealed)
    return f"!{refusal}\n".encode() if refusal is not None else base64.b64encode(result) + b"\n"
