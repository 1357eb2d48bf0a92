"""`keystore_cli_v2`: the keystore from a shell. The keys are those of the uid that asks, and of nobody else.

Unlike Android's own, it reads standard input and writes standard output instead of files.
"""

import os

from harness.emulators.android.framework.request import BadCall, Request
from harness.emulators.android.keystore import LARGEST, Operation, Refusal

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


async def run(request: Request) -> int:
    """Do one of list, encrypt and decrypt."""
    operation = {"list": Operation.LIST, "encrypt": Operation.SEAL, "decrypt": Operation.OPEN}.get(
        "".join(request.arguments[:1])
    )
    if operation is None:
        raise BadCall("Usage: keystore_cli_v2 list | encrypt --name=<key_name> | decrypt --name=<key_name>", code=1)
    keystore = request.system.keystore
    if keystore is None:
        raise BadCall("Failed to connect to the keystore", code=1)
    alias = next((word[7:] for word in request.arguments if word.startswith("--name=")), "")
    payload = b"" if operation is Operation.LIST else await request.standard_input(LARGEST + 1)
    if operation is Operation.SEAL:
        payload = os.urandom(12) + payload
    owner = request.system.owner(request.uid)
    refusal, result = keystore.answer(owner.owner if owner else None, operation, alias, payload)
    if refusal is not None:
        raise BadCall(f"Keystore error: Error::Rc({refusal}) (code {_CODES[refusal]})", code=1)
    return await request.answer(result)
