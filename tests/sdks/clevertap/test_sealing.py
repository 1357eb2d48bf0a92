"""Each text under a nonce of its own, each key where the device has it."""

import base64

from harness.model import Platform
from harness.sdks.base import Setup
from harness.sdks.clevertap.cipher import gcm_open, legacy_open
from harness.sdks.clevertap.preference_files import PreferenceFiles
from harness.sdks.clevertap.sealing import Seals
from harness.sdks.clevertap.versions import Scheme
from tests.sdks.clevertap.conftest import WRITER, Keystore


def seals(api: int) -> tuple[Seals, PreferenceFiles]:
    setup = Setup(
        platform=Platform.ANDROID,
        mode="encrypted",
        version="8.0.0",
        app="com.example.shop",
        sealer=Keystore(),
        writer=WRITER,
        api=api,
    )
    files = PreferenceFiles(WRITER, api)
    made = Seals(setup, "TEST-000-0000", files)
    made.renew(b"entropy")
    return made, files


def test_schemes() -> None:
    """None, the old one, the new one."""
    made, _ = seals(34)

    assert made.seal("text", Scheme.NONE) == "text"
    assert legacy_open("TEST-000-0000", made.seal("text", Scheme.LEGACY)) == "text"
    assert gcm_open(Keystore.key, made.seal("text", Scheme.GCM)) == "text"


def test_no_nonce_comes_twice() -> None:
    """Within an event, and from one to the next."""
    made, _ = seals(34)
    frames = [made.seal("text", Scheme.GCM) for _ in range(50)]
    made.renew(b"other")
    frames += [made.seal("text", Scheme.GCM) for _ in range(50)]

    assert len({frame[4:20] for frame in frames}) == 100


def test_equal_entropy_gives_equal_frames() -> None:
    """No dice."""
    assert seals(34)[0].seal("text", Scheme.GCM) == seals(34)[0].seal("text", Scheme.GCM)


def test_on_android_5_one_key_is_made_when_it_is_needed() -> None:
    """256 bits in Base64, under a name without suffix."""
    made, files = seals(22)
    assert files.all("shared_prefs/WizRocket.xml") == {}

    one, other = made.seal("one", Scheme.GCM), made.seal("other", Scheme.GCM)
    [(name, key)] = files.all("shared_prefs/WizRocket.xml").items()
    secret = base64.b64decode(str(key))
    assert name == "EncryptionKey"
    assert len(secret) == 32
    assert (gcm_open(secret, one), gcm_open(secret, other)) == ("one", "other")
