"""Keys are used on the device, by those who may, and never leave it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import AccessDenied, DeviceError
from harness.model import Access, DeviceProfile, Keystore, Platform, Protection
from harness.sandbox import App, Sandbox
from harness.sdks.base import Sealer

ANDROID = DeviceProfile(
    name="a", title="a", platform=Platform.ANDROID, os_version="14", app_root="/data/data", keystore=Keystore.TEE
)
IOS = replace(ANDROID, platform=Platform.IOS, app_root="/private/var/mobile/Containers/Data/Application")
SHOP, BANK = "com.example.shop", "com.example.bank"
NONCE = bytes(range(12))


def device(profile: DeviceProfile, seed: bytes = b"") -> Sandbox:
    sandbox = Sandbox(profile, seed=seed)
    sandbox.install(App(package=SHOP, uid=10123))
    sandbox.install(App(package=BANK, uid=10124))
    sandbox.keys.create("main", SHOP)
    return sandbox


@settings(deadline=None)
@given(st.binary(max_size=200), st.binary(min_size=12, max_size=12))
def test_what_is_sealed_opens_again(plain: bytes, nonce: bytes) -> None:
    """Nonce, ciphertext, tag: 28 bytes more, and nothing else than the same bytes back."""
    sandbox = device(ANDROID)
    sealed = sandbox.keys.seal("main", SHOP, plain, nonce=nonce)

    assert len(sealed) == len(plain) + 28
    assert sealed[:12] == nonce
    assert sandbox.keys.open("main", SHOP, sealed) == plain


def test_a_sealer_serves_sdk_models() -> None:
    """The per-app object is the port that SDK models ask for, and makes its key when it is first used."""
    sandbox = device(ANDROID)
    sealer: Sealer = sandbox.sealer(BANK)
    sealed = sealer.seal("fresh", b"plain", nonce=NONCE)

    assert sandbox.sealer(BANK).open("fresh", sealed) == b"plain"
    assert sandbox.keys.aliases(BANK) == ("fresh",)


def test_another_app_has_no_use_of_a_key() -> None:
    """The same alias of another owner is another key, or none."""
    sandbox = device(ANDROID)
    sealed = sandbox.keys.seal("main", SHOP, b"plain", nonce=NONCE)

    with pytest.raises(AccessDenied):
        sandbox.keys.open("main", BANK, sealed)
    sandbox.keys.create("main", BANK)
    with pytest.raises(DeviceError, match="another key"):
        sandbox.keys.open("main", BANK, sealed)


@pytest.mark.parametrize("access", list(Access))
@pytest.mark.parametrize(("privileged", "simulator"), [(False, False), (True, False), (False, True)])
def test_only_code_on_an_opened_device_acts_as_the_app(access: Access, privileged: bool, simulator: bool) -> None:
    """Files of a rooted device are not its keys."""
    sandbox = device(replace(IOS, privileged=privileged, simulator=simulator))
    sealed = sandbox.keys.seal("main", SHOP, b"plain", nonce=NONCE)

    if access is Access.ROOT_CODE and (privileged or simulator):
        assert sandbox.keys.open("main", SHOP, sealed, access=access) == b"plain"
    else:
        with pytest.raises(AccessDenied):
            sandbox.keys.open("main", SHOP, sealed, access=access)


@pytest.mark.parametrize(
    ("accessible", "locked", "booted"),
    [
        (Protection.COMPLETE, False, False),
        (Protection.UNLESS_OPEN, False, False),
        (Protection.UNTIL_FIRST_AUTH, True, False),
        (Protection.NONE, True, True),
    ],
)
def test_the_keychain_obeys_the_lock(accessible: Protection, locked: bool, booted: bool) -> None:
    """An iOS key is usable as its accessibility class says."""
    sandbox = device(IOS)
    sandbox.keys.create("classed", SHOP, accessible)
    sealed = sandbox.keys.seal("classed", SHOP, b"plain", nonce=NONCE)

    def usable() -> bool:
        try:
            return sandbox.keys.open("classed", SHOP, sealed) == b"plain"
        except AccessDenied:
            return False

    sandbox.lock()
    assert usable() is locked
    sandbox.boot()
    assert usable() is booted
    sandbox.unlock()
    assert usable()


def test_android_keys_wait_for_the_first_unlock() -> None:
    """Locked is enough, never unlocked is not."""
    sandbox = device(ANDROID)
    sealed = sandbox.keys.seal("main", SHOP, b"plain", nonce=NONCE)
    sandbox.lock()

    assert sandbox.keys.open("main", SHOP, sealed) == b"plain"
    sandbox.boot()
    with pytest.raises(AccessDenied, match="since boot"):
        sandbox.keys.open("main", SHOP, sealed)


@settings(deadline=None)
@given(st.data())
def test_damage_is_noticed(data: st.DataObject) -> None:
    """One changed byte, or fewer bytes, and nothing opens."""
    sandbox = device(ANDROID)
    sealed = bytearray(sandbox.keys.seal("main", SHOP, b"plain text", nonce=NONCE))
    at = data.draw(st.integers(0, len(sealed) - 1))
    cut = data.draw(st.integers(0, len(sealed) - 1))
    short = bytes(sealed[:cut])
    sealed[at] ^= data.draw(st.integers(1, 255))

    for broken in (bytes(sealed), short):
        with pytest.raises(DeviceError):
            sandbox.keys.open("main", SHOP, broken)


def test_a_removed_app_takes_its_keys_along() -> None:
    """Installed again, it finds none."""
    sandbox = device(ANDROID)
    sandbox.uninstall(SHOP)

    assert sandbox.keys.aliases(SHOP) == ()


def test_equal_seeds_give_equal_keys_and_others_do_not() -> None:
    """Runs can be repeated; two devices never share a key."""
    one, same, other = device(ANDROID, b"1"), device(ANDROID, b"1"), device(ANDROID, b"2")
    sealed = one.keys.seal("main", SHOP, b"plain", nonce=NONCE)

    assert same.keys.open("main", SHOP, sealed) == b"plain"
    with pytest.raises(DeviceError):
        other.keys.open("main", SHOP, sealed)


def test_no_keystore_no_key_and_no_short_nonce() -> None:
    """What cannot be done is said, and nothing is done."""
    with pytest.raises(DeviceError, match="no keystore"):
        Sandbox(replace(ANDROID, keystore=Keystore.NONE)).keys.create("main", SHOP)
    with pytest.raises(DeviceError, match="12 bytes"):
        device(ANDROID).keys.seal("main", SHOP, b"plain", nonce=b"short")


def test_no_repr_shows_a_key() -> None:
    """Neither the vault nor what hangs on it prints a secret."""
    sandbox = device(ANDROID)
    secret = sandbox.keys._keys[SHOP, "main"].secret

    for shown in (repr(sandbox.keys), repr(sandbox.keys._keys), repr(sandbox.sealer(SHOP))):
        assert secret.hex() not in shown
        assert repr(secret) not in shown
