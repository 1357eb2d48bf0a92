"""The SDK's encryption: every vector of its specification both ways, and who can open what."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import AccessDenied, DeviceError
from harness.model import Locator, Record, Scalar, Step
from harness.sdks.base import Cipher, FoundKey
from harness.sdks.clevertap.cipher import (
    KEYSTORE_ALIAS,
    KEYSTORE_LAYER,
    LEGACY_LAYER,
    PREFERENCES_LAYER,
    KeystoreGcm,
    LegacyAes,
    PreferencesGcm,
    gcm_open,
    gcm_seal,
    legacy_key,
    legacy_open,
    legacy_seal,
    unframed,
)

TEST = "TEST-000-0000"
GUID = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"

LEGACY = {
    "L1": (TEST, "jack@gmail.com", "[-84, -2, 40, 21, -25, 92, -88, 74, 110, 64, 90, 91, -90, -35, -126, -51]"),
    "L2": (TEST, "Jack Montana", "[122, -125, -16, -51, -75, 33, 56, -46, 38, 65, 19, 23, 55, -39, 30, -43]"),
    "L3": (TEST, "61026032", "[-39, -102, 76, -116, 78, -66, 18, 127, -116, -88, -95, -1, 102, -81, -3, -89]"),
    "L4": ("W9R-486-4W5Z", "+14155551234", "[-119, -98, 1, 59, 21, -98, 47, 36, -1, -43, 49, -37, 64, -77, 46, 104]"),
    "L5": (
        "ZWW-WWW-WW4Z",
        "Zoë Ünïcode 日本",
        (
            "[-12, -3, -38, 40, -104, 82, 62, 58, 80, -62, -7, -39, -32, -46, -96, 99, "
            "-21, 89, -8, 19, 66, -114, -99, -72, -100, -15, -51, -111, 11, 125, -34, -55]"
        ),
    ),
    "L6": (
        TEST,
        "0123456789abcdef",
        (
            "[-113, 44, -59, 109, -5, 11, -29, 37, 62, 20, 15, 109, -14, -102, -1, -92, "
            "118, -30, 118, -16, -43, 34, 17, -85, 95, -36, -56, -46, 122, 116, -10, -112]"
        ),
    ),
    "L7 phone": (TEST, "+14155551234", "[122, 11, -40, -101, -41, -5, -120, 77, 97, -89, -99, -29, 0, 30, 1, 3]"),
    "L8": (TEST, "[]", "[-90, -20, 113, -11, 5, 29, 24, -52, -76, 52, 87, 56, 6, 59, 82, 110]"),
}
KEYS = {
    TEST: "415c8dfda5030df85bcc2cf90302d82e",
    "W9R-486-4W5Z": "b81289d131e6b88b6ef872648fc31775",
    "ZWW-WWW-WW4Z": "3bd03a3e7c243e71071f48f8bfcf2fc9",
}
L7 = (
    '{"Email":"[-84, -2, 40, 21, -25, 92, -88, 74, 110, 64, 90, 91, -90, -35, -126, -51]",'
    '"Phone":"[122, 11, -40, -101, -41, -5, -120, 77, 97, -89, -99, -29, 0, 30, 1, 3]",'
    '"Gender":"M","Identity":61026032,'
    '"Name":"[122, -125, -16, -51, -75, 33, 56, -46, 38, 65, 19, 23, 55, -39, 30, -43]"}'
)

SECRET = bytes(range(32))
G2_TEXT = '{"Email_jack@gmail.com":"__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"}'
G3_TEXT = '{"Name":"Jack Montana","Email":"jack@gmail.com","Phone":"+14155551234","Identity":61026032}'
GCM = {
    "G1": (
        "000102030405060708090a0b",
        "jack@gmail.com",
        "<ct<AAECAwQFBgcICQoL:LWO1cIWCr3rkLbno3oRxaxuh1ZpHYTzLyH86Mjzg>ct>",
    ),
    "G2": (
        "000102030405060708090a0b",
        G2_TEXT,
        (
            "<ct<AAECAwQFBgcICQoL:PCCTdqSMrkTnIPTg8Y4VDOq6qVefFn1GGji6tHxbYoFiJMrJyvd0rEPFR4+x5Bhc3zxS62m3l7gK9Bw7"
            "ZRm4hzqKZNWVTyPYFjzu/ak=>ct>"
        ),
    ),
    "G3": (
        "18191a1b1c1d1e1f20212223",
        G3_TEXT,
        (
            "<ct<GBkaGxwdHh8gISIj:aD0OcbYsR3UjSdyqOPuNIX6Nmyj6cNkmJhpB6eAd+EgYDk2w4+9Jvc+dx0DKsmn532eGObYJKZZZFVGl"
            "nAqDAAv7pWQV1kFN6mubPQb6FQ1erOOq9DBFBizirOv2bXh5hf8CpANQKhiYQ00=>ct>"
        ),
    ),
}

any_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)
an_account = st.from_regex(r"[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{4}", fullmatch=True)


def record(path: str, *steps: Step, value: Scalar = "") -> Record:
    return Record(locator=Locator(path=path, steps=steps), value=value)


# -- the vectors of the specification ------------------------------------------------------------


@pytest.mark.parametrize(("account", "key"), KEYS.items())
def test_legacy_keys(account: str, key: str) -> None:
    """MD5 of constants and the account id, whatever iteration count the SDK asks for."""
    assert legacy_key(account).hex() == key


def test_the_input_of_the_derivation() -> None:
    """As the specification spells it out, and not what the SDK believes that it gets."""
    told = bytes.fromhex("4c7133667a544553542d3030302d30303030624c74693257315a52436c333e")
    wrong = hashlib.pbkdf2_hmac("sha1", b"Lq3fzTEST-000-0000bLti2", b"W1ZRCl3>", 1000, 16)

    assert hashlib.md5(told).digest() == legacy_key(TEST)
    assert wrong.hex() == "a58367e15af96ae29969ba7b74f5829d"
    assert legacy_key(TEST) != wrong


@pytest.mark.parametrize(("account", "plain", "sealed"), LEGACY.values(), ids=LEGACY)
def test_legacy_vectors(account: str, plain: str, sealed: str) -> None:
    """Both ways."""
    assert legacy_seal(account, plain) == sealed
    assert legacy_open(account, sealed) == plain


def test_a_legacy_profile() -> None:
    """L7: three strings are sealed, and nothing else."""
    opened = {
        name: legacy_open(TEST, value) if str(value)[0] == "[" else value for name, value in json.loads(L7).items()
    }

    assert opened == {
        "Email": "jack@gmail.com",
        "Phone": "+14155551234",
        "Gender": "M",
        "Identity": 61026032,
        "Name": "Jack Montana",
    }


@pytest.mark.parametrize(("nonce", "plain", "sealed"), GCM.values(), ids=GCM)
def test_gcm_vectors(nonce: str, plain: str, sealed: str) -> None:
    """Both ways."""
    assert gcm_seal(SECRET, bytes.fromhex(nonce), plain) == sealed
    assert gcm_open(SECRET, sealed) == plain


# -- properties ----------------------------------------------------------------------------------


@given(an_account, an_account, any_text)
def test_legacy_opens_with_its_account_alone(account: str, other: str, text: str) -> None:
    """And equal texts give equal ciphertexts: nothing hides that two users share a value."""
    sealed = legacy_seal(account, text)

    assert legacy_open(account, sealed) == text
    assert legacy_seal(account, text) == sealed
    assert other == account or legacy_open(other, sealed) != text


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=12, max_size=12), any_text)
def test_gcm_opens_with_its_key_alone(key: bytes, nonce: bytes, text: str) -> None:
    """And not at all where one bit is another one."""
    sealed = gcm_seal(key, nonce, text)
    data = unframed(sealed)
    assert data is not None

    assert gcm_open(key, sealed) == text
    assert gcm_open(bytes([key[0] ^ 1, *key[1:]]), sealed) is None
    assert len(data) == 12 + len(text.encode()) + 16


@given(st.text(max_size=60))
def test_texts_that_were_not_sealed_do_not_open(text: str) -> None:
    """Nothing raises, and nothing comes out."""
    for each in (text, f"[{text}]", f"<ct<{text}>ct>"):
        assert legacy_open(TEST, each) is None
        assert gcm_open(SECRET, each) is None


def test_characters_that_are_none_are_replaced() -> None:
    """As Java's encoder does."""
    assert legacy_open(TEST, legacy_seal(TEST, "a\ud800b")) == "a?b"
    assert gcm_open(SECRET, gcm_seal(SECRET, bytes(12), "a\ud800b")) == "a?b"


# -- as an attacker sees them --------------------------------------------------------------------


class Holder:
    """A keystore with one key."""

    def __init__(self, secret: bytes, alias: str = KEYSTORE_ALIAS) -> None:
        self._secret, self._alias = secret, alias

    def open(self, alias: str, sealed: bytes) -> bytes:
        if alias != self._alias:
            raise AccessDenied("there is no key of this name")
        text = gcm_open(self._secret, f"<ct<{_base64(sealed[:12])}:{_base64(sealed[12:])}>ct>")
        if text is None:
            raise DeviceError("sealed with another key, or damaged")
        return text.encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_the_account_id_is_the_key_of_the_legacy_scheme() -> None:
    """It is in the app's package as well, so no file has to be read for it; nothing of it shows."""
    (key,) = LegacyAes().keys([record("shared_prefs/WizRocket.xml", f"deviceId:{TEST}", value=GUID)])

    assert (key.layer, key.source, key.paths) == (LEGACY_LAYER, "derived from the account id", ())
    assert key.secret == legacy_key(TEST)
    assert TEST not in repr(key)
    assert repr(key.secret) not in repr(key)
    assert LegacyAes().open(LEGACY["L1"][2].encode(), key, None) == b"jack@gmail.com"


def test_a_long_legacy_text_is_opened_by_the_one_account_that_sealed_it() -> None:
    """Of many candidates."""
    text = json.dumps([{"title": "Sale"}] * 500)
    sealed = legacy_seal(TEST, text).encode()
    names = [*(f"AB{number:01d}-000-000{number:01d}" for number in range(10)), TEST]
    keys = LegacyAes().keys([record(f"databases/clevertap_{name}", "events") for name in names])

    assert [plain for key in keys if (plain := LegacyAes().open(sealed, key, None))] == [text.encode()]


def test_the_preference_is_the_key_on_old_devices() -> None:
    """Whoever reads that file has it."""
    path = "shared_prefs/WizRocket.xml"
    stored = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    records = [record(path, "EncryptionKey", value=stored), record(path, "EncryptionKey", value=stored)]
    (key,) = PreferencesGcm().keys(records)

    assert (key.layer, key.paths) == (PREFERENCES_LAYER, (path,))
    assert key.source == "the preference EncryptionKey beside the data"
    assert key.secret == SECRET
    assert PreferencesGcm().open(GCM["G1"][2].encode(), key, None) == b"jack@gmail.com"


@pytest.mark.parametrize(
    "each",
    [
        record("shared_prefs/WizRocket.xml", "EncryptionKey", value="not a key"),
        record("shared_prefs/WizRocket.xml", "EncryptionKey", value="AAEC"),
        record("shared_prefs/WizRocket.xml", "EncryptionKey", value="é" * 44),
        record("shared_prefs/WizRocket.xml", "EncryptionKey", value="A" * 100_000),
        record("shared_prefs/WizRocket.xml", "EncryptionKey", value=7),
        record("shared_prefs/other.xml", "EncryptionKey", value="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        record("shared_prefs/WizRocket.xml", "Key", value="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ],
    ids=range(7),
)
def test_other_preferences_are_no_key(each: Record) -> None:
    """Neither what is none, nor what another library calls so."""
    assert list(PreferencesGcm().keys([each])) == []


def test_the_keystore_is_asked() -> None:
    """By the alias that the SDK gave it; that it refuses is worth telling, and passed on."""
    cipher = KeystoreGcm()
    sealed = GCM["G1"][2].encode()
    (key,) = cipher.keys([record("shared_prefs/WizRocket.xml", "deviceId", value=GUID)])

    assert (key.layer, key.alias, key.secret) == (KEYSTORE_LAYER, "EncryptionKey", b"")
    assert key.source == "keystore alias EncryptionKey"
    assert cipher.open(sealed, key, Holder(SECRET)) == b"jack@gmail.com"
    assert cipher.open(sealed, key, None) is None
    assert cipher.open(sealed, key, Holder(bytes(32))) is None
    with pytest.raises(AccessDenied):
        cipher.open(sealed, key, Holder(SECRET, "another"))


@pytest.mark.parametrize("cipher", [LegacyAes(), KeystoreGcm(), PreferencesGcm()], ids=lambda each: each.layer)
@given(data=st.binary(max_size=100), secret=st.binary(max_size=40))
def test_no_cipher_raises(cipher: Cipher, data: bytes, secret: bytes) -> None:
    """Whatever it is given."""
    key = FoundKey(layer=cipher.layer, source="a test", secret=secret, alias="EncryptionKey")
    for each in (data, b"[" + data + b"]", b"<ct<" + data + b">ct>", b"<ct<AAECAwQFBgcICQoL:" + data + b">ct>"):
        cipher.open(each, key, Holder(SECRET))
        cipher.fault(each)
        found = cipher.pattern.search(each)
        assert found is None or cipher.sign in found[0]


@pytest.mark.parametrize("cipher", [LegacyAes(), KeystoreGcm(), PreferencesGcm()], ids=lambda each: each.layer)
def test_nothing_stored_names_no_key(cipher: Cipher) -> None:
    """Where the SDK wrote nothing there is nothing to open."""
    assert list(cipher.keys([])) == []


@pytest.mark.parametrize(("account", "plain", "sealed"), LEGACY.values(), ids=LEGACY)
def test_patterns_find_ciphertext_in_a_value(account: str, plain: str, sealed: str) -> None:
    """The name of a member of the identity map holds it too."""
    del account, plain
    name = f"Email_{sealed}".encode()

    found = LegacyAes.pattern.search(name)
    assert found is not None
    assert found[0] == sealed.encode()
    assert LegacyAes().fault(found[0]) == ""
