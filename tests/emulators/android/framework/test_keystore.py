"""The keystore of a device: a key is used by its owner's uid, never shown, and nobody else's to use."""

import asyncio
import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.keystore import LARGEST, Keystore, KeystoreClient, Refusal
from harness.errors import AccessDenied, DeviceError
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox
from tests.emulators.android.framework.conftest import Maker, Phone, as_uid

NONCE = bytes(range(12))


def _sandbox() -> Sandbox:
    sandbox = Sandbox(load_profile("android-14-stock"), seed=b"test")
    sandbox.install(App(package="com.example.shop", uid=10123))
    return sandbox


@given(plain=st.binary(max_size=300), alias=st.text(max_size=40))
def test_what_is_sealed_opens_and_is_the_vaults(plain: bytes, alias: str) -> None:
    """The same bytes as the device in memory makes: what was sealed before the start opens in the running device."""
    sandbox = _sandbox()
    keystore = Keystore(sandbox.keys)
    sealed = sandbox.sealer("com.example.shop").seal(alias, plain, nonce=NONCE)

    assert keystore.answer("com.example.shop", "seal", alias, NONCE + plain) == (None, sealed)
    assert keystore.answer("com.example.shop", "open", alias, sealed) == (None, plain)


@pytest.mark.parametrize(
    ("owner", "operation", "alias", "payload", "refusal"),
    [
        (None, "seal", "k", NONCE, Refusal.PERMISSION_DENIED),
        ("com.example.notes", "open", "k", NONCE + bytes(16), Refusal.KEY_NOT_FOUND),
        ("com.example.shop", "open", "unknown", NONCE + bytes(16), Refusal.KEY_NOT_FOUND),
        ("com.example.shop", "open", "k", NONCE + bytes(16), Refusal.VERIFICATION_FAILED),
        ("com.example.shop", "open", "k", b"short", Refusal.VERIFICATION_FAILED),
        ("com.example.shop", "seal", "k", b"short", Refusal.INVALID_INPUT),
        ("com.example.shop", "export", "k", b"", Refusal.INVALID_INPUT),
        ("com.example.shop", "seal", "k" * 300, NONCE, Refusal.INVALID_INPUT),
        ("com.example.shop", "seal", "k", bytes(LARGEST + 1), Refusal.INVALID_INPUT),
    ],
)
def test_refusals(owner: str | None, operation: str, alias: str, payload: bytes, refusal: Refusal) -> None:
    """Each for its own reason, and none with a byte of result."""
    keystore = Keystore(_sandbox().keys)
    keystore.answer("com.example.shop", "seal", "k", NONCE)

    assert keystore.answer(owner, operation, alias, payload) == (refusal, b"")


def test_a_locked_device_refuses() -> None:
    """Before the first unlock no app has its keys."""
    sandbox = _sandbox()
    keystore = Keystore(sandbox.keys)
    _, sealed = keystore.answer("com.example.shop", "seal", "k", NONCE + b"plain")
    sandbox.boot()

    assert keystore.answer("com.example.shop", "open", "k", sealed) == (Refusal.LOCKED, b"")


def test_two_uids_and_one_key(phone: Maker) -> None:
    """Over the socket, from processes of two apps, of the shell and of root: one of them has the key."""

    async def scene(phone: Phone) -> None:
        client = KeystoreClient(str(phone.socket))
        given, sink = os.pipe()

        def seal() -> int:
            os.write(sink, client.seal("token", b"of the shop", nonce=NONCE))
            return 0 if client.aliases() == ("token",) else 1

        assert await _as(phone, 10123, seal, sink) == 0
        sealed = os.read(given, 4096)

        def opens() -> int:
            return 0 if client.open("token", sealed) == b"of the shop" else 1

        def is_denied() -> int:
            try:
                client.open("token", sealed)
            except AccessDenied:
                return 0
            return 1

        assert await _as(phone, 10123, opens) == 0
        for uid in (10124, 2000, 0, 1000):
            assert await _as(phone, uid, is_denied) == 0
        os.close(given)
        os.close(sink)

    phone(scene)


def test_large_and_damaged_requests(phone: Maker) -> None:
    """A megabyte goes through; what was sealed with another key fails without a word of it."""

    async def scene(phone: Phone) -> None:
        client = KeystoreClient(str(phone.socket))

        def large() -> int:
            plain = bytes(range(256)) * 4096
            return 0 if client.open("k", client.seal("k", plain, nonce=NONCE)) == plain else 1

        def damaged() -> int:
            sealed = client.seal("k", b"plain", nonce=NONCE)
            try:
                client.open("other", client.seal("other", b"", nonce=NONCE)[:12] + sealed[12:])
            except DeviceError:
                return 0
            return 1

        assert await _as(phone, 10123, large) == 0
        assert await _as(phone, 10123, damaged) == 0

    phone(scene)


def test_a_removed_app_leaves_no_key(phone: Maker) -> None:
    """Nor does a cleared one: what it sealed stays sealed."""

    async def scene(phone: Phone) -> None:
        sealed = await phone.call("keystore_cli_v2", "encrypt", "--name=k", uid=10123, stdin=b"plain")
        await phone.call("pm", "clear", "com.example.shop")
        said = await phone.call("keystore_cli_v2", "decrypt", "--name=k", uid=10123, stdin=sealed.out)

        assert said.error == "Keystore error: Error::Rc(KEY_NOT_FOUND) (code 7)\n"

    phone(scene)


async def _as(phone: Phone, uid: int, work: object, *keep: int) -> int:
    pid = phone.programs.fork(as_uid(uid), work, keep)  # type: ignore[arg-type]
    return await asyncio.wait_for(phone.programs.exit_of(pid), 10)


def test_a_request_is_sent_at_once(tmp_path: Path) -> None:
    """Where its payload is empty, the keystore may have answered and gone before a second send, which would end the
    asking process."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "emud"))
        listener.listen(1)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                asked.append(connection.recv(4096))
                connection.sendall(b"ok 6\nsealed")

        server = threading.Thread(target=answer)
        server.start()
        told = KeystoreClient(str(tmp_path / "emud")).seal("token", b"of the shop", nonce=NONCE)
        server.join()

    assert told == b"sealed"
    assert asked == [b"keystore seal %s 23\n" % b"token".hex().encode() + NONCE + b"of the shop"]
